//! The client's process, and what is said to it.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, bail};
use serde_json::Value as Json;

/// The boto3 release whose models are ours.
pub const BOTO3: &str = "1.44.5";

/// A running client. It ends when this is dropped.
pub struct Peer {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts the client with the Python that `GANTRY_PYTHON` names; it must have boto3 at [`BOTO3`].
    pub fn start() -> anyhow::Result<Peer> {
        let Some(python) = std::env::var_os("GANTRY_PYTHON") else {
            bail!(
                "GANTRY_PYTHON names no Python with boto3 {BOTO3}; `cargo xtask test` makes one, or: \
                 python3 -m venv DIR && DIR/bin/pip install boto3=={BOTO3} && export GANTRY_PYTHON=DIR/bin/python"
            );
        };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("client.py");
        let mut child = Command::new(&python)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("start {}", python.display()))?;
        let orders = child.stdin.take().context("the client has no input")?;
        let answers = BufReader::new(child.stdout.take().context("the client has no output")?);
        let mut peer = Peer { child, orders, answers };
        let found = peer.describe("sts")?;
        let version = found.get("version").and_then(Json::as_str).unwrap_or_default();
        if version != BOTO3 {
            bail!("GANTRY_PYTHON has boto3 {version}, and the models are those of {BOTO3}");
        }
        Ok(peer)
    }

    /// The operations of a service as botocore has them.
    pub fn describe(&mut self, service: &str) -> anyhow::Result<Json> {
        self.say(&serde_json::json!({ "do": "describe", "service": service }))?;
        let mut answer = self.hear()?;
        Ok(answer["done"].take())
    }

    pub fn say(&mut self, message: &Json) -> anyhow::Result<()> {
        writeln!(self.orders, "{message}").context("the client has ended")
    }

    pub fn hear(&mut self) -> anyhow::Result<Json> {
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            bail!("the client has ended");
        }
        serde_json::from_str(&line).with_context(|| format!("the client said {line}"))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Already ended is as good as ended now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
