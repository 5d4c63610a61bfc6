//! Every service's model, for the router.
//!
//! This crate never decides anything: it is a list. Written by `cargo xtask codegen` from `models/`; not to be edited.
//!
//! Read in this order: [`all`], [`each`].

use gantry_wire::{LazyModel, Operation};

static ACM: LazyModel = LazyModel::new("acm", include_str!("acm.model"));
static APPLICATION_AUTOSCALING: LazyModel =
    LazyModel::new("application-autoscaling", include_str!("application-autoscaling.model"));
static APPRUNNER: LazyModel = LazyModel::new("apprunner", include_str!("apprunner.model"));
static AUTOSCALING: LazyModel = LazyModel::new("autoscaling", include_str!("autoscaling.model"));
static CLOUDFORMATION: LazyModel = LazyModel::new("cloudformation", include_str!("cloudformation.model"));
static CLOUDWATCH: LazyModel = LazyModel::new("cloudwatch", include_str!("cloudwatch.model"));
static CODEBUILD: LazyModel = LazyModel::new("codebuild", include_str!("codebuild.model"));
static ECR_PUBLIC: LazyModel = LazyModel::new("ecr-public", include_str!("ecr-public.model"));
static EKS: LazyModel = LazyModel::new("eks", include_str!("eks.model"));
static ELBV2: LazyModel = LazyModel::new("elbv2", include_str!("elbv2.model"));
static EVENTS: LazyModel = LazyModel::new("events", include_str!("events.model"));
static INSPECTOR2: LazyModel = LazyModel::new("inspector2", include_str!("inspector2.model"));
static RESOURCEGROUPSTAGGINGAPI: LazyModel =
    LazyModel::new("resourcegroupstaggingapi", include_str!("resourcegroupstaggingapi.model"));
static ROUTE53: LazyModel = LazyModel::new("route53", include_str!("route53.model"));
static S3: LazyModel = LazyModel::new("s3", include_str!("s3.model"));
static SCHEDULER: LazyModel = LazyModel::new("scheduler", include_str!("scheduler.model"));
static SERVICEDISCOVERY: LazyModel =
    LazyModel::new("servicediscovery", include_str!("servicediscovery.model"));
static SNS: LazyModel = LazyModel::new("sns", include_str!("sns.model"));
static SQS: LazyModel = LazyModel::new("sqs", include_str!("sqs.model"));

/// The models, by service name.
pub fn all() -> [&'static LazyModel; 30] {
    [
        &ACM,
        &APPLICATION_AUTOSCALING,
        &APPRUNNER,
        &AUTOSCALING,
        &CLOUDFORMATION,
        &gantry_api_cloudtrail::MODEL,
        &CLOUDWATCH,
        &CODEBUILD,
        &gantry_api_ec2::MODEL,
        &gantry_api_ecr::MODEL,
        &ECR_PUBLIC,
        &gantry_api_ecs::MODEL,
        &gantry_api_efs::MODEL,
        &EKS,
        &ELBV2,
        &EVENTS,
        &gantry_api_iam::MODEL,
        &INSPECTOR2,
        &gantry_api_kms::MODEL,
        &gantry_api_logs::MODEL,
        &RESOURCEGROUPSTAGGINGAPI,
        &ROUTE53,
        &S3,
        &SCHEDULER,
        &gantry_api_secretsmanager::MODEL,
        &SERVICEDISCOVERY,
        &SNS,
        &SQS,
        &gantry_api_ssm::MODEL,
        &gantry_api_sts::MODEL,
    ]
}

/// Something to be done with every operation that is served.
pub trait Visit {
    fn operation<O: Operation>(&mut self);
}

