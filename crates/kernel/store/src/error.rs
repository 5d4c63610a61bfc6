//! What can go wrong, in one enum.

use crate::kv::{LeaseId, Revision};

/// Why the store did not do what it was asked.
///
/// Only [`StoreError::Conflict`] is part of normal life: the caller runs its whole operation again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Something that the transaction read was written by another before it could commit.
    #[error("another transaction wrote what this one had read")]
    Conflict,
    /// History up to and including `compacted` is gone, so the watch can't go on from where it was.
    #[error("the history up to revision {compacted} has been compacted")]
    Compacted {
        /// The newest revision that is no longer in the history.
        compacted: Revision,
    },
    /// The lease never was, was revoked or has run out.
    #[error("there is no lease {0}")]
    NoLease(LeaseId),
    /// A key, value or transaction is over its limit.
    #[error("{what} is {size} bytes or entries, over the limit of {limit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// How large it is.
        size: usize,
        /// How large it may be.
        limit: usize,
    },
    /// The request contradicts itself.
    #[error("not a valid request to the store: {0}")]
    Invalid(String),
    /// A row was written by a newer Gantry than this one.
    #[error(
        "row {key} of table {table} is of version {row}, and this Gantry knows versions up to {known}: use the newer Gantry that wrote it"
    )]
    NewerRow {
        /// The table's name.
        table: &'static str,
        /// The row's key as text.
        key: String,
        /// The version in the row.
        row: u32,
        /// The newest version that this table can read.
        known: u32,
    },
    /// A row, event or record can't be read as what it should be, or a value can't be written as JSON.
    #[error("{what} can't be read or written: {reason}")]
    Codec {
        /// Which row or record.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Another process has the directory open.
    #[error(
        "the data directory {dir} is in use by process {pid}: stop that Gantry first, or use another --data-dir"
    )]
    InUse {
        /// The directory.
        dir: String,
        /// The process that holds it, or `unknown`.
        pid: String,
    },
    /// The directory or backup was written by a newer Gantry, in a format that this one can't read.
    #[error(
        "{what} was written by Gantry {wrote}, format {format}; this is Gantry {this}, which reads formats up to {known}: use Gantry {wrote} or newer"
    )]
    NewerFormat {
        /// The directory or file.
        what: String,
        /// The version that wrote it.
        wrote: String,
        /// Its format.
        format: u32,
        /// This build's version.
        this: &'static str,
        /// The newest format this build reads.
        known: u32,
    },
    /// A directory is not one to restore into, or a file is not a whole and undamaged backup.
    #[error("{0}")]
    Refused(String),
    /// The store can't be written to at the moment, or not be reached; nothing was done. It mends itself.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// The disk or the database failed.
    #[error("the store failed: {0}")]
    Engine(String),
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    /// Whether running the same operation again may succeed at once.
    pub fn is_conflict(&self) -> bool {
        matches!(self, StoreError::Conflict)
    }
}

macro_rules! engine_errors {
    ($($error:ty),*) => {$(
        impl From<$error> for StoreError {
            fn from(error: $error) -> Self {
                StoreError::Engine(error.to_string())
            }
        }
    )*};
}

engine_errors!(
    redb::StorageError,
    redb::TableError,
    redb::TransactionError,
    redb::CommitError,
    redb::DatabaseError
);
