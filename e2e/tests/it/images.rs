//! Images, as docker and skopeo move them.

use std::process::Command;

use gantry_e2e::world::run;
use gantry_e2e::{Docker, Image, World};
use serde_json::Value;

/// Resident memory of a process, in MiB: now, and the most it ever was.
fn memory(pid: u32) -> (u64, u64) {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let field = |name: &str| -> u64 {
        let line = status.lines().find(|line| line.starts_with(name)).expect("the kernel says it");
        line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("a number")
    };
    (field("VmRSS:") / 1024, field("VmHWM:") / 1024)
}

#[test]
fn docker_and_skopeo_push_and_pull_the_same_digest() {
    let world = World::start();
    let aws = world.aws();
    let (_, digest) = Image::script("echo hello").push(&world, "team/app");
    let images = aws.ok(&["ecr", "describe-images", "--repository-name", "team/app"]);
    assert_eq!(images["imageDetails"][0]["imageDigest"], digest.as_str());
    assert_eq!(images["imageDetails"][0]["imageTags"][0], "latest");

    let docker = Docker::start(world.folder());
    let registry = format!("localhost:{}", world.port());
    let password = aws.text(&["ecr", "get-login-password"]);
    let name = format!("{registry}/team/app:latest");
    let refused = docker.refused(&["pull", &name]);
    assert!(refused.contains("auth") || refused.contains("denied"), "{refused}");
    docker.ok(&["login", "--username", "AWS", "--password", password.trim(), &registry]);
    let pulled = docker.ok(&["pull", &name]);
    assert!(pulled.contains(&digest), "{pulled}");

    let second = format!("{registry}/team/app:second");
    docker.ok(&["tag", &name, &second]);
    let nowhere = format!("{registry}/team/nothing:x");
    docker.ok(&["tag", &name, &nowhere]);
    let refused = docker.refused(&["push", &nowhere]);
    assert!(refused.contains("does not exist"), "{refused}");
    let pushed = docker.ok(&["push", &second]);
    let pushed =
        pushed.split("digest: ").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("a digest");
    let inspected = run(Command::new("skopeo")
        .args(["inspect", "--tls-verify=false", "--creds", &format!("AWS:{}", password.trim())])
        .arg(format!("docker://{second}")));
    let inspected: Value = serde_json::from_slice(&inspected.stdout).expect("JSON");
    assert_eq!(inspected["Digest"], pushed);
}

#[test]
fn a_large_layer_leaves_memory_flat() {
    const LAYER: usize = 512 * 1024 * 1024;
    let world = World::start();
    Image::script("true").push(&world, "warm");
    let (before, _) = memory(world.pid());
    let mut noise = vec![0u8; LAYER];
    let mut state = 1u64;
    for chunk in noise.chunks_exact_mut(8) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        chunk.copy_from_slice(&state.to_le_bytes());
    }
    let (_, digest) = Image::script("true").with_layer("data/noise", noise).push(&world, "large");
    let password = world.aws().text(&["ecr", "get-login-password"]);
    run(Command::new("skopeo")
        .args(["copy", "--quiet", "--insecure-policy", "--src-tls-verify=false"])
        .args(["--src-creds", &format!("AWS:{}", password.trim())])
        .arg(format!("docker://localhost:{}/large@{digest}", world.port()))
        .arg(format!("dir:{}", world.folder().join("pulled").display())));
    let (_, most) = memory(world.pid());
    assert!(most < before + 100, "{before} MiB before, {most} MiB at the most");
}
