//! A value as people may see it: JSON with the model's names, and without what the model calls sensitive.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, json};

use crate::model::{Kind, Model, ShapeId};
use crate::value::Value;

/// Stands where something is not shown; CloudTrail's own word for it.
pub const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// What is shown of a value.
#[derive(Clone, Copy)]
pub struct Show<'a> {
    /// More bytes than this, counted roughly, and nothing of the value is shown but its size.
    pub limit: usize,
    /// Members, by the model's name of their structure and their own, that are hidden beside what the model
    /// calls sensitive.
    pub hidden: &'a [(&'a str, &'a str)],
}

impl Show<'_> {
    /// The JSON of `value`, which has the shape `id`. Member names begin with a small letter, as in CloudTrail.
    pub fn json(&self, model: &Model, id: ShapeId, value: &Value) -> serde_json::Value {
        let mut size = 0;
        let shown = self.value(model, id, value, &mut size);
        if size > self.limit {
            return json!({
                "omitted": true, "originalSize": size,
                "reason": format!("larger than {} bytes", self.limit),
            });
        }
        shown
    }

    fn value(&self, model: &Model, id: ShapeId, value: &Value, size: &mut usize) -> serde_json::Value {
        let shape = model.shape(id);
        if shape.sensitive && !matches!(value, Value::Null) {
            *size += HIDDEN.len();
            return HIDDEN.into();
        }
        // Nothing that is over the limit is shown, so only its size still counts.
        let full = *size > self.limit;
        match value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Int(value) => (*value).into(),
            Value::Float(value) => (*value).into(),
            Value::String(text) => {
                *size += text.len();
                if full { serde_json::Value::Null } else { text.as_str().into() }
            }
            Value::Blob(bytes) => {
                *size += bytes.len() * 4 / 3;
                if *size > self.limit { serde_json::Value::Null } else { STANDARD.encode(bytes).into() }
            }
            Value::Time(time) => time.to_string().into(),
            Value::Document(document) => {
                *size += document.to_string().len();
                document.clone()
            }
            Value::List(items) => {
                let Kind::List { item, .. } = &shape.kind else { return serde_json::Value::Null };
                *size += items.len();
                items.iter().map(|value| self.value(model, item.shape, value, size)).collect()
            }
            Value::Map(entries) => {
                let Kind::Map { value: of, .. } = &shape.kind else { return serde_json::Value::Null };
                let mut map = Map::new();
                for (key, value) in entries {
                    *size += key.len();
                    map.insert(key.clone(), self.value(model, of.shape, value, size));
                }
                map.into()
            }
            Value::Struct(members) => {
                let Kind::Struct(def) = &shape.kind else { return serde_json::Value::Null };
                let mut map = Map::new();
                for (index, value) in members {
                    let Some(member) = def.members.get(usize::from(*index)) else { continue };
                    *size += member.name.len();
                    let shown = if self.hidden.contains(&(shape.name, member.name)) {
                        HIDDEN.into()
                    } else {
                        self.value(model, member.at.shape, value, size)
                    };
                    map.insert(small(member.name), shown);
                }
                map.into()
            }
        }
    }
}

/// The name with a small first letter.
fn small(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}
