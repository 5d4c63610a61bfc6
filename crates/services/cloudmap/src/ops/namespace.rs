//! What the three kinds of namespaces have in common: they are made, changed and shown alike.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure, NAMES_WAKE, Permission};
use gantry_store::Scan;

use crate::error::CloudMapError;
use crate::find::{self, NamedNamespace};
use crate::tables::{NAMESPACES, Namespace, NamespaceKind, Outcome, Target, namespace_key, namespaces_key};
use crate::{CloudMap, operations, tagged};

/// How many namespaces an account may have in a region, as in AWS.
const LIMIT: usize = 50;

const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz234567";

/// What is asked for of a new namespace.
pub(super) struct New {
    pub name: String,
    pub creator_request_id: Option<String>,
    pub description: Option<String>,
    pub tags: Option<Vec<api::Tag>>,
}

/// Makes a namespace, or an operation that failed; the operation's id. The same request makes none twice.
pub(super) async fn create(
    service: &CloudMap,
    cx: &Cx,
    action: &'static str,
    new: New,
    kind: impl FnOnce() -> Result<NamespaceKind, CloudMapError>,
) -> Result<String, Failure> {
    let given = tagged::pairs(new.tags.as_deref());
    let permit = cx.authorize(Permission::of(action).request_tags(given))?;
    let tags = tagged::parse(new.tags.unwrap_or_default())?;
    let creator_request_id = new.creator_request_id.unwrap_or_else(|| service.ids.uuid());

    let mut tx = service.db.begin();
    let kind = kind()?;
    let all = tx.scan(&NAMESPACES, &namespaces_key(cx.account, &cx.region), Scan::all()).await?;
    let mut same = all.iter().map(|(_, known)| known).filter(|known| known.name == new.name);
    if let Some(known) = same.find(|known| is_in_the_way(&known.kind, &kind)) {
        let again = known.creator_request_id == creator_request_id
            && known.kind.as_str() == kind.as_str()
            && known.description == new.description;
        return match again {
            true => Ok(known.made_by.clone()),
            false => Err(CloudMapError::NamespaceAlreadyExists {
                id: known.id.clone(),
                creator_request_id: known.creator_request_id.clone(),
            }
            .into()),
        };
    }
    if all.len() >= LIMIT {
        let message = format!("The maximum number of namespaces of an account is {LIMIT}.");
        return Err(CloudMapError::ResourceLimitExceeded(message).into());
    }
    let id = format!("ns-{}", service.ids.text(16, LETTERS));
    let operation = operations::new_id(service, cx.now);
    let outcome = match refusal(cx, &kind, &new.name, all.iter().map(|(_, known)| known)).await? {
        Some(message) => Outcome::Failed { code: "CANNOT_CREATE_HOSTED_ZONE".to_owned(), message },
        None => Outcome::Success,
    };
    if outcome == Outcome::Success {
        let row = Namespace {
            id: id.clone(),
            name: new.name,
            kind,
            description: new.description,
            creator_request_id,
            made_by: operation.clone(),
            created_at: cx.now,
            tags,
        };
        tx.put(&NAMESPACES, &namespace_key(cx.account, &cx.region, &id), &row);
        tx.wake(NAMES_WAKE);
    }
    let target = Target::Namespace(id);
    let operation = operations::write(&mut tx, cx, operation, "CREATE_NAMESPACE", target, outcome);
    tx.commit(&permit).await?;
    Ok(operation)
}

/// Whether a namespace keeps another of its name from being made. Private ones of two VPCs are apart.
fn is_in_the_way(known: &NamespaceKind, new: &NamespaceKind) -> bool {
    match (known, new) {
        (NamespaceKind::DnsPrivate { vpc_id: known, .. }, NamespaceKind::DnsPrivate { vpc_id: new, .. }) => {
            known == new
        }
        (NamespaceKind::DnsPrivate { .. }, _) | (_, NamespaceKind::DnsPrivate { .. }) => false,
        _ => true,
    }
}

