//! AWS Secrets Manager and SSM Parameter Store, sealed at rest.
