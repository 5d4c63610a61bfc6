//! IAM's policy engine, pure.
