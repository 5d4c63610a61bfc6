//! When access keys and roles were last used. Uses are noted in memory and written now and then, so a request costs
//! no write; what was noted in the last minutes before a crash is lost, as AWS's own figures are some hours behind.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use gantry_base::{AccountId, Authority, Timestamp};
use gantry_iam_core::{Caller, Principal};
use gantry_service::Failure;
use gantry_store::{Scan, Tx};

use crate::iam::{Iam, moment};
use crate::tables::access_key::{ACCESS_KEYS, AccessKey};
use crate::tables::attachment::Entity;
use crate::tables::last_use::{LAST_USES, LastUse, Used, used_services_key};
use crate::tables::role::Role;
use crate::tables::user::User;

/// How far a row may be behind what is noted.
const BEHIND: Duration = Duration::from_secs(300);
/// How many uses are held in memory; of what is used beyond that until the next writing, nothing is noted.
const MOST_NOTED: usize = 10_000;
/// How many rows are written in one transaction.
const BATCH: usize = 100;

/// What was noted since the start.
#[derive(Default)]
pub(crate) struct Uses(Mutex<HashMap<Used, Noted>>);

struct Noted {
    last: LastUse,
    /// The time that its row says.
    written: Option<Timestamp>,
}

/// Gantry itself, keeping count.
struct Usage;

impl Authority for Usage {
    fn describe(&self) -> String {
        "notes when keys and roles were last used".to_owned()
    }
}

impl Uses {
    fn note(&self, used: Used, last: LastUse) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let full = noted.len() >= MOST_NOTED;
        match noted.get_mut(&used) {
            Some(known) if known.last.at <= last.at => known.last = last,
            None if !full => {
                noted.insert(used, Noted { last, written: None });
            }
            _ => {}
        }
    }

    fn get(&self, used: &Used) -> Option<LastUse> {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.get(used).map(|known| known.last.clone())
    }

    fn services_of(&self, whose: AccountId, who: &str) -> Vec<LastUse> {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is =
            |used: &Used| matches!(used, Used::Service { account, id, .. } if *account == whose && id == who);
        noted.iter().filter(|(used, _)| is(used)).map(|(_, known)| known.last.clone()).collect()
    }

    /// What is to be written: what its row is behind by more than `behind`.
    fn due(&self, behind: Duration) -> Vec<(Used, LastUse)> {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = noted.iter().filter(|(_, known)| match known.written {
            None => true,
            Some(written) => known.last.at > written && known.last.at.since(written) >= behind,
        });
        due.map(|(used, known)| (used.clone(), known.last.clone())).collect()
    }

    fn written(&self, used: &Used, at: Timestamp) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = noted.get_mut(used) {
            known.written = Some(at);
        }
    }

    /// Forgets what its row says as well, and was not used for a while.
    fn forget(&self, now: Timestamp) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.retain(|_, known| known.written != Some(known.last.at) || now.since(known.last.at) < BEHIND);
    }
}

impl Iam {
    /// Notes that a request of `caller`, signed with the key, was let in to a service.
    pub fn note_use(&self, access_key: &str, caller: &Caller, service: &str, region: &str, now: Timestamp) {
        let last = LastUse { at: moment(now), service: service.to_owned(), region: region.to_owned() };
        let by = match &caller.principal {
            Principal::AssumedRole { account, role_name, role_id, .. } => {
                let (name, id) = (role_name.clone(), role_id.clone());
                self.uses.note(Used::Role { account: *account, name, id }, last.clone());
                Some((*account, Entity::Role, role_name, role_id))
            }
            principal => {
                if access_key.starts_with("AKIA") {
                    self.uses.note(Used::Key(access_key.to_owned()), last.clone());
                }
                match principal {
                    Principal::User { account, id, name, .. } => Some((*account, Entity::User, name, id)),
                    _ => None,
                }
            }
        };
        if let Some((account, by, name, id)) = by {
            let (name, id, service) = (name.clone(), id.clone(), service.to_owned());
            self.uses.note(Used::Service { account, by, name, id, service }, last);
        }
    }

    /// Writes what was noted: where a row is minutes behind, or with `all` behind at all.
    pub async fn write_uses(&self, now: Timestamp, all: bool) -> Result<(), Failure> {
        let due = self.uses.due(if all { Duration::ZERO } else { BEHIND });
        for batch in due.chunks(BATCH) {
            let mut tx = self.db.begin();
            for (used, last) in batch {
                let row = tx.get(&LAST_USES, &used.key()).await?;
                if row.is_none_or(|row| row.at < last.at) && is_there(&mut tx, used).await? {
                    tx.put(&LAST_USES, &used.key(), last);
                }
            }
            tx.commit(&Usage).await?;
            for (used, last) in batch {
                self.uses.written(used, last.at);
            }
        }
        self.uses.forget(now);
        Ok(())
    }

    /// The services that a user or role used, and when last.
    pub(crate) async fn used_services(
        &self,
        tx: &mut Tx,
        account: AccountId,
        id: &str,
    ) -> Result<BTreeMap<String, LastUse>, Failure> {
        let rows = tx.peek_scan(&LAST_USES, &used_services_key(account, id), Scan::all()).await?;
        let noted = self.uses.services_of(account, id);
        let mut found: BTreeMap<String, LastUse> = BTreeMap::new();
        for last in rows.into_iter().map(|(_, last)| last).chain(noted) {
            match found.get(&last.service) {
                Some(known) if known.at >= last.at => {}
                _ => {
                    found.insert(last.service.clone(), last);
                }
            }
        }
        Ok(found)
    }

    /// When it was last used, if ever.
    pub(crate) async fn last_use(&self, tx: &mut Tx, used: &Used) -> Result<Option<LastUse>, Failure> {
        let row = tx.peek(&LAST_USES, &used.key()).await?;
        let noted = self.uses.get(used);
        Ok([row, noted].into_iter().flatten().max_by_key(|last| last.at))
    }
}

/// What is gone gets no row any more.
async fn is_there(tx: &mut Tx, used: &Used) -> Result<bool, Failure> {
    Ok(match used {
        Used::Key(id) => tx.get(&ACCESS_KEYS, &AccessKey::key(id)).await?.is_some(),
        Used::Role { account, name, id } => {
            Role::find(tx, *account, name).await?.is_some_and(|role| role.id == *id)
        }
        Used::Service { account, by: Entity::User, name, id, .. } => {
            User::find(tx, *account, name).await?.is_some_and(|user| user.id == *id)
        }
        Used::Service { account, name, id, .. } => {
            Role::find(tx, *account, name).await?.is_some_and(|role| role.id == *id)
        }
    })
}

/// What a user or role that is deleted used is forgotten with it.
pub(crate) async fn forget_services(tx: &mut Tx, account: AccountId, id: &str) -> Result<(), Failure> {
    for (row, _) in tx.peek_scan(&LAST_USES, &used_services_key(account, id), Scan::all()).await? {
        tx.delete(&LAST_USES, &row);
    }
    Ok(())
}
