//! A service's model: operations, shapes, and how each protocol spells them.
//!
//! The text it is read from has one line per operation and per shape; [`parse`] tells its grammar. A model
//! lives as long as the process, so everything in it borrows from that text.

pub mod parse;
pub mod pattern;

use std::collections::HashMap;
use std::sync::OnceLock;

pub use pattern::Pattern;

/// Position of a shape in [`Model::shapes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ShapeId(pub u32);

/// A model that is read when it is first wanted.
pub struct LazyModel {
    /// The service's name as in `models/`: `ecs`.
    pub service: &'static str,
    text: &'static str,
    model: OnceLock<Model>,
}

impl LazyModel {
    pub const fn new(service: &'static str, text: &'static str) -> Self {
        LazyModel { service, text, model: OnceLock::new() }
    }

    /// The model. The text is generated and proved by tests, so one that does not parse is a defect of the
    /// build and not of any input.
    pub fn get(&'static self) -> &'static Model {
        self.model.get_or_init(|| Model::parse(self.text).expect("a committed model is well formed"))
    }
}

/// How a service is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// awsJson 1.0 or 1.1; which of the two is the request's affair.
    Json,
    Query,
    Ec2,
    RestJson,
    RestXml,
    Cbor,
}

/// One service.
#[derive(Debug, Default)]
pub struct Model {
    /// The name in `models/`: `elbv2`.
    pub service: &'static str,
    /// `2014-11-13`
    pub version: &'static str,
    /// What the service speaks, AWS's preference first.
    pub protocols: Vec<Protocol>,
    /// `1.1` where awsJson is spoken.
    pub json_version: &'static str,
    /// What stands before the dot in `X-Amz-Target`.
    pub target: &'static str,
    /// The service's name in a SigV4 scope: `elasticloadbalancing`.
    pub signing: &'static str,
    /// First label of AWS's host name: `api.ecr`.
    pub endpoint: &'static str,
    /// XML namespace of query answers.
    pub namespace: &'static str,
    /// The service once spoke query, and its errors still carry those codes beside the new ones.
    pub query_compatible: bool,
    /// A restXml service whose errors stand alone, without `ErrorResponse` around them.
    pub bare_errors: bool,
    /// How this service words a request that breaks the model's constraints.
    pub validation: Validation,
    pub operations: Vec<Op>,
    pub shapes: Vec<ShapeDef>,
    operation_names: HashMap<&'static str, u32>,
    shape_names: HashMap<&'static str, ShapeId>,
    error_codes: HashMap<&'static str, ShapeId>,
}

/// How a service answers to what breaks the model's constraints.
#[derive(Debug, Clone, Copy, Default)]
pub struct Validation {
    /// Error code; empty means the protocol's usual one.
    pub code: &'static str,
    pub style: ValidationStyle,
}

/// How the message of such an answer is worded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ValidationStyle {
    /// `1 validation error detected: Value 'x' at 'name' failed to satisfy constraint: Member must ...`
    #[default]
    Coral,
    /// ECR: `Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy ...'`
    Ecr,
    /// EC2 and SQS: `MissingParameter`, `InvalidParameterValue`.
    Ec2,
}

