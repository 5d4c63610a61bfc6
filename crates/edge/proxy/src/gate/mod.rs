//! What stands between a client's HTTP/1 bytes and everything else: only what nobody could read in two ways gets
//! through.
//!
//! The load balancer, and the target behind it, could each take an odd request for something else than the other does,
//! and a request could be smuggled between the two. So heads are judged, and bodies framed, by the letter of RFC 9112,
//! and what one would have to guess at is refused.
//!
//! Read in this order: [`head`] and [`body`], both pure.

pub mod body;
pub mod head;

/// The most that a head may have, as AWS has it.
pub const MAX_HEAD: usize = 64 * 1024;
