//! Generates `crates/api` from the models and the gRPC crates from their definitions.
//!
//! `gantry-codegen grpc [--check]`

mod grpc;

use std::path::Path;

use anyhow::bail;

fn main() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let args: Vec<String> = std::env::args().skip(1).collect();
    let check = args.iter().any(|arg| arg == "--check");
    match args.first().map(String::as_str) {
        Some("grpc") => grpc::generate(&root, check),
        _ => bail!("usage: gantry-codegen grpc [--check]"),
    }
}
