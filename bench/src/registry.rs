//! Pushing and pulling a gibibyte in ten layers, beside Debian's docker-registry.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gantry_e2e::world::{eventually, run};
use gantry_e2e::{Image, World};

use crate::report::{Aim, Report};

const LAYERS: usize = 10;
const LAYER_BYTES: usize = 1024 * 1024 * 1024 / LAYERS;

struct Peer(Child);

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Both ways with skopeo, which is the same client for both.
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
    add(report, "push 1 GiB in 10 layers", pushed);
    let into = |name: &str| format!("dir:{}", world.folder().join(name).display());
    let pulled = [
        timed(|| skopeo(&["--src-tls-verify=false", "--src-creds", &credentials], &ours, &into("ours"))),
        timed(|| skopeo(&["--src-tls-verify=false"], &theirs, &into("theirs"))),
    ];
    add(report, "pull 1 GiB in 10 layers", pulled);
    drop(peer);
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
