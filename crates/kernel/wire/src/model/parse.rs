//! Reads the text of a model.
//!
//! A line is one thing, its parts are separated by one space, and `%XX` stands for a byte that would
//! separate. Lines that begin with `#` are remarks.
//!
//! ```text
//! service ecs
//! version 2014-11-13
//! protocols json
//! op RunTask POST / in=RunTaskRequest out=RunTaskResponse errors=ServerException,ClientException
//! op ListAttributes POST /
//! struct Tag key:TagKey! value:TagValue(as=v,loc=header)
//! struct NotFound @error @status=404 message:String
//! list Tags Tag(as=item) @max=50
//! map Labels String String
//! string TagKey @min=1 @max=128 @pattern=[a-z]+
//! ```
//!
//! An operation with nothing after its path, or only `deprecated` and `needs=`, is one that is not served.
//! `needs=header:x-amz-copy-source,query:uploadId` tells operations of one path apart. `!` marks a required
//! member.

use std::str::FromStr;

use super::*;

/// `header:x-amz-copy-source`
fn need(text: &'static str) -> Parsed<(Location, &'static str)> {
    match text.split_once(':') {
        Some(("header", name)) => Ok((Location::Header, unescape(name))),
        Some(("query", name)) => Ok((Location::QueryString, unescape(name))),
        _ => Err(format!("{text} is nothing that an operation can need")),
    }
}

/// Why a model's text cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct ParseError {
    pub line: usize,
    pub what: String,
}

type Parsed<T> = Result<T, String>;

impl Model {
    /// Reads a model from its text.
    pub fn parse(text: &'static str) -> Result<Model, ParseError> {
        let mut model = Model::default();
        // Shapes are referred to before they are defined, so their positions are given out first.
        for line in text.lines() {
            if let Some(name) = shape_name(line) {
                let id = ShapeId(model.shape_names.len() as u32);
                model.shape_names.insert(name, id);
            }
        }
        model.shapes.reserve(model.shape_names.len());
        for (number, line) in text.lines().enumerate() {
            model.line(line).map_err(|what| ParseError { line: number + 1, what })?;
        }
        if model.signing.is_empty() {
            model.signing = model.endpoint;
        }
        Ok(model)
    }

    fn line(&mut self, line: &'static str) -> Parsed<()> {
        let (keyword, rest) = line.split_once(' ').unwrap_or((line, ""));
        match keyword {
            "" | "#" => {}
            "service" => self.service = rest,
            "version" => self.version = rest,
            "protocols" => self.protocols = rest.split(' ').map(protocol).collect::<Parsed<_>>()?,
            "json" => self.json_version = rest,
            "target" => self.target = rest,
            "signing" => self.signing = rest,
            "endpoint" => self.endpoint = rest,
            "namespace" => self.namespace = rest,
            "query-compatible" => self.query_compatible = true,
            "bare-errors" => self.bare_errors = true,
            "validation" => self.validation = validation(rest)?,
            "op" => {
                let op = self.op(rest)?;
                self.operation_names.insert(op.name, self.operations.len() as u32);
                self.operations.push(op);
            }
            _ => {
                let id = ShapeId(self.shapes.len() as u32);
                let shape = self.shape_line(keyword, rest)?;
                if let Kind::Struct(StructDef { error: Some(ErrorDef { code: Some(code), .. }), .. }) =
                    &shape.kind
                {
                    self.error_codes.entry(code).or_insert(id);
                }
                self.shapes.push(shape);
            }
        }
        Ok(())
    }

    fn find(&self, name: &str) -> Parsed<ShapeId> {
        self.shape_id(name).ok_or_else(|| format!("no shape {name}"))
    }

    fn op(&self, rest: &'static str) -> Parsed<Op> {
        let mut words = rest.split(' ');
        let (Some(name), Some(method), Some(uri)) = (words.next(), words.next(), words.next()) else {
            return Err("an operation has name, method and path".into());
        };
        let mut op = Op {
            name,
            method,
            uri: unescape(uri),
            detailed: false,
            input: None,
            output: None,
            errors: Vec::new(),
            wrapper: None,
            input_root: None,
            input_namespace: None,
            status: 200,
            host_prefix: None,
            validation_code: None,
            deprecated: false,
            unsigned: false,
            needs: Vec::new(),
        };
        for word in words {
            if word == "deprecated" {
                op.deprecated = true;
                continue;
            }
            if let Some(needs) = word.strip_prefix("needs=") {
                op.needs = needs.split(',').map(need).collect::<Parsed<_>>()?;
                continue;
            }
            op.detailed = true;
            let (key, value) = word.split_once('=').unwrap_or((word, ""));
            match key {
                "in" => op.input = Some(self.find(value)?),
                "out" => op.output = Some(self.find(value)?),
                "errors" => {
                    op.errors = value.split(',').map(|name| self.find(name)).collect::<Parsed<_>>()?
                }
                "wrap" => op.wrapper = Some(value),
                "root" => op.input_root = Some(value),
                "xmlns" => op.input_namespace = Some(unescape(value)),
                "status" => op.status = number(value)?,
                "host" => op.host_prefix = Some(unescape(value)),
                "validation" => op.validation_code = Some(value),
                "unsigned" => op.unsigned = true,
                "served" => {}
                _ => return Err(format!("{word} says nothing of an operation")),
            }
        }
        Ok(op)
    }

