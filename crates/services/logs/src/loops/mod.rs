//! The loops, named by what they keep true.

mod log_garbage;
mod log_merging;
mod log_retention;

pub use log_garbage::LogGarbage;
pub use log_merging::LogMerging;
pub use log_retention::LogRetention;

pub(crate) use log_garbage::{GRACE, LOG_GARBAGE};
