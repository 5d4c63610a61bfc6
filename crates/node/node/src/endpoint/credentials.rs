//! The task role's credentials, as the SDKs read them.

use gantry_base::Timestamp;
use gantry_node_proto::v1;
use http::StatusCode;
use serde_json::{Value, json};

/// The answer to `/v2/credentials/<id>`. The id is the secret that the task alone was told.
pub fn answer(role: Option<&v1::Credentials>, id: &str) -> (StatusCode, Value) {
    match role {
        Some(role) if !role.id.is_empty() && role.id == id => (
            StatusCode::OK,
            json!({
                "RoleArn": role.role_arn,
                "AccessKeyId": role.access_key_id,
                "SecretAccessKey": role.secret_access_key,
                "Token": role.session_token,
                "Expiration": Timestamp::from_millis(role.expires_at_ms).to_rfc3339(),
            }),
        ),
        _ => (
            StatusCode::BAD_REQUEST,
            json!({
                "code": "InvalidIdInRequest",
                "message": "CredentialsV2Request: Credentials not found",
                "HTTPErrorCode": 400,
            }),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_id_opens() {
        let role = v1::Credentials {
            id: "a-1".to_owned(),
            access_key_id: "ASIA1".to_owned(),
            expires_at_ms: 1_767_323_045_678,
            ..v1::Credentials::default()
        };
        let (status, body) = answer(Some(&role), "a-1");
        assert_eq!(status, StatusCode::OK);
        assert_eq!(body["AccessKeyId"], "ASIA1");
        assert_eq!(body["Expiration"], "2026-01-02T03:04:05.678Z");
        for (role, id) in [(Some(&role), "a-2"), (Some(&role), ""), (None, "a-1")] {
            assert_eq!(answer(role, id).0, StatusCode::BAD_REQUEST);
        }
        let empty = v1::Credentials::default();
        assert_eq!(answer(Some(&empty), "").0, StatusCode::BAD_REQUEST);
    }
}
