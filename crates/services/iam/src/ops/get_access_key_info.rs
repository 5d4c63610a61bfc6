//! STS `GetAccessKeyInfo`: the account that an access key belongs to, which stands in its id.

use gantry_api_sts::{GetAccessKeyInfoRequest, GetAccessKeyInfoResponse};
use gantry_service::{Cx, Failure, Permission};

use crate::error::validation;
use crate::iam::{Iam, account_of};

pub(crate) async fn run(
    _: Iam,
    cx: Cx,
    input: GetAccessKeyInfoRequest,
) -> Result<GetAccessKeyInfoResponse, Failure> {
    cx.authorize(Permission::of("sts:GetAccessKeyInfo"))?;
    let id = input.access_key_id;
    let known = id.starts_with("AKIA") || id.starts_with("ASIA");
    let account = account_of(&id).filter(|_| known);
    let account = account.ok_or_else(|| validation(format!("Invalid Access Key ID: {id}")))?;
    Ok(GetAccessKeyInfoResponse { account: Some(account.to_string()) })
}
