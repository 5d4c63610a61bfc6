//! Denials sealed into messages, which only those who may decode them can read.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use gantry_iam_core::{Denial, DenyReason};
use serde_json::json;

use crate::iam::Iam;

/// What messages are sealed for.
const CONTEXT: &str = "sts.authorization_message";

impl Iam {
    /// The denial as an encoded authorization message.
    pub fn encode_denial(&self, denial: &Denial) -> String {
        let matched = match &denial.reason {
            DenyReason::Explicit { source, statement, .. } => {
                vec![json!({ "statementId": statement, "effect": "DENY", "policy": source })]
            }
            DenyReason::NoAllow { .. } | DenyReason::CrossAccountPassRole => Vec::new(),
        };
        let message = json!({
            "allowed": false,
            "explicitDeny": matches!(denial.reason, DenyReason::Explicit { .. }),
            "matchedStatements": { "items": matched },
            "failures": { "items": [] },
            "context": {
                "principal": { "arn": denial.principal },
                "action": denial.action,
                "resource": denial.resource,
                "conditions": { "items": [] },
            },
        });
        BASE64.encode(self.sealer.seal(message.to_string().as_bytes(), CONTEXT))
    }

    /// What an encoded message says, if it is one of ours.
    pub(crate) fn decode_denial(&self, encoded: &str) -> Option<String> {
        let sealed = BASE64.decode(encoded.trim()).ok()?;
        String::from_utf8(self.sealer.open(&sealed, CONTEXT).ok()?).ok()
    }
}
