//! Access keys looked up: whose they are, and what their holders may now.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use gantry_base::{Region, Timestamp};
use gantry_iam_core::Caller;
use gantry_service::Failure;

use crate::caller::{of_holder, of_session};
use crate::iam::Iam;
use crate::session::Session;
use crate::tables::access_key::{ACCESS_KEYS, AccessKey};

/// How long what was looked up is good for. A change in this process counts at once; one in another process
/// over the same store, after at most this time.
const FRESH: Duration = Duration::from_millis(500);
/// How many keys are remembered.
const MOST_REMEMBERED: usize = 4096;

/// What an access key stands for.
#[derive(Clone)]
pub struct Identity {
    /// The key's secret.
    pub secret: String,
    /// Who holds it, with the policies that apply now.
    pub caller: Arc<Caller>,
}

/// Why an access key stands for nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// There is no such key, it is inactive, or its session token is not the right one.
    Invalid,
    /// The session has ended.
    Expired,
    /// It can't be said now; the text is for the log.
    Broken(String),
}

impl From<Failure> for Unknown {
    fn from(failure: Failure) -> Self {
        Unknown::Broken(format!("{failure:?}"))
    }
}

impl From<gantry_store::StoreError> for Unknown {
    fn from(error: gantry_store::StoreError) -> Self {
        Unknown::Broken(error.to_string())
    }
}

/// Looks up access keys.
pub struct Identities {
    iam: Iam,
    remembered: Mutex<HashMap<String, Remembered>>,
}

struct Remembered {
    identity: Identity,
    token: Option<String>,
    expires: Option<Timestamp>,
    /// When it was read, and after how many changes.
    read: Timestamp,
    changes: u64,
}

impl Identities {
    /// A lookup over the service's store.
    pub fn new(iam: Iam) -> Identities {
        Identities { iam, remembered: Mutex::default() }
    }

    /// Takes note that a request signed with the key was let in to a service.
    pub fn used(&self, access_key: &str, caller: &Caller, service: &str, region: &Region, now: Timestamp) {
        self.iam.note_use(access_key, caller, service, region.as_str(), now);
    }

    /// Who holds the key; `session_token` is what came with a temporary one.
    pub async fn find(
        &self,
        access_key: &str,
        session_token: Option<&str>,
        now: Timestamp,
    ) -> Result<Identity, Unknown> {
        let changes = self.iam.changes.load(Ordering::SeqCst);
        if let Some(identity) = self.recall(access_key, session_token, now, changes) {
            return identity;
        }
        let (identity, expires) = match session_token {
            None => (self.read_key(access_key).await?, None),
            Some(token) => {
                let (identity, expires) = self.read_session(access_key, token, now).await?;
                (identity, Some(expires))
            }
        };
        let token = session_token.map(str::to_owned);
        let remembered = Remembered { identity: identity.clone(), token, expires, read: now, changes };
        self.remember(access_key, remembered, now);
        Ok(identity)
    }

    fn recall(
        &self,
        access_key: &str,
        session_token: Option<&str>,
        now: Timestamp,
        changes: u64,
    ) -> Option<Result<Identity, Unknown>> {
        let remembered = self.remembered.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let found = remembered.get(access_key)?;
        let fresh = found.changes == changes && now >= found.read && now.since(found.read) < FRESH;
        if !fresh || found.token.as_deref() != session_token {
            return None;
        }
        if found.expires.is_some_and(|end| end <= now) {
            return Some(Err(Unknown::Expired));
        }
        Some(Ok(found.identity.clone()))
    }

    fn remember(&self, access_key: &str, found: Remembered, now: Timestamp) {
        let mut remembered = self.remembered.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if remembered.len() >= MOST_REMEMBERED {
            remembered.retain(|_, known| known.changes == found.changes && now.since(known.read) < FRESH);
        }
        if remembered.len() >= MOST_REMEMBERED {
            remembered.clear();
        }
        remembered.insert(access_key.to_owned(), found);
    }

    /// A lasting key, of a user or a root.
    async fn read_key(&self, access_key: &str) -> Result<Identity, Unknown> {
        let mut tx = self.iam.db.begin();
        let key = tx.get(&ACCESS_KEYS, &AccessKey::key(access_key)).await?;
        let key = key.filter(|key| key.active).ok_or(Unknown::Invalid)?;
        let caller = of_holder(&mut tx, key.account, &key.holder).await?.ok_or(Unknown::Invalid)?;
        let secret = unseal(&self.iam, &key)?;
        Ok(Identity { secret, caller: Arc::new(caller) })
    }

    /// A session's key; all but the role is in the token.
    async fn read_session(
        &self,
        access_key: &str,
        token: &str,
        now: Timestamp,
    ) -> Result<(Identity, Timestamp), Unknown> {
        let (session, secret) = Session::open(&self.iam, access_key, token).ok_or(Unknown::Invalid)?;
        if session.expires <= now {
            return Err(Unknown::Expired);
        }
        let caller = of_session(&mut self.iam.db.begin(), &session).await?.ok_or(Unknown::Invalid)?;
        Ok((Identity { secret, caller: Arc::new(caller) }, session.expires))
    }
}

/// The secret of a lasting key.
pub(crate) fn unseal(iam: &Iam, key: &AccessKey) -> Result<String, Failure> {
    let sealed = BASE64.decode(&key.sealed_secret).map_err(Failure::internal)?;
    let secret = iam.sealer.open(&sealed, &AccessKey::seal_context(&key.id))?;
    String::from_utf8(secret).map_err(Failure::internal)
}
