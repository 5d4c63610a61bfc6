//! End-to-end tests: the real binary with the real clients.
