//! An error's body in each protocol.

use http::{HeaderName, HeaderValue};

use crate::cbor::CborSink;
use crate::error::ApiError;
use crate::json::{self, JsonSink};
use crate::limits::Limits;
use crate::model::{ErrorDef, Model, Protocol, Ref, ShapeDef, StructDef};
use crate::rest::bind;
use crate::typed::Put;
use crate::value::Value;
use crate::xml::XmlSink;

/// An error as a client is to see it.
pub(super) struct Seen<'e> {
    pub error: &'e ApiError,
    /// The error shape's name.
    pub name: &'e str,
    /// The code that XML and query mode carry.
    pub code: &'e str,
    pub sender: bool,
    pub fields: Option<Fields>,
}

/// A modelled error's members.
pub(super) struct Fields {
    model: &'static Model,
    def: &'static StructDef,
    root: Ref,
    value: Value,
}

impl Fields {
    pub fn of(
        model: &'static Model,
        (shape, def, _): (&ShapeDef, &'static StructDef, ErrorDef),
        error: &ApiError,
    ) -> Option<Fields> {
        let root = Ref::plain(model.shape_id(shape.name)?);
        let mut document = serde_json::Map::new();
        for (name, value) in &error.fields {
            let Some((_, member)) = def.member(name) else { continue };
            document.insert(member.wire_name().to_owned(), value.clone());
        }
        if let Some((_, member)) = message_member(def) {
            document.insert(member.wire_name().to_owned(), error.message.clone().into());
        }
        let text = serde_json::Value::Object(document).to_string();
        let mut value = json::decode(model, root, text.as_bytes(), &Limits::STANDARD).ok()?;
        // JSON's names leave out what is bound to headers.
        if let Value::Struct(members) = &mut value {
            for (name, json) in &error.fields {
                if let Some((index, member)) = def.member(name)
                    && member.at.location == crate::model::Location::Header
                    && let Some(parsed) = header_value(json)
                {
                    members.push((index, parsed));
                }
            }
        }
        Some(Fields { model, def, root, value })
    }

    fn without_message(&self) -> Value {
        let message = message_member(self.def).map(|(index, _)| index);
        self.body(|index| Some(index) != message)
    }

    /// The members that stand in the body and that `keep` keeps.
    fn body(&self, keep: impl Fn(u16) -> bool) -> Value {
        let Value::Struct(members) = &self.value else { return Value::Struct(Vec::new()) };
        let in_body =
            |index: u16| self.def.members[usize::from(index)].at.location == crate::model::Location::Body;
        Value::Struct(members.iter().filter(|(index, _)| in_body(*index) && keep(*index)).cloned().collect())
    }

    pub fn headers(&self) -> Vec<(HeaderName, HeaderValue)> {
        bind(self.model, self.def, self.value.clone()).headers
    }
}

fn header_value(json: &serde_json::Value) -> Option<Value> {
    match json {
        serde_json::Value::Bool(value) => Some(Value::Bool(*value)),
        serde_json::Value::Number(number) => number.as_i64().map(Value::Int),
        serde_json::Value::String(text) => Some(Value::String(text.clone())),
        _ => None,
    }
}

fn message_member(def: &StructDef) -> Option<(u16, &crate::model::Member)> {
    def.member("message").or_else(|| def.member("Message")).or_else(|| def.member("errorMessage"))
}

impl Seen<'_> {
    pub fn json(&self, with_type: bool) -> Vec<u8> {
        let mut document = serde_json::Map::new();
        if with_type {
            document.insert("__type".into(), self.name.into());
        }
        if self.fields.as_ref().is_none_or(|fields| !has_plain_message(fields.def)) {
            document.insert("message".into(), self.error.message.clone().into());
        }
        if let Some(fields) = &self.fields {
            let mut sink = JsonSink::new(fields.model, fields.root);
            fields.body(|_| true).put(&mut sink);
            if let Ok(serde_json::Value::Object(members)) = serde_json::from_slice(&sink.finish()) {
                document.extend(members);
            }
        }
        serde_json::Value::Object(document).to_string().into_bytes()
    }

    pub fn cbor(&self) -> Vec<u8> {
        // An indefinite map may be written in two parts: the type by hand, the members by the sink.
        let name = self.name.as_bytes();
        let mut out = vec![0xBF, 0x66];
        out.extend_from_slice(b"__type");
        text(&mut out, name);
        if self.fields.as_ref().is_none_or(|fields| !has_plain_message(fields.def)) {
            text(&mut out, b"message");
            text(&mut out, self.error.message.as_bytes());
        }
        match &self.fields {
            Some(fields) => {
                let mut sink = CborSink::new(fields.model, fields.root);
                fields.body(|_| true).put(&mut sink);
                // Its first byte opens a map, which is open already; its last closes it.
                out.extend_from_slice(&sink.finish()[1..]);
            }
            None => out.push(0xFF),
        }
        out
    }
}

/// Whether the shape has a member that every client looks for a message in.
fn has_plain_message(def: &StructDef) -> bool {
    message_member(def).is_some_and(|(_, member)| member.wire_name().eq_ignore_ascii_case("message"))
}

/// A CBOR text string.
fn text(out: &mut Vec<u8>, text: &[u8]) {
    out.push(0x7A);
    out.extend_from_slice(&(text.len() as u32).to_be_bytes());
    out.extend_from_slice(text);
}

impl Seen<'_> {
    /// An XML error, as query, ec2 or restXml has it.
    pub fn xml(&self, protocol: Protocol, model: Option<&'static Model>, request_id: &str) -> Vec<u8> {
        let Some(model) = model else {
            let mut out = String::from("<ErrorResponse><Error><Type>Sender</Type><Code>");
            crate::xml::escape(&mut out, self.code);
            out.push_str("</Code><Message>");
            crate::xml::escape(&mut out, &self.error.message);
            out.push_str("</Message></Error><RequestId>");
            crate::xml::escape(&mut out, request_id);
            out.push_str("</RequestId></ErrorResponse>");
            return out.into_bytes();
        };
        // A sink wants a shape; the elements written by hand need none.
        let root = self.fields.as_ref().map_or(Ref::plain(crate::model::ShapeId(0)), |fields| fields.root);
        let mut sink = XmlSink::new(model, root);
        let ec2 = protocol == Protocol::Ec2;
        let bare = protocol == Protocol::RestXml && model.bare_errors;
        match (ec2, bare) {
            (true, _) => {
                sink.start("Response", "");
                sink.start("Errors", "");
            }
            (_, false) => sink.start("ErrorResponse", model.namespace),
            (_, true) => {}
        }
        sink.start("Error", "");
        if !ec2 && !bare {
            sink.text_element("Type", if self.sender { "Sender" } else { "Receiver" });
        }
        sink.text_element("Code", self.code);
        sink.text_element("Message", &self.error.message);
        if let Some(fields) = &self.fields {
            fields.without_message().put(&mut sink);
        }
        if bare {
            sink.text_element("RequestId", request_id);
        }
        sink.end("Error");
        match (ec2, bare) {
            (true, _) => {
                sink.end("Errors");
                sink.text_element("RequestID", request_id);
                sink.end("Response");
            }
            (_, false) => {
                sink.text_element("RequestId", request_id);
                sink.end("ErrorResponse");
            }
            (_, true) => {}
        }
        sink.finish()
    }
}