    fn shape_line(&self, keyword: &str, rest: &'static str) -> Parsed<ShapeDef> {
        let mut words = rest.split(' ');
        let name = words.next().ok_or("a shape has a name")?;
        let mut parts = Vec::new();
        let mut traits = Traits::default();
        for word in words {
            match word.strip_prefix('@') {
                Some(word) => traits.read(word)?,
                None => parts.push(word),
            }
        }
        let bounds = traits.bounds;
        let kind = match keyword {
            "struct" => Kind::Struct(self.structure_line(&parts, &traits)?),
            "list" => match parts[..] {
                [item] => Kind::List { item: self.reference(item)?, flattened: traits.flattened, bounds },
                _ => return Err("a list has one part".into()),
            },
            "map" => match parts[..] {
                [key, value] => Kind::Map {
                    key: self.reference(key)?,
                    value: self.reference(value)?,
                    flattened: traits.flattened,
                    bounds,
                },
                _ => return Err("a map has two parts".into()),
            },
            "string" => {
                Kind::String { bounds, pattern: traits.pattern.map(Pattern::new), values: traits.values }
            }
            "blob" => Kind::Blob { bounds, streaming: traits.streaming },
            "boolean" => Kind::Boolean,
            "integer" => Kind::Integer { bounds },
            "long" => Kind::Long { bounds },
            "float" => Kind::Float { min: traits.min, max: traits.max },
            "double" => Kind::Double { min: traits.min, max: traits.max },
            "timestamp" => Kind::Timestamp { format: traits.time },
            "document" => Kind::Document,
            _ => return Err(format!("{keyword} begins no line")),
        };
        Ok(ShapeDef { name, kind, sensitive: traits.sensitive })
    }

    fn structure_line(&self, parts: &[&'static str], traits: &Traits) -> Parsed<StructDef> {
        let mut def = StructDef {
            union: traits.union,
            event_stream: traits.event_stream,
            error: traits.error.then_some(ErrorDef {
                code: traits.code,
                status: traits.status,
                sender: traits.sender,
                fault: traits.fault,
            }),
            namespace: traits.namespace,
            location_name: traits.wire,
            ..StructDef::default()
        };
        for part in parts {
            let (name, target) = part.split_once(':').ok_or_else(|| format!("{part} is no member"))?;
            let name = unescape(name);
            let required = target.ends_with('!');
            let at = self.reference(target.trim_end_matches('!'))?;
            let index = def.members.len() as u16;
            let wire = at.wire.unwrap_or(name);
            def.by_name.insert(name, index);
            if at.location == Location::Body {
                def.by_wire.insert(wire, index);
            }
            def.by_query.insert(query_name(name, &at), index);
            def.members.push(Member { name, required, at });
        }
        if let Some(payload) = traits.payload {
            let (index, _) = def.member(payload).ok_or_else(|| format!("no member {payload}"))?;
            def.payload = Some(index);
        }
        Ok(def)
    }

    fn reference(&self, text: &'static str) -> Parsed<Ref> {
        let (name, options) = match text.split_once('(') {
            Some((name, options)) => (name, options.strip_suffix(')').ok_or("a bracket is not closed")?),
            None => (text, ""),
        };
        let mut at = Ref::plain(self.find(name)?);
        let mut prefix = None;
        for option in options.split(',').filter(|option| !option.is_empty()) {
            let (key, value) = option.split_once('=').unwrap_or((option, ""));
            match key {
                "as" => at.wire = Some(unescape(value)),
                "query" => at.query = Some(unescape(value)),
                "loc" => at.location = location(value)?,
                "flat" => at.flattened = true,
                "attr" => at.attribute = true,
                "xmlns" => at.namespace = Some(Namespace { uri: unescape(value), prefix: None }),
                "prefix" => prefix = Some(value),
                "time" => at.time = Some(time_format(value)?),
                "jsonvalue" => at.json_value = true,
                "token" => at.idempotency_token = true,
                "hostlabel" => at.host_label = true,
                "stream" => at.streaming = true,
                _ => return Err(format!("{option} says nothing of a use of a shape")),
            }
        }
        if let Some(namespace) = &mut at.namespace {
            namespace.prefix = prefix;
        }
        Ok(at)
    }
}

/// What stands behind `@` on a shape's line.
#[derive(Default)]
struct Traits {
    bounds: Bounds,
    min: Option<f64>,
    max: Option<f64>,
    pattern: Option<&'static str>,
    values: Vec<&'static str>,
    time: Option<TimeFormat>,
    wire: Option<&'static str>,
    namespace: Option<Namespace>,
    payload: Option<&'static str>,
    code: Option<&'static str>,
    status: Option<u16>,
    sender: Option<bool>,
    fault: bool,
    error: bool,
    flattened: bool,
    sensitive: bool,
    streaming: bool,
    union: bool,
    event_stream: bool,
}

impl Traits {
    fn read(&mut self, word: &'static str) -> Parsed<()> {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        match key {
            "min" => {
                self.min = Some(number(value)?);
                self.bounds.min = self.min.map(|min: f64| min as i64);
                if let Ok(exact) = value.parse() {
                    self.bounds.min = Some(exact);
                }
            }
            "max" => {
                self.max = Some(number(value)?);
                self.bounds.max = self.max.map(|max: f64| max as i64);
                if let Ok(exact) = value.parse() {
                    self.bounds.max = Some(exact);
                }
            }
            "pattern" => self.pattern = Some(unescape(value)),
            "enum" => self.values = value.split('|').map(unescape).collect(),
            "time" => self.time = Some(time_format(value)?),
            "as" => self.wire = Some(unescape(value)),
            "xmlns" => self.namespace = Some(Namespace { uri: unescape(value), prefix: None }),
            "prefix" => {
                if let Some(namespace) = &mut self.namespace {
                    namespace.prefix = Some(value);
                }
            }
            "payload" => self.payload = Some(value),
            "code" => self.code = Some(unescape(value)),
            "status" => self.status = Some(number(value)?),
            "sender" => self.sender = Some(value != "no"),
            "fault" => self.fault = true,
            "error" => self.error = true,
            "flat" => self.flattened = true,
            "sensitive" => self.sensitive = true,
            "stream" => self.streaming = true,
            "union" => self.union = true,
            "events" => self.event_stream = true,
            _ => return Err(format!("@{word} says nothing of a shape")),
        }
        Ok(())
    }
}

