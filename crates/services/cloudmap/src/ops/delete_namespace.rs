//! DeleteNamespace: a namespace without services goes, and its zone with it.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure, NAMES_WAKE};
use gantry_store::Scan;

use crate::error::CloudMapError;
use crate::find::NamedNamespace;
use crate::tables::{
    NAMESPACES, OPERATIONS, Operation, Outcome, SERVICES, Target, namespace_key, operations_key, services_key,
};
use crate::{CloudMap, operations};

/// Deletes the namespace. What was asked for of it before is forgotten, and the deletion itself is in no list, as in
/// AWS.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::DeleteNamespaceRequest,
) -> Result<api::DeleteNamespaceResponse, Failure> {
    let mut tx = service.db.begin();
    let named = NamedNamespace::look_up(&mut tx, &cx, &input.id).await?;
    let permit = cx.authorize(named.permission("servicediscovery:DeleteNamespace"))?;

    let row = named.there()?;
    let services = tx.scan(&SERVICES, &services_key(cx.account, &cx.region), Scan::all()).await?;
    if services.iter().any(|(_, known)| known.namespace_id == row.id) {
        let message = "Namespace has associated services; delete the services before deleting the namespace";
        return Err(CloudMapError::ResourceInUse(message.to_owned()).into());
    }
    let target = Target::Namespace(row.id.clone());
    let known = tx.peek_scan(&OPERATIONS, &operations_key(cx.account, &cx.region), Scan::all()).await?;
    for (_, known) in known.iter().filter(|(_, known)| known.target == target) {
        operations::forget(&mut tx, &cx, known);
    }
    tx.delete(&NAMESPACES, &namespace_key(cx.account, &cx.region, &row.id));
    tx.wake(NAMES_WAKE);
    let deleted = Operation {
        id: operations::new_id(service, cx.now),
        kind: "DELETE_NAMESPACE".to_owned(),
        target,
        outcome: Outcome::Success,
        at: cx.now,
        unlisted: true,
    };
    operations::put(&mut tx, &cx, &deleted);
    tx.commit(&permit).await?;
    Ok(api::DeleteNamespaceResponse { operation_id: Some(deleted.id) })
}
