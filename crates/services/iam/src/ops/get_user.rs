//! `GetUser`: one user; without a name, whoever calls.

use gantry_api_iam::{self as api, GetUserRequest, GetUserResponse};
use gantry_service::{Cx, Failure, Permission, Principal};
use gantry_store::key;

use crate::iam::{Iam, Wish, permitted_user};
use crate::owner::{KeyOwner, key_owner};
use crate::shape;
use crate::tables::account::ACCOUNTS;

pub(crate) async fn run(iam: Iam, cx: Cx, input: GetUserRequest) -> Result<GetUserResponse, Failure> {
    match key_owner(&cx, input.user_name)? {
        KeyOwner::User(name) => {
            let mut tx = iam.db.begin();
            let (user, _) = permitted_user(&mut tx, &cx, Wish::new("iam:GetUser", &name)).await?;
            Ok(GetUserResponse { user: shape::user(cx.partition(), user) })
        }
        KeyOwner::Root => get_root(&iam, &cx).await,
    }
}

/// The root has neither a name nor a path; its id is the account's.
async fn get_root(iam: &Iam, cx: &Cx) -> Result<GetUserResponse, Failure> {
    cx.authorize(Permission::of("iam:GetUser"))?;
    let account = iam.db.begin().get(&ACCOUNTS, &key!(cx.account)).await?.unwrap_or_default();
    let root = Principal::Root { account: cx.account, partition: cx.partition() };
    let user = api::User {
        user_id: root.user_id(),
        arn: root.arn(),
        create_date: account.created,
        ..api::User::default()
    };
    Ok(GetUserResponse { user })
}
