//! The operations that are served. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::shapes;

gantry_wire::operations! {
    "secretsmanager";
    CreateSecret(shapes::CreateSecretRequest) -> shapes::CreateSecretResponse;
    DeleteSecret(shapes::DeleteSecretRequest) -> shapes::DeleteSecretResponse;
    DescribeSecret(shapes::DescribeSecretRequest) -> shapes::DescribeSecretResponse;
    GetSecretValue(shapes::GetSecretValueRequest) -> shapes::GetSecretValueResponse;
    ListSecrets(shapes::ListSecretsRequest) -> shapes::ListSecretsResponse;
    PutSecretValue(shapes::PutSecretValueRequest) -> shapes::PutSecretValueResponse;
}
