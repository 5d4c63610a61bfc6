//! The command line.

use std::process::Command;

use gantry_e2e::World;
use gantry_e2e::world::{binary, run};
use serde_json::{Value, json};

fn as_json(command: &mut Command) -> Value {
    serde_json::from_slice(&run(command.arg("--json")).stdout).expect("JSON")
}

#[test]
fn status_env_and_logs_find_their_gantry() {
    let mut world = World::start();
    let status = as_json(world.gantry().arg("status"));
    assert_eq!(status["ready"], true, "{status}");
    let shell = String::from_utf8(run(world.gantry().arg("env")).stdout).unwrap();
    assert!(shell.contains(&format!("export AWS_ENDPOINT_URL=http://localhost:{}", world.port())), "{shell}");
    let own = as_json(world.gantry().arg("env"));
    let another = || as_json(world.gantry().args(["env", "--account", "222222222222"]));
    let (made, kept) = (another(), another());
    assert_eq!(made, kept, "an account's first key is made once");
    assert_ne!(made["AWS_ACCESS_KEY_ID"], own["AWS_ACCESS_KEY_ID"]);
    assert!(run(world.gantry().arg("logs")).stdout.starts_with(b"20"));
    let again = world.gantry().args(["up", "--listen", "127.0.0.1:0"]).output().unwrap();
    assert!(!again.status.success());
    let complaint = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(complaint.contains("in use"), "{complaint}");
    world.stop();
    assert!(!world.gantry().arg("status").output().unwrap().status.success());
    world.up();
}

#[test]
fn what_is_backed_up_comes_back() {
    let world = World::start();
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster", "--cluster-name", "kept"]);
    aws.ok(&["ssm", "put-parameter", "--name", "sealed", "--type", "SecureString", "--value", "still here"]);
    let file = world.folder().join("backup");
    let file_name = file.to_string_lossy().into_owned();
    run(world.gantry().args(["backup", &file_name]));
    assert!(
        !world.gantry().args(["backup", &file_name]).output().unwrap().status.success(),
        "it does not overwrite"
    );

    let other = world.sibling("other");
    run(other.gantry().args(["restore", &file_name]));
    for secret in ["master.key", "administrator.json"] {
        std::fs::copy(world.data().join(secret), other.data().join(secret)).unwrap();
    }
    assert!(
        !other.gantry().args(["restore", &file_name]).output().unwrap().status.success(),
        "only into an empty one"
    );
    let listen = format!("127.0.0.1:{}", other.port());
    let listen_tls = format!("127.0.0.1:{}", other.tls_port());
    run(other.gantry().args(["up", "--detach", "--listen", &listen, "--listen-tls", &listen_tls]));
    let there = other.aws();
    let clusters = there.ok(&["ecs", "list-clusters"]);
    let value = there.ok(&["ssm", "get-parameter", "--name", "sealed", "--with-decryption"]);
    run(other.gantry().args(["down", "--stop-tasks"]));
    assert!(!other.data().join("run").exists(), "nothing of a run is left");
    run(other.gantry().args(["down", "--purge"]));
    assert!(!other.data().exists(), "nothing at all is left");
    assert!(clusters["clusterArns"][0].as_str().unwrap().ends_with(":cluster/kept"));
    assert_eq!(value["Parameter"]["Value"], "still here");

    let half = world.folder().join("half");
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&half, &whole[..whole.len() / 2]).unwrap();
    let mut restore = Command::new(binary());
    restore.arg("--data-dir").arg(world.folder().join("third")).arg("restore").arg(&half);
    assert!(!restore.output().unwrap().status.success(), "half a backup is refused");
}

#[test]
fn two_live_side_by_side() {
    let (one, two) = (World::start(), World::start());
    one.aws().ok(&["ecs", "create-cluster", "--cluster-name", "one"]);
    assert_eq!(two.aws().ok(&["ecs", "list-clusters"])["clusterArns"], json!([]));
    let key = |name| one.aws().variable(name);
    let stranger = two.aws().with_keys(&key("AWS_ACCESS_KEY_ID"), &key("AWS_SECRET_ACCESS_KEY"), None);
    assert!(stranger.refused(&["sts", "get-caller-identity"]).contains("InvalidClientTokenId"));
}

#[test]
fn development_lets_every_key_in_and_can_be_emptied() {
    let world = World::start_with(&["--dev"]);
    let other = world.aws().with_keys("111122223333", "whatever", None);
    assert_eq!(other.ok(&["sts", "get-caller-identity"])["Account"], "111122223333");
    let any = world.aws().with_keys("test", "test", None);
    assert_eq!(any.ok(&["sts", "get-caller-identity"])["Account"], "000000000000");
    any.ok(&["ecs", "create-cluster", "--cluster-name", "gone-soon"]);
    assert_eq!(other.ok(&["ecs", "list-clusters"])["clusterArns"], json!([]), "accounts are apart");
    let (status, _) = world.curl(&["-X", "POST", &format!("{}/_gantry/reset", world.endpoint())]).unwrap();
    assert_eq!(status, 200);
    assert_eq!(any.ok(&["ecs", "list-clusters"])["clusterArns"], json!([]));
}
