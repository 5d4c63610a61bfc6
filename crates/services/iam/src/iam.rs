//! What every operation of the service holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gantry_base::{AccountId, Arn, Authority, Ids, Partition, Timestamp};
use gantry_service::{Cx, Failure, Permission, Permit, Sealer};
use gantry_store::{Db, Tx};

use crate::error::no_such;
use crate::tables::attachment::Entity;
use crate::tables::role::Role;
use crate::tables::user::User;

/// IAM and STS over one store. Cheap to clone.
#[derive(Clone)]
pub struct Iam {
    pub(crate) db: Db,
    pub(crate) sealer: Sealer,
    pub(crate) ids: Arc<dyn Ids>,
    /// How often this process has changed anything; callers that were looked up before are looked up again.
    pub(crate) changes: Arc<AtomicU64>,
}

impl Iam {
    /// The services over `db`. Secrets are sealed under the sealer's key.
    pub fn new(db: Db, sealer: Sealer, ids: Arc<dyn Ids>) -> Iam {
        Iam { db, sealer, ids, changes: Arc::default() }
    }

    /// Commits a change, which is in force from then on.
    pub(crate) async fn commit(&self, tx: Tx, by: &dyn Authority) -> Result<(), Failure> {
        let committed = tx.commit(by).await;
        // Also where it is not known whether the commit took place.
        self.changes.fetch_add(1, Ordering::SeqCst);
        committed?;
        Ok(())
    }
}

/// The ARN of something in IAM, which has no region.
pub(crate) fn arn(cx: &Cx, resource: impl std::fmt::Display) -> Arn {
    Arn::global("iam", cx.partition(), cx.account, resource)
}

/// An ARN as rows keep it. An account is one room in all partitions, so rows know none; requests see names
/// in the partition of their region.
pub(crate) fn kept(arn: &Arn) -> Arn {
    arn.in_partition(Partition::Aws)
}

/// The moment of the request as IAM keeps and shows it: in whole seconds.
pub(crate) fn moment(now: Timestamp) -> Timestamp {
    Timestamp::from_secs(now.as_secs())
}

/// `AKIA` and 16 more; an access key's id.
pub(crate) fn access_key_id(ids: &dyn Ids, prefix: &str) -> String {
    ids.iam(prefix, 20)
}

/// Forty characters, drawn from 64.
pub(crate) fn secret(ids: &dyn Ids) -> String {
    ids.text(40, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
}

/// The id of a role (`AROA`), user (`AIDA`) or policy (`ANPA`).
pub(crate) fn unique_id(ids: &dyn Ids, prefix: &str) -> String {
    ids.iam(prefix, 21)
}

/// An action on a role, and the keys that go with it.
#[derive(Clone, Copy)]
pub(crate) struct Wish<'a> {
    pub action: &'static str,
    pub name: &'a str,
    pub keys: &'a [(&'static str, &'a str)],
}

impl<'a> Wish<'a> {
    pub fn new(action: &'static str, name: &'a str) -> Self {
        Wish { action, name, keys: &[] }
    }

    fn on(self, arn: &'a Arn) -> Permission<'a> {
        let permission = Permission::on(self.action, arn);
        self.keys.iter().fold(permission, |permission, (key, value)| permission.key(*key, [*value]))
    }
}

/// The role, and the proof that the caller may do with it what it wishes. Whether a role is there is told only
/// to those who may.
pub(crate) async fn permitted_role(tx: &mut Tx, cx: &Cx, wish: Wish<'_>) -> Result<(Role, Permit), Failure> {
    match Role::find(tx, cx.account, wish.name).await? {
        Some(role) => {
            let named = role.arn.in_partition(cx.partition());
            let permission = wish.on(&named).resource_tags(role.tags.iter());
            let permission = role.tags.iter().fold(permission, |permission, (key, value)| {
                permission.key(format!("iam:ResourceTag/{key}"), [value])
            });
            let permit = cx.authorize(permission)?;
            Ok((role, permit))
        }
        None => {
            cx.authorize(wish.on(&arn(cx, format_args!("role/{}", wish.name))))?;
            Err(no_such(Entity::Role, wish.name))
        }
    }
}

/// The user, and the proof that the caller may do with it what it wishes.
pub(crate) async fn permitted_user(tx: &mut Tx, cx: &Cx, wish: Wish<'_>) -> Result<(User, Permit), Failure> {
    match User::find(tx, cx.account, wish.name).await? {
        Some(user) => {
            let named = user.arn.in_partition(cx.partition());
            let permission = wish.on(&named).resource_tags(user.tags.iter());
            let permission = user.tags.iter().fold(permission, |permission, (key, value)| {
                permission.key(format!("iam:ResourceTag/{key}"), [value])
            });
            let permit = cx.authorize(permission)?;
            Ok((user, permit))
        }
        None => {
            cx.authorize(wish.on(&arn(cx, format_args!("user/{}", wish.name))))?;
            Err(no_such(Entity::User, wish.name))
        }
    }
}

/// Writes a role back.
pub(crate) fn put_role(tx: &mut Tx, account: AccountId, role: &Role) {
    tx.put(&crate::tables::role::ROLES, &Role::key(account, &role.name), role);
}

/// Writes a user back.
pub(crate) fn put_user(tx: &mut Tx, account: AccountId, user: &User) {
    tx.put(&crate::tables::user::USERS, &User::key(account, &user.name), user);
}
