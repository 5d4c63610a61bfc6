//! The one source of truth.
