//! Bodies that are watched on their way: how long they stand still, and what is to happen when they have ended.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::Sleep;

use super::BoxError;
use super::headers::remove_own;
use super::record::Record;
use crate::one::Ended;
use crate::table::Lease;
use crate::watched::Counts as _;

/// When something last moved, and whether it is the client that has to move now.
#[derive(Clone, Default)]
pub struct Activity(Arc<AtomicU64>);

/// The bit that says that the client has to move.
const CLIENT: u64 = 1 << 63;

fn since_start() -> u64 {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    u64::try_from(START.get_or_init(Instant::now).elapsed().as_millis()).unwrap_or(u64::MAX)
}

impl Activity {
    /// It moves now.
    pub fn tick(&self) {
        self.0.store(since_start() & !CLIENT, Ordering::Relaxed);
    }

    /// The client has to send more.
    fn wait_for_client(&self) {
        self.0.fetch_or(CLIENT, Ordering::Relaxed);
    }

    /// Whether the client has to send more.
    pub fn waits_for_client(&self) -> bool {
        self.0.load(Ordering::Relaxed) & CLIENT != 0
    }

    /// How long it has stood still.
    pub fn still_for(&self) -> Duration {
        let moved = self.0.load(Ordering::Relaxed) & !CLIENT;
        Duration::from_millis(since_start().saturating_sub(moved))
    }
}

/// How long one side may be silent: as long as nothing moves the other way either.
pub struct Patience {
    idle: Duration,
    /// What moves both ways, where something does.
    activity: Option<Activity>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    /// For so long.
    pub fn new(idle: Duration, activity: Option<Activity>) -> Patience {
        Patience { idle, activity, sleep: None }
    }

    /// Something moves.
    pub fn moved(&mut self) {
        self.sleep = None;
        self.activity.iter().for_each(Activity::tick);
    }

    /// Ready when nothing has moved for too long.
    pub fn poll_late(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let idle = self.idle;
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(idle)));
        loop {
            ready!(sleep.as_mut().poll(cx));
            let still = self.activity.as_ref().map_or(idle, Activity::still_for);
            if still >= idle {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(tokio::time::Instant::now() + (idle - still));
        }
    }
}

/// A client's body, whose progress is noted.
pub struct Request {
    pub inner: super::Body,
    pub activity: Activity,
    pub patience: Patience,
    /// For the access log, where there is one.
    pub record: Option<Arc<Record>>,
}

impl http_body::Body for Request {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        match Pin::new(&mut this.inner).poll_frame(cx) {
            Poll::Ready(mut frame) => {
                if let Some(Ok(frame)) = &mut frame
                    && let Some(trailers) = frame.trailers_mut()
                {
                    remove_own(trailers);
                }
                this.patience.moved();
                if let (Some(record), Some(Ok(frame))) = (&this.record, &frame) {
                    record.received(frame.data_ref().map_or(0, Bytes::len));
                }
                Poll::Ready(frame)
            }
            Poll::Pending => {
                this.activity.wait_for_client();
                ready!(this.patience.poll_late(cx));
                Poll::Ready(Some(Err(Ended::Late.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// The body of a target's answer of HTTP/2.
pub struct Response {
    pub inner: Incoming,
    pub lease: Option<Lease>,
    pub patience: Patience,
}

impl http_body::Body for Response {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        match Pin::new(&mut this.inner).poll_frame(cx) {
            Poll::Ready(None) => {
                this.lease = None;
                Poll::Ready(None)
            }
            Poll::Ready(Some(frame)) => {
                this.patience.moved();
                Poll::Ready(Some(frame.map_err(Into::into)))
            }
            Poll::Pending => {
                ready!(this.patience.poll_late(cx));
                Poll::Ready(Some(Err("the target sent nothing for too long".into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
