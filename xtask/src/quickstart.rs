//! `cargo xtask quickstart`: from a fresh Debian machine to a task that ran, with everything real.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::{Value, json};

use crate::{packages, sh};

#[derive(Args)]
pub struct Options {
    /// Where Gantry keeps its state
    #[arg(long, default_value = "/var/lib/gantry")]
    data_dir: PathBuf,
    /// Where Gantry listens
    #[arg(long, default_value = "127.0.0.1:4566")]
    listen: String,
}

const NAME: &str = "gantry-quickstart";
const ROLE_TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const EXECUTION_POLICY: &str = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";

/// What the image runs: it shows that address, role and secret are really there, and ends with a code of
/// its own choice so that the code can be seen to arrive.
const HELLO: &str = r#"#!/bin/sh
echo "Hello from $(hostname) in a container of its own."
echo "My address is $(ip -4 -o addr show | grep -v ' lo ' | sed 's/.*inet \([0-9.]*\).*/\1/')."
role=$(wget -qO- "http://169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" | sed 's/.*"RoleArn":"\([^"]*\)".*/\1/')
echo "My task role is $role."
echo "My secret has ${#GREETING_SECRET} characters."
sleep 2
echo "Done; I end with code 7."
exit 7
"#;

pub fn run(options: &Options) -> Result<()> {
    if !packages::is_root() {
        bail!(
            "Gantry runs containers, which takes root. Run: sudo -E env PATH=\"$PATH\" cargo xtask quickstart"
        );
    }
    packages::install(&[packages::TO_RUN, packages::FOR_QUICKSTART])?;
    packages::install_names()?;

    step("Build Gantry (the first time takes a few minutes)");
    sh::run(sh::cargo().args(["build", "--package", "gantry"]))?;
    let gantry = Gantry { binary: sh::root().join("target/debug/gantry"), options };

    step("Start Gantry");
    sh::run(gantry.command().args(["up", "--detach", "--listen", &options.listen]))?;
    let aws = gantry.client()?;

    step("Build an image and push it to ECR");
    let image = push_image(&aws)?;
    println!("pushed {image}");

    step("Make a cluster, a task role, an execution role and a secret");
    let secret = prepare(&aws)?;

    step("Register a task definition");
    let definition = register(&aws, &image, &secret)?;
    println!("registered {definition}");

    step("Run it on Fargate");
    let task = run_task(&aws)?;
    println!("started {task}");
    let stopped = wait(&aws, &task)?;

    step("What it said: aws logs tail");
    print!(
        "{}",
        aws.text(&["logs", "tail", &format!("/ecs/{NAME}"), "--since", "10m", "--format", "short"])?
    );

    step("How it ended: aws ecs describe-tasks");
    report(&stopped)?;
    next(&gantry, &aws)
}

fn step(what: &str) {
    println!("\n\x1b[1m==> {what}\x1b[0m");
}

struct Gantry<'a> {
    binary: PathBuf,
    options: &'a Options,
}

impl Gantry<'_> {
    fn command(&self) -> Command {
        let mut command = sh::program(&self.binary);
        command.arg("--data-dir").arg(&self.options.data_dir);
        command
    }

    /// The AWS CLI, pointed at this Gantry by what `gantry env` says.
    fn client(&self) -> Result<Aws> {
        let text = sh::output(self.command().args(["--json", "env"]))?;
        let values: Value = serde_json::from_str(&text).context("gantry env --json did not print JSON")?;
        let values = values.as_object().context("gantry env --json did not print an object")?;
        let environment = values
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect::<Vec<_>>();
        let endpoint = environment
            .iter()
            .find(|(name, _)| name == "AWS_ENDPOINT_URL")
            .map(|(_, url)| url.clone())
            .context("gantry env did not name AWS_ENDPOINT_URL")?;
        Ok(Aws { environment, endpoint })
    }
}

struct Aws {
    environment: Vec<(String, String)>,
    endpoint: String,
}

impl Aws {
    fn command(&self, arguments: &[&str]) -> Command {
        // Debian's, which is version 2 and knows `logs tail`; another one may stand before it in PATH.
        let mut command = sh::program("/usr/bin/aws");
        command.envs(self.environment.iter().cloned()).env("AWS_PAGER", "");
        // Versions before 2.13 don't read AWS_ENDPOINT_URL.
        command.args(["--endpoint-url", &self.endpoint]).args(arguments);
        command
    }

    fn text(&self, arguments: &[&str]) -> Result<String> {
        sh::output(&mut self.command(arguments)).map(|text| text + "\n")
    }

