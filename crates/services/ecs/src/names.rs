//! Names of what ECS has, as ARNs and as keys of rows.

use gantry_base::{AccountId, Arn, Region};
use gantry_store::{Key, key};
use serde::{Deserialize, Serialize};

/// An account in a region: where clusters, definitions and tasks live.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    pub account: AccountId,
    pub region: Region,
}

impl Place {
    /// The prefix of all rows of the place.
    pub fn key(&self) -> Key {
        key!(self.account, self.region)
    }

    /// As [`gantry_ecs_core::reference`] wants it.
    pub fn as_reference(&self) -> gantry_ecs_core::reference::Place<'_> {
        gantry_ecs_core::reference::Place { account: self.account, region: &self.region }
    }

    /// `arn:aws:ecs:REGION:ACCOUNT:resource`
    pub fn arn(&self, resource: impl std::fmt::Display) -> Arn {
        Arn::regional("ecs", &self.region, self.account, resource)
    }

    /// A cluster's ARN.
    pub fn cluster_arn(&self, name: &str) -> Arn {
        self.arn(format_args!("cluster/{name}"))
    }

    /// A revision's ARN.
    pub fn task_definition_arn(&self, family: &str, revision: u32) -> Arn {
        self.arn(format_args!("task-definition/{family}:{revision}"))
    }
}

/// One task's name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TaskName {
    pub place: Place,
    pub cluster: String,
    /// 32 hexadecimal digits.
    pub id: String,
}

impl TaskName {
    /// The key of the task's row.
    pub fn key(&self) -> Key {
        self.place.key().with(&self.cluster).with(&self.id)
    }

    /// The key of the task's row in a table whose first part is `first`.
    pub fn key_under(&self, first: &str) -> Key {
        key!(first, self.place.account, self.place.region, self.cluster, self.id)
    }

    /// Reads the last four parts of a key back.
    pub fn of_key(key: &Key) -> Option<TaskName> {
        let mut parts = key.parts();
        let (id, cluster) = (parts.pop()?, parts.pop()?);
        let (region, account) = (parts.pop()?.parse().ok()?, parts.pop()?.parse().ok()?);
        Some(TaskName { place: Place { account, region }, cluster, id })
    }

    /// The task's ARN.
    pub fn arn(&self) -> Arn {
        self.place.arn(format_args!("task/{}/{}", self.cluster, self.id))
    }

    /// Reads an ARN that [`TaskName::arn`] wrote.
    pub fn of_arn(text: &str) -> Option<TaskName> {
        let arn: Arn = text.parse().ok()?;
        let place = Place { account: arn.account().parse().ok()?, region: arn.region().parse().ok()? };
        let (cluster, id) = arn.resource().strip_prefix("task/")?.split_once('/')?;
        Some(TaskName { cluster: cluster.to_owned(), id: id.to_owned(), place })
    }

    /// The ARN that DescribeTasks shows for the container with that id.
    pub fn container_arn(&self, container_id: &str) -> Arn {
        self.place.arn(format_args!("container/{}/{}/{container_id}", self.cluster, self.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_found_again_by_arn_and_by_key() {
        let place = Place { account: "123456789012".parse().unwrap(), region: "us-east-1".parse().unwrap() };
        let name = TaskName { place, cluster: "prod".into(), id: "0a".repeat(16) };
        assert_eq!(TaskName::of_arn(name.arn().as_str()), Some(name.clone()));
        assert_eq!(TaskName::of_key(&name.key()), Some(name.clone()));
        assert_eq!(TaskName::of_key(&name.key_under("node-1")), Some(name));
        assert_eq!(TaskName::of_arn("arn:aws:ecs:us-east-1:123456789012:cluster/x"), None);
    }
}
