//! What the image registry speaks of: names of repositories, digests, tags, manifests, the rules for tags
//! that may not move, and the contract between the registry's HTTP side and the service that keeps images.
//!
//! This crate never touches a disk, a store, a clock or a socket. A value of one of its types is valid: a
//! [`RepositoryName`] can stand in a path, a [`Digest`] can be compared with what was hashed, a [`Manifest`]
//! says in one way only what it refers to.
//!
//! Read in this order: [`name`], [`prefix`], [`digest`], [`reference`](mod@reference), [`media_type`], [`manifest`],
//! [`translation`], [`mutability`], [`lifecycle`], [`retention`], [`refusal`] (how requests fail), [`repositories`] and [`password`] (the contract).

pub mod digest;
pub mod lifecycle;
pub mod manifest;
pub mod media_type;
pub mod mutability;
pub mod name;
pub mod password;
pub mod prefix;
pub mod reference;
pub mod refusal;
pub mod repositories;
pub mod retention;
pub mod translation;

pub use digest::{Digest, Hasher};
pub use lifecycle::{Action, Candidate, Expiring, LifecyclePolicy};
pub use manifest::{Descriptor, Manifest, ManifestError};
pub use media_type::ManifestType;
pub use mutability::{ExclusionFilter, TagMutability};
pub use name::RepositoryName;
pub use password::{BadPassword, Holder, Passwords};
pub use prefix::{BadPrefix, Prefix};
pub use reference::{Reference, Tag};
pub use refusal::Refusal;
pub use repositories::{
    ByteRange, Bytestream, Layer, Part, PushedManifest, Referrer, Repositories, StoredManifest, UploadId,
    Want,
};
