//! What a query sees: an event with the fields that are discovered in it, or a row that `stats` made.

use std::cell::OnceCell;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::value::Value;
use crate::chunks::{Event, Position};
use crate::token;

/// How many fields are discovered in an event.
const MAX_FIELDS: usize = 200;

/// How deep fields of JSON are looked for.
const MAX_DEPTH: usize = 32;

/// Where events come from.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// `ACCOUNT:GROUP`
    pub log: String,
    pub group: String,
    pub stream: String,
    /// The stream's place among those of its group.
    pub rank: u64,
}

/// A row on its way through a query.
#[derive(Debug)]
pub struct Record {
    event: Option<(Arc<Source>, Event)>,
    /// The event's message as JSON, once somebody asked.
    json: OnceCell<Option<serde_json::Value>>,
    /// What the query computed, the latest last.
    computed: Vec<(String, Value)>,
}

impl Record {
    /// An event.
    pub fn of_event(source: Arc<Source>, event: Event) -> Record {
        Record { event: Some((source, event)), json: OnceCell::new(), computed: Vec::new() }
    }

    /// A row of `stats`.
    pub fn of_row(fields: Vec<(String, Value)>) -> Record {
        Record { event: None, json: OnceCell::new(), computed: fields }
    }

    /// The value of a field.
    pub fn get(&self, name: &str) -> Value {
        if let Some((_, value)) = self.computed.iter().rev().find(|(known, _)| known == name) {
            return value.clone();
        }
        if let Some(found) = self.within(name) {
            return found;
        }
        let Some((source, event)) = &self.event else { return Value::Missing };
        match name {
            "@timestamp" => Value::Time(event.timestamp),
            "@ingestionTime" => Value::Time(event.ingestion),
            "@message" => Value::Text(event.message.clone()),
            "@logStream" => Value::Text(source.stream.clone()),
            "@log" => Value::Text(source.log.clone()),
            "@ptr" => Value::Text(pointer(source, event)),
            "@entity" => Value::Missing,
            _ => self.json().and_then(|json| find(json, name, MAX_DEPTH)).map_or(Value::Missing, value),
        }
    }

    /// What stands in JSON that the query computed: `js.user.id`, where `js` is such JSON.
    fn within(&self, path: &str) -> Option<Value> {
        path.match_indices('.').find_map(|(at, _)| {
            let (name, rest) = (&path[..at], &path[at + 1..]);
            let (_, computed) = self.computed.iter().rev().find(|(known, _)| known == name)?;
            let Value::Text(text) = computed else { return None };
            let nested = text.trim_start().starts_with(['{', '[']);
            let json = nested.then(|| serde_json::from_str::<serde_json::Value>(text).ok()).flatten()?;
            find(&json, rest, MAX_DEPTH).map(value)
        })
    }

    /// The same row once more.
    pub fn again(&self) -> Record {
        Record { event: self.event.clone(), json: OnceCell::new(), computed: self.computed.clone() }
    }

    /// Gives a field a value.
    pub fn set(&mut self, name: &str, value: Value) {
        match self.computed.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = value,
            None => self.computed.push((name.to_owned(), value)),
        }
    }

    /// What stands for the event in later requests; none for a row of `stats`.
    pub fn pointer(&self) -> Option<String> {
        self.event.as_ref().map(|(source, event)| pointer(source, event))
    }

    /// When the event happened; rows of `stats` have no time.
    pub fn timestamp(&self) -> i64 {
        self.event.as_ref().map_or(0, |(_, event)| event.timestamp)
    }

    /// Where the event stands among those of its time, so that an order is the same each time.
    pub fn place(&self) -> (i64, u64, u64) {
        self.event.as_ref().map_or((0, 0, 0), |(source, event)| (event.ingestion, source.rank, event.ordinal))
    }

    /// About how much memory it takes, in bytes.
    pub fn size(&self) -> usize {
        let computed: usize = self.computed.iter().map(|(name, value)| name.len() + 24 + value.size()).sum();
        let event = self.event.as_ref().map_or(0, |(_, event)| event.message.len());
        // A message that was read as JSON lies there twice, and the second time in pieces.
        let json = if self.json.get().is_some_and(Option::is_some) { 3 * event } else { 0 };
        size_of::<Record>() + computed + event + json
    }

    /// Lets go of what can be computed again.
    pub fn shrink(&mut self) {
        self.json = OnceCell::new();
    }

    /// The names of the fields that are discovered in the event.
    pub fn discovered(&self) -> Vec<String> {
        let mut names = Vec::new();
        if let Some(json) = self.json() {
            flatten(json, String::new(), &mut names, MAX_DEPTH);
        }
        names
    }

    fn json(&self) -> Option<&serde_json::Value> {
        let read = || {
            let message = self.event.as_ref()?.1.message.trim();
            message.starts_with('{').then(|| serde_json::from_str(message).ok()).flatten()
        };
        self.json.get_or_init(read).as_ref()
    }
}

/// A member by its path, `user.roles.0`. A member's own name may have dots.
fn find<'v>(json: &'v serde_json::Value, path: &str, depth: usize) -> Option<&'v serde_json::Value> {
    if let Some(found) = member(json, path) {
        return Some(found);
    }
    if depth == 0 {
        return None;
    }
    path.match_indices('.').find_map(|(at, _)| find(member(json, &path[..at])?, &path[at + 1..], depth - 1))
}

fn member<'v>(json: &'v serde_json::Value, name: &str) -> Option<&'v serde_json::Value> {
    match json {
        serde_json::Value::Object(members) => members.get(name),
        serde_json::Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        _ => None,
    }
}

fn value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Missing,
        serde_json::Value::Bool(truth) => Value::Bool(*truth),
        // Large integers keep all their digits as text, which compares as a number all the same.
        serde_json::Value::Number(number) => match number.as_f64() {
            Some(float) if float.abs() < 9e15 => Value::Number(float),
            _ => Value::Text(number.to_string()),
        },
        serde_json::Value::String(text) => Value::Text(text.clone()),
        nested => Value::Text(nested.to_string()),
    }
}

/// The items of a list; what is none is one of itself.
pub(super) fn items(list: Value) -> Vec<Value> {
    match &list {
        Value::Missing => Vec::new(),
        Value::Text(text) if text.trim_start().starts_with('[') => {
            match serde_json::from_str::<Vec<serde_json::Value>>(text) {
                Ok(items) => items.iter().map(value).collect(),
                Err(_) => vec![list],
            }
        }
        _ => vec![list],
    }
}

fn flatten(json: &serde_json::Value, path: String, names: &mut Vec<String>, depth: usize) {
    if names.len() >= MAX_FIELDS || depth == 0 {
        return;
    }
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match json {
        serde_json::Value::Object(members) => {
            members.iter().for_each(|(name, json)| flatten(json, below(name), names, depth - 1));
        }
        serde_json::Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(at, json)| flatten(json, below(&at.to_string()), names, depth - 1));
        }
        _ => names.push(path),
    }
}

fn pointer(source: &Source, event: &Event) -> String {
    let position = token::position_text(event.position(source.rank));
    BASE64.encode(format!("{}:{position}", source.group))
}

/// The group and the position that a pointer stands for.
pub fn parse_pointer(pointer: &str) -> Option<(String, Position)> {
    let text = String::from_utf8(BASE64.decode(pointer).ok()?).ok()?;
    let (group, position) = text.split_once(':')?;
    Some((group.to_owned(), token::parse_position(position)?))
}
