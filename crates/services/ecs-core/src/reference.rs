//! How users name clusters, task definitions and tasks: by short name or by ARN.

use gantry_base::{AccountId, Arn, Region};

/// The cluster that is meant when none is named.
pub const DEFAULT_CLUSTER: &str = "default";

/// The text names nothing of that kind; the message is for the user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadReference(pub String);

/// Where the caller stands: an ARN must lie there.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    pub account: AccountId,
    pub region: &'a Region,
}

impl Place<'_> {
    fn check(&self, arn: &Arn) -> Result<(), BadReference> {
        if arn.service() != "ecs" {
            return Err(BadReference(format!("Invalid identifier: '{arn}' is not an ECS resource.")));
        }
        if arn.account() != self.account.as_str() {
            let account = self.account;
            let theirs = arn.account();
            return Err(BadReference(format!(
                "Identifier is for account {theirs}. Your accountId is {account}"
            )));
        }
        if arn.region() != self.region.as_str() {
            let region = self.region;
            return Err(BadReference(format!(
                "Invalid region. Identifier is for {}, not {region}",
                arn.region()
            )));
        }
        Ok(())
    }
}

/// Reads a cluster's name or ARN; none is the default cluster.
pub fn cluster(text: Option<&str>, place: Place<'_>) -> Result<String, BadReference> {
    let text = match text {
        None | Some("") => return Ok(DEFAULT_CLUSTER.to_owned()),
        Some(text) => text,
    };
    let name = if text.starts_with("arn:") {
        let arn: Arn = text.parse().map_err(|_| BadReference(format!("Invalid identifier: {text}")))?;
        place.check(&arn)?;
        match arn.resource().strip_prefix("cluster/") {
            Some(name) => name.to_owned(),
            None => return Err(BadReference("Invalid cluster identifier.".to_owned())),
        }
    } else {
        text.to_owned()
    };
    if !is_cluster_name(&name) {
        return Err(BadReference(
            "Identifier must be at most 255 letters, numbers, hyphens and underscores.".to_owned(),
        ));
    }
    Ok(name)
}

/// Whether a cluster may be called so.
pub fn is_cluster_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 255
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// `family`, `family:revision` or the ARN of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskDefinitionReference {
    pub family: String,
    /// None = the newest active one.
    pub revision: Option<u32>,
}

/// Reads a task definition's name or ARN.
pub fn task_definition(text: &str, place: Place<'_>) -> Result<TaskDefinitionReference, BadReference> {
    let bad = || BadReference(format!("Invalid task definition identifier: {text}"));
    let name = if text.starts_with("arn:") {
        let arn: Arn = text.parse().map_err(|_| bad())?;
        place.check(&arn)?;
        arn.resource().strip_prefix("task-definition/").ok_or_else(bad)?.to_owned()
    } else {
        text.to_owned()
    };
    let (family, revision) = match name.split_once(':') {
        Some((family, revision)) => {
            let revision: u32 = revision
                .parse()
                .map_err(|_| BadReference(format!("Invalid revision number. Number: {revision}")))?;
            (family.to_owned(), Some(revision))
        }
        None => (name, None),
    };
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if family.is_empty() || family.len() > 255 || !family.bytes().all(fits) {
        return Err(bad());
    }
    Ok(TaskDefinitionReference { family, revision })
}

/// A task's id or ARN: the id, and the cluster that the ARN names.
pub fn task(text: &str, place: Place<'_>) -> Result<(Option<String>, String), BadReference> {
    of_cluster(text, place, "task/", "taskId length should be one of [32,36]")
}

/// A container instance's id or ARN: the id, and the cluster that the ARN names.
pub fn container_instance(text: &str, place: Place<'_>) -> Result<(Option<String>, String), BadReference> {
    of_cluster(text, place, "container-instance/", "instanceId length should be one of [32,36]")
}

/// An ARN of the long form has the cluster in it, one of the short form has not.
fn of_cluster(
    text: &str,
    place: Place<'_>,
    kind: &str,
    wrong: &str,
) -> Result<(Option<String>, String), BadReference> {
    let bad = || BadReference(wrong.to_owned());
    let (cluster, id) = if text.starts_with("arn:") {
        let arn: Arn = text.parse().map_err(|_| BadReference(format!("Invalid identifier: {text}")))?;
        place.check(&arn)?;
        let rest = arn.resource().strip_prefix(kind).ok_or_else(bad)?;
        match rest.split_once('/') {
            Some((cluster, id)) => (Some(cluster.to_owned()), id.to_owned()),
            None => (None, rest.to_owned()),
        }
    } else {
        (None, text.to_owned())
    };
    let fits = |b: u8| b.is_ascii_hexdigit() || b == b'-';
    if !(id.len() == 32 || id.len() == 36) || !id.bytes().all(fits) {
        return Err(bad());
    }
    Ok((cluster, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_arns_are_read() {
        let region: Region = "us-east-1".parse().unwrap();
        let place = Place { account: "123456789012".parse().unwrap(), region: &region };
        let arn = |rest: &str| format!("arn:aws:ecs:us-east-1:123456789012:{rest}");
        assert_eq!(cluster(None, place).unwrap(), "default");
        assert_eq!(cluster(Some(&arn("cluster/prod")), place).unwrap(), "prod");
        assert!(cluster(Some("arn:aws:ecs:us-east-1:999999999999:cluster/prod"), place).is_err());
        assert!(cluster(Some("arn:aws:ecs:eu-west-1:123456789012:cluster/prod"), place).is_err());
        assert!(cluster(Some("a b"), place).is_err());
        let web = |revision| TaskDefinitionReference { family: "web".into(), revision };
        assert_eq!(task_definition("web", place).unwrap(), web(None));
        assert_eq!(task_definition(&arn("task-definition/web:3"), place).unwrap(), web(Some(3)));
        assert!(task_definition("web:x", place).is_err());
        let id = "0123456789abcdef0123456789abcdef";
        assert_eq!(task(id, place).unwrap(), (None, id.to_owned()));
        assert_eq!(
            task(&arn(&format!("task/prod/{id}")), place).unwrap(),
            (Some("prod".into()), id.to_owned())
        );
        assert!(task("short", place).is_err());
    }
}
