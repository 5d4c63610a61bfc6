//! DescribeRegistry: the registry's settings. Nothing is ever replicated here, so there are no rules for it.

use gantry_api_ecr as api;
use gantry_service::{Cx, Permission};

use crate::Ecr;
use crate::error::EcrError;

pub async fn describe_registry(
    _ecr: &Ecr,
    cx: &Cx,
    _input: api::DescribeRegistryRequest,
) -> Result<api::DescribeRegistryResponse, EcrError> {
    cx.authorize(Permission::of("ecr:DescribeRegistry"))?;
    Ok(api::DescribeRegistryResponse {
        registry_id: Some(cx.account.to_string()),
        replication_configuration: Some(api::ReplicationConfiguration { rules: Vec::new() }),
    })
}
