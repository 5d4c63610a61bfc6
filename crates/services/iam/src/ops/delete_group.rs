//! `DeleteGroup`: removes a group that has neither members nor policies left.

use gantry_api_iam::DeleteGroupRequest;
use gantry_service::{Cx, Failure};
use gantry_store::Scan;
use gantry_wire::Unit;

use crate::error::delete_conflict;
use crate::grants::{Owner, release};
use crate::iam::{Iam, Wish, permitted_group};
use crate::tables::attachment::Entity;
use crate::tables::group::{GROUPS, Group, MEMBERS, members_key};

pub(crate) async fn run(iam: Iam, cx: Cx, input: DeleteGroupRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:DeleteGroup", &input.group_name);
    let (group, permit) = permitted_group(&mut tx, &cx, wish).await?;
    if !tx.scan(&MEMBERS, &members_key(cx.account, &group.name), Scan::all()).await?.is_empty() {
        return Err(delete_conflict("Cannot delete entity, must remove users from group first."));
    }
    let owner = Owner { account: cx.account, entity: Entity::Group, name: &group.name };
    release(&mut tx, &group.grants, owner)?;
    tx.delete(&GROUPS, &Group::key(cx.account, &group.name));
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
