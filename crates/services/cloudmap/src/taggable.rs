//! What tags hang on: a namespace or a service, by ARN.

use gantry_base::{Arn, Tags};
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Tx;

use crate::error::CloudMapError;
use crate::find::SERVICE;
use crate::tables::{NAMESPACES, Namespace, SERVICES, Service, namespace_key, service_key};

enum Found {
    Namespace(Namespace),
    Service(Service),
    Nothing,
}

/// What a request names, which may not be there.
pub struct Taggable {
    arn: Arn,
    found: Found,
}

impl Taggable {
    /// Looks up what an ARN names.
    pub async fn look_up(tx: &mut Tx, cx: &Cx, given: &str) -> Result<Taggable, Failure> {
        let Ok(arn) = given.parse::<Arn>() else {
            return Err(CloudMapError::invalid(format!("{given} is not a valid ARN.")).into());
        };
        let own = arn.service() == SERVICE
            && arn.account() == cx.account.as_str()
            && arn.region() == cx.region.as_str();
        let found = match arn.resource().split_once('/') {
            Some(("namespace", id)) if own => {
                let row = tx.get(&NAMESPACES, &namespace_key(cx.account, &cx.region, id)).await?;
                row.map_or(Found::Nothing, Found::Namespace)
            }
            Some(("service", id)) if own => {
                let row = tx.get(&SERVICES, &service_key(cx.account, &cx.region, id)).await?;
                row.map_or(Found::Nothing, Found::Service)
            }
            _ => Found::Nothing,
        };
        Ok(Taggable { arn, found })
    }

    /// The permission for an action on it.
    pub fn permission(&self, action: &'static str) -> Permission<'_> {
        let tags = self.tags().into_iter().flat_map(Tags::iter);
        Permission::on(action, &self.arn).resource_tags(tags)
    }

    /// Its tags, or the error that it is not there.
    pub fn tags(&self) -> Result<&Tags, CloudMapError> {
        match &self.found {
            Found::Namespace(row) => Ok(&row.tags),
            Found::Service(row) => Ok(&row.tags),
            Found::Nothing => Err(CloudMapError::ResourceNotFound(self.arn.to_string())),
        }
    }

    /// Writes it with other tags.
    pub fn change(
        mut self,
        tx: &mut Tx,
        cx: &Cx,
        change: impl FnOnce(&Tags) -> Result<Tags, CloudMapError>,
    ) -> Result<(), CloudMapError> {
        let tags = change(self.tags()?)?;
        match &mut self.found {
            Found::Namespace(row) => {
                row.tags = tags;
                tx.put(&NAMESPACES, &namespace_key(cx.account, &cx.region, &row.id), row);
            }
            Found::Service(row) => {
                row.tags = tags;
                tx.put(&SERVICES, &service_key(cx.account, &cx.region, &row.id), row);
            }
            Found::Nothing => {}
        }
        Ok(())
    }
}
