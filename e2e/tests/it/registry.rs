//! Who may pull: roles' own policies and repositories' policies, as real clients are told of them.

use std::process::Command;

use gantry_e2e::world::run;
use gantry_e2e::{Docker, Image, World};
use serde_json::json;

#[test]
fn who_may_not_pull_is_told_which_permission_is_missing() {
    let world = World::start();
    let aws = world.aws();
    Image::script("echo hello").push(&world, "app");
    aws.ok(&["iam", "create-user", "--user-name", "ann"]);
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "NotAction": "ecr:BatchGetImage", "Resource": "*" } ] });
    let put = ["iam", "put-user-policy", "--user-name", "ann", "--policy-name", "p", "--policy-document"];
    aws.ok(&[&put[..], &[&policy.to_string()]].concat());
    let key = aws.ok(&["iam", "create-access-key", "--user-name", "ann"]);
    let of_ann = |name: &str| key["AccessKey"][name].as_str().expect("text").to_owned();
    let ann = aws.with_keys(&of_ann("AccessKeyId"), &of_ann("SecretAccessKey"), None);

    let docker = Docker::start(world.folder());
    let registry = format!("localhost:{}", world.port());
    let password = ann.text(&["ecr", "get-login-password"]);
    docker.ok(&["login", "--username", "AWS", "--password", password.trim(), &registry]);
    let name = format!("{registry}/app:latest");
    let refused = docker.refused(&["pull", &name]);
    assert!(refused.contains("user/ann is not authorized to perform: ecr:BatchGetImage"), "{refused}");
    assert!(refused.contains("no identity-based policy allows the ecr:BatchGetImage action"), "{refused}");

    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "ecr:*", "Resource": "*" } ] });
    aws.ok(&[&put[..], &[&policy.to_string()]].concat());
    docker.ok(&["pull", &name]);
}

#[test]
fn another_account_pulls_once_the_repositorys_policy_lets_it() {
    let world = World::start();
    let aws = world.aws();
    Image::script("echo hello").push(&world, "app");
    let account = aws.ok(&["sts", "get-caller-identity"])["Account"].as_str().expect("text").to_owned();
    let region = aws.variable("AWS_REGION");
    let key = run(world.gantry().args(["--json", "env", "--account", "222222222222"])).stdout;
    let key: serde_json::Value = serde_json::from_slice(&key).expect("JSON");
    let part = |name: &str| key[name].as_str().expect("a key");
    let other = aws.with_keys(part("AWS_ACCESS_KEY_ID"), part("AWS_SECRET_ACCESS_KEY"), None);
    let password = other.text(&["ecr", "get-login-password"]);
    let user = format!("AWS:{}", password.trim());
    let host = format!("Host: {account}.dkr.ecr.{region}.amazonaws.com");
    let url = format!("{}/v2/app/manifests/latest", world.endpoint());
    let pull = || world.curl(&["--user", &user, "--header", &host, &url]).expect("curl runs");

    // The registry's own name leads to Gantry by way of a proxy, which it is for this client.
    let skopeo = || {
        let into = format!("dir:{}", world.folder().join("pulled").display());
        let from = format!("docker://{account}.dkr.ecr.{region}.amazonaws.com/app:latest");
        let mut command = Command::new("skopeo");
        command.env("HTTP_PROXY", world.endpoint()).env("HTTPS_PROXY", world.endpoint());
        command.args([
            "copy",
            "--quiet",
            "--insecure-policy",
            "--src-tls-verify=false",
            "--src-creds",
            &user,
        ]);
        let output = command.args([&from, &into]).output().expect("skopeo is installed");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (pulled, refused) = skopeo();
    assert!(
        !pulled && refused.contains("no resource-based policy allows the ecr:BatchGetImage action"),
        "{refused}"
    );
    let (status, refused) = pull();
    assert_eq!(status, 403, "{refused}");
    assert!(refused.contains("no resource-based policy allows the ecr:BatchGetImage action"), "{refused}");
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Sid": "pull", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::222222222222:root" },
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"] }] });
    let set = ["ecr", "set-repository-policy", "--repository-name", "app", "--policy-text"];
    aws.ok(&[&set[..], &[&policy.to_string()]].concat());
    let (status, manifest) = pull();
    assert_eq!(status, 200, "{manifest}");
    let (pulled, refused) = skopeo();
    assert!(pulled, "{refused}");
    aws.ok(&["ecr", "delete-repository-policy", "--repository-name", "app"]);
    assert_eq!(pull().0, 403);
}
