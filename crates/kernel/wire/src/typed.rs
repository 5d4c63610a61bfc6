//! From a [`Value`] to a generated struct and back out.

use std::collections::BTreeMap;

use bytes::Bytes;
use gantry_base::Timestamp;

use crate::model::Model;
use crate::sink::Sink;
use crate::value::Value;

/// What did not fit while a value became a type. A codec checks every value against the shape first, so
/// anything noted here means that generated code and model differ.
#[derive(Debug, Default)]
pub struct Bad {
    first: Option<String>,
}

impl Bad {
    /// Notes that `found` stood where `wanted` should have.
    #[cold]
    pub fn mismatch(&mut self, wanted: &str, found: &Value) {
        if self.first.is_none() {
            self.first = Some(format!("{} where {wanted} belongs", found.kind()));
        }
    }
    /// The first thing that did not fit.
    pub fn into_result(self) -> Result<(), String> {
        self.first.map_or(Ok(()), Err)
    }
}

/// Takes itself out of a value. Never fails: what does not fit is noted in `bad`, and a default stands in.
pub trait Take: Sized {
    fn take(value: Value, bad: &mut Bad) -> Self;
}

/// Writes itself into a sink.
pub trait Put {
    fn put(&self, sink: &mut dyn Sink);
    /// Whether there is nothing to write; a structure leaves such a member out.
    fn absent(&self) -> bool {
        false
    }
}

/// A generated struct knows its shape.
pub trait Shape {
    /// The shape's name in the model.
    const NAME: &'static str;
    /// The model that has the shape.
    fn model() -> &'static Model;
}

/// An operation that is served: a name that binds its input and output.
pub trait Operation: 'static {
    type Input: Take + Put + Send + 'static;
    type Output: Take + Put + Send + 'static;
    /// The service's name as in `models/`: `ecs`.
    const SERVICE: &'static str;
    /// AWS's name of the operation: `RunTask`.
    const NAME: &'static str;
}

/// The input or output of an operation that has none.
#[derive(Clone, Copy, Default)]
pub struct Unit;

impl Take for Unit {
    fn take(_: Value, _: &mut Bad) -> Self {
        Unit
    }
}

impl Put for Unit {
    fn put(&self, sink: &mut dyn Sink) {
        sink.open_struct();
        sink.close();
    }
}

macro_rules! scalar {
    ($ty:ty, $wanted:literal, $variant:ident($value:ident) => $take:expr, $put:ident($me:ident) $write:expr) => {
        impl Take for $ty {
            fn take(value: Value, bad: &mut Bad) -> Self {
                match value {
                    Value::$variant($value) => $take,
                    other => {
                        bad.mismatch($wanted, &other);
                        Self::default()
                    }
                }
            }
        }
        impl Put for $ty {
            fn put(&self, sink: &mut dyn Sink) {
                let $me = self;
                sink.$put($write)
            }
        }
    };
}

scalar!(bool, "a boolean", Bool(value) => value, bool(me) *me);
scalar!(i64, "an integer", Int(value) => value, int(me) *me);
scalar!(i32, "an integer", Int(value) => value as i32, int(me) i64::from(*me));
scalar!(f64, "a number", Float(value) => value, float(me) *me);
scalar!(String, "a string", String(value) => value, string(me) me);
scalar!(Bytes, "a blob", Blob(value) => value, blob(me) me);
scalar!(Timestamp, "a timestamp", Time(value) => value, time(me) *me);
scalar!(serde_json::Value, "a document", Document(value) => value, document(me) me);

impl<T: Take> Take for Option<T> {
    fn take(value: Value, bad: &mut Bad) -> Self {
        match value {
            Value::Null => None,
            value => Some(T::take(value, bad)),
        }
    }
}

