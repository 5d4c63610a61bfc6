//! `gantry server`: one of several replicas over one etcd, in the foreground.

use anyhow::{Context, Result};
use serde_json::json;

use crate::claim::Claim;
use crate::cli::Server;
use crate::instance::Instance;
use crate::layout::Layout;
use crate::{logging, server};

pub fn run(layout: &Layout, options: &Server, as_json: bool) -> Result<()> {
    let made = layout.create()?;
    let claim = Claim::take(layout)?;
    logging::begin(&layout.log(), !as_json)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("gantry")
        .build()
        .context("the asynchronous runtime could not start")?;
    let served = runtime.block_on(server::replica(layout, options, |instance| ready(instance, as_json)));
    drop(claim);
    layout.remove_empty_run_folders();
    match served {
        Ok(()) => made.keep(),
        Err(_) => drop(made),
    }
    served
}

fn ready(instance: &Instance, as_json: bool) {
    if as_json {
        println!("{}", json!({ "ready": true, "endpoint": instance.endpoint(), "pid": instance.pid }));
        return;
    }
    println!("This replica serves Gantry's APIs at {}.", instance.endpoint());
    println!(
        "It runs no tasks: nodes can't join a replicated control plane yet, so RunTask finds no capacity."
    );
}
