//! The proof that a write is allowed.

/// What a write to the store must be accompanied by.
///
/// Two things are an authority: a permit, which only the policy engine makes, and the pass of a loop, which
/// only the loop runner makes. Code that holds neither can't commit.
pub trait Authority: Send + Sync {
    /// Who acts and under what right, in one line, for logs and the audit trail.
    fn describe(&self) -> String;
}
