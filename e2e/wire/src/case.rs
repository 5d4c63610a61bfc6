//! One call of one operation, there and back.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use gantry_wire::model::{Op, Ref};
use gantry_wire::{ApiError, Route, Router, Value};
use http::Response;
use serde_json::{Value as Json, json};

use crate::peer::Peer;
use crate::plain;
use crate::world::Typed;

/// What to call, and the seed of everything made up for it.
#[derive(Debug, Clone)]
pub struct Case {
    pub service: String,
    pub operation: String,
    /// The protocol to be forced on the client; none for its own choice.
    pub protocol: Option<String>,
    pub seed: u64,
    /// Every member present, as far as depth allows.
    pub full: bool,
    /// Answer with this error in place of an output.
    pub error: Option<String>,
    /// AWS's example of this number as the input, in place of one made up.
    pub example: Option<u64>,
}

/// What a call came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What went wrong on the way in.
    pub request: Option<String>,
    /// What went wrong on the way out.
    pub answer: Option<String>,
    pub input: Json,
    pub output: Json,
}

impl Outcome {
    pub fn right(&self) -> bool {
        self.request.is_none() && self.answer.is_none()
    }
}

const REQUEST_ID: &str = "11111111-2222-3333-4444-555555555555";

/// Makes the call. The error is the client's or the test's own; what the wire did is in the outcome.
pub fn run(peer: &mut Peer, router: &Router, typed: Option<&Typed>, case: &Case) -> anyhow::Result<Outcome> {
    peer.say(&order(case))?;
    let mut outcome = Outcome::default();
    let request = peer.hear()?;
    if let Some(done) = request.get("done") {
        outcome.request = Some(format!("the client sent nothing: {done}"));
        return Ok(outcome);
    }
    outcome.input = request["input"].clone();
    outcome.output = request["output"].clone();
    let response = match route(router, &request) {
        Err(rejection) => {
            outcome.request = Some(rejection.1);
            rejection.0
        }
        Ok((route, head, body)) => {
            if (route.service(), route.operation()) != (case.service.as_str(), case.operation.as_str()) {
                outcome.request = Some(format!("went to {}:{}", route.service(), route.operation()));
            } else {
                outcome.request = check_input(&route, typed, &head, &body, &request["input"], case).err();
            }
            match answer(&route, typed, &request, case) {
                Ok(response) => response,
                Err(what) => {
                    outcome.answer = Some(what);
                    route.encode_error(&ApiError::internal(), REQUEST_ID)
                }
            }
        }
    };
    peer.say(&reply(&response))?;
    let done = peer.hear()?["done"].take();
    if outcome.answer.is_none() && outcome.request.as_deref().is_none_or(|text| !text.starts_with("went")) {
        outcome.answer = check_answer(router, &request, &done, &response, case).err();
    }
    Ok(outcome)
}

/// Sends one of AWS's examples; the input must keep every constraint of the model.
pub fn example(peer: &mut Peer, router: &Router, case: &Case) -> anyhow::Result<Result<(), String>> {
    peer.say(&order(case))?;
    let request = peer.hear()?;
    if request.get("done").is_some() {
        // The client itself finds some of AWS's examples wrong.
        return Ok(Ok(()));
    }
    let (checked, response) = match route(router, &request) {
        Err(rejection) => (Err(rejection.1), rejection.0),
        Ok((route, head, body)) => {
            let checked = route.decode(&head.headers, &body).map(drop).map_err(|error| error.to_string());
            (checked, route.encode_error(&ApiError::internal(), REQUEST_ID))
        }
    };
    peer.say(&reply(&response))?;
    peer.hear()?;
    Ok(checked)
}

/// Calls an operation that is modelled and not served; the client must be told so, with 501.
pub fn not_served(peer: &mut Peer, router: &Router, case: &Case) -> anyhow::Result<Result<(), String>> {
    peer.say(&order(case))?;
    let request = peer.hear()?;
    if request.get("done").is_some() {
        return Ok(Err(format!("the client sent nothing: {request}")));
    }
    let response = match route(router, &request) {
        Err(rejection) => rejection.0,
        Ok((route, head, body)) => match route.decode(&head.headers, &body) {
            Ok(_) => return Ok(Err("was decoded".into())),
            Err(error) => route.encode_error(&error, REQUEST_ID),
        },
    };
    peer.say(&reply(&response))?;
    let done = peer.hear()?["done"].take();
    let seen = (done["status"].as_u64(), done["code"].as_str());
    Ok(if seen == (Some(501), Some("NotImplemented")) {
        Ok(())
    } else {
        Err(format!("the client saw {done}"))
    })
}

fn order(case: &Case) -> Json {
    json!({
        "do": "call",
        "service": case.service,
        "operation": case.operation,
        "protocol": case.protocol,
        "seed": case.seed,
        "full": case.full,
        "error": case.error,
        "example": case.example,
    })
}

fn reply(response: &Response<Bytes>) -> Json {
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        json!([name.as_str(), String::from_utf8_lossy(value.as_bytes())])
    };
    json!({
        "status": response.status().as_u16(),
        "headers": response.headers().iter().map(header).collect::<Vec<_>>(),
        "body": BASE64_STANDARD.encode(response.body()),
    })
}

type Routed = (Route, http::request::Parts, Bytes);

