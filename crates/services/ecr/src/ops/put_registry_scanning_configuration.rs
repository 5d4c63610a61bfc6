//! PutRegistryScanningConfiguration: says which repositories are to be scanned, and when. It is noted: images are not
//! scanned yet.

use gantry_api_ecr as api;
use gantry_service::{Cx, Permission};

use super::get_registry_scanning_configuration::shown;
use crate::Ecr;
use crate::error::EcrError;
use crate::tables::{SCANNING, ScanRule, Scanning, repositories_of};

pub async fn put_registry_scanning_configuration(
    ecr: &Ecr,
    cx: &Cx,
    input: api::PutRegistryScanningConfigurationRequest,
) -> Result<api::PutRegistryScanningConfigurationResponse, EcrError> {
    let permit = cx.authorize(Permission::of("ecr:PutRegistryScanningConfiguration"))?;
    let row = repositories_of(cx.account, &cx.region);
    let mut tx = ecr.db.begin();
    let before = tx.get(&SCANNING, &row).await?.unwrap_or_default();
    let rules = input.rules.unwrap_or_default().into_iter().map(|rule| ScanRule {
        frequency: rule.scan_frequency,
        filters: rule.repository_filters.into_iter().map(|filter| filter.filter).collect(),
    });
    let scanning = Scanning { kind: input.scan_type.unwrap_or(before.kind), rules: rules.collect() };
    check(&scanning)?;
    tx.put(&SCANNING, &row, &scanning);
    tx.commit(&permit).await?;
    Ok(api::PutRegistryScanningConfigurationResponse {
        registry_scanning_configuration: Some(shown(scanning)),
    })
}

fn check(scanning: &Scanning) -> Result<(), EcrError> {
    let invalid = |rule: String| Err(EcrError::InvalidParameter { parameter: "", rule });
    if scanning.kind == "BASIC" && scanning.rules.iter().any(|rule| rule.frequency == "CONTINUOUS_SCAN") {
        return invalid("Invalid scan frequency for scanType BASIC: CONTINUOUS_SCAN".to_owned());
    }
    let mut frequencies: Vec<&str> = scanning.rules.iter().map(|rule| rule.frequency.as_str()).collect();
    frequencies.sort_unstable();
    if let Some(pair) = frequencies.windows(2).find(|pair| pair[0] == pair[1]) {
        return invalid(format!("Invalid input. Contains duplicate scan frequencies: [{}]", pair[0]));
    }
    Ok(())
}
