//! GetRegistryScanningConfiguration: how the registry wants to be scanned.

use gantry_api_ecr as api;
use gantry_service::{Cx, Permission};

use crate::Ecr;
use crate::error::EcrError;
use crate::tables::{SCANNING, ScanRule, Scanning, repositories_of};

pub async fn get_registry_scanning_configuration(
    ecr: &Ecr,
    cx: &Cx,
    _: api::GetRegistryScanningConfigurationRequest,
) -> Result<api::GetRegistryScanningConfigurationResponse, EcrError> {
    cx.authorize(Permission::of("ecr:GetRegistryScanningConfiguration"))?;
    let found = ecr.db.begin().get(&SCANNING, &repositories_of(cx.account, &cx.region)).await?;
    Ok(api::GetRegistryScanningConfigurationResponse {
        registry_id: Some(cx.account.to_string()),
        scanning_configuration: Some(shown(found.unwrap_or_default())),
    })
}

/// A configuration as AWS shows it.
pub fn shown(scanning: Scanning) -> api::RegistryScanningConfiguration {
    let rule = |rule: ScanRule| api::RegistryScanningRule {
        scan_frequency: rule.frequency,
        repository_filters: rule.filters.into_iter().map(shown_filter).collect(),
    };
    api::RegistryScanningConfiguration {
        scan_type: Some(scanning.kind),
        rules: Some(scanning.rules.into_iter().map(rule).collect()),
    }
}

/// A filter as AWS shows it.
pub fn shown_filter(filter: String) -> api::ScanningRepositoryFilter {
    api::ScanningRepositoryFilter { filter, filter_type: "WILDCARD".to_owned() }
}
