//! One file for each command.

mod api;
mod audit;
mod backup;
mod detach;
mod doctor;
mod down;
mod env;
mod exec;
mod explain;
mod find;
mod logs;
mod node;
mod open;
mod ps;
mod restore;
mod server;
mod status;
mod store;
mod table;
mod top;
mod up;

use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::cli::{Arguments, Command, Store};
use crate::layout::Layout;

/// Runs what was typed.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let layout = Layout::of(arguments.data_dir.as_deref())?;
    let json = arguments.json;
    match &arguments.command {
        Command::Up(options) => up::run(&layout, options, json)?,
        Command::Down(options) => down::run(&layout, options, json)?,
        Command::Status => return status::run(&layout, json),
        Command::Doctor => return doctor::run(&layout, json),
        Command::Env(options) => env::run(&layout, options, json)?,
        Command::Ps(options) => ps::run(&layout, options, json)?,
        Command::Top(options) => top::run(&layout, options, json)?,
        Command::Logs(options) => logs::run(&layout, options, json)?,
        Command::Open(options) => open::run(&layout, options, json)?,
        Command::Explain(options) => explain::run(&layout, options, json)?,
        Command::Exec(options) => return exec::run(&layout, options),
        Command::Audit(options) => audit::run(&layout, options, json)?,
        Command::Backup(options) => backup::run(&layout, options, json)?,
        Command::Restore(options) => restore::run(&layout, options, json)?,
        Command::Node(what) => node::run(&layout, what, json)?,
        Command::Server(options) => server::run(&layout, options, json)?,
        Command::Store(Store::Move(options)) => store::run(options, json)?,
        Command::WriteOutput { told } => gantry_runtime::write_output(&serde_json::from_str(told)?)?,
        Command::Version => version(json),
    }
    Ok(ExitCode::SUCCESS)
}

fn version(json: bool) {
    let version = env!("CARGO_PKG_VERSION");
    if json {
        println!("{}", serde_json::json!({ "version": version }));
    } else {
        println!("gantry {version}");
    }
}

/// A runtime for commands that only wait for an answer or two.
fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the asynchronous runtime could not start")
}

/// Says what was done, for people or for programs.
fn say(json: bool, words: &str, fields: serde_json::Value) {
    if json {
        println!("{fields}");
    } else {
        println!("{words}");
    }
}
