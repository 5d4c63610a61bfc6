//! Network namespaces, interfaces, bridges and nftables.
