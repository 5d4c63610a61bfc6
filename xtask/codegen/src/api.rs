//! `crates/api/*` from models and overlays: one crate for each service that serves something, and the
//! catalog of all models.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use gantry_wire::Model;
use gantry_wire::model::{Kind, Location, Ref, ShapeId, StructDef};

use crate::models::SERVICES;
use crate::overlay::Overlay;
use crate::{rust, tree};

const REMARK: &str = "Written by `cargo xtask codegen` from `models/`; not to be edited.";

/// Writes `crates/api`; with `check`, changes nothing and fails if it would.
pub fn generate(root: &Path, check: bool) -> anyhow::Result<()> {
    let mut files = BTreeMap::new();
    let mut served = Vec::new();
    let mut all_served = Vec::new();
    for service in SERVICES {
        let path = root.join(format!("models/{service}.model"));
        let text: &'static str = Box::leak(
            fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?.into_boxed_str(),
        );
        let model = Model::parse(text).map_err(|error| anyhow!("{}: {error}", path.display()))?;
        let overlay = Overlay::read(root, &model)?;
        let kept = Kept::of(&model, &overlay);
        let data = trim(text, &model, &overlay, &kept);
        if overlay.served.is_empty() {
            files.insert(PathBuf::from(format!("catalog/src/{service}.model")), data);
            continue;
        }
        served.push(*service);
        let ops = model.operations.iter().filter(|op| overlay.served.iter().any(|name| name == op.name));
        all_served.extend(ops.map(|op| (*service, op.name)));
        files.insert(PathBuf::from(format!("{service}/src/service.model")), data);
        files.insert(PathBuf::from(format!("{service}/Cargo.toml")), manifest(service, &[]));
        files.insert(PathBuf::from(format!("{service}/src/lib.rs")), entry(&model));
        files.insert(PathBuf::from(format!("{service}/src/ops.rs")), operations(&model, &overlay));
        files.insert(PathBuf::from(format!("{service}/src/shapes.rs")), shapes(&model, &overlay, &kept));
    }
    files.insert(PathBuf::from("catalog/Cargo.toml"), manifest("catalog", &served));
    files.insert(PathBuf::from("catalog/src/lib.rs"), catalog(&served, &all_served));
    tree::settle(&root.join("crates/api"), &files, |_| true, check)
}

/// The shapes that served operations reach.
struct Kept {
    /// With the service's errors: what stays in the data.
    data: BTreeSet<ShapeId>,
    /// What gets a struct.
    typed: BTreeSet<ShapeId>,
}

impl Kept {
    fn of(model: &Model, overlay: &Overlay) -> Kept {
        let mut typed = BTreeSet::new();
        for op in model.operations.iter().filter(|op| overlay.served.iter().any(|name| name == op.name)) {
            for id in op.input.into_iter().chain(op.output) {
                reach(model, id, &mut typed);
            }
        }
        let mut data = typed.clone();
        if !overlay.served.is_empty() {
            for (index, shape) in model.shapes.iter().enumerate() {
                if matches!(&shape.kind, Kind::Struct(StructDef { error: Some(_), .. })) {
                    reach(model, ShapeId(index as u32), &mut data);
                }
            }
        }
        Kept { data, typed }
    }
}

fn reach(model: &Model, id: ShapeId, seen: &mut BTreeSet<ShapeId>) {
    if !seen.insert(id) {
        return;
    }
    match &model.shape(id).kind {
        Kind::Struct(def) => def.members.iter().for_each(|member| reach(model, member.at.shape, seen)),
        Kind::List { item, .. } => reach(model, item.shape, seen),
        Kind::Map { key, value, .. } => {
            reach(model, key.shape, seen);
            reach(model, value.shape, seen);
        }
        _ => {}
    }
}

