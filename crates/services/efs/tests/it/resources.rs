//! File systems, mount targets and access points.

use gantry_api_ec2 as ec2;
use gantry_api_efs as api;
use gantry_efs::loops::{FileSystemGarbage, FileSystemSizes};

use crate::world::World;

fn tag(key: &str, value: &str) -> api::Tag {
    api::Tag { key: key.into(), value: value.into() }
}

fn described(id: &str) -> api::DescribeFileSystemsRequest {
    api::DescribeFileSystemsRequest { file_system_id: Some(id.into()), ..Default::default() }
}

#[tokio::test]
async fn a_file_system_is_made_once_measured_and_deleted() {
    let world = World::new();
    let input = api::CreateFileSystemRequest {
        creation_token: "t".into(),
        encrypted: Some(true),
        tags: Some(vec![tag("Name", "shared")]),
        ..Default::default()
    };
    let made = world.ok::<api::CreateFileSystem>(input.clone()).await;
    let id = made.file_system_id.clone();
    assert_eq!(
        (id.len(), made.life_cycle_state.as_str(), made.name.as_deref()),
        (20, "available", Some("shared"))
    );
    assert_eq!(
        (made.performance_mode.as_str(), made.throughput_mode.as_deref()),
        ("generalPurpose", Some("bursting"))
    );
    assert!(made.kms_key_id.unwrap().starts_with("arn:aws:kms:us-east-1:000000000000:key/"));
    let error = world.refused::<api::CreateFileSystem>(input).await;
    assert_eq!(
        error.to_string(),
        format!("FileSystemAlreadyExists: File system '{id}' already exists with creation token 't'")
    );
    assert!(error.fields.iter().any(|(name, value)| name == "FileSystemId" && *value == id.as_str()));
    assert!(
        error.fields.iter().any(|(name, value)| name == "ErrorCode" && *value == "FileSystemAlreadyExists")
    );

    let folder = world.folder.path().join(&id);
    std::fs::write(folder.join("file"), vec![1; 100_000]).unwrap();
    world.settle(FileSystemSizes(world.efs.clone())).await;
    let found = world.ok::<api::DescribeFileSystems>(described(&id)).await.file_systems.unwrap().remove(0);
    assert!((100_000..200_000).contains(&found.size_in_bytes.value), "{}", found.size_in_bytes.value);

    world.ok::<api::DeleteFileSystem>(api::DeleteFileSystemRequest { file_system_id: id.clone() }).await;
    let error = world.refused::<api::DescribeFileSystems>(described(&id)).await;
    assert_eq!(error.to_string(), format!("FileSystemNotFound: File system '{id}' does not exist."));
    world.settle(FileSystemGarbage(world.efs.clone())).await;
    assert!(!folder.exists());
}

