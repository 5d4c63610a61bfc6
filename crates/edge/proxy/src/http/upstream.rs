//! A connection of HTTP/1 to a target. It has no task of its own: whoever waits for its answer drives it, so that no
//! request changes hands between tasks on its way.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures::task::AtomicWaker;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::Body;

/// The most bytes that an answer's head may have.
const MAX_HEAD: usize = 256 * 1024;

/// How often the connection and who waits for it may wake each other within one poll. Then others have their turn.
const ROUNDS: usize = 16;

/// A connection and the way to send on it.
pub struct Upstream {
    sender: SendRequest<Body>,
    /// What moves its bytes; nothing once it has ended.
    connection: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    nudge: Arc<Nudge>,
    waker: Waker,
}

/// Wakes who waits for a connection, unless it is he who is at it at the moment: then he looks again by himself.
#[derive(Default)]
struct Nudge {
    within: AtomicBool,
    woken: AtomicBool,
    waiting: AtomicWaker,
}

impl Wake for Nudge {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::SeqCst);
        if !self.within.load(Ordering::SeqCst) {
            self.waiting.wake();
        }
    }
}

impl Upstream {
    /// HTTP/1 on a new connection.
    pub async fn new(
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    ) -> hyper::Result<Upstream> {
        let mut builder = Builder::new();
        builder.preserve_header_case(true).max_buf_size(MAX_HEAD);
        let (sender, connection) = builder.handshake::<_, Body>(TokioIo::new(stream)).await?;
        let connection = connection.with_upgrades();
        let nudge = Arc::<Nudge>::default();
        Ok(Upstream {
            sender,
            connection: Some(Box::pin(async move { drop(connection.await) })),
            waker: nudge.clone().into(),
            nudge,
        })
    }

    /// Sends a request, and waits for the head of its answer. A request of which nothing was sent comes back.
    pub async fn send(
        &mut self,
        request: Request<Body>,
    ) -> Result<Response<Incoming>, TrySendError<Request<Body>>> {
        let mut answered = std::pin::pin!(self.sender.try_send_request(request));
        let Upstream { connection, nudge, waker, .. } = self;
        std::future::poll_fn(|cx| drive(connection, nudge, waker, cx, |cx| answered.as_mut().poll(cx))).await
    }

    /// Polls something that comes from the connection, such as an answer's body, and the connection with it.
    pub fn poll<T>(
        &mut self,
        cx: &mut Context<'_>,
        part: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        drive(&mut self.connection, &self.nudge, &self.waker, cx, part)
    }

    /// Whether another request can be sent: the last answer was taken whole, and the target has not closed since.
    pub fn is_ready(&mut self) -> bool {
        let mut cx = Context::from_waker(Waker::noop());
        let _: Poll<()> = self.poll(&mut cx, |_| Poll::Pending);
        self.connection.is_some() && self.sender.is_ready()
    }

    /// Goes on by itself, as after a change of protocol.
    pub fn detach(self) {
        if let Some(connection) = self.connection {
            tokio::spawn(connection);
        }
    }
}

/// Polls a connection and what somebody wants of it until neither has something for the other.
fn drive<T>(
    connection: &mut Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    nudge: &Arc<Nudge>,
    waker: &Waker,
    outer: &mut Context<'_>,
    mut part: impl FnMut(&mut Context<'_>) -> Poll<T>,
) -> Poll<T> {
    nudge.waiting.register(outer.waker());
    let mut cx = Context::from_waker(waker);
    for _ in 0..ROUNDS {
        nudge.within.store(true, Ordering::SeqCst);
        let polled = part(&mut cx);
        if polled.is_pending()
            && let Some(moving) = connection
            && moving.as_mut().poll(&mut cx).is_ready()
        {
            // What waits for something of it hears of its end.
            *connection = None;
        }
        nudge.within.store(false, Ordering::SeqCst);
        let woken = nudge.woken.swap(false, Ordering::SeqCst);
        if polled.is_ready() || !woken {
            return polled;
        }
    }
    outer.waker().wake_by_ref();
    Poll::Pending
}
