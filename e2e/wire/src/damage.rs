//! The negative control: single facts of our copy of a model made wrong, each of which must be noticed.
//!
//! Only facts that a call really used are damaged, so what is not noticed is a hole in the proof and not a
//! member that was not sent.

use gantry_wire::model::{Kind, Location, Model, Op, Protocol, Ref};
use serde_json::Value as Json;

/// One fact, and how it is made wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Damage {
    /// A member goes by another name on the wire.
    Rename { shape: String, member: String },
    /// A member does not exist.
    Drop { shape: String, member: String },
    /// A member is of another kind.
    Retype { shape: String, member: String, to: String },
    /// A list's or map's entries stand flat where they were not, or the other way around.
    Flatten { shape: String, member: String },
    /// A list's items go by another name.
    ItemName { shape: String },
    /// A member stands elsewhere in the request or answer.
    Move { shape: String, member: String },
    /// A fact of the operation: `in`, `out`, `wrap`, method, path.
    Operation { name: String, fact: &'static str },
    /// A fact of the service: target prefix or version.
    Service { fact: &'static str },
    /// An error's code or status.
    Error { shape: String, fact: &'static str },
}

/// Everything that a call of `op` used and that can be made wrong so that it matters.
pub fn used(model: &Model, op: &Op, protocol: Protocol, input: &Json, output: &Json) -> Vec<Damage> {
    let mut walk = Walk { model, protocol, found: Vec::new() };
    if let Some(shape) = op.input {
        walk.value(Ref::plain(shape), input, true, 0);
    }
    if let Some(shape) = op.output {
        walk.value(Ref::plain(shape), output, false, 0);
    }
    let mut found = walk.found;
    let operation = |fact| Damage::Operation { name: op.name.into(), fact };
    if input.as_object().is_some_and(|members| !members.is_empty()) {
        found.push(operation("in"));
    }
    // Without an output the ec2 protocol says `return` all the same.
    let returned = protocol == Protocol::Ec2
        && output.as_object().is_some_and(|members| members.values().all(|value| *value == Json::Bool(true)));
    if output.as_object().is_some_and(|members| !members.is_empty()) && !returned {
        found.push(operation("out"));
        if protocol == Protocol::Query {
            found.push(operation("wrap"));
        }
    }
    found.push(operation("name"));
    match protocol {
        Protocol::RestJson | Protocol::RestXml => found.extend([operation("method"), operation("path")]),
        Protocol::Json | Protocol::Cbor => found.push(Damage::Service { fact: "target" }),
        Protocol::Query | Protocol::Ec2 => found.push(Damage::Service { fact: "version" }),
    }
    found.sort();
    found.dedup();
    found
}

/// A member that a call used.
struct Seen<'a> {
    of: &'a str,
    name: &'a str,
    at: Ref,
    /// It is the whole body.
    payload: bool,
}

struct Walk<'m> {
    model: &'m Model,
    protocol: Protocol,
    found: Vec<Damage>,
}

