//! User namespaces of tasks: on the host, their processes are nobody.
//!
//! A task's user namespace and its network namespace are made together, so that the second belongs to the first: else
//! its root could neither use a raw socket nor mount `/sys`. Both are pinned on files, and so outlive us. Layers of
//! images stay as they are on disk: the kernel shows their owners shifted, by a mount that is needed only until the
//! container's file system is mounted on it.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::mem::size_of_val;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use gantry_containerd_api::types;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sys::statfs::{FsType, statfs};

use crate::engine::container::{IDS, TaskId};

/// `NSFS_MAGIC` of the kernel.
const NSFS: FsType = FsType(0x6e73_6673);

#[derive(Debug, Clone)]
pub(crate) struct Users {
    dir: PathBuf,
    mounts: PathBuf,
}

impl Users {
    pub(crate) fn new(run_dir: &Path) -> Self {
        Self { dir: run_dir.join("users"), mounts: run_dir.join("shifted") }
    }

    /// Where the task's user namespace is, or would be.
    pub(crate) fn path(&self, task: &TaskId) -> PathBuf {
        self.dir.join(task.as_str())
    }

    /// Makes the task's namespaces, its network's at `network`, unless they are there.
    pub(crate) fn ensure(&self, task: &TaskId, first: u32, network: &Path) -> io::Result<()> {
        let users = self.path(task);
        if is_namespace(&users) && is_namespace(network) {
            return Ok(());
        }
        // Of an attempt that was cut off: nothing runs in one alone.
        unpin(&users)?;
        unpin(network)?;
        make(&users, network, first)?;
        set_up(network)
    }

    pub(crate) fn remove(&self, task: &TaskId) -> io::Result<()> {
        unpin(&self.path(task))
    }

    /// Removes what attempts that were cut off left mounted.
    pub(crate) fn sweep(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.mounts).into_iter().flatten().flatten() {
            unmount(&entry.path())?;
        }
        Ok(())
    }

    /// Where a directory is shown under that name.
    pub(crate) fn place(&self, name: &str) -> PathBuf {
        self.mounts.join(name)
    }

    /// Shows a directory with its owners shifted into the task's, under a name that ends with [`Shifted`].
    pub(crate) fn shift(&self, task: &TaskId, source: &Path, name: &str) -> io::Result<Shifted> {
        self.show_to(source, name, &File::open(self.path(task))?)
    }

    /// Shows a directory with other owners than it has on disk; who is not in the maps is nobody.
    pub(crate) fn show(
        &self,
        source: &Path,
        name: &str,
        uids: &[IdMap],
        gids: &[IdMap],
    ) -> io::Result<Shifted> {
        self.show_to(source, name, &mapped(uids, gids)?)
    }

    fn show_to(&self, source: &Path, name: &str, users: &File) -> io::Result<Shifted> {
        let at = self.place(name);
        unmount(&at)?;
        fs::create_dir_all(&at)?;
        let shifted = Shifted { at };
        mount_shifted(source, &shifted.at, users)?;
        Ok(shifted)
    }

    /// Why this machine can't give tasks user namespaces, if it can't.
    pub(crate) fn try_out(&self, layers: &Path) -> io::Result<()> {
        // Inside, the file system of a container is looked for by who may do nothing outside.
        for dir in self.dir.ancestors().skip(1) {
            if fs::metadata(dir)?.permissions().mode() & 0o001 == 0 {
                let why = format!("{} can't be searched by others", dir.display());
                return Err(io::Error::other(why));
            }
        }
        let task = TaskId::new("try-out").map_err(io::Error::other)?;
        let network = self.dir.join("try-out-network");
        let tried = self.ensure(&task, IDS, &network).and_then(|()| {
            fs::create_dir_all(layers)?;
            self.shift(&task, layers, "try-out").map(drop)
        });
        unpin(&network)?;
        self.remove(&task)?;
        tried
    }
}

/// A shifted view of a directory, as long as this lives.
pub(crate) struct Shifted {
    pub at: PathBuf,
}

impl Drop for Shifted {
    fn drop(&mut self) {
        if let Err(error) = unmount(&self.at) {
            tracing::warn!(at = %self.at.display(), %error, "a mount stays for now");
        }
    }
}

/// What a container's file system is made of, with its lower layers taken from a shifted view of all of them; its
/// upper one, which is the container's alone, is made the task's.
pub(crate) fn shift_layers(
    rootfs: &mut [types::Mount],
    layers: &Path,
    shifted: &Path,
    first: u32,
) -> io::Result<()> {
    for mount in rootfs.iter_mut().filter(|it| it.r#type == "overlay") {
        for option in &mut mount.options {
            if let Some(lower) = option.strip_prefix("lowerdir=") {
                let moved = lower.split(':').map(|layer| match Path::new(layer).strip_prefix(layers) {
                    Ok(within) => Ok(shifted.join(within).to_string_lossy().into_owned()),
                    Err(_) => Err(io::Error::other(format!("the layer {layer} is not where layers are"))),
                });
                *option = format!("lowerdir={}", moved.collect::<io::Result<Vec<_>>>()?.join(":"));
            } else if let Some(upper) = option.strip_prefix("upperdir=") {
                own(Path::new(upper), first)?;
            }
        }
    }
    Ok(())
}