/// The model's text with the overlay's corrections and without what nobody serves.
fn trim(text: &str, model: &Model, overlay: &Overlay, kept: &Kept) -> String {
    let mut out = format!("# {REMARK}\n");
    let mut header = true;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split(' ');
        let (keyword, name) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        if keyword == "op" {
            if header && let Some(validation) = &overlay.validation {
                let _ = writeln!(out, "validation {} {}", validation.style, validation.code);
            }
            header = false;
            if overlay.served.iter().any(|served| served == name) {
                let other =
                    overlay.validation.as_ref().and_then(|validation| validation.operations.get(name));
                let other = other.map(|code| format!(" validation={code}")).unwrap_or_default();
                let _ = writeln!(out, "{line}{other}");
            } else {
                let mut words = line.split(' ');
                let mut short: Vec<&str> = words.by_ref().take(4).collect();
                short.extend(words.next().filter(|word| *word == "deprecated"));
                let _ = writeln!(out, "{}{}", short.join(" "), needs(model, name));
            }
        } else if header {
            let _ = writeln!(out, "{line}");
        } else if model.shape_id(name).is_some_and(|id| kept.data.contains(&id)) {
            let _ = writeln!(out, "{}", correct(line, name, overlay));
        }
    }
    out
}

/// What tells an operation from others of the same path: the parameters and headers that it requires.
fn needs(model: &Model, operation: &str) -> String {
    let input = model.operation(operation).and_then(|op| model.structure(op.input?));
    let required = input.into_iter().flat_map(|def| &def.members).filter(|member| member.required);
    let needs: Vec<String> = required
        .filter_map(|member| match member.at.location {
            Location::QueryString => Some(format!("query:{}", member.wire_name())),
            Location::Header => Some(format!("header:{}", member.wire_name())),
            _ => None,
        })
        .collect();
    if needs.is_empty() { String::new() } else { format!(" needs={}", needs.join(",")) }
}

fn correct(line: &str, name: &str, overlay: &Overlay) -> String {
    let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    if overlay.patterns_off.iter().any(|off| off == name) {
        words.retain(|word| !word.starts_with("@pattern="));
    }
    for member in overlay.optional.get(name).into_iter().flatten() {
        let start = format!("{member}:");
        for word in words.iter_mut().filter(|word| word.starts_with(&start)) {
            word.truncate(word.trim_end_matches('!').len());
        }
    }
    if let Some(fix) = overlay.errors.get(name) {
        if let Some(status) = fix.status {
            words.retain(|word| !word.starts_with("@status="));
            words.insert(2, format!("@status={status}"));
        }
        if let Some(code) = &fix.code {
            words.retain(|word| !word.starts_with("@code="));
            words.insert(2, format!("@code={code}"));
        }
    }
    words.join(" ")
}

fn manifest(name: &str, uses: &[&str]) -> String {
    let mut out = format!(
        "# {REMARK}\n[package]\nname = \"gantry-api-{name}\"\nversion.workspace = true\nedition.workspace = true\n\
         rust-version.workspace = true\nlicense.workspace = true\npublish.workspace = true\n\n[lints]\nworkspace = true\n\n\
         [lib]\ndoctest = false\ntest = false\n\n[dependencies]\ngantry-wire.workspace = true\n"
    );
    for service in uses {
        let _ = writeln!(out, "gantry-api-{service}.workspace = true");
    }
    out
}

fn entry(model: &Model) -> String {
    format!(
        "//! The API of {0}: the shapes and operations that are served, and AWS's model of the service as data.\n\
         //!\n//! This crate never decides anything: it is data and the types that carry it. {REMARK}\n//!\n\
         //! Read in this order: [`ops`], [`shapes`].\n\npub mod ops;\npub mod shapes;\n\n\
         pub use ops::*;\npub use shapes::*;\n\nuse gantry_wire::LazyModel;\n\n\
         /// The service's model: all its operations, and the shapes of those that are served.\n\
         pub static MODEL: LazyModel = LazyModel::new(\"{0}\", include_str!(\"service.model\"));\n",
        model.service
    )
}

fn operations(model: &Model, overlay: &Overlay) -> String {
    let mut out = format!(
        "//! The operations that are served. {REMARK}\n\nuse crate::shapes;\n\ngantry_wire::operations! {{\n    \"{}\";\n",
        model.service
    );
    for op in model.operations.iter().filter(|op| overlay.served.iter().any(|name| name == op.name)) {
        let side = |id: Option<ShapeId>| match id {
            Some(id) => format!("shapes::{}", struct_name(model, id)),
            None => "gantry_wire::Unit".into(),
        };
        let _ = writeln!(out, "    {}({}) -> {};", op.name, side(op.input), side(op.output));
    }
    out.push_str("}\n");
    out
}

