//! Groups: their policies are their members'.

use gantry_api_iam as api;

use crate::world::*;

fn group(name: &str) -> api::CreateGroupRequest {
    api::CreateGroupRequest { group_name: name.into(), path: None }
}

fn membership(group: &str, user: &str) -> api::AddUserToGroupRequest {
    api::AddUserToGroupRequest { group_name: group.into(), user_name: user.into() }
}

#[tokio::test]
async fn members_have_the_groups_policies() {
    let world = World::new();
    let key = world.user("ann", "").await;
    let made = world.root::<api::CreateGroup>(group("readers")).await.unwrap().group;
    assert_eq!(made.arn, "arn:aws:iam::111111111111:group/readers");
    assert!(made.group_id.starts_with("AGPA"));
    let put = api::PutGroupPolicyRequest {
        group_name: "readers".into(),
        policy_name: "inline".into(),
        policy_document: document(r#""Effect":"Allow","Action":"iam:ListUsers","Resource":"*""#),
    };
    world.root::<api::PutGroupPolicy>(put).await.unwrap();
    let list = || world.with_keys::<api::ListUsers>((&key, None), api::ListUsersRequest::default());
    assert!(list().await.is_err());
    world.root::<api::AddUserToGroup>(membership("readers", "ann")).await.unwrap();
    assert!(list().await.is_ok(), "in force at once");

    let rename = api::UpdateGroupRequest {
        group_name: "readers".into(),
        new_group_name: Some("lookers".into()),
        new_path: Some("/eyes/".into()),
    };
    world.root::<api::UpdateGroup>(rename).await.unwrap();
    assert!(list().await.is_ok(), "a new name changes nothing");
    let rename = api::UpdateUserRequest {
        user_name: "ann".into(),
        new_user_name: Some("anna".into()),
        new_path: None,
    };
    world.root::<api::UpdateUser>(rename).await.unwrap();
    assert!(list().await.is_ok(), "the key goes with the user");
    let get = api::GetGroupRequest { group_name: "lookers".into(), ..Default::default() };
    let found = world.root::<api::GetGroup>(get).await.unwrap();
    assert_eq!(found.group.arn, "arn:aws:iam::111111111111:group/eyes/lookers");
    assert_eq!(found.users[0].user_name.as_deref(), Some("anna"));
    let of = api::ListGroupsForUserRequest { user_name: "anna".into(), ..Default::default() };
    assert_eq!(world.root::<api::ListGroupsForUser>(of).await.unwrap().groups[0].group_name, "lookers");

    let delete = || world.root::<api::DeleteGroup>(api::DeleteGroupRequest { group_name: "lookers".into() });
    assert_eq!(
        delete().await.err().unwrap(),
        "DeleteConflict: Cannot delete entity, must remove users from group first."
    );
    let remove = api::RemoveUserFromGroupRequest { group_name: "lookers".into(), user_name: "anna".into() };
    world.root::<api::RemoveUserFromGroup>(remove).await.unwrap();
    assert!(list().await.is_err(), "out of force at once");
    assert_eq!(
        delete().await.err().unwrap(),
        "DeleteConflict: Cannot delete entity, must delete policies first."
    );
    let request =
        api::DeleteGroupPolicyRequest { group_name: "lookers".into(), policy_name: "inline".into() };
    world.root::<api::DeleteGroupPolicy>(request).await.unwrap();
    delete().await.unwrap();
    assert_eq!(
        world.root::<api::AddUserToGroup>(membership("lookers", "anna")).await.err().unwrap(),
        "NoSuchEntity: The group with name lookers cannot be found."
    );
}

#[tokio::test]
async fn a_user_is_in_ten_groups_at_most() {
    let world = World::new();
    world.user("ann", "").await;
    for number in 0..11 {
        world.root::<api::CreateGroup>(group(&format!("g{number}"))).await.unwrap();
    }
    assert_eq!(
        world.root::<api::CreateGroup>(group("G1")).await.err().unwrap(),
        "EntityAlreadyExists: Group with name G1 already exists."
    );
    for number in 0..10 {
        world.root::<api::AddUserToGroup>(membership(&format!("g{number}"), "ann")).await.unwrap();
    }
    assert_eq!(
        world.root::<api::AddUserToGroup>(membership("g10", "ann")).await.err().unwrap(),
        "LimitExceeded: Cannot exceed quota for GroupsPerUser: 10"
    );
    let mut names = Vec::new();
    let mut marker = None;
    loop {
        let list = api::ListGroupsRequest { max_items: Some(4), marker, ..Default::default() };
        let page = world.root::<api::ListGroups>(list).await.unwrap();
        names.extend(page.groups.into_iter().map(|group| group.group_name));
        assert_eq!(page.is_truncated, Some(page.marker.is_some()));
        marker = page.marker;
        if marker.is_none() {
            break;
        }
    }
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 11);
}
