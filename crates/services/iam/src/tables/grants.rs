//! The policies of a role or user, and what bounds them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a role or user may, as far as it says itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grants {
    /// Inline policies: documents by name.
    pub inline: BTreeMap<String, String>,
    /// ARNs of managed policies, in the order of attachment.
    pub attached: Vec<String>,
    /// The ARN of the permissions boundary.
    pub boundary: Option<String>,
}

impl Grants {
    /// The sizes of all inline policies together, without white space, as IAM counts them; `except` is left
    /// out.
    pub fn inline_size(&self, except: &str) -> usize {
        self.inline.iter().filter(|(name, _)| *name != except).map(|(_, text)| counted_size(text)).sum()
    }
}

/// The size of a document as IAM counts it.
pub fn counted_size(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}
