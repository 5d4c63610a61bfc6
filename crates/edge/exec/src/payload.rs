//! What is in messages, and in the text that opens a channel.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The first that a client sends, as text.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OpenDataChannel {
    pub message_schema_version: String,
    pub request_id: String,
    pub token_value: String,
    pub client_id: String,
    #[serde(default)]
    pub client_version: String,
    /// Only Gantry's own client has it. It shows what another would print as output, such as exit codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gantry: Option<OwnClient>,
}

/// What Gantry's own client wants.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OwnClient {
    /// False: output and errors apart, and an input that ends.
    pub terminal: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Acknowledge {
    #[serde(rename = "AcknowledgedMessageType")]
    pub message_type: String,
    #[serde(rename = "AcknowledgedMessageId")]
    pub message_id: String,
    #[serde(rename = "AcknowledgedMessageSequenceNumber")]
    pub sequence: i64,
    pub is_sequential_message: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChannelClosed {
    pub message_id: String,
    pub created_date: String,
    pub destination_id: String,
    pub session_id: String,
    pub message_type: String,
    pub schema_version: i64,
    /// Why; empty if there is nothing to say.
    pub output: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct HandshakeRequest {
    pub agent_version: String,
    pub requested_client_actions: Vec<RequestedAction>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RequestedAction {
    pub action_type: String,
    pub action_parameters: Value,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct HandshakeResponse {
    #[serde(default)]
    pub client_version: String,
    #[serde(default)]
    pub processed_client_actions: Option<Vec<ProcessedAction>>,
    #[serde(default)]
    pub errors: Option<Vec<String>>,
}

/// `ActionStatus` of an action that was done.
pub const SUCCESS: i64 = 1;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ProcessedAction {
    pub action_type: String,
    #[serde(default)]
    pub action_status: i64,
    #[serde(default)]
    pub action_result: Value,
    #[serde(default)]
    pub error: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct HandshakeComplete {
    /// In nanoseconds.
    pub handshake_time_to_complete: i64,
    /// Is shown to the user.
    pub customer_message: String,
}

/// A terminal's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    pub cols: u32,
    pub rows: u32,
}

/// What a payload of type `Flag` asks for: the end of the session.
pub const FLAG_TERMINATE_SESSION: u32 = 2;

/// A payload of JSON.
pub fn json(value: &impl Serialize) -> Bytes {
    // Structures of texts and numbers have a form in JSON.
    serde_json::to_vec(value).expect("it has no map with keys that are no text").into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_as_clients_have_them() {
        let opened: OpenDataChannel = serde_json::from_value(json!({
            "MessageSchemaVersion": "1.0", "RequestId": "r", "TokenValue": "t", "ClientId": "c", "ClientVersion": "1.2.0.0",
        }))
        .unwrap();
        assert!(opened.gantry.is_none() && opened.token_value == "t");
        let said = Acknowledge {
            message_type: "input_stream_data".into(),
            message_id: "i".into(),
            sequence: 3,
            is_sequential_message: true,
        };
        assert_eq!(
            serde_json::to_value(said).unwrap(),
            json!({
                "AcknowledgedMessageType": "input_stream_data", "AcknowledgedMessageId": "i",
                "AcknowledgedMessageSequenceNumber": 3, "IsSequentialMessage": true,
            })
        );
        let answered: HandshakeResponse = serde_json::from_value(json!({
            "ClientVersion": "1.2.0.0", "Errors": null,
            "ProcessedClientActions": [{ "ActionType": "SessionType", "ActionStatus": 1, "ActionResult": null, "Error": "" }],
        }))
        .unwrap();
        assert_eq!(answered.processed_client_actions.unwrap()[0].action_status, SUCCESS);
    }
}
