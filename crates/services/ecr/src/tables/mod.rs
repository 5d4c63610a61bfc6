//! What the service remembers.
//!
//! A repository's row names an id that is made when the repository is, and all that belongs to the repository
//! is kept under that id. So a repository is deleted in one row, what it held is cleared away later, and one
//! of the same name begins empty.
//!
//! | table | key | says |
//! |---|---|---|
//! | [`REPOSITORIES`] | account, region, name | the repository |
//! | [`IMAGES`] | repository, digest | a manifest that can be seen, and its tags |
//! | [`TAGS`] | repository, tag | what the tag points to |
//! | [`LAYERS`] | repository, digest | a blob that can be read in the repository |
//! | [`LAYER_USES`] | repository, layer, image | the image needs the layer |
//! | [`CHILD_USES`] | repository, image, list | the list needs the image |
//! | [`REFERRERS`] | repository, subject, image | the image says something about the subject |
//! | [`UPLOADS`] | repository, upload | an upload that has begun |
//! | [`BLOBS`] | digest | content that is kept, once for all repositories |
//! | [`LINKS`] | digest, repository, what | who needs that content |
//! | [`LIFECYCLES`] | repository | its lifecycle policy |
//! | [`PREVIEWS`] | repository | the lifecycle policy that is tried out on it |
//! | [`REGISTRY_POLICIES`] | account, region | the registry's policy |
//! | [`REPLICATIONS`] | account, region | what the registry wants replicated |
//! | [`COPIES`] | repository, image, region, account | a copy of the image that is to be made there |
//! | [`COPIED`] | repository, image, region, account | what became of that copy |
//! | [`TEMPLATES`] | account, region, prefix | what repositories are like that are made because they are needed |
//! | [`CACHE_RULES`] | account, region, prefix | which other registry is pulled through this one |
//! | [`COMPARED`] | repository, tag | when a tag was compared with that of the other registry |
//! | [`EXCLUSIONS`] | account, region, principal | whose pulls are passed over where last pulls are noted |
//! | [`SCANNING`] | account, region | how the registry wants to be scanned |
//! | [`SETTINGS`] | account, region, name | what the account chose |
//! | [`GRAVES`] | repository | a deleted repository whose rows remain |

mod blob;
mod cache_rule;
mod exclusion;
mod image;
mod lifecycle;
mod registry;
mod replication;
mod repository;
mod template;

use std::fmt::Display;

use gantry_store::{Key, key};
use serde::{Deserialize, Serialize};

pub use blob::{BLOBS, Blob, LINKS, Link, link_key};
pub use cache_rule::{CACHE_RULES, CACHE_RULES_AT_MOST, COMPARED, CacheRule, Compared, cache_rule_key};
pub use exclusion::{EXCLUSIONS, EXCLUSIONS_AT_MOST, Exclusion, exclusion_key};
pub use image::{
    CHILD_USES, IMAGES, Image, LAYER_USES, LAYERS, Layer, Piece, REFERRERS, TAGS, TagTarget, UPLOADS, Upload,
};
pub use lifecycle::{LIFECYCLES, Lifecycle, PREVIEWS, Preview};
pub use registry::{SCANNING, SETTINGS, ScanRule, Scanning, Setting};
pub use replication::{
    COPIED, COPIES, Copied, Copying, Destination, REPLICATIONS, Replication, ReplicationRule, copy_key,
};
pub use repository::{
    GRAVES, REGISTRY_POLICIES, REPOSITORIES, RegistryPolicy, Repository, RepositoryId, repositories_of,
    repository_key,
};
pub use template::{
    AppliedFor, Needed, TEMPLATES, TEMPLATES_AT_MOST, Template, make_needed, template_for, template_key,
};

/// A row whose key says it all.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Mark {}

/// A last part of a key that sorts as its text does, so that `v1` comes before `v1-rc`: keys end their parts
/// with `/`, which is after `-` and `.`, and `!` is before all that names may have.
fn ordered(text: impl Display) -> String {
    format!("{text}!")
}

/// The text of a last part that [`ordered`] made.
pub fn ordered_text(key: &Key) -> String {
    let mut text = key.parts().pop().unwrap_or_default();
    text.pop();
    text
}

/// The key of what belongs to a repository.
pub fn in_repository(repository: &RepositoryId, part: impl Display) -> Key {
    key!(repository, part)
}

/// The key of a tag.
pub fn tag_key(repository: &RepositoryId, tag: impl Display) -> Key {
    key!(repository, ordered(tag))
}
