//! Two replicas on three members of etcd, under writes, while either dies.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gantry_e2e::world::{binary, eventually, run};
use serde_json::Value;

/// How long anything may take that has to happen.
const PATIENCE: Duration = Duration::from_secs(120);

struct Cluster {
    folder: PathBuf,
    clients: Vec<u16>,
    peers: Vec<u16>,
    members: Vec<Option<Child>>,
}

impl Cluster {
    fn start(folder: &Path) -> Cluster {
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

    fn run(&mut self, at: usize) {
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

    fn kill(&mut self, at: usize) {
        end(self.members[at].take());
    }

    fn url(&self) -> String {
        let members: Vec<_> = self.clients.iter().map(|port| format!("127.0.0.1:{port}")).collect();
        format!("etcd://{}", members.join(","))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        (0..3).for_each(|at| self.kill(at));
    }
}

fn end(child: Option<Child>) {
    if let Some(mut child) = child {
        let _ = child.kill();
        let _ = child.wait();
    }
}

struct Replica {
    data: PathBuf,
    images: PathBuf,
    store: String,
    port: u16,
    tls_port: u16,
    process: Option<Child>,
}

impl Replica {
    fn new(folder: &Path, name: &str, store: &str) -> Replica {
        let ports = free_ports(2);
        Replica {
            data: folder.join(name),
            images: folder.join("images"),
            store: store.to_owned(),
            port: ports[0],
            tls_port: ports[1],
            process: None,
        }
    }

    fn run(&mut self) {
        let log = std::fs::File::create(self.data.with_extension("out")).unwrap();
        let child = Command::new(binary())
            .arg("--data-dir")
            .arg(&self.data)
            .args(["server", "--store", &self.store, "--name", &self.name()])
            .arg("--images-dir")
            .arg(&self.images)
            .args(["--listen", &format!("127.0.0.1:{}", self.port)])
            .args(["--listen-tls", &format!("127.0.0.1:{}", self.tls_port)])
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("the gantry binary is built");
        self.process = Some(child);
    }

    fn name(&self) -> String {
        self.data.file_name().unwrap().to_string_lossy().into_owned()
    }

    fn kill(&mut self) {
        end(self.process.take());
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.data.with_extension("out")).unwrap_or_default()
    }

    fn health(&self) -> Option<Value> {
        let url = format!("http://127.0.0.1:{}/_gantry/health", self.port);
        let output = Command::new("curl").args(["--silent", "--max-time", "5", &url]).output().ok()?;
        serde_json::from_slice(&output.stdout).ok()
    }

    fn role(&self) -> Option<String> {
        let health = self.health()?;
        let parts = health["parts"].as_array()?;
        let part = parts.iter().find(|part| part["name"] == "replica")?;
        Some(part["state"].as_str()?.to_owned())
    }

    fn leads(&self) -> bool {
        self.role().is_some_and(|role| role == "leads the loops")
    }

    /// A call of the API, signed by the administrator; what it answers or complains of.
    fn aws(&self, arguments: &[&str]) -> Result<Value, String> {
        let said = Command::new(binary()).arg("--data-dir").arg(&self.data).args(["--json", "env"]).output();
        let values: Value =
            serde_json::from_slice(&said.unwrap().stdout).map_err(|error| error.to_string())?;
        let mut command = Command::new("/usr/bin/aws");
        for (name, value) in values.as_object().unwrap() {
            command.env(name, value.as_str().unwrap());
        }
        let endpoint = format!("http://127.0.0.1:{}", self.port);
        command.args(["--endpoint-url", &endpoint, "--output", "json"]).args(arguments);
        command.env("AWS_MAX_ATTEMPTS", "1").env("AWS_PAGER", "").env("HOME", &self.data);
        let output = command.output().expect("the AWS CLI is installed");
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        Ok(serde_json::from_slice(&output.stdout).unwrap_or_default())
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- replica {}:\n{}", self.name(), self.said());
        }
        self.kill();
    }
}

