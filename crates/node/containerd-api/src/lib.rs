//! Generated client of containerd's API.
