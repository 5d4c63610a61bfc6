//! Pushing and pulling a gibibyte in ten layers, beside Debian's docker-registry.

mod thin;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use gantry_e2e::world::{eventually, run};
use gantry_e2e::{Image, World};
use sha2::Digest;

use crate::report::{Aim, Report};

use thin::{Layer, Remote};

const LAYERS: usize = 10;
/// How often skopeo moves the image each way.
const SKOPEO_ROUNDS: usize = 5;
const LAYER_BYTES: usize = 1024 * 1024 * 1024 / LAYERS;

struct Peer(Child);

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Both ways with skopeo, which is the same client for both and busier than either, and with a client that does
/// next to nothing.
pub fn push_and_pull(report: &mut Report) {
    let world = World::start();
    let aws = world.aws();
    aws.ok(&["ecr", "create-repository", "--repository-name", "bench"]);
    let password = aws.text(&["ecr", "get-login-password"]);
    let credentials = format!("AWS:{}", password.trim());
    let (peer, peer_port) = docker_registry(world.folder());

    let servers = [world.pid(), peer.0.id()];
    let ours = format!("docker://127.0.0.1:{}/bench:latest", world.port());
    let theirs = format!("docker://127.0.0.1:{peer_port}/bench:latest");
    let pushed = rounds(SKOPEO_ROUNDS, servers, |round| {
        // Nothing that is there already.
        let image = (0..LAYERS).fold(Image::script("true"), |image, layer| {
            image.with_layer(&format!("data/{layer}"), noise((round * LAYERS + layer) as u64))
        });
        let (layout, _) = image.write(&world.folder().join("image"));
        let source = format!("oci:{}:latest", layout.display());
        let times = in_turn(
            round,
            [&|| skopeo(&["--dest-tls-verify=false", "--dest-creds", &credentials], &source, &ours), &|| {
                skopeo(&["--dest-tls-verify=false"], &source, &theirs)
            }],
        );
        remove(&layout);
        times
    });
    add(report, "push 1 GiB in 10 layers, skopeo", pushed.times);
    let pulled = rounds(SKOPEO_ROUNDS, servers, |round| {
        let into = |name: &str| format!("dir:{}", world.folder().join(name).display());
        let times = in_turn(
            round,
            [
                &|| skopeo(&["--src-tls-verify=false", "--src-creds", &credentials], &ours, &into("ours")),
                &|| skopeo(&["--src-tls-verify=false"], &theirs, &into("theirs")),
            ],
        );
        for folder in ["ours", "theirs"] {
            remove(&world.folder().join(folder));
        }
        times
    });
    add(report, "pull 1 GiB in 10 layers, skopeo", pulled.times);
    add(report, "pull 1 GiB by skopeo, the server's processor time", pulled.cpu);

    let basic = base64::engine::general_purpose::STANDARD.encode(credentials);
    let ours =
        Remote { port: world.port(), repository: "bench", authorization: Some(format!("Basic {basic}")) };
    let theirs = Remote { port: peer_port, repository: "bench", authorization: None };
    let pulled = rounds(9, servers, |_| {
        let pull = |remote: &Remote| timed(|| _ = remote.pull("latest").expect("a pull"));
        [pull(&ours), pull(&theirs)]
    });
    add(report, "pull 1 GiB in 10 layers, thin client", pulled.times);
    add(report, "pull 1 GiB, the server's processor time", pulled.cpu);
    let pushed = rounds(5, servers, |round| {
        // Nothing that is there already.
        let layers: Vec<Layer> = (0..LAYERS).map(|layer| new_layer(round * LAYERS + layer)).collect();
        let push = |remote: &Remote| timed(|| _ = remote.push(&layers).expect("a push"));
        [push(&ours), push(&theirs)]
    });
    add(report, "push 1 GiB in 10 layers, thin client", pushed.times);
    add(report, "push 1 GiB, the server's processor time", pushed.cpu);
    drop(peer);
}

/// What some rounds took, ours and the peer's.
struct Rounds {
    /// The shortest of each, in seconds: what else the machine does only makes them longer.
    times: [f64; 2],
    /// The processor time of each server in one round, in seconds.
    cpu: [f64; 2],
}

fn rounds(number: usize, servers: [u32; 2], round: impl FnMut(usize) -> [f64; 2]) -> Rounds {
    let before = servers.map(processor_time);
    let all: Vec<[f64; 2]> = (0..number).map(round).collect();
    let after = servers.map(processor_time);
    let shortest = |side: usize| all.iter().map(|times| times[side]).fold(f64::INFINITY, f64::min);
    Rounds {
        times: [shortest(0), shortest(1)],
        cpu: [0, 1].map(|side| (after[side] - before[side]) / number as f64),
    }
}

/// How long both take, each first in every other round: what is written last time is on its way to the disk yet.
fn in_turn(round: usize, both: [&dyn Fn(); 2]) -> [f64; 2] {
    match round % 2 {
        0 => both.map(timed),
        _ => {
            let [first, second] = both;
            let second = timed(second);
            [timed(first), second]
        }
    }
}

fn remove(folder: &Path) {
    std::fs::remove_dir_all(folder).expect("the bench's own folder");
}

/// The processor time that a process has had so far, in seconds.
fn processor_time(pid: u32) -> f64 {
    // Linux tells it in hundredths of a second, on every machine that Gantry runs on.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("the server runs");
    let after_name = stat.rsplit(')').next().expect("a split gives at least one part");
    let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / TICKS
}

fn new_layer(number: usize) -> Layer {
    let content = noise(1000 + number as u64);
    let digest = sha2::Sha256::digest(&content);
    (format!("sha256:{}", hex::encode(digest)), content)
}

fn add(report: &mut Report, what: &str, [ours, theirs]: [f64; 2]) {
    let peer = format!("registry {theirs:.2} s");
    report.add(what, format!("{ours:.2} s"), peer, theirs / ours, Aim::AtLeast(1.5));
}

fn timed(work: impl FnOnce()) -> f64 {
    let began = Instant::now();
    work();
    began.elapsed().as_secs_f64()
}

fn skopeo(options: &[&str], from: &str, to: &str) {
    run(Command::new("skopeo").args(["copy", "--quiet", "--insecure-policy"]).args(options).args([from, to]));
}

fn docker_registry(folder: &Path) -> (Peer, u16) {
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|socket| socket.local_addr())
        .expect("a free port")
        .port();
    let config = folder.join("registry.yml");
    let text = format!(
        "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: 127.0.0.1:{port}}}\n",
        folder.join("registry").display()
    );
    std::fs::write(&config, text).expect("the bench's own folder");
    let child = Command::new("docker-registry")
        .arg("serve")
        .arg(config)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("docker-registry is installed");
    let peer = Peer(child);
    eventually("docker-registry answers", Duration::from_secs(20), || {
        std::net::TcpStream::connect(("127.0.0.1", port)).ok()
    });
    (peer, port)
}

/// Bytes that don't compress, the same for the same seed.
fn noise(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(LAYER_BYTES);
    while bytes.len() < LAYER_BYTES {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(LAYER_BYTES);
    bytes
}
