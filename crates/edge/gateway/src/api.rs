//! One call of an AWS operation: route, authenticate, decode, dispatch, encode.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use futures::StreamExt;
use gantry_base::{AccountId, Partition, Region};
use gantry_iam_core::{Caller, Principal};
use gantry_service::{AccessKey, Cx, Events, Failure, Finished, Origin, handlers};
use gantry_sigv4::{Claim, Head, SignatureError};
use gantry_wire::model::Protocol;
use gantry_wire::route::{AuthFailure, Route, Speak};
use gantry_wire::{ApiError, ValueSink};
use http::request::Parts;
use http::{Request, Response};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Frame, Incoming};

use crate::authenticate::Refused;
use crate::body::{self, Unread};
use crate::gateway::{Answer, Gateway, taker, whole};
use crate::{recorded, temporary};

impl Gateway {
    /// Answers a request that is for an AWS API.
    pub(crate) async fn call(&self, request: Request<Incoming>, origin: Origin) -> Answer {
        let began = Instant::now();
        let (head, body) = request.into_parts();
        let request_id = self.ids.uuid();
        let mut named = Named { service: "unknown", operation: "unknown" };
        let room = self.large.room(&head, &self.door, self.clock.now()).await;
        let answer = match body::read(body, room.limit).await {
            Ok(body) => self.understood(&head, body, room.limit, origin, &request_id, &mut named).await,
            Err(unread) => self.unread(&head, unread, &request_id).map(whole),
        };
        self.metrics.answered(named.service, named.operation, answer.status().as_u16(), began.elapsed());
        answer
    }

    async fn understood(
        &self,
        head: &Parts,
        body: Bytes,
        limit: usize,
        origin: Origin,
        request_id: &str,
        named: &mut Named,
    ) -> Answer {
        let signed = Head::of(head);
        let claim = Claim::parse(&signed);
        let scope = claim.as_ref().ok().map(|claim| claim.scope.service.as_str());
        let route = match self.router.route(head, &body, scope) {
            Ok(route) => route.with_body_limit(limit),
            Err(rejection) => return rejection.encode(request_id).map(whole),
        };
        *named = Named { service: route.service(), operation: route.operation() };
        let entered = match claim {
            Ok(claim) => self.enter(&signed, &claim, &body, &route).await.map(Some),
            Err(SignatureError::MissingAuthenticationToken) if route.unsigned() => Ok(None),
            Err(error) => Err(Refused::Signature(error)),
        };
        let (caller, key, region) = match entered {
            Ok(Some(Entered { caller, key, region })) => (caller, Some(key), region),
            Ok(None) => (Arc::new(Caller::new(Principal::Anonymous)), None, self.region.clone()),
            Err(refused) => {
                let error = refusal(route.speak(), &refused, request_id);
                return route.encode_error(&error, request_id).map(whole);
            }
        };
        if let Some(error) = temporary::refusal(&caller, route.service(), route.operation(), route.speak()) {
            return route.encode_error(&error, request_id).map(whole);
        }
        let now = self.clock.now();
        if !self.throttle.admit(&taker(caller.principal.principal_arn(), origin.source_ip), now) {
            let message = match route.speak().protocol {
                Protocol::Ec2 => "Request limit exceeded.",
                _ => "Rate exceeded",
            };
            let error = route.speak().auth_error(AuthFailure::Throttled, message);
            return route.encode_error(&error, request_id).map(whole);
        }
        let cx = Cx {
            account: caller.principal.account().unwrap_or(AccountId::DEFAULT),
            caller,
            key,
            region,
            request_id: request_id.into(),
            now,
            origin: Arc::new(origin),
            siblings: self.handlers.clone(),
        };
        match self.handlers.streams(route.service(), route.operation()) {
            true => self.stream(&cx, route, head, &body).await,
            false => self.dispatch(&cx, &route, head, &body).await.map(whole),
        }
    }

    async fn enter(
        &self,
        head: &Head<'_>,
        claim: &Claim,
        body: &[u8],
        route: &Route,
    ) -> Result<Entered, Refused> {
        let now = self.clock.now();
        let caller = self.door.enter(head, claim, body, route.signing_name(), now).await?;
        let region = region_of(&claim.scope.region, &self.region).ok_or_else(|| {
            let message = "Credential should be scoped to a valid region.";
            SignatureError::SignatureDoesNotMatch(message.to_owned())
        })?;
        self.door.identities.used(&claim.access_key, &caller, route.signing_name(), &region, now);
        let caller = named_by(region.partition(), caller);
        let key = AccessKey { id: claim.access_key.clone(), session_token: claim.session_token.clone() };
        Ok(Entered { caller, key: Arc::new(key), region })
    }

