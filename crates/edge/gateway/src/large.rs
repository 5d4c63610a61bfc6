//! Bodies that are larger than most: of the few operations that need them, for callers who have a key, and only
//! so many at once.
//!
//! A body is held in memory while it is read, checked and decoded. Which operation it is for, and who says to have
//! signed it, stands in the head, so both are known before memory is spent.

use gantry_base::Timestamp;
use gantry_sigv4::{Claim, Head};
use gantry_wire::Limits;
use http::request::Parts;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::authenticate::Door;

/// The operations, as their target ends, and the most bytes of their bodies.
const OPERATIONS: &[(&str, usize)] = &[
    // A part of 20 MiB in base64, and its place.
    ("AmazonEC2ContainerRegistry_V20150921.UploadLayerPart", 28 << 20),
];
/// How many larger bodies are in memory at once.
const AT_ONCE: usize = 8;

/// The places for larger bodies.
pub struct Large(Semaphore);

impl Default for Large {
    fn default() -> Self {
        Large(Semaphore::new(AT_ONCE))
    }
}

/// How large a request's body may be, and its place among the larger ones, to be held until it is answered.
pub struct Room<'g> {
    pub limit: usize,
    _place: Option<SemaphorePermit<'g>>,
}

impl Large {
    /// The room for the request with this head. Waits for a place, if it needs one.
    pub async fn room(&self, head: &Parts, door: &Door, now: Timestamp) -> Room<'_> {
        let most = Limits::STANDARD.body;
        let usual = Room { limit: most, _place: None };
        let Some(limit) = limit(head) else { return usual };
        let length = head.headers.get(http::header::CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()).and_then(|length| length.parse().ok());
        if length.is_some_and(|length: u64| length <= most as u64) || !known(head, door, now).await {
            return usual;
        }
        let place = self.0.acquire().await.expect("the semaphore is never closed");
        Room { limit, _place: Some(place) }
    }
}

/// The operation's own limit, if it has one.
fn limit(head: &Parts) -> Option<usize> {
    let target = head.headers.get("x-amz-target")?.to_str().ok()?;
    OPERATIONS.iter().find(|(operation, _)| target.ends_with(operation)).map(|(_, limit)| *limit)
}

/// Whether the request says to be signed with a key that somebody has.
async fn known(head: &Parts, door: &Door, now: Timestamp) -> bool {
    if door.development.is_some() {
        return true;
    }
    match Claim::parse(&Head::of(head)) {
        Ok(claim) => {
            door.identities.find(&claim.access_key, claim.session_token.as_deref(), now).await.is_ok()
        }
        Err(_) => false,
    }
}
