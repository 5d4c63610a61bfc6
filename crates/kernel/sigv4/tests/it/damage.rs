//! Any change to what was signed is noticed.

use std::time::Duration;

use gantry_base::Timestamp;
use gantry_sigv4::{SignatureError, Signer};
use http::Request;
use proptest::prelude::*;

use crate::request::*;

fn signed(request: &Request<Vec<u8>>, service: &str, query: bool, now: Timestamp) -> Request<Vec<u8>> {
    let mut request = request.clone();
    let signer = Signer { credentials: &credentials(true), region: "us-east-1", service, now };
    if query {
        signer.presign(&mut request, Duration::from_secs(60)).unwrap();
    } else {
        signer.sign(&mut request).unwrap();
    }
    request
}

/// Another letter or digit in place of the `at`th one; `None` where there is none.
fn changed(text: &str, at: usize) -> Option<String> {
    let places: Vec<usize> =
        text.bytes().enumerate().filter(|(_, b)| b.is_ascii_alphanumeric()).map(|(place, _)| place).collect();
    let place = *places.get(at % places.len().max(1))?;
    let mut bytes = text.as_bytes().to_vec();
    bytes[place] = if bytes[place] == b'1' { b'2' } else { b'1' };
    Some(String::from_utf8(bytes).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]
    #[test]
    fn any_change_is_noticed(
        request in unsigned(),
        service in prop::sample::select(vec!["ecs", "s3"]),
        query in any::<bool>(),
        part in 0..6usize,
        at in any::<usize>(),
    ) {
        let mut request = signed(&request, service, query, NOW);
        prop_assert!(verify(&request, service, NOW).is_ok());
        match part {
            0 => {
                let other = if request.method() == "GET" { "POST" } else { "GET" };
                *request.method_mut() = other.parse().unwrap();
            }
            1 => {
                let path = request.uri().path().to_owned();
                let Some(path) = changed(&path, at).filter(|path| !path.contains('%')) else { return Ok(()) };
                let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
                // A `..` behind the change takes it away again, and the path means the same.
                prop_assume!(!path.contains(".."));
                *request.uri_mut() = format!("http://127.0.0.1:4566{path}{query}").parse().unwrap();
            }
            2 => {
                let Some(text) = request.uri().query().and_then(|text| changed(text, at)) else { return Ok(()) };
                // In the middle of a percent-encoding a change may only break what was broken.
                prop_assume!(String::from_utf8(percent_encoding::percent_decode_str(&text).collect()).is_ok());
                let path = request.uri().path().to_owned();
                *request.uri_mut() = format!("http://127.0.0.1:4566{path}?{text}").parse().unwrap();
            }
            3 => {
                let names: Vec<_> = request.headers().keys().cloned().collect();
                let name = names[at % names.len()].clone();
                let value = request.headers()[&name].to_str().unwrap().to_owned();
                let Some(value) = changed(&value, at) else { return Ok(()) };
                request.headers_mut().insert(name, value.parse().unwrap());
            }
            4 => {
                // A presigned S3 URL says nothing about the body.
                prop_assume!(!(service == "s3" && query));
                match request.body().len() {
                    0 => request.body_mut().push(7),
                    length => request.body_mut()[at % length] ^= 1,
                }
            }
            _ => {
                request.headers_mut().append("x-amz-extra", "1".parse().unwrap());
            }
        }
        prop_assert!(verify(&request, service, NOW).is_err(), "{:?}", request);
    }

    #[test]
    fn time_is_bounded(request in unsigned(), offset in -2000i64..2000, query in any::<bool>()) {
        let request = signed(&request, "ecs", query, NOW);
        let now = Timestamp::from_secs(NOW.as_secs() + offset);
        let verdict = verify(&request, "ecs", now);
        let latest = if query { 60 } else { 900 };
        if (-900..=latest).contains(&offset) {
            prop_assert!(verdict.is_ok());
        } else if query && offset > 0 {
            prop_assert_eq!(verdict.unwrap_err(), SignatureError::RequestExpired);
        } else {
            prop_assert!(matches!(verdict, Err(SignatureError::Skewed(_))));
        }
    }
}
