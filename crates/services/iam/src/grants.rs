//! What roles, users and groups have in common: inline policies, attached policies, a boundary.

use gantry_api_iam::AttachedPolicy;
use gantry_base::{AccountId, Arn, Partition};
use gantry_iam_core::Kind;
use gantry_service::Failure;
use gantry_store::Tx;

use crate::document::read;
use crate::error::{
    delete_conflict, invalid_input, limit_exceeded, no_such_entity, no_such_inline, validation,
};
use crate::iam::kept;
use crate::managed;
use crate::page::{Page, Wanted};
use crate::shape::shown;
use crate::tables::attachment::{ATTACHMENTS, Entity, Use, attachment_key};
use crate::tables::grants::{Grants, counted_size};
use crate::tables::policy::ManagedPolicy;

/// The most policies attached to a role or user.
const ATTACHED: usize = 10;

/// The most characters of all inline policies together.
fn inline_quota(entity: Entity) -> usize {
    match entity {
        Entity::Role => 10_240,
        Entity::User => 2_048,
        Entity::Group => 5_120,
    }
}

/// A role or user, while its grants are changed.
#[derive(Clone, Copy)]
pub(crate) struct Owner<'a> {
    pub account: AccountId,
    pub entity: Entity,
    pub name: &'a str,
}

/// Adds an inline policy or replaces the one of that name.
pub(crate) fn put_inline(
    grants: &mut Grants,
    owner: Owner<'_>,
    policy: String,
    document: String,
) -> Result<(), Failure> {
    read(Kind::Identity, &document)?;
    let quota = inline_quota(owner.entity);
    if grants.inline_size(&policy) + counted_size(&document) > quota {
        let (word, name) = (owner.entity.word(), owner.name);
        return Err(limit_exceeded(format!(
            "Maximum policy size of {quota} bytes exceeded for {word} {name}"
        )));
    }
    grants.inline.insert(policy, document);
    Ok(())
}

/// An inline policy's document.
pub(crate) fn get_inline(grants: &Grants, entity: Entity, policy: &str) -> Result<String, Failure> {
    grants.inline.get(policy).cloned().ok_or_else(|| no_such_inline(entity, policy))
}

/// Removes an inline policy.
pub(crate) fn delete_inline(grants: &mut Grants, entity: Entity, policy: &str) -> Result<(), Failure> {
    grants.inline.remove(policy).map(drop).ok_or_else(|| no_such_inline(entity, policy))
}

/// A page of the names of the inline policies.
pub(crate) fn list_inline(grants: Grants, wanted: &Wanted<'_>) -> Result<Page<String>, Failure> {
    wanted.of_list(grants.inline.into_keys().collect(), String::as_str)
}

/// Attaches a managed policy. Attaching it again changes nothing.
pub(crate) async fn attach(
    tx: &mut Tx,
    grants: &mut Grants,
    owner: Owner<'_>,
    policy_arn: &str,
) -> Result<(), Failure> {
    let policy_arn = check_attachable(tx, owner.account, policy_arn).await?;
    if grants.attached.contains(&policy_arn) {
        return Ok(());
    }
    if grants.attached.len() >= ATTACHED {
        let quota = match owner.entity {
            Entity::Role => "PoliciesPerRole",
            Entity::User => "PoliciesPerUser",
            Entity::Group => "PoliciesPerGroup",
        };
        return Err(limit_exceeded(format!("Cannot exceed quota for {quota}: {ATTACHED}")));
    }
    tx.put(&ATTACHMENTS, &index_key(owner, &policy_arn, Use::Permissions), &());
    grants.attached.push(policy_arn);
    Ok(())
}

/// Detaches a managed policy.
pub(crate) fn detach(
    tx: &mut Tx,
    grants: &mut Grants,
    owner: Owner<'_>,
    policy_arn: &str,
) -> Result<(), Failure> {
    let arn = kept(&parse_arn(policy_arn)?);
    let Some(at) = grants.attached.iter().position(|attached| attached == arn.as_str()) else {
        return Err(no_such_entity(format!("Policy {policy_arn} was not found.")));
    };
    grants.attached.remove(at);
    tx.delete(&ATTACHMENTS, &index_key(owner, arn.as_str(), Use::Permissions));
    Ok(())
}

/// A page of the attached policies, those under a path only where one is asked for.
pub(crate) fn list_attached(
    partition: Partition,
    grants: Grants,
    path_prefix: Option<&str>,
    wanted: &Wanted<'_>,
) -> Result<Page<AttachedPolicy>, Failure> {
    let mut list: Vec<(String, AttachedPolicy)> = grants
        .attached
        .into_iter()
        .filter(|arn| path_prefix.is_none_or(|prefix| path_of(arn).starts_with(prefix)))
        .map(|arn| {
            let policy_name = arn.rsplit('/').next().map(str::to_owned);
            (arn.clone(), AttachedPolicy { policy_name, policy_arn: Some(shown(partition, arn)) })
        })
        .collect();
    list.sort_by(|(a, _), (b, _)| a.cmp(b));
    let page = wanted.of_list(list, |(arn, _)| arn)?;
    Ok(Page { items: page.items.into_iter().map(|(_, policy)| policy).collect(), marker: page.marker })
}

