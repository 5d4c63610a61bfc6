//! CBOR to a value, guided by a shape.

use bytes::Bytes;

use crate::json::last_of_each;
use crate::limits::{Budget, Fault, Limits};
use crate::model::{Kind, Model, Ref, StructDef};
use crate::time;
use crate::value::Value;

/// Decodes a body; an empty one counts as an empty structure.
pub fn decode(model: &Model, at: Ref, body: &[u8], limits: &Limits) -> Result<Value, Fault> {
    if body.len() > limits.body {
        return Err(Fault::limit(format!("The request is larger than {} bytes", limits.body)));
    }
    if body.is_empty() {
        return Ok(Value::Struct(Vec::new()));
    }
    let mut decoder = Decoder { model, bytes: body, budget: Budget::new(limits) };
    let value = decoder.value(&at)?;
    if !decoder.bytes.is_empty() {
        return Err(Fault::syntax("Bytes follow the request's CBOR item"));
    }
    Ok(match value {
        Value::Null => Value::Struct(Vec::new()),
        value => value,
    })
}

struct Decoder<'a> {
    model: &'a Model,
    bytes: &'a [u8],
    budget: Budget,
}

/// The head of an item: its major type, its low five bits, and the number they lead to.
#[derive(Clone, Copy)]
struct Head {
    major: u8,
    low: u8,
    number: u64,
}

impl Head {
    fn indefinite(self) -> bool {
        self.low == 31
    }
    fn is_null(self) -> bool {
        self.major == 7 && (self.low == 22 || self.low == 23)
    }
    fn is_break(self) -> bool {
        self.major == 7 && self.low == 31
    }
}

#[cold]
fn cut_off() -> Fault {
    Fault::syntax("Unexpected end of CBOR")
}

impl<'a> Decoder<'a> {
    fn take(&mut self, len: u64) -> Result<&'a [u8], Fault> {
        let len = usize::try_from(len).map_err(|_| cut_off())?;
        let (taken, rest) = self.bytes.split_at_checked(len).ok_or_else(cut_off)?;
        self.bytes = rest;
        Ok(taken)
    }

    fn head(&mut self) -> Result<Head, Fault> {
        let first = self.take(1)?[0];
        let (major, low) = (first >> 5, first & 31);
        let number = match low {
            0..=23 => u64::from(low),
            24..=27 => self.take(1 << (low - 24))?.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
            31 if matches!(major, 2..=5 | 7) => 0,
            _ => return Err(Fault::syntax("Malformed CBOR")),
        };
        Ok(Head { major, low, number })
    }

    fn value(&mut self, at: &Ref) -> Result<Value, Fault> {
        let head = self.head()?;
        self.value_after(at, head)
    }

    fn value_after(&mut self, at: &Ref, head: Head) -> Result<Value, Fault> {
        self.budget.node()?;
        if head.is_null() {
            return Ok(Value::Null);
        }
        match (&self.model.shape(at.shape).kind, head.major) {
            (Kind::Struct(def), 5) => self.structure(def, head),
            (Kind::List { item, .. }, 4) => self.list(item, head),
            (Kind::Map { value, .. }, 5) => self.map(value, head),
            (Kind::String { .. }, 3) => self.text(head).map(Value::String),
            (Kind::Blob { .. }, 2) => self.chunks(head).map(|bytes| Value::Blob(Bytes::from(bytes))),
            (Kind::Boolean, 7) if head.low == 20 || head.low == 21 => Ok(Value::Bool(head.low == 21)),
            (Kind::Integer { .. }, 0 | 1) => match i32::try_from(integer(head)?) {
                Ok(number) => Ok(Value::Int(number.into())),
                Err(_) => Err(Fault::wrong("NUMBER_VALUE can not be converted to an Integer")),
            },
            (Kind::Long { .. }, 0 | 1) => integer(head).map(Value::Int),
            (Kind::Float { .. } | Kind::Double { .. }, 0 | 1) => Ok(Value::Float(integer(head)? as f64)),
            (Kind::Float { .. } | Kind::Double { .. }, 7) => float(head).map(Value::Float),
            (Kind::Timestamp { .. }, 6) if head.number == 1 => {
                let inner = self.head()?;
                let seconds = match inner.major {
                    0 | 1 => integer(inner)? as f64,
                    _ => float(inner)?,
                };
                time::from_seconds(seconds)
                    .map(Value::Time)
                    .ok_or_else(|| Fault::wrong("NUMBER_VALUE can not be converted to a timestamp"))
            }
            (Kind::Document, _) => self.document(head).map(Value::Document),
            (kind, _) => Err(mismatch(kind, head)),
        }
    }

    /// Calls `each` for every item or entry of an array or map, with its first head.
    fn each(
        &mut self,
        head: Head,
        mut each: impl FnMut(&mut Self, Head) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.budget.enter()?;
        let mut left = head.number;
        while head.indefinite() || left > 0 {
            let item = self.head()?;
            if item.is_break() {
                if head.indefinite() {
                    break;
                }
                return Err(Fault::syntax("Malformed CBOR"));
            }
            each(self, item)?;
            left = left.saturating_sub(1);
        }
        self.budget.leave();
        Ok(())
    }

    fn structure(&mut self, def: &StructDef, head: Head) -> Result<Value, Fault> {
        let mut members: Vec<(u16, Value)> = Vec::new();
        self.each(head, |decoder, key| {
            let name = decoder.key(key)?;
            match def.member(&name) {
                None => {
                    let head = decoder.head()?;
                    decoder.skip(head)
                }
                Some((index, member)) => {
                    let value = decoder.value(&member.at)?;
                    members.retain(|(i, _)| *i != index);
                    if value != Value::Null {
                        members.push((index, value));
                    }
                    Ok(())
                }
            }
        })?;
        Ok(Value::Struct(members))
    }

    fn list(&mut self, item: &Ref, head: Head) -> Result<Value, Fault> {
        let mut items = Vec::new();
        self.each(head, |decoder, head| {
            items.push(decoder.value_after(item, head)?);
            Ok(())
        })?;
        Ok(Value::List(items))
    }

    fn map(&mut self, value: &Ref, head: Head) -> Result<Value, Fault> {
        let mut entries = Vec::new();
        self.each(head, |decoder, key| {
            let key = decoder.key(key)?;
            entries.push((key, decoder.value(value)?));
            Ok(())
        })?;
        Ok(Value::Map(last_of_each(entries)))
    }

    fn key(&mut self, head: Head) -> Result<String, Fault> {
        if head.major != 3 {
            return Err(Fault::wrong("A key of a structure or map is not a string"));
        }
        self.text(head)
    }

    fn text(&mut self, head: Head) -> Result<String, Fault> {
        String::from_utf8(self.chunks(head)?).map_err(|_| Fault::syntax("A string is not UTF-8"))
    }

    /// The bytes of a string, in one piece or in many.
    fn chunks(&mut self, head: Head) -> Result<Vec<u8>, Fault> {
        if !head.indefinite() {
            return self.take(head.number).map(<[u8]>::to_vec);
        }
        let mut out = Vec::new();
        loop {
            let chunk = self.head()?;
            if chunk.is_break() {
                return Ok(out);
            }
            if chunk.major != head.major || chunk.indefinite() {
                return Err(Fault::syntax("Malformed CBOR"));
            }
            out.extend_from_slice(self.take(chunk.number)?);
        }
    }

    /// Passes over the rest of an item.
    fn skip(&mut self, head: Head) -> Result<(), Fault> {
        self.budget.node()?;
        match head.major {
            2 | 3 if head.indefinite() => self.chunks(head).map(drop),
            2 | 3 => self.take(head.number).map(drop),
            4 => self.each(head, |decoder, head| decoder.skip(head)),
            5 => self.each(head, |decoder, key| {
                decoder.skip(key)?;
                let value = decoder.head()?;
                decoder.skip(value)
            }),
            6 => {
                self.budget.enter()?;
                let inner = self.head()?;
                self.skip(inner)?;
                self.budget.leave();
                Ok(())
            }
            7 if head.is_break() => Err(Fault::syntax("Malformed CBOR")),
            _ => Ok(()),
        }
    }

    fn document(&mut self, head: Head) -> Result<serde_json::Value, Fault> {
        self.budget.node()?;
        Ok(match head.major {
            0 | 1 => integer(head)?.into(),
            3 => self.text(head)?.into(),
            4 => {
                let mut items = Vec::new();
                self.each(head, |decoder, head| {
                    items.push(decoder.document(head)?);
                    Ok(())
                })?;
                items.into()
            }
            5 => {
                let mut entries = serde_json::Map::new();
                self.each(head, |decoder, key| {
                    let key = decoder.key(key)?;
                    let value = decoder.head()?;
                    entries.insert(key, decoder.document(value)?);
                    Ok(())
                })?;
                entries.into()
            }
            7 if head.is_null() => serde_json::Value::Null,
            7 if head.low == 20 || head.low == 21 => (head.low == 21).into(),
            7 => float(head)?.into(),
            _ => return Err(Fault::wrong("A document has no bytes or tags")),
        })
    }
}

