//! XML to a value, guided by a shape.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::json::last_of_each;
use crate::limits::{Budget, Fault, Limits};
use crate::model::{Kind, Model, Ref, StructDef, TimeFormat};
use crate::text;
use crate::value::Value;

/// Decodes a body whose root element is the value; an empty body counts as an empty structure.
pub fn decode(model: &Model, at: Ref, body: &[u8], limits: &Limits) -> Result<Value, Fault> {
    if body.len() > limits.body {
        return Err(Fault::limit(format!("The request is larger than {} bytes", limits.body)));
    }
    let body = std::str::from_utf8(body).map_err(|_| malformed())?;
    if body.trim_ascii().is_empty() {
        return Ok(Value::Struct(Vec::new()));
    }
    let root = read(body, limits)?;
    Decoder { model }.value(&at, &[&root])
}

/// One element; its names without their prefixes.
#[derive(Default)]
struct Node {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Node>,
}

#[cold]
fn malformed() -> Fault {
    Fault::syntax("The XML you provided was not well-formed or did not validate against our published schema")
}

/// Reads the whole document. Entities other than XML's own five are refused, so nothing can grow.
fn read(body: &str, limits: &Limits) -> Result<Node, Fault> {
    let mut reader = Reader::from_str(body);
    let mut budget = Budget::new(limits);
    let mut open: Vec<Node> = vec![Node::default()];
    loop {
        match reader.read_event().map_err(|_| malformed())? {
            Event::Start(tag) => {
                budget.node()?;
                budget.enter()?;
                open.push(node(&tag, &mut budget)?);
            }
            Event::Empty(tag) => {
                budget.node()?;
                let node = node(&tag, &mut budget)?;
                open.last_mut().ok_or_else(malformed)?.children.push(node);
            }
            Event::End(_) => {
                budget.leave();
                let node = open.pop().ok_or_else(malformed)?;
                open.last_mut().ok_or_else(malformed)?.children.push(node);
            }
            Event::Text(text) => {
                let text = text.xml10_content();
                open.last_mut().ok_or_else(malformed)?.text.push_str(&text);
            }
            Event::CData(text) => {
                let text = text.xml10_content();
                open.last_mut().ok_or_else(malformed)?.text.push_str(&text);
            }
            Event::GeneralRef(entity) => {
                let c = match entity.resolve_char_ref().map_err(|_| malformed())? {
                    Some(c) => c,
                    None => match &*entity {
                        "amp" => '&',
                        "lt" => '<',
                        "gt" => '>',
                        "quot" => '"',
                        "apos" => '\'',
                        _ => return Err(malformed()),
                    },
                };
                open.last_mut().ok_or_else(malformed)?.text.push(c);
            }
            Event::DocType(_) => return Err(malformed()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
    }
    let (Some(mut top), true) = (open.pop(), open.is_empty()) else { return Err(malformed()) };
    match (top.children.pop(), top.children.is_empty() && top.text.trim().is_empty()) {
        (Some(root), true) => Ok(root),
        _ => Err(malformed()),
    }
}

fn node(tag: &BytesStart<'_>, budget: &mut Budget) -> Result<Node, Fault> {
    let mut node = Node { name: tag.local_name().as_ref().to_owned(), ..Node::default() };
    for attribute in tag.attributes() {
        budget.node()?;
        let attribute = attribute.map_err(|_| malformed())?;
        let key = attribute.key.as_ref().to_owned();
        if key == "xmlns" || key.starts_with("xmlns:") {
            continue;
        }
        let value = attribute
            .normalized_value(quick_xml::XmlVersion::Implicit1_0)
            .map_err(|_| malformed())?
            .into_owned();
        node.attributes.push((key, value));
    }
    Ok(node)
}

struct Decoder<'m> {
    model: &'m Model,
}

impl Decoder<'_> {
    /// The value that `nodes` spell: one element, or of a flat list or map every one of that name.
    fn value(&self, at: &Ref, nodes: &[&Node]) -> Result<Value, Fault> {
        // Of an element that comes twice where one belongs the last counts.
        let Some(node) = nodes.last() else { return Err(malformed()) };
        match &self.model.shape(at.shape).kind {
            Kind::Struct(def) => self.structure(def, node),
            Kind::List { item, flattened, .. } => {
                let items = if at.flattened || *flattened {
                    nodes.iter().map(|node| self.value(item, &[node])).collect::<Result<_, _>>()?
                } else {
                    let name = item.wire.unwrap_or("member");
                    let named = node.children.iter().filter(|child| child.name == name);
                    named.map(|child| self.value(item, &[child])).collect::<Result<_, _>>()?
                };
                Ok(Value::List(items))
            }
            Kind::Map { key, value, flattened, .. } => {
                let entries: Vec<&Node> = if at.flattened || *flattened {
                    nodes.to_vec()
                } else {
                    node.children.iter().filter(|child| child.name == "entry").collect()
                };
                let entries = entries
                    .into_iter()
                    .map(|entry| self.entry(key, value, entry))
                    .collect::<Result<_, _>>()?;
                Ok(Value::Map(last_of_each(entries)))
            }
            _ if !node.children.is_empty() => Err(malformed()),
            Kind::String { .. } => Ok(Value::String(node.text.clone())),
            _ => text::parse(self.model, at, &node.text, TimeFormat::DateTime),
        }
    }

    fn structure(&self, def: &StructDef, node: &Node) -> Result<Value, Fault> {
        let mut members = Vec::new();
        for (index, member) in def.members.iter().enumerate() {
            let index = index as u16;
            let name = super::encode::element_name(self.model, def, index);
            if member.at.attribute {
                if let Some((_, value)) = node.attributes.iter().find(|(key, _)| key == name) {
                    members.push((index, text::parse(self.model, &member.at, value, TimeFormat::DateTime)?));
                }
                continue;
            }
            let named: Vec<&Node> = node.children.iter().filter(|child| child.name == name).collect();
            if !named.is_empty() && member.at.location == crate::model::Location::Body {
                members.push((index, self.value(&member.at, &named)?));
            }
        }
        Ok(Value::Struct(members))
    }

    fn entry(&self, key: &Ref, value: &Ref, entry: &Node) -> Result<(String, Value), Fault> {
        let find = |name: &str| entry.children.iter().find(|child| child.name == name);
        match (find(key.wire.unwrap_or("key")), find(value.wire.unwrap_or("value"))) {
            (Some(key), Some(node)) => Ok((key.text.clone(), self.value(value, &[node])?)),
            _ => Err(malformed()),
        }
    }
}
