//! From botocore's JSON to the lines that `gantry_wire::model::parse` reads. Documentation and everything
//! else that no codec and no validation needs is left behind.

use std::fmt::Write;

use anyhow::{Context, bail};
use serde_json::{Map, Value};

/// The model's text.
pub fn compact(service: &str, model: &Value) -> anyhow::Result<String> {
    let mut out = format!(
        "# Written by `cargo xtask models` from botocore {}; not to be edited.\n",
        crate::wheel::VERSION
    );
    header(&mut out, service, model)?;
    for (name, op) in sorted(object(model, "operations")?) {
        operation(&mut out, name, op).with_context(|| format!("operation {name}"))?;
    }
    let shapes = object(model, "shapes")?;
    for (name, shape) in sorted(shapes) {
        line(&mut out, name, shape, shapes).with_context(|| format!("shape {name}"))?;
    }
    Ok(out)
}

fn header(out: &mut String, service: &str, model: &Value) -> anyhow::Result<()> {
    let meta = object(model, "metadata")?;
    let text = |key: &str| meta.get(key).and_then(Value::as_str);
    writeln!(out, "service {service}")?;
    writeln!(out, "version {}", text("apiVersion").context("no apiVersion")?)?;
    let protocols: Vec<&str> = meta
        .get("protocols")
        .and_then(Value::as_array)
        .context("no protocols")?
        .iter()
        .filter_map(Value::as_str)
        .collect();
    writeln!(out, "protocols {}", protocols.join(" "))?;
    for (ours, theirs) in [
        ("json", "jsonVersion"),
        ("target", "targetPrefix"),
        ("signing", "signingName"),
        ("endpoint", "endpointPrefix"),
        ("namespace", "xmlNamespace"),
    ] {
        if let Some(value) = text(theirs) {
            writeln!(out, "{ours} {value}")?;
        }
    }
    // A restXml service says its namespace at each operation; it is one for all of them.
    let roots = object(model, "operations")?.values();
    if let Some(uri) = roots.filter_map(|op| op.pointer("/input/xmlNamespace/uri")?.as_str()).next() {
        writeln!(out, "namespace {uri}")?;
    }
    // S3 alone has Smithy's `noErrorWrapping`, which botocore's form of the model leaves out.
    if service == "s3" {
        writeln!(out, "bare-errors")?;
    }
    if meta.contains_key("awsQueryCompatible") {
        writeln!(out, "query-compatible")?;
    }
    Ok(())
}

fn operation(out: &mut String, name: &str, op: &Value) -> anyhow::Result<()> {
    let http = object(op, "http")?;
    let method = http.get("method").and_then(Value::as_str).context("no method")?;
    let uri = http.get("requestUri").and_then(Value::as_str).context("no path")?;
    write!(out, "op {name} {method} {}", escape(uri))?;
    if op.get("deprecated") == Some(&Value::Bool(true)) {
        write!(out, " deprecated")?;
    }
    if let Some(input) = op.get("input") {
        write!(out, " in={}", shape_of(input)?)?;
        if let Some(root) = input.get("locationName").and_then(Value::as_str) {
            write!(out, " root={root}")?;
        }
        if let Some(uri) = input.pointer("/xmlNamespace/uri").and_then(Value::as_str) {
            write!(out, " xmlns={}", escape(uri))?;
        }
    }
    if let Some(output) = op.get("output") {
        write!(out, " out={}", shape_of(output)?)?;
        if let Some(wrapper) = output.get("resultWrapper").and_then(Value::as_str) {
            write!(out, " wrap={wrapper}")?;
        }
    }
    let errors: Vec<&str> = op
        .get("errors")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(shape_of)
        .collect::<anyhow::Result<_>>()?;
    if !errors.is_empty() {
        write!(out, " errors={}", errors.join(","))?;
    }
    match http.get("responseCode").and_then(Value::as_u64) {
        None | Some(200) => {}
        Some(status) => write!(out, " status={status}")?,
    }
    if let Some(prefix) = op.pointer("/endpoint/hostPrefix").and_then(Value::as_str) {
        write!(out, " host={}", escape(prefix))?;
    }
    if op.get("authtype").and_then(Value::as_str) == Some("none") {
        write!(out, " unsigned")?;
    }
    // An operation with neither input nor output nor errors still differs from one whose details are left out.
    if op.get("input").is_none() && op.get("output").is_none() && errors.is_empty() {
        write!(out, " served")?;
    }
    out.push('\n');
    Ok(())
}

