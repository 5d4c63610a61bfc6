//! What the audit trail is told of a call.

use async_trait::async_trait;

use crate::cx::Cx;

/// A call that is about to be answered. Requests and answers come without what is sensitive.
#[derive(Clone)]
pub struct Finished<'a> {
    pub cx: &'a Cx,
    /// The service's name in a signature: `ecs`, `elasticloadbalancing`.
    pub service: &'a str,
    /// AWS's name of the operation.
    pub operation: &'a str,
    pub request: serde_json::Value,
    /// What was answered; null for an error, and for operations without an answer.
    pub response: serde_json::Value,
    /// Code and message.
    pub error: Option<(&'a str, &'a str)>,
}

/// Where calls are recorded.
#[async_trait]
pub trait Audit: Send + Sync {
    /// Returns once the call would outlive this process.
    async fn record(&self, call: Finished<'_>);
}

/// Records nothing: for tests of other things.
pub struct Unrecorded;

#[async_trait]
impl Audit for Unrecorded {
    async fn record(&self, _: Finished<'_>) {}
}

/// Operations that change nothing although their names do not begin so.
const BY_NAME: &[(&str, &str)] = &[
    ("kms", "Decrypt"),
    ("kms", "Encrypt"),
    ("kms", "GenerateDataKey"),
    ("kms", "GenerateDataKeyWithoutPlaintext"),
    ("kms", "GenerateMac"),
    ("kms", "GenerateRandom"),
    ("kms", "ReEncrypt"),
    ("kms", "Sign"),
    ("kms", "Verify"),
    ("kms", "VerifyMac"),
    ("sts", "AssumeRole"),
    ("sts", "AssumeRoleWithWebIdentity"),
    ("sts", "DecodeAuthorizationMessage"),
];

/// How the names of operations begin that change nothing.
const READING: &[&str] = &[
    "BatchCheck",
    "BatchGet",
    "Describe",
    "Filter",
    "Get",
    "Head",
    "List",
    "Lookup",
    "Simulate",
    "Validate",
];

/// Whether an operation changes nothing: CloudTrail's `readOnly`.
pub fn only_reads(service: &str, operation: &str) -> bool {
    BY_NAME.contains(&(service, operation)) || READING.iter().any(|begin| operation.starts_with(begin))
}
