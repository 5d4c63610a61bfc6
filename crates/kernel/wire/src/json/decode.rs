//! JSON to a value, guided by a shape.

use std::collections::HashMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;

use super::lexer::{Lexer, Token};
use crate::limits::{Budget, Fault, Limits};
use crate::model::{Kind, Model, Ref, StructDef, TimeFormat};
use crate::time;
use crate::value::Value;

/// Decodes a body. An empty one and `null` count as an empty structure.
pub fn decode(model: &Model, at: Ref, body: &[u8], limits: &Limits) -> Result<Value, Fault> {
    if body.len() > limits.body {
        return Err(Fault::limit(format!("The request is larger than {} bytes", limits.body)));
    }
    let text = std::str::from_utf8(body).map_err(|_| Fault::syntax("The body is not UTF-8"))?;
    if text.trim_ascii().is_empty() {
        return Ok(Value::Struct(Vec::new()));
    }
    let mut decoder =
        Decoder { model, lexer: Lexer::new(text), budget: Budget::new(limits), depth: limits.depth };
    let value = decoder.value(&at)?;
    decoder.lexer.end()?;
    Ok(match value {
        Value::Null => Value::Struct(Vec::new()),
        value => value,
    })
}

struct Decoder<'a> {
    model: &'a Model,
    lexer: Lexer<'a>,
    budget: Budget,
    depth: u32,
}

impl<'a> Decoder<'a> {
    fn value(&mut self, at: &Ref) -> Result<Value, Fault> {
        self.budget.node()?;
        let token = self.lexer.peek()?;
        let shape = self.model.shape(at.shape);
        if matches!(shape.kind, Kind::Document) || at.json_value {
            return self.document();
        }
        match (&shape.kind, token) {
            (_, Token::Null) => {
                self.lexer.word("null")?;
                Ok(Value::Null)
            }
            (Kind::Struct(def), Token::Object) => self.structure(def),
            (Kind::List { item, .. }, Token::Array) => self.list(item),
            (Kind::Map { value, .. }, Token::Object) => self.map(value),
            (Kind::String { .. }, Token::String) => Ok(Value::String(self.lexer.string()?.into_owned())),
            (Kind::Blob { .. }, Token::String) => {
                let text = self.lexer.string()?;
                match BASE64_STANDARD.decode(text.as_bytes()) {
                    Ok(bytes) => Ok(Value::Blob(Bytes::from(bytes))),
                    Err(_) => Err(Fault::wrong("STRING_VALUE can not be decoded as base64")),
                }
            }
            (Kind::Boolean, Token::True) => self.lexer.word("true").map(|()| Value::Bool(true)),
            (Kind::Boolean, Token::False) => self.lexer.word("false").map(|()| Value::Bool(false)),
            (Kind::Integer { .. }, Token::Number) => {
                let text = self.lexer.number()?;
                text.parse::<i32>()
                    .map(|n| Value::Int(n.into()))
                    .map_err(|_| number_fault(text, "an Integer"))
            }
            (Kind::Long { .. }, Token::Number) => {
                let text = self.lexer.number()?;
                text.parse::<i64>().map(Value::Int).map_err(|_| number_fault(text, "a Long"))
            }
            (Kind::Float { .. } | Kind::Double { .. }, Token::Number) => {
                let text = self.lexer.number()?;
                match text.parse::<f64>() {
                    Ok(number) if number.is_finite() => Ok(Value::Float(number)),
                    _ => Err(number_fault(text, "a Double")),
                }
            }
            (Kind::Float { .. } | Kind::Double { .. }, Token::String) => match &*self.lexer.string()? {
                "NaN" => Ok(Value::Float(f64::NAN)),
                "Infinity" => Ok(Value::Float(f64::INFINITY)),
                "-Infinity" => Ok(Value::Float(f64::NEG_INFINITY)),
                _ => Err(Fault::wrong("STRING_VALUE can not be converted to a Double")),
            },
            (Kind::Timestamp { .. }, Token::Number) => {
                let text = self.lexer.number()?;
                time::parse(text, TimeFormat::EpochSeconds)
                    .map(Value::Time)
                    .ok_or_else(|| number_fault(text, "a timestamp"))
            }
            (Kind::Timestamp { format }, Token::String)
                if at.time.or(*format).is_some_and(|f| f != TimeFormat::EpochSeconds) =>
            {
                let format = at.time.or(*format).unwrap_or(TimeFormat::DateTime);
                time::parse(&self.lexer.string()?, format)
                    .map(Value::Time)
                    .ok_or_else(|| Fault::wrong("STRING_VALUE can not be converted to a timestamp"))
            }
            (kind, token) => Err(mismatch(kind, token)),
        }
    }

