//! A REST request to a value, guided by a shape.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::HeaderMap;

use crate::limits::{Fault, Limits};
use crate::model::{Kind, Location, Model, Ref, StructDef, TimeFormat};
use crate::query::Params;
use crate::text;
use crate::value::Value;

/// The parts of a request that values are taken from.
pub struct Parts<'a> {
    pub labels: &'a [(&'static str, String)],
    pub query: &'a Params,
    pub headers: &'a HeaderMap,
    pub body: &'a Bytes,
}

/// Decodes a request; `body` decodes what stands in the body.
pub fn decode(
    model: &Model,
    at: Ref,
    parts: &Parts<'_>,
    limits: &Limits,
    body: fn(&Model, Ref, &[u8], &Limits) -> Result<Value, Fault>,
) -> Result<Value, Fault> {
    let Kind::Struct(def) = &model.shape(at.shape).kind else {
        return Err(Fault::wrong("The input is no structure"));
    };
    let mut members = Vec::new();
    for (index, member) in def.members.iter().enumerate() {
        let name = member.wire_name();
        let value = match member.at.location {
            Location::Uri => {
                let label = parts.labels.iter().find(|(label, _)| *label == name);
                label
                    .map(|(_, value)| text::parse(model, &member.at, value, TimeFormat::DateTime))
                    .transpose()?
            }
            Location::QueryString => query(model, &member.at, name, def, parts.query)?,
            Location::Header => header(model, &member.at, name, parts.headers)?,
            Location::Headers => prefixed(name, parts.headers)?,
            Location::StatusCode | Location::Body => None,
        };
        if let Some(value) = value {
            members.push((index as u16, value));
        }
    }
    match def.payload {
        Some(index) => {
            let member = &def.members[usize::from(index)];
            if let Some(value) = payload(model, &member.at, parts.body, limits, body)? {
                members.push((index, value));
            }
        }
        None if def.members.iter().any(|member| member.at.location == Location::Body) => {
            match body(model, at, parts.body, limits)? {
                Value::Struct(inner) => members.extend(inner),
                other => return Err(Fault::wrong(format!("The body is a {}", other.kind()))),
            }
        }
        None => {}
    }
    Ok(Value::Struct(members))
}

/// A body that is one member: raw where that is text or bytes.
fn payload(
    model: &Model,
    at: &Ref,
    raw: &Bytes,
    limits: &Limits,
    body: fn(&Model, Ref, &[u8], &Limits) -> Result<Value, Fault>,
) -> Result<Option<Value>, Fault> {
    if raw.is_empty() {
        return Ok(None);
    }
    match &model.shape(at.shape).kind {
        Kind::Blob { .. } => Ok(Some(Value::Blob(raw.clone()))),
        Kind::String { .. } => match std::str::from_utf8(raw) {
            Ok(text) => Ok(Some(Value::String(text.to_owned()))),
            Err(_) => Err(Fault::syntax("The body is not UTF-8")),
        },
        _ => body(model, *at, raw, limits).map(Some),
    }
}

fn query(
    model: &Model,
    at: &Ref,
    name: &str,
    def: &StructDef,
    params: &Params,
) -> Result<Option<Value>, Fault> {
    match &model.shape(at.shape).kind {
        Kind::List { item, .. } => {
            let items = params
                .all(name)
                .map(|value| text::parse(model, item, value, TimeFormat::DateTime))
                .collect::<Result<Vec<_>, _>>()?;
            Ok((!items.is_empty()).then_some(Value::List(items)))
        }
        // A map takes every parameter that no other member claims.
        Kind::Map { value, .. } => {
            let claimed = |name: &str| {
                def.members
                    .iter()
                    .any(|member| member.at.location == Location::QueryString && member.wire_name() == name)
            };
            let mut entries: Vec<(String, Value)> = Vec::new();
            for (key, value_text) in params.0.iter().filter(|(key, _)| !claimed(key)) {
                match &model.shape(value.shape).kind {
                    Kind::List { item, .. } => {
                        let parsed = text::parse(model, item, value_text, TimeFormat::DateTime)?;
                        match entries.iter_mut().find(|(seen, _)| seen == key) {
                            Some((_, Value::List(items))) => items.push(parsed),
                            _ => entries.push((key.clone(), Value::List(vec![parsed]))),
                        }
                    }
                    _ => entries
                        .push((key.clone(), text::parse(model, value, value_text, TimeFormat::DateTime)?)),
                }
            }
            Ok((!entries.is_empty()).then(|| Value::Map(crate::json::last_of_each(entries))))
        }
        _ => params.get(name).map(|value| text::parse(model, at, value, TimeFormat::DateTime)).transpose(),
    }
}

fn header(model: &Model, at: &Ref, name: &str, headers: &HeaderMap) -> Result<Option<Value>, Fault> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let value = std::str::from_utf8(value.as_bytes())
        .map_err(|_| Fault::syntax(format!("Header {name} is not UTF-8")))?;
    if at.json_value {
        let bad = |_| Fault::wrong(format!("Header {name} is not JSON in base64"));
        let raw = BASE64_STANDARD.decode(value).map_err(|_| bad(()))?;
        return serde_json::from_slice(&raw)
            .map(|document| Some(Value::Document(document)))
            .map_err(|_| bad(()));
    }
    match &model.shape(at.shape).kind {
        Kind::List { item, .. } => {
            let dates = matches!(model.shape(item.shape).kind, Kind::Timestamp { .. })
                && text::time_format(model, item).unwrap_or(TimeFormat::HttpDate) == TimeFormat::HttpDate;
            let items = split(value, dates)
                .into_iter()
                .map(|item_text| text::parse(model, item, &item_text, TimeFormat::HttpDate))
                .collect::<Result<Vec<_>, _>>()?;
            Ok(Some(Value::List(items)))
        }
        _ => text::parse(model, at, value.trim(), TimeFormat::HttpDate).map(Some),
    }
}

/// A header's list: commas separate, except within quotes and within the one comma of a date.
fn split(value: &str, dates: bool) -> Vec<String> {
    let mut items = vec![String::new()];
    let (mut quoted, mut escaped, mut commas) = (false, false, 0);
    for c in value.chars() {
        let item = items.last_mut().expect("starts with one and only grows");
        match c {
            _ if escaped => {
                item.push(c);
                escaped = false;
            }
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => {
                commas += 1;
                if dates && commas % 2 == 1 {
                    item.push(c);
                } else {
                    items.push(String::new());
                }
            }
            c => item.push(c),
        }
    }
    items.into_iter().map(|item| item.trim().to_owned()).collect()
}

fn prefixed(prefix: &str, headers: &HeaderMap) -> Result<Option<Value>, Fault> {
    let prefix = prefix.to_ascii_lowercase();
    let mut entries = Vec::new();
    for (name, value) in headers {
        if let Some(key) = name.as_str().strip_prefix(&prefix) {
            let text = std::str::from_utf8(value.as_bytes())
                .map_err(|_| Fault::syntax(format!("Header {name} is not UTF-8")))?;
            entries.push((key.to_owned(), Value::String(text.to_owned())));
        }
    }
    Ok((!entries.is_empty()).then_some(Value::Map(entries)))
}
