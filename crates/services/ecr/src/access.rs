//! Which repository is meant, and whether the caller may.

use gantry_base::{AccountId, Arn};
use gantry_ecr_core::{Refusal, RepositoryName};
use gantry_iam_core::{Kind, Policy};
use gantry_service::{Cx, Permission, Permit};
use gantry_store::Tx;

use crate::Ecr;
use crate::error::EcrError;
use crate::tables::{REPOSITORIES, RegistryPolicy, Repository, repository_key};

/// A repository on which the caller may do what they asked for.
pub struct Allowed {
    /// The proof.
    pub permit: Permit,
    /// The repository.
    pub repository: Repository,
    /// The account whose registry it is in.
    pub registry: AccountId,
}

/// The ARN of a repository.
pub fn repository_arn(cx: &Cx, registry: AccountId, name: &str) -> Arn {
    Arn::regional("ecr", &cx.region, registry, format_args!("repository/{name}"))
}

/// The repository's row is guarded: a transaction that writes does not commit if the repository was deleted.
///
/// Who may not act on a repository is not told whether it is there.
pub async fn allowed(
    cx: &Cx,
    tx: &mut Tx,
    registry: AccountId,
    name: &RepositoryName,
    action: &'static str,
) -> Result<Allowed, EcrError> {
    allowed_with(cx, tx, registry, name, action, |permission| permission).await
}

/// The same with more condition keys, such as the tags that the request gives.
pub async fn allowed_with(
    cx: &Cx,
    tx: &mut Tx,
    registry: AccountId,
    name: &RepositoryName,
    action: &'static str,
    keys: impl for<'a> FnOnce(Permission<'a>) -> Permission<'a> + Send,
) -> Result<Allowed, EcrError> {
    let repository = tx.get(&REPOSITORIES, &repository_key(registry, &cx.region, name.as_str())).await?;
    let arn = repository_arn(cx, registry, name.as_str());
    let mut permission = Permission::on(action, &arn);
    if let Some(repository) = &repository {
        for (key, value) in repository.tags.iter() {
            permission = permission.key(format!("ecr:ResourceTag/{key}"), [value]);
        }
        permission = permission.resource_tags(repository.tags.iter());
    }
    let policy = match &repository {
        Some(Repository { policy: Some(text), policy_ids, .. }) => {
            Some(parse(&arn, text)?.meaning(policy_ids))
        }
        _ => None,
    };
    let permit = cx.authorize(keys(permission.resource_policy(policy.as_ref())))?;
    let Some(repository) = repository else {
        return Err(Refusal::RepositoryNotFound { repository: name.clone(), registry }.into());
    };
    Ok(Allowed { permit, repository, registry })
}

/// A policy that was read when it was set.
pub fn parse(of: &Arn, text: &str) -> Result<Policy, EcrError> {
    let parsed = Policy::parse(Kind::Resource, text);
    parsed.map_err(|error| EcrError::internal(format_args!("the policy of {of} can't be read: {error}")))
}

/// A registry's policy, about a repository in it, meaning whom it meant when it was set.
pub fn parse_registry(of: &Arn, policy: &RegistryPolicy) -> Result<Policy, EcrError> {
    Ok(parse(of, &policy.text)?.meaning(&policy.ids))
}

impl Ecr {
    /// The same, where nothing is written afterwards.
    pub async fn may(
        &self,
        cx: &Cx,
        registry: AccountId,
        name: &RepositoryName,
        action: &'static str,
    ) -> Result<Allowed, EcrError> {
        allowed(cx, &mut self.db.begin(), registry, name, action).await
    }
}
