//! What every operation of the service holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gantry_api_iam as api;
use gantry_base::{AccountId, Arn, Authority, Ids, Partition, Tags, Timestamp};
use gantry_service::{Cx, Failure, Permission, Permit, Sealer};
use gantry_store::{Db, Tx};

use crate::error::{no_such, unmodifiable};
use crate::last_use::Uses;
use crate::tables::attachment::Entity;
use crate::tables::group::Group;
use crate::tables::role::Role;
use crate::tables::user::User;
use crate::web_identity::Issuers;

/// Under this path are the roles of services themselves.
pub(crate) const SERVICE_LINKED: &str = "/aws-service-role/";

/// IAM and STS over one store. Cheap to clone.
#[derive(Clone)]
pub struct Iam {
    pub(crate) db: Db,
    pub(crate) sealer: Sealer,
    pub(crate) ids: Arc<dyn Ids>,
    /// How often this process has changed anything; callers that were looked up before are looked up again.
    pub(crate) changes: Arc<AtomicU64>,
    /// When keys and roles were used since the start.
    pub(crate) uses: Arc<Uses>,
    /// Where the keys of other identity providers come from.
    pub(crate) issuers: Issuers,
    /// Whether an account's root may assume its roles, whomever they trust, and resource policies may name who is not there.
    pub(crate) development: bool,
}

impl Iam {
    /// The services over `db`. Secrets are sealed under the sealer's key.
    pub fn new(db: Db, sealer: Sealer, ids: Arc<dyn Ids>) -> Iam {
        Iam {
            db,
            sealer,
            ids,
            changes: Arc::default(),
            uses: Arc::default(),
            issuers: Issuers::default(),
            development: false,
        }
    }

    /// The same, asking the issuers of tokens in this way.
    pub fn asking(self, issuers: Issuers) -> Iam {
        Iam { issuers, ..self }
    }

