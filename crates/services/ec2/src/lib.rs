//! The parts of Amazon EC2 that containers need.
