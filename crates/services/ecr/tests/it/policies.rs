//! Policies of repositories and registries, and settings of repositories.

use gantry_api_ecr as api;
use gantry_iam_core::Caller;
use gantry_service::Cx;
use serde_json::{Value, json};

use crate::world::{AWAY, HOME, World, account, refused};

fn document(statements: Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

async fn set(world: &World, cx: &Cx, text: &str, force: bool) -> Result<String, crate::world::Refused> {
    let input = api::SetRepositoryPolicyRequest {
        registry_id: Some(HOME.into()),
        repository_name: "web".into(),
        policy_text: text.into(),
        force: force.then_some(true),
    };
    Ok(world.call_as::<api::SetRepositoryPolicy>(cx, input).await?.policy_text.unwrap())
}

fn describe() -> api::DescribeImagesRequest {
    api::DescribeImagesRequest {
        registry_id: Some(HOME.into()),
        repository_name: "web".into(),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_repositorys_policy_lets_others_in_and_keeps_its_own_out() {
    let world = World::new();
    world.make("web").await;
    world.push("web", Some("v1"), "layer").await;
    let away = world.cx_of(Caller::root(account(AWAY)));
    let get = || api::GetRepositoryPolicyRequest { repository_name: "web".into(), registry_id: None };
    let message =
        refused(world.call::<api::GetRepositoryPolicy>(get()).await, "RepositoryPolicyNotFoundException");
    assert_eq!(
        message,
        format!(
            "Repository policy does not exist for the repository with name 'web' in the registry with id '{HOME}'"
        )
    );
    let denied = refused(world.call_as::<api::DescribeImages>(&away, describe()).await, "AccessDenied");
    assert!(denied.contains("no resource-based policy allows the ecr:DescribeImages action"), "{denied}");

    let pull = document(json!([{ "Sid": "in", "Effect": "Allow",
        "Principal": { "AWS": format!("arn:aws:iam::{AWAY}:root") }, "Action": "ecr:DescribeImages" }]));
    assert_eq!(set(&world, &world.cx(), &pull, false).await.unwrap(), pull);
    assert_eq!(world.call::<api::GetRepositoryPolicy>(get()).await.unwrap().policy_text, Some(pull.clone()));
    let seen = world.call_as::<api::DescribeImages>(&away, describe()).await.unwrap();
    assert_eq!(seen.image_details.unwrap().len(), 1);
    // What it does not name stays denied.
    refused(set(&world, &away, &pull, false).await, "AccessDenied");

    // A deny counts for the owner as well.
    let deny = document(
        json!([{ "Sid": "out", "Effect": "Deny", "Principal": "*", "Action": "ecr:DescribeImages" }]),
    );
    set(&world, &world.cx(), &deny, false).await.unwrap();
    let denied = refused(world.call::<api::DescribeImages>(describe()).await, "AccessDenied");
    assert!(denied.contains("with an explicit deny in a resource-based policy"), "{denied}");

    let delete = api::DeleteRepositoryPolicyRequest { repository_name: "web".into(), registry_id: None };
    let gone = world.call::<api::DeleteRepositoryPolicy>(delete.clone()).await.unwrap();
    assert_eq!(gone.policy_text, Some(deny));
    world.call::<api::DescribeImages>(describe()).await.unwrap();
    refused(world.call::<api::DeleteRepositoryPolicy>(delete).await, "RepositoryPolicyNotFoundException");
}

#[tokio::test]
async fn nobody_locks_themselves_out_unawares() {
    let world = World::new();
    world.make("web").await;
    let deny = document(json!([{ "Effect": "Deny", "Principal": "*", "Action": "ecr:Set*" }]));
    refused(set(&world, &world.cx(), &deny, false).await, "InvalidParameterException");
    set(&world, &world.cx(), &deny, true).await.unwrap();
    refused(set(&world, &world.cx(), &deny, true).await, "AccessDenied");
    let nobody = format!("arn:aws:iam::{HOME}:user/nobody");
    let of_nobody =
        document(json!([{ "Effect": "Allow", "Principal": { "AWS": nobody }, "Action": "ecr:*" }]));
    let with = document(json!([{ "Effect": "Allow", "Principal": "*", "Action": "ecr:*", "Resource": "*" }]));
    let without = document(json!([{ "Effect": "Allow", "Action": "ecr:*" }]));
    for text in ["", "{}", "no JSON", &with, &without, &of_nobody] {
        world.make_with("other", Default::default()).await.ok();
        let input = api::SetRepositoryPolicyRequest {
            repository_name: "other".into(),
            policy_text: text.into(),
            ..Default::default()
        };
        let message =
            refused(world.call::<api::SetRepositoryPolicy>(input).await, "InvalidParameterException");
        let why =
            if text == of_nobody { "'Principal not found'" } else { "'Invalid repository policy provided'" };
        assert!(message.contains(why), "{message}");
    }
}

fn text_of_nobody() -> String {
    document(json!([{ "Sid": "make", "Effect": "Allow",
        "Principal": { "AWS": format!("arn:aws:iam::{AWAY}:role/nobody") }, "Action": "ecr:CreateRepository",
        "Resource": "*" }]))
}

#[tokio::test]
async fn a_registrys_policy_lets_others_make_repositories_in_it() {
    let world = World::new();
    let away = world.cx_of(Caller::root(account(AWAY)));
    let make = |name: &str| api::CreateRepositoryRequest {
        registry_id: Some(HOME.into()),
        repository_name: name.into(),
        ..Default::default()
    };
    refused(
        world.call::<api::GetRegistryPolicy>(Default::default()).await,
        "RegistryPolicyNotFoundException",
    );
    refused(world.call_as::<api::CreateRepository>(&away, make("theirs")).await, "AccessDenied");
    let text = document(json!([{ "Sid": "make", "Effect": "Allow",
        "Principal": { "AWS": AWAY }, "Action": "ecr:CreateRepository",
        "Resource": format!("arn:aws:ecr:us-east-1:{HOME}:repository/theirs*") }]));
    let put = api::PutRegistryPolicyRequest { policy_text: text.clone() };
    let kept = world.call::<api::PutRegistryPolicy>(put).await.unwrap();
    assert_eq!((kept.registry_id.as_deref(), kept.policy_text), (Some(HOME), Some(text.clone())));
    let read = world.call::<api::GetRegistryPolicy>(Default::default()).await.unwrap();
    assert_eq!(read.policy_text, Some(text.clone()));
    world.call_as::<api::CreateRepository>(&away, make("theirs")).await.unwrap();
    refused(world.call_as::<api::CreateRepository>(&away, make("ours")).await, "AccessDenied");
    let gone = world.call::<api::DeleteRegistryPolicy>(Default::default()).await.unwrap();
    assert_eq!(gone.policy_text, Some(text));
    refused(world.call_as::<api::CreateRepository>(&away, make("theirs2")).await, "AccessDenied");
    refused(
        world.call::<api::DeleteRegistryPolicy>(Default::default()).await,
        "RegistryPolicyNotFoundException",
    );
    let nobody = text_of_nobody();
    let bad = api::PutRegistryPolicyRequest { policy_text: nobody };
    let message = refused(world.call::<api::PutRegistryPolicy>(bad).await, "InvalidParameterException");
    assert!(message.contains("'Principal not found'"), "{message}");
    let bad = api::PutRegistryPolicyRequest { policy_text: "{}".into() };
    refused(world.call::<api::PutRegistryPolicy>(bad).await, "InvalidParameterException");
    let registry = world.call::<api::DescribeRegistry>(Default::default()).await.unwrap();
    assert_eq!(registry.registry_id.as_deref(), Some(HOME));
    assert!(registry.replication_configuration.unwrap().rules.is_empty());
}

#[tokio::test]
async fn mutability_changes_and_has_exclusions() {
    let world = World::new();
    world.make("web").await;
    let manifest = world.push("web", Some("v1"), "one").await;
    let other = world.push("web", Some("dev-1"), "two").await;
    let set = async |word: &str, filters: &[&str]| {
        let filters = filters.iter().map(|filter| api::ImageTagMutabilityExclusionFilter {
            filter_type: "WILDCARD".into(),
            filter: (*filter).into(),
        });
        let filters: Vec<_> = filters.collect();
        let input = api::PutImageTagMutabilityRequest {
            registry_id: None,
            repository_name: "web".into(),
            image_tag_mutability: word.into(),
            image_tag_mutability_exclusion_filters: (!filters.is_empty()).then_some(filters),
        };
        world.call::<api::PutImageTagMutability>(input).await
    };
    set("IMMUTABLE", &[]).await.unwrap();
    refused(world.put("web", Some("v1"), &other).await, "ImageTagAlreadyExistsException");
    let changed = set("IMMUTABLE_WITH_EXCLUSION", &["dev-*", "latest"]).await.unwrap();
    assert_eq!(changed.image_tag_mutability.as_deref(), Some("IMMUTABLE_WITH_EXCLUSION"));
    assert_eq!(changed.image_tag_mutability_exclusion_filters.unwrap().len(), 2);
    refused(world.put("web", Some("v1"), &other).await, "ImageTagAlreadyExistsException");
    world.put("web", Some("dev-1"), &manifest).await.unwrap();
    set("MUTABLE_WITH_EXCLUSION", &["v*"]).await.unwrap();
    refused(world.put("web", Some("v1"), &other).await, "ImageTagAlreadyExistsException");
    world.put("web", Some("dev-1"), &other).await.unwrap();
    set("MUTABLE", &[]).await.unwrap();
    world.put("web", Some("v1"), &other).await.unwrap();
    let bad: [(&str, &[&str]); 5] = [
        ("IMMUTABLE", &["x"]),
        ("MUTABLE_WITH_EXCLUSION", &[]),
        ("IMMUTABLE_WITH_EXCLUSION", &["a*b*c*"]),
        ("IMMUTABLE_WITH_EXCLUSION", &["1", "2", "3", "4", "5", "6"]),
        ("SOMETIMES", &[]),
    ];
    for (word, filters) in bad {
        refused(set(word, filters).await, "InvalidParameterException");
    }
}

#[tokio::test]
async fn scanning_on_push_is_noted() {
    let world = World::new();
    world.make("web").await;
    let input = api::PutImageScanningConfigurationRequest {
        registry_id: None,
        repository_name: "web".into(),
        image_scanning_configuration: api::ImageScanningConfiguration { scan_on_push: Some(true) },
    };
    world.call::<api::PutImageScanningConfiguration>(input).await.unwrap();
    let shown = world.call::<api::DescribeRepositories>(Default::default()).await.unwrap();
    let repository = shown.repositories.unwrap().remove(0);
    assert_eq!(repository.image_scanning_configuration.unwrap().scan_on_push, Some(true));
}
