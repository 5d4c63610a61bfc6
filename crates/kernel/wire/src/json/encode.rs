//! Values to JSON, guided by a shape.

use std::fmt::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use gantry_base::Timestamp;

use crate::model::{Kind, Model, Ref, StructDef, TimeFormat};
use crate::sink::Sink;
use crate::time;

/// Writes JSON.
pub struct JsonSink<'m> {
    model: &'m Model,
    out: String,
    open: Vec<Open<'m>>,
    /// The use of a shape that the next value is.
    next: Ref,
}

struct Open<'m> {
    kind: OpenKind<'m>,
    empty: bool,
}

enum OpenKind<'m> {
    Struct(&'m StructDef),
    List(Ref),
    Map(Ref),
}

impl<'m> JsonSink<'m> {
    pub fn new(model: &'m Model, root: Ref) -> Self {
        JsonSink { model, out: String::with_capacity(1024), open: Vec::with_capacity(8), next: root }
    }

    /// What was written.
    pub fn finish(self) -> Vec<u8> {
        self.out.into_bytes()
    }

    /// Before any value: the comma between a list's items.
    fn begin(&mut self) {
        if let Some(Open { kind: OpenKind::List(item), empty }) = self.open.last_mut() {
            if !*empty {
                self.out.push(',');
            }
            *empty = false;
            self.next = *item;
        }
    }

    fn comma(&mut self) {
        if let Some(open) = self.open.last_mut() {
            if !open.empty {
                self.out.push(',');
            }
            open.empty = false;
        }
    }

    fn kind(&self) -> &'m Kind {
        &self.model.shape(self.next.shape).kind
    }
}

impl Sink for JsonSink<'_> {
    fn open_struct(&mut self) {
        self.begin();
        self.out.push('{');
        let Kind::Struct(def) = self.kind() else {
            unreachable!("a structure is written where the model has one")
        };
        self.open.push(Open { kind: OpenKind::Struct(def), empty: true });
    }
    fn member(&mut self, index: u16) {
        self.comma();
        if let Some(Open { kind: OpenKind::Struct(def), .. }) = self.open.last() {
            let member = &def.members[usize::from(index)];
            self.next = member.at;
            let name = member.wire_name();
            // Names of the models are written as they are: half of what is written is names.
            debug_assert!(first_escaped(name.as_bytes()).is_none(), "{name}");
            self.out.push('"');
            self.out.push_str(name);
            self.out.push_str("\":");
        }
    }
    fn open_list(&mut self, _: usize) {
        self.begin();
        self.out.push('[');
        let Kind::List { item, .. } = self.kind() else {
            unreachable!("a list is written where the model has one")
        };
        self.open.push(Open { kind: OpenKind::List(*item), empty: true });
    }
    fn open_map(&mut self, _: usize) {
        self.begin();
        self.out.push('{');
        let Kind::Map { value, .. } = self.kind() else {
            unreachable!("a map is written where the model has one")
        };
        self.open.push(Open { kind: OpenKind::Map(*value), empty: true });
    }
    fn key(&mut self, key: &str) {
        self.comma();
        if let Some(Open { kind: OpenKind::Map(value), .. }) = self.open.last() {
            self.next = *value;
        }
        write_string(&mut self.out, key);
        self.out.push(':');
    }
    fn close(&mut self) {
        match self.open.pop() {
            Some(Open { kind: OpenKind::List(_), .. }) => self.out.push(']'),
            Some(_) => self.out.push('}'),
            None => {}
        }
    }
    fn null(&mut self) {
        self.begin();
        self.out.push_str("null");
    }
    fn bool(&mut self, value: bool) {
        self.begin();
        self.out.push_str(if value { "true" } else { "false" });
    }
    fn int(&mut self, value: i64) {
        self.begin();
        let _ = write!(self.out, "{value}");
    }
    fn float(&mut self, value: f64) {
        self.begin();
        write_float(&mut self.out, value);
    }
    fn string(&mut self, value: &str) {
        self.begin();
        write_string(&mut self.out, value);
    }
    fn blob(&mut self, value: &Bytes) {
        self.begin();
        self.out.push('"');
        BASE64_STANDARD.encode_string(value, &mut self.out);
        self.out.push('"');
    }
    fn time(&mut self, value: Timestamp) {
        self.begin();
        let format = match self.kind() {
            Kind::Timestamp { format } => self.next.time.or(*format),
            _ => None,
        };
        match format.unwrap_or(TimeFormat::EpochSeconds) {
            TimeFormat::EpochSeconds => time::write_epoch(&mut self.out, value),
            format => {
                self.out.push('"');
                time::write(&mut self.out, value, format);
                self.out.push('"');
            }
        }
    }
    fn document(&mut self, value: &serde_json::Value) {
        self.begin();
        let _ = write!(self.out, "{value}");
    }
}

/// JSON has no number for what is not finite; AWS writes those as strings.
fn write_float(out: &mut String, value: f64) {
    let _ = match value {
        value if value.is_nan() => out.write_str("\"NaN\""),
        f64::INFINITY => out.write_str("\"Infinity\""),
        f64::NEG_INFINITY => out.write_str("\"-Infinity\""),
        value => write!(out, "{value:?}"),
    };
}

/// Where the first byte is that JSON escapes. Looks at eight at once, as most strings have none.
fn first_escaped(text: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHS: u64 = ONES << 7;
    // The highest bit of each byte that is zero is set, and maybe of bytes behind it.
    let has_zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
    let equals = |word: u64, byte: u8| has_zero(word ^ (ONES * u64::from(byte)));
    let below_space = |word: u64| word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
    let mut words = text.chunks_exact(8);
    let mut at = 0;
    for word in words.by_ref() {
        let word = u64::from_le_bytes(word.try_into().expect("a chunk has eight bytes"));
        if equals(word, b'"') | equals(word, b'\\') | below_space(word) != 0 {
            break;
        }
        at += 8;
    }
    let is_escaped = |byte: &u8| *byte < 0x20 || matches!(byte, b'"' | b'\\');
    text[at..].iter().position(is_escaped).map(|found| at + found)
}

/// A string in quotes, with JSON's escapes.
pub(crate) fn write_string(out: &mut String, text: &str) {
    out.push('"');
    let mut from = 0;
    while let Some(plain) = first_escaped(&text.as_bytes()[from..]) {
        let at = from + plain;
        out.push_str(&text[from..at]);
        from = at + 1;
        match text.as_bytes()[at] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            byte => {
                let _ = write!(out, "\\u{byte:04x}");
            }
        }
    }
    out.push_str(&text[from..]);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::write_string;

    #[test]
    fn every_byte_is_escaped_wherever_it_stands() {
        for byte in 0..=0x7f_u8 {
            for before in 0..18 {
                let text = format!("{}{}é plain\u{80}", "x".repeat(before), char::from(byte));
                let mut out = String::new();
                write_string(&mut out, &text);
                assert!(out.bytes().all(|it| it >= 0x20), "{out:?}");
                assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text, "{out}");
            }
        }
    }
}
