//! `CreateUser`: a new user, who may do nothing yet.

use gantry_api_iam::{CreateUserRequest, CreateUserResponse};
use gantry_base::AccountId;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::{Scan, Tx, key};

use crate::error::{already_exists, limit_exceeded};
use crate::grants::{Owner, set_boundary};
use crate::iam::{Iam, arn, kept, may_tag, moment, put_user, unique_id};
use crate::shape;
use crate::tables::attachment::Entity;
use crate::tables::grants::Grants;
use crate::tables::user::{USERS, User};

/// The most users of an account.
const USERS_PER_ACCOUNT: usize = 5000;

pub(crate) async fn run(iam: Iam, cx: Cx, input: CreateUserRequest) -> Result<CreateUserResponse, Failure> {
    let path = shape::path(input.path)?;
    let tags = shape::read_tags(input.tags)?;
    let user_arn = arn(&cx, format_args!("user{path}{}", input.user_name));
    let permission = Permission::on("iam:CreateUser", &user_arn).request_tags(tags.iter());
    let permit = cx.authorize(permission.key("iam:PermissionsBoundary", &input.permissions_boundary))?;
    may_tag(&cx, "iam:TagUser", &user_arn, &tags)?;

    let mut tx = iam.db.begin();
    refuse_taken(&mut tx, cx.account, &input.user_name).await?;
    let mut grants = Grants::default();
    let owner = Owner { account: cx.account, entity: Entity::User, name: &input.user_name };
    set_boundary(&mut tx, &mut grants, owner, input.permissions_boundary).await?;

    let user = User {
        name: input.user_name,
        path,
        arn: kept(&user_arn),
        id: unique_id(&*iam.ids, "AIDA"),
        grants,
        access_keys: Vec::new(),
        groups: Vec::new(),
        tags,
        created: moment(cx.now),
    };
    put_user(&mut tx, cx.account, &user);
    iam.commit(tx, &permit).await?;
    Ok(CreateUserResponse { user: Some(shape::user(cx.partition(), user)) })
}

/// Refuses a name that is taken, and a user too many.
pub(crate) async fn refuse_taken(tx: &mut Tx, account: AccountId, name: &str) -> Result<(), Failure> {
    if tx.get(&USERS, &User::key(account, name)).await?.is_some() {
        return Err(already_exists(format!("User with name {name} already exists.")));
    }
    let users = tx.peek_scan(&USERS, &key!(account), Scan::first(USERS_PER_ACCOUNT)).await?;
    if users.len() >= USERS_PER_ACCOUNT {
        return Err(limit_exceeded(format!("Cannot exceed quota for UsersPerAccount: {USERS_PER_ACCOUNT}")));
    }
    Ok(())
}
