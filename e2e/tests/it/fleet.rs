//! Several control planes of a test's own: members of etcd and replicas over them.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use gantry_e2e::world::{binary, free_port, run};
use serde_json::Value;

/// How long anything may take that has to happen.
pub const PATIENCE: Duration = Duration::from_secs(120);

pub struct Cluster {
    folder: PathBuf,
    clients: Vec<u16>,
    peers: Vec<u16>,
    members: Vec<Option<Child>>,
}

impl Cluster {
    pub fn start(folder: &Path) -> Cluster {
        let ports = free_ports(6);
        let mut cluster = Cluster {
            folder: folder.to_owned(),
            clients: ports[..3].to_vec(),
            peers: ports[3..].to_vec(),
            members: vec![None, None, None],
        };
        (0..3).for_each(|at| cluster.run(at));
        cluster
    }

    pub fn run(&mut self, at: usize) {
        let url = |port: u16| format!("http://127.0.0.1:{port}");
        let all: Vec<_> =
            self.peers.iter().enumerate().map(|(at, port)| format!("m{at}={}", url(*port))).collect();
        let (client, peer) = (url(self.clients[at]), url(self.peers[at]));
        let child = Command::new("etcd")
            .env_clear()
            .args(["--name", &format!("m{at}"), "--logger", "zap", "--log-level", "error"])
            .arg("--data-dir")
            .arg(self.folder.join(format!("m{at}")))
            .args(["--listen-client-urls", &client, "--advertise-client-urls", &client])
            .args(["--listen-peer-urls", &peer, "--initial-advertise-peer-urls", &peer])
            .args(["--initial-cluster", &all.join(",")])
            .args(["--max-txn-ops=10000", "--max-request-bytes=12582912"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("etcd is installed: cargo xtask test installs it");
        self.members[at] = Some(child);
    }

    pub fn kill(&mut self, at: usize) {
        end(self.members[at].take());
    }

    pub fn url(&self) -> String {
        let members: Vec<_> = self.clients.iter().map(|port| format!("127.0.0.1:{port}")).collect();
        format!("etcd://{}", members.join(","))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        (0..3).for_each(|at| self.kill(at));
    }
}

/// Kills a process.
pub fn end(child: Option<Child>) {
    if let Some(mut child) = child {
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// Where the images of replicas are.
#[derive(Clone)]
pub enum Images {
    /// In a folder.
    Folder(PathBuf),
    /// In an S3 store of that URL, with the id and the secret of a key.
    S3(String, &'static str, &'static str),
}

pub struct Replica {
    pub data: PathBuf,
    images: Images,
    store: String,
    pub port: u16,
    tls_port: u16,
    pub process: Option<Child>,
}

impl Replica {
    pub fn new(folder: &Path, name: &str, store: &str, images: &Images) -> Replica {
        let ports = free_ports(2);
        Replica {
            data: folder.join(name),
            images: images.clone(),
            store: store.to_owned(),
            port: ports[0],
            tls_port: ports[1],
            process: None,
        }
    }

    /// Takes what replicas have in common from another's data directory.
    pub fn share_keys(&self, from: &Path) {
        run(Command::new("mkdir").arg("-p").arg(&self.data));
        run(Command::new("cp").arg("-r").args([from.join("master.key"), from.join("pki")]).arg(&self.data));
    }

    pub fn run(&mut self) {
        let log = std::fs::File::create(self.data.with_extension("out")).unwrap();
        let mut command = Command::new(binary());
        command
            .arg("--data-dir")
            .arg(&self.data)
            .args(["server", "--store", &self.store, "--name", &self.name()])
            .args(["--listen", &format!("127.0.0.1:{}", self.port)])
            .args(["--listen-tls", &format!("127.0.0.1:{}", self.tls_port)])
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        match &self.images {
            Images::Folder(folder) => command.arg("--images-dir").arg(folder),
            Images::S3(url, id, secret) => command
                .args(["--images", url])
                .env("GANTRY_S3_ACCESS_KEY_ID", id)
                .env("GANTRY_S3_SECRET_ACCESS_KEY", secret),
        };
        self.process = Some(command.spawn().expect("the gantry binary is built"));
    }

    pub fn name(&self) -> String {
        self.data.file_name().unwrap().to_string_lossy().into_owned()
    }

    pub fn kill(&mut self) {
        end(self.process.take());
    }

    pub fn said(&self) -> String {
        std::fs::read_to_string(self.data.with_extension("out")).unwrap_or_default()
    }

    pub fn health(&self) -> Option<Value> {
        let url = format!("http://127.0.0.1:{}/_gantry/health", self.port);
        let output = Command::new("curl").args(["--silent", "--max-time", "5", &url]).output().ok()?;
        serde_json::from_slice(&output.stdout).ok()
    }

    pub fn role(&self) -> Option<String> {
        let health = self.health()?;
        let parts = health["parts"].as_array()?;
        let part = parts.iter().find(|part| part["name"] == "replica")?;
        Some(part["state"].as_str()?.to_owned())
    }

    pub fn leads(&self) -> bool {
        self.role().is_some_and(|role| role == "leads the loops")
    }

    /// A call of this replica's API; see [`aws`].
    pub fn aws(&self, arguments: &[&str]) -> Result<Value, String> {
        aws(&self.data, self.port, arguments)
    }
}

/// A call of the API at a port, signed by the administrator of a data directory; what it answers or complains of.
pub fn aws(data: &Path, port: u16, arguments: &[&str]) -> Result<Value, String> {
    let said = Command::new(binary()).arg("--data-dir").arg(data).args(["--json", "env"]).output();
    let values: Value = serde_json::from_slice(&said.unwrap().stdout).map_err(|error| error.to_string())?;
    let mut command = Command::new("/usr/bin/aws");
    for (name, value) in values.as_object().unwrap() {
        command.env(name, value.as_str().unwrap());
    }
    let endpoint = format!("http://127.0.0.1:{port}");
    command.args(["--endpoint-url", &endpoint, "--output", "json"]).args(arguments);
    command.env("AWS_MAX_ATTEMPTS", "1").env("AWS_PAGER", "").env("HOME", data);
    let output = command.output().expect("the AWS CLI is installed");
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(serde_json::from_str(&text).unwrap_or_else(|_| Value::from(text.trim())))
}

impl Drop for Replica {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- replica {}:\n{}", self.name(), self.said());
        }
        self.kill();
    }
}

/// Ports that nobody has.
pub fn free_ports(count: usize) -> Vec<u16> {
    (0..count).map(|_| free_port()).collect()
}