fn route(router: &Router, request: &Json) -> Result<Routed, Box<(Response<Bytes>, String)>> {
    let text = |key: &str| request[key].as_str().unwrap_or_default();
    let mut builder = http::Request::builder().method(text("method")).uri(text("url"));
    let mut scope = None;
    for pair in request["headers"].as_array().into_iter().flatten() {
        let (name, value) = (pair[0].as_str().unwrap_or_default(), pair[1].as_str().unwrap_or_default());
        if name.eq_ignore_ascii_case("authorization") {
            // AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, ...
            scope = value.split('/').nth(3).map(str::to_owned);
        }
        builder = builder.header(name, value.as_bytes());
    }
    let body = Bytes::from(BASE64_STANDARD.decode(text("body")).unwrap_or_default());
    let (head, ()) = builder.body(()).expect("a client sends well-formed requests").into_parts();
    match router.route(&head, &body, scope.as_deref()) {
        Ok(route) => Ok((route, head, body)),
        Err(rejection) => {
            Err(Box::new((rejection.encode(REQUEST_ID), format!("turned away: {}", rejection.error))))
        }
    }
}

fn check_input(
    route: &Route,
    typed: Option<&Typed>,
    head: &http::request::Parts,
    body: &Bytes,
    wanted: &Json,
    case: &Case,
) -> Result<(), String> {
    let value = route.decode_unchecked(&head.headers, body).map_err(|error| error.to_string())?;
    let Some(input) = route.op().input else {
        let none = plain::difference(wanted, &json!({}));
        return none.map_or(Ok(()), |what| Err(format!("input{what}")));
    };
    let value = match typed {
        Some(typed) => typed.input(&case.service, &case.operation, value)?,
        None => value,
    };
    let mut found = plain::from_value(route.model(), Ref::plain(input), &value);
    allowed(case, wanted, &mut found);
    plain::difference(wanted, &found).map_or(Ok(()), |what| Err(format!("input{what}")))
}

/// What this client does by itself, below the point where its input is noted or above where its output is.
fn allowed(case: &Case, wanted: &Json, found: &mut Json) {
    let Json::Object(members) = found else { return };
    members.retain(|name, _| {
        wanted.get(name).is_some()
            || match (case.service.as_str(), case.operation.as_str(), name.as_str()) {
                // Length and checksums of the body.
                ("s3", _, "ContentLength" | "ContentMD5") => false,
                ("s3", _, name) => !name.starts_with("Checksum"),
                // A link to the source that the client signs.
                ("ec2", "CopySnapshot", "DestinationRegion" | "PresignedUrl") => false,
                _ => true,
            }
    });
}

/// Operations that no request can be told apart for, or whose answer has its own code in the client.
pub fn left_out(service: &str, operation: &str) -> bool {
    matches!(
        (service, operation),
        // The deprecated names of GetBucketLifecycleConfiguration and so on, at the same path.
        ("s3", "GetBucketLifecycle" | "PutBucketLifecycle" | "GetBucketNotification" | "PutBucketNotification")
        // An answer whose root element is its only member.
        | ("s3", "GetBucketLocation")
        // At the path of ListBuckets, and told apart by the host's name.
        | ("s3", "ListDirectoryBuckets")
    )
}

fn answer(
    route: &Route,
    typed: Option<&Typed>,
    request: &Json,
    case: &Case,
) -> Result<Response<Bytes>, String> {
    if let Some(error) = request["error"].as_object() {
        let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
        let mut answer = ApiError::new(text("shape"), text("message"));
        answer.fields = plain::fields(&error["members"]);
        return Ok(route.encode_error(&answer, REQUEST_ID));
    }
    let value = match route.op().output {
        None => Value::Struct(Vec::new()),
        Some(output) => plain::to_value(route.model(), Ref::plain(output), &request["output"])?,
    };
    Ok(match typed {
        Some(typed) => {
            route.encode(typed.output(&case.service, &case.operation, value)?.as_ref(), REQUEST_ID)
        }
        None => route.encode(&value, REQUEST_ID),
    })
}

fn check_answer(
    router: &Router,
    request: &Json,
    done: &Json,
    response: &Response<Bytes>,
    case: &Case,
) -> Result<(), String> {
    let shown = || {
        let body: String = String::from_utf8_lossy(response.body()).chars().take(600).collect();
        format!("{} {body}", response.status())
    };
    if let Some(fault) = done.get("fault") {
        return Err(format!("the client failed: {fault}; {}", shown()));
    }
    let Some(error) = request["error"].as_object() else {
        let Some(parsed) = done.get("parsed") else {
            return Err(format!("the client saw {done}; {}", shown()));
        };
        let (wanted, empty) = (&request["output"], json!({}));
        let wanted = if wanted.is_null() { &empty } else { wanted };
        return plain::difference(wanted, parsed)
            .map_or(Ok(()), |what| Err(format!("output{what}; {}", shown())));
    };
    let mut wanted = json!({
        "code": error["code"],
        "message": error["message"],
        "members": error["members"],
        "request_id": REQUEST_ID,
    });
    if let Some(status) = error["status"].as_u64() {
        wanted["status"] = status.into();
    }
    // A code that several shapes share names none of them.
    let model = router.models().iter().find(|model| model.service == case.service);
    let shape = error["shape"].as_str().unwrap_or_default();
    let named = model.and_then(|model| model.error(error["code"].as_str()?)).map(|(shape, ..)| shape.name);
    if named == Some(shape) {
        wanted["class"] = shape.into();
    }
    let mut found = done.clone();
    if let Json::Object(members) = &mut found {
        members.retain(|key, _| wanted.get(key).is_some());
    }
    plain::difference(&wanted, &found).map_or(Ok(()), |what| Err(format!("error{what}; {}", shown())))
}

/// Whether this operation takes part.
pub fn takes_part(described: &Json, service: &str, op: &Op) -> bool {
    !streams_events(described, op.name) && !left_out(service, op.name)
}

/// Whether it takes or gives a stream of events, which have their own codec and tests.
pub fn streams_events(described: &Json, operation: &str) -> bool {
    described["operations"][operation]["events"].as_bool().unwrap_or(false)
}
