//! Writes what is generated and committed: the models from AWS's, `crates/api` from the models, and the gRPC
//! crates from their definitions.
//!
//! `gantry-codegen models|codegen|grpc [--check] [--wheel FILE]`

mod api;
mod compact;
mod grpc;
mod models;
mod overlay;
mod rust;
mod tree;
mod wheel;

use std::path::{Path, PathBuf};

use anyhow::bail;

fn main() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let args: Vec<String> = std::env::args().skip(1).collect();
    let check = args.iter().any(|arg| arg == "--check");
    let wheel =
        args.iter().position(|arg| arg == "--wheel").and_then(|at| args.get(at + 1)).map(PathBuf::from);
    match args.first().map(String::as_str) {
        Some("models") => models::generate(&root, wheel, check),
        Some("codegen") => api::generate(&root, check),
        Some("grpc") => grpc::generate(&root, check),
        _ => bail!("usage: gantry-codegen models|codegen|grpc [--check] [--wheel FILE]"),
    }
}
