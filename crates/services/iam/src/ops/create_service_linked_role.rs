//! `CreateServiceLinkedRole`: the role that a service works with in the account.

use gantry_api_iam::{CreateServiceLinkedRoleRequest, CreateServiceLinkedRoleResponse};
use gantry_iam_core::services::is_service_principal;
use gantry_service::{Cx, Failure, Permission};

use crate::error::{access_denied, invalid_input};
use crate::grants::{Owner, attach};
use crate::iam::{Iam, SERVICE_LINKED, arn, kept, moment, put_role, unique_id};
use crate::tables::attachment::Entity;
use crate::tables::grants::Grants;
use crate::tables::role::{ROLES, Role};
use crate::{linked, shape};

/// How long the sessions of such a role last.
const SESSION_SECS: u32 = 3600;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: CreateServiceLinkedRoleRequest,
) -> Result<CreateServiceLinkedRoleResponse, Failure> {
    let service = input.aws_service_name;
    let found = linked::find(&service);
    let suffix = input.custom_suffix.filter(|suffix| !suffix.is_empty());
    let base = found.map_or("*", |linked| linked.role);
    let name = suffix.as_ref().map_or(base.to_owned(), |suffix| format!("{base}_{suffix}"));
    let path = format!("{SERVICE_LINKED}{service}/");
    let named = arn(&cx, format_args!("role{path}{name}"));
    let permission = Permission::on("iam:CreateServiceLinkedRole", &named);
    let permit = cx.authorize(permission.key("iam:AWSServiceName", [service.as_str()]))?;

    let Some(linked) = found else {
        if !is_service_principal(&service) {
            let message = format!("{service} is not a valid AWS service name (Service Principal)");
            return Err(access_denied(message));
        }
        return Err(invalid_input(format!("Service {service} does not have a service-linked role.")));
    };
    if suffix.is_some() && !linked.suffixed {
        return Err(invalid_input(format!("Custom suffix is not allowed for {service}")));
    }
    let mut tx = iam.db.begin();
    if tx.get(&ROLES, &Role::key(cx.account, &name)).await?.is_some() {
        return Err(invalid_input(format!(
            "Service role name {name} has been taken in this account, please try a different suffix."
        )));
    }
    let mut grants = Grants::default();
    let owner = Owner { account: cx.account, entity: Entity::Role, name: &name };
    let policy_arn = format!("arn:aws:iam::aws:policy{SERVICE_LINKED}{}", linked.policy);
    attach(&mut tx, &mut grants, owner, &policy_arn).await?;
    let role = Role {
        name: name.clone(),
        path,
        arn: kept(&named),
        id: unique_id(&*iam.ids, "AROA"),
        trust: linked.trust(),
        trusted_ids: Default::default(),
        description: input.description,
        max_session_secs: SESSION_SECS,
        grants,
        profiles: Vec::new(),
        tags: Default::default(),
        created: moment(cx.now),
    };
    put_role(&mut tx, cx.account, &role);
    iam.commit(tx, &permit).await?;
    Ok(CreateServiceLinkedRoleResponse { role: Some(shape::role(cx.partition(), role)) })
}
