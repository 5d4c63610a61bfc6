//! What is stored beside the events.

mod garbage;
mod group;
mod stream;

pub use garbage::{GARBAGE, Garbage, garbage_key};
pub use group::{GROUPS, Group, GroupClass, group_key, groups_key};
pub use stream::{STREAMS, Stream, stream_key, streams_key};
