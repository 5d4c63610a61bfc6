//! What a request says of its signer, before anything is proved.

use gantry_base::Timestamp;

use crate::canonical::Head;
use crate::error::SignatureError;
use crate::stamp;

/// The one algorithm.
pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// No client signs more headers than this.
const MOST_SIGNED_HEADERS: usize = 128;

/// Where a signature stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Location {
    /// In the `Authorization` header.
    Headers,
    /// In the query: a presigned URL.
    Query,
}

/// The credential's scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// `20260102`
    pub date: String,
    /// `us-east-1`
    pub region: String,
    /// `ecs`
    pub service: String,
}

/// What stands for the body in what is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// Nothing is declared: the body's own hash.
    Hashed,
    /// The declared hash, which the body must have.
    Declared(String),
    /// `UNSIGNED-PAYLOAD`: the body is not covered.
    Unsigned,
    /// `STREAMING-...`: the body comes in chunks with their own signatures or checksums.
    Streaming {
        /// The whole word, which is what is signed.
        kind: String,
        /// Whether each chunk has a signature.
        signed: bool,
        /// Whether checksums follow the last chunk.
        trailer: bool,
    },
}

/// A request's claim to be signed by the holder of an access key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// `AKIA...` or `ASIA...`
    pub access_key: String,
    pub scope: Scope,
    /// When it was signed.
    pub signed_at: Timestamp,
    pub location: Location,
    /// Lower-case, in the order given.
    pub signed_headers: Vec<String>,
    /// In hexadecimal, as given.
    pub signature: String,
    /// How long a presigned URL lives, in seconds.
    pub expires_secs: Option<u32>,
    /// The token of temporary credentials.
    pub session_token: Option<String>,
    pub payload: Payload,
}

fn incomplete<T>(message: impl Into<String>) -> Result<T, SignatureError> {
    Err(SignatureError::IncompleteSignature(message.into()))
}

impl Claim {
    /// Reads the claim from the `Authorization` header or from the query.
    pub fn parse(head: &Head<'_>) -> Result<Claim, SignatureError> {
        let in_query =
            head.parameters().any(|(name, _)| name == "X-Amz-Algorithm" || name == "X-Amz-Signature");
        let mut authorizations = head.headers.get_all(http::header::AUTHORIZATION).iter();
        match (authorizations.next(), in_query) {
            (Some(_), true) => incomplete(
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query \
                 string parameter or the Authorization header should be specified",
            ),
            (Some(_), false) if authorizations.next().is_some() => {
                incomplete("There is more than one Authorization header.")
            }
            (Some(header), false) => match header.to_str() {
                Ok(header) => Self::from_header(head, header),
                Err(_) => incomplete("The Authorization header is not text."),
            },
            (None, true) => Self::from_query(head),
            (None, false) => Err(SignatureError::MissingAuthenticationToken),
        }
    }

    fn from_header(head: &Head<'_>, header: &str) -> Result<Claim, SignatureError> {
        let (algorithm, fields) = header.split_once(' ').unwrap_or((header, ""));
        check_algorithm(algorithm)?;
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for field in fields.split(',').map(str::trim).filter(|field| !field.is_empty()) {
            let Some((name, value)) = field.split_once('=') else {
                return incomplete(format!(
                    "'{field}' not a valid key=value pair (missing equal-sign) in Authorization header."
                ));
            };
            let place = match name {
                "Credential" => &mut credential,
                "SignedHeaders" => &mut signed_headers,
                "Signature" => &mut signature,
                _ => continue,
            };
            if place.replace(value).is_some() {
                return incomplete(format!("'{name}' stands more than once in Authorization header."));
            }
        }
        let date = head.header("x-amz-date").map(|text| (text, stamp::parse(text)));
        let date = date.or_else(|| {
            let text = head.header("date")?;
            Some((text, stamp::parse_date_header(text)))
        });

        let mut missing: Vec<&str> = Vec::new();
        for (field, message) in [
            (credential, "Authorization header requires 'Credential' parameter."),
            (signature, "Authorization header requires 'Signature' parameter."),
            (signed_headers, "Authorization header requires 'SignedHeaders' parameter."),
            (
                date.map(|(text, _)| text),
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
            ),
        ] {
            if field.is_none() {
                missing.push(message);
            }
        }
        let (Some(credential), Some(signature), Some(signed_headers), Some((date, signed_at))) =
            (credential, signature, signed_headers, date)
        else {
            return incomplete(missing.join(" "));
        };
        let (access_key, scope) = parse_credential(credential)?;
        Ok(Claim {
            access_key,
            scope,
            signed_at: signed_at.ok_or_else(|| bad_date(date))?,
            location: Location::Headers,
            signed_headers: parse_signed_headers(signed_headers)?,
            signature: signature.to_owned(),
            expires_secs: None,
            session_token: single_header(head, "x-amz-security-token")?,
            payload: parse_payload(single_header(head, "x-amz-content-sha256")?)?,
        })
    }

