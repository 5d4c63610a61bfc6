//! JSON: awsJson bodies, restJson bodies, and documents of a shape.

mod decode;
mod encode;
mod lexer;

pub use decode::decode;
pub(crate) use decode::last_of_each;
pub use encode::JsonSink;

use crate::limits::Limits;
use crate::model::Ref;
use crate::typed::{Bad, Put, Shape, Take};

/// The AWS JSON document of a shape, as it stands in API answers: what is stored of a resource that keeps
/// all its fields.
pub fn to_json<T: Put + Shape>(value: &T) -> serde_json::Value {
    let model = T::model();
    let id = model.shape_id(T::NAME).expect("a generated struct is in its model");
    let mut sink = JsonSink::new(model, Ref::plain(id));
    value.put(&mut sink);
    serde_json::from_slice(&sink.finish()).expect("the sink writes JSON")
}

/// Reads such a document back. Members that the shape does not have are passed over; a required one that is
/// absent gets its type's default.
pub fn from_json<T: Take + Shape>(document: &serde_json::Value) -> Result<T, String> {
    let model = T::model();
    let id = model.shape_id(T::NAME).expect("a generated struct is in its model");
    let text = document.to_string();
    let value =
        decode(model, Ref::plain(id), text.as_bytes(), &Limits::STANDARD).map_err(|fault| fault.message)?;
    let mut bad = Bad::default();
    let typed = T::take(value, &mut bad);
    bad.into_result().map(|()| typed)
}
