//! Templates: what repositories are like that are made because they are needed.

use gantry_base::{AccountId, Region, Tags, Timestamp};
use gantry_ecr_core::{Prefix, RepositoryName, TagMutability};
use gantry_store::{Key, Scan, StoreError, Table, Tx, key};
use serde::{Deserialize, Serialize};

use super::{LIFECYCLES, Lifecycle, REPOSITORIES, Repository, RepositoryId, repositories_of, repository_key};

/// The templates.
pub const TEMPLATES: Table<Template> = Table::new("ecr.template", 1);

/// The most templates that a registry has.
pub const TEMPLATES_AT_MOST: usize = 500;

/// A template.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Template {
    /// For which names it is.
    pub prefix: Prefix,
    pub description: Option<String>,
    /// The tags that repositories get.
    pub tags: Tags,
    pub mutability: TagMutability,
    /// The policy that repositories get.
    pub policy: Option<String>,
    /// The lifecycle policy that repositories get.
    pub lifecycle: Option<String>,
    /// What makes repositories after it.
    pub applied_for: Vec<AppliedFor>,
    /// The role that the user named for it, whose rights are not needed here.
    pub role: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Why a repository is made that nobody asked to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AppliedFor {
    /// An image is replicated to it.
    Replication,
    /// An image is pulled through it.
    PullThroughCache,
    /// An image is pushed to it.
    CreateOnPush,
}

impl AppliedFor {
    /// AWS's words for all of them.
    pub const WORDS: [(&'static str, AppliedFor); 3] = [
        ("REPLICATION", AppliedFor::Replication),
        ("PULL_THROUGH_CACHE", AppliedFor::PullThroughCache),
        ("CREATE_ON_PUSH", AppliedFor::CreateOnPush),
    ];
}

/// The key of a template.
pub fn template_key(account: AccountId, region: &Region, prefix: &Prefix) -> Key {
    key!(account, region, super::ordered(prefix))
}

/// The template for a repository of that name.
pub async fn template_for(
    tx: &mut Tx,
    account: AccountId,
    region: &Region,
    name: &RepositoryName,
    why: AppliedFor,
) -> Result<Option<Template>, StoreError> {
    let all = tx.scan(&TEMPLATES, &repositories_of(account, region), Scan::first(TEMPLATES_AT_MOST)).await?;
    let meant: Vec<Template> =
        all.into_iter().map(|(_, template)| template).filter(|one| one.applied_for.contains(&why)).collect();
    Ok(Prefix::closest(name, &meant, |template| &template.prefix).cloned())
}

/// A repository that is made because it is needed, in a registry that has none of that name.
pub struct Needed<'a> {
    pub registry: AccountId,
    pub region: &'a Region,
    pub name: &'a RepositoryName,
    pub id: RepositoryId,
    pub now: Timestamp,
}

/// Makes it, after its template if there is one.
pub fn make_needed(tx: &mut Tx, needed: Needed<'_>, template: Option<Template>) -> Repository {
    let Needed { registry, region, name, id, now } = needed;
    let mut made = Repository {
        id,
        name: name.clone(),
        created_at: now,
        mutability: TagMutability::default(),
        scan_on_push: false,
        tags: Tags::default(),
        policy: None,
        policy_ids: Default::default(),
    };
    if let Some(template) = template {
        made.mutability = template.mutability;
        made.tags = template.tags;
        made.policy = template.policy;
        if let Some(text) = template.lifecycle {
            let (region, name) = (region.clone(), name.clone());
            let policy = Lifecycle { registry, region, name, text, evaluated_at: None };
            tx.put(&LIFECYCLES, &key!(made.id), &policy);
        }
    }
    tx.put(&REPOSITORIES, &repository_key(registry, region, name.as_str()), &made);
    made
}
