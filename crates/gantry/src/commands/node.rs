//! `gantry node`: machines that run tasks for this Gantry, and this machine as one of another's.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use comfy_table::Table;
use comfy_table::presets::NOTHING;
use serde_json::{Value, json};

use super::detach;
use crate::claim::Claim;
use crate::cli::{Join, Node};
use crate::control::{self, Request};
use crate::instance::Instance;
use crate::layout::Layout;
use crate::pki::Authority;
use crate::{logging, server};

/// How long a machine that leaves may take to end its tasks.
const ENDING: Duration = Duration::from_secs(90);

pub fn run(layout: &Layout, what: &Node, as_json: bool) -> Result<()> {
    match what {
        Node::Token(options) => {
            let answer = ask(layout, &Request::NodeToken(options.clone()))?;
            let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
            let words = format!("gantry node join --token {} --server {}", text("token"), text("server"));
            super::say(as_json, &words, answer.clone());
        }
        Node::Authority => {
            if !layout.pki().exists() {
                bail!("there is no Gantry in {}", layout.data().display());
            }
            let digest = Authority::open(&layout.pki())?.digest()?;
            super::say(as_json, &digest, json!({ "authority": digest }));
        }
        Node::Ls => {
            let answer = ask(layout, &Request::Nodes)?;
            if as_json {
                println!("{answer}");
            } else {
                println!("{}", table(&answer));
            }
        }
        Node::Rm(options) => {
            ask(layout, &Request::RemoveNode { node: options.node.clone() })?;
            let words = format!("{} is no node any more", options.node);
            super::say(as_json, &words, json!({ "removed": options.node }));
        }
        Node::Join(options) => join(layout, options, as_json)?,
        Node::Leave => {
            let instance = Instance::find(layout);
            ask(layout, &Request::Leave)?;
            let ended = instance.is_none_or(|instance| ended(&instance));
            if !ended {
                bail!("this machine is no node any more, but its process has not ended yet; see gantry logs");
            }
            super::say(as_json, "this machine is no node any more", json!({ "left": true }));
        }
    }
    Ok(())
}

/// Waits for the process, which ends the tasks first.
fn ended(instance: &Instance) -> bool {
    let deadline = Instant::now() + ENDING;
    while instance.runs() {
        if Instant::now() > deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    true
}

fn ask(layout: &Layout, request: &Request) -> Result<Value> {
    let instance = Instance::find(layout);
    instance.with_context(|| format!("no Gantry is running in {}", layout.data().display()))?;
    super::runtime()?.block_on(control::ask(&layout.control(), request))
}

fn table(nodes: &Value) -> Table {
    let mut table = Table::new();
    table.load_preset(NOTHING);
    table.set_header(["NODE", "HOST", "ADDRESS", "FOR", "CLUSTER", "ZONE", "STATE", "TASKS"]);
    for node in nodes.as_array().into_iter().flatten() {
        let text = |name: &str| match &node[name] {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        let state = match (&node["connected"], &node["silent_seconds"]) {
            (Value::Bool(true), _) => "connected".to_owned(),
            (_, Value::Null) => "never seen".to_owned(),
            (_, seconds) => format!("silent for {seconds} s"),
        };
        let fields = ["id", "hostname", "address", "for", "cluster", "zone"].map(text);
        table.add_row(fields.into_iter().chain([state, text("tasks")]));
    }
    table
}

fn joined(instance: &Instance, node: &str, server: &str, as_json: bool) {
    if as_json {
        println!("{}", json!({ "ready": true, "node": node, "server": server, "pid": instance.pid }));
    } else {
        println!("This machine is node {node} of the Gantry at {server}.");
    }
}

/// Starts another process of this program, and waits until the machine is a node.
fn join_in_background(layout: &Layout, options: &Join, as_json: bool) -> Result<()> {
    if let Some(instance) = Instance::find(layout) {
        bail!("a Gantry runs in {} already (process {})", layout.data().display(), instance.pid);
    }
    let made = layout.create()?;
    let mut command = detach::program(layout)?;
    arguments(&mut command, options);
    let mut child = detach::start(&mut command)?;
    let is_node = |status: &Value| status["ready"] == true && status["node"].is_string();
    // Where nothing was begun, nothing is left.
    let began = detach::wait(layout, &mut child, "Joining", as_json, is_node)?;
    made.keep();
    let Some((instance, status)) = began else {
        bail!(
            "the machine (process {}) is not connected after {:?}; it goes on trying: see gantry logs",
            child.id(),
            detach::START_TIMEOUT
        );
    };
    let text = |name: &str| status[name].as_str().unwrap_or_default().to_owned();
    joined(&instance, &text("node"), &text("server"), as_json);
    Ok(())
}

/// What was typed, for the process in the background. Secrets are not for whoever lists processes.
fn arguments(command: &mut Command, options: &Join) {
    command.args(["node", "join"]);
    match &options.token {
        Some(token) => command.env("GANTRY_NODE_TOKEN", token.to_string()),
        None => command.env_remove("GANTRY_NODE_TOKEN"),
    };
    match &options.activation_code {
        Some(code) => command.env("GANTRY_ACTIVATION_CODE", code),
        None => command.env_remove("GANTRY_ACTIVATION_CODE"),
    };
    let given = [
        ("--activation-id", options.activation_id.clone()),
        ("--authority", options.authority.clone()),
        ("--server", options.server.clone()),
        ("--node-address", options.node_address.map(|address| address.to_string())),
        ("--introspection-port", options.node.introspection_port.map(|port| port.to_string())),
    ];
    for (name, value) in given {
        if let Some(value) = value {
            command.args([name, &value]);
        }
    }
    command.args(["--cluster", &options.cluster]);
    command.args(["--listen", &options.listen.to_string()]);
    command.args(["--overcommit-cpu", &options.overcommit_cpu.to_string()]);
    command.args(["--overcommit-memory", &options.overcommit_memory.to_string()]);
    command.args(["--image-pull-behavior", &options.node.image_pull_behavior.to_string()]);
    command.args(["--image-cache-gib", &options.node.image_cache_gib.to_string()]);
    command.args(["--oci-runtime", &options.node.oci_runtime]);
}

fn join(layout: &Layout, options: &Join, as_json: bool) -> Result<()> {
    if !nix::unistd::geteuid().is_root() {
        bail!("containers and networks take root: run gantry as root");
    }
    if options.detach {
        return join_in_background(layout, options, as_json);
    }
    let made = layout.create()?;
    let claim = Claim::take(layout)?;
    logging::begin(&layout.log(), !as_json)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("gantry")
        .build()
        .context("the asynchronous runtime could not start")?;
    let served = runtime.block_on(server::joined(layout, options, |instance, node, server| {
        joined(instance, node, server, as_json);
    }));
    drop(claim);
    layout.remove_empty_run_folders();
    match served {
        Ok(()) => made.keep(),
        Err(_) => drop(made),
    }
    served
}
