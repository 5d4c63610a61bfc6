//! The administrator's key that the first start makes.

use gantry_base::{AccountId, Authority, Timestamp};
use gantry_service::Failure;
use gantry_store::key;

use crate::iam::Iam;
use crate::identities::unseal;
use crate::ops::create_access_key::put_key;
use crate::tables::access_key::{ACCESS_KEYS, AccessKey, Holder};
use crate::tables::account::{ACCOUNTS, Account};

/// An access key with its secret.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyPair {
    pub access_key_id: String,
    pub secret_access_key: String,
}

impl std::fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyPair").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// Whoever starts Gantry on a machine owns it.
struct FirstStart;

impl Authority for FirstStart {
    fn describe(&self) -> String {
        "the first start makes the root's key".to_owned()
    }
}

impl Iam {
    /// The account's key for its administrator, made on the first call. It is the root's, and the same until
    /// someone deletes it, after which there is none: `None`.
    pub async fn first_key(&self, account: AccountId, now: Timestamp) -> Result<Option<KeyPair>, Failure> {
        // Where another replica makes it in the meantime, it is there at the second look.
        match self.try_first_key(account, now).await {
            Err(Failure::Conflict) => self.try_first_key(account, now).await,
            other => other,
        }
    }

    async fn try_first_key(&self, account: AccountId, now: Timestamp) -> Result<Option<KeyPair>, Failure> {
        let mut tx = self.db.begin();
        let row = tx.get(&ACCOUNTS, &key!(account)).await?;
        if let Some(id) = row.as_ref().and_then(|row| row.first_key.clone()) {
            let key = tx.get(&ACCESS_KEYS, &AccessKey::key(&id)).await?;
            let pair = |key: AccessKey| {
                let secret_access_key = unseal(self, &key)?;
                Ok(KeyPair { access_key_id: key.id, secret_access_key })
            };
            return key.map(pair).transpose();
        }
        let mut row = row.unwrap_or(Account { created: now, ..Account::default() });
        let (access_key_id, secret_access_key) = put_key(self, &mut tx, account, Holder::Root, now);
        row.access_keys.push(access_key_id.clone());
        row.first_key = Some(access_key_id.clone());
        tx.put(&ACCOUNTS, &key!(account), &row);
        self.commit(tx, &FirstStart).await?;
        Ok(Some(KeyPair { access_key_id, secret_access_key }))
    }
}
