//! AWS Signature Version 4: reading what a request claims, proving it, and signing.
//!
//! This crate never does input or output, never reads a clock (the time is passed in), never looks up a
//! secret, and never compares signatures in a time that depends on them. A signature is computed over the
//! request's head as it came over the wire, before anything was decoded.
//!
//! Read in this order: [`claim`] (what a request says of its signer), [`canonical`] (the text that is signed),
//! [`verify`] (is it true), [`sign`] (the other side), [`error`] (what is answered).
//!
//! Version 4A (`AWS4-ECDSA-P256-SHA256`, for several regions at once) is refused by name.

mod canonical;
pub mod claim;
pub mod error;
mod key;
pub mod sign;
mod stamp;
pub mod verify;

pub use canonical::Head;
pub use claim::{Claim, Location, Payload, Scope};
pub use error::SignatureError;
pub use key::{EMPTY_SHA256, sha256_hex};
pub use sign::{Credentials, Signer};
pub use verify::{Body, Rules};

/// How far a client's clock may be off, and how long a signature in headers may be used.
pub const SKEW: std::time::Duration = std::time::Duration::from_secs(15 * 60);

/// The longest that a presigned URL may live.
pub const LONGEST_PRESIGNED: std::time::Duration = std::time::Duration::from_secs(7 * 24 * 3600);