    /// The same for development, where every key is let in as an account's root: root may assume roles, and
    /// the policies of resources may name who is not there.
    pub fn for_development(self, development: bool) -> Iam {
        Iam { development, ..self }
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

/// `AKIA` and 16 more; an access key's id. As in AWS's, the account stands in it: in base 32, 40 bits of the first
/// 48, behind one that is always set.
pub(crate) fn access_key_id(ids: &dyn Ids, prefix: &str, account: AccountId) -> String {
    let mut bytes = [0u8; 10];
    ids.fill(&mut bytes);
    let number: u64 = account.as_str().parse().expect("an account is twelve digits");
    let low = u64::from(bytes[5] & 0x7f);
    let head = 1 << 47 | number << 7 | low;
    bytes[..6].copy_from_slice(&head.to_be_bytes()[2..]);
    let mut text = prefix.to_owned();
    let bits = bytes.iter().fold(0u128, |bits, byte| bits << 8 | u128::from(*byte));
    text.extend((0..16).rev().map(|place| BASE32[(bits >> (place * 5) & 31) as usize] as char));
    text
}

/// The account in an access key's id.
pub(crate) fn account_of(id: &str) -> Option<AccountId> {
    let rest = id.get(4..20).filter(|_| id.len() == 20)?;
    let mut bits = 0u128;
    for byte in rest.bytes() {
        let digit = BASE32.iter().position(|known| *known == byte)?;
        bits = bits << 5 | digit as u128;
    }
    let number = (bits >> 32 & 0x7fff_ffff_ff80) >> 7;
    format!("{number:012}").parse().ok()
}

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Forty characters, drawn from 64.
pub(crate) fn secret(ids: &dyn Ids) -> String {
    ids.text(40, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
}

/// The id of a role (`AROA`), user (`AIDA`) or policy (`ANPA`).
pub(crate) fn unique_id(ids: &dyn Ids, prefix: &str) -> String {
    ids.iam(prefix, 21)
}

/// An action on something that has a name, and the keys that go with it.
#[derive(Clone)]
pub(crate) struct Wish<'a> {
    pub action: &'static str,
    pub name: &'a str,
    keys: Vec<(&'static str, &'a str)>,
    tags: Vec<(&'a str, &'a str)>,
    tag_keys: &'a [String],
}

impl<'a> Wish<'a> {
    pub fn new(action: &'static str, name: &'a str) -> Self {
        Wish { action, name, keys: Vec::new(), tags: Vec::new(), tag_keys: &[] }
    }

    /// With the value of a condition key.
    pub fn key(mut self, key: &'static str, value: &'a str) -> Self {
        self.keys.push((key, value));
        self
    }

    /// With the tags that the request gives.
    pub fn tagging(mut self, tags: &'a [api::Tag]) -> Self {
        self.tags = tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect();
        self
    }

    /// With the keys of the tags that the request takes away.
    pub fn untagging(mut self, tag_keys: &'a [String]) -> Self {
        self.tag_keys = tag_keys;
        self
    }

    /// The permission for it on a resource.
    pub fn on(self, arn: &'a Arn) -> Permission<'a> {
        let mut permission = Permission::on(self.action, arn);
        if !self.tags.is_empty() {
            permission = permission.request_tags(self.tags.iter().copied());
        }
        if !self.tag_keys.is_empty() {
            permission = permission.key("aws:TagKeys", self.tag_keys);
        }
        self.keys.into_iter().fold(permission, |permission, (key, value)| permission.key(key, [value]))
    }
}

/// Whoever makes something with tags needs the right to tag it as well.
pub(crate) fn may_tag(cx: &Cx, action: &'static str, arn: &Arn, tags: &Tags) -> Result<(), Failure> {
    if !tags.is_empty() {
        cx.authorize(Permission::on(action, arn).request_tags(tags.iter()))?;
    }
    Ok(())
}

/// The permission on a resource that has tags; IAM shows them under a name of its own, too.
pub(crate) fn tagged<'a>(permission: Permission<'a>, tags: &Tags) -> Permission<'a> {
    let permission = permission.resource_tags(tags.iter());
    tags.iter().fold(permission, |permission, (key, value)| {
        permission.key(format!("iam:ResourceTag/{key}"), [value])
    })
}

/// The role, and the proof that the caller may do with it what it wishes. Whether a role is there is told only
/// to those who may.
pub(crate) async fn permitted_role(tx: &mut Tx, cx: &Cx, wish: Wish<'_>) -> Result<(Role, Permit), Failure> {
    match Role::find(tx, cx.account, wish.name).await? {
        Some(role) => {
            let named = role.arn.in_partition(cx.partition());
            let permit = cx.authorize(tagged(wish.on(&named), &role.tags))?;
            Ok((role, permit))
        }
        None => {
            let name = wish.name;
            cx.authorize(wish.on(&arn(cx, format_args!("role/{name}"))))?;
            Err(no_such(Entity::Role, name))
        }
    }
}

/// The user, and the proof that the caller may do with it what it wishes.
pub(crate) async fn permitted_user(tx: &mut Tx, cx: &Cx, wish: Wish<'_>) -> Result<(User, Permit), Failure> {
    match User::find(tx, cx.account, wish.name).await? {
        Some(user) => {
            let named = user.arn.in_partition(cx.partition());
            let permit = cx.authorize(tagged(wish.on(&named), &user.tags))?;
            Ok((user, permit))
        }
        None => {
            let name = wish.name;
            cx.authorize(wish.on(&arn(cx, format_args!("user/{name}"))))?;
            Err(no_such(Entity::User, name))
        }
    }
}

/// The group, and the proof that the caller may do with it what it wishes.
pub(crate) async fn permitted_group(
    tx: &mut Tx,
    cx: &Cx,
    wish: Wish<'_>,
) -> Result<(Group, Permit), Failure> {
    match Group::find(tx, cx.account, wish.name).await? {
        Some(group) => {
            let permit = cx.authorize(wish.on(&group.arn.in_partition(cx.partition())))?;
            Ok((group, permit))
        }
        None => {
            let name = wish.name;
            cx.authorize(wish.on(&arn(cx, format_args!("group/{name}"))))?;
            Err(no_such(Entity::Group, name))
        }
    }
}

/// A role to be changed: roles of services are changed by AWS alone.
pub(crate) async fn changeable_role(tx: &mut Tx, cx: &Cx, wish: Wish<'_>) -> Result<(Role, Permit), Failure> {
    let (role, permit) = permitted_role(tx, cx, wish).await?;
    if role.path.starts_with(SERVICE_LINKED) {
        return Err(unmodifiable(&role.name));
    }
    Ok((role, permit))
}

/// Writes a group back.
pub(crate) fn put_group(tx: &mut Tx, account: AccountId, group: &Group) {
    tx.put(&crate::tables::group::GROUPS, &Group::key(account, &group.name), group);
}

/// Writes a role back.
pub(crate) fn put_role(tx: &mut Tx, account: AccountId, role: &Role) {
    tx.put(&crate::tables::role::ROLES, &Role::key(account, &role.name), role);
}

/// Writes a user back.
pub(crate) fn put_user(tx: &mut Tx, account: AccountId, user: &User) {
    tx.put(&crate::tables::user::USERS, &User::key(account, &user.name), user);
}
