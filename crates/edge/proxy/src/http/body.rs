//! A body, whatever it comes from.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;

use super::BoxError;

/// A body. Most answers are short and there at once, and need nobody to bring them.
pub enum Body {
    /// What is left of one that is there.
    Whole(Bytes),
    /// One that comes from somewhere.
    Other(UnsyncBoxBody<Bytes, BoxError>),
}

impl Body {
    /// What comes from there.
    pub fn of(body: impl http_body::Body<Data = Bytes, Error = BoxError> + Send + 'static) -> Body {
        Body::Other(body.boxed_unsync())
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut *self {
            Body::Whole(data) if data.is_empty() => Poll::Ready(None),
            Body::Whole(data) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(data))))),
            Body::Other(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Body::Whole(data) => data.is_empty(),
            Body::Other(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Body::Whole(data) => SizeHint::with_exact(data.len() as u64),
            Body::Other(body) => body.size_hint(),
        }
    }
}
