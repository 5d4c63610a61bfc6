//! Starting this program once more, as a process that goes on in the background.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use crate::control;
use crate::instance::Instance;
use crate::layout::Layout;

/// How long a start may take before nobody waits for it any more.
pub const START_TIMEOUT: Duration = Duration::from_secs(60);

/// This program with the data directory, and with what it says going to a file.
pub fn program(layout: &Layout) -> Result<Command> {
    let said = File::create(layout.said()).context("the run directory can't be written to")?;
    let program = std::env::current_exe().context("this program's own path")?;
    let mut command = Command::new(program);
    command.arg("--data-dir").arg(layout.data()).arg("--json");
    command.stdin(Stdio::null()).stdout(said.try_clone()?).stderr(said).current_dir("/");
    Ok(command)
}

/// Starts it in a session of its own, so that it outlives the terminal.
pub fn start(command: &mut Command) -> Result<Child> {
    // SAFETY: setsid is async-signal-safe and touches no memory.
    unsafe {
        command.pre_exec(|| nix::unistd::setsid().map(|_| ()).map_err(std::io::Error::from));
    }
    command.spawn().context("the new process could not be started")
}

/// Waits until the process is the one of the data directory and its state is as wanted; none where that takes too long.
/// A process that ends is an error, in its own words.
pub fn wait(
    layout: &Layout,
    child: &mut Child,
    doing: &'static str,
    as_json: bool,
    wanted: impl Fn(&Value) -> bool,
) -> Result<Option<(Instance, Value)>> {
    let runtime = super::runtime()?;
    let progress = progress(doing, as_json);
    let deadline = Instant::now() + START_TIMEOUT;
    loop {
        if let Some(status) = child.try_wait().context("the new process can't be watched")? {
            progress.finish_and_clear();
            bail!("Gantry did not start ({status}): {}", complaint(layout));
        }
        if let Some(instance) = Instance::find(layout).filter(|instance| instance.pid == child.id()) {
            let status = runtime.block_on(control::ask(&layout.control(), &control::Request::Status));
            if let Some(status) = status.ok().filter(&wanted) {
                progress.finish_and_clear();
                return Ok(Some((instance, status)));
            }
        }
        if Instant::now() > deadline {
            progress.finish_and_clear();
            return Ok(None);
        }
        progress.tick();
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Why the process did not start, in its own words.
fn complaint(layout: &Layout) -> String {
    let said = std::fs::read_to_string(layout.said()).unwrap_or_default();
    let last = said.lines().last().unwrap_or_default();
    match serde_json::from_str::<Value>(last) {
        Ok(answer) if answer["error"].is_string() => answer["error"].as_str().unwrap_or_default().to_owned(),
        _ => said.trim().to_owned(),
    }
}

fn progress(doing: &'static str, as_json: bool) -> ProgressBar {
    if as_json {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner().with_message(doing);
    bar.set_style(
        ProgressStyle::with_template("{spinner} {msg} ({elapsed})").expect("the template is right"),
    );
    bar
}
