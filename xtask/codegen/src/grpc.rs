//! Generates the gRPC crates from their definitions, without `protoc`.
//!
//! A gRPC crate keeps its definitions in `proto/` and the generated code in `src/generated/`, entered by
//! `src/generated/mod.rs`. The output is committed, so that a build needs no generator.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// A crate whose code is generated from `proto/`.
struct Crate {
    dir: &'static str,
    server: bool,
    /// Fields of these packages that are `bytes` become `bytes::Bytes`, so that payloads are not copied.
    bytes: &'static [&'static str],
    /// Foreign definitions carry prose in a notation that rustdoc misreads as code.
    comments: bool,
}

const CRATES: &[Crate] = &[
    Crate {
        dir: "crates/node/containerd-api",
        server: false,
        bytes: &[".containerd.services.content.v1"],
        comments: false,
    },
    Crate { dir: "crates/kernel/etcd-api", server: false, bytes: &["."], comments: true },
    Crate { dir: "crates/node/node-proto", server: true, bytes: &["."], comments: true },
];

/// Writes `src/generated` of every gRPC crate; with `check`, changes nothing and fails if anything would change.
pub fn generate(root: &Path, check: bool) -> anyhow::Result<()> {
    for it in CRATES {
        let dir = root.join(it.dir);
        let protos = definitions(&dir.join("proto"))?;
        if protos.is_empty() {
            continue;
        }
        let wanted = compile(it, &dir.join("proto"), &protos)
            .with_context(|| format!("generate {} from its definitions", it.dir))?;
        settle(&dir.join("src/generated"), &wanted, check)?;
    }
    Ok(())
}

/// All `.proto` files below `dir`, as paths relative to it, sorted; none if there is no such directory.
fn definitions(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut pending = vec![dir.to_path_buf()];
    while let Some(at) = pending.pop() {
        if !at.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&at).with_context(|| format!("list {}", at.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|ext| ext == "proto") {
                found.push(path.strip_prefix(dir).expect("found below it").to_path_buf());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The generated files by name.
fn compile(it: &Crate, include: &Path, protos: &[PathBuf]) -> anyhow::Result<BTreeMap<String, String>> {
    let set = protox::compile(protos, [include]).map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let out = Scratch::new()?;
    let mut config = tonic_prost_build::Config::new();
    if !it.comments {
        config.disable_comments(["."]);
    }
    let mut builder = tonic_prost_build::configure()
        .build_server(it.server)
        .out_dir(&out.0)
        .include_file("mod.rs")
        .emit_rerun_if_changed(false);
    for package in it.bytes {
        builder = builder.bytes(package);
    }
    if !it.comments {
        builder = builder.disable_comments(["."]);
    }
    builder.compile_fds_with_config(set, config)?;
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(&out.0)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        files.insert(name, fs::read_to_string(entry.path())?);
    }
    Ok(files)
}

/// Makes `dir` hold exactly `wanted`, or with `check` says how it differs.
fn settle(dir: &Path, wanted: &BTreeMap<String, String>, check: bool) -> anyhow::Result<()> {
    let mut present = BTreeMap::new();
    if dir.is_dir() {
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            present.insert(name, fs::read_to_string(entry.path())?);
        }
    }
    if &present == wanted {
        return Ok(());
    }
    if check {
        bail!("{} is not what its definitions give: run `cargo xtask codegen`", dir.display());
    }
    fs::create_dir_all(dir)?;
    for name in present.keys().filter(|name| !wanted.contains_key(*name)) {
        fs::remove_file(dir.join(name))?;
    }
    for (name, text) in wanted {
        if present.get(name) != Some(text) {
            fs::write(dir.join(name), text)?;
        }
    }
    Ok(())
}

/// A directory of this process alone that goes when it is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> anyhow::Result<Self> {
        let dir = std::env::temp_dir().join(format!("gantry-grpc-{}", std::process::id()));
        if dir.exists() {
            fs::remove_dir_all(&dir)?;
        }
        fs::create_dir_all(&dir)?;
        Ok(Self(dir))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is a temporary directory; the next run of this process id clears it.
        let _ = fs::remove_dir_all(&self.0);
    }
}
