//! Names of load balancers and target groups, and the ARNs of what belongs to them.

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// What a load balancer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Application,
    Network,
}

impl Kind {
    /// AWS's name: `application`.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Application => "application",
            Kind::Network => "network",
        }
    }

    /// As ARNs have it: `app`.
    pub fn short(self) -> &'static str {
        match self {
            Kind::Application => "app",
            Kind::Network => "net",
        }
    }

    /// From the form that ARNs have.
    pub fn from_short(text: &str) -> Option<Kind> {
        [Kind::Application, Kind::Network].into_iter().find(|kind| kind.short() == text)
    }
}

/// Refuses names that load balancers can't have.
pub fn check_load_balancer(name: &str) -> Result<(), Invalid> {
    if name.is_empty() {
        return Err(Invalid::validation("A load balancer name must be specified"));
    }
    if name.chars().count() > 32 {
        return Err(Invalid::validation(format!(
            "The load balancer name '{name}' cannot be longer than '32' characters"
        )));
    }
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Err(Invalid::validation(format!(
            "The load balancer name '{name}' can only contain characters that are alphanumeric characters and hyphens(-)"
        )));
    }
    for (has, what) in [(name.starts_with('-'), "begin"), (name.ends_with('-'), "end")] {
        if has {
            return Err(Invalid::validation(format!(
                "The load balancer name '{name}' cannot {what} with a hyphen(-)"
            )));
        }
    }
    if name.starts_with("internal-") {
        return Err(Invalid::validation(format!(
            "The load balancer name '{name}' cannot begin with 'internal-'"
        )));
    }
    Ok(())
}

/// Refuses names that target groups can't have.
pub fn check_target_group(name: &str) -> Result<(), Invalid> {
    if name.chars().count() > 32 {
        return Err(Invalid::validation(format!(
            "Target group name '{name}' cannot be longer than '32' characters"
        )));
    }
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Err(Invalid::validation(format!(
            "Target group name '{name}' can only contain characters that are alphanumeric characters or hyphens(-)"
        )));
    }
    if name.is_empty() || name.starts_with('-') || name.ends_with('-') || name.contains("--") {
        return Err(Invalid::validation(format!(
            "1 validation error detected: Value '{name}' at 'targetGroup.targetGroupArn.targetGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: (?!.*--)(?!^-)(?!.*-$)^[A-Za-z0-9-]+$"
        )));
    }
    Ok(())
}

/// What the part of an ARN behind the account names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named<'a> {
    LoadBalancer { kind: Kind, name: &'a str, id: &'a str },
    Listener { kind: Kind, name: &'a str, id: &'a str, listener: &'a str },
    Rule { kind: Kind, name: &'a str, id: &'a str, listener: &'a str, rule: &'a str },
    TargetGroup { name: &'a str, id: &'a str },
}

impl<'a> Named<'a> {
    /// Reads `listener/app/NAME/ID/LISTENER` and its like.
    pub fn parse(resource: &'a str) -> Option<Named<'a>> {
        let parts: Vec<&str> = resource.split('/').collect();
        if parts.iter().any(|part| part.is_empty()) {
            return None;
        }
        Some(match parts.as_slice() {
            ["loadbalancer", kind, name, id] => {
                Named::LoadBalancer { kind: Kind::from_short(kind)?, name, id }
            }
            ["listener", kind, name, id, listener] => {
                Named::Listener { kind: Kind::from_short(kind)?, name, id, listener }
            }
            ["listener-rule", kind, name, id, listener, rule] => {
                Named::Rule { kind: Kind::from_short(kind)?, name, id, listener, rule }
            }
            ["targetgroup", name, id] => Named::TargetGroup { name, id },
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_aws_rules() {
        for good in ["name", "Name", "000", "a-b"] {
            assert!(check_target_group(good).is_ok() && check_load_balancer(good).is_ok(), "{good}");
        }
        for bad in ["-name", "name-", "Na--me", "example.com", ""] {
            assert!(check_target_group(bad).is_err(), "{bad}");
        }
        assert!(check_load_balancer("internal-x").is_err() && check_load_balancer(&"a".repeat(33)).is_err());
    }

    #[test]
    fn arns_come_apart() {
        assert_eq!(
            Named::parse("listener-rule/app/my-lb/1/2/3"),
            Some(Named::Rule { kind: Kind::Application, name: "my-lb", id: "1", listener: "2", rule: "3" })
        );
        for bad in ["", "loadbalancer/my-lb", "loadbalancer/gwy/a/b", "targetgroup/a", "targetgroup//b"] {
            assert_eq!(Named::parse(bad), None, "{bad}");
        }
    }
}
