//! Small services that have one of everything.

use bytes::Bytes;
use gantry_wire::{ApiError, Limits, Model, Route, Router, Value};
use http::Request;

const SHAPES: &str = "\
struct In text:Text name:Name! count:Count big:Big ratio:Ratio on:On when:When data:Data list:List map:Map node:In \
names:Names nodes:Nodes secret:Secret kind:Kind doc:Doc
struct Out text:Text list:List map:Map
struct Missing @error @code=No.Such @status=404 @sender message:Text thing:Text
struct Broken @error @fault Message:Text
struct Tag key:Name! value:Text
list List Tag(as=entry) @max=3
list Names Name @min=1
list Nodes In
map Map Name Tag
string Text
string Name @min=1 @max=8 @pattern=[a-z]+
string Secret @max=2 @sensitive
string Kind @enum=RED|GREEN
integer Count @min=1 @max=10
long Big
double Ratio @max=1.5
boolean On
timestamp When
blob Data
document Doc
";

const REST: &str = "\
struct RestIn id:Text(loc=uri)! page:Count(loc=querystring,as=page) tags:Names(loc=querystring,as=tag) \
etag:Text(loc=header,as=X-Etag) at:When(loc=header,as=X-At) meta:Meta(loc=headers,as=x-meta-) text:Text list:List
map Meta Text Text
";

/// A service named after the protocol that it speaks.
pub fn model(protocol: &str) -> &'static Model {
    let op = match protocol {
        "rest-json" | "rest-xml" => {
            "op Do POST /things/{id} in=RestIn out=Out errors=Missing,Broken\nop Whole PUT /whole in=In out=Out root=In\nop Bare GET /bare\n"
        }
        _ => "op Do POST / in=In out=Out errors=Missing,Broken\nop Bare POST /\n",
    };
    let text = format!(
        "service {protocol}\nversion 2020-01-01\nprotocols {protocol}\njson 1.1\ntarget com.example.{protocol}.{protocol}Target\n\
         signing {protocol}-signing\nendpoint {protocol}\nnamespace https://example.org/doc/\n{op}{SHAPES}{REST}"
    );
    Box::leak(Box::new(Model::parse(Box::leak(text.into_boxed_str())).unwrap()))
}

pub const PROTOCOLS: [&str; 6] = ["json", "query", "ec2", "rest-json", "rest-xml", "smithy-rpc-v2-cbor"];

pub fn router() -> Router {
    Router::over(PROTOCOLS.iter().map(|protocol| model(protocol)).collect(), Limits::STANDARD)
}

/// A request with its body, and the service in its scope.
pub struct Call {
    pub request: Request<Bytes>,
    pub scope: Option<&'static str>,
}

/// A request for `Do`, or for an operation that takes the whole body, in a protocol.
pub fn call(protocol: &str, body: impl Into<Bytes>) -> Call {
    let request = Request::builder().method("POST").uri("/");
    let (request, scope) = match protocol {
        "json" => (
            request
                .header("x-amz-target", "jsonTarget.Do")
                .header("content-type", "application/x-amz-json-1.1"),
            "json-signing",
        ),
        "query" => (request.header("content-type", "application/x-www-form-urlencoded"), "query-signing"),
        "ec2" => (request.header("content-type", "application/x-www-form-urlencoded"), "ec2-signing"),
        "rest-json" => (request.method("PUT").uri("/whole"), "rest-json-signing"),
        "rest-xml" => (request.method("PUT").uri("/whole"), "rest-xml-signing"),
        _ => (
            request
                .uri("/service/smithy-rpc-v2-cborTarget/operation/Do")
                .header("smithy-protocol", "rpc-v2-cbor"),
            "smithy-rpc-v2-cbor-signing",
        ),
    };
    Call { request: request.body(body.into()).unwrap(), scope: Some(scope) }
}

/// Routes and decodes, without holding the value against the model.
pub fn decode(router: &Router, call: Call) -> Result<Value, ApiError> {
    let (route, head, body) = routed(router, call)?;
    route.decode_unchecked(&head.headers, &body)
}

/// Routes, decodes and validates.
pub fn check(router: &Router, call: Call) -> Result<Value, ApiError> {
    let (route, head, body) = routed(router, call)?;
    route.decode(&head.headers, &body)
}

fn routed(router: &Router, call: Call) -> Result<(Route, http::request::Parts, Bytes), ApiError> {
    let (head, body) = call.request.into_parts();
    match router.route(&head, &body, call.scope) {
        Ok(route) => Ok((route, head, body)),
        Err(rejection) => Err(rejection.error),
    }
}