#[tokio::test]
async fn settings_are_checked_and_kept() {
    let world = World::new();
    let id = world.file_system("t").await;
    let update = |mode: &str, mibps| api::UpdateFileSystemRequest {
        file_system_id: id.clone(),
        throughput_mode: Some(mode.into()),
        provisioned_throughput_in_mibps: mibps,
    };
    assert_eq!(world.refused::<api::UpdateFileSystem>(update("provisioned", None)).await.code, "BadRequest");
    let updated = world.ok::<api::UpdateFileSystem>(update("provisioned", Some(8.0))).await;
    assert_eq!(updated.provisioned_throughput_in_mibps, Some(8.0));
    let updated = world.ok::<api::UpdateFileSystem>(update("elastic", None)).await;
    assert_eq!(updated.provisioned_throughput_in_mibps, None);
    let plain = api::CreateFileSystemRequest {
        creation_token: "k".into(),
        kms_key_id: Some("alias/x".into()),
        ..Default::default()
    };
    assert_eq!(world.refused::<api::CreateFileSystem>(plain).await.code, "BadRequest");

    let rule = api::LifecyclePolicy { transition_to_ia: Some("AFTER_7_DAYS".into()), ..Default::default() };
    let put = |policies| api::PutLifecycleConfigurationRequest {
        file_system_id: id.clone(),
        lifecycle_policies: policies,
    };
    world.ok::<api::PutLifecycleConfiguration>(put(vec![rule.clone()])).await;
    assert_eq!(
        world.refused::<api::PutLifecycleConfiguration>(put(vec![rule.clone(), rule])).await.code,
        "BadRequest"
    );
    let late = api::LifecyclePolicy { transition_to_ia: Some("AFTER_30_DAYS".into()), ..Default::default() };
    let soon =
        api::LifecyclePolicy { transition_to_archive: Some("AFTER_14_DAYS".into()), ..Default::default() };
    let error = world.refused::<api::PutLifecycleConfiguration>(put(vec![late, soon])).await;
    assert_eq!(
        error.message,
        "The value for TransitionToArchive is the same as or less than the value for TransitionToIA."
    );
    let ask = api::DescribeLifecycleConfigurationRequest { file_system_id: id.clone() };
    let kept = world.ok::<api::DescribeLifecycleConfiguration>(ask).await.lifecycle_policies.unwrap();
    assert_eq!(kept[0].transition_to_ia.as_deref(), Some("AFTER_7_DAYS"));

    let ask = api::DescribeFileSystemPolicyRequest { file_system_id: id.clone() };
    assert_eq!(world.refused::<api::DescribeFileSystemPolicy>(ask).await.code, "PolicyNotFound");
    let policy = api::PutFileSystemPolicyRequest {
        file_system_id: id.clone(),
        policy: "{".into(),
        ..Default::default()
    };
    assert_eq!(world.refused::<api::PutFileSystemPolicy>(policy).await.code, "InvalidPolicyException");
    let other = "arn:aws:elasticfilesystem:us-east-1:000000000000:file-system/fs-00000000000000000";
    let policy = api::PutFileSystemPolicyRequest {
        file_system_id: id.clone(),
        policy: format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"*"}},
            "Action":"elasticfilesystem:ClientMount","Resource":"{other}"}}}}"#
        ),
        ..Default::default()
    };
    let error = world.refused::<api::PutFileSystemPolicy>(policy).await;
    assert_eq!(
        error.message,
        format!(
            "Policy contains an invalid resource: {other}. Must be the filesystem's ARN: \
             arn:aws:elasticfilesystem:us-east-1:000000000000:file-system/{id}"
        )
    );
    let ask = api::DescribeBackupPolicyRequest { file_system_id: id.clone() };
    assert_eq!(world.refused::<api::DescribeBackupPolicy>(ask).await.code, "PolicyNotFound");
    let error = world.refused::<api::DescribeFileSystems>(described("unknown")).await;
    assert_eq!(error.to_string(), "FileSystemNotFound: File system 'unknown' does not exist.");
    let backup = api::PutBackupPolicyRequest {
        file_system_id: id.clone(),
        backup_policy: api::BackupPolicy { status: "ENABLED".into() },
    };
    let answer = world.ok::<api::PutBackupPolicy>(backup).await;
    assert_eq!(answer.backup_policy.unwrap().status, "ENABLED");
}

