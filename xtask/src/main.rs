//! The workspace's own commands: `cargo xtask quickstart | test | tidy | models | codegen | bench`.
//!
//! Invariants: the two first ones need nothing but Debian and Rust, and install what is missing by package
//! name; `tidy` changes nothing; everything can be run twice in a row.
//!
//! Read in this order: [`sh`] (running programs), [`packages`] (what must be installed), then one file for
//! each command; [`again`] serves `test`.

mod again;
mod layers;
mod packages;
mod quickstart;
mod sh;
mod test;
mod tidy;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Build, try, test and measure Gantry")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what is missing, build, start Gantry and run a first task on it
    Quickstart(quickstart::Options),
    /// Install what tests need and run all of them
    Test(test::Options),
    /// Check layers, generated code, opening documents, format and lints
    Tidy,
    /// Bring the compact models up to the pinned version of AWS's
    Models {
        /// Only say whether they are current
        #[arg(long)]
        check: bool,
    },
    /// Generate crates/api and the gRPC crates from the models and definitions in the tree
    Codegen {
        /// Only say whether they are current
        #[arg(long)]
        check: bool,
    },
    /// Measure against real peers and print ratios
    Bench {
        /// Only these: start, idle, run-task, burst, registry
        only: Vec<String>,
    },
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    match Arguments::parse().command {
        Command::Quickstart(options) => quickstart::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Tidy => tidy::run(),
        Command::Models { check } => sh::codegen("models", check),
        Command::Codegen { check } => {
            ["codegen", "grpc"].iter().try_for_each(|what| sh::codegen(what, check))
        }
        Command::Bench { only } => test::bench(&only),
    }
}
