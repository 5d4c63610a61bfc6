//! Signing and verifying AWS Signature Version 4, pure.
