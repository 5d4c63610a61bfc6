//! Answers and errors, byte for byte.

use bytes::Bytes;
use gantry_wire::route::{AuthFailure, Speak};
use gantry_wire::{ApiError, Value};
use http::Response;

use crate::fixture::{PROTOCOLS, call, router};

fn speak(protocol: &'static str) -> Speak {
    let body = match protocol {
        "query" | "ec2" => "Action=Do&Version=2020-01-01",
        _ => "",
    };
    let call = call(protocol, body);
    let (head, body) = call.request.into_parts();
    router().route(&head, &body, call.scope).ok().unwrap().speak().clone()
}

fn text(response: &Response<Bytes>) -> String {
    String::from_utf8_lossy(response.body()).into_owned()
}

/// `Out` with a text, and a tag in a list and in a map.
fn out() -> Value {
    let tag = || Value::Struct(vec![(0, Value::String("k".into())), (1, Value::String("<v>".into()))]);
    Value::Struct(vec![
        (0, Value::String("a\"b".into())),
        (1, Value::List(vec![tag()])),
        (2, Value::Map(vec![("m".into(), tag())])),
    ])
}

#[test]
fn outputs_look_as_awss_do() {
    let answer = |protocol| {
        let response = speak(protocol).answer(&out(), "the-id");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["x-amzn-requestid"], "the-id");
        let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
        (content_type, text(&response))
    };
    let json = r#"{"text":"a\"b","list":[{"key":"k","value":"<v>"}],"map":{"m":{"key":"k","value":"<v>"}}}"#;
    assert_eq!(answer("json"), ("application/x-amz-json-1.1".into(), json.into()));
    assert_eq!(answer("rest-json"), ("application/json".into(), json.into()));
    let tag = "<key>k</key><value>&lt;v&gt;</value>";
    let members = format!(
        "<text>a&quot;b</text><list><entry>{tag}</entry></list>\
         <map><entry><key>m</key><value>{tag}</value></entry></map>"
    );
    assert_eq!(
        answer("query"),
        (
            "text/xml".into(),
            format!(
                "<DoResponse xmlns=\"https://example.org/doc/\"><DoResult>{members}</DoResult>\
                 <ResponseMetadata><RequestId>the-id</RequestId></ResponseMetadata></DoResponse>"
            )
        )
    );
    assert_eq!(
        answer("ec2"),
        (
            "text/xml;charset=UTF-8".into(),
            format!(
                "<DoResponse xmlns=\"https://example.org/doc/\"><requestId>the-id</requestId>{members}</DoResponse>"
            )
        )
    );
    assert_eq!(
        answer("rest-xml"),
        ("application/xml".into(), format!("<Out xmlns=\"https://example.org/doc/\">{members}</Out>"))
    );
    let response =
        speak("smithy-rpc-v2-cbor").answer(&Value::Struct(vec![(0, Value::String("x".into()))]), "the-id");
    assert_eq!(response.headers()["smithy-protocol"], "rpc-v2-cbor");
    assert_eq!(response.headers()["content-type"], "application/cbor");
    assert_eq!(response.body(), &b"\xBF\x64text\x61x\xFF"[..]);
}

#[test]
fn errors_carry_code_message_and_status_of_the_model() {
    let error = ApiError::new("Missing", "not & here").with_field("thing", "x");
    for protocol in PROTOCOLS {
        let response = speak(protocol).error(&error, "the-id");
        assert_eq!(response.status(), 404, "{protocol}");
        assert_eq!(response.headers()["x-amzn-requestid"], "the-id");
        // The code on the wire finds the same error as the shape's name.
        let same = ApiError { code: "No.Such".into(), ..error.clone() };
        assert_eq!(text(&speak(protocol).error(&same, "the-id")), text(&response));
    }
    let body = |protocol| text(&speak(protocol).error(&error, "the-id"));
    assert_eq!(body("json"), r#"{"__type":"Missing","thing":"x","message":"not & here"}"#);
    assert_eq!(body("rest-json"), r#"{"thing":"x","message":"not & here"}"#);
    assert_eq!(speak("rest-json").error(&error, "id").headers()["x-amzn-errortype"], "No.Such");
    assert_eq!(
        body("query"),
        "<ErrorResponse xmlns=\"https://example.org/doc/\"><Error><Type>Sender</Type><Code>No.Such</Code>\
         <Message>not &amp; here</Message><thing>x</thing></Error><RequestId>the-id</RequestId></ErrorResponse>"
    );
    assert_eq!(
        body("ec2"),
        "<Response><Errors><Error><Code>No.Such</Code><Message>not &amp; here</Message><thing>x</thing></Error>\
         </Errors><RequestID>the-id</RequestID></Response>"
    );
}

#[test]
fn a_fault_is_the_services() {
    let response = speak("query").error(&ApiError::new("Broken", "oh"), "id");
    assert_eq!(response.status(), 500);
    assert!(text(&response).contains("<Type>Receiver</Type>"));
    assert_eq!(
        text(&speak("json").error(&ApiError::new("Broken", "oh"), "id")),
        r#"{"__type":"Broken","Message":"oh"}"#
    );
    assert_eq!(speak("json").error(&ApiError::internal(), "id").status(), 500);
    assert_eq!(speak("json").error(&ApiError::new("Whatever", "x"), "id").status(), 400);
}

#[test]
fn strangers_are_turned_away_in_their_own_words() {
    let code = |protocol, failure| {
        let error = speak(protocol).auth_error(failure, "no");
        format!("{} {}", error.status.unwrap(), error.code)
    };
    assert_eq!(code("query", AuthFailure::WrongSignature), "403 SignatureDoesNotMatch");
    assert_eq!(code("json", AuthFailure::WrongSignature), "400 InvalidSignatureException");
    assert_eq!(code("ec2", AuthFailure::WrongSignature), "401 AuthFailure");
    assert_eq!(code("json", AuthFailure::Denied), "400 AccessDeniedException");
    assert_eq!(code("query", AuthFailure::Denied), "403 AccessDenied");
    assert_eq!(code("ec2", AuthFailure::Denied), "403 UnauthorizedOperation");
}
