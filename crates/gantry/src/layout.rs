//! Which file lies where.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

const DEFAULT_DATA: &str = "/var/lib/gantry";
const DEFAULT_RUN: &str = "/run/gantry";

/// The files and folders of one Gantry. With the default data directory what lives only as long as the
/// machine is up lies in `/run/gantry`, with another one in its `run` folder.
#[derive(Debug, Clone)]
pub struct Layout {
    data: PathBuf,
    run: PathBuf,
}

impl Layout {
    /// The layout of a data directory, which need not exist yet.
    pub fn of(data_dir: Option<&Path>) -> Result<Self> {
        let Some(data) = data_dir else {
            return Ok(Layout { data: DEFAULT_DATA.into(), run: DEFAULT_RUN.into() });
        };
        let data = std::path::absolute(data).with_context(|| format!("{} is no path", data.display()))?;
        if data == Path::new(DEFAULT_DATA) {
            return Self::of(None);
        }
        let run = data.join("run");
        Ok(Layout { data, run })
    }

    /// Whether this is where Gantry lives unless told otherwise.
    pub fn is_default(&self) -> bool {
        self.data == Path::new(DEFAULT_DATA)
    }

    /// The data directory itself.
    pub fn data(&self) -> &Path {
        &self.data
    }
    /// What does not outlive a reboot: sockets, namespaces, the record of the running process.
    pub fn run(&self) -> &Path {
        &self.run
    }
    /// The control plane's state.
    pub fn store(&self) -> PathBuf {
        self.data.join("store")
    }
    /// The key under which secrets are sealed; mode 0600.
    pub fn master_key(&self) -> PathBuf {
        self.data.join("master.key")
    }
    /// The administrator's access key; mode 0600.
    pub fn administrator(&self) -> PathBuf {
        self.data.join("administrator.json")
    }
    /// The local certificate authority and what it signed.
    pub fn pki(&self) -> PathBuf {
        self.data.join("pki")
    }
    /// What the cookies of load balancers are sealed with; mode 0600.
    pub fn cookie_key(&self) -> PathBuf {
        self.data.join("cookie.key")
    }
    /// Space that is kept for when the disk is full.
    pub fn reserve(&self) -> PathBuf {
        self.data.join("reserve")
    }
    /// Image layers and manifests.
    pub fn blobs(&self) -> PathBuf {
        self.data.join("registry")
    }
    /// What containers said: the events of CloudWatch Logs.
    pub fn logs(&self) -> PathBuf {
        self.data.join("logs")
    }
    /// The audit trail.
    pub fn audit(&self) -> PathBuf {
        self.data.join("audit")
    }
    /// The file systems of EFS.
    pub fn file_systems(&self) -> PathBuf {
        self.data.join("efs")
    }
    /// What this machine's node keeps: its ledger and the output of containers.
    pub fn node(&self) -> PathBuf {
        self.data.join("node")
    }
    /// What Gantry's own containerd keeps.
    pub fn containerd(&self) -> PathBuf {
        self.data.join("containerd")
    }
    /// Who this machine is to the Gantry that it joined; mode 0600.
    pub fn joined(&self) -> PathBuf {
        self.data.join("joined.json")
    }
    /// Gantry's own log.
    pub fn log(&self) -> PathBuf {
        self.data.join("gantry.log")
    }
    /// The record of the running process.
    pub fn instance(&self) -> PathBuf {
        self.run.join("gantry.json")
    }
    /// The socket by which commands talk to the running process; mode 0600.
    pub fn control(&self) -> PathBuf {
        self.run.join("control.sock")
    }

    /// Held by the process that is Gantry here, from its first moment to its last.
    pub fn claim(&self) -> PathBuf {
        self.run.join("up.lock")
    }
    /// Where a detached process says what it has to say before it can log.
    pub fn said(&self) -> PathBuf {
        self.run.join("start.out")
    }

