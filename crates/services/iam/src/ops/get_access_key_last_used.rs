//! `GetAccessKeyLastUsed`: when a key of the account was last used, for which service and in which region.

use gantry_api_iam::{AccessKeyLastUsed, GetAccessKeyLastUsedRequest, GetAccessKeyLastUsedResponse};
use gantry_base::Arn;
use gantry_service::{Cx, Failure, Permission};

use crate::error::no_such_entity;
use crate::iam::{Iam, arn};
use crate::tables::access_key::{ACCESS_KEYS, AccessKey, Holder};
use crate::tables::last_use::Used;
use crate::tables::user::User;

/// What AWS says of a key that was never used.
const NEVER: &str = "N/A";

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: GetAccessKeyLastUsedRequest,
) -> Result<GetAccessKeyLastUsedResponse, Failure> {
    let id = input.access_key_id;
    let mut tx = iam.db.begin();
    let key = tx.get(&ACCESS_KEYS, &AccessKey::key(&id)).await?.filter(|key| key.account == cx.account);
    let (resource, user_name) = holder(&mut tx, &cx, key.as_ref().map(|key| &key.holder)).await?;
    match &resource {
        Some(resource) => cx.authorize(Permission::on("iam:GetAccessKeyLastUsed", resource))?,
        None => cx.authorize(Permission::of("iam:GetAccessKeyLastUsed"))?,
    };
    if key.is_none() {
        return Err(no_such_entity(format!("The Access Key with id {id} cannot be found.")));
    }
    let last = iam.last_use(&mut tx, &Used::Key(id)).await?;
    let last = match last {
        Some(last) => AccessKeyLastUsed {
            last_used_date: Some(last.at),
            service_name: last.service,
            region: last.region,
        },
        None => AccessKeyLastUsed {
            last_used_date: None,
            service_name: NEVER.to_owned(),
            region: NEVER.to_owned(),
        },
    };
    Ok(GetAccessKeyLastUsedResponse { user_name, access_key_last_used: Some(last) })
}

/// The user that a key belongs to, as an ARN and by name; a root has neither.
async fn holder(
    tx: &mut gantry_store::Tx,
    cx: &Cx,
    holder: Option<&Holder>,
) -> Result<(Option<Arn>, Option<String>), Failure> {
    let Some(Holder::User { name, .. }) = holder else { return Ok((None, None)) };
    let user = User::find(tx, cx.account, name).await?;
    let named = user
        .map_or_else(|| arn(cx, format_args!("user/{name}")), |user| user.arn.in_partition(cx.partition()));
    Ok((Some(named), Some(name.clone())))
}
