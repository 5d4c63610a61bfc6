//! OCI distribution v2 in front of ECR.
