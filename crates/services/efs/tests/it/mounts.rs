//! Who may mount a file system, and what they see.

use std::os::unix::fs::MetadataExt;

use gantry_api_ec2 as ec2;
use gantry_api_efs as api;
use gantry_service::{Caller, Failure, FileSystems, MountingFrom, Principal, WantedMount};

use crate::world::World;

#[tokio::test]
async fn an_access_point_leads_to_its_root_as_its_user() {
    let world = World::new();
    let id = world.file_system("t").await;
    let info = api::CreationInfo { owner_uid: 7, owner_gid: 8, permissions: "0750".into() };
    let input = api::CreateAccessPointRequest {
        client_token: "c".into(),
        file_system_id: id.clone(),
        posix_user: Some(api::PosixUser { uid: 1000, gid: 1001, secondary_gids: None }),
        root_directory: Some(api::RootDirectory { path: Some("/app".into()), creation_info: Some(info) }),
        tags: None,
    };
    let point = world.ok::<api::CreateAccessPoint>(input).await.access_point_id;
    let wanted =
        WantedMount { file_system_id: id.clone(), access_point_id: point, path: "/".into(), from: None };
    let mount = world.efs.mount(&world.root(), &wanted).await.unwrap();
    assert_eq!((&mount.path, mount.user), (&world.folder.path().join(&id).join("app"), Some((1000, 1001))));
    assert!(mount.root && !mount.read_only);
    let made = std::fs::metadata(&mount.path).unwrap();
    assert_eq!((made.uid(), made.gid(), made.mode() & 0o777), (7, 8, 0o750));

    let plain = WantedMount { access_point_id: None, path: "/data".into(), ..wanted.clone() };
    let refused = world.efs.mount(&world.root(), &plain).await.unwrap_err();
    assert!(format!("{refused:?}").contains("No such file or directory"), "{refused:?}");
    let folder = world.folder.path().join(&id);
    std::fs::create_dir(folder.join("data")).unwrap();
    assert_eq!(world.efs.mount(&world.root(), &plain).await.unwrap().path, folder.join("data"));
    std::os::unix::fs::symlink("/etc", folder.join("out")).unwrap();
    let out = WantedMount { path: "/out".into(), ..plain };
    assert!(world.efs.mount(&world.root(), &out).await.is_err());
    let missing = WantedMount { access_point_id: Some("fsap-01234567".into()), ..wanted };
    assert!(
        matches!(world.efs.mount(&world.root(), &missing).await, Err(Failure::Answer(error)) if error.code == "AccessPointNotFound")
    );
}

#[tokio::test]
async fn a_policy_says_who_mounts_and_who_writes() {
    let world = World::new();
    let id = world.file_system("t").await;
    let nobody = || world.cx(Caller::new(Principal::Anonymous));
    let wanted =
        WantedMount { file_system_id: id.clone(), access_point_id: None, path: "/".into(), from: None };
    assert!(!world.efs.mount(&nobody(), &wanted).await.unwrap().read_only, "without a policy all may");
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},
        "Action":"elasticfilesystem:ClientMount","Resource":"*"}]}"#;
    let put = |policy: &str| api::PutFileSystemPolicyRequest {
        file_system_id: id.clone(),
        policy: policy.into(),
        ..Default::default()
    };
    world.ok::<api::PutFileSystemPolicy>(put(policy)).await;
    let mount = world.efs.mount(&nobody(), &wanted).await.unwrap();
    assert!(mount.read_only && !mount.root);
    let deny = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"000000000000"},
        "Action":"elasticfilesystem:*","Resource":"*"}]}"#;
    world.ok::<api::PutFileSystemPolicy>(put(deny)).await;
    assert!(matches!(world.efs.mount(&nobody(), &wanted).await, Err(Failure::Denied(_))));
    assert!(!world.efs.mount(&world.root(), &wanted).await.unwrap().read_only);
    let nobody = deny.replace("000000000000", "arn:aws:iam::000000000000:user/none");
    let error = world.refused::<api::PutFileSystemPolicy>(put(&nobody)).await;
    assert_eq!(error.code, "InvalidPolicyException");
}

#[tokio::test]
async fn a_mount_target_is_reached_through_security_groups() {
    let world = World::new();
    let id = world.file_system("t").await;
    let subnets = world.ok::<ec2::DescribeSubnets>(Default::default()).await.subnets.unwrap();
    let subnet = &subnets[0];
    let vpc_id = subnet.vpc_id.clone().unwrap();
    let group = async |name: &str| {
        let input = ec2::CreateSecurityGroupRequest {
            group_name: name.into(),
            description: "d".into(),
            vpc_id: Some(vpc_id.clone()),
            ..Default::default()
        };
        world.ok::<ec2::CreateSecurityGroup>(input).await.group_id.unwrap()
    };
    let (of_target, of_task) = (group("target").await, group("task").await);
    let from = MountingFrom {
        vpc_id: vpc_id.clone(),
        zone: subnet.availability_zone.clone().unwrap(),
        address: "172.31.7.7".parse().unwrap(),
        security_groups: vec![of_task.clone()],
    };
    let wanted =
        WantedMount { file_system_id: id.clone(), access_point_id: None, path: "/".into(), from: Some(from) };
    let why = async || match world.efs.mount(&world.root(), &wanted).await {
        Err(Failure::Answer(error)) => error.message.to_string(),
        other => format!("{:?}", other.map(|_| "mounted")),
    };
    assert!(why().await.starts_with("Failed to resolve"), "{}", why().await);

    let input = api::CreateMountTargetRequest {
        file_system_id: id.clone(),
        subnet_id: subnet.subnet_id.clone().unwrap(),
        security_groups: Some(vec![of_target.clone()]),
        ..Default::default()
    };
    world.ok::<api::CreateMountTarget>(input).await;
    assert_eq!(why().await, "b'mount.nfs4: Connection timed out'");

    let nfs = ec2::IpPermission {
        ip_protocol: Some("tcp".into()),
        from_port: Some(2049),
        to_port: Some(2049),
        user_id_group_pairs: Some(vec![ec2::UserIdGroupPair {
            group_id: Some(of_task.clone()),
            ..Default::default()
        }]),
        ..Default::default()
    };
    let input = ec2::AuthorizeSecurityGroupIngressRequest {
        group_id: Some(of_target),
        ip_permissions: Some(vec![nfs]),
        ..Default::default()
    };
    world.ok::<ec2::AuthorizeSecurityGroupIngress>(input).await;
    assert_eq!(why().await, "Ok(\"mounted\")");
}
