//! What `docker login` is given.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use gantry_api_ecr as api;
use gantry_ecr_core::{BadPassword, Passwords};
use gantry_service::Cx;
use serde_json::json;

use crate::world::{HOME, World, refused};

#[tokio::test]
async fn a_token_names_its_holder_for_twelve_hours() {
    let world = World::new();
    let given = world.call::<api::GetAuthorizationToken>(Default::default()).await.unwrap();
    let data = given.authorization_data.unwrap().remove(0);
    assert_eq!(data.proxy_endpoint.unwrap(), format!("http://{HOME}.dkr.ecr.us-east-1.localhost:4566"));
    let decoded = String::from_utf8(BASE64.decode(data.authorization_token.unwrap()).unwrap()).unwrap();
    let password = decoded.strip_prefix("AWS:").unwrap();
    assert!(!decoded.contains("AKIAHOME"));
    let now = gantry_base::Clock::now(&*world.clock);
    let holder = world.ecr.holder(password, now).unwrap();
    assert_eq!(
        (holder.access_key_id.as_str(), holder.session_token.as_deref()),
        ("AKIAHOME", Some("session"))
    );
    assert_eq!(holder.account.to_string(), HOME);
    assert_eq!(Some(holder.expires_at), data.expires_at);
    assert_eq!(world.ecr.holder(password, now + Duration::from_secs(12 * 3600)), Err(BadPassword::Expired));
    for bad in ["", "x", "AAAA", &password[1..], &password.to_lowercase()] {
        assert_eq!(world.ecr.holder(bad, now), Err(BadPassword::Invalid));
    }
}

#[tokio::test]
async fn a_token_takes_the_right_and_a_key() {
    let world = World::new();
    let user = world.user(json!([{ "Effect": "Allow", "Action": "ecr:Describe*", "Resource": "*" }]));
    let message =
        refused(world.call_as::<api::GetAuthorizationToken>(&user, Default::default()).await, "AccessDenied");
    assert!(message.contains("ecr:GetAuthorizationToken"), "{message}");
    let keyless = Cx { key: None, ..world.cx() };
    refused(
        world.call_as::<api::GetAuthorizationToken>(&keyless, Default::default()).await,
        "InvalidParameterException",
    );
}