/// Gives a file or directory to whom its owner is within the task, unless that was done.
pub(crate) fn own(path: &Path, first: u32) -> io::Result<()> {
    let meta = fs::symlink_metadata(path)?;
    if meta.uid() < IDS && meta.gid() < IDS {
        chown(path, Some(first + meta.uid()), Some(first + meta.gid()))?;
    }
    Ok(())
}

/// The same for everything below a directory. What a change of owner takes away from a program is given back.
pub(crate) fn own_all(dir: &Path, first: u32) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let (path, meta) = (entry.path(), entry.metadata()?);
        std::os::unix::fs::lchown(&path, Some(first + meta.uid()), Some(first + meta.gid()))?;
        if !meta.is_symlink() && meta.mode() & 0o6000 != 0 {
            fs::set_permissions(&path, meta.permissions())?;
        }
        if meta.is_dir() {
            own_all(&path, first)?;
        }
    }
    Ok(())
}

pub(super) fn is_namespace(path: &Path) -> bool {
    statfs(path).is_ok_and(|it| it.filesystem_type() == NSFS)
}

pub(super) fn unpin(path: &Path) -> io::Result<()> {
    match umount2(path, MntFlags::MNT_DETACH) {
        Ok(()) | Err(nix::Error::EINVAL | nix::Error::ENOENT) => {}
        Err(errno) => return Err(errno.into()),
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

pub(super) fn unmount(at: &Path) -> io::Result<()> {
    match umount2(at, MntFlags::MNT_DETACH) {
        Ok(()) | Err(nix::Error::EINVAL | nix::Error::ENOENT) => {}
        Err(errno) => return Err(errno.into()),
    }
    match fs::remove_dir(at) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// So many users from one on, and who they are on the other side of a mount.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IdMap {
    pub disk: u32,
    /// On the host.
    pub seen: u32,
    pub count: u32,
}

/// A user namespace with these maps, that nothing runs in.
fn mapped(uids: &[IdMap], gids: &[IdMap]) -> io::Result<File> {
    let text = |maps: &[IdMap]| {
        let lines = maps.iter().map(|IdMap { disk, seen, count }| format!("{disk} {seen} {count}\n"));
        lines.collect::<String>()
    };
    with_process(libc::CLONE_NEWUSER, |pid| {
        fs::write(format!("/proc/{pid}/uid_map"), text(uids))?;
        fs::write(format!("/proc/{pid}/gid_map"), text(gids))?;
        File::open(format!("/proc/{pid}/ns/user"))
    })
}

/// Why the files below `dir` can't be shown with other owners on this machine, if they can't. Looks only; what it makes
/// is gone when it answers.
pub fn try_own_users(dir: &Path) -> io::Result<()> {
    let scratch = std::env::temp_dir().join(format!("gantry-own-users-{}", std::process::id()));
    let users = Users::new(&scratch);
    let map = [IdMap { disk: 0, seen: IDS, count: IDS }];
    let tried = users.show(dir, "try-out", &map, &map).map(drop);
    let removed = match fs::remove_dir_all(&scratch) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    };
    tried.and(removed)
}

/// Has the kernel make both namespaces, with a process that lives only until they are pinned.
fn make(users: &Path, network: &Path, first: u32) -> io::Result<()> {
    for path in [users, network] {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        File::create(path)?;
    }
    with_process(libc::CLONE_NEWUSER | libc::CLONE_NEWNET, |pid| pin(pid, users, network, first))
}

/// Has a process in new namespaces of these kinds, for as long as `work` takes.
fn with_process<T>(
    namespaces: libc::c_int,
    work: impl FnOnce(libc::c_long) -> io::Result<T>,
) -> io::Result<T> {
    let (waits, mut ends) = pipe()?;
    let flags = namespaces | libc::SIGCHLD;
    // SAFETY: without a stack this is a fork. The child calls nothing that may not be called after the fork of a
    // process with several threads: it reads and exits.
    let pid = unsafe { libc::syscall(libc::SYS_clone, libc::c_long::from(flags), 0, 0, 0, 0) };
    if pid < 0 {
        return Err(io::Error::last_os_error());
    }
    if pid == 0 {
        let mut byte = 0_u8;
        // SAFETY: a plain read into a byte of ours, then the end of this process.
        unsafe {
            libc::close(ends.as_raw_fd());
            libc::read(waits.as_raw_fd(), (&raw mut byte).cast(), 1);
            libc::_exit(0);
        }
    }
    drop(waits);
    let done = work(pid);
    // Whether it hears or has died, it ends.
    let _ = ends.write_all(&[0]);
    drop(ends);
    let mut status = 0;
    // SAFETY: it is our child, and nobody else waits for it.
    unsafe { libc::waitpid(pid as libc::pid_t, &raw mut status, 0) };
    done
}

fn pin(pid: libc::c_long, users: &Path, network: &Path, first: u32) -> io::Result<()> {
    let map = format!("0 {first} {IDS}\n");
    fs::write(format!("/proc/{pid}/uid_map"), &map)?;
    fs::write(format!("/proc/{pid}/gid_map"), &map)?;
    for (kind, path) in [("user", users), ("net", network)] {
        let namespace = format!("/proc/{pid}/ns/{kind}");
        mount(Some(namespace.as_str()), path, None::<&str>, MsFlags::MS_BIND, None::<&str>)?;
    }
    Ok(())
}

fn pipe() -> io::Result<(File, File)> {
    let (reads, writes) = nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC)?;
    Ok((File::from(reads), File::from(writes)))
}