    /// Makes the folders, readable by their owner only. What is made is removed again unless it is kept.
    pub fn create(&self) -> Result<Made> {
        use std::os::unix::fs::DirBuilderExt;
        let made = Made { layout: self.clone(), new: !self.data.exists() };
        self.close_to_others()?;
        for folder in [&self.data, &self.run] {
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)
                .with_context(|| format!("the folder {} can't be made", folder.display()))?;
        }
        Ok(made)
    }

    /// Takes a data directory that is there, and that others may read, from them. Only one that is Gantry's own, or that
    /// is empty: other people's folders are not closed.
    fn close_to_others(&self) -> Result<()> {
        use std::os::unix::fs::PermissionsExt;
        let Ok(metadata) = std::fs::metadata(&self.data) else { return Ok(()) };
        if metadata.permissions().mode() & 0o077 == 0 {
            return Ok(());
        }
        let read = || format!("the folder {} can't be read", self.data.display());
        // An operator may have put a master key and the authority there before the first start.
        let known =
            [self.store(), self.master_key(), self.pki(), self.joined()].iter().any(|path| path.exists());
        let own = known || std::fs::read_dir(&self.data).with_context(read)?.next().is_none();
        if !own {
            bail!(
                "the folder {} holds other things than Gantry's, and others may read it: give Gantry a folder of its own with --data-dir",
                self.data.display()
            );
        }
        std::fs::set_permissions(&self.data, std::fs::Permissions::from_mode(0o700))
            .with_context(|| format!("the folder {} can't be closed to others", self.data.display()))
    }

    /// The note that says where the images are: `here`, or a store outside.
    pub fn images_place(&self) -> PathBuf {
        self.blobs().join("place")
    }

    /// Removes all that Gantry keeps, and its folders. What somebody else has put there stays, and is named.
    pub fn purge(&self) -> Result<()> {
        let folders = [
            self.store(),
            self.pki(),
            self.blobs(),
            self.logs(),
            self.audit(),
            self.file_systems(),
            self.node(),
            self.containerd(),
        ];
        let files = [
            self.master_key(),
            self.cookie_key(),
            self.reserve(),
            self.administrator(),
            self.joined(),
            self.log(),
            self.said(),
            self.claim(),
            self.instance(),
        ];
        for (path, removed) in folders
            .iter()
            .map(|folder| (folder, std::fs::remove_dir_all(folder)))
            .chain(files.iter().map(|file| (file, std::fs::remove_file(file))))
        {
            match removed {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(error).with_context(|| format!("{} can't be removed", path.display()));
                }
                _ => {}
            }
        }
        self.remove_empty_run_folders();
        match std::fs::remove_dir(&self.data) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                let names = std::fs::read_dir(&self.data).into_iter().flatten().flatten();
                let names: Vec<_> =
                    names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
                let data = self.data.display();
                Err(error).with_context(|| format!("this is not Gantry's in {data}: {}", names.join(", ")))
            }
            _ => Ok(()),
        }
    }

    /// Removes what is empty below the run directory, and that itself: what lives there needs no folders now.
    pub fn remove_empty_run_folders(&self) {
        remove_empty(&self.run);
    }
}

/// Folders that were just made. Dropped, they are removed again if nothing is in them that matters.
#[must_use = "folders that are to stay must be kept"]
pub struct Made {
    layout: Layout,
    new: bool,
}

impl Made {
    /// Something is in them from now on.
    pub fn keep(mut self) {
        self.new = false;
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let layout = &self.layout;
        if !self.new || layout.store().exists() || layout.joined().exists() {
            return;
        }
        for file in [layout.log(), layout.said(), layout.claim()] {
            // What can't be removed keeps its folder, which is all that happens.
            let _ = std::fs::remove_file(file);
        }
        layout.remove_empty_run_folders();
        let _ = std::fs::remove_dir(&layout.data);
    }
}

/// Removes a folder that holds nothing but folders that hold nothing; what is mounted or used stays.
fn remove_empty(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_empty(&entry.path());
        }
    }
    let _ = std::fs::remove_dir(folder);
}

/// Writes a file that only its owner may read, whole or not at all.
pub fn write_private(path: &Path, content: &[u8]) -> Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut staged = path.as_os_str().to_owned();
    staged.push(".new");
    let staged = PathBuf::from(staged);
    let write = || -> std::io::Result<()> {
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&staged)?;
        file.write_all(content)?;
        file.sync_all()?;
        std::fs::rename(&staged, path)?;
        match path.parent() {
            Some(folder) => std::fs::File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    };
    write().with_context(|| format!("{} can't be written", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_directory_moves_everything() {
        let standard = Layout::of(None).unwrap();
        assert_eq!(standard.control(), Path::new("/run/gantry/control.sock"));
        assert_eq!(Layout::of(Some(Path::new("/var/lib/gantry"))).unwrap().run(), standard.run());
        let other = Layout::of(Some(Path::new("/srv/two"))).unwrap();
        assert_eq!(other.store(), Path::new("/srv/two/store"));
        assert_eq!(other.control(), Path::new("/srv/two/run/control.sock"));
    }

    #[test]
    fn a_folder_of_its_own_is_closed_to_others_and_no_other_is() {
        use std::os::unix::fs::PermissionsExt;
        let base = std::env::temp_dir().join(format!("gantry-closed-{}", std::process::id()));
        std::fs::create_dir(&base).unwrap();
        let open = |mode| std::fs::set_permissions(&base, std::fs::Permissions::from_mode(mode)).unwrap();
        let mode = || std::fs::metadata(&base).unwrap().permissions().mode() & 0o777;
        let layout = Layout::of(Some(&base)).unwrap();
        open(0o755);
        layout.create().unwrap().keep();
        assert_eq!(mode(), 0o700);

        std::fs::write(base.join("precious"), "").unwrap();
        open(0o755);
        let refused = layout.create().err().unwrap().to_string();
        assert!(refused.contains("a folder of its own"), "{refused}");
        assert_eq!(mode(), 0o755);
        std::fs::remove_dir_all(base).unwrap();
    }

    #[test]
    fn what_was_made_for_nothing_is_removed_again() {
        let base = std::env::temp_dir().join(format!("gantry-layout-{}", std::process::id()));
        let layout = Layout::of(Some(&base)).unwrap();
        let made = layout.create().unwrap();
        std::fs::write(layout.log(), "why").unwrap();
        drop(made);
        assert!(!base.exists());

        layout.create().unwrap().keep();
        std::fs::create_dir_all(layout.run().join("net/empty")).unwrap();
        std::fs::write(base.join("precious"), "").unwrap();
        drop(layout.create().unwrap());
        assert!(base.join("precious").exists(), "it was there before");
        layout.remove_empty_run_folders();
        assert!(!layout.run().exists());
        std::fs::remove_dir_all(base).unwrap();
    }
}