#[tokio::test]
async fn mount_targets_have_an_interface_and_one_place_in_a_zone() {
    let world = World::new();
    let id = world.file_system("t").await;
    let subnets = world.subnets().await;
    let target = |subnet: &str| api::CreateMountTargetRequest {
        file_system_id: id.clone(),
        subnet_id: subnet.into(),
        ..Default::default()
    };
    let made = world.ok::<api::CreateMountTarget>(target(&subnets[0])).await;
    let interface = made.network_interface_id.clone().unwrap();
    let ask = ec2::DescribeNetworkInterfacesRequest {
        network_interface_ids: Some(vec![interface.clone()]),
        ..Default::default()
    };
    let found =
        world.ok::<ec2::DescribeNetworkInterfaces>(ask.clone()).await.network_interfaces.unwrap().remove(0);
    assert_eq!(found.private_ip_address, made.ip_address);
    assert_eq!(
        world.refused::<api::CreateMountTarget>(target(&subnets[0])).await.code,
        "MountTargetConflict"
    );
    world.ok::<api::CreateMountTarget>(target(&subnets[1])).await;
    assert_eq!(
        world.refused::<api::CreateMountTarget>(target("subnet-01234567")).await.code,
        "SubnetNotFound"
    );
    let listed = api::DescribeMountTargetsRequest { file_system_id: Some(id.clone()), ..Default::default() };
    assert_eq!(world.ok::<api::DescribeMountTargets>(listed).await.mount_targets.unwrap().len(), 2);
    let all = world.refused::<api::DescribeMountTargets>(Default::default()).await;
    assert_eq!(all.code, "BadRequest");
    let found = world.ok::<api::DescribeFileSystems>(described(&id)).await.file_systems.unwrap().remove(0);
    assert_eq!(found.number_of_mount_targets, 2);
    let groups =
        api::DescribeMountTargetSecurityGroupsRequest { mount_target_id: made.mount_target_id.clone() };
    let groups = world.ok::<api::DescribeMountTargetSecurityGroups>(groups).await.security_groups;
    assert_eq!(groups.len(), 1);
    let modify = |security_groups: Vec<String>| api::ModifyMountTargetSecurityGroupsRequest {
        mount_target_id: made.mount_target_id.clone(),
        security_groups: Some(security_groups),
    };
    world.ok::<api::ModifyMountTargetSecurityGroups>(modify(groups)).await;
    let unknown =
        world.refused::<api::ModifyMountTargetSecurityGroups>(modify(vec!["sg-01234567".into()])).await;
    assert_eq!(unknown.code, "SecurityGroupNotFound");

    let delete = api::DeleteFileSystemRequest { file_system_id: id };
    assert_eq!(world.refused::<api::DeleteFileSystem>(delete).await.code, "FileSystemInUse");
    let gone = api::DeleteMountTargetRequest { mount_target_id: made.mount_target_id };
    world.ok::<api::DeleteMountTarget>(gone.clone()).await;
    assert_eq!(world.refused::<api::DeleteMountTarget>(gone).await.code, "MountTargetNotFound");
    assert_eq!(
        world.refused::<ec2::DescribeNetworkInterfaces>(ask).await.code,
        "InvalidNetworkInterfaceID.NotFound"
    );
}

#[tokio::test]
async fn access_points_and_tags() {
    let world = World::new();
    let id = world.file_system("t").await;
    let input = api::CreateAccessPointRequest {
        client_token: "c".into(),
        file_system_id: id.clone(),
        posix_user: Some(api::PosixUser { uid: 1000, gid: 1000, secondary_gids: None }),
        root_directory: Some(api::RootDirectory { path: Some("/app".into()), creation_info: None }),
        tags: Some(vec![tag("a", "1")]),
    };
    for path in ["a", "/a/", "/a/b/c/d/e", "/..", "/a b;c"] {
        let root = api::RootDirectory { path: Some(path.into()), creation_info: None };
        let input = api::CreateAccessPointRequest { root_directory: Some(root), ..input.clone() };
        assert_eq!(world.refused::<api::CreateAccessPoint>(input).await.code, "BadRequest", "{path}");
    }
    let made = world.ok::<api::CreateAccessPoint>(input.clone()).await;
    let point = made.access_point_id.unwrap();
    assert_eq!(
        world.ok::<api::CreateAccessPoint>(input.clone()).await.access_point_id.as_ref(),
        Some(&point)
    );
    let other = api::CreateAccessPointRequest { posix_user: None, ..input };
    let error = world.refused::<api::CreateAccessPoint>(other).await;
    assert_eq!(error.code, "AccessPointAlreadyExists");
    for resource in [&point, &id] {
        let set = api::TagResourceRequest { resource_id: resource.clone(), tags: vec![tag("b", "2")] };
        world.ok::<api::TagResource>(set).await;
        let away = api::UntagResourceRequest { resource_id: resource.clone(), tag_keys: vec!["a".into()] };
        world.ok::<api::UntagResource>(away).await;
        let ask = api::ListTagsForResourceRequest { resource_id: resource.clone(), ..Default::default() };
        let tags = world.ok::<api::ListTagsForResource>(ask).await.tags.unwrap();
        assert_eq!(tags.iter().map(|tag| tag.key.as_str()).collect::<Vec<_>>(), ["b"]);
    }
    let ask = api::DescribeAccessPointsRequest { file_system_id: Some(id.clone()), ..Default::default() };
    assert_eq!(world.ok::<api::DescribeAccessPoints>(ask).await.access_points.unwrap().len(), 1);
    let delete = api::DeleteAccessPointRequest { access_point_id: point.clone() };
    world.ok::<api::DeleteAccessPoint>(delete.clone()).await;
    let error = world.refused::<api::DeleteAccessPoint>(delete).await;
    assert_eq!(error.to_string(), format!("AccessPointNotFound: Access Point {point} does not exist."));
}
