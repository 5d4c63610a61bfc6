//! `cargo xtask test` and `cargo xtask bench`: install what they need, then run.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::{again, packages, sh, tidy};

#[derive(Args)]
pub struct Options {
    /// Only this package's tests, without the rest of the checks
    #[arg(long, short)]
    package: Option<String>,
    /// Leave nothing out: the round trip of the wire over every operation with all samples
    #[arg(long)]
    all: bool,
}

/// AWS's clients as the tests use them, by their versions in PyPI.
const PYTHON_PACKAGES: &[&str] = &["boto3==1.44.5", "botocore==1.44.5"];

pub fn run(options: &Options) -> Result<()> {
    packages::install(&[packages::TO_RUN, packages::FOR_TESTS])?;
    let python = python()?;
    if options.package.is_none() {
        tidy::run()?;
    }
    println!("Build");
    // With the features that the tests' build gives the crates that both use, so that none is compiled twice.
    match &options.package {
        Some(_) => sh::run(sh::cargo().args(["build", "--package", "gantry"]))?,
        None => sh::run(sh::cargo().args(["build", "--workspace", "--bins", "--tests", "--examples"]))?,
    }

    println!("Test");
    let test = || {
        let mut test = sh::cargo();
        test.args(["test", "--no-fail-fast"]);
        match &options.package {
            Some(package) => test.args(["--package", package]),
            None => test.arg("--workspace"),
        };
        if options.all {
            test.env("GANTRY_ROUND_TRIP", "all");
        }
        prepare(&mut test, &python);
        test
    };
    again::run(test)
}

pub fn bench(only: &[String]) -> Result<()> {
    packages::install(&[packages::TO_RUN, packages::FOR_TESTS, packages::FOR_BENCH])?;
    let python = python()?;
    let packages = ["--package", "gantry", "--package", "gantry-bench", "--package", "gantry-ecs-core"];
    sh::run(sh::cargo().args(["build", "--release", "--bins", "--example", "placement"]).args(packages))?;
    let mut bench = sh::program(sh::root().join("target/release/gantry-bench"));
    bench.args(only);
    prepare(&mut bench, &python);
    bench.env("GANTRY_BIN", sh::root().join("target/release/gantry"));
    sh::run(&mut bench)
}

/// Tells tests where the binary and the Python with AWS's clients are.
fn prepare(command: &mut Command, python: &std::path::Path) {
    command.env("GANTRY_BIN", sh::root().join("target/debug/gantry"));
    command.env("GANTRY_PYTHON", python);
}

/// A Python environment of the project's own with AWS's clients in it.
fn python() -> Result<PathBuf> {
    let folder = sh::root().join(".cache/python");
    let python = folder.join("bin/python");
    let wanted = PYTHON_PACKAGES.join("\n");
    let mark = folder.join("gantry-packages");
    if std::fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    println!("Install {} (PyPI)", PYTHON_PACKAGES.join(", "));
    if sh::output(sh::program("python3").args(["-c", "import ensurepip, venv"])).is_err() {
        packages::install_packages(&["python3-venv"])?;
    }
    sh::output(sh::program("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    sh::output(sh::program(&python).args(["-m", "pip", "install", "--quiet"]).args(PYTHON_PACKAGES))?;
    std::fs::write(mark, wanted)?;
    Ok(python)
}
