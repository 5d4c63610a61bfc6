//! Reading a body within limits.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

/// How long all of a body may take.
const TIMEOUT: Duration = Duration::from_secs(60);
/// How long the client may pause in it.
const PAUSE: Duration = Duration::from_secs(20);

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// Larger than is taken.
    TooLarge,
    /// The client was too slow.
    TooSlow,
    /// The connection broke, or the framing was not HTTP's.
    Broken,
}

/// Reads a body of at most `limit` bytes.
pub async fn read(mut body: Incoming, limit: usize) -> Result<Bytes, Unread> {
    if body.size_hint().lower() > limit as u64 {
        return Err(Unread::TooLarge);
    }
    let all = async {
        let announced = usize::try_from(body.size_hint().lower()).unwrap_or(limit).min(limit);
        let mut first: Option<Bytes> = None;
        let mut whole: Option<BytesMut> = None;
        loop {
            let frame = match tokio::time::timeout(PAUSE, body.frame()).await {
                Err(_) => return Err(Unread::TooSlow),
                Ok(None) => break,
                Ok(Some(Err(_))) => return Err(Unread::Broken),
                Ok(Some(Ok(frame))) => frame,
            };
            let Ok(data) = frame.into_data() else { continue };
            let have = whole.as_ref().map_or_else(|| first.as_ref().map_or(0, Bytes::len), BytesMut::len);
            if have + data.len() > limit {
                return Err(Unread::TooLarge);
            }
            match (&first, &mut whole) {
                // Most bodies come in one piece, which is then not copied.
                (None, _) => first = Some(data),
                (Some(_), Some(whole)) => whole.extend_from_slice(&data),
                (Some(begun), None) => {
                    let mut all = BytesMut::with_capacity(announced.max(begun.len() + data.len()));
                    all.extend_from_slice(begun);
                    all.extend_from_slice(&data);
                    whole = Some(all);
                }
            }
        }
        Ok(match whole {
            None => first.unwrap_or_default(),
            Some(whole) => whole.freeze(),
        })
    };
    tokio::time::timeout(TIMEOUT, all).await.unwrap_or(Err(Unread::TooSlow))
}
