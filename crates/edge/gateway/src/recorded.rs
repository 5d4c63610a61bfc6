//! What the audit trail is told of requests and answers.

use gantry_service::audit::only_reads;
use gantry_wire::Show;

/// What is kept of a request or an answer. A session's token and a grant's are as good as a secret.
pub const SHOWN: Show<'_> = Show {
    limit: 16 * 1024,
    hidden: &[
        ("Credentials", "SessionToken"),
        ("CreateGrantResponse", "GrantToken"),
        ("RetireGrantRequest", "GrantToken"),
    ],
};

/// Whether the trail has what an operation answers: what changes something, and the keys that STS gives.
pub fn with_answer(service: &str, operation: &str) -> bool {
    !only_reads(service, operation)
        || (service == "sts" && (operation.starts_with("AssumeRole") || operation.ends_with("Token")))
}

/// The answer without what CloudTrail leaves out: of keys that STS gives, it names the id and the end.
pub fn answer(service: &str, mut shown: serde_json::Value) -> serde_json::Value {
    let keys = shown.get_mut("credentials").and_then(serde_json::Value::as_object_mut);
    if let Some(keys) = keys.filter(|_| service == "sts") {
        keys.retain(|name, _| matches!(name.as_str(), "accessKeyId" | "expiration"));
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_keys_the_id_and_the_end_are_told() {
        assert!(with_answer("sts", "AssumeRole") && with_answer("sts", "GetSessionToken"));
        assert!(!with_answer("sts", "GetCallerIdentity") && !with_answer("ssm", "GetParameter"));
        let shown = json!({
            "credentials": { "accessKeyId": "ASIA", "secretAccessKey": "s", "sessionToken": "t", "expiration": "e" },
            "assumedRoleUser": { "arn": "a" },
        });
        let told = json!({
            "credentials": { "accessKeyId": "ASIA", "expiration": "e" }, "assumedRoleUser": { "arn": "a" },
        });
        assert_eq!(answer("sts", shown), told);
    }
}
