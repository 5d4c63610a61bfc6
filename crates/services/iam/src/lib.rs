//! AWS IAM and STS.
