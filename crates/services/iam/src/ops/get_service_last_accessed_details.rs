//! `GetServiceLastAccessedDetails`: shows a report of services.

use gantry_api_iam::{
    self as api, GetServiceLastAccessedDetailsRequest, GetServiceLastAccessedDetailsResponse,
};
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Tx;

use crate::error::no_such_entity;
use crate::iam::Iam;
use crate::page::Wanted;
use crate::tables::service_report::{SERVICE_REPORTS, ServiceReport, ServiceUse, service_report_key};

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: GetServiceLastAccessedDetailsRequest,
) -> Result<GetServiceLastAccessedDetailsResponse, Failure> {
    cx.authorize(Permission::of("iam:GetServiceLastAccessedDetails"))?;
    let report = find(&mut iam.db.begin(), &cx, &input.job_id).await?;
    let filters = [input.job_id.as_str()];
    let marker = input.marker.as_deref();
    let wanted = Wanted::new(&cx, "GetServiceLastAccessedDetails", &filters, marker, input.max_items);
    let page = wanted.of_list(report.services, |service| &service.namespace)?;
    Ok(GetServiceLastAccessedDetailsResponse {
        job_status: "COMPLETED".to_owned(),
        job_type: Some("SERVICE_LEVEL".to_owned()),
        job_creation_date: report.created,
        job_completion_date: report.created,
        is_truncated: page.is_truncated(),
        marker: page.marker,
        services_last_accessed: page.items.into_iter().map(shown).collect(),
        error: None,
    })
}

/// The report of a job.
pub(crate) async fn find(tx: &mut Tx, cx: &Cx, job: &str) -> Result<ServiceReport, Failure> {
    let found = tx.get(&SERVICE_REPORTS, &service_report_key(cx.account, job)).await?;
    found.ok_or_else(|| no_such_entity(format!("The job with id {job} cannot be found.")))
}

fn shown(service: ServiceUse) -> api::ServiceLastAccessed {
    let last = service.by.first();
    api::ServiceLastAccessed {
        service_name: full_name(&service.namespace).to_owned(),
        last_authenticated: last.map(|used| used.last.at),
        last_authenticated_entity: last.map(|used| used.arn.clone()),
        last_authenticated_region: last.map(|used| used.last.region.clone()),
        total_authenticated_entities: i32::try_from(service.by.len()).ok(),
        tracked_actions_last_accessed: None,
        service_namespace: service.namespace,
    }
}

/// What AWS calls a service.
fn full_name(namespace: &str) -> &str {
    match namespace {
        "acm" => "AWS Certificate Manager",
        "cloudtrail" => "AWS CloudTrail",
        "ec2" => "Amazon EC2",
        "ecr" => "Amazon Elastic Container Registry",
        "ecs" => "Amazon Elastic Container Service",
        "elasticfilesystem" => "Amazon Elastic File System",
        "elasticloadbalancing" => "Elastic Load Balancing",
        "iam" => "AWS Identity and Access Management",
        "kms" => "AWS Key Management Service",
        "logs" => "Amazon CloudWatch Logs",
        "secretsmanager" => "AWS Secrets Manager",
        "ssm" => "AWS Systems Manager",
        "sts" => "AWS Security Token Service",
        other => other,
    }
}
