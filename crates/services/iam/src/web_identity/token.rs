//! What a token says.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use gantry_base::Timestamp;
use gantry_service::Failure;
use gantry_wire::ApiError;
use serde::Deserialize;
use serde_json::Value;

use super::invalid_token;

/// Where a token brings session tags along
/// ([AWS](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp)).
const TAGS: &str = "https://aws.amazon.com/tags";
const SOURCE_IDENTITY: &str = "https://aws.amazon.com/source_identity";

/// Claims that trust policies may look at beside `aud`, as `ISSUER:CLAIM`. AWS knows the first for all providers
/// and the others for GitHub's.
const CLAIMS: [&str; 20] = [
    "sub",
    "amr",
    "azp",
    "email",
    "actor",
    "actor_id",
    "base_ref",
    "environment",
    "enterprise",
    "enterprise_id",
    "event_name",
    "head_ref",
    "job_workflow_ref",
    "ref",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "repository_visibility",
    "workflow",
];

/// A token, taken apart. Nothing in it is true until its signature was checked.
pub(crate) struct Token {
    pub header: Header,
    /// What was signed, and the signature.
    pub signed: String,
    pub signature: Vec<u8>,
    claims: serde_json::Map<String, Value>,
    /// The `iss` claim: `https://token.example.org/realm`.
    pub issuer: String,
    pub subject: String,
    pub audiences: Vec<String>,
    expires: i64,
}

/// Which key signed, and how.
#[derive(Deserialize)]
pub(crate) struct Header {
    pub alg: String,
    pub kid: Option<String>,
}

impl Token {
    /// Takes a JWT in its compact form apart.
    pub fn parse(text: &str) -> Result<Token, Failure> {
        let malformed = || {
            invalid_token(
                "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
            )
        };
        let (signed, signature) = text.rsplit_once('.').ok_or_else(malformed)?;
        let (header, claims) = signed.split_once('.').ok_or_else(malformed)?;
        let decoded = |part: &str| BASE64.decode(part).map_err(|_| malformed());
        let header: Header = serde_json::from_slice(&decoded(header)?).map_err(|_| malformed())?;
        let claims: serde_json::Map<String, Value> =
            serde_json::from_slice(&decoded(claims)?).map_err(|_| malformed())?;
        let missing = |claim: &str| invalid_token(format!("Missing a required claim: {claim}"));
        let text_of = |claim: &str| claims.get(claim).and_then(Value::as_str).map(str::to_owned);
        let audiences = claims.get("aud").map(texts).unwrap_or_default();
        if audiences.is_empty() {
            return Err(missing("aud"));
        }
        Ok(Token {
            header,
            signed: signed.to_owned(),
            signature: decoded(signature)?,
            issuer: text_of("iss").ok_or_else(|| missing("iss"))?,
            subject: text_of("sub").ok_or_else(|| missing("sub"))?,
            audiences,
            expires: seconds(claims.get("exp")).ok_or_else(|| missing("exp"))?,
            claims,
        })
    }

    /// Refuses a token before and after its time.
    pub fn check_time(&self, now: Timestamp) -> Result<(), Failure> {
        let now = now.as_secs();
        if self.expires <= now {
            let message = format!(
                "Token expired: current date/time {now} must be before the expiration date/time {}",
                self.expires
            );
            return Err(ApiError::new("ExpiredTokenException", message).with_status(400).into());
        }
        if seconds(self.claims.get("nbf")).is_some_and(|from| from > now + SKEW_SECS) {
            let message = "The token's not-before time has not come yet.";
            return Err(ApiError::new("IDPRejectedClaim", message).with_status(403).into());
        }
        Ok(())
    }

    /// Whom the token was made for, among those that the provider lets in.
    pub fn audience<'a>(&'a self, client_ids: &[String]) -> Result<&'a str, Failure> {
        let mut known = self.audiences.iter().filter(|audience| client_ids.contains(audience));
        let first = known.next().map(String::as_str);
        first.ok_or_else(|| invalid_token("Incorrect token audience"))
    }

    /// The condition keys that the token brings: `ISSUER:sub` and its like. `issuer` is without its scheme.
    pub fn keys(&self, issuer: &str) -> Vec<(String, Vec<String>)> {
        let mut keys = Vec::new();
        let mut set = |claim: &str, values: Vec<String>| {
            if !values.is_empty() {
                keys.push((format!("{issuer}:{claim}"), values));
            }
        };
        for claim in CLAIMS {
            set(claim, self.claims.get(claim).map(texts).unwrap_or_default());
        }
        // Where the token says to whom it was given, that is its audience, and `oaud` the one it names itself
        // (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html).
        match self.claims.get("azp").map(texts).filter(|party| !party.is_empty()) {
            Some(party) => set("aud", party),
            None => set("aud", self.audiences.clone()),
        }
        set("oaud", self.audiences.clone());
        keys
    }

    /// The session tags in it.
    pub fn tags(&self) -> Result<SessionTags, Failure> {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Given {
            principal_tags: serde_json::Map<String, Value>,
            transitive_tag_keys: Vec<String>,
        }
        let Some(given) = self.claims.get(TAGS) else { return Ok(SessionTags::default()) };
        let invalid = || invalid_token(format!("The claim {TAGS} is malformed."));
        let given: Given = serde_json::from_value(given.clone()).map_err(|_| invalid())?;
        let mut tags = Vec::new();
        for (key, values) in given.principal_tags {
            let [value] = <[String; 1]>::try_from(texts(&values)).map_err(|_| invalid())?;
            tags.push((key, value));
        }
        Ok(SessionTags { tags, transitive: given.transitive_tag_keys })
    }

    /// The source identity that it sets.
    pub fn source_identity(&self) -> Option<String> {
        self.claims.get(SOURCE_IDENTITY).and_then(Value::as_str).map(str::to_owned)
    }
}

/// The session tags that a token brings.
#[derive(Debug, Default)]
pub struct SessionTags {
    pub tags: Vec<(String, String)>,
    /// The keys of those that go on to further sessions.
    pub transitive: Vec<String>,
}

/// How far an issuer's clock may be ahead.
const SKEW_SECS: i64 = 300;

/// A claim's values as texts: it is one, or a list of them.
fn texts(claim: &Value) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    };
    match claim {
        Value::Array(values) => values.iter().filter_map(text).collect(),
        one => text(one).into_iter().collect(),
    }
}

/// A moment in a claim; fractions are allowed.
fn seconds(claim: Option<&Value>) -> Option<i64> {
    let claim = claim?;
    claim.as_i64().or_else(|| claim.as_f64().map(|secs| secs as i64))
}