impl Walk<'_> {
    fn value(&mut self, at: Ref, plain: &Json, inward: bool, depth: u32) {
        let shape = self.model.shape(at.shape);
        match (&shape.kind, plain) {
            (Kind::Struct(def), Json::Object(members)) => {
                for (name, plain) in members {
                    let Some((index, member)) = def.member(name) else { continue };
                    let seen =
                        Seen { of: shape.name, name, at: member.at, payload: def.payload == Some(index) };
                    self.member(&seen, plain, inward, depth == 0);
                    self.value(member.at, plain, inward, depth + 1);
                }
            }
            (Kind::List { item, flattened, .. }, Json::Array(items)) => {
                // This client reads a list's items by any name, so only what it sends can tell.
                let named = matches!(self.protocol, Protocol::Query | Protocol::RestXml)
                    && !at.flattened
                    && !*flattened;
                if named && inward && at.location == Location::Body && !items.is_empty() {
                    self.found.push(Damage::ItemName { shape: shape.name.into() });
                }
                for plain in items {
                    self.value(*item, plain, inward, depth + 1);
                }
            }
            (Kind::Map { value, .. }, Json::Object(entries)) => {
                for plain in entries.values() {
                    self.value(*value, plain, inward, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn member(&mut self, seen: &Seen<'_>, plain: &Json, inward: bool, top: bool) {
        let Seen { of, name, at, payload } = *seen;
        let rest = matches!(self.protocol, Protocol::RestJson | Protocol::RestXml);
        let (shape, member) = (of.to_owned(), name.to_owned());
        let kind = &self.model.shape(at.shape).kind;
        let flat = |flattened: &bool| at.flattened || *flattened;
        self.found.push(Damage::Drop { shape: shape.clone(), member: member.clone() });
        // Where the name is not on the wire, or stands on the list's items, it can be anything.
        let nameless = payload
            || at.location == Location::StatusCode
            || matches!(kind, Kind::List { flattened, item, .. } if flat(flattened) && item.wire.is_some())
            || matches!(kind, Kind::Map { .. } if at.location == Location::QueryString);
        if self.protocol != Protocol::Cbor && !nameless {
            self.found.push(Damage::Rename { shape: shape.clone(), member: member.clone() });
        }
        if let Some(to) = other_kind(self.model, kind) {
            self.found.push(Damage::Retype { shape: shape.clone(), member: member.clone(), to });
        }
        let full = plain.as_array().is_some_and(|items| !items.is_empty())
            || plain.as_object().is_some_and(|entries| !entries.is_empty());
        let spells_lists = match self.protocol {
            Protocol::Query | Protocol::RestXml => true,
            Protocol::Ec2 => !inward,
            _ => false,
        };
        // What the list's own shape says, the member cannot take back.
        let own = matches!(kind, Kind::List { flattened: false, .. } | Kind::Map { flattened: false, .. });
        if spells_lists && full && own && !payload && at.location == Location::Body {
            self.found.push(Damage::Flatten { shape: shape.clone(), member: member.clone() });
        }
        if rest && top && !payload && at.location != Location::StatusCode {
            self.found.push(Damage::Move { shape, member });
        }
    }
}

/// A shape of a kind that no value of `kind` passes for.
fn other_kind(model: &Model, kind: &Kind) -> Option<String> {
    let wanted = |other: &Kind| match kind {
        Kind::String { .. } => matches!(other, Kind::Struct(_)),
        _ => matches!(other, Kind::String { .. }),
    };
    model.shapes.iter().find(|shape| wanted(&shape.kind)).map(|shape| shape.name.to_owned())
}

impl Damage {
    /// The model's text with this fact made wrong.
    pub fn apply(&self, text: &str) -> Option<String> {
        let mut done = false;
        let mut out = String::with_capacity(text.len() + 64);
        for line in text.lines() {
            let new = self.line(line);
            done |= new.as_deref().is_some_and(|new| new != line);
            out.push_str(new.as_deref().unwrap_or(line));
            out.push('\n');
        }
        done.then_some(out)
    }

    fn line(&self, line: &str) -> Option<String> {
        match self {
            Damage::Rename { shape, member } => edit_member(line, shape, member, |_, options| {
                options.retain(|option| !option.starts_with("as=") && !option.starts_with("query="));
                options.push("as=Damaged".into());
            }),
            Damage::Drop { shape, member } => {
                let words = words_of(line, "struct", shape)?;
                let prefix = format!("{member}:");
                let payload = format!("@payload={member}");
                Some(
                    words
                        .filter(|word| !word.starts_with(&prefix) && *word != payload)
                        .collect::<Vec<_>>()
                        .join(" "),
                )
            }
            Damage::Retype { shape, member, to } => {
                edit_member(line, shape, member, |target, _| to.clone_into(target))
            }
            Damage::Flatten { shape, member } => edit_member(line, shape, member, |_, options| {
                let before = options.len();
                options.retain(|option| option != "flat");
                if options.len() == before {
                    options.push("flat".into());
                }
            }),
            Damage::Move { shape, member } => edit_member(line, shape, member, |_, options| {
                let header = options.iter().any(|option| option.starts_with("loc=header"));
                options.retain(|option| !option.starts_with("loc="));
                if !header {
                    options.push("loc=header".into());
                }
            }),
            Damage::ItemName { shape } => {
                let mut words: Vec<String> = words_of(line, "list", shape)?.map(str::to_owned).collect();
                let (target, mut options) = split(&words[2]);
                options.retain(|option| !option.starts_with("as="));
                options.push("as=Damaged".into());
                words[2] = join(&target, &options);
                Some(words.join(" "))
            }
            Damage::Operation { name, fact } => {
                let mut words: Vec<String> = words_of(line, "op", name)?.map(str::to_owned).collect();
                match *fact {
                    "name" => words[1] = "Damaged".into(),
                    "method" => words[2] = if words[2] == "POST" { "GET".into() } else { "POST".into() },
                    "path" => words[3] = format!("/damaged{}", words[3]),
                    fact => {
                        let prefix = format!("{fact}=");
                        let before = words.len();
                        words.retain(|word| !word.starts_with(&prefix));
                        if fact == "wrap" || words.len() == before {
                            words.push("wrap=Damaged".into());
                        }
                    }
                }
                Some(words.join(" "))
            }
            Damage::Service { fact } => {
                line.starts_with(&format!("{fact} ")).then(|| format!("{fact} Damaged"))
            }
            Damage::Error { shape, fact } => {
                let mut words: Vec<String> = words_of(line, "struct", shape)?.map(str::to_owned).collect();
                let prefix = format!("@{fact}=");
                words.retain(|word| !word.starts_with(&prefix));
                words.insert(2, if *fact == "code" { "@code=Damaged".into() } else { "@status=499".into() });
                Some(words.join(" "))
            }
        }
    }
}

fn words_of<'l>(line: &'l str, keyword: &str, name: &str) -> Option<std::str::Split<'l, char>> {
    let words = line.split(' ');
    let mut start = words.clone();
    (start.next() == Some(keyword) && start.next() == Some(name)).then_some(words)
}

fn edit_member(
    line: &str,
    shape: &str,
    member: &str,
    edit: impl Fn(&mut String, &mut Vec<String>),
) -> Option<String> {
    let prefix = format!("{member}:");
    let words = words_of(line, "struct", shape)?.map(|word| {
        let Some(use_of) = word.strip_prefix(&prefix) else { return word.to_owned() };
        let (mut target, mut options) = split(use_of.trim_end_matches('!'));
        edit(&mut target, &mut options);
        let required = if use_of.ends_with('!') { "!" } else { "" };
        format!("{prefix}{}{required}", join(&target, &options))
    });
    Some(words.collect::<Vec<_>>().join(" "))
}

fn split(use_of: &str) -> (String, Vec<String>) {
    match use_of.split_once('(') {
        Some((target, options)) => {
            (target.into(), options.trim_end_matches(')').split(',').map(str::to_owned).collect())
        }
        None => (use_of.into(), Vec::new()),
    }
}

fn join(target: &str, options: &[String]) -> String {
    if options.is_empty() { target.into() } else { format!("{target}({})", options.join(",")) }
}