fn shapes(model: &Model, overlay: &Overlay, kept: &Kept) -> String {
    let mut out = format!(
        "//! The shapes that served operations reach. {REMARK}\n\nuse crate::MODEL;\n#[allow(unused_imports)]\nuse gantry_wire::generated::*;\n\ngantry_wire::shape! {{\n"
    );
    for id in &kept.typed {
        let shape = model.shape(*id);
        let Kind::Struct(def) = &shape.kind else { continue };
        let _ = writeln!(out, "    pub struct {} = \"{}\" {{", struct_name(model, *id), shape.name);
        for (index, member) in def.members.iter().enumerate() {
            let mut ty = rust_type(model, &member.at);
            if reaches_directly(model, member.at.shape, *id, &mut BTreeSet::new()) {
                ty = format!("Box<{ty}>");
            }
            let optional = overlay.optional.get(shape.name);
            if !member.required || optional.is_some_and(|all| all.iter().any(|name| name == member.name)) {
                ty = format!("Option<{ty}>");
            }
            let _ = writeln!(out, "        {index} {}: {ty},", rust::field(member.name));
        }
        out.push_str("    }\n");
    }
    out.push_str("}\n");
    out
}

/// The struct's name; one that is also an operation's name steps back.
fn struct_name(model: &Model, id: ShapeId) -> String {
    let name = rust::type_name(model.shape(id).name);
    if model.operation(&name).is_some() { format!("{name}Shape") } else { name }
}

fn rust_type(model: &Model, at: &Ref) -> String {
    if at.json_value {
        return "Document".into();
    }
    match &model.shape(at.shape).kind {
        Kind::Struct(_) => struct_name(model, at.shape),
        Kind::List { item, .. } => format!("Vec<{}>", rust_type(model, item)),
        Kind::Map { value, .. } => format!("BTreeMap<String, {}>", rust_type(model, value)),
        Kind::String { .. } => "String".into(),
        Kind::Blob { .. } => "Bytes".into(),
        Kind::Boolean => "bool".into(),
        Kind::Integer { .. } => "i32".into(),
        Kind::Long { .. } => "i64".into(),
        Kind::Float { .. } | Kind::Double { .. } => "f64".into(),
        Kind::Timestamp { .. } => "Timestamp".into(),
        Kind::Document => "Document".into(),
    }
}

/// Whether a structure holds another without a list or map between, which a type of fixed size cannot.
fn reaches_directly(model: &Model, from: ShapeId, to: ShapeId, seen: &mut BTreeSet<ShapeId>) -> bool {
    let Some(def) = model.structure(from) else { return false };
    if from == to {
        return true;
    }
    seen.insert(from) && def.members.iter().any(|member| reaches_directly(model, member.at.shape, to, seen))
}

fn catalog(served: &[&str], ops: &[(&str, &str)]) -> String {
    let mut out = format!(
        "//! Every service's model, for the router.\n//!\n//! This crate never decides anything: it is a list. {REMARK}\n//!\n\
         //! Read in this order: [`all`], [`each`].\n\nuse gantry_wire::{{LazyModel, Operation}};\n\n"
    );
    let statics: Vec<&&str> = SERVICES.iter().filter(|service| !served.contains(service)).collect();
    for service in &statics {
        let name = rust::constant(service);
        let value = format!("LazyModel::new(\"{service}\", include_str!(\"{service}.model\"));");
        // As rustfmt breaks it.
        let gap = if name.len() + value.len() + 21 > 110 { "\n    " } else { " " };
        let _ = writeln!(out, "static {name}: LazyModel ={gap}{value}");
    }
    let _ = writeln!(
        out,
        "\n/// The models, by service name.\npub fn all() -> [&'static LazyModel; {}] {{\n    [",
        SERVICES.len()
    );
    for service in SERVICES {
        if served.contains(service) {
            let _ = writeln!(out, "        &gantry_api_{}::MODEL,", service.replace('-', "_"));
        } else {
            let _ = writeln!(out, "        &{},", rust::constant(service));
        }
    }
    out.push_str("    ]\n}\n");
    out.push_str(
        "\n/// Something to be done with every operation that is served.\npub trait Visit {\n    fn operation<O: Operation>(&mut self);\n}\n\n\
         /// Visits every operation that has typed shapes.\npub fn each(visit: &mut impl Visit) {\n",
    );
    for (service, op) in ops {
        let _ = writeln!(out, "    visit.operation::<gantry_api_{}::{op}>();", service.replace('-', "_"));
    }
    out.push_str("}\n");
    out
}
