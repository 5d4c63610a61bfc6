//! The process between a container that may be slowed and its output's files.
//!
//! A shim copies output to files as fast as it comes. Where a container shall rather wait than have its output dropped,
//! the shim starts this instead (containerd's `binary` scheme): it reads the container's pipes, and stops reading while
//! too much waits in the files. What was taken from a file is a hole at its beginning, so how much waits is told by the
//! file itself, and nobody needs to be asked: it goes on over restarts of Gantry and of containerd.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, FromRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nix::fcntl::{FallocateFlags, fallocate};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use nix::unistd::{Whence, getppid, lseek};
use serde::{Deserialize, Serialize};

/// What a shim hands over: the container's output, its errors, and what is closed when all is ready.
const STDOUT: i32 = 3;
const STDERR: i32 = 4;
const READY: i32 = 5;

const READ_BYTES: usize = 64 * 1024;
/// How long a full file is left alone.
const PAUSE: Duration = Duration::from_millis(5);
/// How often an end that the shim wants is looked for.
const LOOK_MS: u16 = 250;

/// The shim wants it to end: what is in the pipes is written, whatever waits already.
static ENDING: AtomicBool = AtomicBool::new(false);

/// What a writer is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenOutput {
    pub stdout: PathBuf,
    pub stderr: PathBuf,
    /// A file in which more than this waits takes nothing.
    pub most_waiting: u64,
}

/// Runs until both pipes are at their end.
pub fn write_output(told: &WrittenOutput) -> io::Result<()> {
    extern "C" fn end(_: i32) {
        ENDING.store(true, Ordering::Relaxed);
    }
    let action = SigAction::new(SigHandler::Handler(end), SaFlags::SA_RESTART, SigSet::empty());
    // SAFETY: the handler only stores to an atomic.
    unsafe { sigaction(Signal::SIGTERM, &action) }?;
    // SAFETY: the shim passes these three, and nothing else here has them.
    let [stdout, stderr, ready] = [STDOUT, STDERR, READY].map(|fd| unsafe { OwnedFd::from_raw_fd(fd) });
    let (out, err) = (append_to(&told.stdout)?, append_to(&told.stderr)?);
    drop(ready);
    let most = told.most_waiting;
    let errors = std::thread::spawn(move || copy(stderr, err, most));
    copy(stdout, out, most)?;
    errors.join().map_err(|_| io::Error::other("the copy of errors panicked"))?
}

fn append_to(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).create(true).append(true).open(path)
}

fn copy(from: OwnedFd, mut to: File, most_waiting: u64) -> io::Result<()> {
    let bounded = gives_back(&to);
    let shim = getppid();
    // Without its shim a container is ended, too: nobody is left who waits.
    let ending = || ENDING.load(Ordering::Relaxed) || getppid() != shim;
    let mut from = File::from(from);
    let mut buffer = vec![0; READ_BYTES];
    loop {
        while bounded && waiting(&to)? > most_waiting && !ending() {
            std::thread::sleep(PAUSE);
        }
        let mut polled = [PollFd::new(from.as_fd(), PollFlags::POLLIN)];
        match poll(&mut polled, PollTimeout::from(LOOK_MS)) {
            // Whoever holds the other end now is none of the container's.
            Ok(0) if ENDING.load(Ordering::Relaxed) => return Ok(()),
            Ok(0) | Err(nix::Error::EINTR) => continue,
            Ok(_) => {}
            Err(errno) => return Err(errno.into()),
        }
        let length = from.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        put(&mut to, &buffer[..length], &ending);
    }
}

/// Writes all of it, however long the disk is full: the container waits.
fn put(to: &mut File, mut bytes: &[u8], ending: &impl Fn() -> bool) {
    while !bytes.is_empty() {
        match to.write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) if ending() => return,
            Err(_) => std::thread::sleep(PAUSE * 20),
        }
    }
}

/// Whether space of the file can be given back; elsewhere it is not known how much waits.
fn gives_back(file: &File) -> bool {
    let flags = FallocateFlags::FALLOC_FL_PUNCH_HOLE | FallocateFlags::FALLOC_FL_KEEP_SIZE;
    let beyond = file.metadata().map_or(0, |it| it.len()) + (1 << 30);
    i64::try_from(beyond).is_ok_and(|beyond| fallocate(file, flags, beyond, 4096).is_ok())
}

/// How many bytes of the file were not taken yet.
fn waiting(file: &File) -> io::Result<u64> {
    let length = file.metadata()?.len();
    match lseek(file, 0, Whence::SeekData) {
        Ok(first) => Ok(length.saturating_sub(u64::try_from(first).unwrap_or(0))),
        // Nothing but a hole.
        Err(nix::Error::ENXIO) => Ok(0),
        Err(errno) => Err(errno.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_writer_waits_while_too_much_waits() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let (end, mut pipe) = {
            let (read, write) = nix::unistd::pipe().unwrap();
            (read, File::from(write))
        };
        let path = file.path().to_owned();
        let copying = std::thread::spawn({
            let path = path.clone();
            move || copy(end, append_to(&path).unwrap(), 1 << 20)
        });
        const LENGTH: u64 = 8 << 20;
        let writing = std::thread::spawn(move || {
            let block = vec![b'x'; 1 << 16];
            (0..LENGTH >> 16).for_each(|_| pipe.write_all(&block).unwrap());
        });
        let length = || std::fs::metadata(&path).unwrap().len();
        let reader = append_to(&path).unwrap();
        let mut taken = 0;
        while taken < LENGTH {
            let now = length();
            assert!(now - taken <= (1 << 20) + 2 * READ_BYTES as u64, "{now} with {taken} taken");
            let whole = now / 65536 * 65536;
            if whole > taken {
                let flags = FallocateFlags::FALLOC_FL_PUNCH_HOLE | FallocateFlags::FALLOC_FL_KEEP_SIZE;
                fallocate(&reader, flags, 0, i64::try_from(whole).unwrap()).unwrap();
                taken = whole;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        writing.join().unwrap();
        copying.join().unwrap().unwrap();
        assert_eq!(length(), LENGTH);
    }
}