/// Why the zone of a namespace can't be.
async fn refusal(
    cx: &Cx,
    kind: &NamespaceKind,
    name: &str,
    mut others: impl Iterator<Item = &Namespace>,
) -> Result<Option<String>, Failure> {
    let NamespaceKind::DnsPrivate { vpc_id, .. } = kind else { return Ok(None) };
    if !crate::network::has_vpc(cx, vpc_id).await? {
        return Ok(Some(format!(
            "The VPC {vpc_id} in region {} that you provided is not authorized to make the association.",
            cx.region
        )));
    }
    let is_same = |other: &Namespace| match &other.kind {
        NamespaceKind::DnsPrivate { vpc_id: of, .. } => of == vpc_id && other.name.eq_ignore_ascii_case(name),
        _ => false,
    };
    Ok(others.find(|other| is_same(other)).and_then(|other| other.kind.zone()).map(|(zone, _)| {
        format!(
            "The VPC {vpc_id} in region {} has already been associated with the hosted zone {zone} with the same domain name.",
            cx.region
        )
    }))
}

/// An id of a new zone, in Route 53's form.
pub(super) fn zone_id(service: &CloudMap) -> String {
    service.ids.iam("Z", 21)
}

/// Seconds of a record of the type SOA.
pub(super) fn soa(ttl: i64) -> Result<u32, CloudMapError> {
    u32::try_from(ttl).map_err(|_| CloudMapError::invalid(format!("Invalid TTL of the SOA record: {ttl}")))
}

/// What is to be changed of a namespace.
pub(super) struct Change {
    pub description: Option<String>,
    pub soa_ttl: Option<i64>,
}

/// Changes a namespace of a kind; the operation's id.
pub(super) async fn update(
    service: &CloudMap,
    cx: &Cx,
    action: &'static str,
    kind: &str,
    id: &str,
    change: Change,
) -> Result<String, Failure> {
    let mut tx = service.db.begin();
    let named = NamedNamespace::look_up(&mut tx, cx, id).await?;
    let permit = cx.authorize(named.permission(action))?;

    let mut row = named.there()?;
    if row.kind.as_str() != kind {
        let message = format!("The namespace {} has the type {}.", row.id, row.kind.as_str());
        return Err(CloudMapError::invalid(message).into());
    }
    if let Some(description) = change.description {
        row.description = Some(description).filter(|text| !text.is_empty());
    }
    if let Some(ttl) = change.soa_ttl {
        match &mut row.kind {
            NamespaceKind::Http => {}
            NamespaceKind::DnsPrivate { soa_ttl, .. } | NamespaceKind::DnsPublic { soa_ttl, .. } => {
                *soa_ttl = Some(soa(ttl)?);
            }
        }
        tx.wake(NAMES_WAKE);
    }
    tx.put(&NAMESPACES, &namespace_key(cx.account, &cx.region, &row.id), &row);
    let operation = operations::done(service, &mut tx, cx, "UPDATE_NAMESPACE", Target::Namespace(row.id));
    tx.commit(&permit).await?;
    Ok(operation)
}

/// What a namespace's type gives it, as AWS shows it.
pub(super) fn properties(row: &Namespace) -> api::NamespaceProperties {
    let dns = match row.kind.zone() {
        None => api::DnsProperties { hosted_zone_id: None, soa: Some(api::SOA { ttl: None }) },
        Some((zone, ttl)) => api::DnsProperties {
            hosted_zone_id: Some(zone.to_owned()),
            soa: ttl.map(|ttl| api::SOA { ttl: Some(i64::from(ttl)) }),
        },
    };
    api::NamespaceProperties {
        dns_properties: Some(dns),
        http_properties: Some(api::HttpProperties { http_name: Some(row.name.clone()) }),
    }
}

/// A namespace's ARN, as text.
pub(super) fn arn(cx: &Cx, row: &Namespace) -> String {
    find::namespace_arn(cx, &row.id).to_string()
}
