//! Looking into running containers: `gantry exec`, and `aws ecs execute-command` with a plugin that speaks as AWS's
//! does.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output, Stdio};

use gantry_e2e::world::{eventually, python};
use gantry_e2e::{Aws, Image, World};
use serde_json::{Value, json};

use crate::{PATIENCE, define, execution_role, lines_of, role, wait_for};

const AT_TERMINAL: &str = include_str!("at_terminal.py");
const PLUGIN: &str = include_str!("session_manager_plugin.py");

/// Runs a task of that family on Fargate that may be looked into; its ARN, once it runs.
fn run(aws: &Aws, family: &str) -> String {
    let subnets = aws.ok(&["ec2", "describe-subnets"]);
    let subnet = subnets["Subnets"][0]["SubnetId"].as_str().expect("a subnet");
    let network = format!("awsvpcConfiguration={{subnets=[{subnet}],assignPublicIp=ENABLED}}");
    let arguments = ["ecs", "run-task", "--launch-type", "FARGATE", "--task-definition", family];
    let more = ["--enable-execute-command", "--network-configuration", &network];
    let started = aws.ok(&[&arguments[..], &more[..]].concat());
    let agent = &started["tasks"][0]["containers"][0]["managedAgents"][0];
    assert_eq!((&agent["name"], &agent["lastStatus"]), (&json!("ExecuteCommandAgent"), &json!("PENDING")));
    let arn = started["tasks"][0]["taskArn"].as_str().expect("an ARN").to_owned();
    let running = wait_for(aws, &arn, "RUNNING");
    let agent = &running["containers"][0]["managedAgents"][0];
    assert_eq!(agent["lastStatus"], "RUNNING", "{running}");
    assert!(agent["lastStartedAt"].is_string() || agent["lastStartedAt"].is_number(), "{running}");
    arn
}

/// The command with a terminal of 30 rows and 100 columns, at which the plan is carried out.
fn at_terminal(plan: &Value, command: &Command) -> Command {
    let mut wrapped = Command::new(python());
    wrapped.arg("-c").arg(AT_TERMINAL).arg(plan.to_string());
    wrapped.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => wrapped.env(name, value),
            None => wrapped.env_remove(name),
        };
    }
    wrapped
}

