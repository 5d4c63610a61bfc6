//! `gantry down`: end the Gantry of a data directory.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;

use crate::claim::Claim;
use crate::cli::Down;
use crate::control;
use crate::instance::Instance;
use crate::layout::Layout;
use crate::server;

/// How long it may take to clear the machine of what crashes left.
const CLEARING: Duration = Duration::from_secs(60);

pub fn run(layout: &Layout, options: &Down, as_json: bool) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(options.timeout);
    let stop_tasks = options.stop_tasks || options.purge;
    let Some(instance) = find(layout, deadline) else {
        if stop_tasks && containerd_runs(layout) {
            bail!(
                "no Gantry is running in {0}, but its containerd and tasks go on: \
                 gantry up --detach, then gantry down {1}",
                layout.data().display(),
                if options.purge { "--purge" } else { "--stop-tasks" }
            );
        }
        let left = if stop_tasks { server::left(layout) } else { Vec::new() };
        if !left.is_empty() {
            // What was killed with all that belongs to it; who looks after that is a Gantry that runs.
            bail!(
                "no Gantry is running in {0}, but this is left of one: {1}. To remove it: gantry up --detach, then gantry \
                 down {2}",
                layout.data().display(),
                left.join(", "),
                if options.purge { "--purge" } else { "--stop-tasks" }
            );
        }
        if options.purge {
            return purge(layout, as_json);
        }
        let words = format!("no Gantry is running in {}", layout.data().display());
        super::say(as_json, &words, json!({ "running": false }));
        return Ok(());
    };
    let stopped = match stop_tasks {
        true => {
            let request = control::Request::StopTasks { seconds: options.timeout };
            super::runtime()?.block_on(control::ask(&layout.control(), &request)).map(|_| ())
        }
        false => Ok(()),
    };
    let patience = Duration::from_secs(options.timeout) + if stop_tasks { CLEARING } else { Duration::ZERO };
    let deadline = Instant::now() + patience;
    let pid = i32::try_from(instance.pid).context("a process id fits")?;
    kill(Pid::from_raw(pid), Signal::SIGTERM).context("the process can't be told to end")?;
    while instance.runs() {
        if Instant::now() > deadline {
            bail!(
                "process {} has not ended within {} seconds; see gantry logs",
                instance.pid,
                patience.as_secs()
            );
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    if stop_tasks {
        let left = server::left(layout);
        if !left.is_empty() {
            bail!("stopped, but this is left on the machine: {}", left.join(", "));
        }
        stopped.context("stopped, and what did not stop by itself was killed")?;
    }
    if options.purge {
        return purge(layout, as_json);
    }
    let words = if stop_tasks { "stopped, with all tasks" } else { "stopped; its tasks go on" };
    super::say(as_json, words, json!({ "running": false, "pid": instance.pid }));
    Ok(())
}

/// Removes what a Gantry that has ended keeps.
fn purge(layout: &Layout, as_json: bool) -> Result<()> {
    let left = server::left(layout);
    if !left.is_empty() {
        bail!("nothing was removed, as this is left on the machine: {}", left.join(", "));
    }
    let elsewhere = std::fs::read_to_string(layout.images_place()).ok().filter(|place| place != "here");
    layout.purge()?;
    let mut words = format!("stopped; nothing is left of it in {}", layout.data().display());
    if let Some(place) = &elsewhere {
        words += &format!("; its images stay in {place}, where they can be deleted now");
    }
    super::say(as_json, &words, json!({ "running": false, "purged": true, "images_left_in": elsewhere }));
    Ok(())
}

/// The running Gantry. One that is just starting is waited for until it can be told.
fn find(layout: &Layout, deadline: Instant) -> Option<Instance> {
    loop {
        let starting = Claim::is_taken(layout);
        // Commands are answered from a moment before the record is there.
        let found = Instance::find(layout);
        if found.is_some() || !starting || Instant::now() > deadline {
            return found;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Whether the containerd of this data directory runs without its Gantry.
fn containerd_runs(layout: &Layout) -> bool {
    let config = layout.containerd().join("config.toml").into_os_string().into_encoded_bytes();
    let Ok(processes) = std::fs::read_dir("/proc") else { return false };
    processes.flatten().any(|process| {
        let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0).any(|word| word == config)
    })
}
