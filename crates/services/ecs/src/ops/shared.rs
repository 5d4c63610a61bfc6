//! What several operations do in the same way.

use gantry_api_ecs as api;
use gantry_base::{Arn, PageToken, TagError, Tags};
use gantry_ecs_core::reference;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::{Key, Record, Scan, StoreError, Table, Tx};

use crate::error::EcsError;
use crate::names::Place;
use crate::tables::cluster::{self, CLUSTERS, Cluster};
use crate::tables::container_instance;
use crate::tables::task_definition::{self, FAMILIES, TASK_DEFINITIONS, TaskDefinition};

/// Where the call works.
pub(crate) fn place(cx: &Cx) -> Place {
    Place { account: cx.account, region: cx.region.clone() }
}

/// An action on a cluster's resource, with the condition key that names the cluster.
pub(crate) fn in_cluster<'a>(permission: Permission<'a>, place: &Place, cluster: &str) -> Permission<'a> {
    permission.key("ecs:cluster", [place.cluster_arn(cluster).to_string()])
}

/// The tags of the resource that a permission is asked for.
pub(crate) trait Having {
    /// Names them in both of the ways that policies may: `aws:ResourceTag/...` and `ecs:ResourceTag/...`.
    fn having<'t>(self, tags: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self;
}

impl Having for Permission<'_> {
    fn having<'t>(self, tags: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self {
        let tags: Vec<_> = tags.into_iter().collect();
        let permission = self.resource_tags(tags.iter().copied());
        let own = |permission: Self, (key, value)| permission.key(format!("ecs:ResourceTag/{key}"), [value]);
        tags.into_iter().fold(permission, own)
    }
}

/// Tags as the user sent them.
pub(crate) fn tags(given: Option<Vec<api::Tag>>) -> Result<Tags, EcsError> {
    let given = given.unwrap_or_default();
    if given.iter().any(|tag| tag.value.is_none()) {
        return Err(EcsError::invalid("Tag value can not be null."));
    }
    let pairs = given.into_iter().map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()));
    Tags::parse(pairs).map_err(|error| match error {
        TagError::Duplicate { .. } => EcsError::invalid("Multiple tags contain the same key"),
        other => EcsError::invalid(other.to_string()),
    })
}

/// Tags as the user gets them.
pub(crate) fn api_tags(tags: &Tags) -> Vec<api::Tag> {
    let one =
        |(key, value): (&str, &str)| api::Tag { key: Some(key.to_owned()), value: Some(value.to_owned()) };
    tags.iter().map(one).collect()
}

/// The active cluster, guarded against changes.
pub(crate) async fn active_cluster(tx: &mut Tx, place: &Place, name: &str) -> Result<Cluster, EcsError> {
    match tx.get(&CLUSTERS, &cluster::key(place, name)).await? {
        Some(cluster) if cluster.active => Ok(cluster),
        Some(_) => Err(EcsError::ClusterInactive),
        None => Err(EcsError::ClusterNotFound),
    }
}

/// The name of a cluster that is there, active or not; listings work in both.
pub(crate) async fn known_cluster(tx: &mut Tx, cx: &Cx, given: Option<&str>) -> Result<String, EcsError> {
    let place = place(cx);
    let name = reference::cluster(given, place.as_reference())?;
    match tx.peek(&CLUSTERS, &cluster::key(&place, &name)).await? {
        Some(_) => Ok(name),
        None => Err(EcsError::ClusterNotFound),
    }
}

/// Why what was named in a cluster is refused: that the cluster is not there comes before how the name is written.
pub(crate) async fn misnamed(tx: &mut Tx, cx: &Cx, cluster: Option<&str>, error: EcsError) -> EcsError {
    known_cluster(tx, cx, cluster).await.err().unwrap_or(error)
}

/// The name of the cluster that was asked for, there or not.
pub(crate) fn asked_cluster(place: &Place, given: Option<&str>) -> Result<String, EcsError> {
    Ok(reference::cluster(given, place.as_reference())?)
}

/// The tags of a cluster; of one that is not there, none.
pub(crate) async fn cluster_tags(tx: &mut Tx, place: &Place, cluster: &str) -> Result<Tags, StoreError> {
    let found = tx.peek(&CLUSTERS, &cluster::key(place, cluster)).await?;
    Ok(found.map(|cluster| cluster.tags).unwrap_or_default())
}

/// A container instance of a cluster as it was named, there or not.
pub(crate) struct NamedInstance {
    pub id: String,
    pub arn: Arn,
}

