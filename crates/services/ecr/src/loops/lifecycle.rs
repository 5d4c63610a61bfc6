//! Images whose time is over by their repository's lifecycle policy are gone within hours; AWS says within a day.

use std::time::Duration;

use async_trait::async_trait;
use gantry_base::Timestamp;
use gantry_ecr_core::{Action, LifecyclePolicy};
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_store::{Key, Scan, key};

use super::{LIFECYCLE as NAME, unless_conflict};
use crate::Ecr;
use crate::tables::{LIFECYCLES, Lifecycle, REPOSITORIES, repository_key};

/// How often a policy is applied.
const INTERVAL: Duration = Duration::from_secs(60 * 60);
/// How many images one pass takes away.
const AT_ONCE: usize = 200;

/// Applies lifecycle policies.
pub struct Lifecycles(pub Ecr);

impl Lifecycles {
    /// Applies a policy; false if there is more to do.
    async fn apply(&self, by: &Pass, row: &Key, policy: &Lifecycle) -> Result<bool, PassError> {
        let ecr = &self.0;
        let place = repository_key(policy.registry, &policy.region, policy.name.as_str());
        let repository = ecr.db.begin().get(&REPOSITORIES, &place).await?;
        // The row of one that is gone is cleared away with the rest of it.
        if let Some(repository) = repository.filter(|repository| *row == key!(repository.id)) {
            let parsed = match LifecyclePolicy::parse(&policy.text) {
                Ok(parsed) => parsed,
                Err(error) => {
                    tracing::error!(%error, repository = %policy.name, "a lifecycle policy can't be read");
                    return Ok(true);
                }
            };
            let expired = ecr.expiring(&repository.id, &parsed, by.now()).await?;
            for one in expired.iter().take(AT_ONCE) {
                let done = match one.action {
                    Action::Expire => ecr.expire(by, &repository, &one.image).await?,
                    Action::Archive => ecr.archive(by, &repository, &one.image).await?,
                };
                if done {
                    tracing::info!(
                        registry = %policy.registry, repository = %policy.name, digest = %one.image.digest,
                        rule = one.rule, action = ?one.action, "an image has had its time"
                    );
                }
            }
            if expired.len() > AT_ONCE {
                return Ok(false);
            }
        }
        let mut tx = ecr.db.begin();
        match tx.get(&LIFECYCLES, row).await? {
            Some(now) if now.text == policy.text => {
                tx.put(&LIFECYCLES, row, &Lifecycle { evaluated_at: Some(by.now()), ..now });
                unless_conflict(tx.commit(by).await)?;
                Ok(true)
            }
            Some(_) => Ok(false),
            None => Ok(true),
        }
    }
}

/// How long until a policy is to be applied again.
fn rest(policy: &Lifecycle, now: Timestamp) -> Duration {
    policy.evaluated_at.map_or(Duration::ZERO, |evaluated_at| (evaluated_at + INTERVAL).since(now))
}

#[async_trait]
impl Loop for Lifecycles {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        let policies = self.0.db.begin().peek_scan(&LIFECYCLES, &key!(), Scan::all()).await?;
        let mut next = INTERVAL;
        for (row, policy) in &policies {
            let rest = rest(policy, by.now());
            if rest > Duration::ZERO {
                next = next.min(rest);
            } else if !self.apply(by, row, policy).await? {
                return Ok(Next::Again);
            }
        }
        Ok(Next::After(next))
    }
}
