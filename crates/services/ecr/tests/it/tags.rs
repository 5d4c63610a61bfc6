//! Tags of repositories.

use gantry_api_ecr as api;

use crate::world::{HOME, World, refused};

fn tag(key: &str, value: &str) -> api::Tag {
    api::Tag { key: key.into(), value: value.into() }
}

#[tokio::test]
async fn tags_are_hung_on_and_taken_off() {
    let world = World::new();
    let arn = world.make("web").await.repository_arn.unwrap();
    let hang = |tags: Vec<api::Tag>| {
        world.call::<api::TagResource>(api::TagResourceRequest { resource_arn: arn.clone(), tags })
    };
    hang(vec![tag("team", "red"), tag("stage", "prod")]).await.unwrap();
    hang(vec![tag("team", "blue")]).await.unwrap();
    let take =
        api::UntagResourceRequest { resource_arn: arn.clone(), tag_keys: vec!["stage".into(), "x".into()] };
    world.call::<api::UntagResource>(take).await.unwrap();
    let list = api::ListTagsForResourceRequest { resource_arn: arn.clone() };
    let listed = world.call::<api::ListTagsForResource>(list).await.unwrap().tags.unwrap();
    let listed: Vec<_> = listed.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect();
    assert_eq!(listed, [("team", "blue")]);
    let many = (0..50).map(|n| tag(&format!("k{n}"), "")).collect();
    refused(hang(many).await, "TooManyTagsException");
    refused(hang(vec![tag("aws:x", "")]).await, "InvalidTagParameterException");
}

#[tokio::test]
async fn an_arn_names_a_repository_of_this_region() {
    let world = World::new();
    world.make("web").await;
    for (arn, code) in [
        ("web".to_owned(), "InvalidParameterException"),
        (format!("arn:aws:ecs:us-east-1:{HOME}:repository/web"), "InvalidParameterException"),
        (format!("arn:aws:ecr:eu-west-1:{HOME}:repository/web"), "InvalidParameterException"),
        (format!("arn:aws-cn:ecr:us-east-1:{HOME}:repository/web"), "InvalidParameterException"),
        (format!("arn:aws:ecr:us-east-1:{HOME}:cluster/web"), "InvalidParameterException"),
        (format!("arn:aws:ecr:us-east-1:{HOME}:repository/none"), "RepositoryNotFoundException"),
        ("arn:aws:ecr:us-east-1:222222222222:repository/web".to_owned(), "AccessDenied"),
    ] {
        let list = api::ListTagsForResourceRequest { resource_arn: arn.clone() };
        refused(world.call::<api::ListTagsForResource>(list).await, code);
    }
}