fn free_ports(count: usize) -> Vec<u16> {
    let sockets: Vec<_> = (0..count).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    sockets.iter().map(|socket| socket.local_addr().unwrap().port()).collect()
}

/// Puts parameters by whichever replica answers, as clients behind one name do; what each was told.
fn write(
    writer: usize,
    replicas: &Mutex<Vec<Replica>>,
    stop: &AtomicBool,
    done: &AtomicUsize,
) -> BTreeMap<String, bool> {
    let mut told = BTreeMap::new();
    for n in 0.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let name = format!("/writer{writer}/{n}");
        let (data, port) = {
            let replicas = replicas.lock().unwrap();
            let replica = &replicas[(writer + n) % replicas.len()];
            (replica.data.clone(), replica.port)
        };
        let client =
            Replica { data, port, images: PathBuf::new(), store: String::new(), tls_port: 0, process: None };
        let put = ["ssm", "put-parameter", "--name", &name, "--type", "String", "--value", &name];
        let answer = client.aws(&put);
        if answer.is_ok() {
            done.fetch_add(1, Ordering::SeqCst);
        }
        told.insert(name, answer.is_ok());
    }
    told
}

/// Waits until some writes more are acknowledged.
#[track_caller]
fn progress(done: &AtomicUsize) {
    let before = done.load(Ordering::SeqCst);
    eventually("writes are acknowledged", PATIENCE, || {
        (done.load(Ordering::SeqCst) >= before + 2).then_some(())
    });
}

