//! Where a resource lives: account, region and partition.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The text that was given is not what it should name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {value:?} is not valid: {rule}")]
pub struct Malformed {
    /// What was being read: "account id", "region", "ARN".
    pub what: &'static str,
    /// The offending text.
    pub value: String,
    /// What it should look like.
    pub rule: &'static str,
}

impl Malformed {
    pub(crate) fn new(what: &'static str, value: &str, rule: &'static str) -> Self {
        let value = value.chars().take(200).collect();
        Malformed { what, value, rule }
    }
}

/// An account: twelve decimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId([u8; 12]);

impl AccountId {
    /// The account of a Gantry that was told no other.
    pub const DEFAULT: AccountId = AccountId(*b"000000000000");

    /// The twelve digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("an account id holds ASCII digits only")
    }
}

impl FromStr for AccountId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let digits: [u8; 12] =
            text.as_bytes().try_into().map_err(|_| Malformed::new("account id", text, "twelve digits"))?;
        if digits.iter().all(u8::is_ascii_digit) {
            Ok(AccountId(digits))
        } else {
            Err(Malformed::new("account id", text, "twelve digits"))
        }
    }
}

impl TryFrom<String> for AccountId {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<AccountId> for String {
    fn from(id: AccountId) -> String {
        id.as_str().to_owned()
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A region's name, such as `us-east-1`. Any well-formed name is a region; Gantry keeps no list of them.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(String);

impl Region {
    /// The region's name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The partition the region belongs to, by the prefix of its name.
    pub fn partition(&self) -> Partition {
        Partition::of_region(&self.0)
    }

    /// The names of the region's three availability zones.
    pub fn zones(&self) -> [String; 3] {
        ["a", "b", "c"].map(|letter| format!("{}{letter}", self.0))
    }
}

impl Default for Region {
    fn default() -> Self {
        Region("us-east-1".to_owned())
    }
}

impl FromStr for Region {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let rule = "lower-case words joined by hyphens and a number, such as us-east-1";
        let fits = (4..=32).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && text.split('-').all(|word| !word.is_empty())
            && text.split('-').count() >= 3
            && text.rsplit('-').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
        if fits { Ok(Region(text.to_owned())) } else { Err(Malformed::new("region", text, rule)) }
    }
}

impl TryFrom<String> for Region {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<Region> for String {
    fn from(region: Region) -> String {
        region.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A partition: a family of regions with ARNs and DNS names of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Partition {
    /// `aws`: the commercial regions.
    Aws,
    /// `aws-cn`: China.
    AwsCn,
    /// `aws-us-gov`: GovCloud.
    AwsUsGov,
    /// `aws-iso`, `us-iso-*`.
    AwsIso,
    /// `aws-iso-b`, `us-isob-*`.
    AwsIsoB,
    /// `aws-iso-e`, `eu-isoe-*`.
    AwsIsoE,
    /// `aws-iso-f`, `us-isof-*`.
    AwsIsoF,
    /// `aws-eusc`: the European sovereign cloud, `eusc-*`.
    AwsEusc,
}

impl Partition {
    const ALL: [Partition; 8] = [
        Partition::Aws,
        Partition::AwsCn,
        Partition::AwsUsGov,
        Partition::AwsIso,
        Partition::AwsIsoB,
        Partition::AwsIsoE,
        Partition::AwsIsoF,
        Partition::AwsEusc,
    ];

    /// The partition by its name in an ARN.
    pub fn from_name(name: &str) -> Option<Partition> {
        Self::ALL.into_iter().find(|partition| partition.as_str() == name)
    }

    fn of_region(region: &str) -> Partition {
        const PREFIXES: [(&str, Partition); 7] = [
            ("cn-", Partition::AwsCn),
            ("us-gov-", Partition::AwsUsGov),
            ("us-iso-", Partition::AwsIso),
            ("us-isob-", Partition::AwsIsoB),
            ("eu-isoe-", Partition::AwsIsoE),
            ("us-isof-", Partition::AwsIsoF),
            ("eusc-", Partition::AwsEusc),
        ];
        PREFIXES
            .into_iter()
            .find(|(prefix, _)| region.starts_with(prefix))
            .map_or(Partition::Aws, |(_, partition)| partition)
    }

    /// The region for which requests to services without regions are signed
    /// ([AWS](https://docs.aws.amazon.com/general/latest/gr/iam-service.html)).
    pub fn global_region(self) -> Region {
        let name = match self {
            Partition::Aws => "us-east-1",
            Partition::AwsCn => "cn-north-1",
            Partition::AwsUsGov => "us-gov-west-1",
            Partition::AwsIso => "us-iso-east-1",
            Partition::AwsIsoB => "us-isob-east-1",
            Partition::AwsIsoE => "eu-isoe-west-1",
            Partition::AwsIsoF => "us-isof-south-1",
            Partition::AwsEusc => "eusc-de-east-1",
        };
        Region(name.to_owned())
    }

    /// The name in an ARN's second field.
    pub fn as_str(self) -> &'static str {
        match self {
            Partition::Aws => "aws",
            Partition::AwsCn => "aws-cn",
            Partition::AwsUsGov => "aws-us-gov",
            Partition::AwsIso => "aws-iso",
            Partition::AwsIsoB => "aws-iso-b",
            Partition::AwsIsoE => "aws-iso-e",
            Partition::AwsIsoF => "aws-iso-f",
            Partition::AwsEusc => "aws-eusc",
        }
    }

    /// The domain of the partition's service names, as in `ACCOUNT.dkr.ecr.REGION.DOMAIN`.
    pub fn domain(self) -> &'static str {
        match self {
            Partition::Aws | Partition::AwsUsGov => "amazonaws.com",
            Partition::AwsCn => "amazonaws.com.cn",
            Partition::AwsIso => "c2s.ic.gov",
            Partition::AwsIsoB => "sc2s.sgov.gov",
            Partition::AwsIsoE => "cloud.adc-e.uk",
            Partition::AwsIsoF => "csp.hci.ic.gov",
            Partition::AwsEusc => "amazonaws.eu",
        }
    }
}

impl TryFrom<String> for Partition {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Self, Malformed> {
        Partition::from_name(&text)
            .ok_or_else(|| Malformed::new("partition", &text, "aws, aws-cn, aws-us-gov, ..."))
    }
}

impl From<Partition> for String {
    fn from(partition: Partition) -> String {
        partition.as_str().to_owned()
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_twelve_digits() {
        assert_eq!("123456789012".parse::<AccountId>().unwrap().as_str(), "123456789012");
        for bad in ["", "12345678901", "1234567890123", "12345678901x", "１２３４"] {
            assert!(bad.parse::<AccountId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_region_names_its_partition() {
        for (region, partition, domain) in [
            ("us-east-1", "aws", "amazonaws.com"),
            ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
            ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
            ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
            ("us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"),
        ] {
            let region: Region = region.parse().unwrap();
            assert_eq!((region.partition().as_str(), region.partition().domain()), (partition, domain));
        }
        for bad in ["", "useast1", "us--east-1", "US-EAST-1", "us-east-x", "us-east-1/.."] {
            assert!(bad.parse::<Region>().is_err(), "{bad}");
        }
    }
}