fn line(out: &mut String, name: &str, shape: &Value, shapes: &Map<String, Value>) -> anyhow::Result<()> {
    let kind = shape.get("type").and_then(Value::as_str).context("no type")?;
    let document = shape.get("document") == Some(&Value::Bool(true));
    match kind {
        "structure" if document => write!(out, "document {name}")?,
        "structure" => {
            write!(out, "struct {name}")?;
            structure_traits(out, shape)?;
            let required: Vec<&str> = shape
                .get("required")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            for (member, at) in object(shape, "members")? {
                write!(out, " {}:", escape(member))?;
                reference(out, at, member, shapes)?;
                if required.contains(&member.as_str()) {
                    out.push('!');
                }
            }
        }
        "list" => {
            write!(out, "list {name} ")?;
            reference(out, shape.get("member").context("no member")?, "", shapes)?;
        }
        "map" => {
            write!(out, "map {name} ")?;
            reference(out, shape.get("key").context("no key")?, "", shapes)?;
            out.push(' ');
            reference(out, shape.get("value").context("no value")?, "", shapes)?;
        }
        "string" | "blob" | "boolean" | "integer" | "long" | "float" | "double" | "timestamp" => {
            write!(out, "{kind} {name}")?
        }
        other => bail!("a {other} is not known"),
    }
    for key in ["min", "max"] {
        if let Some(bound) = shape.get(key) {
            write!(out, " @{key}={bound}")?;
        }
    }
    for (key, ours) in [("sensitive", "sensitive"), ("flattened", "flat"), ("streaming", "stream")] {
        if shape.get(key) == Some(&Value::Bool(true)) {
            write!(out, " @{ours}")?;
        }
    }
    if let Some(format) = shape.get("timestampFormat").and_then(Value::as_str) {
        write!(out, " @time={format}")?;
    }
    if let Some(values) = shape.get("enum").and_then(Value::as_array) {
        let values: Vec<String> = values.iter().filter_map(Value::as_str).map(escape).collect();
        write!(out, " @enum={}", values.join("|"))?;
    }
    if let Some(pattern) = shape.get("pattern").and_then(Value::as_str) {
        write!(
            out,
            " @pattern={}",
            escape_with(pattern, |c| c.is_whitespace() || c.is_control() || c == '%')
        )?;
    }
    out.push('\n');
    Ok(())
}

fn structure_traits(out: &mut String, shape: &Value) -> anyhow::Result<()> {
    let is = |key: &str| shape.get(key) == Some(&Value::Bool(true));
    if is("exception") || shape.get("error").is_some() {
        write!(out, " @error")?;
    }
    if is("fault") {
        write!(out, " @fault")?;
    }
    if is("union") {
        write!(out, " @union")?;
    }
    if is("eventstream") {
        write!(out, " @events")?;
    }
    if let Some(error) = shape.get("error") {
        if let Some(code) = error.get("code").and_then(Value::as_str) {
            write!(out, " @code={}", escape(code))?;
        }
        if let Some(status) = error.get("httpStatusCode").and_then(Value::as_u64) {
            write!(out, " @status={status}")?;
        }
        match error.get("senderFault") {
            Some(Value::Bool(true)) => write!(out, " @sender")?,
            Some(Value::Bool(false)) => write!(out, " @sender=no")?,
            _ => {}
        }
    }
    if let Some(payload) = shape.get("payload").and_then(Value::as_str) {
        write!(out, " @payload={payload}")?;
    }
    if let Some(name) = shape.get("locationName").and_then(Value::as_str) {
        write!(out, " @as={}", escape(name))?;
    }
    if let Some(uri) = shape.pointer("/xmlNamespace/uri").and_then(Value::as_str) {
        write!(out, " @xmlns={}", escape(uri))?;
        if let Some(prefix) = shape.pointer("/xmlNamespace/prefix").and_then(Value::as_str) {
            write!(out, " @prefix={prefix}")?;
        }
    }
    Ok(())
}

/// A use of a shape. What the shape itself says of its spelling holds where the use is silent, and is
/// written here, so that a codec looks in one place only.
fn reference(out: &mut String, at: &Value, member: &str, shapes: &Map<String, Value>) -> anyhow::Result<()> {
    let target = shape_of(at)?;
    let shape = shapes.get(target).with_context(|| format!("no shape {target}"))?;
    let either = |key: &str| at.get(key).or_else(|| shape.get(key));
    let text = |key: &str| either(key).and_then(Value::as_str);
    let is = |key: &str| either(key) == Some(&Value::Bool(true));
    write!(out, "{target}")?;
    let mut options = Vec::new();
    match text("locationName") {
        Some(name) if name != member => options.push(format!("as={}", escape(name))),
        _ => {}
    }
    if let Some(name) = text("queryName") {
        options.push(format!("query={}", escape(name)));
    }
    if let Some(location) = text("location") {
        options.push(format!("loc={location}"));
    }
    for (key, ours) in [
        ("flattened", "flat"),
        ("xmlAttribute", "attr"),
        ("jsonvalue", "jsonvalue"),
        ("idempotencyToken", "token"),
        ("hostLabel", "hostlabel"),
        ("streaming", "stream"),
    ] {
        if is(key) {
            options.push(ours.into());
        }
    }
    if let Some(uri) =
        either("xmlNamespace").and_then(|namespace| namespace.get("uri").unwrap_or(namespace).as_str())
    {
        options.push(format!("xmlns={}", escape(uri)));
        if let Some(prefix) = either("xmlNamespace").and_then(|namespace| namespace.get("prefix")?.as_str()) {
            options.push(format!("prefix={prefix}"));
        }
    }
    if let Some(format) = text("timestampFormat") {
        options.push(format!("time={format}"));
    }
    if !options.is_empty() {
        write!(out, "({})", options.join(","))?;
    }
    Ok(())
}

fn shape_of(at: &Value) -> anyhow::Result<&str> {
    at.get("shape").and_then(Value::as_str).context("a use of no shape")
}

fn object<'a>(value: &'a Value, key: &str) -> anyhow::Result<&'a Map<String, Value>> {
    value.get(key).and_then(Value::as_object).with_context(|| format!("no {key}"))
}

/// By name, so that a new release changes only the lines that it changes.
fn sorted(map: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_by_key(|(name, _)| *name);
    entries
}

fn escape(text: &str) -> String {
    escape_with(text, |c| c.is_whitespace() || c.is_control() || "%(),:|!".contains(c))
}

fn escape_with(text: &str, separates: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if separates(c) {
            let mut buffer = [0; 4];
            for byte in c.encode_utf8(&mut buffer).bytes() {
                out.push_str(&format!("%{byte:02X}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}
