//! A TCP connection that has the kernel send what is a file's.

use std::io::{self, IoSlice};
use std::os::fd::AsRawFd;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;

use crate::mapped::{Part, part_of};

/// A TCP connection that has the kernel send what is a file's; for everything else it is a [`TcpStream`].
#[derive(Debug)]
pub struct Socket(TcpStream);

/// How much is on its way to a client on this machine, in bytes.
const NEAR_BYTES: libc::c_int = 512 * 1024;
/// How much waits to be sent to a client elsewhere, in bytes.
const UNSENT_BYTES: libc::c_int = 256 * 1024;

fn is_from_this_machine(stream: &TcpStream) -> bool {
    let (Ok(peer), Ok(local)) = (stream.peer_addr(), stream.local_addr()) else { return false };
    peer.ip().is_loopback() || peer.ip() == local.ip()
}

impl Socket {
    /// The connection as one that sends files.
    ///
    /// How much of a file waits in the kernel is kept small: what is there only waits makes no transfer faster, and
    /// is out of the processor's cache when its turn comes. That is a matter of speed alone, so a failure changes
    /// nothing.
    pub fn new(stream: TcpStream) -> Socket {
        let set = |level, name, value: libc::c_int| {
            let length = size_of::<libc::c_int>() as libc::socklen_t;
            // SAFETY: the socket is open, and the value is of the length that is given.
            unsafe { libc::setsockopt(stream.as_raw_fd(), level, name, (&raw const value).cast(), length) };
        };
        if is_from_this_machine(&stream) {
            // Nothing is ever on a wire, so a small buffer is never empty for long.
            set(libc::SOL_SOCKET, libc::SO_SNDBUF, NEAR_BYTES);
        } else {
            // What is on the wire does not count.
            set(libc::IPPROTO_TCP, libc::TCP_NOTSENT_LOWAT, UNSENT_BYTES);
        }
        Socket(stream)
    }

    fn poll_send(&self, cx: &mut Context<'_>, part: Part, length: usize) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.0.poll_write_ready(cx))?;
            match self.0.try_io(Interest::WRITABLE, || self.send(part, length)) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(0) => {
                    let short = io::Error::new(io::ErrorKind::UnexpectedEof, "the file has become shorter");
                    return Poll::Ready(Err(short));
                }
                sent => return Poll::Ready(sent),
            }
        }
    }

    fn send(&self, part: Part, length: usize) -> io::Result<usize> {
        let mut offset = libc::off_t::try_from(part.offset).map_err(io::Error::other)?;
        // SAFETY: both are open: the socket is ours, and the file is whose bytes the caller holds.
        let sent = unsafe { libc::sendfile(self.0.as_raw_fd(), part.file, &mut offset, length) };
        usize::try_from(sent).map_err(|_| io::Error::last_os_error())
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match part_of(bytes) {
            Some(part) => self.poll_send(cx, part, bytes.len()),
            None => Pin::new(&mut self.0).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let file = slices.iter().enumerate().find_map(|(at, slice)| Some((at, part_of(slice)?)));
        match file {
            Some((0, part)) => self.poll_send(cx, part, slices[0].len()),
            // What comes before the file goes first; the writer comes again with the rest.
            Some((at, _)) => Pin::new(&mut self.0).poll_write_vectored(cx, &slices[..at]),
            None => Pin::new(&mut self.0).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::Mapped;

    async fn pair() -> (Socket, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (Socket::new(listener.accept().await.unwrap().0), client)
    }

    #[tokio::test]
    async fn files_and_other_bytes_come_in_order() {
        let content: Vec<u8> = (0..5_000_000).map(|at| (at / 251) as u8).collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&content).unwrap();
        let mapped = Mapped::new(file, 1_000..4_999_000).unwrap();
        let (mut socket, mut client) = pair().await;
        let (one, two) = (mapped.bytes(1_000, 3_000_001), mapped.bytes(3_001_001, 1_997_999));
        let sending = tokio::spawn(async move {
            let pieces: [&[u8]; 5] = [b"head", &one, b"between", &two, b"end"];
            let mut slices = pieces.map(IoSlice::new);
            let mut rest = &mut slices[..];
            while !rest.is_empty() {
                let written =
                    std::future::poll_fn(|cx| Pin::new(&mut socket).poll_write_vectored(cx, &*rest)).await;
                IoSlice::advance_slices(&mut rest, written.unwrap());
            }
            socket.write_all(&one[..100]).await.unwrap();
        });
        let mut got = Vec::new();
        client.read_to_end(&mut got).await.unwrap();
        sending.await.unwrap();
        let expected = [
            b"head",
            &content[1_000..3_001_001],
            b"between",
            &content[3_001_001..4_999_000],
            b"end",
            &content[1_000..1_100],
        ];
        assert!(got == expected.concat());
    }

    #[tokio::test]
    async fn a_file_that_has_become_shorter_is_an_error_and_no_fault() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(1 << 20).unwrap();
        let mapped = Mapped::new(file.try_clone().unwrap(), 0..1 << 20).unwrap();
        file.set_len(0).unwrap();
        let (mut socket, _client) = pair().await;
        assert!(socket.write_all(&mapped.bytes(0, 1 << 20)).await.is_err());
        assert!(mapped.read(0, 1 << 20).is_err());
        assert!(!mapped.is_in_memory(0, 1 << 20));
    }
}
