//! `CreateRole`: a new role with its trust policy.

use gantry_api_iam::{self as api, CreateRoleRequest, CreateRoleResponse};
use gantry_base::AccountId;
use gantry_iam_core::policy::spelling::accounts_by_root;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::{Scan, Tx, key};

use crate::document::check_trust;
use crate::error::{already_exists, limit_exceeded};
use crate::grants::{Owner, set_boundary};
use crate::iam::{Iam, arn, kept, may_tag, moment, put_role, unique_id};
use crate::shape;
use crate::tables::attachment::Entity;
use crate::tables::grants::Grants;
use crate::tables::role::{ROLES, Role};

/// The most roles of an account.
const ROLES_PER_ACCOUNT: usize = 1000;
/// How long a role's sessions may last, unless it says otherwise.
const USUAL_SESSION_SECS: u32 = 3600;

pub(crate) async fn run(iam: Iam, cx: Cx, input: CreateRoleRequest) -> Result<CreateRoleResponse, Failure> {
    let path = shape::path(input.path)?;
    let tags = shape::read_tags(input.tags)?;
    let role_arn = arn(&cx, format_args!("role{path}{}", input.role_name));
    let permission = Permission::on("iam:CreateRole", &role_arn).request_tags(tags.iter());
    let permit = cx.authorize(permission.key("iam:PermissionsBoundary", &input.permissions_boundary))?;
    may_tag(&cx, "iam:TagRole", &role_arn, &tags)?;

    let mut tx = iam.db.begin();
    refuse_taken(&mut tx, cx.account, &input.role_name).await?;
    let trusted_ids = check_trust(&mut tx, &input.assume_role_policy_document).await?;
    let mut grants = Grants::default();
    let owner = Owner { account: cx.account, entity: Entity::Role, name: &input.role_name };
    set_boundary(&mut tx, &mut grants, owner, input.permissions_boundary).await?;

    let asked_secs = input.max_session_duration.and_then(|secs| u32::try_from(secs).ok());
    let role = Role {
        name: input.role_name,
        path,
        arn: kept(&role_arn),
        id: unique_id(&*iam.ids, "AROA"),
        trust: accounts_by_root(&input.assume_role_policy_document, cx.partition()),
        trusted_ids,
        description: input.description,
        max_session_secs: asked_secs.unwrap_or(USUAL_SESSION_SECS),
        grants,
        profiles: Vec::new(),
        tags,
        created: moment(cx.now),
    };
    put_role(&mut tx, cx.account, &role);
    iam.commit(tx, &permit).await?;
    let max_session_duration = input.max_session_duration;
    Ok(CreateRoleResponse { role: api::Role { max_session_duration, ..shape::role(cx.partition(), role) } })
}

async fn refuse_taken(tx: &mut Tx, account: AccountId, name: &str) -> Result<(), Failure> {
    if tx.get(&ROLES, &Role::key(account, name)).await?.is_some() {
        return Err(already_exists(format!("Role with name {name} already exists.")));
    }
    let roles = tx.peek_scan(&ROLES, &key!(account), Scan::first(ROLES_PER_ACCOUNT)).await?;
    if roles.len() >= ROLES_PER_ACCOUNT {
        return Err(limit_exceeded(format!("Cannot exceed quota for RolesPerAccount: {ROLES_PER_ACCOUNT}")));
    }
    Ok(())
}
