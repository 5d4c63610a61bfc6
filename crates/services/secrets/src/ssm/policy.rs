//! Parameter policies: when a parameter goes, and when somebody should hear of it. See
//! <https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-policies.html>.

use gantry_base::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::ParameterError;

/// AWS's limit of policies of one parameter.
const MOST: usize = 10;

/// One policy, read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// As it was given.
    pub text: String,
    pub kind: Kind,
}

/// What a policy is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// The parameter is deleted at this moment.
    Expiration { at: Timestamp },
    /// An event tells of it so long before.
    ExpirationNotification { before_secs: u64 },
    /// An event tells that the parameter was not changed for so long.
    NoChangeNotification { after_secs: u64 },
}

impl Kind {
    /// AWS's name of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Expiration { .. } => "Expiration",
            Kind::ExpirationNotification { .. } => "ExpirationNotification",
            Kind::NoChangeNotification { .. } => "NoChangeNotification",
        }
    }
}

/// Reads a request's policies: a list of objects, `[]` or `{}` for none.
pub fn parse(text: &str) -> Result<Vec<Policy>, ParameterError> {
    let value: Value = serde_json::from_str(text).map_err(|error| invalid(format!("not JSON: {error}")))?;
    let list = match value {
        Value::Array(list) => list,
        Value::Object(object) if object.is_empty() => Vec::new(),
        one @ Value::Object(_) => vec![one],
        _ => return Err(invalid("a list of objects is expected".into())),
    };
    if list.len() > MOST {
        return Err(ParameterError::PolicyLimit { most: MOST });
    }
    let policies = list.iter().map(one).collect::<Result<Vec<_>, _>>()?;
    let expirations = policies.iter().filter(|policy| matches!(policy.kind, Kind::Expiration { .. })).count();
    let early = policies.iter().any(|policy| matches!(policy.kind, Kind::ExpirationNotification { .. }));
    match expirations {
        0 if early => Err(invalid("ExpirationNotification needs an Expiration".into())),
        0 | 1 => Ok(policies),
        _ => Err(invalid("there is more than one Expiration".into())),
    }
}

fn invalid(why: String) -> ParameterError {
    ParameterError::InvalidPolicy { why }
}

fn one(value: &Value) -> Result<Policy, ParameterError> {
    let attribute = |name: &str| value["Attributes"][name].as_str().unwrap_or_default();
    let kind = match value["Type"].as_str().unwrap_or_default() {
        "Expiration" => {
            let at = Timestamp::from_rfc3339(attribute("Timestamp"));
            Kind::Expiration { at: at.ok_or_else(|| invalid("Expiration needs a Timestamp".into()))? }
        }
        "ExpirationNotification" => {
            Kind::ExpirationNotification { before_secs: seconds(attribute("Before"), attribute("Unit"))? }
        }
        "NoChangeNotification" => {
            Kind::NoChangeNotification { after_secs: seconds(attribute("After"), attribute("Unit"))? }
        }
        other => return Err(ParameterError::InvalidPolicyType { given: other.to_owned() }),
    };
    Ok(Policy { text: value.to_string(), kind })
}

fn seconds(count: &str, unit: &str) -> Result<u64, ParameterError> {
    let unit_seconds = match unit {
        "Days" => 24 * 3600,
        "Hours" => 3600,
        other => return Err(invalid(format!("the Unit is Days or Hours, not {other:?}"))),
    };
    let count = count.parse::<u64>().ok().filter(|count| (1..=8760).contains(count));
    let count = count.ok_or_else(|| invalid("a notification needs a number from 1 to 8760".into()))?;
    Ok(count * unit_seconds)
}

/// When each policy has something done: its place in the list, and the moment.
pub fn dues(policies: &[Policy], changed_at: Timestamp) -> Vec<(usize, Timestamp)> {
    let expires = policies.iter().find_map(|policy| match policy.kind {
        Kind::Expiration { at } => Some(at),
        _ => None,
    });
    let due = |policy: &Policy| match (policy.kind, expires) {
        (Kind::Expiration { at }, _) => Some(at),
        (Kind::ExpirationNotification { before_secs }, Some(at)) => {
            Some(Timestamp::from_millis(at.as_millis() - millis(before_secs)))
        }
        (Kind::ExpirationNotification { .. }, None) => None,
        (Kind::NoChangeNotification { after_secs }, _) => {
            Some(Timestamp::from_millis(changed_at.as_millis() + millis(after_secs)))
        }
    };
    policies.iter().enumerate().filter_map(|(place, policy)| Some((place, due(policy)?))).collect()
}

fn millis(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX / 1000).saturating_mul(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_read_and_fall_due() {
        let text = r#"[
            {"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"2027-01-31T00:00:00.000Z"}},
            {"Type":"ExpirationNotification","Version":"1.0","Attributes":{"Before":"2","Unit":"Days"}},
            {"Type":"NoChangeNotification","Version":"1.0","Attributes":{"After":"3","Unit":"Hours"}}]"#;
        let policies = parse(text).unwrap();
        let changed = Timestamp::from_rfc3339("2027-01-01T00:00:00Z").unwrap();
        let dues: Vec<_> = dues(&policies, changed).into_iter().map(|(_, at)| at.to_rfc3339()).collect();
        let expected = ["2027-01-31T00:00:00Z", "2027-01-29T00:00:00Z", "2027-01-01T03:00:00Z"];
        let expected: Vec<_> =
            expected.iter().map(|text| Timestamp::from_rfc3339(text).unwrap().to_rfc3339()).collect();
        assert_eq!(dues, expected);
        assert_eq!(parse("[]").unwrap(), []);
        assert_eq!(parse("{}").unwrap(), []);
        for bad in [
            "nonsense",
            "3",
            r#"[{"Type":"Other"}]"#,
            r#"[{"Type":"Expiration","Attributes":{"Timestamp":"tomorrow"}}]"#,
            r#"[{"Type":"ExpirationNotification","Attributes":{"Before":"2","Unit":"Days"}}]"#,
            r#"[{"Type":"NoChangeNotification","Attributes":{"After":"0","Unit":"Days"}}]"#,
            r#"[{"Type":"NoChangeNotification","Attributes":{"After":"1","Unit":"Weeks"}}]"#,
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
