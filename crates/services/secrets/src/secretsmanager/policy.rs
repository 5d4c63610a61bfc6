//! Resource policies: what is refused of them.

use gantry_iam_core::{Kind, Policy};
use serde_json::Value;

use super::error::SecretError;

/// Reads a policy that somebody gives a secret.
pub fn parse(text: &str) -> Result<Policy, SecretError> {
    Policy::parse(Kind::Resource, text).map_err(|error| SecretError::MalformedPolicy(error.to_string()))
}

/// Whether a policy lets in everybody: a statement that allows all principals and has no condition.
pub fn is_public(text: &str) -> bool {
    let policy: Value = serde_json::from_str(text).unwrap_or_default();
    let statements = match &policy["Statement"] {
        Value::Array(statements) => statements.as_slice(),
        one => std::slice::from_ref(one),
    };
    statements.iter().any(|statement| {
        let bare = statement["Condition"].as_object().is_none_or(|condition| condition.is_empty());
        statement["Effect"] == "Allow"
            && bare
            && (everybody(&statement["Principal"]) || !statement["NotPrincipal"].is_null())
    })
}

fn everybody(principal: &Value) -> bool {
    match principal {
        Value::String(name) => name == "*",
        Value::Array(names) => names.iter().any(everybody),
        Value::Object(kinds) => kinds.get("AWS").is_some_and(everybody),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_public;

    #[test]
    fn public_policies_are_known() {
        for (principal, condition, public) in [
            (r#""*""#, "{}", true),
            (r#"{"AWS":"*"}"#, "{}", true),
            (r#"{"AWS":["111122223333","*"]}"#, "{}", true),
            (r#"{"AWS":"111122223333"}"#, "{}", false),
            (r#"{"Service":"ecs.amazonaws.com"}"#, "{}", false),
            (r#""*""#, r#"{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#, false),
        ] {
            let text = format!(
                r#"{{"Statement":{{"Effect":"Allow","Principal":{principal},"Action":"*","Resource":"*","Condition":{condition}}}}}"#
            );
            assert_eq!(is_public(&text), public, "{text}");
        }
        assert!(!is_public("nonsense"));
    }
}