fn shown(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn exec(world: &World, what: &str, command: &[&str]) -> Command {
    let mut gantry = world.gantry();
    gantry.args(["exec", what]);
    if !command.is_empty() {
        gantry.arg("--").args(command);
    }
    gantry
}

#[test]
fn gantry_exec_is_a_shell_with_a_terminal_or_pipes_and_works_again_after_a_crash() {
    let mut world = World::start();
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster"]);
    let task_role = role(&aws, "worker");
    let over = json!({ "executionRoleArn": execution_role(&aws), "taskRoleArn": task_role });
    let more = json!({ "user": "app", "workingDirectory": "/tmp", "environment": [{ "name": "COLOUR", "value": "blue" }] });
    define(&world, "shell", &Image::script("trap 'exit 0' TERM; while :; do sleep 0.2; done"), more, over);
    let arn = run(&aws, "shell");
    let id = arn.rsplit('/').next().unwrap();

    let plan = json!([
        { "wait": "$ " },
        { "send": "echo at $(busybox stty size) as $(id -u) in $(pwd) with $COLOUR\n" },
        { "wait": "at 30 100 as 1000 in /tmp with blue" },
        { "size": [51, 133] },
        { "send": "sleep 0.3; echo now $(busybox stty size)\n" },
        { "wait": "now 51 133" },
        { "send": "(sleep 0.5; echo slee''ping) & sleep 1000\n" }, { "wait": "sleeping" }, { "send": "\u{3}" },
        { "wait": "^C" }, { "wait": "$ " }, { "send": "echo interrupted $((40 + 2))\n" },
        { "wait": "interrupted 42" },
        { "send": "wget -qO- http://169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI | grep -o role/worker\n" },
        { "wait": "\nrole/worker" },
        { "send": "exit 7\n" },
    ]);
    let first = at_terminal(&plan, &exec(&world, &id[..8], &[])).stdout(Stdio::piped()).spawn().unwrap();
    // Another at the same time, of the same container.
    let other = at_terminal(&plan, &exec(&world, "shell", &["/bin/sh", "-i"])).output().unwrap();
    assert_eq!(other.status.code(), Some(7), "{}", shown(&other));
    let first = first.wait_with_output().unwrap();
    assert_eq!(first.status.code(), Some(7), "{}", shown(&first));

    world.kill();
    world.up();
    let sent: Vec<u8> = (0..1_000_000u32).map(|number| (number % 253) as u8).collect();
    let mut piped = exec(&world, &arn, &["/bin/sh", "-c", "cat; echo over >&2; exit 3"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = piped.stdin.take().unwrap();
    let writing = sent.clone();
    let writer = std::thread::spawn(move || stdin.write_all(&writing).unwrap());
    let piped = piped.wait_with_output().unwrap();
    writer.join().unwrap();
    assert_eq!(piped.status.code(), Some(3), "{}", String::from_utf8_lossy(&piped.stderr));
    assert!(piped.stdout == sent, "{} bytes of {}", piped.stdout.len(), sent.len());
    assert_eq!(String::from_utf8_lossy(&piped.stderr), "over\n");

    let missing = exec(&world, &arn, &["/no/such/program"]).stdin(Stdio::null()).output().unwrap();
    assert_eq!(missing.status.code(), Some(1));
    assert!(shown(&missing).contains("/no/such/program"), "{}", shown(&missing));
    let unknown = exec(&world, "nobody", &[]).stdin(Stdio::null()).output().unwrap();
    assert!(shown(&unknown).contains("no running task, service or family nobody"), "{}", shown(&unknown));

    // A client that is killed takes its command along, and so does the end of the task.
    let mut killed = exec(&world, &arn, &["sleep", "4713"]).stdin(Stdio::piped()).spawn().unwrap();
    eventually("the command runs", PATIENCE, || (sleepers("4713") == 1).then_some(()));
    killed.kill().unwrap();
    killed.wait().unwrap();
    eventually("the command has ended", PATIENCE, || (sleepers("4713") == 0).then_some(()));
    let ended = exec(&world, &arn, &["sleep", "4714"]).stdin(Stdio::piped()).spawn().unwrap();
    eventually("the command runs", PATIENCE, || (sleepers("4714") == 1).then_some(()));
    aws.ok(&["ecs", "stop-task", "--task", &arn]);
    assert!(!ended.wait_with_output().unwrap().status.success());
    wait_for(&aws, &arn, "STOPPED");
    assert_eq!(sleepers("4714"), 0);
}

/// Processes that sleep for so long.
fn sleepers(seconds: &str) -> usize {
    let wanted = format!("sleep\0{seconds}\0");
    let entries = std::fs::read_dir("/proc").expect("there is a /proc").flatten();
    entries
        .filter(|entry| {
            std::fs::read(entry.path().join("cmdline")).is_ok_and(|line| line == wanted.as_bytes())
        })
        .count()
}

#[test]
fn the_aws_cli_executes_commands_as_policies_let_it() {
    let world = World::start();
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster"]);
    let over = json!({ "executionRoleArn": execution_role(&aws), "taskRoleArn": role(&aws, "worker") });
    define(&world, "web", &Image::script("trap 'exit 0' TERM; while :; do sleep 0.2; done"), json!({}), over);
    let arn = run(&aws, "web");
    let folder = world.folder().join("plugin");
    std::fs::create_dir_all(&folder).unwrap();
    let plugin = folder.join("session-manager-plugin");
    std::fs::write(&plugin, format!("#!{}\n{PLUGIN}", python().display())).unwrap();
    std::fs::set_permissions(&plugin, PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let execute = |aws: &Aws, command: &str| {
        let arguments = ["ecs", "execute-command", "--task", &arn, "--interactive", "--command", command];
        let mut command = aws.command(&arguments);
        command.env("PATH", &path);
        command
    };

    let said = execute(&aws, "/bin/sh -c 'echo out $((1 + 1)); busybox stty size; exit 4'")
        .stdin(Stdio::piped())
        .output()
        .unwrap();
    let text = shown(&said);
    assert!(said.status.success() && text.contains("out 2") && text.contains("100 300"), "{text}");
    assert!(text.contains("Exiting session with sessionId: ecs-execute-command-"), "{text}");
    let plan = json!([
        { "wait": "# " }, { "send": "busybox stty size\n" }, { "wait": "30 100" },
        { "size": [44, 77] }, { "send": "sleep 1.5; busybox stty size\n" }, { "wait": "44 77" },
        { "send": "(sleep 0.5; echo slee''ping) & sleep 1000\n" }, { "wait": "sleeping" }, { "send": "\u{3}" },
        // The terminal forgets what was typed before it is interrupted, and the plugin sends this as a signal comes.
        { "wait": "^C" }, { "wait": "# " }, { "send": "echo done $((50 - 8))\n" }, { "wait": "done 42" },
        { "send": "exit\n" },
        { "wait": "Exiting session with sessionId" },
    ]);
    let shell = at_terminal(&plan, &execute(&aws, "/bin/sh")).output().unwrap();
    assert!(shell.status.success(), "{}", shown(&shell));

    // What was said is kept where the container's own output is.
    let session =
        text.split("Starting session with SessionId: ").nth(1).unwrap().split_whitespace().next().unwrap();
    let kept = eventually("the session's log", PATIENCE, || {
        Some(lines_of(&aws, "/ecs/web", session)).filter(|lines| lines.len() >= 2)
    });
    assert_eq!(kept, ["out 2", "100 300"]);

    let user = aws.ok(&["iam", "create-user", "--user-name", "ann"]);
    let user = user["User"]["Arn"].as_str().unwrap();
    let key = aws.ok(&["iam", "create-access-key", "--user-name", "ann"]);
    let text = |name: &str| key["AccessKey"][name].as_str().unwrap().to_owned();
    let ann = aws.with_keys(&text("AccessKeyId"), &text("SecretAccessKey"), None);
    let denied = shown(&execute(&ann, "sh").output().unwrap());
    assert!(denied.contains("AccessDeniedException") && denied.contains(user), "{denied}");

    // A token opens one channel, once.
    let script = format!(
        "print(json.dumps(boto3.client('ecs', endpoint_url=endpoint).execute_command(task={arn:?}, command='true', interactive=True)['session']))"
    );
    let session = aws.boto3(&script);
    let bring = || {
        let target = r#"{"Target": "ecs:x"}"#;
        Command::new(&plugin)
            .args([&session, "us-east-1", "StartSession", "", target, ""])
            .stdin(Stdio::null())
            .output()
            .unwrap()
    };
    let once = bring();
    assert!(once.status.success(), "{}", shown(&once));
    let twice = bring();
    assert!(
        !twice.status.success() && shown(&twice).contains("The token is not valid."),
        "{}",
        shown(&twice)
    );
    let trail = aws.ok(&[
        "cloudtrail",
        "lookup-events",
        "--lookup-attributes",
        "AttributeKey=EventName,AttributeValue=ExecuteCommand",
    ]);
    let session: Value = serde_json::from_str(&session).unwrap();
    let trail = trail.to_string();
    assert!(trail.contains(session["sessionId"].as_str().unwrap()), "{trail}");
    assert!(!trail.contains(session["tokenValue"].as_str().unwrap()), "the token is in the trail");
}
