//! The identity service, as the gateway and the registry ask it.

use std::sync::Arc;

use async_trait::async_trait;
use gantry_base::{Region, Timestamp};
use gantry_gateway as gateway;
use gantry_iam as iam;
use gantry_registry::door as registry;
use gantry_service::{AccessKey, Caller};

/// Looks keys up in IAM.
pub struct Lookup(pub iam::Identities);

#[async_trait]
impl gateway::Identities for Lookup {
    async fn find(
        &self,
        access_key: &str,
        session_token: Option<&str>,
        now: Timestamp,
    ) -> Result<gateway::Identity, gateway::Unknown> {
        match self.0.find(access_key, session_token, now).await {
            Ok(iam::Identity { secret, caller }) => Ok(gateway::Identity { secret, caller }),
            Err(iam::Unknown::Invalid) => Err(gateway::Unknown::Invalid),
            Err(iam::Unknown::Expired) => Err(gateway::Unknown::Expired),
            Err(iam::Unknown::Broken(why)) => Err(gateway::Unknown::Broken(why)),
        }
    }

    fn used(&self, access_key: &str, caller: &Caller, service: &str, region: &Region, now: Timestamp) {
        self.0.used(access_key, caller, service, region, now);
    }
}

#[async_trait]
impl registry::Credentials for Lookup {
    async fn caller(&self, key: &AccessKey, now: Timestamp) -> Result<Arc<Caller>, registry::Unknown> {
        match self.0.find(&key.id, key.session_token.as_deref(), now).await {
            Ok(identity) => Ok(identity.caller),
            Err(iam::Unknown::Invalid) => Err(registry::Unknown::Invalid),
            Err(iam::Unknown::Expired) => Err(registry::Unknown::Expired),
            Err(iam::Unknown::Broken(why)) => Err(registry::Unknown::Broken(why)),
        }
    }
}