    fn json(&self, arguments: &[&str]) -> Result<Value> {
        let text = sh::output(self.command(arguments).args(["--output", "json"]))?;
        if text.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).with_context(|| format!("aws {} did not print JSON", arguments.join(" ")))
    }

    /// Makes something that an earlier quickstart may have made already.
    fn ensure(&self, arguments: &[&str], there_already: &str) -> Result<()> {
        match self.json(arguments) {
            Err(error) if error.to_string().contains(there_already) => Ok(()),
            other => other.map(|_| ()),
        }
    }
}

/// Builds an image of busybox and the script above, and pushes it.
fn push_image(aws: &Aws) -> Result<String> {
    aws.ensure(&["ecr", "create-repository", "--repository-name", NAME], "RepositoryAlreadyExistsException")?;
    let described = aws.json(&["ecr", "describe-repositories", "--repository-names", NAME])?;
    let uri = described["repositories"][0]["repositoryUri"]
        .as_str()
        .context("describe-repositories named no repositoryUri")?;
    let password = aws.text(&["ecr", "get-login-password"])?;

    let folder = sh::root().join("target/quickstart");
    let context = folder.join("image");
    std::fs::create_dir_all(context.join("bin"))?;
    std::fs::copy("/bin/busybox", context.join("bin/busybox")).context("busybox-static is installed")?;
    std::fs::write(context.join("bin/hello"), HELLO)?;
    executable(&context.join("bin/hello"))?;

    let build = Buildah { folder };
    let container = build.output(&["from", "scratch"])?;
    build.output(&["copy", &container, &context.to_string_lossy(), "/"])?;
    link_applets(&build, &container)?;
    build.output(&["config", "--cmd", r#"["/bin/hello"]"#, "--env", "PATH=/bin", &container])?;
    build.output(&["commit", "--rm", &container, NAME])?;

    // The registry is on this machine and speaks plain HTTP; localhost names the caller's own registry.
    let port = aws.endpoint.rsplit(':').next().unwrap_or("4566").trim_end_matches('/');
    let target = format!("docker://localhost:{port}/{NAME}:latest");
    let credentials = format!("AWS:{}", password.trim());
    build.output(&["push", "--quiet", "--tls-verify=false", "--creds", &credentials, NAME, &target])?;
    Ok(format!("{uri}:latest"))
}

struct Buildah {
    folder: PathBuf,
}

impl Buildah {
    fn output(&self, arguments: &[&str]) -> Result<String> {
        let mut command = sh::program("buildah");
        command.arg("--root").arg(self.folder.join("storage"));
        command.arg("--runroot").arg(self.folder.join("run"));
        command.args(["--storage-driver", "vfs"]).args(arguments);
        sh::output(&mut command)
    }
}

/// Busybox goes by the name it is called by; the image gets the few names that the script uses.
fn link_applets(build: &Buildah, container: &str) -> Result<()> {
    let root = build.output(&["mount", container])?;
    for applet in ["sh", "cat", "echo", "grep", "hostname", "ip", "ls", "sed", "sleep", "wget"] {
        let link = Path::new(&root).join("bin").join(applet);
        std::os::unix::fs::symlink("busybox", link)?;
    }
    build.output(&["umount", container])?;
    Ok(())
}

fn executable(file: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755))?)
}

/// Makes cluster, roles and secret; returns the secret's ARN.
fn prepare(aws: &Aws) -> Result<String> {
    aws.json(&["ecs", "create-cluster", "--cluster-name", "default"])?;
    for role in [format!("{NAME}-task"), format!("{NAME}-execution")] {
        let arguments =
            ["iam", "create-role", "--role-name", &role, "--assume-role-policy-document", ROLE_TRUST];
        aws.ensure(&arguments, "EntityAlreadyExists")?;
    }
    let execution = format!("{NAME}-execution");
    aws.json(&["iam", "attach-role-policy", "--role-name", &execution, "--policy-arn", EXECUTION_POLICY])?;
    let arguments =
        ["secretsmanager", "create-secret", "--name", NAME, "--secret-string", "a well kept secret"];
    aws.ensure(&arguments, "ResourceExistsException")?;
    let secret = aws.json(&["secretsmanager", "describe-secret", "--secret-id", NAME])?;
    let secret = secret["ARN"].as_str().context("describe-secret named no ARN")?.to_owned();
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": secret}],
    });
    let policy = policy.to_string();
    let arguments = ["iam", "put-role-policy", "--role-name", &execution, "--policy-name", "read-the-secret"];
    aws.json(&[&arguments[..], &["--policy-document", &policy]].concat())?;
    aws.ensure(
        &["logs", "create-log-group", "--log-group-name", &format!("/ecs/{NAME}")],
        "ResourceAlreadyExistsException",
    )?;
    Ok(secret)
}

