//! Generates `crates/api` from the models and the gRPC crates from their definitions.
fn main() {}
