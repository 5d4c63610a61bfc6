//! Pushing and pulling a gibibyte in ten layers, beside Debian's docker-registry.

mod thin;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use gantry_e2e::world::{eventually, run};
use gantry_e2e::{Image, World};
use sha2::Digest;

use crate::report::{Aim, Report, median};

use thin::{Layer, Remote};

const LAYERS: usize = 10;
const LAYER_BYTES: usize = 1024 * 1024 * 1024 / LAYERS;

struct Peer(Child);

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// How often each way is measured; the middle one counts.
const ROUNDS: usize = 5;

/// Both ways with skopeo, which is the same client for both and busier than either, and with a client that does
/// next to nothing.
pub fn push_and_pull(report: &mut Report) {
    let world = World::start();
    let aws = world.aws();
    aws.ok(&["ecr", "create-repository", "--repository-name", "bench"]);
    let password = aws.text(&["ecr", "get-login-password"]);
    let credentials = format!("AWS:{}", password.trim());
    let (peer, peer_port) = docker_registry(world.folder());

    let image = (0..LAYERS).fold(Image::script("true"), |image, layer| {
        image.with_layer(&format!("data/{layer}"), noise(layer as u64))
    });
    let (layout, _) = image.write(&world.folder().join("image"));
    let source = format!("oci:{}:latest", layout.display());
    let ours = format!("docker://127.0.0.1:{}/bench:latest", world.port());
    let theirs = format!("docker://127.0.0.1:{peer_port}/bench:latest");

    let pushed = [
        timed(|| skopeo(&["--dest-tls-verify=false", "--dest-creds", &credentials], &source, &ours)),
        timed(|| skopeo(&["--dest-tls-verify=false"], &source, &theirs)),
    ];
    add(report, "push 1 GiB in 10 layers, skopeo", pushed);
    let into = |name: &str| format!("dir:{}", world.folder().join(name).display());
    let pulled = [
        timed(|| skopeo(&["--src-tls-verify=false", "--src-creds", &credentials], &ours, &into("ours"))),
        timed(|| skopeo(&["--src-tls-verify=false"], &theirs, &into("theirs"))),
    ];
    add(report, "pull 1 GiB in 10 layers, skopeo", pulled);
    for folder in ["ours", "theirs"] {
        std::fs::remove_dir_all(world.folder().join(folder)).expect("the bench's own folder");
    }

    let basic = base64::engine::general_purpose::STANDARD.encode(credentials);
    let ours =
        Remote { port: world.port(), repository: "bench", authorization: Some(format!("Basic {basic}")) };
    let theirs = Remote { port: peer_port, repository: "bench", authorization: None };
    let pulled = rounds(|_| {
        let pull = |remote: &Remote| timed(|| _ = remote.pull("latest").expect("a pull"));
        [pull(&ours), pull(&theirs)]
    });
    add(report, "pull 1 GiB in 10 layers, thin client", pulled);
    let pushed = rounds(|round| {
        // Nothing that is there already.
        let layers: Vec<Layer> = (0..LAYERS).map(|layer| new_layer(round * LAYERS + layer)).collect();
        let push = |remote: &Remote| timed(|| _ = remote.push(&layers).expect("a push"));
        [push(&ours), push(&theirs)]
    });
    add(report, "push 1 GiB in 10 layers, thin client", pushed);
    drop(peer);
}

/// The middle of some rounds, ours and the peer's.
fn rounds(mut round: impl FnMut(usize) -> [f64; 2]) -> [f64; 2] {
    let all: Vec<[f64; 2]> = (0..ROUNDS).map(&mut round).collect();
    [0, 1].map(|side| median(all.iter().map(|times| times[side]).collect()))
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
