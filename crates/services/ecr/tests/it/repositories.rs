//! Repositories come, are listed and go.

use gantry_api_ecr as api;
use gantry_iam_core::Caller;
use serde_json::json;

use crate::world::{AWAY, HOME, World, account, refused};

#[tokio::test]
async fn a_repository_is_made_once() {
    let world = World::new();
    let made = world.make("team/web").await;
    assert_eq!(made.repository_arn.unwrap(), format!("arn:aws:ecr:us-east-1:{HOME}:repository/team/web"));
    assert_eq!(made.repository_uri.unwrap(), format!("{HOME}.dkr.ecr.us-east-1.localhost:4566/team/web"));
    assert_eq!(made.registry_id.unwrap(), HOME);
    assert_eq!(made.image_tag_mutability.unwrap(), "MUTABLE");
    assert_eq!(made.encryption_configuration.unwrap().encryption_type, "AES256");
    assert_eq!(made.image_scanning_configuration.unwrap().scan_on_push, Some(false));
    let again = world.make_with("team/web", Default::default()).await;
    assert_eq!(
        refused(again, "RepositoryAlreadyExistsException"),
        format!("The repository with name 'team/web' already exists in the registry with id '{HOME}'")
    );
}

#[tokio::test]
async fn what_does_not_fit_is_refused() {
    let world = World::new();
    for bad in ["A", "../etc", "web//x", "web-"] {
        let message = refused(world.make_with(bad, Default::default()).await, "InvalidParameterException");
        assert!(message.starts_with("Invalid parameter at 'repositoryName'"), "{message}");
    }
    let kms = api::EncryptionConfiguration { encryption_type: "KMS".into(), kms_key: None };
    let more = api::CreateRepositoryRequest { encryption_configuration: Some(kms), ..Default::default() };
    refused(world.make_with("web", more).await, "KmsException");
    let filters = |word: &str, filters: &[&str]| api::CreateRepositoryRequest {
        image_tag_mutability: Some(word.into()),
        image_tag_mutability_exclusion_filters: Some(
            filters
                .iter()
                .map(|filter| api::ImageTagMutabilityExclusionFilter {
                    filter_type: "WILDCARD".into(),
                    filter: (*filter).into(),
                })
                .collect(),
        ),
        ..Default::default()
    };
    for bad in [
        filters("IMMUTABLE", &["dev-*"]),
        filters("IMMUTABLE_WITH_EXCLUSION", &[]),
        filters("IMMUTABLE_WITH_EXCLUSION", &["a*b*c*"]),
        filters("IMMUTABLE_WITH_EXCLUSION", &["1", "2", "3", "4", "5", "6"]),
        filters("SOMETIMES", &[]),
    ] {
        refused(world.make_with("web", bad).await, "InvalidParameterException");
    }
    let made = world.make_with("web", filters("MUTABLE_WITH_EXCLUSION", &["v*"])).await.unwrap();
    assert_eq!(made.image_tag_mutability.unwrap(), "MUTABLE_WITH_EXCLUSION");
    assert_eq!(made.image_tag_mutability_exclusion_filters.unwrap()[0].filter, "v*");
}

#[tokio::test]
async fn repositories_are_listed_by_pages_or_by_name() {
    let world = World::new();
    for name in ["web", "api", "db"] {
        world.make(name).await;
    }
    let describe = |input: api::DescribeRepositoriesRequest| world.call::<api::DescribeRepositories>(input);
    let names = |listed: &api::DescribeRepositoriesResponse| -> Vec<String> {
        listed.repositories.iter().flatten().map(|one| one.repository_name.clone().unwrap()).collect()
    };
    let first = describe(api::DescribeRepositoriesRequest { max_results: Some(2), ..Default::default() });
    let first = first.await.unwrap();
    assert_eq!(names(&first), ["api", "db"]);
    let more = api::DescribeRepositoriesRequest { next_token: first.next_token, ..Default::default() };
    let second = describe(more.clone()).await.unwrap();
    assert_eq!((names(&second), second.next_token), (vec!["web".to_owned()], None));
    let both =
        api::DescribeRepositoriesRequest { repository_names: Some(vec!["db".into(), "web".into()]), ..more };
    refused(describe(both.clone()).await, "InvalidParameterException");
    let named = describe(api::DescribeRepositoriesRequest { next_token: None, ..both }).await.unwrap();
    assert_eq!(names(&named), ["db", "web"]);
    let absent = api::DescribeRepositoriesRequest {
        repository_names: Some(vec!["none".into()]),
        ..Default::default()
    };
    assert_eq!(
        refused(describe(absent).await, "RepositoryNotFoundException"),
        format!("The repository with name 'none' does not exist in the registry with id '{HOME}'")
    );
    let foreign = api::DescribeRepositoriesRequest { next_token: Some("x".into()), ..Default::default() };
    refused(describe(foreign).await, "InvalidParameterException");
}

