//! The workspace's own commands: quickstart, test, tidy, models, codegen, bench.
fn main() {}
