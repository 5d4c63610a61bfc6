//! Secrets Manager: named secrets with versions, and labels that say which version is current.

mod answer;
pub mod error;
pub mod name;
pub mod ops;
pub mod table;
pub mod versions;

use std::sync::Arc;

use gantry_api_secretsmanager as api;
use gantry_service::Registry;

use crate::Secrets;

pub(crate) fn register(registry: &mut Registry, secrets: &Arc<Secrets>) {
    crate::serve! {
        registry, secrets, api;
        CreateSecret: create_secret,
        DeleteSecret: delete_secret,
        DescribeSecret: describe_secret,
        GetSecretValue: get_secret_value,
        ListSecrets: list_secrets,
        PutSecretValue: put_secret_value,
    }
}