/// Settings of every task's network that it has from its beginning.
fn set_up(network: &Path) -> io::Result<()> {
    let network = File::open(network)?;
    let set = move || -> io::Result<()> {
        nix::sched::setns(&network, nix::sched::CloneFlags::CLONE_NEWNET)?;
        fs::write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1")?;
        fs::write("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0")
    };
    // A thread that changes its namespace ends with it.
    let done = std::thread::scope(|scope| scope.spawn(set).join());
    done.unwrap_or_else(|_| Err(io::Error::other("a thread broke off")))
}

/// The kernel's `mount_attr`.
#[repr(C)]
struct Attributes {
    set: u64,
    clear: u64,
    propagation: u64,
    users: u64,
}

fn mount_shifted(source: &Path, at: &Path, users: &File) -> io::Result<()> {
    const OPEN_TREE_CLONE: libc::c_uint = 1;
    const MOVE_MOUNT_F_EMPTY_PATH: libc::c_uint = 4;
    const MOUNT_ATTR_IDMAP: u64 = 0x0010_0000;
    let text = |path: &Path| std::ffi::CString::new(path.as_os_str().as_encoded_bytes());
    let (source, at, empty) = (text(source)?, text(at)?, c"");
    let checked = |answer: libc::c_long| match answer {
        0.. => Ok(answer),
        _ => Err(io::Error::last_os_error()),
    };
    let flags = OPEN_TREE_CLONE | libc::O_CLOEXEC as libc::c_uint;
    // SAFETY: the path ends with a zero and lives through the call.
    let tree =
        checked(unsafe { libc::syscall(libc::SYS_open_tree, libc::AT_FDCWD, source.as_ptr(), flags) })?;
    // SAFETY: the kernel gave this descriptor to us alone.
    let tree = unsafe { OwnedFd::from_raw_fd(tree as i32) };
    let attributes = Attributes {
        set: MOUNT_ATTR_IDMAP,
        clear: 0,
        propagation: libc::MS_PRIVATE,
        users: users.as_raw_fd() as u64,
    };
    // SAFETY: the attributes have the size that is told, and live through the call.
    checked(unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            tree.as_raw_fd(),
            empty.as_ptr(),
            libc::AT_EMPTY_PATH,
            std::ptr::from_ref(&attributes),
            size_of_val(&attributes),
        )
    })?;
    // SAFETY: both paths end with a zero and live through the call.
    checked(unsafe {
        libc::syscall(
            libc::SYS_move_mount,
            tree.as_raw_fd(),
            empty.as_ptr(),
            libc::AT_FDCWD,
            at.as_ptr(),
            MOVE_MOUNT_F_EMPTY_PATH,
        )
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_taken_from_the_shifted_view() {
        let dir = tempfile::tempdir().unwrap();
        let upper = dir.path().join("upper");
        fs::create_dir(&upper).unwrap();
        let mut rootfs = [types::Mount {
            r#type: "overlay".into(),
            options: vec![format!("upperdir={}", upper.display()), "lowerdir=/s/2/fs:/s/1/fs".into()],
            ..types::Mount::default()
        }];
        let (layers, shifted) = (Path::new("/s"), Path::new("/shifted/x"));
        shift_layers(&mut rootfs, layers, shifted, 1 << 20).unwrap();
        assert_eq!(rootfs[0].options[1], "lowerdir=/shifted/x/2/fs:/shifted/x/1/fs");
        assert_eq!(fs::metadata(&upper).unwrap().uid(), 1 << 20);
        shift_layers(&mut rootfs, shifted, layers, 1 << 20).unwrap();
        assert_eq!(fs::metadata(&upper).unwrap().uid(), 1 << 20, "once");
        rootfs[0].options[1] = "lowerdir=/elsewhere".into();
        assert!(shift_layers(&mut rootfs, layers, shifted, 1 << 20).is_err());
    }
}
