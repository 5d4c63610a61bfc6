//! The loops, named by what they keep true.

mod secret_deletion;

pub(crate) use secret_deletion::SECRET_DELETION;

pub use secret_deletion::SecretDeletion;
