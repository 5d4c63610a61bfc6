//! How a kept policy spells its principals.

use gantry_base::{AccountId, Partition};
use serde_json::Value;

/// The document with other names for the principals under `AWS`, as `rename` has them; as it was given if none has another.
/// The text is that of a policy that was read before.
pub fn renamed(text: &str, rename: impl Fn(&str) -> Option<String>) -> String {
    let Ok(mut document) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
    let mut changed = false;
    let statements = match document.get_mut("Statement") {
        Some(Value::Array(statements)) => statements.as_mut_slice(),
        Some(one) => std::slice::from_mut(one),
        None => &mut [],
    };
    for statement in statements {
        for element in ["Principal", "NotPrincipal"] {
            let names = match statement.get_mut(element).and_then(|principals| principals.get_mut("AWS")) {
                Some(Value::Array(names)) => names.as_mut_slice(),
                Some(one) => std::slice::from_mut(one),
                None => continue,
            };
            for name in names {
                // An account may stand without its quotes.
                let given = name.as_str().map_or_else(|| name.to_string(), str::to_owned);
                if let Some(other) = rename(&given) {
                    *name = Value::String(other);
                    changed = true;
                }
            }
        }
    }
    if changed { document.to_string() } else { text.to_owned() }
}

/// The document as AWS keeps it: an account that is named by its number is named by its root's ARN.
pub fn accounts_by_root(text: &str, partition: Partition) -> String {
    renamed(text, |name| {
        name.parse::<AccountId>()
            .ok()
            .map(|account| format!("arn:{}:iam::{account}:root", partition.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_spelled_as_their_roots() {
        let given = r#"{"Statement":{"Principal":{"AWS":["123456789012","arn:aws:iam::1:user/x"]},"Sid":"123456789012"}}"#;
        let kept = r#"{"Statement":{"Principal":{"AWS":["arn:aws:iam::123456789012:root","arn:aws:iam::1:user/x"]},"Sid":"123456789012"}}"#;
        assert_eq!(accounts_by_root(given, Partition::Aws), kept);
    }

    #[test]
    fn a_document_without_numbers_keeps_its_spaces() {
        let given = r#"{ "Statement": [ { "Principal": "*" }, { "Principal": { "AWS": "*" } }, 7 ] }"#;
        assert_eq!(accounts_by_root(given, Partition::Aws), given);
        assert_eq!(accounts_by_root("no JSON", Partition::Aws), "no JSON");
    }
}