/// `GANTRY_CHAOS_SECONDS` has it go on for longer than one round.
#[test]
fn either_replica_and_any_member_may_die() {
    let folder = tempfile::Builder::new().prefix("gantry-e2e-").tempdir_in("/tmp").unwrap();
    let mut cluster = Cluster::start(folder.path());
    let mut one = Replica::new(folder.path(), "one", &cluster.url());
    let mut two = Replica::new(folder.path(), "two", &cluster.url());
    one.run();
    eventually("the first replica leads", PATIENCE, || one.leads().then_some(()));

    // A replica without the master key of the others is none.
    two.run();
    let refused = two.process.take().unwrap().wait_with_output().unwrap();
    assert!(!refused.status.success() && two.said().contains("master.key"), "{}", two.said());
    run(Command::new("mkdir").arg("-p").arg(&two.data));
    run(Command::new("cp")
        .arg("-r")
        .arg(one.data.join("master.key"))
        .arg(one.data.join("pki"))
        .arg(&two.data));
    two.run();
    eventually("the second replica knows who leads", PATIENCE, || {
        two.role().filter(|role| role.contains("follows") || role.contains("leads the loops"))
    });
    one.aws(&["ecs", "create-cluster", "--cluster-name", "shared"]).unwrap();
    let seen = two.aws(&["ecs", "list-clusters"]).unwrap();
    assert!(seen["clusterArns"][0].as_str().unwrap().ends_with(":cluster/shared"), "{seen}");
    two.aws(&["logs", "create-log-group", "--log-group-name", "g"]).unwrap();
    two.aws(&["logs", "create-log-stream", "--log-group-name", "g", "--log-stream-name", "s"]).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    let event = format!("timestamp={now},message=said");
    two.aws(&[
        "logs",
        "put-log-events",
        "--log-group-name",
        "g",
        "--log-stream-name",
        "s",
        "--log-events",
        &event,
    ])
    .unwrap();
    let events = one.aws(&["logs", "filter-log-events", "--log-group-name", "g"]).unwrap();
    assert_eq!(events["events"][0]["message"], "said");

    let replicas = Arc::new(Mutex::new(vec![one, two]));
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let writers: Vec<_> = (0..3)
        .map(|writer| {
            let (replicas, stop, done) = (replicas.clone(), stop.clone(), done.clone());
            std::thread::spawn(move || write(writer, &replicas, &stop, &done))
        })
        .collect();
    let seconds = std::env::var("GANTRY_CHAOS_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    let until = Instant::now() + Duration::from_secs(seconds.unwrap_or(0));
    let mut round = 0;
    loop {
        progress(&done);
        let leading =
            eventually("one leads", PATIENCE, || replicas.lock().unwrap().iter().position(Replica::leads));
        replicas.lock().unwrap()[leading].kill();
        // The other serves at once, and soon leads.
        progress(&done);
        eventually("the other leads", PATIENCE, || {
            replicas.lock().unwrap()[1 - leading].leads().then_some(())
        });
        cluster.kill(round % 3);
        progress(&done);
        cluster.run(round % 3);
        replicas.lock().unwrap()[leading].run();
        eventually("it is back", PATIENCE, || replicas.lock().unwrap()[leading].role());
        round += 1;
        if Instant::now() >= until {
            break;
        }
    }
    stop.store(true, Ordering::SeqCst);
    let told: BTreeMap<String, bool> =
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect();
    let replicas = replicas.lock().unwrap();
    let there = replicas[0].aws(&["ssm", "get-parameters-by-path", "--path", "/", "--recursive"]).unwrap();
    let there: BTreeMap<&str, i64> = there["Parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["Name"].as_str().unwrap(), one["Version"].as_i64().unwrap()))
        .collect();
    for (name, acknowledged) in &told {
        match there.get(name.as_str()) {
            Some(version) => assert_eq!(*version, 1, "{name} was written twice"),
            None => assert!(!acknowledged, "{name} was acknowledged and is lost"),
        }
    }
    assert!(there.len() >= told.values().filter(|acknowledged| **acknowledged).count());
}

#[test]
fn a_machine_s_state_moves_into_etcd_and_back() {
    let mut world = gantry_e2e::World::start();
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster", "--cluster-name", "moved"]);
    aws.ok(&["ssm", "put-parameter", "--name", "sealed", "--type", "SecureString", "--value", "still here"]);
    run(world.gantry().args(["down", "--stop-tasks"]));
    world.ended();

    let folder = tempfile::Builder::new().prefix("gantry-e2e-").tempdir_in("/tmp").unwrap();
    let cluster = Cluster::start(folder.path());
    let from = format!("redb:{}", world.data().display());
    let moved = run(Command::new(binary()).args([
        "--json",
        "store",
        "move",
        "--from",
        &from,
        "--to",
        &cluster.url(),
    ]));
    let moved: Value = serde_json::from_slice(&moved.stdout).unwrap();
    assert!(moved["keys"].as_u64().is_some_and(|keys| keys > 0), "{moved}");

    let mut replica = Replica::new(folder.path(), "replica", &cluster.url());
    run(Command::new("mkdir").arg("-p").arg(&replica.data));
    run(Command::new("cp")
        .arg("-r")
        .arg(world.data().join("master.key"))
        .arg(world.data().join("pki"))
        .arg(&replica.data));
    replica.run();
    eventually("the replica leads", PATIENCE, || replica.leads().then_some(()));
    let seen = replica.aws(&["ssm", "get-parameter", "--name", "sealed", "--with-decryption"]).unwrap();
    assert_eq!(seen["Parameter"]["Value"], "still here");
    replica.aws(&["ecs", "create-cluster", "--cluster-name", "in-etcd"]).unwrap();
    let back = folder.path().join("back");
    let to = format!("redb:{}", back.display());
    let moving = ["store", "move", "--from", &cluster.url(), "--to", &to];
    replica.kill();
    eventually("nobody leads any more", PATIENCE, || {
        Command::new(binary()).args(moving).output().ok().filter(|output| output.status.success())
    });

    let mut there = gantry_e2e::World::unstarted(&[]);
    std::fs::rename(&back, there.data()).unwrap();
    std::fs::copy(world.data().join("master.key"), there.data().join("master.key")).unwrap();
    there.up();
    let clusters = there.aws().ok(&["ecs", "list-clusters"]);
    assert_eq!(clusters["clusterArns"].as_array().map(Vec::len), Some(2), "{clusters}");
}
