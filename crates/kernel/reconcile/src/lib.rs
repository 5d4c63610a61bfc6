//! The loop runner: load, plan, commit.
