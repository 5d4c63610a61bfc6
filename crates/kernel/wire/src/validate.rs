//! Holds a decoded input against the model's constraints, and words what it breaks as AWS does.

use std::fmt::Write;

use crate::error::ApiError;
use crate::model::{Bounds, Kind, Member, Model, Op, Protocol, Ref, ShapeDef, StructDef, ValidationStyle};
use crate::value::Value;

/// One message holds no more than this many broken constraints.
const SHOWN: usize = 10;

/// What an input breaks.
#[derive(Debug)]
struct Broken {
    /// `tags.1.member.key`
    path: String,
    value: Shown,
    constraint: Constraint,
}

/// A value as a message shows it.
#[derive(Debug)]
enum Shown {
    Missing,
    /// It is secret: the message says where it stands, and no more.
    Hidden,
    Text(String),
}

#[derive(Debug)]
enum Constraint {
    Required,
    MinLength(i64),
    MaxLength(i64),
    MinValue(String),
    MaxValue(String),
    Pattern(&'static str),
    Enum(Vec<&'static str>),
    /// What a list's items, or a map's keys or values, must satisfy, all of it: the message shows the whole.
    Each(&'static str, Vec<Constraint>),
}

/// Holds `value`, the input of `op`, against the model.
pub fn check(model: &Model, op: &Op, at: Ref, value: &Value, protocol: Protocol) -> Result<(), ApiError> {
    let mut checker = Checker { model, protocol, broken: Vec::new(), count: 0, path: String::new() };
    checker.value(&at, value);
    if checker.count == 0 {
        return Ok(());
    }
    Err(word(model, op, protocol, &checker.broken, checker.count))
}

struct Checker<'m> {
    model: &'m Model,
    protocol: Protocol,
    broken: Vec<Broken>,
    count: usize,
    path: String,
}

impl Checker<'_> {
    fn value(&mut self, at: &Ref, value: &Value) {
        let shape = self.model.shape(at.shape);
        match (&shape.kind, value) {
            (Kind::Struct(def), Value::Struct(members)) => self.structure(def, members),
            (Kind::List { item, bounds, .. }, Value::List(items)) => {
                self.length(bounds, items.len(), shape, value);
                if self.scalar(item) {
                    let broken =
                        items.iter().any(|one| !matches!(one, Value::Null) && self.breaks(item, one));
                    self.each("Member", item, (shape, value), broken);
                }
                for (index, value) in items.iter().enumerate() {
                    if matches!(value, Value::Null) {
                        self.note(shape, Some(value), Constraint::Required);
                    } else if !self.scalar(item) {
                        let label = if self.protocol == Protocol::Ec2 { "" } else { "member." };
                        self.within(&format!("{}.{label}", index + 1), |checker| checker.value(item, value));
                    }
                }
            }
            (Kind::Map { key, value: at, bounds, .. }, Value::Map(entries)) => {
                self.length(bounds, entries.len(), shape, value);
                let broken = entries.iter().any(|(text, _)| self.breaks(key, &Value::String(text.clone())));
                self.each("Map keys", key, (shape, value), broken);
                if self.scalar(at) {
                    let broken = entries.iter().any(|(_, one)| self.breaks(at, one));
                    self.each("Map value", at, (shape, value), broken);
                }
                for (key_text, value) in entries {
                    if !self.scalar(at) {
                        self.within(&format!("{key_text}.member."), |checker| checker.value(at, value));
                    }
                }
            }
            (Kind::String { bounds, pattern, values }, Value::String(text)) => {
                self.length(bounds, length(text, bounds), shape, value);
                if let Some(pattern) = pattern
                    && !pattern.matches(text)
                {
                    self.note(shape, Some(value), Constraint::Pattern(pattern.text()));
                }
                // An empty enumeration is one that the model leaves open.
                if !values.is_empty() && !values.contains(&text.as_str()) {
                    self.note(shape, Some(value), Constraint::Enum(values.clone()));
                }
            }
            (Kind::Blob { bounds, streaming: false }, Value::Blob(bytes)) => {
                self.length(bounds, bytes.len(), shape, value)
            }
            (Kind::Integer { bounds } | Kind::Long { bounds }, Value::Int(number)) => {
                if let Some(min) = bounds.min.filter(|min| number < min) {
                    self.note(shape, Some(value), Constraint::MinValue(min.to_string()));
                }
                if let Some(max) = bounds.max.filter(|max| number > max) {
                    self.note(shape, Some(value), Constraint::MaxValue(max.to_string()));
                }
            }
            (Kind::Float { min, max } | Kind::Double { min, max }, Value::Float(number)) => {
                if let Some(min) = min.filter(|min| number < min) {
                    self.note(shape, Some(value), Constraint::MinValue(format!("{min:?}")));
                }
                if let Some(max) = max.filter(|max| number > max) {
                    self.note(shape, Some(value), Constraint::MaxValue(format!("{max:?}")));
                }
            }
            _ => {}
        }
    }

    fn structure(&mut self, def: &StructDef, members: &[(u16, Value)]) {
        for (index, member) in def.members.iter().enumerate() {
            let present = members.iter().find(|(i, _)| usize::from(*i) == index).map(|(_, value)| value);
            match present {
                Some(value) => {
                    self.within(&self.name_of(member.name), |checker| checker.value(&member.at, value))
                }
                // A client fills in a token that it was not given; AWS does not ask for one.
                None if member.required && !member.at.idempotency_token => {
                    self.within(&self.name_of_missing(member), |checker| {
                        checker.note_shown(Shown::Missing, Constraint::Required);
                    });
                }
                None => {}
            }
        }
    }

    /// AWS's messages begin a member's name with a small letter, except where ec2's and SQS's show it as sent.
    fn name_of(&self, name: &str) -> String {
        let mut name = name.to_owned();
        if self.model.validation.style != ValidationStyle::Ec2 {
            name[..1].make_ascii_lowercase();
        }
        name
    }

    /// EC2 asks for a missing value by the name that it has in requests.
    fn name_of_missing(&self, member: &Member) -> String {
        let ec2 = self.model.validation.style == ValidationStyle::Ec2 && self.scalar(&member.at);
        match member.at.wire.filter(|wire| ec2 && wire.starts_with(char::is_uppercase)) {
            Some(wire) => wire.to_owned(),
            None => self.name_of(member.name),
        }
    }

    fn scalar(&self, at: &Ref) -> bool {
        !matches!(self.model.shape(at.shape).kind, Kind::Struct(_) | Kind::List { .. } | Kind::Map { .. })
    }

    /// Whether a value breaks a constraint; nothing is noted.
    fn breaks(&mut self, at: &Ref, value: &Value) -> bool {
        let (noted, count) = (self.broken.len(), self.count);
        self.value(at, value);
        let breaks = self.count > count;
        self.broken.truncate(noted);
        self.count = count;
        breaks
    }

    /// AWS tells once of a list or a map whatever number of its items is wrong, with all that each must satisfy.
    fn each(&mut self, what: &'static str, item: &Ref, (shape, whole): (&ShapeDef, &Value), broken: bool) {
        if !broken {
            return;
        }
        let item = self.model.shape(item.shape);
        let constraints = item.constraints();
        match item.sensitive {
            true => self.note(item, Some(whole), Constraint::Each(what, constraints)),
            false => self.note(shape, Some(whole), Constraint::Each(what, constraints)),
        }
    }

    fn within(&mut self, name: &str, check: impl FnOnce(&mut Self)) {
        let before = self.path.len();
        if before > 0 && !self.path.ends_with('.') {
            self.path.push('.');
        }
        self.path.push_str(name);
        check(self);
        self.path.truncate(before);
    }

    fn length(&mut self, bounds: &Bounds, len: usize, shape: &ShapeDef, value: &Value) {
        let len = len as i64;
        if let Some(min) = bounds.min.filter(|min| len < *min) {
            self.note(shape, Some(value), Constraint::MinLength(min));
        }
        if let Some(max) = bounds.max.filter(|max| len > *max) {
            self.note(shape, Some(value), Constraint::MaxLength(max));
        }
    }

    #[cold]
    fn note(&mut self, shape: &ShapeDef, value: Option<&Value>, constraint: Constraint) {
        let shown = match value {
            None => Shown::Missing,
            Some(_) if shape.sensitive => Shown::Hidden,
            Some(value) => Shown::Text(show(value)),
        };
        self.note_shown(shown, constraint);
    }

    fn note_shown(&mut self, value: Shown, constraint: Constraint) {
        self.count += 1;
        if self.broken.len() < SHOWN {
            let path = self.path.trim_end_matches('.').to_owned();
            self.broken.push(Broken { path, value, constraint });
        }
    }
}

impl ShapeDef {
    /// All that a value of this shape must satisfy, in the order in which AWS lists it.
    fn constraints(&self) -> Vec<Constraint> {
        let mut all = Vec::new();
        match &self.kind {
            Kind::String { bounds, pattern, values } => {
                all.extend(bounds.max.map(Constraint::MaxLength));
                all.extend(bounds.min.map(Constraint::MinLength));
                all.extend(pattern.as_ref().map(|pattern| Constraint::Pattern(pattern.text())));
                all.extend((!values.is_empty()).then(|| Constraint::Enum(values.clone())));
            }
            Kind::Blob { bounds, .. } => {
                all.extend(bounds.max.map(Constraint::MaxLength));
                all.extend(bounds.min.map(Constraint::MinLength));
            }
            Kind::Integer { bounds } | Kind::Long { bounds } => {
                all.extend(bounds.max.map(|max| Constraint::MaxValue(max.to_string())));
                all.extend(bounds.min.map(|min| Constraint::MinValue(min.to_string())));
            }
            Kind::Float { min, max } | Kind::Double { min, max } => {
                all.extend(max.map(|max| Constraint::MaxValue(format!("{max:?}"))));
                all.extend(min.map(|min| Constraint::MinValue(format!("{min:?}"))));
            }
            _ => {}
        }
        all
    }
}

/// Java counts a string's length in units of UTF-16. What is short or long enough in bytes either way need
/// not be counted.
fn length(text: &str, bounds: &Bounds) -> usize {
    if bounds.min.is_none() && bounds.max.is_none() || text.is_ascii() {
        return text.len();
    }
    text.encode_utf16().count()
}

/// A value as a message shows it, not longer than is of use.
fn show(value: &Value) -> String {
    const LONGEST: usize = 1024;
    let mut out = match value {
        Value::String(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => format!("{number:?}"),
        Value::Bool(value) => value.to_string(),
        Value::Blob(bytes) => format!("java.nio.HeapByteBuffer[pos=0 lim={0} cap={0}]", bytes.len()),
        Value::List(items) => {
            let shown: Vec<String> = items.iter().take(32).map(show).collect();
            format!("[{}]", shown.join(", "))
        }
        Value::Map(entries) => {
            let shown: Vec<String> =
                entries.iter().take(32).map(|(key, value)| format!("{key}={}", show(value))).collect();
            format!("{{{}}}", shown.join(", "))
        }
        Value::Null => "null".into(),
        Value::Struct(_) | Value::Time(_) | Value::Document(_) => value.kind().to_owned(),
    };
    if out.len() > LONGEST {
        let cut = (0..=LONGEST).rev().find(|at| out.is_char_boundary(*at)).unwrap_or(0);
        out.truncate(cut);
    }
    out
}

impl Constraint {
    fn text(&self) -> String {
        match self {
            Constraint::Required => "Member must not be null".into(),
            Constraint::MinLength(min) => format!("Member must have length greater than or equal to {min}"),
            Constraint::MaxLength(max) => format!("Member must have length less than or equal to {max}"),
            Constraint::MinValue(min) => format!("Member must have value greater than or equal to {min}"),
            Constraint::MaxValue(max) => format!("Member must have value less than or equal to {max}"),
            Constraint::Pattern(pattern) => {
                format!("Member must satisfy regular expression pattern: {pattern}")
            }
            Constraint::Enum(values) => {
                format!("Member must satisfy enum value set: [{}]", values.join(", "))
            }
            Constraint::Each(what, all) => {
                let all: Vec<String> = all.iter().map(Constraint::text).collect();
                format!("{what} must satisfy constraint: [{}]", all.join(", "))
            }
        }
    }
}

fn word(model: &Model, op: &Op, protocol: Protocol, broken: &[Broken], count: usize) -> ApiError {
    let code = match model.validation.code {
        "" => match protocol {
            Protocol::Query => "ValidationError",
            Protocol::Ec2 => "InvalidParameterValue",
            Protocol::RestXml => "InvalidInput",
            Protocol::Json | Protocol::RestJson | Protocol::Cbor => "ValidationException",
        },
        code => code,
    };
    let code = op.validation_code.unwrap_or(code);
    match (model.validation.style, broken) {
        (ValidationStyle::Ec2, [first, ..]) => ec2(code, first),
        (ValidationStyle::Ecr, [first, ..]) => ecr(code, first),
        _ => {
            let noun = if count == 1 { "error" } else { "errors" };
            let mut message = format!("{count} validation {noun} detected: ");
            for (i, one) in broken.iter().enumerate() {
                let gap = if i == 0 { "" } else { "; " };
                // Writing to a string cannot fail.
                let _ = match &one.value {
                    Shown::Missing => write!(message, "{gap}Value null at"),
                    Shown::Hidden => write!(message, "{gap}Value at"),
                    Shown::Text(value) => write!(message, "{gap}Value '{value}' at"),
                };
                let _ = write!(
                    message,
                    " '{}' failed to satisfy constraint: {}",
                    one.path,
                    one.constraint.text()
                );
            }
            ApiError::new(code, message).with_status(400)
        }
    }
}

/// `The request must contain the parameter VpcId`
fn ec2(code: &'static str, broken: &Broken) -> ApiError {
    let error = match (&broken.constraint, &broken.value) {
        (Constraint::Required, _) => ApiError::new(
            "MissingParameter",
            format!("The request must contain the parameter {}", broken.path),
        ),
        (constraint, value) => {
            let value = if let Shown::Text(value) = value { value.as_str() } else { "" };
            let message =
                format!("Value ({value}) for parameter {} is invalid. {}", broken.path, constraint.text());
            ApiError::new(code, message)
        }
    };
    error.with_status(400)
}

/// `Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy ...'`
fn ecr(code: &'static str, broken: &Broken) -> ApiError {
    let text = broken.constraint.text();
    let text = text.strip_prefix("Member ").unwrap_or(&text);
    let text = match &broken.constraint {
        Constraint::Pattern(pattern) => format!("must satisfy regular expression '{pattern}'"),
        _ => text.to_owned(),
    };
    let message = format!("Invalid parameter at '{}' failed to satisfy constraint: '{text}'", broken.path);
    ApiError::new(code, message).with_status(400)
}
