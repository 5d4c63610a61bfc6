//! Namespaces that the containers of a task share: of processes, and of System V's and POSIX's means to talk.
//!
//! A namespace of processes lives as long as its first process, which must outlast every container of the task and us.
//! So it is one of its own, as AWS's agent has it: it sleeps, and whoever loses its parent ends with it. It stands in a
//! group of the task's, by which it is found again, and the namespaces are pinned on files, by which containers join
//! them. What the containers share in `/dev/shm` is a file system in memory of the task's.

use std::ffi::CString;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::os::fd::AsRawFd;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};

use nix::mount::{MsFlags, mount};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::cgroup::Cgroups;
use super::users::{is_namespace, unmount, unpin};
use crate::engine::container::{Shares, TaskId};

/// What the first process runs, where Debian has it.
const SLEEP: [&str; 2] = ["/bin/sleep", "/usr/bin/sleep"];
/// Of `/dev/shm`, unless a container wants more.
const SHM_BYTES: u64 = 64 << 20;

#[derive(Debug, Clone)]
pub(crate) struct SharedNamespaces {
    dir: PathBuf,
}

/// Where a task's shared namespaces are, or would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Places {
    pub pid: PathBuf,
    pub ipc: PathBuf,
    pub shm: PathBuf,
}

impl SharedNamespaces {
    pub(crate) fn new(run_dir: &Path) -> Self {
        Self { dir: run_dir.join("shared") }
    }

    pub(crate) fn places(&self, task: &TaskId) -> Places {
        let at = |kind: &str| self.dir.join(format!("{task}.{kind}"));
        Places { pid: at("pid"), ipc: at("ipc"), shm: at("shm") }
    }

    /// Makes what the task shares, unless it is there. `users` is its user namespace and the first of its users, if it
    /// has its own. The task's group must be there.
    pub(crate) fn ensure(
        &self,
        task: &TaskId,
        shares: Shares,
        users: Option<(&Path, u32)>,
        cgroups: &Cgroups,
    ) -> io::Result<()> {
        if !shares.pid && !shares.ipc {
            return Ok(());
        }
        let places = self.places(task);
        let there = (!shares.pid || is_namespace(&places.pid) && !cgroups.pausing(task).is_empty())
            && (!shares.ipc || is_namespace(&places.ipc));
        if !there {
            self.remove(task, cgroups)?;
            fs::create_dir_all(&self.dir)?;
            make(task, &places, shares, users.map(|(path, _)| path), cgroups)?;
        }
        if shares.ipc && !is_tmpfs(&places.shm) {
            fs::create_dir_all(&places.shm)?;
            let options = format!("mode=1777,size={}", shares.shm_bytes.unwrap_or(SHM_BYTES));
            let flags = MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC | MsFlags::MS_NODEV;
            mount(Some("shm"), &places.shm, Some("tmpfs"), flags, Some(options.as_str()))?;
            if let Some((_, first)) = users {
                chown(&places.shm, Some(first), Some(first))?;
            }
        }
        Ok(())
    }

    /// Ends the first process, and with it whatever is left in its namespace. What is not there is fine.
    pub(crate) fn remove(&self, task: &TaskId, cgroups: &Cgroups) -> io::Result<()> {
        for pid in cgroups.pausing(task) {
            if let Err(error) = kill(Pid::from_raw(pid), Signal::SIGKILL) {
                tracing::debug!(pid, %error, "it ended by itself");
            }
        }
        let places = self.places(task);
        unpin(&places.pid)?;
        unpin(&places.ipc)?;
        unmount(&places.shm)
    }
}

fn is_tmpfs(path: &Path) -> bool {
    nix::sys::statfs::statfs(path).is_ok_and(|it| it.filesystem_type() == nix::sys::statfs::TMPFS_MAGIC)
        && fs::metadata(path).ok().map(|it| dev(&it))
            != path.parent().and_then(|parent| fs::metadata(parent).ok()).map(|it| dev(&it))
}

fn dev(meta: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::dev(meta)
}

