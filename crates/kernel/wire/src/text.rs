//! Single values as text: in forms, XML, headers, paths and query strings.

use std::fmt::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use gantry_base::Timestamp;

use crate::limits::Fault;
use crate::model::{Kind, Model, Ref, TimeFormat};
use crate::time;
use crate::value::Value;

/// Reads one value; a time is read in `default` where neither the use nor the shape names a format.
pub(crate) fn parse(model: &Model, at: &Ref, text: &str, default: TimeFormat) -> Result<Value, Fault> {
    match &model.shape(at.shape).kind {
        Kind::String { .. } => Ok(Value::String(text.to_owned())),
        Kind::Boolean => match text.trim() {
            word if word.eq_ignore_ascii_case("true") => Ok(Value::Bool(true)),
            word if word.eq_ignore_ascii_case("false") => Ok(Value::Bool(false)),
            _ => Err(wrong(text, "a boolean")),
        },
        Kind::Integer { .. } => {
            text.trim().parse::<i32>().map(|n| Value::Int(n.into())).map_err(|_| wrong(text, "an integer"))
        }
        Kind::Long { .. } => text.trim().parse::<i64>().map(Value::Int).map_err(|_| wrong(text, "a long")),
        Kind::Float { .. } | Kind::Double { .. } => match text.trim() {
            "NaN" => Ok(Value::Float(f64::NAN)),
            "Infinity" => Ok(Value::Float(f64::INFINITY)),
            "-Infinity" => Ok(Value::Float(f64::NEG_INFINITY)),
            // Rust's own words for what is not finite are not AWS's.
            digits if digits.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b)) => {
                match digits.parse::<f64>() {
                    Ok(number) if number.is_finite() => Ok(Value::Float(number)),
                    _ => Err(wrong(text, "a number")),
                }
            }
            _ => Err(wrong(text, "a number")),
        },
        Kind::Blob { .. } => {
            let joined: String = text.split_ascii_whitespace().collect();
            BASE64_STANDARD
                .decode(joined)
                .map(|bytes| Value::Blob(Bytes::from(bytes)))
                .map_err(|_| wrong(text, "base64"))
        }
        Kind::Timestamp { format } => {
            let format = at.time.or(*format).unwrap_or(default);
            time::parse(text.trim(), format).map(Value::Time).ok_or_else(|| wrong(text, "a timestamp"))
        }
        Kind::Document => {
            serde_json::from_str(text).map(Value::Document).map_err(|_| wrong(text, "a document"))
        }
        Kind::Struct(_) | Kind::List { .. } | Kind::Map { .. } => {
            Err(Fault::wrong("Unexpected complex element termination"))
        }
    }
}

#[cold]
fn wrong(text: &str, wanted: &str) -> Fault {
    let mut shown: String = text.chars().take(64).collect();
    if shown.len() < text.len() {
        shown.push_str("...");
    }
    Fault::wrong(format!("Value '{shown}' can not be converted to {wanted}"))
}

/// A number that may be not finite, in AWS's words.
pub(crate) fn write_float(out: &mut impl Write, value: f64) {
    // Writing to a string cannot fail.
    let _ = match value {
        value if value.is_nan() => out.write_str("NaN"),
        f64::INFINITY => out.write_str("Infinity"),
        f64::NEG_INFINITY => out.write_str("-Infinity"),
        value => write!(out, "{value:?}"),
    };
}

/// A scalar as text; nothing for what has parts.
pub(crate) fn format(model: &Model, at: &Ref, value: &Value, default: TimeFormat) -> Option<String> {
    let mut out = String::new();
    match value {
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Int(value) => out = value.to_string(),
        Value::Float(value) => write_float(&mut out, *value),
        Value::String(value) => out.clone_from(value),
        Value::Blob(value) => out = BASE64_STANDARD.encode(value),
        Value::Time(value) => time::write(&mut out, *value, time_format(model, at).unwrap_or(default)),
        Value::Document(value) => out = value.to_string(),
        Value::Null | Value::List(_) | Value::Map(_) | Value::Struct(_) => return None,
    }
    Some(out)
}

/// The format that a use of a timestamp, or its shape, asks for.
pub(crate) fn time_format(model: &Model, at: &Ref) -> Option<TimeFormat> {
    match &model.shape(at.shape).kind {
        Kind::Timestamp { format } => at.time.or(*format),
        _ => at.time,
    }
}

/// A moment in the format asked for, or in `default`.
pub(crate) fn write_time(out: &mut String, model: &Model, at: &Ref, value: Timestamp, default: TimeFormat) {
    time::write(out, value, time_format(model, at).unwrap_or(default));
}
