//! Named network namespaces: files below the run directory on which a namespace is mounted.
//!
//! They outlive the process that made them, and end with their file.

use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::statfs::{FsType, fstatfs};

use crate::error::{NetError, Result};

/// `NSFS_MAGIC` of the kernel.
const NSFS: FsType = FsType(0x6e73_6673);

#[derive(Debug)]
pub(crate) struct Namespace {
    file: File,
    path: PathBuf,
}

impl Namespace {
    /// The namespace at `path`; `None` if there is none, also when only its file is left.
    pub fn open(path: &Path) -> Result<Option<Self>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(NetError::file(path)(error)),
        };
        let kind = fstatfs(&file).map_err(|errno| NetError::file(path)(errno.into()))?;
        Ok((kind.filesystem_type() == NSFS).then(|| Self { file, path: path.to_owned() }))
    }

    /// Makes the namespace at `path`. The calling thread moves into it: call this only on a thread that ends soon.
    pub fn create(path: &Path) -> Result<Self> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(NetError::file(parent))?;
        }
        // What is left of a crash between creating the file and mounting is used as it is.
        File::create(path).map_err(NetError::file(path))?;
        unshare(CloneFlags::CLONE_NEWNET)
            .map_err(|errno| NetError::kernel("make a network namespace")(errno.into()))?;
        mount(Some("/proc/thread-self/ns/net"), path, None::<&str>, MsFlags::MS_BIND, None::<&str>)
            .map_err(|errno| NetError::file(path)(errno.into()))?;
        Self::open(path)?.ok_or_else(|| NetError::file(path)(io::ErrorKind::NotFound.into()))
    }

    pub fn fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    /// Moves the calling thread in. Call this only on a thread that ends soon.
    pub fn enter(&self) -> Result<()> {
        enter(self.fd(), &self.path)
    }

    /// Removes the name; the namespace ends with the last process and socket in it. What is not there is fine.
    pub fn remove(path: &Path) -> Result<()> {
        match umount2(path, MntFlags::MNT_DETACH) {
            // Not a mount, or not there.
            Ok(()) | Err(nix::Error::EINVAL | nix::Error::ENOENT) => {}
            Err(errno) => return Err(NetError::file(path)(errno.into())),
        }
        match fs::remove_file(path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(NetError::file(path)(error)),
        }
    }
}

fn enter(fd: BorrowedFd<'_>, path: &Path) -> Result<()> {
    setns(fd, CloneFlags::CLONE_NEWNET).map_err(|errno| NetError::file(path)(errno.into()))
}

/// Runs `work` on a thread of its own, which may change its namespace, and waits for its answer.
pub(crate) async fn apart<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let (answer, wait) = tokio::sync::oneshot::channel();
    std::thread::Builder::new()
        .name(name.to_owned())
        .stack_size(256 * 1024)
        .spawn(move || {
            // The one who waits may have gone; the work is done all the same.
            let _ = answer.send(work());
        })
        .map_err(NetError::kernel("start a thread"))?;
    wait.await.map_err(|_| NetError::Lost)?
}

/// Writes a setting below `/proc/sys/net` of the namespace that the calling thread is in.
pub(crate) fn sysctl(key: &str, value: &str) -> Result<()> {
    let path = format!("/proc/sys/net/{key}");
    fs::write(&path, value).map_err(NetError::file(path))
}
