//! ListServicesByNamespace: services that use a namespace of Service Connect. No service of Gantry's does yet, and there
//! are no namespaces.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure, Permission};
use gantry_wire::ApiError;

use crate::Ecs;

/// Refuses a namespace that is not there, as all are.
pub async fn run(
    _: &Ecs,
    cx: Cx,
    input: api::ListServicesByNamespaceRequest,
) -> Result<api::ListServicesByNamespaceResponse, Failure> {
    cx.authorize(Permission::of("ecs:ListServicesByNamespace"))?;
    let message = format!("The specified namespace {} was not found.", input.namespace);
    Err(ApiError::new("NamespaceNotFoundException", message).into())
}
