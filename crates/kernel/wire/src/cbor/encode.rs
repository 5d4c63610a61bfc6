//! Values to CBOR, guided by a shape.

use bytes::Bytes;
use gantry_base::Timestamp;

use crate::model::{Kind, Model, Ref, StructDef};
use crate::sink::Sink;

/// Writes CBOR. Structures are of indefinite length, because how many members they have shows only while
/// they are written.
pub struct CborSink<'m> {
    model: &'m Model,
    out: Vec<u8>,
    open: Vec<Open<'m>>,
    next: Ref,
}

enum Open<'m> {
    Struct(&'m StructDef),
    List(Ref),
    Map(Ref),
}

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;
const INDEFINITE_MAP: u8 = 0xBF;
const BREAK: u8 = 0xFF;

impl<'m> CborSink<'m> {
    pub fn new(model: &'m Model, root: Ref) -> Self {
        CborSink { model, out: Vec::with_capacity(512), open: Vec::with_capacity(8), next: root }
    }

    pub fn finish(self) -> Vec<u8> {
        self.out
    }

    fn begin(&mut self) -> &'m Kind {
        if let Some(Open::List(item)) = self.open.last() {
            self.next = *item;
        }
        &self.model.shape(self.next.shape).kind
    }

    fn text(&mut self, text: &str) {
        head(&mut self.out, TEXT, text.len() as u64);
        self.out.extend_from_slice(text.as_bytes());
    }

    fn number(&mut self, value: i64) {
        match u64::try_from(value) {
            Ok(value) => head(&mut self.out, UNSIGNED, value),
            Err(_) => head(&mut self.out, NEGATIVE, !value as u64),
        }
    }

    fn double(&mut self, value: f64) {
        self.out.push(0xFB);
        self.out.extend_from_slice(&value.to_be_bytes());
    }

    fn json(&mut self, value: &serde_json::Value) {
        match value {
            serde_json::Value::Null => self.out.push(0xF6),
            serde_json::Value::Bool(value) => self.out.push(if *value { 0xF5 } else { 0xF4 }),
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(value) => self.number(value),
                None => self.double(number.as_f64().unwrap_or(f64::NAN)),
            },
            serde_json::Value::String(text) => self.text(text),
            serde_json::Value::Array(items) => {
                head(&mut self.out, ARRAY, items.len() as u64);
                items.iter().for_each(|item| self.json(item));
            }
            serde_json::Value::Object(entries) => {
                head(&mut self.out, MAP, entries.len() as u64);
                for (key, value) in entries {
                    self.text(key);
                    self.json(value);
                }
            }
        }
    }
}

/// The first bytes of an item: its major type and a length or number in the fewest bytes.
fn head(out: &mut Vec<u8>, major: u8, value: u64) {
    let major = major << 5;
    match value {
        0..=23 => out.push(major | value as u8),
        24..=0xFF => out.extend_from_slice(&[major | 24, value as u8]),
        0x100..=0xFFFF => {
            out.push(major | 25);
            out.extend_from_slice(&(value as u16).to_be_bytes());
        }
        0x1_0000..=0xFFFF_FFFF => {
            out.push(major | 26);
            out.extend_from_slice(&(value as u32).to_be_bytes());
        }
        _ => {
            out.push(major | 27);
            out.extend_from_slice(&value.to_be_bytes());
        }
    }
}

impl Sink for CborSink<'_> {
    fn open_struct(&mut self) {
        let Kind::Struct(def) = self.begin() else {
            unreachable!("a structure is written where the model has one")
        };
        self.out.push(INDEFINITE_MAP);
        self.open.push(Open::Struct(def));
    }
    fn member(&mut self, index: u16) {
        let Some(Open::Struct(def)) = self.open.last() else { return };
        let member = &def.members[usize::from(index)];
        self.next = member.at;
        // This protocol knows members by the model's name alone.
        self.text(member.name);
    }
    fn open_list(&mut self, len: usize) {
        let Kind::List { item, .. } = self.begin() else {
            unreachable!("a list is written where the model has one")
        };
        head(&mut self.out, ARRAY, len as u64);
        self.open.push(Open::List(*item));
    }
    fn open_map(&mut self, len: usize) {
        let Kind::Map { value, .. } = self.begin() else {
            unreachable!("a map is written where the model has one")
        };
        head(&mut self.out, MAP, len as u64);
        self.open.push(Open::Map(*value));
    }
    fn key(&mut self, key: &str) {
        let Some(Open::Map(value)) = self.open.last() else { return };
        self.next = *value;
        self.text(key);
    }
    fn close(&mut self) {
        if let Some(Open::Struct(_)) = self.open.pop() {
            self.out.push(BREAK);
        }
    }
    fn null(&mut self) {
        self.out.push(0xF6);
    }
    fn bool(&mut self, value: bool) {
        self.out.push(if value { 0xF5 } else { 0xF4 });
    }
    fn int(&mut self, value: i64) {
        self.number(value);
    }
    fn float(&mut self, value: f64) {
        self.double(value);
    }
    fn string(&mut self, value: &str) {
        self.text(value);
    }
    fn blob(&mut self, value: &Bytes) {
        head(&mut self.out, BYTES, value.len() as u64);
        self.out.extend_from_slice(value);
    }
    fn time(&mut self, value: Timestamp) {
        head(&mut self.out, TAG, 1);
        let millis = value.as_millis();
        if millis.rem_euclid(1000) == 0 {
            self.number(millis.div_euclid(1000));
        } else {
            self.double(value.as_secs_f64());
        }
    }
    fn document(&mut self, value: &serde_json::Value) {
        self.json(value);
    }
}