/// The name of the shape that a line defines.
fn shape_name(line: &'static str) -> Option<&'static str> {
    let mut words = line.split(' ');
    match words.next()? {
        "struct" | "list" | "map" | "string" | "blob" | "boolean" | "integer" | "long" | "float"
        | "double" | "timestamp" | "document" => words.next(),
        _ => None,
    }
}

/// The ec2 protocol's name of a member: its own, or the wire name with a capital.
fn query_name(name: &'static str, at: &Ref) -> &'static str {
    if let Some(query) = at.query {
        return query;
    }
    match at.wire {
        Some(wire) if wire.starts_with(|c: char| c.is_ascii_lowercase()) => {
            let mut capital = wire.to_owned();
            capital[..1].make_ascii_uppercase();
            leak(capital)
        }
        Some(wire) => wire,
        None => name,
    }
}

fn protocol(word: &str) -> Parsed<Protocol> {
    Ok(match word {
        "json" => Protocol::Json,
        "query" => Protocol::Query,
        "ec2" => Protocol::Ec2,
        "rest-json" => Protocol::RestJson,
        "rest-xml" => Protocol::RestXml,
        "smithy-rpc-v2-cbor" => Protocol::Cbor,
        _ => return Err(format!("{word} is no protocol")),
    })
}

fn validation(rest: &'static str) -> Parsed<Validation> {
    let (style, code) = rest.split_once(' ').unwrap_or((rest, ""));
    let style = match style {
        "coral" => ValidationStyle::Coral,
        "ecr" => ValidationStyle::Ecr,
        "ec2" => ValidationStyle::Ec2,
        _ => return Err(format!("{style} is no style of validation")),
    };
    Ok(Validation { code, style })
}

fn location(word: &str) -> Parsed<Location> {
    Ok(match word {
        "uri" => Location::Uri,
        "querystring" => Location::QueryString,
        "header" => Location::Header,
        "headers" => Location::Headers,
        "statusCode" => Location::StatusCode,
        _ => return Err(format!("{word} is no location")),
    })
}

fn time_format(word: &str) -> Parsed<TimeFormat> {
    Ok(match word {
        "iso8601" => TimeFormat::DateTime,
        "unixTimestamp" => TimeFormat::EpochSeconds,
        "rfc822" => TimeFormat::HttpDate,
        _ => return Err(format!("{word} is no format of time")),
    })
}

fn number<T: FromStr>(text: &str) -> Parsed<T> {
    text.parse().map_err(|_| format!("{text} is no number"))
}

/// Puts back what `%XX` stands for.
fn unescape(text: &'static str) -> &'static str {
    if !text.contains('%') {
        return text;
    }
    match percent_encoding::percent_decode_str(text).decode_utf8() {
        Ok(plain) => leak(plain.into_owned()),
        Err(_) => text,
    }
}

/// A model lives as long as the process, so its few computed names may too.
fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}
