//! Starts that fail, ends that come early, and a disk that fills.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use gantry_e2e::world::{binary, eventually, run};
use gantry_e2e::{Image, World};
use serde_json::{Value, json};

use crate::{define, execution_role, run_tasks};

fn complaint(output: &Output) -> String {
    assert!(!output.status.success(), "it was not refused");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn gantry(data: &Path) -> Command {
    let mut command = Command::new(binary());
    command.arg("--data-dir").arg(data).stdin(Stdio::null());
    command
}

#[test]
fn what_fails_at_the_start_leaves_nothing() {
    let folder = tempfile::Builder::new().prefix("gantry-e2e-").tempdir_in("/tmp").unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let data = folder.path().join("data");
    for more in [&[][..], &["--detach"][..]] {
        let refused = gantry(&data).args(["up", "--listen", &taken]).args(more).output().unwrap();
        let refused = complaint(&refused);
        assert!(refused.contains(&taken) && refused.contains("--listen"), "{refused}");
        assert!(!data.exists(), "{more:?} left {}", data.display());
    }
    let broken = folder.path().join("broken");
    std::fs::write(&broken, "no backup").unwrap();
    complaint(&gantry(&data).arg("restore").arg(&broken).output().unwrap());
    assert!(!data.exists(), "restore left {}", data.display());
}

#[test]
fn down_is_heard_from_the_first_moment() {
    let folder = tempfile::Builder::new().prefix("gantry-e2e-").tempdir_in("/tmp").unwrap();
    let data = folder.path().join("data");
    let mut up = gantry(&data);
    up.args(["up", "--listen", "127.0.0.1:0"]).stdout(Stdio::null());
    let said = std::fs::File::create(folder.path().join("said")).unwrap();
    let mut up = up.stderr(said).spawn().unwrap();
    eventually("it claims its directory", Duration::from_secs(60), || {
        data.join("run/up.lock").exists().then_some(())
    });
    let down = gantry(&data).args(["down", "--stop-tasks"]).output();
    let deadline = Instant::now() + Duration::from_secs(10);
    let mut ended = up.try_wait().unwrap();
    while ended.is_none() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
        ended = up.try_wait().unwrap();
    }
    if ended.is_none() {
        up.kill().unwrap();
        up.wait().unwrap();
    }
    let down = down.unwrap();
    assert!(down.status.success(), "{}", String::from_utf8_lossy(&down.stderr));
    assert!(ended.is_some(), "it goes on: {}", String::from_utf8_lossy(&down.stdout));
    let said = std::fs::read_to_string(folder.path().join("said")).unwrap();
    assert!(ended.is_some_and(|status| status.success()), "{said}");
    assert!(!data.join("run").exists(), "what only runs have is left: {said}");
}

#[test]
fn what_can_t_be_read_is_said_in_words() {
    let mut world = World::start();
    world.stop();
    let refused = |world: &World| {
        let output = world.gantry().args(["up", "--listen", "127.0.0.1:0"]).output().unwrap();
        complaint(&output)
    };
    let key = world.data().join("master.key");
    let kept = std::fs::read(&key).unwrap();
    std::fs::write(&key, [7; 32]).unwrap();
    let said = refused(&world);
    assert!(said.contains("master.key") && !said.contains("Internal("), "{said}");
    std::fs::write(&key, kept).unwrap();

    for (folder, hint) in [("store", "gantry restore"), ("logs", "gantry restore")] {
        let file = world.data().join(folder).join("store.redb");
        let whole = std::fs::read(&file).unwrap();
        std::fs::write(&file, &whole[..5000]).unwrap();
        let said = refused(&world);
        assert!(said.contains(&*file.to_string_lossy()) && said.contains(hint), "{said}");
        std::fs::write(&file, whole).unwrap();
    }
    world.up();
}

/// What a task wrote is garbage once it has ended: that this can be written down takes space that was kept.
#[test]
fn a_task_that_fills_the_disk_ends_and_leaves_it_empty() {
    let mut world = World::unstarted(&[]);
    std::fs::create_dir_all(world.data()).unwrap();
    run(Command::new("mount").args(["-t", "tmpfs", "-o", "size=200m", "gantry-e2e"]).arg(world.data()));
    world.up();
    let image = Image::script("busybox dd if=/dev/zero of=/big bs=1048576 count=400; exit 6");
    let aws = world.aws();
    let execution = execution_role(&aws);
    define(&world, "greedy", &image, json!({}), json!({ "executionRoleArn": execution }));
    let arn = run_tasks(&aws, "greedy", 1).remove(0);
    let task = eventually("the task ends", Duration::from_secs(120), || {
        // While the disk is full, calls may be refused.
        let output = aws.command(&["ecs", "describe-tasks", "--tasks", &arn]).output().unwrap();
        let said: Value = serde_json::from_slice(&output.stdout).ok()?;
        (said["tasks"][0]["lastStatus"] == "STOPPED").then(|| said["tasks"][0].clone())
    });
    assert_eq!(task["containers"][0]["exitCode"], 6, "{task}");
    eventually("it writes, and keeps space again", Duration::from_secs(60), || {
        let healthy = world.get("/_gantry/health").is_ok_and(|answer| answer.0 == 200);
        let kept = std::fs::metadata(world.data().join("reserve")).is_ok_and(|file| file.len() > 0);
        (healthy && kept).then_some(())
    });
}

#[test]
fn a_full_disk_is_said_and_got_over() {
    let mut world = World::unstarted(&[]);
    let store = world.data().join("store");
    std::fs::create_dir_all(&store).unwrap();
    let key = world.data().join("master.key");
    std::fs::write(&key, [7; 32]).unwrap();
    // A key that others can read is refused.
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    run(Command::new("mount").args(["-t", "tmpfs", "-o", "size=24m", "gantry-e2e"]).arg(&store));
    world.up();
    let aws = world.aws();
    let value = "x".repeat(4000);
    let put = |n: usize| {
        let name = format!("/full/{n}");
        let arguments = ["ssm", "put-parameter", "--name", &name, "--type", "String", "--value", &value];
        aws.command(&arguments).env("AWS_MAX_ATTEMPTS", "1").output().unwrap()
    };
    assert!(put(0).status.success());
    let filler = store.join("filler");
    // The copy ends when the disk is full.
    let _ = std::fs::write(&filler, vec![1; 32 << 20]);
    let mut kept = 1;
    let said = eventually("the disk fills, and that is said everywhere", Duration::from_secs(300), || {
        let output = put(kept);
        if output.status.success() {
            kept += 1;
            return None;
        }
        let refused = String::from_utf8_lossy(&output.stderr).into_owned();
        let (status, health) = world.get("/_gantry/health").ok()?;
        let shown = world.gantry().arg("status").output().unwrap();
        let said = refused.contains("ServiceUnavailable") && status == 503 && !shown.status.success();
        said.then_some(health)
    });
    assert!(said.contains("can't write"), "{said}");
    assert_eq!(aws.ok(&["ssm", "get-parameter", "--name", "/full/0"])["Parameter"]["Name"], "/full/0");

    std::fs::remove_file(&filler).unwrap();
    eventually("it writes again", Duration::from_secs(60), || {
        world.get("/_gantry/health").is_ok_and(|answer| answer.0 == 200).then_some(())
    });
    assert!(put(kept).status.success());
    let all = aws.ok(&["ssm", "get-parameters-by-path", "--path", "/full", "--recursive"]);
    assert_eq!(all["Parameters"].as_array().unwrap().len(), kept + 1);
}