/// What a permission is asked for, before it is known whether the text names anything.
pub(crate) fn named_instance(place: &Place, cluster: &str, text: &str) -> NamedInstance {
    let id = text.rsplit('/').next().unwrap_or(text).to_owned();
    NamedInstance { arn: container_instance::arn(place, cluster, &id), id }
}

/// A container instance by id or ARN.
pub(crate) fn instance(place: &Place, cluster: &str, text: &str) -> Result<NamedInstance, EcsError> {
    let (named, id) = reference::container_instance(text, place.as_reference())?;
    in_that_cluster(named.as_deref(), cluster)?;
    Ok(NamedInstance { arn: container_instance::arn(place, cluster, &id), id })
}

/// An ARN that names a cluster must name the one that was asked.
pub(crate) fn in_that_cluster(named: Option<&str>, cluster: &str) -> Result<(), EcsError> {
    match named {
        Some(named) if named != cluster => {
            Err(EcsError::invalid(format!("Identifier is for cluster {named}. Your cluster is {cluster}")))
        }
        _ => Ok(()),
    }
}

/// There is no such container instance.
pub(crate) fn no_instance(id: &str) -> EcsError {
    EcsError::invalid(format!("Referenced container instance {id} not found."))
}

/// AWS's failure for what is not there.
pub(crate) fn missing(arn: &Arn) -> api::Failure {
    api::Failure { arn: Some(arn.to_string()), reason: Some("MISSING".to_owned()), detail: None }
}

/// A revision by name or ARN; without a revision the newest active one.
pub(crate) async fn find_definition(
    tx: &mut Tx,
    place: &Place,
    reference: &reference::TaskDefinitionReference,
) -> Result<Option<TaskDefinition>, StoreError> {
    let family = &reference.family;
    let revision = match reference.revision {
        Some(revision) => revision,
        None => {
            let counted = tx.peek(&FAMILIES, &task_definition::family_key(place, family)).await?;
            match counted.and_then(|family| family.latest_active) {
                Some(revision) => revision,
                None => return Ok(None),
            }
        }
    };
    tx.peek(&TASK_DEFINITIONS, &task_definition::key(place, family, revision)).await
}

/// AWS's bounds on the size of a page.
pub(crate) fn page_size(max_results: Option<i32>) -> Result<usize, EcsError> {
    match max_results {
        None => Ok(100),
        Some(size @ 1..=100) => Ok(size as usize),
        Some(_) => Err(EcsError::invalid("maxResults must be between 1 and 100.")),
    }
}

/// A page of a listing whose rows may be passed over.
pub(crate) struct Listing<'a> {
    /// Names the listing with its filters, so that a token fits no other.
    pub scope: String,
    pub prefix: Key,
    pub max_results: Option<i32>,
    pub next_token: Option<&'a str>,
    pub reverse: bool,
}

/// How many rows one page of a listing looks at, so that a filter which fits nothing costs a bounded time.
const MOST_ROWS: usize = 10_000;

impl Listing<'_> {
    /// The page: what `pick` makes of each row, and the token of the next page.
    pub(crate) async fn page<V: Record, T>(
        &self,
        tx: &mut Tx,
        table: &Table<V>,
        mut pick: impl FnMut(&Key, V) -> Option<T>,
    ) -> Result<(Vec<T>, Option<String>), Failure> {
        let size = page_size(self.max_results)?;
        let mut after = match self.next_token {
            None | Some("") => None,
            Some(token) => {
                let after = PageToken::decode(&self.scope, token)
                    .map_err(|_| EcsError::invalid("Invalid token in request."))?;
                Some(Key::from_text(after))
            }
        };
        let mut found = Vec::new();
        let mut looked_at = 0;
        loop {
            let mut scan = Scan::first(size + 1).after(after.clone());
            if self.reverse {
                scan = scan.reversed();
            }
            let rows = tx.peek_scan(table, &self.prefix, scan).await?;
            let more = rows.len() > size;
            let taken = rows.len().min(size);
            for (at, (key, row)) in rows.into_iter().take(size).enumerate() {
                looked_at += 1;
                found.extend(pick(&key, row));
                let is_last = at + 1 == taken && !more;
                after = Some(key);
                if !is_last && (found.len() == size || looked_at >= MOST_ROWS) {
                    let last = after.as_ref().map(Key::as_str).unwrap_or_default();
                    return Ok((found, Some(PageToken::encode(&self.scope, last))));
                }
            }
            if !more {
                return Ok((found, None));
            }
        }
    }
}