/// The path in a policy's ARN: `/` in `arn:aws:iam::123456789012:policy/name`.
fn path_of(arn: &str) -> &str {
    let path = arn.split_once("policy/").map_or(arn, |(before, _)| &arn[before.len() + "policy".len()..]);
    path.rfind('/').map_or("/", |at| &path[..=at])
}

/// Sets the permissions boundary of a role or user, in place of the one that it has.
pub(crate) async fn set_boundary(
    tx: &mut Tx,
    grants: &mut Grants,
    owner: Owner<'_>,
    policy_arn: Option<String>,
) -> Result<(), Failure> {
    if let Some(policy_arn) = policy_arn {
        if parse_arn(&policy_arn).is_err() {
            return Err(invalid_input(format!("ARN {policy_arn} is not valid.")));
        }
        let found = attachable(tx, owner.account, &policy_arn).await?;
        let missing =
            || no_such_entity(format!("Scope ARN: {policy_arn} does not exist or is not attachable."));
        let policy_arn = found.ok_or_else(missing)?;
        drop_boundary(tx, grants, owner);
        tx.put(&ATTACHMENTS, &index_key(owner, &policy_arn, Use::Boundary), &());
        grants.boundary = Some(policy_arn);
    }
    Ok(())
}

/// Takes the permissions boundary away; whether there was one.
pub(crate) fn drop_boundary(tx: &mut Tx, grants: &mut Grants, owner: Owner<'_>) -> bool {
    let Some(boundary) = grants.boundary.take() else { return false };
    tx.delete(&ATTACHMENTS, &index_key(owner, &boundary, Use::Boundary));
    true
}

/// Writes the index of all the policies anew for an owner that gets another name.
pub(crate) fn rename(tx: &mut Tx, grants: &Grants, from: Owner<'_>, to: &str) {
    let to = Owner { name: to, ..from };
    let attached = grants.attached.iter().map(|arn| (arn, Use::Permissions));
    let all: Vec<_> = attached.chain(grants.boundary.iter().map(|arn| (arn, Use::Boundary))).collect();
    for (arn, used) in &all {
        tx.delete(&ATTACHMENTS, &index_key(from, arn, *used));
    }
    for (arn, used) in &all {
        tx.put(&ATTACHMENTS, &index_key(to, arn, *used), &());
    }
}

/// Refuses to delete an owner that still has policies, and lets go of its boundary.
pub(crate) fn release(tx: &mut Tx, grants: &Grants, owner: Owner<'_>) -> Result<(), Failure> {
    if !grants.attached.is_empty() {
        return Err(delete_conflict("Cannot delete entity, must detach all policies first."));
    }
    if !grants.inline.is_empty() {
        return Err(delete_conflict("Cannot delete entity, must delete policies first."));
    }
    if let Some(boundary) = &grants.boundary {
        tx.delete(&ATTACHMENTS, &index_key(owner, boundary, Use::Boundary));
    }
    Ok(())
}

/// Reads a policy's ARN.
pub(crate) fn parse_arn(text: &str) -> Result<Arn, Failure> {
    let arn: Result<Arn, _> = text.parse();
    arn.ok()
        .filter(|arn| {
            arn.service() == "iam" && arn.region().is_empty() && arn.resource().starts_with("policy/")
        })
        .ok_or_else(|| validation(format!("ARN {text} is not valid.")))
}

/// The ARN of a policy as rows keep it, if it can be attached.
async fn check_attachable(tx: &mut Tx, account: AccountId, policy_arn: &str) -> Result<String, Failure> {
    let found = attachable(tx, account, policy_arn).await?;
    let missing = || no_such_entity(format!("Policy {policy_arn} does not exist or is not attachable."));
    found.ok_or_else(missing)
}

/// A policy can be attached within its account only; those of AWS everywhere.
async fn attachable(tx: &mut Tx, account: AccountId, policy_arn: &str) -> Result<Option<String>, Failure> {
    let arn = parse_arn(policy_arn)?;
    let there = match managed::find(policy_arn) {
        Some(_) => true,
        None if arn.account() != account.as_str() => false,
        None => ManagedPolicy::find(tx, &arn).await?.is_some(),
    };
    Ok(there.then(|| kept(&arn).to_string()))
}

fn index_key(owner: Owner<'_>, policy_arn: &str, used: Use) -> gantry_store::Key {
    attachment_key(owner.account, policy_arn, used, owner.entity, owner.name)
}

#[cfg(test)]
mod tests {
    use super::path_of;

    #[test]
    fn a_policys_path_is_in_its_arn() {
        assert_eq!(path_of("arn:aws:iam::111111111111:policy/name"), "/");
        assert_eq!(path_of("arn:aws:iam::aws:policy/service-role/name"), "/service-role/");
        assert_eq!(path_of("arn:aws:iam::111111111111:policy/a/policy/b"), "/a/policy/");
    }
}