    #[tracing::instrument(level = "debug", name = "call", skip_all, fields(operation = route.operation()))]
    async fn dispatch(&self, cx: &Cx, route: &Route, head: &Parts, body: &Bytes) -> Response<Bytes> {
        let mut request = serde_json::Value::Null;
        let decode = || {
            let decoded = route.decode(&head.headers, body)?;
            if let (true, Some(shape)) = (request.is_null(), route.op().input) {
                request = recorded::SHOWN.json(route.model(), shape, &decoded);
            }
            Ok(decoded)
        };
        let ran = self.handlers.run(cx, route.service(), route.operation(), decode).await;
        let ended = match ran {
            Some(Ok(output)) => Ok(output),
            Some(Err(failure)) => Err(self.failed(route, failure, cx)),
            None => {
                self.metrics.not_served(route.service(), route.operation());
                Err(ApiError::not_implemented(route.service(), route.operation()))
            }
        };
        let answer = match &ended {
            Ok(output) => route.encode(&**output, &cx.request_id),
            Err(error) => route.encode_error(error, &cx.request_id),
        };
        self.record(cx, route, request, ended).await;
        answer
    }

    /// Begins an answer that is a stream of events. What comes of it is not recorded, that it began is.
    async fn stream(&self, cx: &Cx, route: Route, head: &Parts, body: &Bytes) -> Answer {
        let mut request = serde_json::Value::Null;
        let decode = || {
            let decoded = route.decode(&head.headers, body)?;
            if let (true, Some(shape)) = (request.is_null(), route.op().input) {
                request = recorded::SHOWN.json(route.model(), shape, &decoded);
            }
            Ok(decoded)
        };
        let began = self.handlers.stream(cx, route.service(), route.operation(), decode).await;
        let began = began.unwrap_or_else(|| Err(Failure::internal("an operation is gone from the register")));
        let began = began.map_err(|failure| self.failed(&route, failure, cx));
        let error = began.as_ref().err();
        let call = Finished {
            cx,
            service: route.signing_name(),
            operation: route.operation(),
            request,
            response: serde_json::Value::Null,
            error: error.map(|error| (&*error.code, &*error.message)),
        };
        self.audit.record(call).await;
        match began {
            Ok(events) => streamed(route, events, &cx.request_id),
            Err(error) => route.encode_error(&error, &cx.request_id).map(whole),
        }
    }

    fn failed(&self, route: &Route, failure: Failure, cx: &Cx) -> ApiError {
        let (service, operation) = (route.service(), route.operation());
        match failure {
            Failure::Answer(error) => error,
            Failure::Denied(denial) => {
                tracing::info!(service, operation, %denial, request_id = &*cx.request_id, "denied");
                let message = match route.speak().protocol {
                    // What asks for no resource in particular is told in fewer words.
                    Protocol::Ec2 if &*denial.resource == "*" => format!(
                        "You are not authorized to perform this operation. {}",
                        denial.to_string().replacen(" on resource: *", "", 1)
                    ),
                    Protocol::Ec2 => format!(
                        "You are not authorized to perform this operation. {denial}. Encoded authorization failure \
                     message: {}",
                        (self.encode_denial)(&denial)
                    ),
                    _ => denial.to_string(),
                };
                route.speak().auth_error(AuthFailure::Denied, message)
            }
            Failure::Conflict => {
                tracing::warn!(service, operation, request_id = &*cx.request_id, "lost every race");
                ApiError::internal()
            }
            Failure::Internal(why) => {
                tracing::error!(service, operation, %why, request_id = &*cx.request_id, "failed");
                ApiError::internal()
            }
        }
    }

    async fn record(
        &self,
        cx: &Cx,
        route: &Route,
        request: serde_json::Value,
        ended: Result<handlers::Answer, ApiError>,
    ) {
        let response = match (&ended, route.op().output) {
            (Ok(output), Some(shape)) if recorded::with_answer(route.service(), route.operation()) => {
                let mut written = ValueSink::default();
                output.put(&mut written);
                written.finish().map(|value| {
                    recorded::answer(route.service(), recorded::SHOWN.json(route.model(), shape, &value))
                })
            }
            _ => None,
        };
        // The answer itself may not be sent to another thread; what is recorded of it may.
        let error = ended.err();
        let call = Finished {
            cx,
            service: route.signing_name(),
            operation: route.operation(),
            request,
            response: response.unwrap_or_default(),
            error: error.as_ref().map(|error| (&*error.code, &*error.message)),
        };
        self.audit.record(call).await;
    }

