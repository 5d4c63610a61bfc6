//! Which operation a request is for, and the four answers to what is not served.

use bytes::Bytes;
use gantry_wire::route::Route;
use gantry_wire::{Limits, Model, Rejection, Router};
use http::Request;

use crate::fixture::router;

fn route(
    router: &Router,
    request: http::request::Builder,
    body: &str,
    scope: Option<&str>,
) -> Result<Route, Rejection> {
    let (head, body) = request.body(Bytes::from(body.to_owned())).unwrap().into_parts();
    router.route(&head, &body, scope)
}

fn refused(
    router: &Router,
    request: http::request::Builder,
    body: &str,
    scope: Option<&str>,
) -> (u16, String) {
    let rejection = route(router, request, body, scope).err().expect("nothing is there");
    let response = rejection.encode("the-id");
    (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
}

fn post() -> http::request::Builder {
    Request::builder().method("POST").uri("/")
}

fn form() -> http::request::Builder {
    post().header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
}

#[test]
fn unknown_services_and_operations_are_told_apart_in_the_callers_protocol() {
    let router = router();
    let target = |target: &str| post().header("x-amz-target", target.to_owned());
    assert_eq!(
        refused(&router, target("Nowhere_2020.List"), "{}", None),
        (
            404,
            r#"{"__type":"UnknownService","message":"There is no service Nowhere_2020 at this endpoint"}"#
                .into()
        )
    );
    assert_eq!(
        refused(&router, target("jsonTarget.List"), "{}", None),
        (
            400,
            r#"{"__type":"UnknownOperationException","message":"json: there is no operation List"}"#.into()
        )
    );
    assert_eq!(
        refused(&router, form(), "Action=List&Version=2020-01-01", Some("query-signing")),
        (
            400,
            "<ErrorResponse xmlns=\"https://example.org/doc/\"><Error><Type>Sender</Type><Code>InvalidAction</Code>\
             <Message>The action List is not valid for this web service.</Message></Error>\
             <RequestId>the-id</RequestId></ErrorResponse>"
                .into()
        )
    );
    assert_eq!(
        refused(&router, form(), "Action=List&Version=2020-01-01", Some("ec2-signing")),
        (
            400,
            "<Response><Errors><Error><Code>InvalidAction</Code><Message>The action List is not valid for this web \
             service.</Message></Error></Errors><RequestID>the-id</RequestID></Response>"
                .into()
        )
    );
    let (status, body) = refused(&router, Request::builder().uri("/nothing"), "", Some("rest-json-signing"));
    assert_eq!((status, body.contains("there is no operation GET /nothing")), (400, true));
    assert_eq!(refused(&router, Request::builder().uri("/nothing"), "", Some("elsewhere")).0, 404);
    assert_eq!(refused(&router, form(), "Action=List&Version=1999-01-01", None).0, 404);
    let (status, body) = refused(&router, form(), "Version=2020-01-01", Some("query-signing"));
    assert_eq!((status, body.contains("MissingAction")), (400, true));
}

#[test]
fn a_target_is_known_with_and_without_its_namespace() {
    let router = router();
    for name in ["com.example.json.jsonTarget.Bare", "jsonTarget.Bare"] {
        let target = post().header("x-amz-target", name);
        assert!(route(&router, target, "{}", None).is_ok(), "{name}");
    }
}

#[test]
fn what_is_modelled_and_not_served_is_501() {
    let router = router();
    let target = post().header("x-amz-target", "jsonTarget.Bare");
    let found = route(&router, target, "{}", None).ok().unwrap();
    let error = found.decode(&http::HeaderMap::new(), &Bytes::from_static(b"{}")).unwrap_err();
    let response = found.encode_error(&error, "the-id");
    assert_eq!(response.status(), 501);
    assert_eq!(
        response.body(),
        r#"{"__type":"NotImplemented","message":"json:Bare is not implemented by Gantry"}"#
    );
    assert_eq!(response.headers()["x-amzn-requestid"], "the-id");
}

#[test]
fn a_query_action_goes_by_its_version_and_its_scope() {
    let router = router();
    let found = |body: &str, scope| route(&router, form(), body, scope).ok().map(|route| route.service());
    assert_eq!(found("Action=Do&Version=2020-01-01", Some("query-signing")), Some("query"));
    assert_eq!(found("Action=Do&Version=2020-01-01", Some("ec2-signing")), Some("ec2"));
    assert_eq!(found("Action=Do", Some("ec2-signing")), Some("ec2"));
    let get = Request::builder().uri("/?Action=Do&Version=2020-01-01&name=x");
    assert_eq!(route(&router, get, "", Some("query-signing")).ok().unwrap().operation(), "Do");
}

#[test]
fn one_path_of_several_services_goes_by_the_scope() {
    let model = |name: &str| {
        let text = format!(
            "service {name}\nversion 1\nprotocols rest-json\nendpoint {name}\n\
             op Tags GET /tags/{{arn+}}\nop Get GET /things/{{id}}\nop Mine GET /things/mine\nop New POST /things?new\n"
        );
        &*Box::leak(Box::new(Model::parse(Box::leak(text.into_boxed_str())).unwrap()))
    };
    let router = Router::over(vec![model("one"), model("two")], Limits::STANDARD);
    let found = |method: &str, uri: &str, scope| {
        let request = Request::builder().method(method).uri(uri);
        route(&router, request, "", Some(scope)).ok().map(|route| (route.service(), route.operation()))
    };
    assert_eq!(found("GET", "/tags/arn:aws:x/y", "one"), Some(("one", "Tags")));
    assert_eq!(found("GET", "/tags/arn:aws:x/y", "two"), Some(("two", "Tags")));
    assert_eq!(found("GET", "/things/a%2Fb", "two"), Some(("two", "Get")));
    assert_eq!(found("GET", "/things/mine", "two"), Some(("two", "Mine")));
    assert_eq!(found("POST", "/things?new", "two"), Some(("two", "New")));
    assert_eq!(found("POST", "/things", "two"), None);
}

#[test]
fn a_copy_is_one_only_with_its_source() {
    let text = "service s3\nversion 1\nprotocols rest-xml\nendpoint s3\n\
                op CopyObject PUT /{Bucket}/{Key+} in=CopyIn\nop PutObject PUT /{Bucket}/{Key+} in=PutIn\n\
                op UploadPart PUT /{Bucket}/{Key+} in=PartIn\nop UploadPartCopy PUT /{Bucket}/{Key+} in=PartCopyIn\n\
                struct CopyIn Bucket:Text(loc=uri)! Key:Text(loc=uri)! CopySource:Text(as=x-amz-copy-source,loc=header)!\n\
                struct PartCopyIn Bucket:Text(loc=uri)! Key:Text(loc=uri)! CopySource:Text(as=x-amz-copy-source,loc=header)! \
                PartNumber:Text(as=partNumber,loc=querystring)! UploadId:Text(as=uploadId,loc=querystring)!\n\
                struct PartIn Bucket:Text(loc=uri)! Key:Text(loc=uri)! PartNumber:Text(as=partNumber,loc=querystring)! \
                UploadId:Text(as=uploadId,loc=querystring)!\n\
                struct PutIn Bucket:Text(loc=uri)! Key:Text(loc=uri)!\nstring Text\n";
    let model = &*Box::leak(Box::new(Model::parse(text).unwrap()));
    let router = Router::over(vec![model], Limits::STANDARD);
    let found = |uri: &str, source: bool| {
        let request = Request::builder().method("PUT").uri(uri);
        let request = if source { request.header("x-amz-copy-source", "other/key") } else { request };
        route(&router, request, "", Some("s3")).ok().map(|route| route.operation())
    };
    assert_eq!(found("/bucket/key", false), Some("PutObject"));
    assert_eq!(found("/bucket/a/b?x-id=PutObject", false), Some("PutObject"));
    assert_eq!(found("/bucket/key", true), Some("CopyObject"));
    assert_eq!(found("/bucket/key?partNumber=1&uploadId=x", false), Some("UploadPart"));
    assert_eq!(found("/bucket/key?partNumber=1&uploadId=x", true), Some("UploadPartCopy"));
}
