//! A decoded value, before it has a type.

use bytes::Bytes;
use gantry_base::Timestamp;

/// What a codec made of a request, guided by a shape. Structures name their members by position in the
/// shape, so a value means nothing without the shape it was decoded by.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// An explicit null inside a list or a map; a null member is simply absent.
    Null,
    Bool(bool),
    /// Every integer kind; the codec has checked that it fits the shape's width.
    Int(i64),
    /// Float and double; not a number and the infinities included.
    Float(f64),
    String(String),
    /// Bytes, already out of base64.
    Blob(Bytes),
    Time(Timestamp),
    List(Vec<Value>),
    /// In the order sent; a key that was sent twice keeps its last value.
    Map(Vec<(String, Value)>),
    /// Position of the member in its shape, and its value; each position at most once.
    Struct(Vec<(u16, Value)>),
    /// Free JSON, where the model says document.
    Document(serde_json::Value),
}

impl Value {
    /// The member at `index`, when this is a structure that has it.
    pub fn member(&self, index: u16) -> Option<&Value> {
        match self {
            Value::Struct(members) => members.iter().find(|(i, _)| *i == index).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text, when this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// What kind of thing this is, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Int(_) => "integer",
            Value::Float(_) => "float",
            Value::String(_) => "string",
            Value::Blob(_) => "blob",
            Value::Time(_) => "timestamp",
            Value::List(_) => "list",
            Value::Map(_) => "map",
            Value::Struct(_) => "structure",
            Value::Document(_) => "document",
        }
    }
}
