//! Secrets reach no log, however much is logged.

use std::path::{Path, PathBuf};

use gantry_e2e::{Docker, Image, World};
use serde_json::{Value, json};

use crate::{allow, define, execution_role, role, run_tasks, wait_for};

const SECRET: &str = "hush-9f2c41d07be8-secret";
const PARAMETER: &str = "hush-51be6ad2c3f0-parameter";
const ENCRYPTED: &str = "hush-7d80e4a19c55-plaintext";

#[test]
fn no_log_has_a_secret() {
    let mut world = World::unstarted(&[]);
    world.set_variable("GANTRY_LOG", "trace");
    world.up();
    let aws = world.aws();
    let mut secrets = vec![
        ("the administrator's secret", aws.variable("AWS_SECRET_ACCESS_KEY")),
        ("a secret", SECRET.to_owned()),
        ("a parameter", PARAMETER.to_owned()),
        ("a plaintext", ENCRYPTED.to_owned()),
    ];
    let text = |value: &Value| value.as_str().expect("text").to_owned();

    aws.ok(&["iam", "create-user", "--user-name", "ann"]);
    let key = aws.ok(&["iam", "create-access-key", "--user-name", "ann"])["AccessKey"].clone();
    secrets.push(("an access key's secret", text(&key["SecretAccessKey"])));
    allow_user(&aws, "ann");
    let ann = aws.with_keys(&text(&key["AccessKeyId"]), &text(&key["SecretAccessKey"]), None);
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"sts:AssumeRole"}}"#;
    aws.ok(&["iam", "create-role", "--role-name", "app", "--assume-role-policy-document", trust]);
    let arn = "arn:aws:iam::000000000000:role/app";
    let session =
        ann.ok(&["sts", "assume-role", "--role-arn", arn, "--role-session-name", "s1"])["Credentials"]
            .clone();
    secrets.push(("a session's secret", text(&session["SecretAccessKey"])));
    secrets.push(("a session's token", text(&session["SessionToken"])));
    let app = aws.with_keys(
        &text(&session["AccessKeyId"]),
        &text(&session["SecretAccessKey"]),
        Some(&text(&session["SessionToken"])),
    );
    app.ok(&["sts", "get-caller-identity"]);

    let made = aws.ok(&["secretsmanager", "create-secret", "--name", "s", "--secret-string", "before"]);
    let secret = text(&made["ARN"]);
    aws.ok(&["secretsmanager", "put-secret-value", "--secret-id", "s", "--secret-string", SECRET]);
    aws.ok(&["secretsmanager", "get-secret-value", "--secret-id", "s"]);
    let put = ["ssm", "put-parameter", "--name", "/p", "--type", "SecureString", "--value", PARAMETER];
    aws.ok(&put);
    aws.ok(&["ssm", "get-parameter", "--name", "/p", "--with-decryption"]);
    let made = aws.ok(&["kms", "create-key"]);
    let id = text(&made["KeyMetadata"]["KeyId"]);
    aws.boto3(&format!(
        "kms = boto3.client('kms', endpoint_url=endpoint)\nkms.decrypt(CiphertextBlob=kms.encrypt(KeyId='{id}', Plaintext=b'{ENCRYPTED}')['CiphertextBlob'])\n"
    ));

    let docker = Docker::start(world.folder());
    let password = ann.text(&["ecr", "get-login-password"]).trim().to_owned();
    let registry = format!("localhost:{}", world.port());
    docker.ok(&["login", "--username", "AWS", "--password", &password, &registry]);
    secrets.push(("a registry password", password));

    aws.ok(&["ecs", "create-cluster"]);
    let execution = execution_role(&aws);
    allow(&aws, "execution", &["secretsmanager:GetSecretValue", "ssm:GetParameters"], "*");
    let task_role = role(&aws, "worker");
    // What a container says is its own affair, so this one keeps it to itself.
    let image = Image::script(
        r#"test -n "$SECRET" && test -n "$COLOUR" && wget -qO- "http://169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" > /dev/null"#,
    );
    define(
        &world,
        "hello",
        &image,
        json!({ "secrets": [
            { "name": "SECRET", "valueFrom": secret },
            { "name": "COLOUR", "valueFrom": "/p" },
        ]}),
        json!({ "executionRoleArn": execution, "taskRoleArn": task_role }),
    );
    let task = run_tasks(&aws, "hello", 1).remove(0);
    let task = wait_for(&aws, &task, "STOPPED");
    assert_eq!(task["containers"][0]["exitCode"], 0, "{task}");

    let status = world.gantry().args(["--json", "status"]).output().expect("the gantry binary is built");
    let audit = world.gantry().args(["--json", "audit"]).output().expect("the gantry binary is built");
    assert!(status.status.success() && audit.status.success());
    world.down();
    let read = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let mut logs = vec![
        ("gantry status".to_owned(), read(status.stdout)),
        ("gantry audit".to_owned(), read(audit.stdout)),
        ("what Gantry printed".to_owned(), world.said()),
    ];
    for file in files(&world.data()) {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with("gantry.log") || file.starts_with(world.data().join("audit")) {
            logs.push((file.display().to_string(), read(std::fs::read(&file).expect("a log"))));
        }
    }
    let all: usize =
        logs.iter().map(|(name, log)| if name.contains("gantry.log") { log.len() } else { 0 }).sum();
    assert!(all > 100_000, "it does not log its most: {all} bytes");
    let mut found = Vec::new();
    for (what, secret) in &secrets {
        assert!(secret.len() >= 16, "{what} is too short to be looked for");
        // As it is, in JSON, in a URL, and as a header or body might have it.
        let forms = [secret.clone(), secret.replace('/', "\\/"), escaped(secret), base64(secret)];
        for (name, log) in &logs {
            if forms.iter().any(|form| log.contains(form)) {
                found.push(format!("{what} stands in {name}"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

fn allow_user(aws: &gantry_e2e::Aws, name: &str) {
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let arguments =
        ["iam", "put-user-policy", "--user-name", name, "--policy-name", "all", "--policy-document"];
    aws.ok(&[&arguments[..], &[policy]].concat());
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(files(&entry.path())),
            Ok(kind) if kind.is_file() => found.push(entry.path()),
            _ => {}
        }
    }
    found
}

/// As it stands in a URL.
fn escaped(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// Its base64 form, without the end, which depends on what follows.
fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |number: u32| char::from(DIGITS[(number & 63) as usize]);
    let triple = |bytes: &[u8]| {
        let bits = bytes.iter().fold(0, |bits, byte| bits << 8 | u32::from(*byte));
        [18, 12, 6, 0].map(|by| digit(bits >> by))
    };
    text.as_bytes().chunks_exact(3).flat_map(triple).collect()
}
