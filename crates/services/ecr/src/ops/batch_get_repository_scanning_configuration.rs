//! BatchGetRepositoryScanningConfiguration: when repositories are to be scanned, by the registry's rules and their own.

use gantry_api_ecr as api;
use gantry_ecr_core::lifecycle::matches;
use gantry_ecr_core::{Refusal, RepositoryName};
use gantry_service::Cx;

use super::get_registry_scanning_configuration::shown_filter;
use super::parameter;
use crate::Ecr;
use crate::access::repository_arn;
use crate::error::EcrError;
use crate::tables::{Repository, SCANNING, Scanning, repositories_of};

const ACTION: &str = "ecr:BatchGetRepositoryScanningConfiguration";
/// AWS's words for when, the most often first.
const FREQUENCIES: [&str; 3] = ["CONTINUOUS_SCAN", "SCAN_ON_PUSH", "MANUAL"];

pub async fn batch_get_repository_scanning_configuration(
    ecr: &Ecr,
    cx: &Cx,
    input: api::BatchGetRepositoryScanningConfigurationRequest,
) -> Result<api::BatchGetRepositoryScanningConfigurationResponse, EcrError> {
    let scanning = ecr.db.begin().get(&SCANNING, &repositories_of(cx.account, &cx.region)).await?;
    let scanning = scanning.unwrap_or_default();
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for name in &input.repository_names {
        let name = parameter::name(name)?;
        match ecr.may(cx, cx.account, &name, ACTION).await {
            Ok(allowed) => found.push(shown(cx, &allowed.repository, &scanning)),
            Err(EcrError::Refused(Refusal::RepositoryNotFound { .. })) => failures.push(missing(&name)),
            Err(error) => return Err(error),
        }
    }
    Ok(api::BatchGetRepositoryScanningConfigurationResponse {
        scanning_configurations: Some(found),
        failures: Some(failures),
    })
}

fn shown(cx: &Cx, repository: &Repository, scanning: &Scanning) -> api::RepositoryScanningConfiguration {
    let name = repository.name.as_str();
    let applied: Vec<(&str, &String)> = scanning
        .rules
        .iter()
        .flat_map(|rule| rule.filters.iter().map(|filter| (rule.frequency.as_str(), filter)))
        .filter(|(_, filter)| matches(filter, name))
        .collect();
    let by_rule = FREQUENCIES.into_iter().find(|frequency| applied.iter().any(|(by, _)| by == frequency));
    let by_itself = if repository.scan_on_push { "SCAN_ON_PUSH" } else { "MANUAL" };
    let frequency = by_rule.unwrap_or(by_itself);
    api::RepositoryScanningConfiguration {
        repository_arn: Some(repository_arn(cx, cx.account, name).to_string()),
        repository_name: Some(name.to_owned()),
        scan_on_push: Some(frequency != "MANUAL"),
        scan_frequency: Some(frequency.to_owned()),
        applied_scan_filters: Some(
            applied.into_iter().map(|(_, filter)| shown_filter(filter.clone())).collect(),
        ),
    }
}

fn missing(name: &RepositoryName) -> api::RepositoryScanningConfigurationFailure {
    api::RepositoryScanningConfigurationFailure {
        repository_name: Some(name.to_string()),
        failure_code: Some("REPOSITORY_NOT_FOUND".to_owned()),
        failure_reason: Some("REPOSITORY_NOT_FOUND".to_owned()),
    }
}
