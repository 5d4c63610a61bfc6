//! What nobody should send: a 4xx, never a panic, and never more memory than the limits allow.

use std::io::Write;

use bytes::Bytes;
use gantry_wire::{ApiError, Limits, Router, Value};
use proptest::prelude::*;
use proptest::sample::select;

use crate::fixture::{PROTOCOLS, call, decode, model, router};

fn assert_4xx(protocol: &str, result: Result<Value, ApiError>) {
    if let Err(error) = result {
        let status = error.status.unwrap_or(400);
        assert!((400..500).contains(&status), "{protocol}: {status} {error}");
        assert!(!error.code.is_empty());
        assert!(error.message.len() < 4096, "{protocol}: a message of {} bytes", error.message.len());
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::List(items) => items.iter().map(count).sum::<usize>(),
        Value::Map(entries) => entries.iter().map(|(_, value)| count(value)).sum(),
        Value::Struct(members) => members.iter().map(|(_, value)| count(value)).sum(),
        _ => 0,
    }
}

/// Heads, keys and values of CBOR, some of them lies.
const CBOR: &[&[u8]] = &[
    b"\xBF",
    b"\xFF",
    b"\xA1",
    b"\x64text",
    b"\x64node",
    b"\x65nodes",
    b"\x63map",
    b"\x64list",
    b"\x64when",
    b"\x64data",
    b"\x65count",
    b"\x63doc",
    b"\x81",
    b"\x9F",
    b"\x7F",
    b"\x5F",
    b"\xC1",
    b"\xC2",
    b"\x1B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
    b"\xF9\x7C\x00",
    b"\xFB\x7F\xF0\x00\x00\x00\x00\x00\x00",
    b"\x9B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
    b"\xBB\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
    b"\x7B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
    b"\x01",
    b"\x20",
    b"\xF6",
    b"\xF5",
    b"\x61x",
    b"\x62\xC3\x28",
    b"\xFC",
];

/// A body made of pieces that mean something to the protocol, in an order that need not.
fn pieces(protocol: &'static str) -> BoxedStrategy<Vec<u8>> {
    let text = |words: &'static [&'static str]| {
        prop::collection::vec(select(words), 0..60).prop_map(|words| words.concat().into_bytes()).boxed()
    };
    match protocol {
        "json" | "rest-json" => text(&[
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\"text\":",
            "\"node\":",
            "\"nodes\":",
            "\"map\":",
            "\"list\":",
            "\"when\":",
            "\"data\":",
            "\"count\":",
            "\"doc\":",
            "\"ratio\":",
            "\"on\":",
            "\"name\":",
            "null",
            "true",
            "1",
            "-1",
            "1e999",
            "99999999999999999999",
            "0.5",
            "\"x\"",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "\"\\ud83d\\ude00\"",
            "\\",
            " ",
            "\"é\"",
        ]),
        "query" | "ec2" => text(&[
            "&",
            "=",
            ".",
            "%",
            "+",
            "%20",
            "%FF",
            "%zz",
            "Action=Do",
            "Version=2020-01-01",
            "text",
            "node",
            "nodes",
            "member",
            "map",
            "entry",
            "key",
            "value",
            "list",
            "1",
            "2",
            "99999999999",
            "-1",
            "when",
            "data",
            "count",
            "ratio",
            "x",
            "",
        ]),
        "rest-xml" => text(&[
            "<In>",
            "</In>",
            "<node>",
            "</node>",
            "<nodes>",
            "</nodes>",
            "<member>",
            "</member>",
            "<text>",
            "</text>",
            "<map>",
            "</map>",
            "<entry>",
            "</entry>",
            "<key>",
            "</key>",
            "<value>",
            "</value>",
            "<count>",
            "</count>",
            "<data>",
            "</data>",
            "x",
            "1",
            "&amp;",
            "&lol;",
            "&#x0;",
            "<![CDATA[",
            "]]>",
            "<!--",
            "-->",
            "<?xml version=\"1.0\"?>",
            "<!DOCTYPE a>",
            "<a b='c'/>",
            "<a b=>",
            "<",
            ">",
            "é",
        ]),
        _ => prop::collection::vec(select(CBOR), 0..40).prop_map(|pieces| pieces.concat()).boxed(),
    }
}

