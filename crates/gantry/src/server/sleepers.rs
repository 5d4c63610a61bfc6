//! Services that sleep while nobody asks them for anything: what load balancers say of that to ECS.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use gantry_ecs::Ecs;
use gantry_elb_core::counts::Counts;
use gantry_proxy::Waker;

use super::services::reason;

/// How often it is told who was asked for something.
const EVERY: Duration = Duration::from_secs(5);

/// Wakes services to whose target groups a request comes.
pub struct Wakes(pub Ecs);

#[async_trait]
impl Waker for Wakes {
    async fn wake(&self, target_group: &str) -> bool {
        match self.0.wake(target_group).await {
            Ok(comes) => comes,
            Err(failure) => {
                tracing::warn!(target_group, reason = reason(&failure), "nobody could be woken");
                false
            }
        }
    }
}

/// Tells which target groups were asked for something since the last time, or have something under way.
pub async fn tell_uses(ecs: Ecs, counted: impl Fn() -> Counts + Send + Sync + 'static) {
    let mut before: BTreeMap<String, u64> = BTreeMap::new();
    loop {
        tokio::time::sleep(EVERY).await;
        let groups = counted().target_groups;
        let used: Vec<String> = groups
            .iter()
            .filter(|(arn, of)| of.outstanding > 0 || of.requests > before.get(*arn).copied().unwrap_or(0))
            .map(|(arn, _)| arn.clone())
            .collect();
        if !used.is_empty()
            && let Err(failure) = ecs.asked(&used).await
        {
            tracing::warn!(reason = reason(&failure), "requests were not told of");
            continue;
        }
        before = groups.into_iter().map(|(arn, of)| (arn, of.requests)).collect();
    }
}
