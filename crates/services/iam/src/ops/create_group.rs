//! `CreateGroup`: a new group of users.

use gantry_api_iam::{CreateGroupRequest, CreateGroupResponse};
use gantry_base::AccountId;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::{Scan, Tx, key};

use crate::error::{already_exists, limit_exceeded};
use crate::iam::{Iam, arn, kept, moment, put_group, unique_id};
use crate::shape;
use crate::tables::grants::Grants;
use crate::tables::group::{GROUPS, Group};

/// The most groups of an account.
const GROUPS_PER_ACCOUNT: usize = 300;

pub(crate) async fn run(iam: Iam, cx: Cx, input: CreateGroupRequest) -> Result<CreateGroupResponse, Failure> {
    let path = shape::path(input.path)?;
    let group_arn = arn(&cx, format_args!("group{path}{}", input.group_name));
    let permit = cx.authorize(Permission::on("iam:CreateGroup", &group_arn))?;

    let mut tx = iam.db.begin();
    refuse_taken(&mut tx, cx.account, &input.group_name).await?;
    let group = Group {
        name: input.group_name,
        path,
        arn: kept(&group_arn),
        id: unique_id(&*iam.ids, "AGPA"),
        grants: Grants::default(),
        created: moment(cx.now),
    };
    put_group(&mut tx, cx.account, &group);
    iam.commit(tx, &permit).await?;
    Ok(CreateGroupResponse { group: shape::group(cx.partition(), group) })
}

/// Refuses a name that is taken, and a group too many.
pub(crate) async fn refuse_taken(tx: &mut Tx, account: AccountId, name: &str) -> Result<(), Failure> {
    if tx.get(&GROUPS, &Group::key(account, name)).await?.is_some() {
        return Err(already_exists(format!("Group with name {name} already exists.")));
    }
    let groups = tx.peek_scan(&GROUPS, &key!(account), Scan::first(GROUPS_PER_ACCOUNT)).await?;
    if groups.len() >= GROUPS_PER_ACCOUNT {
        let quota = format!("Cannot exceed quota for GroupsPerAccount: {GROUPS_PER_ACCOUNT}");
        return Err(limit_exceeded(quota));
    }
    Ok(())
}