fn bodies() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    select(&PROTOCOLS[..]).prop_flat_map(|protocol| {
        let envelope: &[u8] = match protocol {
            "query" | "ec2" => b"Action=Do&Version=2020-01-01&",
            "json" | "rest-json" => b"{",
            "rest-xml" => b"<In>",
            _ => b"\xBF",
        };
        let begun = (pieces(protocol), any::<bool>())
            .prop_map(move |(body, begin)| if begin { [envelope, &body].concat() } else { body });
        let noise = prop::collection::vec(any::<u8>(), 0..200);
        prop_oneof![4 => begun, 1 => noise].prop_map(move |body| (protocol, body))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_body_is_decoded_or_refused((protocol, body) in bodies()) {
        thread_local!(static ROUTER: Router = router());
        ROUTER.with(|router| assert_4xx(protocol, decode(router, call(protocol, body))));
    }

    #[test]
    fn any_head_is_routed_or_refused(
        method in select(&["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"][..]),
        path in "(/[a-z%0-9A-F.~ ]{0,6}){0,5}",
        query in "[a-zA-Z0-9=&%+.]{0,40}",
        target in prop::option::of("[a-zA-Z.]{0,20}"),
        scope in prop::option::of(select(&["json-signing", "rest-json-signing", "query-signing", "elsewhere"][..])),
        body in prop::collection::vec(any::<u8>(), 0..40),
        form in any::<bool>(),
    ) {
        thread_local!(static ROUTER: Router = router());
        let path = path.replace(' ', "");
        let Ok(uri) = format!("/{}?{query}", path.trim_start_matches('/')).parse::<http::Uri>() else { return Ok(()) };
        let mut request = http::Request::builder().method(method).uri(uri);
        if let Some(target) = &target {
            request = request.header("x-amz-target", target);
        }
        if form {
            request = request.header("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        }
        let (head, body) = request.body(Bytes::from(body)).unwrap().into_parts();
        ROUTER.with(|router| match router.route(&head, &body, scope) {
            Ok(route) => assert_4xx("any", route.decode(&head.headers, &body).or_else(|error| {
                // What is modelled and not served is the one answer that is no 4xx.
                if error.code == "NotImplemented" { Ok(Value::Null) } else { Err(error) }
            })),
            Err(rejection) => {
                assert_4xx("any", Err(rejection.error.clone()));
                assert!(rejection.encode("id").status().is_client_error());
            }
        });
    }
}

/// The same thing inside itself, `depth` times.
fn nested(protocol: &str, depth: usize) -> Vec<u8> {
    let around = |open: &str, inner: &str, close: &str| {
        format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
    };
    match protocol {
        "json" | "rest-json" => around("{\"node\":", "{}", "}").into_bytes(),
        "query" | "ec2" => {
            format!("Action=Do&Version=2020-01-01&{}text=x", "node.".repeat(depth)).into_bytes()
        }
        "rest-xml" => format!("<In>{}</In>", around("<node>", "", "</node>")).into_bytes(),
        _ => [b"\xA1\x64node".repeat(depth), b"\xA0".to_vec()].concat(),
    }
}

#[test]
fn nesting_is_bounded_in_every_protocol() {
    let router = router();
    for protocol in PROTOCOLS {
        decode(&router, call(protocol, nested(protocol, 20)))
            .unwrap_or_else(|error| panic!("{protocol}: {error}"));
        for depth in [200, 100_000] {
            let error = decode(&router, call(protocol, nested(protocol, depth))).unwrap_err();
            assert!((400..500).contains(&error.status.unwrap_or(400)), "{protocol}: {error}");
        }
    }
    // And where nobody looks: in members that the model does not have, and in documents.
    for body in [format!("{{\"other\":{}", "[".repeat(100_000)), format!("{{\"doc\":{}", "[".repeat(100_000))]
    {
        assert_eq!(decode(&router, call("json", body)).unwrap_err().code, "SerializationException");
    }
    let tags = [b"\xBF\x65other".to_vec(), b"\xC1".repeat(100_000)].concat();
    assert_eq!(decode(&router, call("smithy-rpc-v2-cbor", tags)).unwrap_err().code, "SerializationException");
}

#[test]
fn members_and_parameters_are_bounded() {
    let limits = Limits { body: 1 << 20, depth: 16, nodes: 1000, params: 100 };
    let router = Router::over(PROTOCOLS.iter().map(|protocol| model(protocol)).collect(), limits);
    let many = 5000;
    let params: String = (1..many).map(|i| format!("&names.member.{i}=a")).collect();
    let ec2: String = (1..many).map(|i| format!("&names.{i}=a")).collect();
    for (protocol, body) in [
        ("json", format!("{{\"names\":[{}\"a\"]}}", "\"a\",".repeat(many)).into_bytes()),
        ("rest-json", format!("{{\"names\":[{}\"a\"]}}", "\"a\",".repeat(many)).into_bytes()),
        ("query", format!("Action=Do&Version=2020-01-01{params}").into_bytes()),
        ("ec2", format!("Action=Do&Version=2020-01-01{ec2}").into_bytes()),
        ("rest-xml", format!("<In><names>{}</names></In>", "<member/>".repeat(many)).into_bytes()),
        (
            "smithy-rpc-v2-cbor",
            [b"\xA1\x65names\x9F".to_vec(), b"\x61a".repeat(many), b"\xFF".to_vec()].concat(),
        ),
    ] {
        let error = decode(&router, call(protocol, body)).unwrap_err();
        assert_eq!(error.status, Some(413), "{protocol}: {error}");
    }
}

#[test]
fn a_length_that_is_a_lie_costs_nothing() {
    let router = router();
    for body in [
        &b"\xA1\x65names\x9B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"[..],
        b"\xA1\x64text\x7B\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
        b"\xBB\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
    ] {
        let error = decode(&router, call("smithy-rpc-v2-cbor", body)).unwrap_err();
        assert_eq!(error.code, "SerializationException");
    }
}

#[test]
fn oversized_bodies_are_refused_packed_or_not() {
    let router = router();
    let big = vec![b' '; Limits::STANDARD.body + 1];
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(&big).unwrap();
    let packed = packer.finish().unwrap();
    for protocol in PROTOCOLS {
        let error = decode(&router, call(protocol, big.clone())).unwrap_err();
        assert_eq!(error.status, Some(413), "{protocol}: {error}");
        let mut call = call(protocol, packed.clone());
        call.request.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
        let error = decode(&router, call).unwrap_err();
        assert_eq!(error.status, Some(413), "{protocol}: {error}");
    }
}

fn code(protocol: &'static str, body: &[u8]) -> String {
    let error = decode(&router(), call(protocol, body.to_vec())).unwrap_err();
    format!("{} {}", error.status.unwrap_or(400), error.code)
}

#[test]
fn what_cannot_be_read_is_named_as_aws_names_it() {
    for body in [
        &b"{"[..],
        b"[]",
        b"{\"text\":1}",
        b"{\"count\":\"1\"}",
        b"{\"text\":\"\xFF\"}",
        b"{\"count\":99999999999}",
        b"{} {}",
        b"{\"text\":\"\\ud800\"}",
        b"{\"when\":1e300}",
        b"{\"data\":\"*\"}",
        b"{\"text\":{}}",
        b"{\"list\":{}}",
        b"nul",
    ] {
        assert_eq!(code("json", body), "400 SerializationException", "{}", String::from_utf8_lossy(body));
        assert_eq!(
            code("rest-json", body),
            "400 SerializationException",
            "{}",
            String::from_utf8_lossy(body)
        );
    }
    let query = |rest: &str| format!("Action=Do&Version=2020-01-01&{rest}").into_bytes();
    for rest in ["text=%zz", "text=%FF", "text=%"] {
        assert_eq!(code("query", &query(rest)), "404 MalformedQueryString", "{rest}");
    }
    for rest in [
        "count=x",
        "text.member.1=a",
        "list=a",
        "names.member.x=a",
        "node=1",
        "map.entry.1.value.value=x",
        "when=never",
        "on=perhaps",
    ] {
        assert_eq!(code("query", &query(rest)), "400 MalformedInput", "{rest}");
    }
    assert_eq!(code("ec2", &query("count=x")), "400 InvalidParameterValue");
    assert_eq!(code("ec2", &query("other=x")), "400 UnknownParameter");
    for body in [
        "<In>",
        "<In></Out>",
        "<In/><In/>",
        "<!DOCTYPE x><In/>",
        "<In>&lol;</In>",
        "<In><count>x</count></In>",
        "text",
        "<In><text><b/></text></In>",
    ] {
        assert_eq!(code("rest-xml", body.as_bytes()), "400 MalformedXML", "{body}");
    }
    for body in [
        &b"\xA1"[..],
        b"\xBF",
        b"\x01",
        b"\xA1\x64text\x01",
        b"\xA0\xA0",
        b"\xA1\x01\x01",
        b"\xFF",
        b"\xA1\x64text\x62\xC3\x28",
    ] {
        assert_eq!(code("smithy-rpc-v2-cbor", body), "400 SerializationException", "{body:x?}");
    }
}

#[test]
fn of_what_is_sent_twice_the_last_counts() {
    let router = router();
    let wanted = Value::Struct(vec![(0, Value::String("b".into()))]);
    for (protocol, body) in [
        ("json", &b"{\"text\":\"a\",\"text\":\"b\"}"[..]),
        ("query", b"Action=Do&Version=2020-01-01&text=a&text=b"),
        ("ec2", b"Action=Do&Version=2020-01-01&text=a&text=b"),
        ("rest-xml", b"<In><text>a</text><text>b</text></In>"),
        ("smithy-rpc-v2-cbor", b"\xA2\x64text\x61a\x64text\x61b"),
    ] {
        assert_eq!(decode(&router, call(protocol, body)).unwrap(), wanted, "{protocol}");
    }
    let map = decode(&router, call("json", &br#"{"map":{"k":{"value":"a"},"l":{},"k":{"value":"b"}}}"#[..]))
        .unwrap();
    assert_eq!(count(&map), 5, "{map:?}");
}
