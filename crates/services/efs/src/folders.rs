//! The directories that file systems are.

use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::tables::Creation;

/// What a directory without anything in it counts for: AWS says 6 KiB of an empty file system.
const EMPTY: u64 = 6144;

/// How many entries are counted in one go; of a larger file system the rest counts the next time, too.
const MAX_ENTRIES: u64 = 20_000_000;

/// Where file systems are.
#[derive(Debug, Clone)]
pub struct Folders(PathBuf);

impl Folders {
    /// File systems in this folder.
    pub fn new(folder: PathBuf) -> Folders {
        Folders(folder)
    }

    /// The directory of a file system.
    pub fn of(&self, id: &str) -> PathBuf {
        self.0.join(id)
    }

    /// Makes the directory of a new file system: root's, whom alone NFS would let write to it.
    pub fn make(&self, id: &str) -> io::Result<()> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.0)?;
        match std::fs::DirBuilder::new().mode(0o755).create(self.of(id)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            made => made,
        }
    }

    /// The directory at the end of these steps, of which none may be a symbolic link: what a client put into the file
    /// system must not lead out of it. The steps of `base` are made where `creation` says how.
    pub fn open(
        &self,
        id: &str,
        base: &[String],
        below: &[String],
        creation: Option<&Creation>,
    ) -> io::Result<PathBuf> {
        // After a restore there is the row of a file system alone.
        self.make(id)?;
        let mut path = self.of(id);
        for (at, step) in base.iter().chain(below).enumerate() {
            path.push(step);
            match std::fs::symlink_metadata(&path) {
                Ok(found) if found.is_dir() => {}
                Ok(_) => return Err(io::ErrorKind::NotADirectory.into()),
                Err(error) if error.kind() == io::ErrorKind::NotFound && at < base.len() => {
                    let Some(creation) = creation else { return Err(error) };
                    make_as(&path, creation)?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(path)
    }

    /// Removes a file system with all that is in it.
    pub fn remove(&self, id: &str) -> io::Result<()> {
        match std::fs::remove_dir_all(self.of(id)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    /// Removes all file systems.
    pub fn clear(&self) -> io::Result<()> {
        match std::fs::remove_dir_all(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    /// How many bytes a file system takes.
    pub fn measure(&self, id: &str) -> io::Result<u64> {
        let mut open = vec![self.of(id)];
        let (mut blocks, mut entries) = (0, 0);
        while let Some(folder) = open.pop() {
            for entry in list(&folder)? {
                entries += 1;
                if entries > MAX_ENTRIES {
                    return Ok(EMPTY + blocks * 512);
                }
                // Gone meanwhile; it takes nothing.
                let Ok(found) = std::fs::symlink_metadata(&entry) else { continue };
                blocks += found.blocks();
                if found.is_dir() {
                    open.push(entry);
                }
            }
        }
        Ok(EMPTY + blocks * 512)
    }
}

/// Makes a directory with the owner and the permissions that are wanted.
fn make_as(path: &Path, creation: &Creation) -> io::Result<()> {
    let mode = u32::from_str_radix(&creation.permissions, 8).map_err(io::Error::other)?;
    match std::fs::create_dir(path) {
        // Another task was first.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        made => made?,
    }
    std::os::unix::fs::chown(path, Some(creation.uid), Some(creation.gid))?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}

fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match std::fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}
