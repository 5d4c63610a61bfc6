//! What the audit trail is told of a request: AWS records the requests of the registry's clients as the operations
//! of ECR that they amount to.

use gantry_ecr_core::Reference;
use gantry_service::{Audit, Cx, Finished};
use http::Method;
use serde_json::{Value, json};

use crate::answer::{Code, Fault};
use crate::route::Route;

/// The operation that a request amounts to, with its parameters; none for one that is no operation of ECR, such
/// as asking where an upload is.
pub fn operation(method: &Method, route: &Route, cx: &Cx) -> Option<(&'static str, Value)> {
    let named = |repository: &gantry_ecr_core::RepositoryName| json!({ "registryId": cx.account.to_string(), "repositoryName": repository.as_str() });
    let with = |mut parameters: Value, name: &str, value: Value| {
        parameters[name] = value;
        parameters
    };
    Some(match (route, method.as_str()) {
        (Route::Catalog, "GET" | "HEAD") => {
            ("DescribeRepositories", json!({ "registryId": cx.account.to_string() }))
        }
        (Route::Tags { repository }, "GET" | "HEAD") => ("ListImages", named(repository)),
        (Route::Referrers { repository, digest }, "GET" | "HEAD") => {
            let ids = json!([{ "imageDigest": digest.to_string() }]);
            ("BatchGetImage", with(named(repository), "imageIds", ids))
        }
        (Route::Manifest { repository, reference }, "GET" | "HEAD") => {
            ("BatchGetImage", with(named(repository), "imageIds", json!([image_id(reference)])))
        }
        (Route::Manifest { repository, reference }, "DELETE") => {
            ("BatchDeleteImage", with(named(repository), "imageIds", json!([image_id(reference)])))
        }
        (Route::Manifest { repository, reference }, "PUT") => {
            let mut parameters = named(repository);
            if let (Some(parameters), Value::Object(id)) = (parameters.as_object_mut(), image_id(reference)) {
                parameters.extend(id);
            }
            ("PutImage", parameters)
        }
        (Route::Blob { repository, digest }, "HEAD") => {
            let digests = json!([digest.to_string()]);
            ("BatchCheckLayerAvailability", with(named(repository), "layerDigests", digests))
        }
        (Route::Blob { repository, digest }, "GET") => {
            let digest = json!(digest.to_string());
            ("GetDownloadUrlForLayer", with(named(repository), "layerDigest", digest))
        }
        (Route::NewUpload { repository }, "POST") => ("InitiateLayerUpload", named(repository)),
        (Route::Upload { repository, upload }, "PATCH") => {
            ("UploadLayerPart", with(named(repository), "uploadId", json!(upload.as_str())))
        }
        (Route::Upload { repository, upload }, "PUT") => {
            ("CompleteLayerUpload", with(named(repository), "uploadId", json!(upload.as_str())))
        }
        _ => return None,
    })
}

fn image_id(reference: &Reference) -> Value {
    match reference {
        Reference::Tag(tag) => json!({ "imageTag": tag.as_str() }),
        Reference::Digest(digest) => json!({ "imageDigest": digest.to_string() }),
    }
}

/// Records a request and how it ended.
pub async fn record(
    audit: &dyn Audit,
    cx: &Cx,
    (operation, request): (&'static str, Value),
    fault: Option<&Fault>,
) {
    let error = fault.map(|fault| {
        let code = if fault.code == Code::Denied { "AccessDenied" } else { fault.code.as_str() };
        (code, fault.message.as_str())
    });
    audit.record(Finished { cx, service: "ecr", operation, request, response: Value::Null, error }).await;
}
