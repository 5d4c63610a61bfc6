//! Two replicas on three members of etcd, under writes, while either dies.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gantry_e2e::world::{binary, eventually, run};
use serde_json::{Value, json};

use crate::fleet::{Cluster, Images, PATIENCE, Replica, aws};

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
        let put = ["ssm", "put-parameter", "--name", &name, "--type", "String", "--value", &name];
        let answer = aws(&data, port, &put);
        if answer.is_ok() {
            done.fetch_add(1, Ordering::SeqCst);
        }
        told.insert(name, answer.is_ok());
    }
    told
}

/// Writes to one replica without the AWS CLI, which takes longer to begin than a replica to answer.
struct Probe {
    url: String,
    user: String,
}

impl Probe {
    fn of(replica: &Replica) -> Probe {
        let said = run(Command::new(binary()).arg("--data-dir").arg(&replica.data).args(["--json", "env"]));
        let values: Value = serde_json::from_slice(&said.stdout).unwrap();
        let text = |name: &str| values[name].as_str().unwrap().to_owned();
        Probe {
            url: format!("http://127.0.0.1:{}/", replica.port),
            user: format!("{}:{}", text("AWS_ACCESS_KEY_ID"), text("AWS_SECRET_ACCESS_KEY")),
        }
    }

    /// How long it takes until a write is acknowledged.
    fn back(&self, name: &str) -> Duration {
        let begun = Instant::now();
        let body = json!({ "Name": name, "Type": "String", "Value": name, "Overwrite": true }).to_string();
        eventually("a write is acknowledged", PATIENCE, || {
            let output = Command::new("curl")
                .args(["--silent", "--fail", "--max-time", "10", "--aws-sigv4", "aws:amz:us-east-1:ssm"])
                .args(["--user", &self.user, "--header", "X-Amz-Target: AmazonSSM.PutParameter"])
                .args(["--header", "Content-Type: application/x-amz-json-1.1", "--data", &body, &self.url])
                .output();
            output.ok().filter(|output| output.status.success())
        });
        begun.elapsed()
    }
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
    let images = Images::Folder(folder.path().join("images"));
    let mut one = Replica::new(folder.path(), "one", &cluster.url(), &images);
    let mut two = Replica::new(folder.path(), "two", &cluster.url(), &images);
    one.run();
    eventually("the first replica leads", PATIENCE, || one.leads().then_some(()));

    // A replica without the master key of the others is none.
    two.run();
    let refused = two.process.take().unwrap().wait_with_output().unwrap();
    assert!(!refused.status.success() && two.said().contains("master.key"), "{}", two.said());
    two.share_keys(&one.data);
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
    let mut times = Vec::new();
    loop {
        progress(&done);
        let leading =
            eventually("one leads", PATIENCE, || replicas.lock().unwrap().iter().position(Replica::leads));
        let killed = Instant::now();
        replicas.lock().unwrap()[leading].kill();
        // The other serves at once, and soon leads.
        let other = Probe::of(&replicas.lock().unwrap()[1 - leading]);
        let served = other.back(&format!("/probe/{round}/replica"));
        eventually("the other leads", PATIENCE, || {
            replicas.lock().unwrap()[1 - leading].leads().then_some(())
        });
        let led = killed.elapsed();
        progress(&done);
        cluster.kill(round % 3);
        let stored = other.back(&format!("/probe/{round}/member"));
        times.push((served, led, stored));
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
    let slowest = |of: fn(&(Duration, Duration, Duration)) -> Duration| times.iter().map(of).max().unwrap();
    eprintln!(
        "{round} rounds; the slowest: a write after a replica's death {:?}, another leader {:?}, a write after a \
         member's death {:?}",
        slowest(|times| times.0),
        slowest(|times| times.1),
        slowest(|times| times.2)
    );
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
    world.down();

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

    let images = Images::Folder(folder.path().join("images"));
    let mut replica = Replica::new(folder.path(), "replica", &cluster.url(), &images);
    replica.share_keys(&world.data());
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
