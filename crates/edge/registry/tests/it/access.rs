//! Who may: passwords, accounts, policies.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use gantry_base::Admission;
use gantry_ecr_core::Digest;
use gantry_service::Origin;
use http::Request;
use http_body_util::{BodyExt, Full};
use serde_json::json;

use crate::world::{AWAY, HOME, World, image};

const WEB: &str = "arn:aws:ecr:us-east-1:111111111111:repository/web";

#[tokio::test]
async fn nobody_comes_in_without_a_password() {
    let world = World::new();
    let asked = world.nobody().get("/v2/").await;
    assert_eq!(
        asked.header("www-authenticate"),
        "Basic realm=\"https://localhost:4566/\",service=\"ecr.amazonaws.com\""
    );
    asked.fails(401, "UNAUTHORIZED");
    world.nobody().with_password("guess").get("/v2/").await.fails(401, "UNAUTHORIZED");
    let client = world.home().await;
    assert_eq!(client.get("/v2/").await.is(200).json(), json!({}));
    client.get("/v2").await.is(200);

    let password = world.password("AKIAHOME").await;
    let damaged = password.replacen(&password[40..44], "AAAA", 1);
    world.nobody().with_password(&damaged).get("/v2/").await.fails(401, "UNAUTHORIZED");
    world.nobody().with_password(&"A".repeat(1 << 20)).get("/v2/").await.fails(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn a_password_ends_after_twelve_hours_or_with_its_key() {
    let world = World::new();
    let key = world.user("ann", json!([{ "Effect": "Allow", "Action": "*", "Resource": "*" }]));
    let client = world.client(&key).await;
    world.clock.advance(Duration::from_secs(12 * 3600 - 60));
    client.get("/v2/").await.is(200);
    world.forget_key(&key);
    client.get("/v2/").await.fails(401, "UNAUTHORIZED");
    let client = world.home().await;
    world.clock.advance(Duration::from_secs(12 * 3600));
    let message = client.get("/v2/").await.fails(403, "DENIED");
    assert_eq!(message, "Your authorization token has expired. Reauthenticate and try again.");
}

#[tokio::test]
async fn in_development_everybody_is_root() {
    let world = World::development();
    world.make("web").await;
    for client in [world.nobody(), world.nobody().with_password("anything")] {
        let asked = client.get("/v2/").await.is(200);
        assert!(
            asked.header("www-authenticate").starts_with("Basic realm="),
            "skopeo comes with its password then"
        );
        client.image("web", "v1", "layer").await;
    }
    let host = format!("{AWAY}.dkr.ecr.us-east-1.localhost:4566");
    assert_eq!(world.nobody().at(&host).get("/v2/_catalog").await.json(), json!({ "repositories": [] }));
}

#[tokio::test]
async fn the_host_names_the_registry() {
    let world = World::new();
    world.make("web").await;
    let home = world.home().await;
    home.image("web", "v1", "layer").await;
    let host = format!("{HOME}.dkr.ecr.us-east-1.amazonaws.com");
    home.clone().at(&host).get("/v2/web/manifests/v1").await.is(200);
    let elsewhere = home.clone().at(&format!("{HOME}.dkr.ecr.eu-west-1.localhost:4566"));
    elsewhere.get("/v2/web/manifests/v1").await.fails(404, "NAME_UNKNOWN");
    // Another account is told what it may not, and not whether it is there.
    let away = world.client("AKIAAWAY").await.at(&host);
    for name in ["web", "none"] {
        let message = away.get(&format!("/v2/{name}/manifests/v1")).await.fails(403, "DENIED");
        assert_eq!(
            message,
            format!(
                "User: arn:aws:iam::{AWAY}:root is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:us-east-1:{HOME}:repository/{name} because no resource-based policy allows the ecr:BatchGetImage action"
            )
        );
    }
}

#[tokio::test]
async fn each_request_needs_its_own_permission() {
    let world = World::new();
    world.make("web").await;
    world.make("copy").await;
    let root = world.home().await;
    root.image("web", "v1", "layer").await;
    let layer = Digest::of(b"layer");
    let upload = root.send("POST", "/v2/web/blobs/uploads/", &[], "").await.is(202);
    let upload = upload.header("location").to_owned();
    let manifest = image("layer").to_string();
    let blob = format!("/v2/web/blobs/{layer}");
    let referrers = format!("/v2/web/referrers/{layer}");
    let finish = format!("{upload}?digest={}", Digest::of(b""));
    let requests = [
        ("GET", "/v2/web/manifests/v1", "", "ecr:BatchGetImage"),
        ("HEAD", "/v2/web/manifests/v1", "", "ecr:BatchGetImage"),
        ("PUT", "/v2/web/manifests/v2", &manifest, "ecr:PutImage"),
        ("HEAD", &blob, "", "ecr:BatchCheckLayerAvailability"),
        ("GET", &blob, "", "ecr:GetDownloadUrlForLayer"),
        ("GET", &referrers, "", "ecr:BatchGetImage"),
        ("GET", "/v2/web/tags/list", "", "ecr:ListImages"),
        ("POST", "/v2/web/blobs/uploads/", "", "ecr:InitiateLayerUpload"),
        ("GET", &upload, "", "ecr:UploadLayerPart"),
        ("PATCH", &upload, "", "ecr:UploadLayerPart"),
        ("PUT", &finish, "", "ecr:CompleteLayerUpload"),
        ("DELETE", "/v2/web/manifests/v2", "", "ecr:BatchDeleteImage"),
    ];
    for (number, (method, path, body, action)) in requests.into_iter().enumerate() {
        let token = json!({ "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*" });
        let all_but = json!([token, { "Effect": "Allow", "NotAction": action, "Resource": "*" }]);
        let only = json!([token, { "Effect": "Allow", "Action": action, "Resource": WEB }]);
        let denied = world.client(&world.user(&format!("without{number}"), all_but)).await;
        let got = denied.send(method, path, &[], body.to_owned()).await.is(403);
        if method != "HEAD" {
            let (code, message) = got.error();
            assert_eq!(code, "DENIED");
            assert_eq!(
                message,
                format!(
                    "User: arn:aws:iam::{HOME}:user/without{number} is not authorized to perform: {action} on resource: {WEB} because no identity-based policy allows the {action} action"
                )
            );
        }
        let allowed = world.client(&world.user(&format!("only{number}"), only)).await;
        let got = allowed.send(method, path, &[], body.to_owned()).await;
        assert!(got.status.is_success(), "{method} {path} with only {action}: {got:?}");
    }
}

#[tokio::test]
async fn a_mount_needs_the_right_to_pull_from_the_source() {
    let world = World::new();
    world.make("web").await;
    world.make("copy").await;
    let digest = world.home().await.blob("web", "layer").await;
    let path = format!("/v2/copy/blobs/uploads/?mount={digest}&from=web");
    let statements = json!([
        { "Effect": "Allow", "Action": "ecr:*", "Resource": "*" },
        { "Effect": "Deny", "Action": "ecr:GetDownloadUrlForLayer", "Resource": WEB },
    ]);
    let client = world.client(&world.user("ann", statements)).await;
    // As if the blob were not there: the client has to bring it.
    client.send("POST", &path, &[], "").await.is(202);
    client.get(&format!("/v2/copy/blobs/{digest}")).await.fails(404, "BLOB_UNKNOWN");
    world.home().await.send("POST", &path, &[], "").await.is(201);
}

#[tokio::test]
async fn requests_count_against_the_caller() {
    let world = World::new();
    let authorization =
        format!("Basic {}", BASE64.encode(format!("AWS:{}", world.password("AKIAHOME").await)));
    let asked = Arc::new(Mutex::new(Vec::new()));
    let admission = {
        let asked = asked.clone();
        Admission::new(move |principal| {
            asked.lock().unwrap().push(principal.map(str::to_owned));
            asked.lock().unwrap().len() < 2
        })
    };
    for (status, content) in [(200, ""), (429, "TOOMANYREQUESTS")] {
        let request = Request::builder().uri("/v2/").header("authorization", &authorization);
        let request = request.extension(admission.clone()).body(Full::new(Bytes::new())).unwrap();
        let origin = Origin { host: Some("localhost".into()), ..Origin::default() };
        let (head, body) = world.registry.serve(request, origin).await.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        assert_eq!(head.status, status);
        assert!(String::from_utf8_lossy(&body).contains(content));
    }
    let root = Some(format!("arn:aws:iam::{HOME}:root"));
    assert_eq!(*asked.lock().unwrap(), [root.clone(), root]);
}