/// One operation of a service.
#[derive(Debug)]
pub struct Op {
    /// `RunTask`
    pub name: &'static str,
    pub method: &'static str,
    /// `/clusters/{name}`, with `?literal` parts
    pub uri: &'static str,
    /// Whether input, output and errors are here. Of an operation that is not served only the name is kept.
    pub detailed: bool,
    pub input: Option<ShapeId>,
    pub output: Option<ShapeId>,
    pub errors: Vec<ShapeId>,
    /// The query protocol's `RunTaskResult`.
    pub wrapper: Option<&'static str>,
    /// Root element of a restXml body, and its namespace.
    pub input_root: Option<&'static str>,
    pub input_namespace: Option<&'static str>,
    pub status: u16,
    pub host_prefix: Option<&'static str>,
    /// Error code for a broken constraint, where this operation's is not the service's.
    pub validation_code: Option<&'static str>,
    /// AWS has another name for it by now.
    pub deprecated: bool,
    /// Anyone may call it without a signature.
    pub unsigned: bool,
    /// What a request for it must have beside its path, where the input is not here to tell.
    pub needs: Vec<(Location, &'static str)>,
}

/// One shape.
#[derive(Debug)]
pub struct ShapeDef {
    pub name: &'static str,
    pub kind: Kind,
    pub sensitive: bool,
}

/// What a shape is, with its constraints.
#[derive(Debug)]
pub enum Kind {
    Struct(StructDef),
    List { item: Ref, flattened: bool, bounds: Bounds },
    Map { key: Ref, value: Ref, flattened: bool, bounds: Bounds },
    String { bounds: Bounds, pattern: Option<Pattern>, values: Vec<&'static str> },
    Blob { bounds: Bounds, streaming: bool },
    Boolean,
    Integer { bounds: Bounds },
    Long { bounds: Bounds },
    Float { min: Option<f64>, max: Option<f64> },
    Double { min: Option<f64>, max: Option<f64> },
    Timestamp { format: Option<TimeFormat> },
    Document,
}

/// Length of a string, blob, list or map, or range of an integer; both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bounds {
    pub min: Option<i64>,
    pub max: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeFormat {
    DateTime,
    EpochSeconds,
    HttpDate,
}

/// Members, and what else is said of a structure.
#[derive(Debug, Default)]
pub struct StructDef {
    pub members: Vec<Member>,
    /// The member that is the whole body, by position.
    pub payload: Option<u16>,
    pub union: bool,
    pub event_stream: bool,
    pub error: Option<ErrorDef>,
    pub namespace: Option<Namespace>,
    /// The name an XML document gives it where its member says none.
    pub location_name: Option<&'static str>,
    by_name: HashMap<&'static str, u16>,
    by_wire: HashMap<&'static str, u16>,
    by_query: HashMap<&'static str, u16>,
}

/// How an error shape looks from outside.
#[derive(Debug, Clone, Copy, Default)]
pub struct ErrorDef {
    /// Code on the wire where it differs from the shape's name.
    pub code: Option<&'static str>,
    pub status: Option<u16>,
    /// The model says whose fault it is; without it the status tells.
    pub sender: Option<bool>,
    /// It is the service's fault.
    pub fault: bool,
}

#[derive(Debug, Clone, Copy)]
pub struct Namespace {
    pub uri: &'static str,
    pub prefix: Option<&'static str>,
}

/// A member of a structure.
#[derive(Debug)]
pub struct Member {
    pub name: &'static str,
    pub required: bool,
    pub at: Ref,
}

/// A use of a shape, and how this use is spelled.
#[derive(Debug, Clone, Copy)]
pub struct Ref {
    pub shape: ShapeId,
    /// AWS's `locationName`: the name in JSON, XML, header, query string or path.
    pub wire: Option<&'static str>,
    /// The name in the ec2 protocol's requests, where it differs from the capitalised wire name.
    pub query: Option<&'static str>,
    pub location: Location,
    pub flattened: bool,
    pub attribute: bool,
    pub namespace: Option<Namespace>,
    pub time: Option<TimeFormat>,
    pub json_value: bool,
    pub idempotency_token: bool,
    pub host_label: bool,
    pub streaming: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Location {
    #[default]
    Body,
    Uri,
    QueryString,
    Header,
    /// Headers that begin with the wire name.
    Headers,
    StatusCode,
}

impl Ref {
    /// A plain use of a shape, spelled by the shape alone.
    pub const fn plain(shape: ShapeId) -> Self {
        Ref {
            shape,
            wire: None,
            query: None,
            location: Location::Body,
            flattened: false,
            attribute: false,
            namespace: None,
            time: None,
            json_value: false,
            idempotency_token: false,
            host_label: false,
            streaming: false,
        }
    }
}

impl Member {
    /// The name in JSON, XML and REST bindings.
    pub fn wire_name(&self) -> &'static str {
        self.at.wire.unwrap_or(self.name)
    }
}

impl StructDef {
    /// A member and its position by the model's name.
    pub fn member(&self, name: &str) -> Option<(u16, &Member)> {
        let index = *self.by_name.get(name)?;
        Some((index, &self.members[usize::from(index)]))
    }

    /// A member and its position by the name in JSON and XML.
    pub fn member_by_wire(&self, name: &str) -> Option<(u16, &Member)> {
        let index = *self.by_wire.get(name)?;
        Some((index, &self.members[usize::from(index)]))
    }

    /// A member and its position by the ec2 protocol's name.
    pub fn member_by_query(&self, name: &str) -> Option<(u16, &Member)> {
        let index = *self.by_query.get(name)?;
        Some((index, &self.members[usize::from(index)]))
    }
}

impl Model {
    /// An operation by AWS's name.
    pub fn operation(&self, name: &str) -> Option<&Op> {
        self.operation_names.get(name).map(|index| &self.operations[*index as usize])
    }

    pub fn shape(&self, id: ShapeId) -> &ShapeDef {
        &self.shapes[id.0 as usize]
    }

    pub fn shape_id(&self, name: &str) -> Option<ShapeId> {
        self.shape_names.get(name).copied()
    }

    /// The structure behind `id`.
    pub fn structure(&self, id: ShapeId) -> Option<&StructDef> {
        match &self.shape(id).kind {
            Kind::Struct(def) => Some(def),
            _ => None,
        }
    }

    /// A modelled error by its shape's name or by its code on the wire.
    pub fn error(&self, code: &str) -> Option<(&ShapeDef, &StructDef, ErrorDef)> {
        let id = self.shape_names.get(code).or_else(|| self.error_codes.get(code))?;
        let shape = self.shape(*id);
        match &shape.kind {
            Kind::Struct(def) => def.error.map(|error| (shape, def, error)),
            _ => None,
        }
    }
}
