//! Secrets that are copied to other regions.

use gantry_api_secretsmanager as api;
use gantry_service::Failure;
use gantry_wire::{ApiError, Operation};

use crate::secrets::{delete, get, list, put, text};
use crate::world::World;

const EAST: &str = "us-east-2";

async fn there<O: Operation>(world: &World, input: O::Input) -> Result<O::Output, ApiError>
where
    O::Input: Clone,
{
    match world.call::<O>(&world.root_of("000000000000", EAST), input).await {
        Ok(answer) => Ok(answer),
        Err(Failure::Answer(error)) => Err(error),
        Err(other) => panic!("{other:?}"),
    }
}

fn to(region: &str) -> Option<Vec<api::ReplicaRegionType>> {
    Some(vec![api::ReplicaRegionType { region: Some(region.into()), ..Default::default() }])
}

fn describe(id: &str) -> api::DescribeSecretRequest {
    api::DescribeSecretRequest { secret_id: id.into() }
}

#[tokio::test]
async fn a_replica_follows_its_primary_secret_and_changes_for_nobody_else() {
    let world = World::new();
    let create = api::CreateSecretRequest { add_replica_regions: to(EAST), ..text("s", "hunter2-one") };
    let made = world.ok::<api::CreateSecret>(create).await;
    let status = made.replication_status.unwrap().remove(0);
    assert_eq!((status.region.as_deref(), status.status.as_deref()), (Some(EAST), Some("InSync")));
    let arn = made.arn.unwrap().replace("us-east-1", EAST);
    let read = there::<api::GetSecretValue>(&world, get(&arn)).await.unwrap();
    assert_eq!((read.secret_string.as_deref(), read.version_id), (Some("hunter2-one"), made.version_id));

    world.ok::<api::PutSecretValue>(put("s", "hunter2-two")).await;
    let read = there::<api::GetSecretValue>(&world, get("s")).await.unwrap();
    assert_eq!(read.secret_string.as_deref(), Some("hunter2-two"));
    let tags = vec![api::Tag { key: Some("a".into()), value: Some("1".into()) }];
    world.ok::<api::TagResource>(api::TagResourceRequest { secret_id: "s".into(), tags }).await;
    let (here, copy) = (
        world.ok::<api::DescribeSecret>(describe("s")).await,
        there::<api::DescribeSecret>(&world, describe("s")).await.unwrap(),
    );
    assert_eq!(copy.version_ids_to_stages, here.version_ids_to_stages);
    assert_eq!(
        (copy.primary_region.as_deref(), here.primary_region.as_deref()),
        (Some("us-east-1"), Some("us-east-1"))
    );
    assert_eq!(copy.tags.unwrap().len(), 1);
    assert_eq!(copy.arn.as_ref(), Some(&arn));
    let of = |region| list(&[("primary-region", region)]);
    assert_eq!(
        there::<api::ListSecrets>(&world, of("us-east-1")).await.unwrap().secret_list.unwrap().len(),
        1
    );
    assert!(there::<api::ListSecrets>(&world, of(EAST)).await.unwrap().secret_list.unwrap().is_empty());

    let error = there::<api::PutSecretValue>(&world, put("s", "x")).await.map(drop).unwrap_err();
    assert_eq!(error.code, "InvalidParameterException");
    assert!(error.message.starts_with("Operation not permitted on a replica secret."), "{error}");
    assert!(there::<api::DeleteSecret>(&world, delete("s")).await.is_err());
    let error = world.refused::<api::DeleteSecret>(delete("s")).await;
    assert!(error.message.ends_with("that still has replica regions [us-east-2]"), "{error}");
    assert!(!world.stored("hunter2").await);

    let remove = api::RemoveRegionsFromReplicationRequest {
        secret_id: "s".into(),
        remove_replica_regions: vec![EAST.into()],
    };
    world.ok::<api::RemoveRegionsFromReplication>(remove.clone()).await;
    world.ok::<api::RemoveRegionsFromReplication>(remove).await;
    assert!(there::<api::DescribeSecret>(&world, describe("s")).await.is_err());
    world.ok::<api::DeleteSecret>(delete("s")).await;
}

#[tokio::test]
async fn a_secret_of_the_name_is_spared_unless_it_is_to_be_overwritten() {
    let world = World::new();
    world.ok::<api::CreateSecret>(text("s", "mine")).await;
    there::<api::CreateSecret>(&world, text("s", "theirs")).await.unwrap();
    let replicate = |region: &str, force| api::ReplicateSecretToRegionsRequest {
        secret_id: "s".into(),
        add_replica_regions: to(region).unwrap(),
        force_overwrite_replica_secret: force,
    };
    let error = world.refused::<api::ReplicateSecretToRegions>(replicate("us-east-1", None)).await;
    assert_eq!(error.to_string(), "InvalidParameterException: Invalid replica region.");
    let value =
        || async { there::<api::GetSecretValue>(&world, get("s")).await.unwrap().secret_string.unwrap() };
    for (force, status, expected) in [(None, "Failed", "theirs"), (Some(true), "InSync", "mine")] {
        let answer = world.ok::<api::ReplicateSecretToRegions>(replicate(EAST, force)).await;
        let told = answer.replication_status.unwrap().remove(0);
        assert_eq!(told.status.as_deref(), Some(status));
        assert_eq!(value().await, expected);
    }
    let stop = api::StopReplicationToReplicaRequest { secret_id: "s".into() };
    there::<api::StopReplicationToReplica>(&world, stop.clone()).await.unwrap();
    assert!(there::<api::StopReplicationToReplica>(&world, stop).await.is_err());
    there::<api::PutSecretValue>(&world, put("s", "own")).await.unwrap();
    world.ok::<api::PutSecretValue>(put("s", "other")).await;
    assert_eq!(value().await, "own");
}

#[tokio::test]
async fn rotation_is_refused_in_awss_words_where_it_would_be_there() {
    let world = World::new();
    world.ok::<api::CreateSecret>(text("s", "v")).await;
    let rotate = |id: &str, lambda: Option<&str>| api::RotateSecretRequest {
        secret_id: id.into(),
        rotation_lambda_arn: lambda.map(Into::into),
        ..Default::default()
    };
    for (input, code) in [
        (rotate("x", None), "ResourceNotFoundException"),
        (rotate("s", None), "InvalidRequestException"),
        (rotate("s", Some("arn:aws:lambda:us-east-1:000000000000:function:f")), "NotImplemented"),
    ] {
        assert_eq!(world.refused::<api::RotateSecret>(input).await.code, code);
    }
    let cancel = api::CancelRotateSecretRequest { secret_id: "s".into() };
    assert_eq!(world.refused::<api::CancelRotateSecret>(cancel).await.code, "InvalidRequestException");
}
