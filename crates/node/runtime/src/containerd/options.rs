//! What a containerd engine is given, and the files that follow from it.

use std::path::{Path, PathBuf};

use crate::engine::error::EngineError;

/// A unix socket's path has at most 107 bytes.
const SOCKET_PATH_BYTES: usize = 107;

/// What a containerd engine is given.
#[derive(Debug, Clone)]
pub struct Options {
    /// Images, layers and the file systems of containers; survives a reboot.
    pub data_dir: PathBuf,
    /// Socket and shims' state; may be gone after a reboot.
    pub run_dir: PathBuf,
    /// Sets this Gantry's control groups apart from another's: letters, digits and `-`.
    pub instance: String,
    /// A path, or a name to find in `PATH`.
    pub containerd: PathBuf,
    pub runtime: OciRuntime,
    /// Containerd's name of what makes file systems out of layers.
    pub snapshotter: String,
    /// How many layers are downloaded at once, over all pulls.
    pub concurrent_downloads: usize,
    /// A program that calls [`crate::write_output`] with what `write-output JSON` says on its command line. Without it
    /// containers never wait for their output to be taken.
    pub output_writer: Option<PathBuf>,
}

/// What makes containers.
#[derive(Debug, Clone)]
pub struct OciRuntime {
    /// Containerd's name of the shim: `io.containerd.runc.v2` for runc, crun and youki,
    /// `io.containerd.runsc.v1` for gVisor, `io.containerd.kata.v2` for Kata.
    pub shim: String,
    /// The runtime that the runc shim calls; `None` is `runc`.
    pub binary: Option<PathBuf>,
}

impl OciRuntime {
    /// By its usual name, or by the path of a program that is called as runc is.
    pub fn named(name: &str) -> Self {
        let (shim, binary) = match name {
            "" | "runc" => ("io.containerd.runc.v2", None),
            "runsc" | "gvisor" => ("io.containerd.runsc.v1", None),
            "kata" => ("io.containerd.kata.v2", None),
            other => ("io.containerd.runc.v2", Some(PathBuf::from(other))),
        };
        Self { shim: shim.to_owned(), binary }
    }
}

impl Options {
    /// Debian's containerd and runc.
    pub fn new(
        data_dir: impl Into<PathBuf>,
        run_dir: impl Into<PathBuf>,
        instance: impl Into<String>,
    ) -> Self {
        Self {
            data_dir: data_dir.into(),
            run_dir: run_dir.into(),
            instance: instance.into(),
            containerd: "containerd".into(),
            runtime: OciRuntime { shim: "io.containerd.runc.v2".into(), binary: None },
            snapshotter: "overlayfs".into(),
            concurrent_downloads: 6,
            output_writer: None,
        }
    }

    pub(crate) fn check(&self) -> Result<(), EngineError> {
        for dir in [&self.data_dir, &self.run_dir] {
            if !dir.is_absolute() || dir.to_str().is_none() {
                return Err(EngineError::Invalid(format!(
                    "{} must be an absolute path in UTF-8",
                    dir.display()
                )));
            }
        }
        let socket = self.socket();
        // Containerd makes a second socket beside it with `.ttrpc` added.
        if socket.as_os_str().len() + ".ttrpc".len() > SOCKET_PATH_BYTES {
            return Err(EngineError::Invalid(format!(
                "{} is too long for a socket: choose a shorter directory",
                socket.display()
            )));
        }
        let name = self.instance.as_bytes();
        if name.is_empty() || name.len() > 64 || !name.iter().all(|c| c.is_ascii_alphanumeric() || *c == b'-')
        {
            return Err(EngineError::Invalid(format!("{:?} cannot be an instance's name", self.instance)));
        }
        Ok(())
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.run_dir.join("containerd.sock")
    }

    pub(crate) fn config_file(&self) -> PathBuf {
        self.data_dir.join("config.toml")
    }

    pub(crate) fn log_file(&self) -> PathBuf {
        self.data_dir.join("containerd.log")
    }

    pub(crate) fn lock_file(&self) -> PathBuf {
        self.data_dir.join("lock")
    }

    /// Where the OCI runtime keeps its state; the default is shared by all containerds of a machine.
    pub(crate) fn runtime_root(&self) -> PathBuf {
        self.run_dir.join("oci")
    }

    /// What we remember of each container that containerd does not: most of all that it ran, which is why it must
    /// outlive the run directory. A container that ran is never run again.
    pub(crate) fn marks(&self) -> PathBuf {
        self.data_dir.join("marks")
    }

    /// Where the snapshotter has the layers of images and the upper layers of containers.
    pub(crate) fn layers(&self) -> PathBuf {
        self.data_dir
            .join("root")
            .join(format!("io.containerd.snapshotter.v1.{}", self.snapshotter))
            .join("snapshots")
    }

    /// Where containerd has the folder of each process of ours.
    pub(crate) fn bundles(&self) -> PathBuf {
        self.run_dir.join("state/io.containerd.runtime.v2.task").join(super::client::NAMESPACE)
    }

    /// The configuration that containerd is started with.
    pub(crate) fn config(&self) -> String {
        let quote = |path: &Path| {
            let text = path.to_str().expect("checked to be UTF-8");
            format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
        };
        format!(
            "version = 2\n\
             root = {root}\n\
             state = {state}\n\
             disabled_plugins = [{disabled}]\n\
             \n\
             [grpc]\n\
             address = {socket}\n\
             \n\
             [debug]\n\
             level = \"warn\"\n",
            root = quote(&self.data_dir.join("root")),
            state = quote(&self.run_dir.join("state")),
            socket = quote(&self.socket()),
            disabled = DISABLED.map(|plugin| format!("\"{plugin}\"")).join(", "),
        )
    }
}

/// What we do not use: it costs start time, memory and attack surface.
const DISABLED: [&str; 9] = [
    "io.containerd.grpc.v1.cri",
    "io.containerd.snapshotter.v1.aufs",
    "io.containerd.snapshotter.v1.btrfs",
    "io.containerd.snapshotter.v1.devmapper",
    "io.containerd.snapshotter.v1.zfs",
    "io.containerd.internal.v1.opt",
    "io.containerd.internal.v1.restart",
    "io.containerd.internal.v1.tracing",
    "io.containerd.tracing.processor.v1.otlp",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_work_is_refused_by_name() {
        let fine = Options::new("/data", "/run/x", "a1");
        fine.check().unwrap();
        let long = Options::new("/data", format!("/run/{}", "x".repeat(90)), "a1");
        assert!(long.check().unwrap_err().to_string().contains("too long for a socket"));
        assert!(Options::new("data", "/run/x", "a1").check().is_err());
        assert!(Options::new("/data", "/run/x", "a/1").check().is_err());
    }
}