    /// The error for a body that did not arrive. What it was for can only be told from the head.
    fn unread(&self, head: &Parts, unread: Unread, request_id: &str) -> Response<Bytes> {
        let error = match unread {
            Unread::TooLarge => {
                ApiError::new("RequestEntityTooLarge", "The request body is too large").with_status(413)
            }
            Unread::TooSlow => {
                ApiError::new("RequestTimeout", "The request body did not arrive in time").with_status(408)
            }
            Unread::Broken => ApiError::new("IncompleteBody", "The request body broke off").with_status(400),
        };
        let speak = match self.router.route(head, &Bytes::new(), None) {
            Ok(route) => route.speak().clone(),
            Err(rejection) => rejection.speak,
        };
        let mut answer = speak.error(&error, request_id);
        // What is left of the body is not read, so nothing more can be said on this connection.
        answer.headers_mut().insert(http::header::CONNECTION, http::HeaderValue::from_static("close"));
        answer
    }
}

/// The answer that sends events as they come. It ends behind the first error.
fn streamed(route: Route, events: Events, request_id: &str) -> Answer {
    let head = route.stream_head(request_id);
    let begin = futures::stream::iter(route.stream_begin());
    let sent = events.scan(false, move |failed, event| {
        let message = match event {
            _ if *failed => None,
            Ok(event) => route.stream_event(&*event),
            Err(error) => {
                *failed = true;
                Some(route.stream_error(&error))
            }
        };
        futures::future::ready(message)
    });
    let frames = begin.chain(sent).map(|bytes| Ok(Frame::data(bytes)));
    head.map(|()| StreamBody::new(frames).boxed_unsync())
}

/// The region of a signature's scope. Services without regions are signed for `aws-global` and its like, too.
fn region_of(scope: &str, default: &Region) -> Option<Region> {
    match scope.strip_suffix("-global").and_then(Partition::from_name) {
        Some(Partition::Aws) => Some(default.clone()),
        Some(partition) => Some(partition.global_region()),
        None => scope.parse().ok(),
    }
}

/// The caller as the partition of the request names it.
fn named_by(partition: Partition, caller: Arc<Caller>) -> Arc<Caller> {
    match partition {
        Partition::Aws => caller,
        _ => Arc::new(Caller::clone(&caller).in_partition(partition)),
    }
}

/// Who was let in, with which key, and for which region.
struct Entered {
    caller: Arc<Caller>,
    key: Arc<AccessKey>,
    region: Region,
}

/// What the metrics call a request.
struct Named {
    service: &'static str,
    operation: &'static str,
}

/// What EC2 says of a session that has ended.
const EC2_EXPIRED: &str = "Request has expired.";

fn refusal(speak: &Speak, refused: &Refused, request_id: &str) -> ApiError {
    let error = match refused {
        Refused::Signature(error) => error,
        Refused::Expired => {
            let message = match speak.protocol {
                Protocol::Ec2 => EC2_EXPIRED,
                _ => "The security token included in the request is expired",
            };
            return speak.auth_error(AuthFailure::ExpiredToken, message);
        }
        Refused::Broken(why) => {
            tracing::error!(%why, request_id, "a caller could not be identified");
            return ApiError::internal();
        }
    };
    let failure = match error {
        SignatureError::MissingAuthenticationToken => AuthFailure::Missing,
        SignatureError::IncompleteSignature(_) => AuthFailure::Incomplete,
        SignatureError::InvalidClientTokenId => AuthFailure::UnknownKey,
        SignatureError::RequestExpired => AuthFailure::Expired,
        SignatureError::ExpiredToken => AuthFailure::ExpiredToken,
        _ => AuthFailure::WrongSignature,
    };
    let message = match (failure, speak.protocol) {
        (AuthFailure::UnknownKey | AuthFailure::WrongSignature, Protocol::Ec2) => {
            "AWS was not able to validate the provided access credentials".to_owned()
        }
        (AuthFailure::ExpiredToken, Protocol::Ec2) => EC2_EXPIRED.to_owned(),
        (AuthFailure::Missing, Protocol::Json | Protocol::RestJson | Protocol::Cbor) => {
            "Missing Authentication Token".to_owned()
        }
        _ => error.to_string(),
    };
    speak.auth_error(failure, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_are_named_by_the_partition_of_the_scope() {
        let region = |scope: &str| region_of(scope, &Region::default()).map(|region| region.to_string());
        assert_eq!(region("aws-global").as_deref(), Some("us-east-1"));
        assert_eq!(region("aws-cn-global").as_deref(), Some("cn-north-1"));
        assert_eq!(region("us-gov-east-1").as_deref(), Some("us-gov-east-1"));
        assert_eq!(region("everywhere"), None);
        let root = Arc::new(Caller::root(AccountId::DEFAULT));
        let named = named_by(region_of("cn-north-1", &Region::default()).unwrap().partition(), root.clone());
        assert_eq!(named.principal.arn(), "arn:aws-cn:iam::000000000000:root");
        assert_eq!(named_by(Partition::Aws, root).principal.arn(), "arn:aws:iam::000000000000:root");
    }
}