    fn structure(&mut self, def: &StructDef) -> Result<Value, Fault> {
        self.budget.enter()?;
        self.lexer.expect(b'{')?;
        let mut members: Vec<(u16, Value)> = Vec::new();
        if !self.lexer.eat(b'}') {
            loop {
                let name = self.lexer.string()?;
                self.lexer.expect(b':')?;
                match def.member_by_wire(&name) {
                    None => {
                        self.budget.node()?;
                        self.lexer.skip(self.depth)?;
                    }
                    Some((index, member)) => {
                        let value = self.value(&member.at)?;
                        // Of a name that is sent twice the last counts, and a null is as good as absent.
                        members.retain(|(i, _)| *i != index);
                        if value != Value::Null {
                            members.push((index, value));
                        }
                    }
                }
                if self.lexer.eat(b'}') {
                    break;
                }
                self.lexer.expect(b',')?;
            }
        }
        self.budget.leave();
        Ok(Value::Struct(members))
    }

    fn list(&mut self, item: &Ref) -> Result<Value, Fault> {
        self.budget.enter()?;
        self.lexer.expect(b'[')?;
        let mut items = Vec::new();
        if !self.lexer.eat(b']') {
            loop {
                items.push(self.value(item)?);
                if self.lexer.eat(b']') {
                    break;
                }
                self.lexer.expect(b',')?;
            }
        }
        self.budget.leave();
        Ok(Value::List(items))
    }

    fn map(&mut self, value: &Ref) -> Result<Value, Fault> {
        self.budget.enter()?;
        self.lexer.expect(b'{')?;
        let mut entries = Vec::new();
        if !self.lexer.eat(b'}') {
            loop {
                let key = self.lexer.string()?.into_owned();
                self.lexer.expect(b':')?;
                entries.push((key, self.value(value)?));
                if self.lexer.eat(b'}') {
                    break;
                }
                self.lexer.expect(b',')?;
            }
        }
        self.budget.leave();
        Ok(Value::Map(last_of_each(entries)))
    }

    /// Free JSON: passed over first, so that its depth is bounded, then read as it stands.
    fn document(&mut self) -> Result<Value, Fault> {
        self.lexer.peek()?;
        let start = self.lexer.position();
        self.lexer.skip(self.depth)?;
        let text = self.lexer.since(start);
        serde_json::from_str(text).map(Value::Document).map_err(|error| Fault::syntax(error.to_string()))
    }
}

/// Of keys that come twice the last value counts, at the first one's place.
pub(crate) fn last_of_each(entries: Vec<(String, Value)>) -> Vec<(String, Value)> {
    let mut places: HashMap<&str, usize> = HashMap::with_capacity(entries.len());
    let doubled = entries.iter().enumerate().any(|(i, (key, _))| places.insert(key, i).is_some());
    if !doubled {
        return entries;
    }
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut out: Vec<(String, Value)> = Vec::new();
    for (key, value) in entries {
        match places.get(&key) {
            Some(place) => out[*place].1 = value,
            None => {
                places.insert(key.clone(), out.len());
                out.push((key, value));
            }
        }
    }
    out
}

#[cold]
fn number_fault(text: &str, wanted: &str) -> Fault {
    let token = if text.contains(['.', 'e', 'E']) { "DECIMAL_VALUE" } else { "NUMBER_VALUE" };
    Fault::wrong(format!("{token} can not be converted to {wanted}"))
}

#[cold]
fn mismatch(kind: &Kind, token: Token) -> Fault {
    let wanted = match kind {
        _ if token == Token::Array => return Fault::wrong("Start of list found where not expected"),
        _ if token == Token::Object => {
            return Fault::wrong("Start of structure or map found where not expected.");
        }
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
    Fault::wrong(format!("{} can not be converted to {wanted}", token.aws_name()))
}
