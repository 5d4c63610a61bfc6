//! From a registry to an image that containers can be made of.
//!
//! `reference` parses names, `registry` speaks the OCI distribution protocol, `manifest` holds its documents,
//! `content` and `unpack` put blobs and layers into containerd, `store` knows what is present, and `pull`
//! brings them together. `progress` counts what comes, and `flight` makes concurrent wishes for one thing one.

mod content;
mod flight;
mod manifest;
mod progress;
mod pull;
mod reference;
mod registry;
mod store;
mod unpack;

pub(crate) use pull::Puller;
pub(crate) use store::{Images, Present};
