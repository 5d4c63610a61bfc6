//! The data channel of sessions in containers: what AWS's Session Manager plugin, and `gantry exec`, speak over a
//! WebSocket.
//!
//! A client opens `GET /v1/data-channel/SESSION`, sends the session's token, and from then on both sides send messages
//! that are numbered, acknowledged, and sent again until they are. The plugin's source is the protocol's only
//! description: <https://github.com/aws/session-manager-plugin>.
//!
//! Invariants:
//! - Nobody is let in without a session's token, and with one only once.
//! - What is sent is in order, and nothing is lost while the connection lasts; what is sent and not acknowledged is
//!   bounded, and so is what waits for a process.
//! - A session ends with its process, with its client, and when nothing has happened for 20 minutes.
//! - This crate never knows what a container is: it is handed a process.
//!
//! Read in this order: [`message`] (one message), [`payload`] (what is in it), [`stream`] (numbers, acknowledgements,
//! repeats; pure), [`channel`] (a WebSocket with both streams), [`serve`] (our end), [`client`] (the other).

pub mod channel;
pub mod client;
pub mod message;
pub mod payload;
pub mod serve;
pub mod stream;

pub use serve::DataChannels;
