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

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    match commands::run(&arguments) {
        Ok(code) => code,
        // Whoever read has what they wanted: `gantry audit | head`.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
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

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// The error and what caused it, one to a line.
fn reason(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).collect::<Vec<_>>().join("\n  because: ")
}
