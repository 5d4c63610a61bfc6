//! Parameters to a value.
//!
//! Sorted by their dotted parts, the parameters of one structure, list or map stand side by side, so each
//! part of the value is decoded from a slice and no tree is built.

use crate::json::last_of_each;
use crate::limits::{Budget, Fault, Limits};
use crate::model::{Kind, Model, Ref, StructDef, TimeFormat};
use crate::query::Params;
use crate::text;
use crate::value::Value;

/// Whose names the parameters carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    Query,
    /// Capitalised, with lists always flat, and unknown ones refused.
    Ec2,
}

/// Decodes an operation's parameters; `Action` and `Version` are passed over.
pub fn decode(model: &Model, at: Ref, params: Params, names: Names, limits: &Limits) -> Result<Value, Fault> {
    let mut params = params.0;
    params.retain(|(name, _)| !is_envelope(name));
    params.sort_by(|(a, _), (b, _)| a.split('.').cmp(b.split('.')));
    let mut decoder = Decoder { model, names, budget: Budget::new(limits) };
    match &model.shape(at.shape).kind {
        Kind::Struct(def) => decoder.structure(def, &params, 0),
        _ => Err(Fault::wrong("The input is no structure")),
    }
}

/// What belongs to the request and not to its input.
fn is_envelope(name: &str) -> bool {
    matches!(
        name,
        "Action"
            | "Version"
            | "AWSAccessKeyId"
            | "Signature"
            | "SignatureMethod"
            | "SignatureVersion"
            | "SecurityToken"
    ) || name.starts_with("X-Amz-")
}

/// The parameters below one prefix, sorted.
type Slice<'p> = &'p [(String, String)];

struct Decoder<'m> {
    model: &'m Model,
    names: Names,
    budget: Budget,
}

impl Decoder<'_> {
    /// The value that `params` spell; their first `prefix` bytes name the place.
    fn value(&mut self, at: &Ref, params: Slice<'_>, prefix: usize) -> Result<Value, Fault> {
        self.budget.node()?;
        match &self.model.shape(at.shape).kind {
            Kind::Struct(def) => {
                let inner = without_own(params, prefix)?;
                self.budget.enter()?;
                let value = self.structure(def, inner, prefix + 1)?;
                self.budget.leave();
                Ok(value)
            }
            Kind::List { item, flattened, .. } => {
                let flat = self.names == Names::Ec2 || at.flattened || *flattened;
                let inner = without_own(params, prefix)?;
                self.budget.enter()?;
                let mut items = Vec::new();
                self.items(
                    flat,
                    item.wire.unwrap_or("member"),
                    inner,
                    prefix + 1,
                    |decoder, params, prefix| {
                        items.push(decoder.value(item, params, prefix)?);
                        Ok(())
                    },
                )?;
                self.budget.leave();
                Ok(Value::List(items))
            }
            Kind::Map { key, value, flattened, .. } => {
                let inner = without_own(params, prefix)?;
                self.budget.enter()?;
                let mut entries = Vec::new();
                self.items(
                    at.flattened || *flattened,
                    "entry",
                    inner,
                    prefix + 1,
                    |decoder, params, prefix| {
                        entries.push(decoder.entry(key, value, without_own(params, prefix)?, prefix + 1)?);
                        Ok(())
                    },
                )?;
                self.budget.leave();
                Ok(Value::Map(last_of_each(entries)))
            }
            _ => match params.iter().rev().find(|(name, _)| name.len() == prefix) {
                Some((_, text)) => text::parse(self.model, at, text, TimeFormat::DateTime),
                None => Err(Fault::wrong("Start of structure or map found where not expected.")),
            },
        }
    }

    fn structure(&mut self, def: &StructDef, params: Slice<'_>, prefix: usize) -> Result<Value, Fault> {
        let mut members = Vec::new();
        for (name, params) in groups(params, prefix) {
            let member = match self.names {
                Names::Query => def.member_by_wire(name),
                Names::Ec2 => def.member_by_query(name),
            };
            match member {
                Some((index, member)) => {
                    members.push((index, self.value(&member.at, params, prefix + name.len())?))
                }
                None if self.names == Names::Ec2 => {
                    return Err(Fault::unknown(format!("The parameter {name} is not recognized")));
                }
                None => {}
            }
        }
        Ok(Value::Struct(members))
    }

    /// Calls `each` for every numbered part of a list or map, by ascending number.
    fn items(
        &mut self,
        flat: bool,
        label: &str,
        params: Slice<'_>,
        prefix: usize,
        mut each: impl FnMut(&mut Self, Slice<'_>, usize) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let (params, prefix) = if flat {
            (params, prefix)
        } else {
            match groups(params, prefix).find(|(name, _)| *name == label) {
                Some((_, inner)) => (without_own(inner, prefix + label.len())?, prefix + label.len() + 1),
                None if params.is_empty() => return Ok(()),
                None => return Err(Fault::wrong("Unexpected list element termination")),
            }
        };
        let mut numbered = Vec::new();
        for (name, params) in groups(params, prefix) {
            let number: u32 =
                name.parse().map_err(|_| Fault::wrong(format!("Key {name} is not an index of a list")))?;
            numbered.push((number, name.len(), params));
        }
        numbered.sort_by_key(|(number, ..)| *number);
        for (_, len, params) in numbered {
            each(self, params, prefix + len)?;
        }
        Ok(())
    }

    fn entry(
        &mut self,
        key: &Ref,
        value: &Ref,
        params: Slice<'_>,
        prefix: usize,
    ) -> Result<(String, Value), Fault> {
        let (key_name, value_name) = (key.wire.unwrap_or("key"), value.wire.unwrap_or("value"));
        let mut entry = (None, Value::Null);
        for (name, params) in groups(params, prefix) {
            if name == key_name {
                entry.0 = params
                    .iter()
                    .find(|(full, _)| full.len() == prefix + name.len())
                    .map(|(_, text)| text.clone());
            } else if name == value_name {
                entry.1 = self.value(value, params, prefix + name.len())?;
            }
        }
        match entry {
            (Some(key), value) => Ok((key, value)),
            (None, _) => Err(Fault::wrong("Unexpected map element termination")),
        }
    }
}

/// Leaves out a parameter that names the place itself: an empty one spells an empty list or structure, any
/// other is a scalar where none belongs.
fn without_own(params: Slice<'_>, prefix: usize) -> Result<Slice<'_>, Fault> {
    let own = params.iter().take_while(|(name, _)| name.len() <= prefix).count();
    if params[..own].iter().any(|(_, value)| !value.is_empty()) {
        return Err(Fault::wrong("Unexpected complex element termination"));
    }
    Ok(&params[own..])
}

/// The next part of the names, each with the parameters that have it.
fn groups(params: Slice<'_>, prefix: usize) -> impl Iterator<Item = (&str, Slice<'_>)> {
    let mut rest = params;
    std::iter::from_fn(move || {
        let name = part(rest.first()?, prefix);
        let len = rest.iter().take_while(|param| part(param, prefix) == name).count();
        let (group, after) = rest.split_at(len);
        rest = after;
        Some((name, group))
    })
}

fn part((name, _): &(String, String), prefix: usize) -> &str {
    name[prefix..].split('.').next().unwrap_or_default()
}
