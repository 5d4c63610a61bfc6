//! A value to the parts of a REST answer.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};

use crate::model::{Kind, Location, Model, Ref, StructDef, TimeFormat};
use crate::text;
use crate::value::Value;

/// An answer's parts, with what is left for the body.
pub struct Bound {
    pub headers: Vec<(HeaderName, HeaderValue)>,
    pub status: Option<u16>,
    pub body: Body,
}

/// What the body is made of.
pub enum Body {
    /// The members that stand nowhere else.
    Members(Value),
    /// One member's value.
    Payload(Ref, Value),
    /// One member's bytes as they are.
    Raw(Bytes),
    Nothing,
}

/// Puts a structure's members where the model wants them. A value that no header can carry is left out of
/// the headers.
pub fn bind(model: &Model, def: &StructDef, value: Value) -> Bound {
    let mut bound = Bound { headers: Vec::new(), status: None, body: Body::Nothing };
    let Value::Struct(members) = value else { return bound };
    let mut rest = Vec::new();
    for (index, value) in members {
        let member = &def.members[usize::from(index)];
        let name = member.wire_name();
        match member.at.location {
            Location::Header => {
                if let Some(text) = header_text(model, &member.at, &value) {
                    push(&mut bound.headers, name, &text);
                }
            }
            Location::Headers => {
                if let Value::Map(entries) = &value {
                    for (key, value) in entries {
                        if let Value::String(text) = value {
                            push(&mut bound.headers, &format!("{name}{key}"), text);
                        }
                    }
                }
            }
            Location::StatusCode => {
                if let Value::Int(status) = value {
                    bound.status = u16::try_from(status).ok();
                }
            }
            Location::Body | Location::Uri | Location::QueryString => rest.push((index, value)),
        }
    }
    bound.body = match def.payload {
        Some(payload) => match rest.into_iter().find(|(index, _)| *index == payload) {
            Some((_, Value::Blob(bytes))) => Body::Raw(bytes),
            Some((_, Value::String(text))) => Body::Raw(Bytes::from(text)),
            Some((_, value)) => Body::Payload(def.members[usize::from(payload)].at, value),
            None => Body::Nothing,
        },
        None if rest.is_empty()
            && !def.members.is_empty()
            && def.members.iter().all(|m| m.at.location != Location::Body) =>
        {
            Body::Nothing
        }
        None => Body::Members(Value::Struct(rest)),
    };
    bound
}

fn push(headers: &mut Vec<(HeaderName, HeaderValue)>, name: &str, text: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(text)) {
        headers.push((name, value));
    }
}

fn header_text(model: &Model, at: &Ref, value: &Value) -> Option<String> {
    if at.json_value {
        use base64::Engine;
        let plain = text::format(model, at, value, TimeFormat::HttpDate)?;
        return Some(base64::prelude::BASE64_STANDARD.encode(plain));
    }
    match (value, &model.shape(at.shape).kind) {
        (Value::List(items), Kind::List { item, .. }) => {
            let texts: Vec<String> = items
                .iter()
                .filter_map(|value| text::format(model, item, value, TimeFormat::HttpDate))
                .collect();
            Some(texts.join(","))
        }
        _ => text::format(model, at, value, TimeFormat::HttpDate),
    }
}