    fn from_query(head: &Head<'_>) -> Result<Claim, SignatureError> {
        let mut found: [Option<String>; 8] = Default::default();
        const NAMES: [&str; 8] = [
            "X-Amz-Algorithm",
            "X-Amz-Credential",
            "X-Amz-Signature",
            "X-Amz-SignedHeaders",
            "X-Amz-Date",
            "X-Amz-Expires",
            "X-Amz-Security-Token",
            "X-Amz-Content-Sha256",
        ];
        for (name, value) in head.parameters() {
            let Some(place) = NAMES.iter().position(|known| *known == name) else { continue };
            if found[place].replace(value.into_owned()).is_some() {
                return incomplete(format!("The query-string parameter {name} stands more than once."));
            }
        }
        let missing: Vec<String> = NAMES[..5]
            .iter()
            .zip(&found)
            .filter(|(_, value)| value.as_ref().is_none_or(String::is_empty))
            .map(|(name, _)| format!("AWS query-string parameters must include '{name}'."))
            .collect();
        let [algorithm, credential, signature, signed_headers, date, expires, session_token, content_sha256] =
            found;
        let (Some(algorithm), Some(credential), Some(signature), Some(signed_headers), Some(date), true) =
            (algorithm, credential, signature, signed_headers, date, missing.is_empty())
        else {
            return incomplete(format!("{} Re-examine the query-string parameters.", missing.join(" ")));
        };
        check_algorithm(&algorithm)?;
        let (access_key, scope) = parse_credential(&credential)?;
        let expires_secs = expires.map(|text| parse_expires(&text)).transpose()?;
        Ok(Claim {
            access_key,
            scope,
            signed_at: stamp::parse(&date).ok_or_else(|| bad_date(&date))?,
            location: Location::Query,
            signed_headers: parse_signed_headers(&signed_headers)?,
            signature,
            expires_secs,
            session_token,
            payload: parse_payload(single_header(head, "x-amz-content-sha256")?.or(content_sha256))?,
        })
    }
}

fn check_algorithm(algorithm: &str) -> Result<(), SignatureError> {
    match algorithm {
        ALGORITHM => Ok(()),
        "AWS4-ECDSA-P256-SHA256" => incomplete(
            "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'. Signature Version 4A is not served here; sign \
             with AWS4-HMAC-SHA256.",
        ),
        other => incomplete(format!("Unsupported AWS 'algorithm': '{}'.", clip(other))),
    }
}

fn parse_credential(text: &str) -> Result<(String, Scope), SignatureError> {
    let parts: Vec<&str> = text.split('/').collect();
    let [access_key, date, region, service, term] = parts[..] else {
        return incomplete(format!(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{}'",
            clip(text)
        ));
    };
    if term != "aws4_request" {
        return Err(SignatureError::SignatureDoesNotMatch(format!(
            "Credential should be scoped with a valid terminator: 'aws4_request', not '{}'.",
            clip(term)
        )));
    }
    if access_key.is_empty() {
        return Err(SignatureError::InvalidClientTokenId);
    }
    let scope = Scope { date: date.to_owned(), region: region.to_owned(), service: service.to_owned() };
    Ok((access_key.to_owned(), scope))
}

fn parse_signed_headers(text: &str) -> Result<Vec<String>, SignatureError> {
    let names: Vec<String> = text.split(';').map(str::to_owned).collect();
    let plain = |name: &String| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic() && !b.is_ascii_uppercase())
    };
    if names.len() > MOST_SIGNED_HEADERS || !names.iter().all(plain) {
        return incomplete("SignedHeaders must be lower-case header names joined by ';'.");
    }
    if !names.is_sorted_by(|a, b| a < b) {
        return Err(SignatureError::SignatureDoesNotMatch(
            "SignedHeaders must be in alphabetical order, each once.".to_owned(),
        ));
    }
    Ok(names)
}

fn parse_expires(text: &str) -> Result<u32, SignatureError> {
    match text.parse::<u32>() {
        Ok(secs) if u64::from(secs) <= crate::LONGEST_PRESIGNED.as_secs() => Ok(secs),
        Ok(_) => incomplete(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
        ),
        Err(_) => incomplete("X-Amz-Expires should be a number"),
    }
}

fn parse_payload(declared: Option<String>) -> Result<Payload, SignatureError> {
    let Some(text) = declared else { return Ok(Payload::Hashed) };
    if text == "UNSIGNED-PAYLOAD" {
        return Ok(Payload::Unsigned);
    }
    if let Some(kind) = text.strip_prefix("STREAMING-") {
        let (signed, trailer) = match kind {
            "AWS4-HMAC-SHA256-PAYLOAD" => (true, false),
            "AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => (true, true),
            "UNSIGNED-PAYLOAD-TRAILER" => (false, true),
            _ => return incomplete(format!("Unsupported x-amz-content-sha256: '{}'.", clip(&text))),
        };
        return Ok(Payload::Streaming { kind: text, signed, trailer });
    }
    if text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Ok(Payload::Declared(text));
    }
    incomplete(
        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, or a valid sha256 value.",
    )
}

/// A header that may stand at most once.
fn single_header(head: &Head<'_>, name: &str) -> Result<Option<String>, SignatureError> {
    match (head.headers.contains_key(name), head.header(name)) {
        (false, _) => Ok(None),
        (true, Some(value)) => Ok(Some(value.trim().to_owned())),
        (true, None) => incomplete(format!("The header {name} must stand once and be text.")),
    }
}

fn bad_date(text: &str) -> SignatureError {
    SignatureError::IncompleteSignature(format!(
        "Date must be in ISO-8601 'basic format'. Got '{}'. See http://en.wikipedia.org/wiki/ISO_8601",
        clip(text)
    ))
}

/// What a client sent, short enough for a message.
pub(crate) fn clip(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}
