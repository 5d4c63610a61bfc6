//! The operations, one file each.

pub mod lookup_events;
