//! What AWS's plugin does, message by message.

use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use gantry_exec::message::{ACKNOWLEDGE, CHANNEL_CLOSED, INPUT, Message, OUTPUT, PayloadType};
use gantry_service::processes::TerminalSize;
use serde_json::{Value, json};
use tokio::io::DuplexStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Frame;

use crate::world::{TOKEN, World, echo};

struct Plugin {
    socket: WebSocketStream<DuplexStream>,
    next: i64,
}

impl Plugin {
    async fn open(stream: DuplexStream) -> Plugin {
        let (mut socket, _) = tokio_tungstenite::client_async("ws://localhost/", stream).await.unwrap();
        let first = json!({
            "MessageSchemaVersion": "1.0", "RequestId": "9e1a4d6c-0000-4000-8000-000000000000",
            "TokenValue": TOKEN, "ClientId": "9e1a4d6c-0000-4000-8000-000000000001", "ClientVersion": "1.2.553.0",
        });
        socket.send(Frame::Text(first.to_string().into())).await.unwrap();
        Plugin { socket, next: 0 }
    }

    async fn hear(&mut self) -> Message {
        loop {
            if let Frame::Binary(bytes) = self.socket.next().await.expect("more").unwrap() {
                return Message::decode(&bytes).unwrap();
            }
        }
    }

    /// The next message of that kind; acknowledgements of ours are passed over.
    async fn hear_kind(&mut self, kind: &str) -> Message {
        loop {
            let heard = self.hear().await;
            if heard.kind == kind {
                return heard;
            }
            assert_eq!(heard.kind, ACKNOWLEDGE);
        }
    }

    async fn say(&mut self, kind: &str, sequence: i64, payload_type: PayloadType, payload: Bytes) {
        let message = Message {
            kind: kind.to_owned(),
            created_ms: 1_600_000_000_000,
            sequence,
            flags: 0,
            id: [3; 16],
            payload_type,
            payload,
        };
        self.socket.send(Frame::Binary(message.encode())).await.unwrap();
    }

    async fn acknowledge(&mut self, heard: &Message) {
        let said = json!({
            "AcknowledgedMessageType": heard.kind, "AcknowledgedMessageId": heard.uuid(),
            "AcknowledgedMessageSequenceNumber": heard.sequence, "IsSequentialMessage": true,
        });
        self.say(ACKNOWLEDGE, 0, PayloadType::None, said.to_string().into()).await;
    }

    async fn input(&mut self, payload_type: PayloadType, payload: impl Into<Bytes>) {
        let sequence = self.next;
        self.next += 1;
        self.say(INPUT, sequence, payload_type, payload.into()).await;
    }

    async fn shake_hands(&mut self) {
        let request = self.hear().await;
        assert_eq!((request.kind.as_str(), request.sequence), (OUTPUT, 0));
        assert_eq!(request.payload_type, PayloadType::HandshakeRequest);
        let asked: Value = serde_json::from_slice(&request.payload).unwrap();
        assert_eq!(asked["RequestedClientActions"][0]["ActionType"], "SessionType");
        assert_eq!(
            asked["RequestedClientActions"][0]["ActionParameters"]["SessionType"],
            "InteractiveCommands"
        );
        self.acknowledge(&request).await;
        let response = json!({
            "ClientVersion": "1.2.553.0", "Errors": null,
            "ProcessedClientActions": [{ "ActionType": "SessionType", "ActionStatus": 1, "ActionResult": null, "Error": "" }],
        });
        self.input(PayloadType::HandshakeResponse, response.to_string()).await;
        let acknowledged = self.hear().await;
        assert_eq!(acknowledged.kind, ACKNOWLEDGE);
        let said: Value = serde_json::from_slice(&acknowledged.payload).unwrap();
        assert_eq!(said["AcknowledgedMessageType"], INPUT);
        assert_eq!(said["AcknowledgedMessageSequenceNumber"], 0);
        assert_eq!(said["AcknowledgedMessageId"], "03030303-0303-0303-0303-030303030303");
        let complete = self.hear().await;
        assert_eq!((complete.payload_type, complete.sequence), (PayloadType::HandshakeComplete, 1));
        let said: Value = serde_json::from_slice(&complete.payload).unwrap();
        assert!(said["HandshakeTimeToComplete"].is_i64() && said["CustomerMessage"] == "");
        self.acknowledge(&complete).await;
    }
}

#[tokio::test]
async fn the_plugin_has_its_session() {
    let world = World::new(echo);
    let mut plugin = Plugin::open(world.connect("s")).await;
    plugin.shake_hands().await;
    plugin.input(PayloadType::Size, r#"{"cols":120,"rows":40}"#).await;
    plugin.input(PayloadType::Output, "ls\r").await;
    let shown = plugin.hear_kind(OUTPUT).await;
    assert_eq!((shown.payload_type, shown.sequence), (PayloadType::Output, 2));
    assert_eq!(&*shown.payload, b"ls\r");
    plugin.acknowledge(&shown).await;
    plugin.input(PayloadType::Output, "exit").await;
    // It would print what is no output, so it is not told the exit code.
    let over = plugin.hear_kind(CHANNEL_CLOSED).await;
    let said: Value = serde_json::from_slice(&over.payload).unwrap();
    assert_eq!(said["SessionId"], "s");
    assert_eq!(said["MessageType"], CHANNEL_CLOSED);
    assert_eq!((&said["Output"], &said["SchemaVersion"]), (&json!(""), &json!(1)));
    assert_eq!(*world.started.lock().unwrap(), [Some(TerminalSize { columns: 120, rows: 40 })]);
}

#[tokio::test]
async fn what_is_not_acknowledged_comes_again_and_before_the_end() {
    let world = World::new(echo);
    let mut plugin = Plugin::open(world.connect("s")).await;
    plugin.shake_hands().await;
    plugin.input(PayloadType::Output, "once").await;
    plugin.input(PayloadType::Output, "exit").await;
    let first = plugin.hear_kind(OUTPUT).await;
    // The plugin drops what comes while it is not ready.
    let again = plugin.hear_kind(OUTPUT).await;
    assert_eq!(first, again);
    plugin.acknowledge(&again).await;
    plugin.hear_kind(CHANNEL_CLOSED).await;
}

#[tokio::test]
async fn input_out_of_order_is_put_in_order_and_twice_counts_once() {
    let world = World::new(echo);
    let mut plugin = Plugin::open(world.connect("s")).await;
    plugin.shake_hands().await;
    for sequence in [2, 3, 1, 1, 2] {
        plugin.say(INPUT, sequence, PayloadType::Output, format!("{sequence}").into()).await;
    }
    let mut shown = Vec::new();
    while shown.len() < 3 {
        let heard = plugin.hear_kind(OUTPUT).await;
        plugin.acknowledge(&heard).await;
        if heard.sequence == 2 + shown.len() as i64 {
            shown.extend_from_slice(&heard.payload);
        }
    }
    assert_eq!(shown, b"123");
}

#[tokio::test]
async fn a_flag_terminates_the_session() {
    let world = World::new(echo);
    let mut plugin = Plugin::open(world.connect("s")).await;
    plugin.shake_hands().await;
    plugin.input(PayloadType::Flag, Bytes::copy_from_slice(&2u32.to_be_bytes())).await;
    let over = plugin.hear_kind(CHANNEL_CLOSED).await;
    let said: Value = serde_json::from_slice(&over.payload).unwrap();
    assert_eq!(said["Output"], "The session was terminated.");
}
