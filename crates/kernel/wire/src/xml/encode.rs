//! Values to XML, guided by a shape.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use gantry_base::Timestamp;

use crate::model::{Kind, Location, Model, Namespace, Ref, StructDef, TimeFormat};
use crate::sink::Sink;
use crate::text;

/// Writes XML elements. The elements around the whole are the protocol's affair: it writes them with
/// [`XmlSink::start`] and [`XmlSink::end`].
pub struct XmlSink<'m> {
    model: &'m Model,
    out: String,
    open: Vec<Open<'m>>,
    next: Next<'m>,
    /// A start tag is open to attributes until something is written into the element.
    tag_open: bool,
    /// The next value is an attribute of the open tag.
    attribute: bool,
}

/// What the next value is: a use of a shape, and the element that it stands in.
#[derive(Clone, Copy)]
struct Next<'m> {
    at: Ref,
    /// None: the value's members are written straight into what is open.
    name: Option<&'m str>,
}

struct Open<'m> {
    kind: OpenKind<'m>,
    /// The element that closing ends.
    element: Option<&'m str>,
}

enum OpenKind<'m> {
    Struct(&'m StructDef),
    List {
        item: Ref,
        name: &'m str,
    },
    /// `each` surrounds one entry; `entry_open` until it is ended by the next entry or the map's end.
    Map {
        key: Ref,
        value: Ref,
        each: &'m str,
        entry_open: bool,
    },
}

impl<'m> XmlSink<'m> {
    /// The root value's members go into whatever [`XmlSink::start`] opened.
    pub fn new(model: &'m Model, root: Ref) -> Self {
        XmlSink {
            model,
            out: String::with_capacity(1024),
            open: Vec::with_capacity(8),
            next: Next { at: root, name: None },
            tag_open: false,
            attribute: false,
        }
    }

    /// Opens an element by hand, with a namespace if there is one.
    pub fn start(&mut self, name: &str, namespace: &str) {
        self.start_tag(name);
        if !namespace.is_empty() {
            self.out.push_str(" xmlns=\"");
            escape(&mut self.out, namespace);
            self.out.push('"');
        }
    }

    /// Ends an element by hand.
    pub fn end(&mut self, name: &str) {
        self.close_tag();
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    /// An element that holds text, by hand.
    pub fn text_element(&mut self, name: &str, text: &str) {
        self.start_tag(name);
        self.close_tag();
        escape(&mut self.out, text);
        self.end(name);
    }

    pub fn finish(mut self) -> Vec<u8> {
        self.close_tag();
        self.out.into_bytes()
    }

    fn start_tag(&mut self, name: &str) {
        self.close_tag();
        self.out.push('<');
        self.out.push_str(name);
        self.tag_open = true;
    }

    fn close_tag(&mut self) {
        if self.tag_open {
            self.out.push('>');
            self.tag_open = false;
        }
    }

    fn namespace(&mut self, namespace: Option<Namespace>) {
        let Some(namespace) = namespace else { return };
        self.out.push_str(" xmlns");
        if let Some(prefix) = namespace.prefix {
            self.out.push(':');
            self.out.push_str(prefix);
        }
        self.out.push_str("=\"");
        escape(&mut self.out, namespace.uri);
        self.out.push('"');
    }

    /// Settles what the next value is when it is an item of a list.
    fn begin(&mut self) -> Next<'m> {
        if let Some(Open { kind: OpenKind::List { item, name }, .. }) = self.open.last() {
            self.next = Next { at: *item, name: Some(name) };
        }
        self.next
    }

    fn scalar(&mut self, write: impl FnOnce(&mut String, &'m Model, &Ref)) {
        if self.attribute {
            self.attribute = false;
            let at = self.next.at;
            if let Some(name) = self.next.name {
                self.out.push(' ');
                self.out.push_str(name);
                self.out.push_str("=\"");
                let mut text = String::new();
                write(&mut text, self.model, &at);
                // A reader makes a space of a bare line break or tab in an attribute.
                self.out.push_str(&text.replace('\n', "&#xA;").replace('\t', "&#x9;"));
                self.out.push('"');
            }
            return;
        }
        let Next { at, name } = self.begin();
        if let Some(name) = name {
            self.start_tag(name);
            self.namespace(at.namespace);
        }
        self.close_tag();
        write(&mut self.out, self.model, &at);
        if let Some(name) = name {
            self.end(name);
        }
    }

    fn kind(&self) -> &'m Kind {
        &self.model.shape(self.next.at.shape).kind
    }
}

