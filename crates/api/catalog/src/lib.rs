//! Every service's model, for the router.
//!
//! This crate never decides anything: it is a list. Written by `cargo xtask codegen` from `models/`; not to be edited.
//!
//! Read in this order: [`all`].

use gantry_wire::LazyModel;

static ACM: LazyModel = LazyModel::new("acm", include_str!("acm.model"));
static APPLICATION_AUTOSCALING: LazyModel =
    LazyModel::new("application-autoscaling", include_str!("application-autoscaling.model"));
static APPRUNNER: LazyModel = LazyModel::new("apprunner", include_str!("apprunner.model"));
static AUTOSCALING: LazyModel = LazyModel::new("autoscaling", include_str!("autoscaling.model"));
static CLOUDFORMATION: LazyModel = LazyModel::new("cloudformation", include_str!("cloudformation.model"));
static CLOUDWATCH: LazyModel = LazyModel::new("cloudwatch", include_str!("cloudwatch.model"));
static CODEBUILD: LazyModel = LazyModel::new("codebuild", include_str!("codebuild.model"));
static ECR_PUBLIC: LazyModel = LazyModel::new("ecr-public", include_str!("ecr-public.model"));
static EFS: LazyModel = LazyModel::new("efs", include_str!("efs.model"));
static EKS: LazyModel = LazyModel::new("eks", include_str!("eks.model"));
static ELBV2: LazyModel = LazyModel::new("elbv2", include_str!("elbv2.model"));
static EVENTS: LazyModel = LazyModel::new("events", include_str!("events.model"));
static INSPECTOR2: LazyModel = LazyModel::new("inspector2", include_str!("inspector2.model"));
static KMS: LazyModel = LazyModel::new("kms", include_str!("kms.model"));
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
pub fn all() -> [&'static LazyModel; 29] {
    [
        &ACM,
        &APPLICATION_AUTOSCALING,
        &APPRUNNER,
        &AUTOSCALING,
        &CLOUDFORMATION,
        &CLOUDWATCH,
        &CODEBUILD,
        &gantry_api_ec2::MODEL,
        &gantry_api_ecr::MODEL,
        &ECR_PUBLIC,
        &gantry_api_ecs::MODEL,
        &EFS,
        &EKS,
        &ELBV2,
        &EVENTS,
        &gantry_api_iam::MODEL,
        &INSPECTOR2,
        &KMS,
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