fn account(aws: &Aws) -> Result<String> {
    let identity = aws.json(&["sts", "get-caller-identity"])?;
    Ok(identity["Account"].as_str().context("get-caller-identity named no account")?.to_owned())
}

fn register(aws: &Aws, image: &str, secret: &str) -> Result<String> {
    let account = account(aws)?;
    let region =
        aws.environment.iter().find(|(name, _)| name == "AWS_REGION").map_or("us-east-1", |(_, r)| r);
    let definition = json!({
        "family": NAME,
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "taskRoleArn": format!("arn:aws:iam::{account}:role/{NAME}-task"),
        "executionRoleArn": format!("arn:aws:iam::{account}:role/{NAME}-execution"),
        "containerDefinitions": [{
            "name": "hello",
            "image": image,
            "essential": true,
            "secrets": [{"name": "GREETING_SECRET", "valueFrom": secret}],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": format!("/ecs/{NAME}"),
                    "awslogs-region": region,
                    "awslogs-stream-prefix": "quickstart",
                },
            },
        }],
    });
    let registered =
        aws.json(&["ecs", "register-task-definition", "--cli-input-json", &definition.to_string()])?;
    let arn = registered["taskDefinition"]["taskDefinitionArn"].as_str();
    Ok(arn.context("register-task-definition named no ARN")?.to_owned())
}

fn run_task(aws: &Aws) -> Result<String> {
    let subnets = aws.json(&["ec2", "describe-subnets"])?;
    let subnet = subnets["Subnets"][0]["SubnetId"].as_str().context("the default VPC has no subnet")?;
    let network = format!("awsvpcConfiguration={{subnets=[{subnet}],assignPublicIp=ENABLED}}");
    let arguments = ["ecs", "run-task", "--launch-type", "FARGATE", "--task-definition", NAME];
    let started = aws.json(&[&arguments[..], &["--network-configuration", &network]].concat())?;
    match started["tasks"][0]["taskArn"].as_str() {
        Some(arn) => Ok(arn.to_owned()),
        None => bail!("run-task started nothing: {}", started["failures"]),
    }
}

/// Waits until the task has stopped and shows its states on the way.
fn wait(aws: &Aws, task: &str) -> Result<Value> {
    let deadline = Instant::now() + Duration::from_secs(90);
    let mut last = String::new();
    while Instant::now() < deadline {
        let described = aws.json(&["ecs", "describe-tasks", "--tasks", task])?;
        let described = &described["tasks"][0];
        let status = described["lastStatus"].as_str().unwrap_or("unknown");
        if status != last {
            println!("{status}");
            last = status.to_owned();
        }
        if status == "STOPPED" {
            return Ok(described.clone());
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    bail!("the task did not stop within 90 seconds; it is {last}")
}

fn report(task: &Value) -> Result<()> {
    let container = &task["containers"][0];
    println!(
        "address       {}",
        container["networkInterfaces"][0]["privateIpv4Address"].as_str().unwrap_or("none")
    );
    println!("exit code     {}", container["exitCode"]);
    println!("stop code     {}", task["stopCode"].as_str().unwrap_or("none"));
    println!("stop reason   {}", task["stoppedReason"].as_str().unwrap_or("none"));
    if container["exitCode"] != 7 {
        bail!("the task should have ended with code 7: {task}");
    }
    Ok(())
}

fn next(gantry: &Gantry<'_>, aws: &Aws) -> Result<()> {
    let binary = gantry.binary.strip_prefix(sh::root()).unwrap_or(&gantry.binary).display();
    let data = gantry.options.data_dir.display();
    println!(
        "\n\x1b[1mThat was all real. Gantry is still running at {}. Try next:\x1b[0m\n\
         \n  eval \"$({binary} --data-dir {data} env)\"     # point the AWS CLI and SDKs at it\
         \n  aws ecs list-tasks --desired-status STOPPED\
         \n  aws ecs describe-task-definition --task-definition {NAME}\
         \n  aws logs tail /ecs/{NAME} --follow\
         \n  aws ecr get-login-password | docker login --username AWS --password-stdin localhost:4566\
         \n  {binary} --data-dir {data} status\
         \n  {binary} --data-dir {data} down               # stop it; add --stop-tasks to stop its tasks too\n\
         \nThe AWS CLI before 2.13 does not read AWS_ENDPOINT_URL: add --endpoint-url \"$AWS_ENDPOINT_URL\" there.",
        aws.endpoint
    );
    Ok(())
}