/// The element that a member's values stand in: of a flat list with a name for its items, that name.
pub(super) fn element_name<'m>(model: &'m Model, def: &'m StructDef, index: u16) -> &'m str {
    let member = &def.members[usize::from(index)];
    if let Kind::List { item, flattened, .. } = &model.shape(member.at.shape).kind
        && (member.at.flattened || *flattened)
        && let Some(name) = item.wire
    {
        return name;
    }
    member.wire_name()
}

impl Sink for XmlSink<'_> {
    fn open_struct(&mut self) {
        let Next { at, name } = self.begin();
        let Kind::Struct(def) = self.kind() else {
            unreachable!("a structure is written where the model has one")
        };
        if let Some(name) = name {
            self.start_tag(name);
            self.namespace(at.namespace.or(def.namespace));
        }
        self.open.push(Open { kind: OpenKind::Struct(def), element: name });
    }
    fn member(&mut self, index: u16) {
        let Some(Open { kind: OpenKind::Struct(def), .. }) = self.open.last() else { return };
        let def = *def;
        let at = def.members[usize::from(index)].at;
        self.next = Next { at, name: Some(element_name(self.model, def, index)) };
        self.attribute = at.attribute && at.location == Location::Body && self.tag_open;
    }
    fn open_list(&mut self, _: usize) {
        let Next { at, name } = self.begin();
        let Kind::List { item, flattened, .. } = self.kind() else {
            unreachable!("a list is written where the model has one")
        };
        let flat = at.flattened || *flattened;
        let element = name.filter(|_| !flat);
        if let Some(element) = element {
            self.start_tag(element);
            self.namespace(at.namespace);
        }
        let name = if flat { name.unwrap_or("member") } else { item.wire.unwrap_or("member") };
        self.open.push(Open { kind: OpenKind::List { item: *item, name }, element });
    }
    fn open_map(&mut self, _: usize) {
        let Next { at, name } = self.begin();
        let Kind::Map { key, value, flattened, .. } = self.kind() else {
            unreachable!("a map is written where the model has one")
        };
        let flat = at.flattened || *flattened;
        let element = name.filter(|_| !flat);
        if let Some(element) = element {
            self.start_tag(element);
            self.namespace(at.namespace);
        }
        let each = if flat { name.unwrap_or("entry") } else { "entry" };
        self.open.push(Open {
            kind: OpenKind::Map { key: *key, value: *value, each, entry_open: false },
            element,
        });
    }
    fn key(&mut self, text: &str) {
        let Some(Open { kind: OpenKind::Map { key, value, each, entry_open }, .. }) = self.open.last_mut()
        else {
            return;
        };
        let (key, value, each) = (*key, *value, *each);
        if std::mem::replace(entry_open, true) {
            self.end(each);
        }
        self.start_tag(each);
        self.text_element(key.wire.unwrap_or("key"), text);
        self.next = Next { at: value, name: Some(value.wire.unwrap_or("value")) };
    }
    fn close(&mut self) {
        let Some(open) = self.open.pop() else { return };
        if let OpenKind::Map { each, entry_open: true, .. } = open.kind {
            self.end(each);
        }
        if let Some(element) = open.element {
            self.end(element);
        }
    }
    fn null(&mut self) {
        self.scalar(|_, _, _| {});
    }
    fn bool(&mut self, value: bool) {
        self.scalar(|out, _, _| out.push_str(if value { "true" } else { "false" }));
    }
    fn int(&mut self, value: i64) {
        self.scalar(|out, _, _| {
            use std::fmt::Write;
            let _ = write!(out, "{value}");
        });
    }
    fn float(&mut self, value: f64) {
        self.scalar(|out, _, _| text::write_float(out, value));
    }
    fn string(&mut self, value: &str) {
        self.scalar(|out, _, _| escape(out, value));
    }
    fn blob(&mut self, value: &Bytes) {
        self.scalar(|out, _, _| BASE64_STANDARD.encode_string(value, out));
    }
    fn time(&mut self, value: Timestamp) {
        self.scalar(|out, model, at| text::write_time(out, model, at, value, TimeFormat::DateTime));
    }
    fn document(&mut self, value: &serde_json::Value) {
        self.scalar(|out, _, _| escape(out, &value.to_string()));
    }
}

/// Text as XML; a character that XML has no way to write becomes the replacement character.
pub fn escape(out: &mut String, text: &str) {
    let mut from = 0;
    for (at, c) in text.char_indices() {
        let written = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\r' => "&#xD;",
            '\t' | '\n' => continue,
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => "\u{FFFD}",
            _ => continue,
        };
        out.push_str(&text[from..at]);
        out.push_str(written);
        from = at + c.len_utf8();
    }
    out.push_str(&text[from..]);
}