/// Visits every operation that has typed shapes.
pub fn each(visit: &mut impl Visit) {
    visit.operation::<gantry_api_cloudtrail::LookupEvents>();
    visit.operation::<gantry_api_ec2::CreateNetworkInterface>();
    visit.operation::<gantry_api_ec2::DeleteNetworkInterface>();
    visit.operation::<gantry_api_ec2::DescribeAvailabilityZones>();
    visit.operation::<gantry_api_ec2::DescribeNetworkInterfaces>();
    visit.operation::<gantry_api_ec2::DescribeSecurityGroups>();
    visit.operation::<gantry_api_ec2::DescribeSubnets>();
    visit.operation::<gantry_api_ec2::DescribeVpcs>();
    visit.operation::<gantry_api_ecr::BatchCheckLayerAvailability>();
    visit.operation::<gantry_api_ecr::BatchDeleteImage>();
    visit.operation::<gantry_api_ecr::BatchGetImage>();
    visit.operation::<gantry_api_ecr::CompleteLayerUpload>();
    visit.operation::<gantry_api_ecr::CreateRepository>();
    visit.operation::<gantry_api_ecr::DeleteRegistryPolicy>();
    visit.operation::<gantry_api_ecr::DeleteRepository>();
    visit.operation::<gantry_api_ecr::DeleteRepositoryPolicy>();
    visit.operation::<gantry_api_ecr::DescribeImages>();
    visit.operation::<gantry_api_ecr::DescribeRegistry>();
    visit.operation::<gantry_api_ecr::DescribeRepositories>();
    visit.operation::<gantry_api_ecr::GetAuthorizationToken>();
    visit.operation::<gantry_api_ecr::GetDownloadUrlForLayer>();
    visit.operation::<gantry_api_ecr::GetRegistryPolicy>();
    visit.operation::<gantry_api_ecr::GetRepositoryPolicy>();
    visit.operation::<gantry_api_ecr::InitiateLayerUpload>();
    visit.operation::<gantry_api_ecr::ListImages>();
    visit.operation::<gantry_api_ecr::ListTagsForResource>();
    visit.operation::<gantry_api_ecr::PutImage>();
    visit.operation::<gantry_api_ecr::PutImageScanningConfiguration>();
    visit.operation::<gantry_api_ecr::PutImageTagMutability>();
    visit.operation::<gantry_api_ecr::PutRegistryPolicy>();
    visit.operation::<gantry_api_ecr::SetRepositoryPolicy>();
    visit.operation::<gantry_api_ecr::TagResource>();
    visit.operation::<gantry_api_ecr::UntagResource>();
    visit.operation::<gantry_api_ecr::UploadLayerPart>();
    visit.operation::<gantry_api_ecs::CreateCluster>();
    visit.operation::<gantry_api_ecs::DeleteCluster>();
    visit.operation::<gantry_api_ecs::DeregisterTaskDefinition>();
    visit.operation::<gantry_api_ecs::DescribeClusters>();
    visit.operation::<gantry_api_ecs::DescribeTaskDefinition>();
    visit.operation::<gantry_api_ecs::DescribeTasks>();
    visit.operation::<gantry_api_ecs::ListClusters>();
    visit.operation::<gantry_api_ecs::ListTagsForResource>();
    visit.operation::<gantry_api_ecs::ListTaskDefinitionFamilies>();
    visit.operation::<gantry_api_ecs::ListTaskDefinitions>();
    visit.operation::<gantry_api_ecs::ListTasks>();
    visit.operation::<gantry_api_ecs::RegisterTaskDefinition>();
    visit.operation::<gantry_api_ecs::RunTask>();
    visit.operation::<gantry_api_ecs::StopTask>();
    visit.operation::<gantry_api_ecs::TagResource>();
    visit.operation::<gantry_api_ecs::UntagResource>();
    visit.operation::<gantry_api_efs::CreateAccessPoint>();
    visit.operation::<gantry_api_efs::CreateFileSystem>();
    visit.operation::<gantry_api_efs::CreateMountTarget>();
    visit.operation::<gantry_api_efs::CreateTags>();
    visit.operation::<gantry_api_efs::DeleteAccessPoint>();
    visit.operation::<gantry_api_efs::DeleteFileSystem>();
    visit.operation::<gantry_api_efs::DeleteFileSystemPolicy>();
    visit.operation::<gantry_api_efs::DeleteMountTarget>();
    visit.operation::<gantry_api_efs::DeleteTags>();
    visit.operation::<gantry_api_efs::DescribeAccessPoints>();
    visit.operation::<gantry_api_efs::DescribeAccountPreferences>();
    visit.operation::<gantry_api_efs::DescribeBackupPolicy>();
    visit.operation::<gantry_api_efs::DescribeFileSystemPolicy>();
    visit.operation::<gantry_api_efs::DescribeFileSystems>();
    visit.operation::<gantry_api_efs::DescribeLifecycleConfiguration>();
    visit.operation::<gantry_api_efs::DescribeMountTargetSecurityGroups>();
    visit.operation::<gantry_api_efs::DescribeMountTargets>();
    visit.operation::<gantry_api_efs::DescribeTags>();
    visit.operation::<gantry_api_efs::ListTagsForResource>();
    visit.operation::<gantry_api_efs::ModifyMountTargetSecurityGroups>();
    visit.operation::<gantry_api_efs::PutAccountPreferences>();
    visit.operation::<gantry_api_efs::PutBackupPolicy>();
    visit.operation::<gantry_api_efs::PutFileSystemPolicy>();
    visit.operation::<gantry_api_efs::PutLifecycleConfiguration>();
    visit.operation::<gantry_api_efs::TagResource>();
    visit.operation::<gantry_api_efs::UntagResource>();
    visit.operation::<gantry_api_efs::UpdateFileSystem>();
    visit.operation::<gantry_api_efs::UpdateFileSystemProtection>();
    visit.operation::<gantry_api_iam::AddClientIDToOpenIDConnectProvider>();
    visit.operation::<gantry_api_iam::AddRoleToInstanceProfile>();
    visit.operation::<gantry_api_iam::AddUserToGroup>();
    visit.operation::<gantry_api_iam::AttachGroupPolicy>();
    visit.operation::<gantry_api_iam::AttachRolePolicy>();
    visit.operation::<gantry_api_iam::AttachUserPolicy>();
    visit.operation::<gantry_api_iam::CreateAccessKey>();
    visit.operation::<gantry_api_iam::CreateAccountAlias>();
    visit.operation::<gantry_api_iam::CreateGroup>();
    visit.operation::<gantry_api_iam::CreateInstanceProfile>();
    visit.operation::<gantry_api_iam::CreateOpenIDConnectProvider>();
    visit.operation::<gantry_api_iam::CreatePolicy>();
    visit.operation::<gantry_api_iam::CreatePolicyVersion>();
    visit.operation::<gantry_api_iam::CreateRole>();
    visit.operation::<gantry_api_iam::CreateServiceLinkedRole>();
    visit.operation::<gantry_api_iam::CreateUser>();
    visit.operation::<gantry_api_iam::DeleteAccessKey>();
    visit.operation::<gantry_api_iam::DeleteAccountAlias>();
    visit.operation::<gantry_api_iam::DeleteGroup>();
    visit.operation::<gantry_api_iam::DeleteGroupPolicy>();
    visit.operation::<gantry_api_iam::DeleteInstanceProfile>();
    visit.operation::<gantry_api_iam::DeleteOpenIDConnectProvider>();
    visit.operation::<gantry_api_iam::DeletePolicy>();
    visit.operation::<gantry_api_iam::DeletePolicyVersion>();
    visit.operation::<gantry_api_iam::DeleteRole>();
    visit.operation::<gantry_api_iam::DeleteRolePermissionsBoundary>();
    visit.operation::<gantry_api_iam::DeleteRolePolicy>();
    visit.operation::<gantry_api_iam::DeleteServiceLinkedRole>();
    visit.operation::<gantry_api_iam::DeleteUser>();
    visit.operation::<gantry_api_iam::DeleteUserPermissionsBoundary>();
    visit.operation::<gantry_api_iam::DeleteUserPolicy>();
    visit.operation::<gantry_api_iam::DetachGroupPolicy>();
    visit.operation::<gantry_api_iam::DetachRolePolicy>();
    visit.operation::<gantry_api_iam::DetachUserPolicy>();
    visit.operation::<gantry_api_iam::GetAccountAuthorizationDetails>();
    visit.operation::<gantry_api_iam::GetAccountSummary>();
    visit.operation::<gantry_api_iam::GetContextKeysForCustomPolicy>();
    visit.operation::<gantry_api_iam::GetContextKeysForPrincipalPolicy>();
    visit.operation::<gantry_api_iam::GetGroup>();
    visit.operation::<gantry_api_iam::GetGroupPolicy>();
    visit.operation::<gantry_api_iam::GetInstanceProfile>();
    visit.operation::<gantry_api_iam::GetOpenIDConnectProvider>();
    visit.operation::<gantry_api_iam::GetPolicy>();
    visit.operation::<gantry_api_iam::GetPolicyVersion>();
    visit.operation::<gantry_api_iam::GetRole>();
    visit.operation::<gantry_api_iam::GetRolePolicy>();
    visit.operation::<gantry_api_iam::GetServiceLinkedRoleDeletionStatus>();
    visit.operation::<gantry_api_iam::GetUser>();
    visit.operation::<gantry_api_iam::GetUserPolicy>();
    visit.operation::<gantry_api_iam::ListAccessKeys>();
    visit.operation::<gantry_api_iam::ListAccountAliases>();
    visit.operation::<gantry_api_iam::ListAttachedGroupPolicies>();
    visit.operation::<gantry_api_iam::ListAttachedRolePolicies>();
    visit.operation::<gantry_api_iam::ListAttachedUserPolicies>();
    visit.operation::<gantry_api_iam::ListEntitiesForPolicy>();
    visit.operation::<gantry_api_iam::ListGroupPolicies>();
    visit.operation::<gantry_api_iam::ListGroups>();
    visit.operation::<gantry_api_iam::ListGroupsForUser>();
    visit.operation::<gantry_api_iam::ListInstanceProfileTags>();
    visit.operation::<gantry_api_iam::ListInstanceProfiles>();
    visit.operation::<gantry_api_iam::ListInstanceProfilesForRole>();
    visit.operation::<gantry_api_iam::ListOpenIDConnectProviderTags>();
    visit.operation::<gantry_api_iam::ListOpenIDConnectProviders>();
    visit.operation::<gantry_api_iam::ListPolicies>();
    visit.operation::<gantry_api_iam::ListPolicyTags>();
    visit.operation::<gantry_api_iam::ListPolicyVersions>();
    visit.operation::<gantry_api_iam::ListRolePolicies>();
    visit.operation::<gantry_api_iam::ListRoleTags>();
    visit.operation::<gantry_api_iam::ListRoles>();
    visit.operation::<gantry_api_iam::ListUserPolicies>();
    visit.operation::<gantry_api_iam::ListUserTags>();
    visit.operation::<gantry_api_iam::ListUsers>();
    visit.operation::<gantry_api_iam::PutGroupPolicy>();
    visit.operation::<gantry_api_iam::PutRolePermissionsBoundary>();
    visit.operation::<gantry_api_iam::PutRolePolicy>();
    visit.operation::<gantry_api_iam::PutUserPermissionsBoundary>();
    visit.operation::<gantry_api_iam::PutUserPolicy>();
    visit.operation::<gantry_api_iam::RemoveClientIDFromOpenIDConnectProvider>();
    visit.operation::<gantry_api_iam::RemoveRoleFromInstanceProfile>();
    visit.operation::<gantry_api_iam::RemoveUserFromGroup>();
    visit.operation::<gantry_api_iam::SetDefaultPolicyVersion>();
    visit.operation::<gantry_api_iam::SimulateCustomPolicy>();
    visit.operation::<gantry_api_iam::SimulatePrincipalPolicy>();
    visit.operation::<gantry_api_iam::TagInstanceProfile>();
    visit.operation::<gantry_api_iam::TagOpenIDConnectProvider>();
    visit.operation::<gantry_api_iam::TagPolicy>();
    visit.operation::<gantry_api_iam::TagRole>();
    visit.operation::<gantry_api_iam::TagUser>();
    visit.operation::<gantry_api_iam::UntagInstanceProfile>();
    visit.operation::<gantry_api_iam::UntagOpenIDConnectProvider>();
    visit.operation::<gantry_api_iam::UntagPolicy>();
    visit.operation::<gantry_api_iam::UntagRole>();
    visit.operation::<gantry_api_iam::UntagUser>();
    visit.operation::<gantry_api_iam::UpdateAccessKey>();
    visit.operation::<gantry_api_iam::UpdateAssumeRolePolicy>();
    visit.operation::<gantry_api_iam::UpdateGroup>();
    visit.operation::<gantry_api_iam::UpdateOpenIDConnectProviderThumbprint>();
    visit.operation::<gantry_api_iam::UpdateRole>();
    visit.operation::<gantry_api_iam::UpdateRoleDescription>();
    visit.operation::<gantry_api_iam::UpdateUser>();
    visit.operation::<gantry_api_kms::CancelKeyDeletion>();
    visit.operation::<gantry_api_kms::CreateAlias>();
    visit.operation::<gantry_api_kms::CreateGrant>();
    visit.operation::<gantry_api_kms::CreateKey>();
    visit.operation::<gantry_api_kms::Decrypt>();
    visit.operation::<gantry_api_kms::DeleteAlias>();
    visit.operation::<gantry_api_kms::DescribeKey>();
    visit.operation::<gantry_api_kms::DisableKey>();
    visit.operation::<gantry_api_kms::DisableKeyRotation>();
    visit.operation::<gantry_api_kms::EnableKey>();
    visit.operation::<gantry_api_kms::EnableKeyRotation>();
    visit.operation::<gantry_api_kms::Encrypt>();
    visit.operation::<gantry_api_kms::GenerateDataKey>();
    visit.operation::<gantry_api_kms::GenerateDataKeyWithoutPlaintext>();
    visit.operation::<gantry_api_kms::GenerateMac>();
    visit.operation::<gantry_api_kms::GenerateRandom>();
    visit.operation::<gantry_api_kms::GetKeyPolicy>();
    visit.operation::<gantry_api_kms::GetKeyRotationStatus>();
    visit.operation::<gantry_api_kms::ListAliases>();
    visit.operation::<gantry_api_kms::ListGrants>();
    visit.operation::<gantry_api_kms::ListKeyPolicies>();
    visit.operation::<gantry_api_kms::ListKeyRotations>();
    visit.operation::<gantry_api_kms::ListKeys>();
    visit.operation::<gantry_api_kms::ListResourceTags>();
    visit.operation::<gantry_api_kms::ListRetirableGrants>();
    visit.operation::<gantry_api_kms::PutKeyPolicy>();
    visit.operation::<gantry_api_kms::ReEncrypt>();
    visit.operation::<gantry_api_kms::RetireGrant>();
    visit.operation::<gantry_api_kms::RevokeGrant>();
    visit.operation::<gantry_api_kms::RotateKeyOnDemand>();
    visit.operation::<gantry_api_kms::ScheduleKeyDeletion>();
    visit.operation::<gantry_api_kms::TagResource>();
    visit.operation::<gantry_api_kms::UntagResource>();
    visit.operation::<gantry_api_kms::UpdateAlias>();
    visit.operation::<gantry_api_kms::UpdateKeyDescription>();
    visit.operation::<gantry_api_kms::VerifyMac>();
    visit.operation::<gantry_api_logs::CreateLogGroup>();
    visit.operation::<gantry_api_logs::CreateLogStream>();
    visit.operation::<gantry_api_logs::DeleteLogGroup>();
    visit.operation::<gantry_api_logs::DeleteLogStream>();
    visit.operation::<gantry_api_logs::DeleteMetricFilter>();
    visit.operation::<gantry_api_logs::DeleteQueryDefinition>();
    visit.operation::<gantry_api_logs::DeleteResourcePolicy>();
    visit.operation::<gantry_api_logs::DeleteRetentionPolicy>();
    visit.operation::<gantry_api_logs::DescribeLogGroups>();
    visit.operation::<gantry_api_logs::DescribeLogStreams>();
    visit.operation::<gantry_api_logs::DescribeMetricFilters>();
    visit.operation::<gantry_api_logs::DescribeQueries>();
    visit.operation::<gantry_api_logs::DescribeQueryDefinitions>();
    visit.operation::<gantry_api_logs::DescribeResourcePolicies>();
    visit.operation::<gantry_api_logs::FilterLogEvents>();
    visit.operation::<gantry_api_logs::GetLogEvents>();
    visit.operation::<gantry_api_logs::GetLogGroupFields>();
    visit.operation::<gantry_api_logs::GetLogRecord>();
    visit.operation::<gantry_api_logs::GetQueryResults>();
    visit.operation::<gantry_api_logs::ListLogGroups>();
    visit.operation::<gantry_api_logs::ListLogGroupsForQuery>();
    visit.operation::<gantry_api_logs::ListTagsForResource>();
    visit.operation::<gantry_api_logs::ListTagsLogGroup>();
    visit.operation::<gantry_api_logs::PutLogEvents>();
    visit.operation::<gantry_api_logs::PutLogGroupDeletionProtection>();
    visit.operation::<gantry_api_logs::PutMetricFilter>();
    visit.operation::<gantry_api_logs::PutQueryDefinition>();
    visit.operation::<gantry_api_logs::PutResourcePolicy>();
    visit.operation::<gantry_api_logs::PutRetentionPolicy>();
    visit.operation::<gantry_api_logs::StartLiveTail>();
    visit.operation::<gantry_api_logs::StartQuery>();
    visit.operation::<gantry_api_logs::StopQuery>();
    visit.operation::<gantry_api_logs::TagLogGroup>();
    visit.operation::<gantry_api_logs::TagResource>();
    visit.operation::<gantry_api_logs::TestMetricFilter>();
    visit.operation::<gantry_api_logs::UntagLogGroup>();
    visit.operation::<gantry_api_logs::UntagResource>();
    visit.operation::<gantry_api_secretsmanager::BatchGetSecretValue>();
    visit.operation::<gantry_api_secretsmanager::CreateSecret>();
    visit.operation::<gantry_api_secretsmanager::DeleteResourcePolicy>();
    visit.operation::<gantry_api_secretsmanager::DeleteSecret>();
    visit.operation::<gantry_api_secretsmanager::DescribeSecret>();
    visit.operation::<gantry_api_secretsmanager::GetRandomPassword>();
    visit.operation::<gantry_api_secretsmanager::GetResourcePolicy>();
    visit.operation::<gantry_api_secretsmanager::GetSecretValue>();
    visit.operation::<gantry_api_secretsmanager::ListSecretVersionIds>();
    visit.operation::<gantry_api_secretsmanager::ListSecrets>();
    visit.operation::<gantry_api_secretsmanager::PutResourcePolicy>();
    visit.operation::<gantry_api_secretsmanager::PutSecretValue>();
    visit.operation::<gantry_api_secretsmanager::RestoreSecret>();
    visit.operation::<gantry_api_secretsmanager::TagResource>();
    visit.operation::<gantry_api_secretsmanager::UntagResource>();
    visit.operation::<gantry_api_secretsmanager::UpdateSecret>();
    visit.operation::<gantry_api_secretsmanager::UpdateSecretVersionStage>();
    visit.operation::<gantry_api_secretsmanager::ValidateResourcePolicy>();
    visit.operation::<gantry_api_ssm::AddTagsToResource>();
    visit.operation::<gantry_api_ssm::DeleteParameter>();
    visit.operation::<gantry_api_ssm::DeleteParameters>();
    visit.operation::<gantry_api_ssm::DescribeParameters>();
    visit.operation::<gantry_api_ssm::GetParameter>();
    visit.operation::<gantry_api_ssm::GetParameterHistory>();
    visit.operation::<gantry_api_ssm::GetParameters>();
    visit.operation::<gantry_api_ssm::GetParametersByPath>();
    visit.operation::<gantry_api_ssm::LabelParameterVersion>();
    visit.operation::<gantry_api_ssm::ListTagsForResource>();
    visit.operation::<gantry_api_ssm::PutParameter>();
    visit.operation::<gantry_api_ssm::RemoveTagsFromResource>();
    visit.operation::<gantry_api_ssm::UnlabelParameterVersion>();
    visit.operation::<gantry_api_sts::AssumeRole>();
    visit.operation::<gantry_api_sts::AssumeRoleWithWebIdentity>();
    visit.operation::<gantry_api_sts::DecodeAuthorizationMessage>();
    visit.operation::<gantry_api_sts::GetAccessKeyInfo>();
    visit.operation::<gantry_api_sts::GetCallerIdentity>();
    visit.operation::<gantry_api_sts::GetFederationToken>();
    visit.operation::<gantry_api_sts::GetSessionToken>();
}
