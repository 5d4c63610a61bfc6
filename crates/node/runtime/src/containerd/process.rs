//! A process that is watched and signalled by descriptor, so that its number cannot become another's.

use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use nix::sys::signal::Signal;
use tokio::io::unix::AsyncFd;

use crate::engine::error::EngineError;

/// A process that may not be our child.
pub(super) struct Process {
    pub(super) pid: u32,
    fd: AsyncFd<OwnedFd>,
}

impl Process {
    pub(super) fn adopt(pid: u32) -> Result<Self, EngineError> {
        let watch = |error: std::io::Error| EngineError::internal("watch containerd", error);
        // SAFETY: pidfd_open takes two integers; the descriptor that it returns is owned by nobody else.
        let fd = unsafe {
            let fd = libc::syscall(libc::SYS_pidfd_open, pid, libc::PIDFD_NONBLOCK);
            if fd < 0 {
                return Err(watch(std::io::Error::last_os_error()));
            }
            OwnedFd::from_raw_fd(i32::try_from(fd).expect("a descriptor is small"))
        };
        // SAFETY: the descriptor is owned by the `OwnedFd` that goes in, so it stays open while registered.
        let fd = unsafe { AsyncFd::register_with_interest(fd, tokio::io::Interest::READABLE) }
            .map_err(|error| watch(error.into()))?;
        Ok(Self { pid, fd })
    }

    /// Answers when the process has ended, at once if it has before.
    pub(super) async fn ended(&mut self) -> String {
        match self.fd.readable().await {
            // The readiness is kept, so that asking again answers again.
            Ok(_) => "its process ended".to_owned(),
            Err(error) => format!("its process cannot be watched: {error}"),
        }
    }

    pub(super) fn kill(&self, signal: Signal) {
        let fd = self.fd.get_ref().as_raw_fd();
        // SAFETY: the descriptor is open for as long as `self`; no information is passed.
        let sent = unsafe {
            libc::syscall(
                libc::SYS_pidfd_send_signal,
                fd,
                signal as i32,
                std::ptr::null::<libc::siginfo_t>(),
                0,
            )
        };
        if sent != 0 {
            tracing::debug!(pid = self.pid, "containerd had ended before it was signalled");
        }
    }
}
