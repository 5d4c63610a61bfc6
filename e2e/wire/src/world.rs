//! The services under proof: their whole models, or those that the endpoint carries.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, anyhow};
use gantry_wire::sink::ValueSink;
use gantry_wire::{Bad, Limits, Model, Operation, Put, Router, Take, Value};

/// The text of every service's whole model, by service.
pub fn texts() -> anyhow::Result<Vec<(String, &'static str)>> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
    let mut out = Vec::new();
    for entry in fs::read_dir(&dir).with_context(|| format!("list {}", dir.display()))? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "model") {
            continue;
        }
        let name = path.file_stem().context("a model has a name")?.to_string_lossy().into_owned();
        let text: &'static str = Box::leak(fs::read_to_string(&path)?.into_boxed_str());
        out.push((name, text));
    }
    out.sort();
    Ok(out)
}

/// A model that lives as long as the test.
pub fn model(text: &'static str) -> anyhow::Result<&'static Model> {
    Ok(Box::leak(Box::new(Model::parse(text).map_err(|error| anyhow!("{error}"))?)))
}

/// A router over whole models.
pub fn whole() -> anyhow::Result<Router> {
    let models = texts()?.into_iter().map(|(_, text)| model(text)).collect::<anyhow::Result<_>>()?;
    Ok(Router::over(models, Limits::STANDARD))
}

type Through = fn(Value) -> Result<Box<dyn Put>, String>;

/// The generated structs of every served operation: values through them and out again.
#[derive(Default)]
pub struct Typed {
    sides: HashMap<(&'static str, &'static str), (Through, Through)>,
}

impl Typed {
    pub fn all() -> Typed {
        let mut typed = Typed::default();
        gantry_api_catalog::each(&mut typed);
        typed
    }

    pub fn operations(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.sides.keys().copied()
    }

    /// A value that went into the input's struct and came out again.
    pub fn input(&self, service: &str, operation: &str, value: Value) -> Result<Value, String> {
        let (input, _) = self.sides.get(&(service, operation)).ok_or("not served")?;
        let mut sink = ValueSink::default();
        input(value)?.put(&mut sink);
        sink.finish().ok_or_else(|| "the struct left something open".into())
    }

    /// The output's struct, made of a value.
    pub fn output(&self, service: &str, operation: &str, value: Value) -> Result<Box<dyn Put>, String> {
        let (_, output) = self.sides.get(&(service, operation)).ok_or("not served")?;
        output(value)
    }
}

impl gantry_api_catalog::Visit for Typed {
    fn operation<O: Operation>(&mut self) {
        self.sides.insert((O::SERVICE, O::NAME), (through::<O::Input>, through::<O::Output>));
    }
}

fn through<T: Take + Put + 'static>(value: Value) -> Result<Box<dyn Put>, String> {
    let mut bad = Bad::default();
    let typed = T::take(value, &mut bad);
    bad.into_result()?;
    Ok(Box::new(typed))
}
