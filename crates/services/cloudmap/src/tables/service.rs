//! Services.

use std::collections::BTreeMap;

use gantry_base::{AccountId, Region, Tags, Timestamp};
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// By account, region and id.
pub const SERVICES: Table<Service> = Table::new("cloudmap.service", 1);

/// A service: a name under which instances are found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    pub id: String,
    pub name: String,
    pub namespace_id: String,
    #[serde(default)]
    pub description: Option<String>,
    /// What is answered by DNS, if anything is.
    #[serde(default)]
    pub dns: Option<Dns>,
    /// It is found by DiscoverInstances alone. In such a namespace a configuration of DNS is kept, and is for nobody.
    #[serde(default)]
    pub http: bool,
    /// Whether somebody says of its instances how they are, and the threshold that was asked for.
    #[serde(default)]
    pub custom_health: Option<i32>,
    pub creator_request_id: String,
    pub created_at: Timestamp,
    #[serde(default)]
    pub tags: Tags,
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// How many instances it has.
    #[serde(default)]
    pub instances: u32,
    /// Rises with each change of an instance.
    #[serde(default)]
    pub revision: i64,
}

/// What is answered by DNS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dns {
    pub routing: Routing,
    /// Types, and for how many seconds their records may be kept.
    pub records: Vec<(RecordType, u32)>,
}

impl Dns {
    /// For how many seconds a record of that type may be kept; none where there are none.
    pub fn ttl(&self, wanted: RecordType) -> Option<u32> {
        self.records.iter().find(|(kind, _)| *kind == wanted).map(|(_, ttl)| *ttl)
    }
}

/// How many records an answer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Routing {
    /// Up to eight.
    Multivalue,
    /// One.
    Weighted,
}

impl Routing {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Routing::Multivalue => "MULTIVALUE",
            Routing::Weighted => "WEIGHTED",
        }
    }
}

/// The types of records that a service may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RecordType {
    A,
    Aaaa,
    Cname,
    Srv,
}

impl RecordType {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            RecordType::A => "A",
            RecordType::Aaaa => "AAAA",
            RecordType::Cname => "CNAME",
            RecordType::Srv => "SRV",
        }
    }

    /// By AWS's name.
    pub fn parse(name: &str) -> Option<RecordType> {
        let all = [RecordType::A, RecordType::Aaaa, RecordType::Cname, RecordType::Srv];
        all.into_iter().find(|one| one.as_str() == name)
    }
}

/// The key of a service.
pub fn service_key(account: AccountId, region: &Region, id: &str) -> Key {
    key!(account, region, id)
}

/// The prefix of an account's services in a region.
pub fn services_key(account: AccountId, region: &Region) -> Key {
    key!(account, region)
}
