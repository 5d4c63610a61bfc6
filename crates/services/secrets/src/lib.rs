//! Secrets Manager, and Systems Manager's parameters.
//!
//! Values are sealed before they reach the store, each bound to the row it belongs to, and are opened only to
//! answer a caller who may read them. What is secret is sealed under keys of KMS, which has its own say.
//!
//! This crate never writes a value in the clear, never puts one into an error, a log or a debug text, and
//! never keeps a digest of one, from which a short secret could be guessed.
//!
//! Read in this order: [`sealed`] (a value at rest), [`vault`] (what it is sealed under),
//! [`secretsmanager`], [`ssm`], [`loops`].

pub mod loops;
pub mod sealed;
pub mod secretsmanager;
pub mod ssm;
pub mod vault;

use std::sync::Arc;

use gantry_base::Ids;
use gantry_service::{Registry, RoleCredentials, Sealer};
use gantry_store::Db;

/// What the operations work with.
pub struct Secrets {
    pub(crate) db: Db,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) sealer: Sealer,
    pub(crate) roles: Arc<dyn RoleCredentials>,
}

/// Serves the operations of Secrets Manager and of Systems Manager's parameters. `loops::SecretDeletion` must
/// run beside them, so that secrets go when their recovery window ends.
pub fn register(
    registry: &mut Registry,
    db: Db,
    ids: Arc<dyn Ids>,
    sealer: Sealer,
    roles: Arc<dyn RoleCredentials>,
) {
    let secrets = Arc::new(Secrets { db, ids, sealer, roles });
    secretsmanager::register(registry, &secrets);
    ssm::register(registry, &secrets);
}

/// Registers operations: each with the module under `ops` that has its `run`.
macro_rules! serve {
    ($registry:expr, $secrets:expr, $api:ident; $($operation:ident: $module:ident),* $(,)?) => {$(
        let service = $secrets.clone();
        $registry.on::<$api::$operation, _, _, _>(move |cx, input| {
            let secrets = service.clone();
            async move { ops::$module::run(&secrets, cx, input).await }
        });
    )*};
}
pub(crate) use serve;
