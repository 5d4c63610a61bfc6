//! Volumes that begin with what the image has at their place.

use std::ffi::CString;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gantry_containerd_api::types;
use nix::mount::{MntFlags, MsFlags, mount, umount2};

use super::users::{own, own_all};
use crate::engine::container::{ContainerId, Mount};
use crate::engine::error::EngineError;

/// Resolve as though the directory were the root: no link of an image leads out of it.
const RESOLVE_IN_ROOT: u64 = 0x10;

/// Fills those of the volumes that are empty. `rootfs` is what the container's file system is made of, before its
/// owners are shifted; it must not be mounted yet. `first` is the first of the task's own users, if it has them.
pub(super) fn fill(
    id: &ContainerId,
    volumes: &[Mount],
    rootfs: &[types::Mount],
    run_dir: &Path,
    first: Option<u32>,
) -> Result<(), EngineError> {
    let wanted: Vec<(&PathBuf, &PathBuf)> = volumes
        .iter()
        .filter_map(|it| match it {
            Mount::Volume { source, target, .. } => Some((source, target)),
            Mount::Bind { .. } | Mount::Kept { .. } | Mount::Tmpfs { .. } => None,
        })
        .filter(|(source, _)| is_empty(source))
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let failed = |error: io::Error| EngineError::internal("fill a volume from its image", error);
    let at = run_dir.join(format!("view-{id}"));
    fs::create_dir_all(&at).map_err(failed)?;
    let filled = look(rootfs, &at).and_then(|()| {
        let filled = wanted.into_iter().try_for_each(|(source, target)| fill_one(&at, source, target, first));
        umount2(&at, MntFlags::MNT_DETACH)?;
        filled
    });
    let removed = fs::remove_dir(&at);
    filled.and(removed).map_err(failed)
}

fn is_empty(dir: &Path) -> bool {
    fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_none())
}

/// Mounts what the snapshot has, read-only.
fn look(rootfs: &[types::Mount], at: &Path) -> io::Result<()> {
    let Some(given) = rootfs.first() else { return Err(ErrorKind::NotFound.into()) };
    if given.r#type != "overlay" {
        mount(Some(given.source.as_str()), at, None::<&str>, MsFlags::MS_BIND, None::<&str>)?;
        return Ok(());
    }
    let option = |name: &str| given.options.iter().find_map(|it| it.strip_prefix(name));
    let upper = option("upperdir=").into_iter();
    let layers: Vec<&str> = upper.chain(option("lowerdir=")).collect();
    let options = format!("lowerdir={}", layers.join(":"));
    mount(Some("overlay"), at, Some("overlay"), MsFlags::MS_RDONLY, Some(options.as_str()))?;
    Ok(())
}

/// Copies beside the volume and puts the copy in its place, so that it is filled whole or not at all.
fn fill_one(root: &Path, volume: &Path, target: &Path, first: Option<u32>) -> io::Result<()> {
    let from = match open_in(root, target) {
        Ok(from) => from,
        // The image has no directory there: the volume is the container's root's.
        Err(error) if matches!(error.raw_os_error(), Some(libc::ENOENT | libc::ENOTDIR | libc::ELOOP)) => {
            return first.map_or(Ok(()), |first| own(volume, first));
        }
        Err(error) => return Err(error),
    };
    let from = PathBuf::from(format!("/proc/{}/fd/{}", std::process::id(), from.as_raw_fd()));
    let name = volume.file_name().and_then(|it| it.to_str()).unwrap_or_default();
    let staged = volume.with_file_name(format!(".{name}.new"));
    match fs::remove_dir_all(&staged) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::create_dir(&staged)?;
    let copied = Command::new("cp")
        .args(["-a", "--reflink=auto", "--"])
        .arg(from.join("."))
        .arg(&staged)
        .stdin(Stdio::null())
        .output()?;
    if !copied.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&copied.stderr).trim().to_owned()));
    }
    let meta = fs::metadata(from.join("."))?;
    chown(&staged, Some(meta.uid()), Some(meta.gid()))?;
    fs::set_permissions(&staged, meta.permissions())?;
    if let Some(first) = first {
        own_all(&staged, first)?;
        own(&staged, first)?;
    }
    fs::rename(&staged, volume)
}

/// Opens a directory below `root`, wherever links lead there.
fn open_in(root: &Path, path: &Path) -> io::Result<OwnedFd> {
    let root = fs::File::open(root)?;
    let path = CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: an open_how is three numbers, and all zeros is one.
    let mut how: libc::open_how = unsafe { std::mem::zeroed() };
    how.flags = (libc::O_PATH | libc::O_DIRECTORY | libc::O_CLOEXEC) as u64;
    how.resolve = RESOLVE_IN_ROOT;
    // SAFETY: the path ends with a zero, and `how` has the size that is told; both live through the call.
    let opened = unsafe {
        libc::syscall(
            libc::SYS_openat2,
            root.as_raw_fd(),
            path.as_ptr(),
            std::ptr::from_ref(&how),
            size_of::<libc::open_how>(),
        )
    };
    match i32::try_from(opened) {
        // SAFETY: the kernel gave this descriptor to us alone.
        Ok(fd) if fd >= 0 => Ok(unsafe { OwnedFd::from_raw_fd(fd) }),
        _ => Err(io::Error::last_os_error()),
    }
}
