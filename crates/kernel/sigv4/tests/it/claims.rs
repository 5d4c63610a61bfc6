//! Claims that cannot be read, and the answers to them.

use gantry_sigv4::{Body, Claim, Head, Payload, Rules, SignatureError};
use http::HeaderMap;
use proptest::prelude::*;

use crate::request::*;

const GOOD: &str = "AWS4-HMAC-SHA256 Credential=AKIA/20260102/us-east-1/ecs/aws4_request, SignedHeaders=host;x-amz-date, Signature=00";

fn parse(query: &str, headers: &[(&'static str, &str)]) -> Result<Claim, SignatureError> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, value.parse().unwrap());
    }
    Claim::parse(&Head { method: "POST", path: "/", query, headers: &map, authority: None })
}

fn with(authorization: &str) -> Result<Claim, SignatureError> {
    parse("", &[("authorization", authorization), ("x-amz-date", "20260102T030405Z")])
}

#[test]
fn a_claim_is_read() {
    let claim = with(GOOD).unwrap();
    assert_eq!((claim.access_key.as_str(), claim.scope.service.as_str()), ("AKIA", "ecs"));
    assert_eq!(claim.signed_headers, ["host", "x-amz-date"]);
    assert_eq!(claim.signed_at, NOW);
    assert!(with(&GOOD.replace(", ", ",")).is_ok(), "spaces are optional");
}

#[test]
fn what_is_missing_is_named() {
    assert_eq!(parse("", &[]).unwrap_err(), SignatureError::MissingAuthenticationToken);
    let message = |result: Result<Claim, SignatureError>| {
        let error = result.unwrap_err();
        assert_eq!(error.code(), "IncompleteSignature", "{error}");
        error.to_string()
    };
    assert_eq!(
        message(with("AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request")),
        "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter."
    );
    assert_eq!(
        message(parse("", &[("authorization", GOOD)])),
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
    );
    assert!(message(with("Bearer x")).contains("Unsupported AWS 'algorithm': 'Bearer'"));
    assert!(message(with(&GOOD.replace("HMAC-SHA256", "ECDSA-P256-SHA256"))).contains("4A is not served"));
    assert!(message(with(&GOOD.replace("AKIA/", ""))).contains("exactly 5 slash-delimited elements"));
    assert!(message(with(&format!("{GOOD}, Signature=11"))).contains("more than once"));
    assert!(message(with("AWS4-HMAC-SHA256 x")).contains("missing equal-sign"));
    assert!(
        message(parse("X-Amz-Algorithm=AWS4-HMAC-SHA256", &[])).contains("must include 'X-Amz-Credential'")
    );
    assert!(
        message(parse("X-Amz-Signature=0", &[("authorization", GOOD)])).contains("Only one auth mechanism")
    );
    let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a/20260102/r/s/aws4_request&X-Amz-Date=20260102T030405Z&X-Amz-SignedHeaders=host&X-Amz-Signature=0";
    assert!(parse(query, &[]).is_ok());
    assert!(message(parse(&format!("{query}&X-Amz-Expires=604801"), &[])).contains("less than a week"));
    assert!(message(parse(&format!("{query}&X-Amz-Date=20260102T030405Z"), &[])).contains("more than once"));
}

#[test]
fn what_is_wrong_does_not_match() {
    let wrong = |result: Result<(), SignatureError>| {
        let error = result.unwrap_err();
        assert_eq!((error.code(), error.json_code()), ("SignatureDoesNotMatch", "InvalidSignatureException"));
        error.to_string()
    };
    assert!(wrong(with(&GOOD.replace("aws4_request", "aws5")).map(drop)).contains("valid terminator"));
    assert!(
        wrong(with(&GOOD.replace("host;x-amz-date", "x-amz-date;host")).map(drop)).contains("alphabetical")
    );
    let claim = with(GOOD).unwrap();
    assert_eq!(
        wrong(claim.check_scope("iam", None)),
        "Credential should be scoped to correct service: 'iam'."
    );
    assert!(wrong(claim.check_scope("ecs", Some("eu-west-1"))).contains("valid region"));
    let claim = with(&GOOD.replace("20260102", "20260101")).unwrap();
    assert!(wrong(claim.check_scope("ecs", None)).starts_with("Date in Credential scope does not match"));
}

#[test]
fn what_matters_must_be_signed() {
    let mut headers = HeaderMap::new();
    headers.insert("x-amz-date", "20260102T030405Z".parse().unwrap());
    headers.insert("x-amz-target", "ECS.RunTask".parse().unwrap());
    headers.insert("authorization", GOOD.parse().unwrap());
    let head = Head { method: "POST", path: "/", query: "", headers: &headers, authority: None };
    let refusal = |authorization: &str| {
        let mut headers = headers.clone();
        headers.insert("authorization", authorization.parse().unwrap());
        let head = Head { headers: &headers, ..head };
        let claim = Claim::parse(&head).unwrap();
        claim.verify(&head, "secret", Body::Bytes(b""), Rules::of("ecs")).unwrap_err().to_string()
    };
    assert_eq!(refusal(GOOD), "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.");
    assert!(refusal(&GOOD.replace("host;", "")).starts_with("'Host' or ':authority'"));
}

#[test]
fn only_s3_may_leave_the_body_out() {
    let payload = |value: &str| {
        parse(
            "",
            &[("authorization", GOOD), ("x-amz-date", "20260102T030405Z"), ("x-amz-content-sha256", value)],
        )
    };
    assert_eq!(payload("UNSIGNED-PAYLOAD").unwrap().payload, Payload::Unsigned);
    let Payload::Streaming { signed, trailer, .. } =
        payload("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER").unwrap().payload
    else {
        panic!()
    };
    assert!(signed && trailer);
    assert!(payload("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD").is_err() && payload("x").is_err());
    let headers = HeaderMap::new();
    let head = Head { method: "POST", path: "/", query: "", headers: &headers, authority: Some("h") };
    let claim = payload("UNSIGNED-PAYLOAD").unwrap();
    let error = claim.verify(&head, "secret", Body::Unread, Rules::of("ecs")).unwrap_err();
    assert!(error.to_string().starts_with("The body must be part of the signature"));
}

proptest! {
    #[test]
    fn any_header_is_read_without_a_panic(text in "[ -~]{0,80}", date in "[0-9TZ]{0,18}") {
        let _ = parse(&text.replace('#', ""), &[("authorization", &text), ("date", &date)]);
        let _ = with(&format!("AWS4-HMAC-SHA256 {text}"));
        let _ = parse(&format!("X-Amz-Algorithm=AWS4-HMAC-SHA256&{text}&X-Amz-Date={date}"), &[]);
    }
}
