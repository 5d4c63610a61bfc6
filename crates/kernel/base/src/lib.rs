//! The words that every other room shares: accounts, regions, ARNs, time, ids, tags, page tokens and the
//! proof that a write is allowed.
//!
//! This crate never reads the clock, the disk or the environment on its own account: time comes from a
//! [`Clock`], randomness from [`Ids`], and both are handed in, so that a week of cluster life can run in a
//! second and the same each time.
//!
//! Read in this order: [`place`] (accounts, regions, partitions), [`arn`], [`time`], [`ids`], [`tags`],
//! [`page`], [`authority`], [`admission`]. [`hops`] stands apart: it is the one rule of HTTP that two proxies share, which may
//! use nothing else together.

pub mod admission;
pub mod arn;
pub mod authority;
pub mod hops;
pub mod ids;
pub mod page;
pub mod place;
pub mod tags;
pub mod time;

pub use admission::Admission;
pub use arn::Arn;
pub use authority::Authority;
pub use ids::{Ids, OsIds, SeededIds};
pub use page::PageToken;
pub use place::{AccountId, Partition, Region};
pub use tags::{TagError, Tags};
pub use time::{Clock, ManualClock, SystemClock, Timestamp};
