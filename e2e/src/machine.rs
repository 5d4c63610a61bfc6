//! Machines beside this one: network namespaces of a test's own, on one switch, each with processes of its own.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::world::{binary, kill_tree, name, pids_naming, run, unmount_below};

/// A switch that this machine has a port of.
pub struct Switch {
    name: String,
    network: [u8; 3],
}

fn ip(command: &str) {
    run(Command::new("ip").args(command.split(' ')));
}

impl Switch {
    /// One with a range that follows from the process, so that tests side by side do not meet.
    pub fn new() -> Switch {
        let pid = std::process::id();
        let switch = Switch { name: format!("gs{pid}"), network: [198, 18, (pid % 250) as u8] };
        ip(&format!("link add {} type bridge", switch.name));
        ip(&format!("addr add {}/24 dev {}", switch.address(), switch.name));
        ip(&format!("link set {} up", switch.name));
        switch
    }

    /// This machine's address.
    pub fn address(&self) -> Ipv4Addr {
        self.at(1)
    }

    fn at(&self, last: u8) -> Ipv4Addr {
        let [a, b, c] = self.network;
        Ipv4Addr::new(a, b, c, last)
    }
}

impl Default for Switch {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Switch {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["link", "del", &self.name]).status();
    }
}

/// One machine.
pub struct Machine {
    name: String,
    link: String,
    folder: TempDir,
    process: Option<Child>,
}

impl Machine {
    /// One on the switch, with this number among its machines.
    pub fn new(switch: &Switch, number: u8) -> Machine {
        let pid = std::process::id();
        let folder = tempfile::Builder::new().prefix("gantry-e2e-m-").tempdir_in("/tmp");
        let folder = folder.expect("/tmp takes a folder");
        let (name, link) = (format!("gm{pid}-{number}"), format!("gm{}p{number}", pid % 10_000_000));
        let machine = Machine { name, link, folder, process: None };
        let Machine { name, link, .. } = &machine;
        ip(&format!("netns add {name}"));
        ip(&format!("link add {link} type veth peer name eth0 netns {name}"));
        ip(&format!("link set {link} master {} up", switch.name));
        ip(&format!("-n {name} addr add {}/24 dev eth0", switch.at(10 + number)));
        ip(&format!("-n {name} link set eth0 up"));
        ip(&format!("-n {name} link set lo up"));
        ip(&format!("-n {name} route add default via {}", switch.address()));
        machine
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The gantry command on this machine. Not `ip netns exec`, which hides control groups.
    pub fn gantry(&self) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/run/netns/{}", self.name)).arg(binary());
        command.arg("--data-dir").arg(self.data());
        command
    }

    /// Runs `gantry node join` with these arguments; what it says is in [`Machine::said`].
    pub fn join(&mut self, arguments: &[&str]) {
        let log = std::fs::File::create(self.folder.path().join("join.out")).expect("the test's own folder");
        let process = self
            .gantry()
            .args(["node", "join"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file handle can be copied"))
            .stderr(log)
            .spawn()
            .expect("the gantry binary is built");
        self.process = Some(process);
    }

    /// What it printed.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("join.out")).unwrap_or_default()
    }

    /// Pulls the cable, or puts it back.
    pub fn cable(&self, there: bool) {
        ip(&format!("link set {} {}", self.link, if there { "up" } else { "down" }));
    }

    /// `kill -9` to the agent alone; containers go on.
    pub fn kill_agent(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Ends everything at once, as if the power had gone.
    pub fn power_off(&mut self) {
        self.cable(false);
        self.kill_all();
        self.kill_agent();
    }

    /// Where containerd has its sockets: what its shims are told by.
    fn run_dir(&self) -> Option<PathBuf> {
        let settings = std::fs::read_to_string(self.data().join("containerd/config.toml")).ok()?;
        let (_, rest) = settings.split_once("/run/gantry-")?;
        Some(format!("/run/gantry-{}", rest.get(..6)?).into())
    }

    /// How many tasks have a process here.
    pub fn shims(&self) -> usize {
        let Some(run_dir) = self.run_dir() else { return 0 };
        let ours = pids_naming(&format!("{}/", run_dir.display())).into_iter();
        ours.filter(|pid| name(*pid).starts_with("containerd-shim")).count()
    }

    /// Kills all that runs here.
    fn kill_all(&self) {
        if let Some(run_dir) = self.run_dir() {
            kill_tree(&format!("{}/", run_dir.display()));
        }
        kill_tree(&self.folder.path().to_string_lossy());
    }

    /// A log of the machine's Gantry.
    pub fn log(&self) -> PathBuf {
        self.data().join("gantry.log")
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- {} said:\n{}\n{}", self.name, self.said(), tail(&self.log()));
        }
        if self.process.is_some() {
            let _ = self.gantry().args(["down", "--stop-tasks", "--timeout", "20"]).output();
        }
        if let Some(mut process) = self.process.take() {
            let deadline = std::time::Instant::now() + Duration::from_secs(5);
            while matches!(process.try_wait(), Ok(None)) && std::time::Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(20));
            }
            let _ = process.kill();
            let _ = process.wait();
        }
        self.kill_all();
        unmount_below(self.folder.path());
        if let Some(run_dir) = self.run_dir() {
            unmount_below(&run_dir);
            let _ = std::fs::remove_dir_all(run_dir);
        }
        let _ = Command::new("ip").args(["netns", "del", &self.name]).status();
        let _ = Command::new("ip").args(["link", "del", &self.link]).stderr(Stdio::null()).status();
    }
}

fn tail(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}
