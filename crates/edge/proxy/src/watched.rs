//! A client's side of a connection whose bytes are counted, where somebody counts them.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Whoever counts.
pub trait Counts {
    /// So many bytes came from the client.
    fn received(&self, bytes: usize);
    /// So many bytes went to it.
    fn sent(&self, bytes: usize);
}

/// The connection. Whoever counts is held until its end.
pub struct Watched<S, C> {
    inner: S,
    counts: Option<Arc<C>>,
}

impl<S, C> Watched<S, C> {
    /// What passes is counted there.
    pub fn new(inner: S, counts: Option<Arc<C>>) -> Self {
        Watched { inner, counts }
    }
}

impl<S: AsyncRead + Unpin, C: Counts> AsyncRead for Watched<S, C> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        if let Some(counts) = &self.counts {
            counts.received(buf.filled().len() - before);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin, C: Counts> AsyncWrite for Watched<S, C> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.inner).poll_write(cx, buf))?;
        if let Some(counts) = &self.counts {
            counts.sent(written);
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
