//! Policies hold for every operation: what is not allowed on the very resource is denied.

use gantry_api_secretsmanager as sm;
use gantry_api_ssm as ssm;
use gantry_service::{Cx, Failure};
use gantry_wire::Operation;

use crate::world::World;

const SECRET: &str = "arn:aws:secretsmanager:us-east-1:000000000000:secret:app-??????";
const PARAMETER: &str = "arn:aws:ssm:us-east-1:000000000000:parameter/app";

async fn check<O: Operation>(world: &World, action: &str, resource: &str, input: O::Input)
where
    O::Input: Clone,
{
    let denied = |cx: Cx| {
        let input = input.clone();
        async move {
            let answer = world.call::<O>(&cx, input).await.map(|_| ());
            assert!(!matches!(answer, Err(Failure::Internal(_) | Failure::Conflict)), "{answer:?}");
            matches!(answer, Err(Failure::Denied(_)))
        }
    };
    assert!(!denied(world.limited(action, resource)).await, "{action} is enough");
    assert!(denied(world.limited("x:Nothing", "*")).await, "{action} is needed");
    if resource != "*" {
        assert!(
            denied(world.limited(action, &format!("{resource}x"))).await,
            "{action} is needed on {resource}"
        );
    }
}

#[tokio::test]
async fn secrets_manager() {
    let world = World::new();
    let id = "app".to_string();
    let create =
        sm::CreateSecretRequest { name: id.clone(), secret_string: Some("v".into()), ..Default::default() };
    check::<sm::CreateSecret>(&world, "secretsmanager:CreateSecret", SECRET, create.clone()).await;
    let put = sm::PutSecretValueRequest {
        secret_id: id.clone(),
        secret_string: Some("w".into()),
        ..Default::default()
    };
    check::<sm::PutSecretValue>(&world, "secretsmanager:PutSecretValue", SECRET, put).await;
    let get = sm::GetSecretValueRequest { secret_id: id.clone(), ..Default::default() };
    check::<sm::GetSecretValue>(&world, "secretsmanager:GetSecretValue", SECRET, get).await;
    let describe = sm::DescribeSecretRequest { secret_id: id.clone() };
    check::<sm::DescribeSecret>(&world, "secretsmanager:DescribeSecret", SECRET, describe).await;
    check::<sm::ListSecrets>(&world, "secretsmanager:ListSecrets", "*", Default::default()).await;
    let value = Some("w".to_owned());
    let update =
        sm::UpdateSecretRequest { secret_id: id.clone(), secret_string: value, ..Default::default() };
    check::<sm::UpdateSecret>(&world, "secretsmanager:UpdateSecret", SECRET, update).await;
    let stage = sm::UpdateSecretVersionStageRequest {
        secret_id: id.clone(),
        version_stage: "x".into(),
        ..Default::default()
    };
    check::<sm::UpdateSecretVersionStage>(&world, "secretsmanager:UpdateSecretVersionStage", SECRET, stage)
        .await;
    let versions = sm::ListSecretVersionIdsRequest { secret_id: id.clone(), ..Default::default() };
    check::<sm::ListSecretVersionIds>(&world, "secretsmanager:ListSecretVersionIds", SECRET, versions).await;
    let policy = sm::GetResourcePolicyRequest { secret_id: id.clone(), policy_name: None };
    check::<sm::GetResourcePolicy>(&world, "secretsmanager:GetResourcePolicy", SECRET, policy).await;
    let policy = sm::PutResourcePolicyRequest { secret_id: id.clone(), ..Default::default() };
    check::<sm::PutResourcePolicy>(&world, "secretsmanager:PutResourcePolicy", SECRET, policy).await;
    let policy = sm::DeleteResourcePolicyRequest { secret_id: id.clone(), policy_name: None };
    check::<sm::DeleteResourcePolicy>(&world, "secretsmanager:DeleteResourcePolicy", SECRET, policy).await;
    let policy = sm::ValidateResourcePolicyRequest { secret_id: Some(id.clone()), ..Default::default() };
    check::<sm::ValidateResourcePolicy>(&world, "secretsmanager:ValidateResourcePolicy", SECRET, policy)
        .await;
    let tag = sm::TagResourceRequest { secret_id: id.clone(), tags: Vec::new() };
    check::<sm::TagResource>(&world, "secretsmanager:TagResource", SECRET, tag).await;
    let untag = sm::UntagResourceRequest { secret_id: id.clone(), tag_keys: Vec::new() };
    check::<sm::UntagResource>(&world, "secretsmanager:UntagResource", SECRET, untag).await;
    check::<sm::GetRandomPassword>(&world, "secretsmanager:GetRandomPassword", "*", Default::default()).await;
    check::<sm::BatchGetSecretValue>(&world, "secretsmanager:BatchGetSecretValue", "*", Default::default())
        .await;
    let regions = sm::ReplicateSecretToRegionsRequest { secret_id: id.clone(), ..Default::default() };
    check::<sm::ReplicateSecretToRegions>(&world, "secretsmanager:ReplicateSecretToRegions", SECRET, regions)
        .await;
    let regions = sm::RemoveRegionsFromReplicationRequest { secret_id: id.clone(), ..Default::default() };
    check::<sm::RemoveRegionsFromReplication>(
        &world,
        "secretsmanager:RemoveRegionsFromReplication",
        SECRET,
        regions,
    )
    .await;
    let stop = sm::StopReplicationToReplicaRequest { secret_id: id.clone() };
    check::<sm::StopReplicationToReplica>(&world, "secretsmanager:StopReplicationToReplica", SECRET, stop)
        .await;
    let rotate = sm::RotateSecretRequest { secret_id: id.clone(), ..Default::default() };
    check::<sm::RotateSecret>(&world, "secretsmanager:RotateSecret", SECRET, rotate).await;
    let cancel = sm::CancelRotateSecretRequest { secret_id: id.clone() };
    check::<sm::CancelRotateSecret>(&world, "secretsmanager:CancelRotateSecret", SECRET, cancel).await;
    let restore = sm::RestoreSecretRequest { secret_id: id.clone() };
    check::<sm::RestoreSecret>(&world, "secretsmanager:RestoreSecret", SECRET, restore).await;
    let delete = sm::DeleteSecretRequest { secret_id: id, ..Default::default() };
    check::<sm::DeleteSecret>(&world, "secretsmanager:DeleteSecret", SECRET, delete).await;

    let tags = Some(vec![sm::Tag { key: Some("a".into()), value: Some("b".into()) }]);
    let tagged = sm::CreateSecretRequest { name: "other".into(), tags, ..create };
    let cx = world.limited("secretsmanager:CreateSecret", "*");
    let answer = world.call::<sm::CreateSecret>(&cx, tagged).await.map(|_| ());
    assert!(matches!(answer, Err(Failure::Denied(_))), "tagging needs its own permission: {answer:?}");
}

