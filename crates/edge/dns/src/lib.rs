//! Names of tasks, services, load balancers and registries.
//!
//! A [`Resolver`] answers the names that it is given and passes every other question on to the host's resolvers, as it
//! came, so that nothing of a question or an answer is lost (extensions, signatures, types that nobody here knows).
//! Messages are parsed and written by hickory-proto; hickory's own server is not used because it takes answers apart.
//!
//! Invariants:
//! - This crate never opens the sockets that it serves: they are handed in, from whatever namespace they belong to.
//! - What is in flight is bounded; what is too much is dropped, and its client asks again.
//! - A question is passed on once to each upstream, and never to an address that this resolver itself serves.
//!
//! Read in this order: `zone` and `names` (what is known; pure), `answer` (from a question to an answer; pure), `upstream`,
//! `serve`.

mod answer;
mod names;
mod serve;
mod upstream;
mod zone;

pub use names::Names;
pub use serve::Resolver;
pub use upstream::Upstreams;
pub use zone::{RecordSet, Records, Zone};
