//! `ListEntitiesForPolicy`: the roles, users and groups that a managed policy hangs on.

use gantry_api_iam::{
    ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse, PolicyGroup, PolicyRole, PolicyUser,
};
use gantry_base::Partition;
use gantry_service::{Cx, Failure};
use gantry_store::Tx;

use crate::error::no_such_entity;
use crate::iam::{Iam, Wish};
use crate::page::Wanted;
use crate::policy::{Found, looked_up};
use crate::tables::attachment::{Entity, Use, names};
use crate::tables::group::Group;
use crate::tables::role::Role;
use crate::tables::user::User;

/// One of them, and its place in the listing.
struct Listed {
    place: String,
    entity: Entity,
    name: String,
    id: String,
}

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: ListEntitiesForPolicyRequest,
) -> Result<ListEntitiesForPolicyResponse, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:ListEntitiesForPolicy", &input.policy_arn);
    let missing =
        || no_such_entity(format!("Policy {} does not exist or is not attachable.", input.policy_arn));
    let kept = match looked_up(&mut tx, &cx, wish).await?.0.ok_or_else(missing)? {
        Found::Customer(policy) => policy.arn.to_string(),
        Found::Aws(policy) => policy.arn(Partition::Aws),
    };
    let filter = input.entity_filter.as_deref().unwrap_or_default();
    let usage = input.policy_usage_filter.as_deref().unwrap_or_default();
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let wanted_use = match usage {
        "PermissionsBoundary" => Use::Boundary,
        _ => Use::Permissions,
    };
    let mut list = Vec::new();
    for (entity, name) in [(Entity::Group, "Group"), (Entity::Role, "Role"), (Entity::User, "User")] {
        if filter.is_empty() || filter == name {
            for name in names(&mut tx, cx.account, &kept, wanted_use, entity).await? {
                list.extend(find(&mut tx, &cx, entity, name, prefix).await?);
            }
        }
    }
    list.sort_by(|a, b| a.place.cmp(&b.place));
    let filters = [input.policy_arn.as_str(), filter, usage, prefix];
    let wanted =
        Wanted::new(&cx, "ListEntitiesForPolicy", &filters, input.marker.as_deref(), input.max_items);
    let page = wanted.of_list(list, |found| &found.place)?;
    let (mut groups, mut users, mut roles) = (Vec::new(), Vec::new(), Vec::new());
    for Listed { entity, name, id, .. } in page.items {
        let (name, id) = (Some(name), Some(id));
        match entity {
            Entity::Group => groups.push(PolicyGroup { group_name: name, group_id: id }),
            Entity::User => users.push(PolicyUser { user_name: name, user_id: id }),
            Entity::Role => roles.push(PolicyRole { role_name: name, role_id: id }),
        }
    }
    Ok(ListEntitiesForPolicyResponse {
        policy_groups: Some(groups),
        policy_users: Some(users),
        policy_roles: Some(roles),
        is_truncated: Some(page.marker.is_some()),
        marker: page.marker,
    })
}

/// The entity, if it is under the path.
async fn find(
    tx: &mut Tx,
    cx: &Cx,
    entity: Entity,
    name: String,
    prefix: &str,
) -> Result<Option<Listed>, Failure> {
    let row = match entity {
        Entity::Group => Group::find(tx, cx.account, &name).await?.map(|row| (row.path, row.id)),
        Entity::User => User::find(tx, cx.account, &name).await?.map(|row| (row.path, row.id)),
        Entity::Role => Role::find(tx, cx.account, &name).await?.map(|row| (row.path, row.id)),
    };
    let place = format!("{}/{name}", entity.word());
    let under = row.filter(|(path, _)| path.starts_with(prefix));
    Ok(under.map(|(_, id)| Listed { place, entity, name, id }))
}
