//! Whether a claim is true.

use std::time::Duration;

use gantry_base::Timestamp;
use subtle::ConstantTimeEq;

use crate::canonical::{Head, PathStyle, string_to_sign};
use crate::claim::{Claim, Location, Payload, clip};
use crate::error::SignatureError;
use crate::key::{sha256_hex, signature};
use crate::{SKEW, stamp};

/// How a service differs in what it signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    pub(crate) style: PathStyle,
    /// Whether a body may stay outside the signature.
    unsigned_payload: bool,
}

impl Rules {
    /// The rules of a service by its signing name: S3 signs the path as sent and may leave the body out.
    pub fn of(service: &str) -> Rules {
        match service {
            "s3" | "s3-outposts" | "s3express" => Rules { style: PathStyle::AsSent, unsigned_payload: true },
            _ => Rules { style: PathStyle::Normalized, unsigned_payload: false },
        }
    }
}

/// The body, as far as it is known when the signature is checked.
#[derive(Debug, Clone, Copy)]
pub enum Body<'a> {
    /// All of it.
    Bytes(&'a [u8]),
    /// Its SHA-256 in lower-case hexadecimal.
    Hash(&'a str),
    /// It is still to be read. Whoever reads it holds it against [`Claim::payload`].
    Unread,
}

/// Headers that a client may add without signing them, though their names begin with `x-amz-`.
const MAY_BE_UNSIGNED: [&str; 4] =
    ["x-amz-content-sha256", "x-amz-user-agent", "x-amz-checksum-mode", "x-amz-security-token"];

fn mismatch<T>(message: String) -> Result<T, SignatureError> {
    Err(SignatureError::SignatureDoesNotMatch(message))
}

impl Claim {
    /// Checks that the credential is scoped to this service, to this region where one is asked for, and to the
    /// day of the signature.
    pub fn check_scope(&self, service: &str, region: Option<&str>) -> Result<(), SignatureError> {
        if let Some(region) = region.filter(|region| *region != self.scope.region) {
            let scoped = clip(&self.scope.region);
            return mismatch(format!(
                "Credential should be scoped to a valid region: '{region}', not '{scoped}'."
            ));
        }
        if self.scope.service != service {
            return mismatch(format!("Credential should be scoped to correct service: '{service}'."));
        }
        let stamp = stamp::format(self.signed_at);
        if self.scope.date != stamp[..8] {
            return mismatch(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != '{}', \
                 from '{stamp}'.",
                clip(&self.scope.date),
                &stamp[..8],
            ));
        }
        Ok(())
    }

    /// Checks that the signature is neither too old nor from the future, and that a presigned URL still lives.
    pub fn check_time(&self, now: Timestamp) -> Result<(), SignatureError> {
        let signed = stamp::format(self.signed_at);
        let minutes = SKEW.as_secs() / 60;
        if self.signed_at > now + SKEW {
            return Err(SignatureError::Skewed(format!(
                "Signature not yet current: {signed} is still later than {} ({} + {minutes} min.)",
                stamp::format(now + SKEW),
                stamp::format(now),
            )));
        }
        if let (Location::Query, Some(secs)) = (self.location, self.expires_secs) {
            return match self.signed_at + Duration::from_secs(u64::from(secs)) {
                end if end < now => Err(SignatureError::RequestExpired),
                _ => Ok(()),
            };
        }
        if self.signed_at < now - SKEW {
            return Err(SignatureError::Skewed(format!(
                "Signature expired: {signed} is now earlier than {} ({} - {minutes} min.)",
                stamp::format(now - SKEW),
                stamp::format(now),
            )));
        }
        Ok(())
    }

    /// Checks the signature against the secret. Scope and time are checked apart.
    pub fn verify(
        &self,
        head: &Head<'_>,
        secret: &str,
        body: Body<'_>,
        rules: Rules,
    ) -> Result<(), SignatureError> {
        self.check_signed_headers(head)?;
        let payload_hash = self.payload_hash(body, rules)?;
        let stamp = stamp::format(self.signed_at);
        let scope = [self.scope.date.as_str(), &self.scope.region, &self.scope.service];
        let text = string_to_sign(
            head,
            rules.style,
            self.location,
            &self.signed_headers,
            &payload_hash,
            &stamp,
            scope,
        );
        let expected = hex::encode(signature(secret, scope, &text));
        if bool::from(expected.as_bytes().ct_eq(self.signature.as_bytes())) {
            Ok(())
        } else {
            Err(SignatureError::mismatch())
        }
    }

    /// What means something to a service must be signed: the host and every `x-amz-` header.
    fn check_signed_headers(&self, head: &Head<'_>) -> Result<(), SignatureError> {
        let signed = |name: &str| self.signed_headers.iter().any(|known| known == name);
        if !signed("host") && !signed(":authority") {
            return mismatch(
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".to_owned(),
            );
        }
        for name in head.headers.keys().map(http::HeaderName::as_str) {
            if name.starts_with("x-amz-") && !MAY_BE_UNSIGNED.contains(&name) && !signed(name) {
                return mismatch(format!("'{name}' must be a 'SignedHeader' in the AWS Authorization."));
            }
        }
        Ok(())
    }

    fn payload_hash<'a>(&'a self, body: Body<'a>, rules: Rules) -> Result<String, SignatureError> {
        let actual = match body {
            Body::Bytes(bytes) => Some(sha256_hex(bytes)),
            Body::Hash(hash) => Some(hash.to_owned()),
            Body::Unread => None,
        };
        match (&self.payload, actual) {
            (Payload::Hashed, _) if rules.unsigned_payload && self.location == Location::Query => {
                Ok("UNSIGNED-PAYLOAD".to_owned())
            }
            (Payload::Hashed, Some(actual)) => Ok(actual),
            (Payload::Hashed, None) => Err(SignatureError::IncompleteSignature(
                "Missing required header for this request: x-amz-content-sha256".to_owned(),
            )),
            (Payload::Declared(declared), Some(actual)) if *declared != actual => mismatch(
                "The provided 'x-amz-content-sha256' header does not match what was computed.".to_owned(),
            ),
            (Payload::Declared(declared), _) => Ok(declared.clone()),
            (Payload::Unsigned, _) if rules.unsigned_payload => Ok("UNSIGNED-PAYLOAD".to_owned()),
            (Payload::Streaming { kind, .. }, _) if rules.unsigned_payload => Ok(kind.clone()),
            (Payload::Unsigned | Payload::Streaming { .. }, _) => mismatch(
                "The body must be part of the signature: x-amz-content-sha256 must be its SHA-256."
                    .to_owned(),
            ),
        }
    }
}