#[tokio::test]
async fn accounts_see_their_own() {
    let world = World::new();
    world.make("web").await;
    let away = world.cx_of(Caller::root(account(AWAY)));
    let own = world.call_as::<api::DescribeRepositories>(&away, Default::default()).await.unwrap();
    assert_eq!(own.repositories.unwrap().len(), 0);
    let theirs = api::DescribeRepositoriesRequest { registry_id: Some(HOME.into()), ..Default::default() };
    let message = refused(world.call_as::<api::DescribeRepositories>(&away, theirs).await, "AccessDenied");
    assert!(message.contains(&format!("arn:aws:ecr:us-east-1:{HOME}:repository/*")), "{message}");
    let create = api::CreateRepositoryRequest {
        registry_id: Some(HOME.into()),
        repository_name: "mine".into(),
        ..Default::default()
    };
    refused(world.call_as::<api::CreateRepository>(&away, create).await, "AccessDenied");
}

#[tokio::test]
async fn policies_see_the_tags_of_the_request_and_the_repository() {
    let world = World::new();
    let tag = |key: &str, value: &str| api::Tag { key: key.into(), value: value.into() };
    let user = world.user(json!([
        { "Effect": "Allow", "Action": ["ecr:CreateRepository", "ecr:TagResource"], "Resource": "*",
          "Condition": { "StringEquals": { "aws:RequestTag/team": "red" } } },
        { "Effect": "Allow", "Action": "ecr:DeleteRepository", "Resource": "*",
          "Condition": { "StringEquals": { "ecr:ResourceTag/team": "red" } } },
    ]));
    let make = |name: &str, value: &str| api::CreateRepositoryRequest {
        repository_name: name.into(),
        tags: Some(vec![tag("team", value)]),
        ..Default::default()
    };
    world.call_as::<api::CreateRepository>(&user, make("red", "red")).await.unwrap();
    refused(world.call_as::<api::CreateRepository>(&user, make("blue", "blue")).await, "AccessDenied");
    world.call::<api::CreateRepository>(make("blue", "blue")).await.unwrap();
    let delete =
        |name: &str| api::DeleteRepositoryRequest { repository_name: name.into(), ..Default::default() };
    refused(world.call_as::<api::DeleteRepository>(&user, delete("blue")).await, "AccessDenied");
    world.call_as::<api::DeleteRepository>(&user, delete("red")).await.unwrap();
}

#[tokio::test]
async fn a_repository_with_images_goes_by_force_only_and_one_of_the_same_name_is_empty() {
    let world = World::new();
    world.make("web").await;
    let manifest = world.push("web", Some("v1"), "layer").await;
    assert_eq!(
        refused(world.delete("web", false).await, "RepositoryNotEmptyException"),
        format!(
            "The repository with name 'web' in registry with id '{HOME}' cannot be deleted because it still contains images"
        )
    );
    assert_eq!(world.delete("web", true).await.unwrap().repository_name.unwrap(), "web");
    refused(world.delete("web", true).await, "RepositoryNotFoundException");
    world.make("web").await;
    assert!(!world.has_image("web", crate::world::digest_of(&manifest)).await);
    refused(world.put("web", None, &manifest).await, "LayersNotFoundException");
    world.delete("web", false).await.unwrap();
}
