//! What AWS's crate signs, we verify; what we sign is what it signs.

use std::time::{Duration, UNIX_EPOCH};

use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use gantry_sigv4::{Location, Payload, Signer};
use http::Request;
use proptest::prelude::*;

use crate::request::*;

fn signed_by_aws(
    mut request: Request<Vec<u8>>,
    service: &str,
    location: Location,
    token: bool,
) -> Request<Vec<u8>> {
    let mine = credentials(token);
    let identity = aws_credential_types::Credentials::new(
        mine.access_key,
        mine.secret,
        mine.session_token,
        None,
        "test",
    )
    .into();
    let mut settings = SigningSettings::default();
    let s3 = service == "s3";
    if s3 {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    if location == Location::Query {
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(Duration::from_secs(60));
    }
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region("us-east-1")
        .name(service)
        .time(UNIX_EPOCH + Duration::from_secs(NOW.as_secs() as u64))
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let body = if s3 && location == Location::Query {
        SignableBody::UnsignedPayload
    } else {
        SignableBody::Bytes(request.body())
    };
    let headers = request.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
    let uri = request.uri().to_string();
    let signable = SignableRequest::new(request.method().as_str(), &uri, headers, body).unwrap();
    let (instructions, _) = sign(signable, &params).unwrap().into_parts();
    instructions.apply_to_request_http1x(&mut request);
    request
}

fn place() -> impl Strategy<Value = (&'static str, Location)> {
    (
        prop::sample::select(vec!["ecs", "iam", "eks", "s3"]),
        prop::sample::select(vec![Location::Headers, Location::Query]),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn what_aws_signs_is_verified((service, location) in place(), request in unsigned(), token in any::<bool>()) {
        let signed = signed_by_aws(request, service, location, token);
        let claim = match verify(&signed, service, NOW) {
            Ok(claim) => claim,
            Err(error) => panic!("{error}\n{signed:?}"),
        };
        prop_assert_eq!(claim.location, location);
        prop_assert_eq!(claim.session_token.is_some(), token);
        prop_assert_eq!(matches!(claim.payload, Payload::Declared(_)), service == "s3" && location == Location::Headers);
    }

    #[test]
    fn what_we_sign_is_what_aws_signs((service, location) in place(), request in unsigned(), token in any::<bool>()) {
        let theirs = signed_by_aws(request.clone(), service, location, token);
        let mut ours = request;
        let signer = Signer { credentials: &credentials(token), region: "us-east-1", service, now: NOW };
        match location {
            Location::Headers => {
                signer.sign(&mut ours).unwrap();
                prop_assert_eq!(&ours.headers()["authorization"], &theirs.headers()["authorization"]);
            }
            Location::Query => {
                signer.presign(&mut ours, Duration::from_secs(60)).unwrap();
                let signature = |request: &Request<Vec<u8>>| {
                    let (_, rest) = request.uri().query().unwrap().split_once("X-Amz-Signature=").unwrap();
                    rest[..64].to_owned()
                };
                prop_assert_eq!(signature(&ours), signature(&theirs));
            }
        }
        prop_assert!(verify(&ours, service, NOW).is_ok());
    }
}
