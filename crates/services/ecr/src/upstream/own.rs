//! Taking an image over from another registry of this Gantry. Content is kept once for all of them, so only rows are
//! written.

use std::sync::Arc;

use gantry_base::{AccountId, Arn, Region};
use gantry_ecr_core::RepositoryName;
use gantry_iam_core::Caller;
use gantry_service::{Cx, Failure, OnBehalf, Origin};

use super::{Through, Unbrought, Unfetched};
use crate::Ecr;
use crate::access::{allowed, repository_arn};
use crate::error::EcrError;
use crate::images::{copy, find};
use crate::tables::CacheRule;
use crate::tries::Tries;

/// Whom a rule's role must trust.
const SERVICE: &str = "pullthroughcache.ecr.amazonaws.com";

impl Ecr {
    pub(super) async fn take_over(
        &self,
        through: &Through<'_>,
        account: AccountId,
        region: Region,
    ) -> Result<(), Unbrought> {
        let there = self.visitor(through, account, region).await?;
        let name: RepositoryName = through.source.parse().map_err(|_| Unfetched::NotFound)?;
        let mut tries = Tries::default();
        loop {
            let taken = self.try_take_over(through, &there, &name).await;
            let conflict = match taken {
                Err(Unbrought::Failed(error @ EcrError::Failed(Failure::Conflict))) => Err::<(), _>(error),
                other => return other,
            };
            if !tries.again(&conflict).await {
                return conflict.map_err(Unbrought::from);
            }
        }
    }

    async fn try_take_over(
        &self,
        through: &Through<'_>,
        there: &Cx,
        name: &RepositoryName,
    ) -> Result<(), Unbrought> {
        let mut tx = self.db.begin();
        let source = match allowed(there, &mut tx, there.account, name, "ecr:BatchGetImage").await {
            Ok(allowed) => allowed.repository,
            Err(EcrError::Refused(_)) => return Err(Unfetched::NotFound.into()),
            Err(EcrError::Failed(Failure::Denied(denial))) => {
                return Err(Unfetched::Failed(denial.to_string()).into());
            }
            Err(error) => return Err(error.into()),
        };
        match allowed(there, &mut tx, there.account, name, "ecr:GetDownloadUrlForLayer").await {
            Ok(_) => {}
            Err(EcrError::Failed(Failure::Denied(denial))) => {
                return Err(Unfetched::Failed(denial.to_string()).into());
            }
            Err(error) => return Err(error.into()),
        }
        let found = find::resolve(&mut tx, &source, through.reference).await?;
        let digest = found.ok_or(Unfetched::NotFound)?;
        let target = self.cache_repository(through).await?;
        let tag = through.reference.tag();
        match copy::copy_all(&mut tx, &source, &target, digest, tag, through.cx.now).await? {
            Ok(()) => {}
            Err("ImageNotFound") => return Err(Unfetched::NotFound.into()),
            Err(why) => return Err(Unfetched::Failed(why.to_owned()).into()),
        }
        // The repository is guarded until the commit.
        let (permit, _) = self.may_bring(&mut tx, through).await?;
        tx.commit(&permit).await.map_err(EcrError::from)?;
        Ok(())
    }

    /// Whether the rule's role can be taken, where it needs one.
    pub(super) async fn try_own(
        &self,
        cx: &Cx,
        registry: AccountId,
        rule: &CacheRule,
        account: AccountId,
    ) -> Result<(), Unbrought> {
        self.caller_there(cx, registry, rule, account).await.map(drop)
    }

    /// Who asks the other registry: the account itself where it is its own, else the rule's role.
    async fn visitor(
        &self,
        through: &Through<'_>,
        account: AccountId,
        region: Region,
    ) -> Result<Cx, Unbrought> {
        let Through { cx, registry, rule, .. } = through;
        let caller = self.caller_there(cx, *registry, rule, account).await?;
        let caller = Arc::new(caller.in_partition(cx.partition()));
        let origin = Arc::new(Origin { secure: true, ..Origin::default() });
        Ok(Cx { account, region, caller, key: None, origin, ..(*cx).clone() })
    }

    async fn caller_there(
        &self,
        cx: &Cx,
        registry: AccountId,
        rule: &CacheRule,
        account: AccountId,
    ) -> Result<Caller, Unbrought> {
        let Some(role) = &rule.role else {
            if account == registry {
                return Ok(Caller::root(account));
            }
            let why = "the rule has no customRoleArn, which another account's registry needs";
            return Err(Unfetched::Failed(why.to_owned()).into());
        };
        let unusable = |why: String| Unfetched::Failed(format!("the rule's role can't be assumed: {why}"));
        let role: Arn = role.parse().map_err(|_| unusable(format!("{role} is no role")))?;
        let roles = self.roles.as_ref().ok_or_else(|| unusable("there are no roles here".to_owned()))?;
        let source = repository_arn(cx, registry, &format!("{}/*", rule.prefix));
        let by = OnBehalf { service: SERVICE, source };
        match roles.credentials_for_role(&by, &role, "ecr-pullthroughcache", cx.now).await {
            Ok(session) => Ok(session.caller),
            Err(Failure::Answer(error)) => Err(unusable(error.message).into()),
            Err(Failure::Denied(denial)) => Err(unusable(denial.to_string()).into()),
            Err(other) => Err(EcrError::from(other).into()),
        }
    }
}
