//! `gantry node`: machines that run tasks for this Gantry, and this machine as one of another's.

use anyhow::{Context, Result, bail};
use comfy_table::Table;
use comfy_table::presets::NOTHING;
use serde_json::{Value, json};

use crate::claim::Claim;
use crate::cli::{Join, Node};
use crate::control::{self, Request};
use crate::instance::Instance;
use crate::layout::Layout;
use crate::pki::Authority;
use crate::{logging, server};

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
            ask(layout, &Request::Leave)?;
            super::say(as_json, "this machine is no node any more", json!({ "left": true }));
        }
    }
    Ok(())
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

fn join(layout: &Layout, options: &Join, as_json: bool) -> Result<()> {
    if !nix::unistd::geteuid().is_root() {
        bail!("containers and networks take root: run gantry as root");
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
        if as_json {
            println!("{}", json!({ "ready": true, "node": node, "server": server, "pid": instance.pid }));
        } else {
            println!("This machine is node {node} of the Gantry at {server}.");
        }
    }));
    drop(claim);
    layout.remove_empty_run_folders();
    match served {
        Ok(()) => made.keep(),
        Err(_) => drop(made),
    }
    served
}
