//! The buckets that users name, in an S3 store of the operator's.

use std::path::{Path, PathBuf};
use std::process::Command;

use gantry_e2e::world::{eventually, free_port, run};
use gantry_e2e::{Image, World};
use serde_json::json;

use super::s3::{KEY, SECRET, Store};
use super::{PATIENCE, allow, define, describe, execution_role, lines, run_tasks};

/// The files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let output = run(Command::new("find").arg(folder).args(["-type", "f"]));
    String::from_utf8_lossy(&output.stdout).lines().map(PathBuf::from).collect()
}

#[test]
fn access_logs_go_to_a_bucket_and_variables_come_from_one() {
    let store = Store::start();
    for bucket in ["logs", "settings"] {
        std::fs::create_dir(store.folder().join(bucket)).unwrap();
    }
    std::fs::write(store.folder().join("settings/app.env"), "# settings\nWORD=hello from a file\nOWN=file\n")
        .unwrap();
    let mut world = World::unstarted(&["--s3", &store.endpoint()]);
    world.set_variable("GANTRY_S3_ACCESS_KEY_ID", KEY);
    world.set_variable("GANTRY_S3_SECRET_ACCESS_KEY", SECRET);
    world.up();
    let aws = world.aws();

    // A log of a load balancer.
    let subnets = aws.ok(&["ec2", "describe-subnets"]);
    let [one, two] = [0, 1].map(|at| subnets["Subnets"][at]["SubnetId"].as_str().unwrap());
    let made = aws.ok(&["elbv2", "create-load-balancer", "--name", "web", "--subnets", one, two]);
    let made = &made["LoadBalancers"][0];
    let (of, name) = (made["LoadBalancerArn"].as_str().unwrap(), made["DNSName"].as_str().unwrap());
    let port = free_port().to_string();
    let action =
        "Type=fixed-response,FixedResponseConfig={StatusCode=418,ContentType=text/plain,MessageBody=teapot}";
    let listener =
        ["elbv2", "create-listener", "--load-balancer-arn", of, "--protocol", "HTTP", "--port", &port];
    aws.ok(&[&listener[..], &["--default-actions", action]].concat());
    let modify = ["elbv2", "modify-load-balancer-attributes", "--load-balancer-arn", of, "--attributes"];
    let on = "Key=access_logs.s3.enabled,Value=true";
    let refused = aws.refused(&[&modify[..], &[on, "Key=access_logs.s3.bucket,Value=nowhere"]].concat());
    let why = "Access Denied for bucket: nowhere. Please check S3bucket permission";
    assert!(refused.contains("InvalidConfigurationRequest") && refused.contains(why), "{refused}");
    let into = ["Key=access_logs.s3.bucket,Value=logs", "Key=access_logs.s3.prefix,Value=web"];
    aws.ok(&[&modify[..], &[on], &into].concat());
    let logs = store.folder().join("logs/web/AWSLogs/000000000000");
    assert!(logs.join("ELBAccessLogTestFile").is_file(), "{:?}", files(store.folder()));
    let url = format!("http://{name}:{port}/tea?cup=1");
    eventually("it answers", PATIENCE, || {
        let asked = Command::new("curl").args(["-s", "--max-time", "10", "-A", "drinker", &url]).output();
        (asked.unwrap().stdout == b"teapot").then_some(())
    });

    // A task with variables of a file, which its execution role may read.
    let execution = execution_role(&aws);
    let image = Image::script("echo \"$WORD, $OWN\"");
    let container = json!({ "environmentFiles": [{ "type": "s3", "value": "arn:aws:s3:::settings/app.env" }],
        "environment": [{ "name": "OWN", "value": "its own" }] });
    define(&world, "words", &image, container, json!({ "executionRoleArn": execution }));
    let arns = run_tasks(&aws, "words", 1);
    let stopped = || describe(&aws, &arns).pop().filter(|task| task["lastStatus"] == "STOPPED");
    let task = eventually("it is not started without the right", PATIENCE, stopped);
    let reason = task["stoppedReason"].as_str().unwrap();
    assert!(
        reason.starts_with("ResourceInitializationError: failed to download env files:")
            && reason.contains(
                "is not authorized to perform: s3:GetBucketLocation on resource: arn:aws:s3:::settings"
            ),
        "{reason}"
    );
    allow(&aws, "execution", &["s3:GetBucketLocation", "s3:GetObject"], "arn:aws:s3:::settings*");
    run_tasks(&aws, "words", 1);
    eventually("it says what the file says", PATIENCE, || {
        lines(&aws, "/ecs/words").contains(&"hello from a file, its own".to_owned()).then_some(())
    });

    // What requests left is in the bucket when Gantry has ended.
    world.down();
    let packed = files(&logs).into_iter().find(|file| file.to_string_lossy().ends_with(".log.gz"));
    let packed = packed.unwrap_or_else(|| panic!("{:?}: {}", files(store.folder()), world.said()));
    let file = packed.file_name().unwrap().to_string_lossy().into_owned();
    assert!(file.starts_with("000000000000_elasticloadbalancing_us-east-1_app.web."), "{file}");
    let text = run(Command::new("gzip").arg("-dc").arg(&packed)).stdout;
    let text = String::from_utf8_lossy(&text).into_owned();
    let line = text.lines().last().unwrap();
    assert!(line.starts_with("http ") && line.contains(" - -1 -1 -1 418 - "), "{line}");
    let request = format!(" \"GET http://{name}:{port}/tea?cup=1 HTTP/1.1\" \"drinker\" - - - \"Root=1-");
    assert!(
        line.contains(&request) && line.contains(" 0 ") && line.contains(" \"fixed-response\" "),
        "{line}"
    );
}
