//! Finding what a request names, by id or ARN.

use gantry_base::Arn;
use gantry_service::{Cx, Permission};
use gantry_store::{StoreError, Tx};

use crate::error::CloudMapError;
use crate::tables::{NAMESPACES, Namespace, SERVICES, Service, namespace_key, service_key};

/// The service's name in ARNs and actions.
pub const SERVICE: &str = "servicediscovery";

/// The ARN of a namespace.
pub fn namespace_arn(cx: &Cx, id: &str) -> Arn {
    cx.arn(SERVICE, format_args!("namespace/{id}"))
}

/// The ARN of a service.
pub fn service_arn(cx: &Cx, id: &str) -> Arn {
    cx.arn(SERVICE, format_args!("service/{id}"))
}

/// The id that is meant, if it is one of this account and region.
fn own_id<'a>(cx: &Cx, given: &'a str) -> Option<&'a str> {
    if !given.starts_with("arn:") {
        return Some(given);
    }
    let arn: Arn = given.parse().ok()?;
    let own = arn.service() == SERVICE
        && arn.account() == cx.account.as_str()
        && arn.region() == cx.region.as_str();
    own.then(|| given.rsplit('/').next().unwrap_or(given))
}

/// A namespace that a request names, which may not be there.
pub struct NamedNamespace {
    given: String,
    pub arn: Arn,
    found: Option<Namespace>,
}

impl NamedNamespace {
    /// Looks a namespace up.
    pub async fn look_up(tx: &mut Tx, cx: &Cx, given: &str) -> Result<NamedNamespace, StoreError> {
        let found = match own_id(cx, given) {
            Some(id) => tx.get(&NAMESPACES, &namespace_key(cx.account, &cx.region, id)).await?,
            None => None,
        };
        let arn = match own_id(cx, given) {
            Some(id) => namespace_arn(cx, id),
            None => given.parse().unwrap_or_else(|_| namespace_arn(cx, "*")),
        };
        Ok(NamedNamespace { given: given.to_owned(), arn, found })
    }

    /// The permission for an action on it.
    pub fn permission(&self, action: &'static str) -> Permission<'_> {
        let tags = self.found.iter().flat_map(|found| found.tags.iter());
        Permission::on(action, &self.arn).resource_tags(tags)
    }

    /// The namespace, or the error that it is not there.
    pub fn there(self) -> Result<Namespace, CloudMapError> {
        self.found.ok_or(CloudMapError::NamespaceNotFound(self.given))
    }
}

/// A service that a request names, which may not be there.
pub struct NamedService {
    given: String,
    pub arn: Arn,
    found: Option<Service>,
}

impl NamedService {
    /// Looks a service up.
    pub async fn look_up(tx: &mut Tx, cx: &Cx, given: &str) -> Result<NamedService, StoreError> {
        let found = match own_id(cx, given) {
            Some(id) => tx.get(&SERVICES, &service_key(cx.account, &cx.region, id)).await?,
            None => None,
        };
        let arn = match own_id(cx, given) {
            Some(id) => service_arn(cx, id),
            None => given.parse().unwrap_or_else(|_| service_arn(cx, "*")),
        };
        Ok(NamedService { given: given.to_owned(), arn, found })
    }

    /// The permission for an action on it.
    pub fn permission(&self, action: &'static str) -> Permission<'_> {
        let tags = self.found.iter().flat_map(|found| found.tags.iter());
        Permission::on(action, &self.arn)
            .resource_tags(tags)
            .key("servicediscovery:ServiceArn", [self.arn.as_str()])
    }

    /// The permission for an action that AWS knows no resource for; a condition may name the service.
    pub fn permission_for_instances(&self, action: &'static str) -> Permission<'_> {
        Permission::of(action).key("servicediscovery:ServiceArn", [self.arn.as_str()])
    }

    /// The service, or the error that it is not there.
    pub fn there(self) -> Result<Service, CloudMapError> {
        self.found.ok_or(CloudMapError::ServiceNotFound(self.given))
    }
}
