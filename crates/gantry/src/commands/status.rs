//! `gantry status`: whether Gantry runs, and what runs on it.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Value, json};

use crate::control;
use crate::instance::Instance;
use crate::layout::Layout;

/// Ends with code 0 when Gantry runs and is ready, 3 otherwise.
pub fn run(layout: &Layout, as_json: bool) -> Result<ExitCode> {
    const NOT_RUNNING: u8 = 3;
    let Some(instance) = Instance::find(layout) else {
        let words = format!("no Gantry is running in {}", layout.data().display());
        super::say(as_json, &words, json!({ "running": false, "data_dir": layout.data() }));
        return Ok(ExitCode::from(NOT_RUNNING));
    };
    let status = super::runtime()?.block_on(control::ask(&layout.control(), &control::Request::Status))?;
    if as_json {
        println!("{status}");
    } else {
        print(layout, &instance, &status);
    }
    let ready = status["ready"].as_bool().unwrap_or(false);
    Ok(if ready { ExitCode::SUCCESS } else { ExitCode::from(NOT_RUNNING) })
}

fn print(layout: &Layout, instance: &Instance, status: &Value) {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    println!("gantry {} (process {})", instance.version, instance.pid);
    println!("  endpoint    {}", instance.endpoint());
    println!("  data        {}", layout.data().display());
    for name in ["account", "region", "node", "server"] {
        if !status[name].is_null() {
            println!("  {name:<11} {}", text(&status[name]));
        }
    }
    for part in status["parts"].as_array().into_iter().flatten() {
        println!("  {:<11} {}", text(&part["name"]), text(&part["state"]));
    }
    for pull in status["pulls"].as_array().into_iter().flatten() {
        println!("  pulling     {}", pulled(pull));
    }
    if let Some(tasks) = status["tasks"].as_object() {
        let counts: Vec<String> = tasks.iter().map(|(state, count)| format!("{count} {state}")).collect();
        println!("  tasks       {}", if counts.is_empty() { "none".to_owned() } else { counts.join(", ") });
    }
}

/// An image and how much of it has come.
fn pulled(pull: &Value) -> String {
    let mib = |name: &str| pull[name].as_u64().unwrap_or(0) as f64 / f64::from(1 << 20);
    let (done, all) = (mib("done_bytes"), mib("bytes"));
    let percent = if all > 0.0 { done / all * 100.0 } else { 100.0 };
    format!("{} {done:.1} of {all:.1} MiB ({percent:.0} %)", pull["image"].as_str().unwrap_or_default())
}
