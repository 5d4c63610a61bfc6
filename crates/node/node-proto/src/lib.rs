//! What control plane and node say to each other.
