//! Sessions for services that work on behalf of a role.

use std::time::Duration;

use async_trait::async_trait;
use gantry_base::{AccountId, Arn, Partition, Timestamp};
use gantry_iam_core::{Caller, Context, Request, authorize};
use gantry_service::{Failure, OnBehalf, RoleCredentials, RoleSession};
use gantry_store::Tx;

use crate::caller::of_role_session;
use crate::document::trust_policy;
use crate::error::no_such;
use crate::iam::Iam;
use crate::session::{Session, Whose};
use crate::tables::attachment::Entity;
use crate::tables::role::Role;

/// How long a service's session lasts: as long as ECS gives a task's, whatever the role's own limit is.
const LIFETIME: Duration = Duration::from_secs(6 * 3600);

#[async_trait]
impl RoleCredentials for Iam {
    async fn may_assume(&self, by: &OnBehalf, role: &Arn, now: Timestamp) -> Result<(), Failure> {
        trusting_role(&mut self.db.begin(), by, role, "check", now).await.map(drop)
    }

    async fn credentials_for_role(
        &self,
        by: &OnBehalf,
        role: &Arn,
        session_name: &str,
        now: Timestamp,
    ) -> Result<RoleSession, Failure> {
        let mut tx = self.db.begin();
        let partition = Partition::from_name(role.partition()).unwrap_or(Partition::Aws);
        let (account, role) = trusting_role(&mut tx, by, role, session_name, now).await?;
        let session = Session::of(account, Whose::role(&role, session_name), now, LIFETIME);
        let caller = of_role_session(&mut tx, &session, &role, session_name).await?.in_partition(partition);
        self.note_use("", &caller, "sts", by.source.region(), now);
        let keys = session.keys(self)?;
        Ok(RoleSession {
            access_key_id: keys.access_key,
            secret_access_key: keys.secret,
            session_token: keys.token,
            expires_at: session.expires,
            caller,
        })
    }
}

/// The role, if it is there and trusts the service.
async fn trusting_role(
    tx: &mut Tx,
    by: &OnBehalf,
    arn: &Arn,
    session_name: &str,
    now: Timestamp,
) -> Result<(AccountId, Role), Failure> {
    let (account, role) = find_role(tx, arn).await?.ok_or_else(|| {
        let name = arn.resource().rsplit('/').next().unwrap_or_default();
        no_such(Entity::Role, name)
    })?;
    let context = Context::new()
        .with("sts:RoleSessionName", session_name)
        .with("aws:SourceArn", by.source.as_str())
        .with("aws:SourceAccount", by.source.account())
        .with("aws:SecureTransport", "true");
    let request = Request {
        action: "sts:AssumeRole",
        resource: arn.as_str(),
        resource_account: account,
        now,
        context: &context,
        told: None,
    };
    let caller = Caller::service(by.service, Vec::new());
    authorize(&caller, Some(&trust_policy(&role)?), &request)?;
    Ok((account, role))
}

/// The role of that ARN, path and all, with its account.
pub(crate) async fn find_role(tx: &mut Tx, arn: &Arn) -> Result<Option<(AccountId, Role)>, Failure> {
    let Ok(account) = arn.account().parse() else { return Ok(None) };
    let name = arn.resource().rsplit('/').next().unwrap_or_default();
    let role = Role::find(tx, account, name).await?.filter(|role| role.arn.same_resource(arn));
    Ok(role.map(|role| (account, role)))
}
