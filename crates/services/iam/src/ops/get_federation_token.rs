//! STS `GetFederationToken`: temporary keys for a guest, who may what both the caller's policies and those of the
//! session allow.

use gantry_api_sts::{FederatedUser, GetFederationTokenRequest, GetFederationTokenResponse};
use gantry_base::{Arn, Tags};
use gantry_service::{Cx, Failure, Permission, Principal};

use super::assume_role::{credentials, packed_percent, session_policies};
use crate::error::validation;
use crate::iam::Iam;
use crate::session::{Session, Terms, Whose};
use crate::temporary::{lasting_holder, lifetime};

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: GetFederationTokenRequest,
) -> Result<GetFederationTokenResponse, Failure> {
    let holder = lasting_holder(&cx, "GetFederationToken")?;
    let (account, partition, name) = (cx.account, cx.partition(), input.name.clone());
    let guest = Principal::FederatedUser { account, partition, name };
    let arn: Arn = guest.arn().parse().map_err(Failure::internal)?;
    let given = input.tags.iter().flatten().map(|tag| (tag.key.clone(), tag.value.clone()));
    let tags = Tags::parse(given).map_err(|error| validation(error.to_string()))?;
    cx.authorize(Permission::on("sts:GetFederationToken", &arn).request_tags(tags.iter()))?;
    if !tags.is_empty() {
        cx.authorize(Permission::on("sts:TagSession", &arn).request_tags(tags.iter()))?;
    }
    let mut tx = iam.db.begin();
    let (document, managed) = (input.policy.as_deref(), input.policy_arns.as_deref());
    let policy_arns = session_policies(&mut tx, cx.account.as_str(), document, managed).await?;
    let tags = tags.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let terms = Terms { policy: input.policy, policy_arns, tags, ..Terms::default() };
    let packed_policy_size = packed_percent(&terms)?;

    let lifetime = lifetime(&holder, input.duration_seconds);
    let whose = Whose::Guest { guest_name: input.name, holder };
    let session = Session { terms, ..Session::of(cx.account, whose, cx.now, lifetime) };
    let keys = session.keys(&iam)?;
    Ok(GetFederationTokenResponse {
        credentials: Some(credentials(keys, &session)),
        federated_user: Some(FederatedUser { federated_user_id: guest.user_id(), arn: guest.arn() }),
        packed_policy_size,
        ..GetFederationTokenResponse::default()
    })
}
