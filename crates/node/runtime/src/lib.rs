//! The Engine trait and its containerd and simulated engines.
