//! `gantry up`: start Gantry, in the foreground or detached.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::json;

use super::detach;
use crate::claim::Claim;
use crate::cli::Up;
use crate::instance::Instance;
use crate::layout::Layout;
use crate::{control, logging, server};

/// How long a process that was killed may take to be gone, and one that runs to answer.
const DYING: Duration = Duration::from_secs(2);

pub fn run(layout: &Layout, options: &Up, as_json: bool) -> Result<()> {
    if options.dev && !options.listen.ip().is_loopback() {
        bail!("--dev lets everybody in, so it listens on loopback only; {} is not", options.listen);
    }
    if !nix::unistd::geteuid().is_root() {
        bail!("containers and networks take root: run gantry as root");
    }
    if options.detach {
        return in_background(layout, options, as_json);
    }
    let made = layout.create()?;
    let claim = Claim::take(layout)?;
    logging::begin(&layout.log(), !as_json)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("gantry")
        .build()
        .context("the asynchronous runtime could not start")?;
    let served = runtime.block_on(server::serve(layout, options, |instance, unable| {
        ready(layout, instance, unable, options, as_json)
    }));
    drop(claim);
    layout.remove_empty_run_folders();
    match served {
        Ok(()) => made.keep(),
        // Where nothing was begun, nothing is left.
        Err(_) => drop(made),
    }
    served
}

/// Says that Gantry is ready, or what it can't do, and what to do now.
fn ready(layout: &Layout, instance: &Instance, unable: Option<&str>, options: &Up, as_json: bool) {
    if as_json {
        let ready = unable.is_none();
        let said =
            json!({ "ready": ready, "unable": unable, "endpoint": instance.endpoint(), "pid": instance.pid });
        println!("{said}");
        return;
    }
    let at = format!("{} (TLS at port {})", instance.endpoint(), instance.listen_tls.port());
    match unable {
        None => println!("Gantry is ready at {at}."),
        Some(why) => println!("Gantry serves its APIs at {at}, but this machine can't run tasks: {why}"),
    }
    if options.dev {
        println!("Development mode: every access key is let in, and POST /_gantry/reset empties everything.");
    }
    let which = match layout.is_default() {
        true => String::new(),
        false => format!("--data-dir {} ", layout.data().display()),
    };
    println!("Point AWS's clients at it:  eval \"$(gantry {which}env)\"");
}

/// Starts another process of this program and waits until it is ready.
fn in_background(layout: &Layout, options: &Up, as_json: bool) -> Result<()> {
    let runtime = super::runtime()?;
    if let Some(instance) = running(layout, &runtime) {
        return running_already(layout, &instance, options, as_json);
    }
    let made = layout.create()?;
    let mut child = child(layout, options)?;
    let began = detach::wait(layout, &mut child, "Starting Gantry", as_json, |status| {
        status["ready"] == true || status["unable"].is_string()
    });
    // Where nothing was begun, nothing is left.
    let began = began?;
    made.keep();
    let Some((instance, status)) = began else {
        bail!(
            "Gantry (process {}) is not ready after {:?}; see gantry logs",
            child.id(),
            detach::START_TIMEOUT
        );
    };
    ready(layout, &instance, status["unable"].as_str(), options, as_json);
    Ok(())
}

/// The Gantry that runs here already. One that was just killed may still look so for a moment, and does not count.
fn running(layout: &Layout, runtime: &tokio::runtime::Runtime) -> Option<Instance> {
    let deadline = Instant::now() + DYING;
    loop {
        let instance = Instance::find(layout)?;
        let answers = runtime.block_on(async {
            let socket = layout.control();
            let asked = control::ask(&socket, &control::Request::Status);
            tokio::time::timeout(DYING, asked).await.is_ok_and(|answer| answer.is_ok())
        });
        if answers || Instant::now() > deadline {
            return Some(instance);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn running_already(layout: &Layout, instance: &Instance, options: &Up, as_json: bool) -> Result<()> {
    if instance.listen != options.listen {
        bail!("Gantry is running already, at {}; stop it first with gantry down", instance.listen);
    }
    if !as_json {
        println!("Gantry is running already (process {}).", instance.pid);
    }
    ready(layout, instance, None, options, as_json);
    Ok(())
}

/// The process that is `gantry up` in the background.
fn child(layout: &Layout, options: &Up) -> Result<std::process::Child> {
    let mut command = detach::program(layout)?;
    command.arg("up");
    command.args(["--listen", &options.listen.to_string()]);
    if let Some(address) = options.listen_tls {
        command.args(["--listen-tls", &address.to_string()]);
    }
    command.args(["--account", options.account.as_str(), "--region", options.region.as_str()]);
    command.args(["--domain", &options.domain]);
    if let Some(file) = &options.master_key.master_key_file {
        let file = std::path::absolute(file).context("the master key's path")?;
        command.arg("--master-key-file").arg(file);
    }
    if let Some(printing) = &options.master_key.master_key_command {
        command.args(["--master-key-command", printing]);
    }
    if let Some(file) = &options.issuers.oidc_ca {
        let file = std::path::absolute(file).context("the path of --oidc-ca")?;
        command.arg("--oidc-ca").arg(file);
    }
    for upstream in &options.upstreams.upstreams {
        command.args(["--upstream", &format!("{}={}", upstream.host, upstream.url)]);
    }
    if let Some(images) = &options.images {
        command.args(["--images", &images.to_string()]);
    }
    if let Some(store) = &options.buckets.s3 {
        command.args(["--s3", &store.to_string()]);
    }
    command.args(["--overcommit-cpu", &options.overcommit_cpu.to_string()]);
    command.args(["--overcommit-memory", &options.overcommit_memory.to_string()]);
    command.args(["--request-rate", &options.request_rate.to_string()]);
    command.args(["--keep-stopped-tasks", &options.keep_stopped_tasks.to_string()]);
    command.args(["--lost-after", &options.lost_after.to_string()]);
    command.args(["--image-pull-behavior", &options.node.image_pull_behavior.to_string()]);
    command.args(["--image-cache-gib", &options.node.image_cache_gib.to_string()]);
    command.args(["--oci-runtime", &options.node.oci_runtime]);
    if let Some(port) = options.node.introspection_port {
        command.args(["--introspection-port", &port.to_string()]);
    }
    if let Some(address) = options.listen_nodes {
        command.args(["--listen-nodes", &address.to_string()]);
    }
    if let Some(address) = options.node_address {
        command.args(["--node-address", &address.to_string()]);
    }
    if options.dev {
        command.arg("--dev");
    }
    if options.stop_tasks {
        command.arg("--stop-tasks");
    }
    detach::start(&mut command)
}
