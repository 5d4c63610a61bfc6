//! Event streams: answers that go on, in AWS's framing (`application/vnd.amazon.eventstream`).
//!
//! A message is its length, the length of its headers, a checksum of both, headers, payload, and a checksum of all.
//! See <https://smithy.io/2.0/aws/amazon-eventstream.html>.

use bytes::{BufMut, Bytes, BytesMut};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response};

use super::router::Route;
use crate::error::ApiError;
use crate::json::JsonSink;
use crate::model::{Kind, Protocol, StructDef};
use crate::sink::ValueSink;
use crate::typed::Put;
use crate::value::Value;

/// What every message has beside its headers and its payload: two lengths and two checksums.
const FRAME: usize = 16;

/// A header's value is a text.
const STRING: u8 = 7;

impl Route {
    /// The head of an answer that is an event stream.
    pub fn stream_head(&self, request_id: &str) -> Response<()> {
        let mut response = Response::new(());
        let headers = response.headers_mut();
        let content_type = HeaderValue::from_static("application/vnd.amazon.eventstream");
        headers.insert(CONTENT_TYPE, content_type);
        if let Ok(value) = HeaderValue::from_str(request_id) {
            headers.insert("x-amzn-requestid", value);
        }
        response
    }

    /// What the protocol sends before the first event, if anything: the rest of the output, which is empty.
    pub fn stream_begin(&self) -> Option<Bytes> {
        let rest = matches!(self.speak().protocol, Protocol::RestJson | Protocol::RestXml);
        (!rest).then(|| message(&event_headers("initial-response", self.content_type()), b"{}"))
    }

    /// One event: the union of all events, with the one that happens.
    pub fn stream_event(&self, event: &dyn Put) -> Option<Bytes> {
        let def = self.stream_union()?;
        let mut sink = ValueSink::default();
        event.put(&mut sink);
        let Some(Value::Struct(members)) = sink.finish() else { return None };
        let (index, value) = members.into_iter().find(|(_, value)| !matches!(value, Value::Null))?;
        let member = &def.members[usize::from(index)];
        let mut json = JsonSink::new(self.model(), member.at);
        value.put(&mut json);
        Some(message(&event_headers(member.name, self.content_type()), &json.finish()))
    }

    /// The error that ends a stream. One that the stream's model knows is an event of its own.
    pub fn stream_error(&self, error: &ApiError) -> Bytes {
        let modelled = self
            .stream_union()
            .is_some_and(|def| def.members.iter().any(|member| member.name == error.code.as_ref()));
        if !modelled {
            let headers = [
                (":message-type", "error"),
                (":error-code", &error.code),
                (":error-message", &error.message),
            ];
            return message(&headers, b"");
        }
        let headers = [
            (":message-type", "exception"),
            (":exception-type", error.code.as_ref()),
            (":content-type", self.content_type()),
        ];
        message(&headers, serde_json::json!({ "message": error.message }).to_string().as_bytes())
    }

    /// The union of the events that the operation's output has.
    fn stream_union(&self) -> Option<&'static StructDef> {
        let model = self.model();
        let Kind::Struct(output) = &model.shape(self.op().output?).kind else { return None };
        output.members.iter().find_map(|member| match &model.shape(member.at.shape).kind {
            Kind::Struct(def) if def.event_stream => Some(def),
            _ => None,
        })
    }

    fn content_type(&self) -> &'static str {
        match self.speak().protocol {
            Protocol::Json if self.speak().json_version == "1.0" => "application/x-amz-json-1.0",
            Protocol::Json => "application/x-amz-json-1.1",
            _ => "application/json",
        }
    }
}

fn event_headers<'a>(name: &'a str, content_type: &'a str) -> [(&'static str, &'a str); 3] {
    [(":message-type", "event"), (":event-type", name), (":content-type", content_type)]
}

/// A message with these headers, of which names have at most 255 bytes; longer values are cut.
pub fn message(headers: &[(&str, &str)], payload: &[u8]) -> Bytes {
    let mut named = BytesMut::new();
    for (name, value) in headers {
        let value = &value.as_bytes()[..value.len().min(32 * 1024 - 1)];
        named.put_u8(name.len() as u8);
        named.put_slice(name.as_bytes());
        named.put_u8(STRING);
        named.put_u16(value.len() as u16);
        named.put_slice(value);
    }
    let length = FRAME + named.len() + payload.len();
    let mut message = BytesMut::with_capacity(length);
    message.put_u32(length as u32);
    message.put_u32(named.len() as u32);
    message.put_u32(crc32fast::hash(&message));
    message.put_slice(&named);
    message.put_slice(payload);
    message.put_u32(crc32fast::hash(&message));
    message.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_framed_as_aws_does() {
        // From the test vectors of AWS's SDKs: no headers, no payload.
        assert_eq!(hex::encode(message(&[], b"")), "000000100000000005c248eb7d98c8ff");
        let with_payload = message(&[], b"{'foo':'bar'}");
        assert_eq!(hex::encode(with_payload), "0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936");
        let one = message(&[(":event-type", "x")], b"{}");
        assert_eq!(&one[12..27], b"\x0b:event-type\x07\x00\x01");
        assert_eq!(one.len(), FRAME + 16 + 2);
    }
}
