//! The `gantry` binary: one process with all roles (`gantry up`), and the commands around it.
//!
//! This crate wires rooms together and talks to people. It decides nothing about AWS's services: no
//! operation, no table and no loop lives here.
//!
//! Read in this order: [`cli`] (what can be typed), [`layout`] (which file lies where), [`instance`] and [`claim`]
//! (finding and being the Gantry of a data directory), `commands/` (one file each), [`server`] (how `up` wires the rooms),
//! [`control`] (the local socket by which commands talk to it).

mod claim;
mod cli;
mod commands;
mod control;
mod instance;
mod layout;
mod logging;
mod pki;
mod server;

use std::process::ExitCode;

use clap::Parser;
use nix::sys::signal::{SigHandler, Signal};

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    if !arguments.command.serves() {
        // As other commands do, ours end in silence when whoever read them has what they wanted: `gantry status | head`.
        // SAFETY: no other thread runs yet, and the default action is no handler of ours.
        let set = unsafe { nix::sys::signal::signal(Signal::SIGPIPE, SigHandler::SigDfl) };
        debug_assert!(set.is_ok());
    }
    match commands::run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            if arguments.json {
                let reasons: Vec<String> = error.chain().map(ToString::to_string).collect();
                println!("{}", serde_json::json!({ "error": reasons.join(": ") }));
            } else {
                eprintln!("gantry: {}", reason(&error));
            }
            ExitCode::FAILURE
        }
    }
}

/// The error and what caused it, one to a line.
fn reason(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).collect::<Vec<_>>().join("\n  because: ")
}
