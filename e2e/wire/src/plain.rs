//! A value as JSON that says of each scalar what it is, so that both sides can compare.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use gantry_base::Timestamp;
use gantry_wire::Value;
use gantry_wire::model::{Kind, Model, Ref};
use serde_json::{Map, Value as Json, json};

/// A value as JSON, members by the model's names.
pub fn from_value(model: &Model, at: Ref, value: &Value) -> Json {
    match (value, &model.shape(at.shape).kind) {
        (Value::Struct(members), Kind::Struct(def)) => {
            let named = members.iter().map(|(index, value)| {
                let member = &def.members[usize::from(*index)];
                (member.name.to_owned(), from_value(model, member.at, value))
            });
            Json::Object(named.collect())
        }
        (Value::List(items), Kind::List { item, .. }) => {
            items.iter().map(|value| from_value(model, *item, value)).collect()
        }
        (Value::Map(entries), Kind::Map { value: at, .. }) => Json::Object(
            entries.iter().map(|(key, value)| (key.clone(), from_value(model, *at, value))).collect(),
        ),
        (Value::Blob(bytes), _) => json!({ "b": BASE64_STANDARD.encode(bytes) }),
        (Value::Time(time), _) => json!({ "t": time.as_millis() }),
        (Value::Float(number), _) if number.is_finite() => json!({ "f": number }),
        (Value::Float(number), _) => json!({ "f": number.to_string() }),
        (Value::Document(document), _) => json!({ "d": document }),
        (Value::Bool(value), _) => json!(value),
        (Value::Int(value), _) => json!(value),
        (Value::String(text), _) => json!(text),
        (value, kind) => json!({ "wrong": format!("{} in {kind:?}", value.kind()) }),
    }
}

/// The value that such JSON spells, by our model; an error where our model has no place for it.
pub fn to_value(model: &Model, at: Ref, plain: &Json) -> Result<Value, String> {
    let shape = model.shape(at.shape);
    let part = |key: &str| plain.get(key).ok_or_else(|| format!("{plain} is no {:?}", shape.name));
    Ok(match (&shape.kind, plain) {
        (Kind::Struct(def), Json::Object(members)) => {
            let mut out = Vec::new();
            for (name, plain) in members {
                let (index, member) =
                    def.member(name).ok_or_else(|| format!("{} has no {name}", shape.name))?;
                out.push((index, to_value(model, member.at, plain)?));
            }
            Value::Struct(out)
        }
        (Kind::List { item, .. }, Json::Array(items)) => {
            Value::List(items.iter().map(|plain| to_value(model, *item, plain)).collect::<Result<_, _>>()?)
        }
        (Kind::Map { value, .. }, Json::Object(entries)) => {
            let entry = |(key, plain): (&String, &Json)| Ok((key.clone(), to_value(model, *value, plain)?));
            Value::Map(entries.iter().map(entry).collect::<Result<_, String>>()?)
        }
        (Kind::String { .. }, Json::String(text)) => Value::String(text.clone()),
        (Kind::Boolean, Json::Bool(value)) => Value::Bool(*value),
        (Kind::Integer { .. } | Kind::Long { .. }, Json::Number(number)) => {
            Value::Int(number.as_i64().ok_or("a number is too large")?)
        }
        (Kind::Float { .. } | Kind::Double { .. }, _) => {
            Value::Float(part("f")?.as_f64().ok_or("no number")?)
        }
        (Kind::Timestamp { .. }, _) => {
            Value::Time(Timestamp::from_millis(part("t")?.as_i64().ok_or("no milliseconds")?))
        }
        (Kind::Blob { .. }, _) => {
            let text = part("b")?.as_str().ok_or("no base64")?;
            Value::Blob(BASE64_STANDARD.decode(text).map_err(|error| error.to_string())?.into())
        }
        (Kind::Document, _) => Value::Document(part("d")?.clone()),
        _ => return Err(format!("{plain} is no {}", shape.name)),
    })
}

/// An error's members as an [`gantry_wire::ApiError`] carries them: AWS's JSON, by the model's names.
pub fn fields(plain: &Json) -> Vec<(std::borrow::Cow<'static, str>, Json)> {
    let Json::Object(members) = plain else { return Vec::new() };
    members.iter().map(|(name, value)| (name.clone().into(), untagged(value))).collect()
}

fn untagged(plain: &Json) -> Json {
    match plain {
        Json::Object(members) if members.len() == 1 => match members.iter().next() {
            Some((tag, value)) if tag == "f" || tag == "b" || tag == "d" => value.clone(),
            Some((tag, Json::Number(millis))) if tag == "t" => {
                json!(millis.as_f64().unwrap_or_default() / 1000.0)
            }
            _ => Json::Object(members.iter().map(|(k, v)| (k.clone(), untagged(v))).collect::<Map<_, _>>()),
        },
        Json::Object(members) => {
            Json::Object(members.iter().map(|(k, v)| (k.clone(), untagged(v))).collect())
        }
        Json::Array(items) => items.iter().map(untagged).collect(),
        other => other.clone(),
    }
}

/// The first place where two such values differ.
pub fn difference(wanted: &Json, found: &Json) -> Option<String> {
    differ(wanted, found, "")
}

fn differ(wanted: &Json, found: &Json, path: &str) -> Option<String> {
    match (wanted, found) {
        (Json::Object(a), Json::Object(b)) => {
            for (key, value) in a {
                match b.get(key) {
                    None => return Some(format!("{path}.{key} is missing, wanted {value}")),
                    Some(other) => {
                        if let Some(found) = differ(value, other, &format!("{path}.{key}")) {
                            return Some(found);
                        }
                    }
                }
            }
            let extra = b.iter().find(|(key, _)| !a.contains_key(*key));
            extra.map(|(key, value)| format!("{path}.{key} is too much: {value}"))
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().find_map(|(i, (a, b))| differ(a, b, &format!("{path}[{i}]")))
        }
        _ if wanted == found => None,
        _ => Some(format!("{path}: wanted {wanted}, found {found}")),
    }
}
