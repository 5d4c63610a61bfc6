//! Whom a resource policy means: users and roles are named by ARN, and meant by their unique ids.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use gantry_api_iam as iam;
use gantry_base::Arn;
use gantry_iam_core::{Caller, Kind, Policy};

use crate::cx::Cx;

/// What a service may ask IAM of principals that its resources' policies name.
static MAY_LOOK: LazyLock<Arc<Policy>> = LazyLock::new(|| {
    const TEXT: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["iam:GetUser","iam:GetRole"],"Resource":"*"}}"#;
    Arc::new(Policy::parse(Kind::Identity, TEXT).expect("a service's own policy is well formed"))
});

/// The unique ids of the users and roles that a policy names, by their ARNs as the policy has them; for a role's session
/// that of its role. Kept beside the policy and given to [`Policy::meaning`], they keep a user or role that is made
/// later under an old name from being meant. Who is not there has no id here.
pub async fn ids_of(cx: &Cx, service: &str, policy: &Policy) -> BTreeMap<String, String> {
    let mut ids = BTreeMap::new();
    for name in policy.named_principals() {
        let Ok(arn) = name.parse::<Arn>() else { continue };
        if let Some(id) = id_of(cx, service, &arn).await {
            ids.insert(name.to_owned(), id);
        }
    }
    ids
}

async fn id_of(cx: &Cx, service: &str, arn: &Arn) -> Option<String> {
    let account = arn.account().parse().ok()?;
    let cx = Cx { account, ..cx.as_caller(Caller::service(service, vec![MAY_LOOK.clone()])) };
    let (of, rest) = arn.resource_type_and_name();
    let same = |found: &str| found.parse::<Arn>().is_ok_and(|found| found.same_resource(arn));
    match (arn.service(), of) {
        ("iam", "user") => {
            let user_name = rest.rsplit('/').next().map(str::to_owned);
            let found = cx.siblings.call::<iam::GetUser>(&cx, iam::GetUserRequest { user_name }).await;
            found.ok().map(|found| found.user).filter(|user| same(&user.arn)).map(|user| user.user_id)
        }
        ("iam", "role") => {
            let role_name = rest.rsplit('/').next()?.to_owned();
            let found = cx.siblings.call::<iam::GetRole>(&cx, iam::GetRoleRequest { role_name }).await;
            found.ok().map(|found| found.role).filter(|role| same(&role.arn)).map(|role| role.role_id)
        }
        ("sts", "assumed-role") => {
            let role_name = rest.split('/').next()?.to_owned();
            let found = cx.siblings.call::<iam::GetRole>(&cx, iam::GetRoleRequest { role_name }).await;
            found.ok().map(|found| found.role.role_id)
        }
        _ => None,
    }
}
