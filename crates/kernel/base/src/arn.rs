//! Amazon Resource Names: `arn:partition:service:region:account:resource`.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::place::{AccountId, Malformed, Partition, Region};

/// One resource's name. Region and account are empty where the service has none (IAM has no region, S3
/// buckets neither).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Arn {
    text: String,
    /// Where each of the five separators after `arn` stands in `text`.
    colons: [u16; 5],
}

impl Arn {
    /// The longest ARN that is read, in bytes.
    pub const MAX_LENGTH: usize = 2048;

    /// The name of a resource of `service` in an account and region.
    pub fn regional(service: &str, region: &Region, account: AccountId, resource: impl fmt::Display) -> Arn {
        // Answers are full of these: one allocation that fits most, and no more formatting than is needed.
        let mut text = String::with_capacity(128);
        for part in ["arn", region.partition().as_str(), service, region.as_str(), account.as_str()] {
            text.push_str(part);
            text.push(':');
        }
        // Writing to a string does not fail.
        let _ = write!(text, "{resource}");
        Self::assemble(text)
    }

    /// The name of a resource of a service without regions, such as IAM.
    pub fn global(
        service: &str,
        partition: Partition,
        account: AccountId,
        resource: impl fmt::Display,
    ) -> Arn {
        Self::assemble(format!("arn:{partition}:{service}::{account}:{resource}"))
    }

    fn assemble(text: String) -> Arn {
        // What callers name may be of any length; the separators come before it.
        let colons = Self::colons(&text).expect("five separators were just written");
        Arn { text, colons }
    }

    fn cut(text: String) -> Result<Arn, Malformed> {
        let fits = text.len() <= Self::MAX_LENGTH && text.starts_with("arn:");
        match Self::colons(&text).filter(|_| fits) {
            Some(colons) => Ok(Arn { text, colons }),
            None => Err(Malformed::new("ARN", &text, "arn:partition:service:region:account:resource")),
        }
    }

    /// Where the five separators are.
    fn colons(text: &str) -> Option<[u16; 5]> {
        let mut found = text.bytes().enumerate().filter(|(_, byte)| *byte == b':');
        let mut colons = [0u16; 5];
        for colon in &mut colons {
            *colon = u16::try_from(found.next()?.0).ok()?;
        }
        Some(colons)
    }

    fn field(&self, index: usize) -> &str {
        let start = self.colons[index] as usize + 1;
        let end = self.colons.get(index + 1).map_or(self.text.len(), |end| *end as usize);
        &self.text[start..end]
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.text
    }
    /// `aws`, `aws-cn`, ...
    pub fn partition(&self) -> &str {
        self.field(0)
    }
    /// `ecs`, `iam`, ...
    pub fn service(&self) -> &str {
        self.field(1)
    }
    /// The region, or nothing.
    pub fn region(&self) -> &str {
        self.field(2)
    }
    /// The account's twelve digits, or nothing.
    pub fn account(&self) -> &str {
        self.field(3)
    }
    /// All that follows the account, such as `cluster/default`.
    pub fn resource(&self) -> &str {
        self.field(4)
    }

    /// The same resource as another partition names it. An account of Gantry is one room in all partitions.
    pub fn in_partition(&self, partition: Partition) -> Arn {
        if self.partition() == partition.as_str() {
            return self.clone();
        }
        let after = self.colons[1] as usize;
        Self::assemble(format!("arn:{partition}{}", &self.text[after..]))
    }

    /// Whether both name the same resource, whatever the partition.
    pub fn same_resource(&self, other: &Arn) -> bool {
        self.text[self.colons[1] as usize..] == other.text[other.colons[1] as usize..]
    }

    /// The resource split at its first `/` or `:`: its type and its name.
    pub fn resource_type_and_name(&self) -> (&str, &str) {
        let resource = self.resource();
        match resource.find(['/', ':']) {
            Some(at) => (&resource[..at], &resource[at + 1..]),
            None => ("", resource),
        }
    }
}

impl FromStr for Arn {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let arn = Self::cut(text.to_owned())?;
        let rule = "arn:partition:service:region:account:resource";
        let account = arn.account();
        if arn.partition().is_empty()
            || arn.service().is_empty()
            || arn.resource().is_empty()
            || !(account.is_empty() || account == "aws" || account.parse::<AccountId>().is_ok())
        {
            return Err(Malformed::new("ARN", text, rule));
        }
        Ok(arn)
    }
}

impl TryFrom<String> for Arn {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<Arn> for String {
    fn from(arn: Arn) -> String {
        arn.text
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fields_come_apart() {
        let arn: Arn = "arn:aws-cn:ecs:cn-north-1:123456789012:task/default/0a:b/c".parse().unwrap();
        assert_eq!(arn.partition(), "aws-cn");
        assert_eq!(arn.region(), "cn-north-1");
        assert_eq!(arn.account(), "123456789012");
        assert_eq!(arn.resource_type_and_name(), ("task", "default/0a:b/c"));
        let managed: Arn = "arn:aws:iam::aws:policy/AdministratorAccess".parse().unwrap();
        assert_eq!(managed.account(), "aws");
    }

    #[test]
    fn what_is_no_arn_is_refused() {
        for bad in
            ["", "arn", "arn:aws:ecs:us-east-1:123456789012", "arn:aws:ecs:us-east-1:12:x", "arn:::::x"]
        {
            assert!(bad.parse::<Arn>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_name_of_any_length_is_put_together() {
        let account = "123456789012".parse().unwrap();
        let name = "x:".repeat(50_000);
        let arn = Arn::regional("ssm", &Region::default(), account, format_args!("parameter/{name}"));
        assert_eq!(arn.resource_type_and_name(), ("parameter", name.as_str()));
        assert!(arn.as_str().parse::<Arn>().is_err(), "and not read");
    }

    #[test]
    fn partitions_name_the_same_resource() {
        let arn: Arn = "arn:aws:iam::123456789012:role/app".parse().unwrap();
        let china = arn.in_partition(Partition::AwsCn);
        assert_eq!(china.as_str(), "arn:aws-cn:iam::123456789012:role/app");
        assert_eq!(china.account(), "123456789012");
        assert!(china.same_resource(&arn) && china != arn);
        assert_eq!(china.in_partition(Partition::Aws), arn);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic_and_comes_back(text in ".{0,80}") {
            if let Ok(arn) = text.parse::<Arn>() {
                prop_assert_eq!(arn.to_string(), text);
            }
        }
    }
}