impl<T: Put> Put for Option<T> {
    fn put(&self, sink: &mut dyn Sink) {
        match self {
            Some(value) => value.put(sink),
            None => sink.null(),
        }
    }
    fn absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Take> Take for Box<T> {
    fn take(value: Value, bad: &mut Bad) -> Self {
        Box::new(T::take(value, bad))
    }
}

impl<T: Put> Put for Box<T> {
    fn put(&self, sink: &mut dyn Sink) {
        (**self).put(sink)
    }
}

impl<T: Take> Take for Vec<T> {
    fn take(value: Value, bad: &mut Bad) -> Self {
        match value {
            Value::List(items) => {
                items.into_iter().filter(|item| *item != Value::Null).map(|item| T::take(item, bad)).collect()
            }
            other => {
                bad.mismatch("a list", &other);
                Vec::new()
            }
        }
    }
}

impl<T: Put> Put for Vec<T> {
    fn put(&self, sink: &mut dyn Sink) {
        sink.open_list(self.len());
        for item in self {
            item.put(sink);
        }
        sink.close();
    }
}

impl<T: Take> Take for BTreeMap<String, T> {
    fn take(value: Value, bad: &mut Bad) -> Self {
        match value {
            Value::Map(entries) => entries
                .into_iter()
                .filter(|(_, value)| *value != Value::Null)
                .map(|(key, value)| (key, T::take(value, bad)))
                .collect(),
            other => {
                bad.mismatch("a map", &other);
                BTreeMap::new()
            }
        }
    }
}

impl<T: Put> Put for BTreeMap<String, T> {
    fn put(&self, sink: &mut dyn Sink) {
        sink.open_map(self.len());
        for (key, value) in self {
            sink.key(key);
            value.put(sink);
        }
        sink.close();
    }
}

impl Put for Value {
    fn put(&self, sink: &mut dyn Sink) {
        match self {
            Value::Null => sink.null(),
            Value::Bool(value) => sink.bool(*value),
            Value::Int(value) => sink.int(*value),
            Value::Float(value) => sink.float(*value),
            Value::String(value) => sink.string(value),
            Value::Blob(value) => sink.blob(value),
            Value::Time(value) => sink.time(*value),
            Value::Document(value) => sink.document(value),
            Value::List(items) => {
                sink.open_list(items.len());
                for item in items {
                    item.put(sink);
                }
                sink.close();
            }
            Value::Map(entries) => {
                sink.open_map(entries.len());
                for (key, value) in entries {
                    sink.key(key);
                    value.put(sink);
                }
                sink.close();
            }
            Value::Struct(members) => {
                sink.open_struct();
                for (index, value) in members {
                    sink.member(*index);
                    value.put(sink);
                }
                sink.close();
            }
        }
    }
}

impl Take for Value {
    fn take(value: Value, _: &mut Bad) -> Self {
        value
    }
}

/// Declares a struct of a model: its members by position in the shape.
#[doc(hidden)]
#[macro_export]
macro_rules! shape {
    ($(pub struct $name:ident = $shape:literal { $($index:literal $field:ident: $ty:ty,)* })*) => {$(
        #[derive(Clone, Default)]
        pub struct $name {
            $(pub $field: $ty,)*
        }
        impl $crate::Shape for $name {
            const NAME: &'static str = $shape;
            fn model() -> &'static $crate::Model {
                MODEL.get()
            }
        }
        impl $crate::Take for $name {
            #[allow(unused_mut, unused_variables)]
            fn take(value: $crate::Value, bad: &mut $crate::Bad) -> Self {
                let mut out = Self::default();
                match value {
                    $crate::Value::Struct(members) => {
                        for (index, value) in members {
                            match index {
                                $($index => out.$field = $crate::Take::take(value, bad),)*
                                _ => bad.mismatch($shape, &value),
                            }
                        }
                    }
                    other => bad.mismatch($shape, &other),
                }
                out
            }
        }
        impl $crate::Put for $name {
            fn put(&self, sink: &mut dyn $crate::Sink) {
                sink.open_struct();
                $(if !$crate::Put::absent(&self.$field) {
                    sink.member($index);
                    $crate::Put::put(&self.$field, sink);
                })*
                sink.close();
            }
        }
    )*};
}

/// Declares the operations of a service: a unit struct each, bound to input and output.
#[doc(hidden)]
#[macro_export]
macro_rules! operations {
    ($service:literal; $($name:ident($input:ty) -> $output:ty;)*) => {$(
        pub struct $name;
        impl $crate::Operation for $name {
            type Input = $input;
            type Output = $output;
            const SERVICE: &'static str = $service;
            const NAME: &'static str = stringify!($name);
        }
    )*};
}
