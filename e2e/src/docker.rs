//! A Docker daemon of the test's own, from Debian's docker.io.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::world::{eventually, run};

/// A daemon with its own folders, socket and bridge, running until it is dropped.
pub struct Docker {
    folder: PathBuf,
    bridge: String,
    process: Child,
}

impl Docker {
    /// Starts one below `folder`. Its containers are on a bridge of their own with the range 10.213.N.0/24.
    pub fn start(folder: &Path) -> Docker {
        let folder = folder.join("docker");
        std::fs::create_dir_all(&folder).expect("the test's own folder");
        let number = std::process::id() % 250;
        let bridge = format!("gdock{}", std::process::id() % 1_000_000);
        run(Command::new("ip").args(["link", "add", &bridge, "type", "bridge"]));
        run(Command::new("ip").args(["addr", "add", &format!("10.213.{number}.1/24"), "dev", &bridge]));
        run(Command::new("ip").args(["link", "set", &bridge, "up"]));
        let log = std::fs::File::create(folder.join("dockerd.log")).expect("the test's own folder");
        let process = Command::new("/usr/sbin/dockerd")
            .arg("--data-root")
            .arg(folder.join("data"))
            .arg("--exec-root")
            .arg(folder.join("exec"))
            .arg("--pidfile")
            .arg(folder.join("dockerd.pid"))
            .arg("--host")
            .arg(format!("unix://{}", folder.join("docker.sock").display()))
            .args(["--bridge", &bridge, "--iptables=false", "--ip-masq=false", "--ip-forward=false"])
            .args(["--storage-driver", "overlay2", "--userland-proxy=false"])
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file handle can be copied"))
            .stderr(log)
            .spawn()
            .expect("docker.io is installed");
        let docker = Docker { folder, bridge, process };
        eventually("the Docker daemon answers", Duration::from_secs(60), || {
            docker.command(&["version"]).output().ok().filter(|output| output.status.success())
        });
        docker
    }

    /// The docker command on this daemon, with a configuration of its own.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("docker");
        command.env("DOCKER_CONFIG", self.folder.join("config")).env_remove("DOCKER_HOST");
        command.arg("--host").arg(format!("unix://{}", self.folder.join("docker.sock").display()));
        command.args(arguments);
        command
    }

    /// What docker prints; panics with its complaint otherwise.
    #[track_caller]
    pub fn ok(&self, arguments: &[&str]) -> String {
        let output = run(&mut self.command(arguments));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// What docker complains of; panics if it does not.
    #[track_caller]
    pub fn refused(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("docker is installed");
        assert!(!output.status.success(), "docker {} was not refused", arguments.join(" "));
        String::from_utf8_lossy(&output.stderr).trim().to_owned()
    }
}

impl Drop for Docker {
    fn drop(&mut self) {
        let listed = self.command(&["ps", "--all", "--quiet"]).output();
        let containers =
            listed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        let containers: Vec<&str> = containers.split_whitespace().collect();
        if !containers.is_empty() {
            let _ = self.command(&[&["rm", "--force"], &containers[..]].concat()).output();
        }
        let _ = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        let _ = self.process.wait();
        let _ = Command::new("ip").args(["link", "del", &self.bridge]).status();
    }
}