fn make(
    task: &TaskId,
    places: &Places,
    shares: Shares,
    users: Option<&Path>,
    cgroups: &Cgroups,
) -> io::Result<()> {
    let pid = pause(shares, users)?;
    let pinned = || -> io::Result<()> {
        for (wanted, kind, path) in [(shares.pid, "pid", &places.pid), (shares.ipc, "ipc", &places.ipc)] {
            if wanted {
                File::create(path)?;
                let namespace = format!("/proc/{pid}/ns/{kind}");
                mount(Some(namespace.as_str()), path, None::<&str>, MsFlags::MS_BIND, None::<&str>)?;
            }
        }
        if shares.pid {
            cgroups.put_pausing(task, pid)?;
            // Of all that the task has it shall be the last to be killed when memory is short; not everybody may say so.
            if let Err(error) = fs::write(format!("/proc/{pid}/oom_score_adj"), "-998") {
                tracing::debug!(pid, %error, "it may be killed as soon as others");
            }
        }
        Ok(())
    };
    let made = pinned();
    if made.is_err() || !shares.pid {
        let killed = kill(Pid::from_raw(pid), Signal::SIGKILL);
        killed.or_else(|errno| if errno == nix::Error::ESRCH { Ok(()) } else { Err(errno) })?;
    }
    made
}

/// Starts a process that sleeps for ever as the first of new namespaces, and is nobody's child here. Answers its number.
fn pause(shares: Shares, users: Option<&Path>) -> io::Result<i32> {
    let program = SLEEP.iter().find(|path| Path::new(path).exists());
    let program = program.ok_or_else(|| io::Error::new(ErrorKind::NotFound, "no sleep is installed"))?;
    let program = CString::new(*program)?;
    let (name, forever) = (c"sleep", c"infinity");
    let args = [name.as_ptr(), forever.as_ptr(), std::ptr::null()];
    let environment = [std::ptr::null::<libc::c_char>()];
    let users = users.map(File::open).transpose()?;
    let null = File::options().read(true).write(true).open("/dev/null")?;
    let mut flags = 0;
    if shares.pid {
        flags |= libc::CLONE_NEWPID;
    }
    if shares.ipc {
        flags |= libc::CLONE_NEWIPC;
    }
    let (mut said, says) = {
        let (reads, writes) = nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC)?;
        (File::from(reads), writes)
    };
    let says_fd = says.as_raw_fd();
    // SAFETY: without a stack this is a fork. The child and its child call only what may be called after the fork of a
    // process with several threads: system calls on memory that was made before.
    let child = unsafe { libc::syscall(libc::SYS_clone, libc::c_long::from(libc::SIGCHLD), 0, 0, 0, 0) };
    if child < 0 {
        return Err(io::Error::last_os_error());
    }
    if child == 0 {
        // SAFETY: as above; this process ends here.
        unsafe {
            let fail = || -> ! {
                let why = -*libc::__errno_location();
                libc::write(says_fd, (&raw const why).cast(), 4);
                libc::_exit(1);
            };
            if let Some(users) = &users
                && (libc::setns(users.as_raw_fd(), libc::CLONE_NEWUSER) < 0
                    || libc::syscall(libc::SYS_setgroups, 0, std::ptr::null::<libc::gid_t>()) < 0
                    || libc::syscall(libc::SYS_setresgid, 0, 0, 0) < 0
                    || libc::syscall(libc::SYS_setresuid, 0, 0, 0) < 0)
            {
                fail();
            }
            if libc::unshare(flags) < 0 {
                fail();
            }
            let first = libc::syscall(libc::SYS_clone, libc::c_long::from(libc::SIGCHLD), 0, 0, 0, 0);
            if first < 0 {
                fail();
            }
            if first > 0 {
                let first = first as i32;
                libc::write(says_fd, (&raw const first).cast(), 4);
                libc::_exit(0);
            }
            libc::setsid();
            // Who loses its parent becomes a child of this one, and nobody waits for it.
            libc::signal(libc::SIGCHLD, libc::SIG_IGN);
            let mut none: libc::sigset_t = std::mem::zeroed();
            libc::sigemptyset(&raw mut none);
            libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
            for to in 0..3 {
                libc::dup2(null.as_raw_fd(), to);
            }
            // Of ours it keeps nothing open; the pipe is closed by that too, once its program runs.
            libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC);
            libc::execve(program.as_ptr(), args.as_ptr(), environment.as_ptr());
            fail();
        }
    }
    drop(says);
    let mut answer = Vec::new();
    let read = said.read_to_end(&mut answer);
    let mut status = 0;
    // SAFETY: it is our child, and nobody else waits for it.
    unsafe { libc::waitpid(child as libc::pid_t, &raw mut status, 0) };
    read?;
    let mut numbers =
        answer.chunks_exact(4).map(|it| i32::from_ne_bytes(it.try_into().expect("it has four")));
    if let Some(errno) = numbers.clone().find(|number| *number < 0) {
        return Err(io::Error::from_raw_os_error(-errno));
    }
    numbers.next().ok_or_else(|| io::Error::other("the process that holds namespaces did not start"))
}
