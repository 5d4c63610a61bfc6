//! The one source of truth: everything that must outlive a restart is here and nowhere else.
//!
//! The store is a map from bytes to bytes with revisions ([`Kv`]), kept by an engine ([`Redb`] inside one
//! machine, [`Etcd`] for a fleet), and on top of it typed tables ([`Table`]) that are read and written in transactions ([`Tx`]).
//! A transaction writes rows, wakes loops ([`Tx::wake`]) and tells of events ([`Tx::emit`]), all at once or
//! not at all.
//!
//! This crate never acknowledges what is not durable, never shows half of a transaction, never reads a row
//! that a newer Gantry wrote, and never opens a directory that another process has open.
//!
//! Read in this order: [`kv`] (the contract of an engine), [`tx`], [`table`] and [`key`](mod@key) (what
//! services use), [`wakes`], [`outbox`], then `engine` (how redb keeps the contract) and
//! `etcd` (how etcd does);
//! `copy` moves a store from one engine to another.

mod copy;
mod engine;
pub mod error;
mod etcd;
pub mod key;
pub mod kv;
pub mod outbox;
pub mod table;
pub mod tx;
pub mod wakes;

pub use copy::{Moved, copy_store, copy_to_directory};
pub use engine::{BackupSummary, Monotonic, Options, Redb, restore};
pub use error::StoreError;
pub use etcd::{Etcd, Location, Tls};
pub use key::{Key, number};
pub use kv::{
    Change, Compare, Event, KeyValue, Kv, LeaseId, Op, Order, Page, Range, Revision, Snapshot, TxnOutcome,
    Watch,
};
pub use outbox::{Entry, Outbox};
pub use table::{Migration, Record, Table};
pub use tx::{Db, Scan, Tx};
pub use wakes::Wakes;
