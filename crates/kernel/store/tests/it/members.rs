//! An etcd cluster of our own: members with their own folders and ports, which can be killed and started again.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gantry_store::{Etcd, Location};

/// What Gantry asks of its members.
const FLAGS: &[&str] = &["--max-txn-ops=10000", "--max-request-bytes=12582912", "--log-level=error"];

pub struct Members {
    folder: tempfile::TempDir,
    clients: Vec<u16>,
    peers: Vec<u16>,
    running: Vec<Option<Child>>,
    flags: Vec<String>,
}

impl Members {
    /// Starts so many members and waits until they answer.
    pub async fn start(count: usize) -> Members {
        let members = Self::start_with(count, FLAGS);
        let location = members.location("ready");
        let deadline = Instant::now() + Duration::from_secs(120);
        while let Err(error) = Etcd::open(&location).await {
            assert!(Instant::now() < deadline, "the members do not answer: {error}\n{}", members.said());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        members
    }

    pub fn start_with(count: usize, flags: &[&str]) -> Members {
        // In memory where there is such a folder: what is killed has been written all the same.
        let memory = Path::new("/dev/shm");
        let base = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let folder = tempfile::Builder::new().prefix("gantry-etcd-").tempdir_in(base).unwrap();
        let ports = free_ports(2 * count);
        let mut members = Members {
            folder,
            clients: ports[..count].to_vec(),
            peers: ports[count..].to_vec(),
            running: (0..count).map(|_| None).collect(),
            flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
        };
        for at in 0..count {
            members.run(at);
        }
        members
    }

    pub fn location(&self, prefix: &str) -> Location {
        self.url(prefix).parse().unwrap()
    }

    pub fn url(&self, prefix: &str) -> String {
        let members: Vec<_> = self.clients.iter().map(|port| format!("127.0.0.1:{port}")).collect();
        format!("etcd://{}/{prefix}", members.join(","))
    }

    fn dir(&self, at: usize) -> PathBuf {
        self.folder.path().join(format!("m{at}"))
    }

    fn said(&self) -> String {
        let read = |at| std::fs::read_to_string(self.dir(at).with_extension("log")).unwrap_or_default();
        (0..self.clients.len()).map(read).collect::<Vec<_>>().join("\n")
    }

    /// Starts a member that does not run.
    pub fn run(&mut self, at: usize) {
        let peer = |port: u16| format!("http://127.0.0.1:{port}");
        let secure = self.flags.iter().any(|flag| flag.starts_with("--cert-file"));
        let cluster: Vec<_> =
            self.peers.iter().enumerate().map(|(at, port)| format!("m{at}={}", peer(*port))).collect();
        let log = std::fs::File::create(self.dir(at).with_extension("log")).unwrap();
        let scheme = if secure { "https" } else { "http" };
        let client = format!("{scheme}://127.0.0.1:{}", self.clients[at]);
        let child = Command::new("etcd")
            .env_clear()
            .args(["--name", &format!("m{at}"), "--data-dir", &path(&self.dir(at))])
            .args(["--listen-client-urls", &client, "--advertise-client-urls", &client])
            .args(["--listen-peer-urls", &peer(self.peers[at])])
            .args(["--initial-advertise-peer-urls", &peer(self.peers[at])])
            .args(["--initial-cluster", &cluster.join(","), "--logger", "zap"])
            .args(&self.flags)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("etcd is installed: cargo xtask test installs it");
        assert!(self.running[at].replace(child).is_none(), "it runs");
    }

    /// `kill -9`.
    pub fn kill(&mut self, at: usize) {
        let mut child = self.running[at].take().expect("it runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

impl Drop for Members {
    fn drop(&mut self) {
        for child in self.running.iter_mut().flatten() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn path(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn free_ports(count: usize) -> Vec<u16> {
    let sockets: Vec<_> = (0..count).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    sockets.iter().map(|socket| socket.local_addr().unwrap().port()).collect()
}
