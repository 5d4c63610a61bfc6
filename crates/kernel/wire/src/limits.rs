//! How much of one request is taken in.

/// Bounds on one request's body. What lies beyond is answered as an error before memory is spent on it.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of a body that is not a stream.
    pub body: usize,
    /// Structures, lists and maps inside one another.
    pub depth: u32,
    /// Values in all: members, list items, map entries.
    pub nodes: u32,
    /// Parameters of a query string or form.
    pub params: usize,
}

impl Limits {
    /// What the endpoint uses.
    pub const STANDARD: Limits = Limits { body: 8 << 20, depth: 64, nodes: 500_000, params: 20_000 };
}

/// Why a body could not be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub kind: FaultKind,
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// Not the notation that the protocol speaks.
    Syntax,
    /// The notation is right and a value is not what the model asks for.
    Type,
    /// A parameter that the model does not have, where the protocol refuses those.
    Unknown,
    /// A limit was passed.
    Limit,
}

impl Fault {
    #[cold]
    pub fn syntax(message: impl Into<String>) -> Self {
        Fault { kind: FaultKind::Syntax, message: message.into() }
    }
    #[cold]
    pub fn wrong(message: impl Into<String>) -> Self {
        Fault { kind: FaultKind::Type, message: message.into() }
    }
    #[cold]
    pub fn unknown(message: impl Into<String>) -> Self {
        Fault { kind: FaultKind::Unknown, message: message.into() }
    }
    #[cold]
    pub fn limit(message: impl Into<String>) -> Self {
        Fault { kind: FaultKind::Limit, message: message.into() }
    }
}

/// Counts values and depth while a body is decoded.
#[derive(Debug)]
pub(crate) struct Budget {
    nodes: u32,
    depth: u32,
}

impl Budget {
    pub fn new(limits: &Limits) -> Self {
        Budget { nodes: limits.nodes, depth: limits.depth }
    }
    /// One more value.
    pub fn node(&mut self) -> Result<(), Fault> {
        self.nodes =
            self.nodes.checked_sub(1).ok_or_else(|| Fault::limit("The request has too many members"))?;
        Ok(())
    }
    /// One level deeper, until [`Budget::leave`].
    pub fn enter(&mut self) -> Result<(), Fault> {
        self.depth =
            self.depth.checked_sub(1).ok_or_else(|| Fault::syntax("The request is nested too deeply"))?;
        Ok(())
    }
    pub fn leave(&mut self) {
        self.depth += 1;
    }
}