#[tokio::test]
async fn parameters() {
    let world = World::new();
    let name = "/app".to_string();
    let put = ssm::PutParameterRequest {
        name: name.clone(),
        value: "v".into(),
        r#type: Some("String".into()),
        ..Default::default()
    };
    check::<ssm::PutParameter>(&world, "ssm:PutParameter", PARAMETER, put).await;
    let get = ssm::GetParameterRequest { name: name.clone(), ..Default::default() };
    check::<ssm::GetParameter>(&world, "ssm:GetParameter", PARAMETER, get).await;
    let several = ssm::GetParametersRequest { names: vec![name.clone()], ..Default::default() };
    check::<ssm::GetParameters>(&world, "ssm:GetParameters", PARAMETER, several).await;
    let path = ssm::GetParametersByPathRequest { path: name.clone(), ..Default::default() };
    check::<ssm::GetParametersByPath>(&world, "ssm:GetParametersByPath", PARAMETER, path).await;
    check::<ssm::DescribeParameters>(&world, "ssm:DescribeParameters", "*", Default::default()).await;
    let history = ssm::GetParameterHistoryRequest { name: name.clone(), ..Default::default() };
    check::<ssm::GetParameterHistory>(&world, "ssm:GetParameterHistory", PARAMETER, history).await;
    let label = ssm::LabelParameterVersionRequest { name: name.clone(), ..Default::default() };
    check::<ssm::LabelParameterVersion>(&world, "ssm:LabelParameterVersion", PARAMETER, label).await;
    let unlabel = ssm::UnlabelParameterVersionRequest {
        name: name.clone(),
        parameter_version: 1,
        ..Default::default()
    };
    check::<ssm::UnlabelParameterVersion>(&world, "ssm:UnlabelParameterVersion", PARAMETER, unlabel).await;
    let (resource_type, resource_id) = ("Parameter".to_owned(), name.clone());
    let tags = ssm::AddTagsToResourceRequest {
        resource_type: resource_type.clone(),
        resource_id: resource_id.clone(),
        tags: Vec::new(),
    };
    check::<ssm::AddTagsToResource>(&world, "ssm:AddTagsToResource", PARAMETER, tags).await;
    let tags = ssm::RemoveTagsFromResourceRequest {
        resource_type: resource_type.clone(),
        resource_id: resource_id.clone(),
        tag_keys: Vec::new(),
    };
    check::<ssm::RemoveTagsFromResource>(&world, "ssm:RemoveTagsFromResource", PARAMETER, tags).await;
    let tags = ssm::ListTagsForResourceRequest { resource_type, resource_id };
    check::<ssm::ListTagsForResource>(&world, "ssm:ListTagsForResource", PARAMETER, tags).await;
    let several = ssm::DeleteParametersRequest { names: vec![name.clone(), "/apples".into()] };
    let partly = world.limited("ssm:DeleteParameters", PARAMETER);
    assert!(world.denied::<ssm::DeleteParameters>(&partly, several).await, "denied one is denied all");
    check::<ssm::DeleteParameter>(
        &world,
        "ssm:DeleteParameter",
        PARAMETER,
        ssm::DeleteParameterRequest { name },
    )
    .await;
}
