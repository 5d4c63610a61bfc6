//! Activations: the right of machines that are not AWS's to be managed.
//!
//! <https://docs.aws.amazon.com/systems-manager/latest/userguide/hybrid-activation-managed-nodes.html>

use std::time::Duration;

use async_trait::async_trait;
use gantry_api_ssm as api;
use gantry_base::{AccountId, Region, Tags, Timestamp};
use gantry_service::{Activated, Activations};
use gantry_store::{Key, StoreError, Table, Tx, key};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Activations, by account, region and id.
pub const ACTIVATIONS: Table<Activation> = Table::new("ssm.activation", 1);
/// Where an activation is, by its id.
pub const ACTIVATION_PLACES: Table<Place> = Table::new("ssm.activation_place", 1);

/// How long one is good unless it is said, and at most.
pub const GOOD_FOR: Duration = Duration::from_secs(24 * 60 * 60);
pub const GOOD_AT_MOST: Duration = Duration::from_secs(30 * 24 * 60 * 60);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activation {
    pub id: String,
    /// Of the code, in hexadecimal: the code itself is told once.
    pub code_sha256: String,
    pub description: Option<String>,
    pub default_instance_name: Option<String>,
    pub iam_role: String,
    pub registration_limit: u32,
    pub registrations: u32,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    #[serde(default)]
    pub tags: Tags,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub account: AccountId,
    pub region: Region,
}

/// The key of all activations of a place.
pub fn activations_key(account: AccountId, region: &Region) -> Key {
    key!(account, region)
}

/// The digest that is kept of a code.
pub fn digest(code: &str) -> String {
    hex::encode(Sha256::digest(code))
}

impl Activation {
    /// As AWS shows it.
    pub fn answer(&self, now: Timestamp) -> api::Activation {
        let tags =
            self.tags.iter().map(|(key, value)| api::Tag { key: key.to_owned(), value: value.to_owned() });
        api::Activation {
            activation_id: Some(self.id.clone()),
            description: self.description.clone(),
            default_instance_name: self.default_instance_name.clone(),
            iam_role: Some(self.iam_role.clone()),
            registration_limit: i32::try_from(self.registration_limit).ok(),
            registrations_count: i32::try_from(self.registrations).ok(),
            expiration_date: Some(self.expires_at),
            expired: Some(self.expires_at <= now),
            created_date: Some(self.created_at),
            tags: Some(tags.collect()),
        }
    }
}

/// What other services know of activations.
pub struct Redeemer;

#[async_trait]
impl Activations for Redeemer {
    async fn redeem(
        &self,
        tx: &mut Tx,
        id: &str,
        code: &str,
        now: Timestamp,
    ) -> Result<Option<Activated>, StoreError> {
        let Some(Place { account, region }) = tx.get(&ACTIVATION_PLACES, &key!(id)).await? else {
            return Ok(None);
        };
        let key = activations_key(account, &region).with(id);
        let Some(mut row) = tx.get(&ACTIVATIONS, &key).await? else { return Ok(None) };
        let good = row.code_sha256 == digest(code)
            && row.expires_at > now
            && row.registrations < row.registration_limit;
        if !good {
            return Ok(None);
        }
        row.registrations += 1;
        tx.put(&ACTIVATIONS, &key, &row);
        Ok(Some(Activated { account, region }))
    }
}