fn integer(head: Head) -> Result<i64, Fault> {
    let number = i64::try_from(head.number).ok();
    let number = if head.major == 1 { number.map(|n| !n) } else { number };
    match (head.major, number) {
        (0 | 1, Some(number)) => Ok(number),
        _ => Err(Fault::wrong("NUMBER_VALUE can not be converted to a Long")),
    }
}

fn float(head: Head) -> Result<f64, Fault> {
    match (head.major, head.low) {
        (7, 25) => Ok(half(head.number as u16)),
        (7, 26) => Ok(f32::from_bits(head.number as u32).into()),
        (7, 27) => Ok(f64::from_bits(head.number)),
        _ => Err(Fault::wrong("The value can not be converted to a Double")),
    }
}

/// A number of sixteen bits: ten of fraction, five of exponent.
fn half(bits: u16) -> f64 {
    let fraction = f64::from(bits & 0x3FF);
    let magnitude = match bits >> 10 & 31 {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => (1024.0 + fraction) * 2f64.powi(i32::from(exponent) - 25),
    };
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}

#[cold]
fn mismatch(kind: &Kind, head: Head) -> Fault {
    let found = match head.major {
        0 | 1 => "NUMBER_VALUE",
        2 => "BLOB_VALUE",
        3 => "STRING_VALUE",
        4 => return Fault::wrong("Start of list found where not expected"),
        5 => return Fault::wrong("Start of structure or map found where not expected."),
        6 => "TAG_VALUE",
        _ => "SIMPLE_VALUE",
    };
    let wanted = match kind {
        Kind::Struct(_) | Kind::Map { .. } => return Fault::wrong("Expected structure or map"),
        Kind::List { .. } => return Fault::wrong("Expected list or null"),
        Kind::String { .. } => "a String",
        Kind::Blob { .. } => "a Blob",
        Kind::Boolean => "a Boolean",
        Kind::Integer { .. } => "an Integer",
        Kind::Long { .. } => "a Long",
        Kind::Float { .. } => "a Float",
        Kind::Double { .. } => "a Double",
        Kind::Timestamp { .. } => "milliseconds since epoch",
        Kind::Document => "a document",
    };
    Fault::wrong(format!("{found} can not be converted to {wanted}"))
}
