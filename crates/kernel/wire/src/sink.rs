//! Where an answer is written.

use bytes::Bytes;
use gantry_base::Timestamp;

use crate::value::Value;

/// A writer that knows the shape it is writing, so that the one who writes only says positions and values.
///
/// A structure is `open_struct`, then `member` and one value for each member that is present, then `close`.
/// A list is `open_list`, its values, `close`. A map is `open_map`, then `key` and one value each, `close`.
pub trait Sink {
    fn open_struct(&mut self);
    /// The next value is the member at this position of the open structure's shape.
    fn member(&mut self, index: u16);
    fn open_list(&mut self, len: usize);
    fn open_map(&mut self, len: usize);
    /// The next value belongs to this key of the open map.
    fn key(&mut self, key: &str);
    /// Ends the innermost structure, list or map.
    fn close(&mut self);
    fn null(&mut self);
    fn bool(&mut self, value: bool);
    fn int(&mut self, value: i64);
    fn float(&mut self, value: f64);
    fn string(&mut self, value: &str);
    fn blob(&mut self, value: &Bytes);
    fn time(&mut self, value: Timestamp);
    fn document(&mut self, value: &serde_json::Value);
}

/// Collects what is written into a [`Value`].
#[derive(Default)]
pub struct ValueSink {
    open: Vec<Open>,
    done: Option<Value>,
}

enum Open {
    Struct(Vec<(u16, Value)>, u16),
    List(Vec<Value>),
    Map(Vec<(String, Value)>, String),
}

impl ValueSink {
    /// What was written; nothing when nothing was, or a structure was left open.
    pub fn finish(self) -> Option<Value> {
        if self.open.is_empty() { self.done } else { None }
    }

    fn value(&mut self, value: Value) {
        match self.open.last_mut() {
            None => self.done = Some(value),
            Some(Open::Struct(members, at)) => members.push((*at, value)),
            Some(Open::List(items)) => items.push(value),
            Some(Open::Map(entries, key)) => entries.push((std::mem::take(key), value)),
        }
    }
}

impl Sink for ValueSink {
    fn open_struct(&mut self) {
        self.open.push(Open::Struct(Vec::new(), 0));
    }
    fn member(&mut self, index: u16) {
        if let Some(Open::Struct(_, at)) = self.open.last_mut() {
            *at = index;
        }
    }
    fn open_list(&mut self, len: usize) {
        self.open.push(Open::List(Vec::with_capacity(len)));
    }
    fn open_map(&mut self, len: usize) {
        self.open.push(Open::Map(Vec::with_capacity(len), String::new()));
    }
    fn key(&mut self, key: &str) {
        if let Some(Open::Map(_, at)) = self.open.last_mut() {
            key.clone_into(at);
        }
    }
    fn close(&mut self) {
        match self.open.pop() {
            None => {}
            Some(Open::Struct(members, _)) => self.value(Value::Struct(members)),
            Some(Open::List(items)) => self.value(Value::List(items)),
            Some(Open::Map(entries, _)) => self.value(Value::Map(entries)),
        }
    }
    fn null(&mut self) {
        self.value(Value::Null);
    }
    fn bool(&mut self, value: bool) {
        self.value(Value::Bool(value));
    }
    fn int(&mut self, value: i64) {
        self.value(Value::Int(value));
    }
    fn float(&mut self, value: f64) {
        self.value(Value::Float(value));
    }
    fn string(&mut self, value: &str) {
        self.value(Value::String(value.to_owned()));
    }
    fn blob(&mut self, value: &Bytes) {
        self.value(Value::Blob(value.clone()));
    }
    fn time(&mut self, value: Timestamp) {
        self.value(Value::Time(value));
    }
    fn document(&mut self, value: &serde_json::Value) {
        self.value(Value::Document(value.clone()));
    }
}
