//! Which file lies where.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

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
    /// What this machine's node keeps: its ledger and the output of containers.
    pub fn node(&self) -> PathBuf {
        self.data.join("node")
    }
    /// What Gantry's own containerd keeps.
    pub fn containerd(&self) -> PathBuf {
        self.data.join("containerd")
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

    /// Makes the folders, readable by their owner only.
    pub fn create(&self) -> Result<()> {
        use std::os::unix::fs::DirBuilderExt;
        for folder in [&self.data, &self.run] {
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)
                .with_context(|| format!("the folder {} can't be made", folder.display()))?;
        }
        Ok(())
    }
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
}
