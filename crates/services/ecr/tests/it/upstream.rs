//! Images of other registries, pulled through this one.

use std::time::Duration;

use gantry_api_ecr as api;
use gantry_base::Region;
use gantry_ecr_core::{Reference, Refusal, Repositories, Tag, Want};
use gantry_service::Cx;
use serde_json::json;

use crate::world::{HOME, World, digest_of, image, name, refused};

fn rule(prefix: &str, upstream: &str) -> api::CreatePullThroughCacheRuleRequest {
    api::CreatePullThroughCacheRuleRequest {
        ecr_repository_prefix: prefix.into(),
        upstream_registry_url: upstream.into(),
        ..Default::default()
    }
}

fn elsewhere(cx: Cx) -> Cx {
    Cx { region: "eu-west-1".parse::<Region>().unwrap(), ..cx }
}

fn tag(text: &str) -> Reference {
    text.parse::<Tag>().unwrap().into()
}

#[tokio::test]
async fn an_image_of_another_region_is_pulled_through_and_kept() {
    let world = World::new();
    world.make("web").await;
    world.push("web", Some("v1"), "one").await;
    let there = elsewhere(world.cx());
    let upstream = format!("{HOME}.dkr.ecr.us-east-1.amazonaws.com");
    world.call_as::<api::CreatePullThroughCacheRule>(&there, rule("home", &upstream)).await.unwrap();
    let template = api::CreateRepositoryCreationTemplateRequest {
        prefix: "home".into(),
        applied_for: vec!["PULL_THROUGH_CACHE".into()],
        image_tag_mutability: Some("MUTABLE".into()),
        resource_tags: Some(vec![api::Tag { key: "cached".into(), value: "yes".into() }]),
        ..Default::default()
    };
    world.call_as::<api::CreateRepositoryCreationTemplate>(&there, template).await.unwrap();

    let pull = |cx: Cx, repository: &'static str, what: Reference| {
        let ecr = world.ecr.clone();
        async move { ecr.manifest(&cx, &name(repository), &what, Want::Content).await }
    };
    let missing = pull(there.clone(), "home/web", tag("v9")).await;
    assert!(matches!(missing, Err(Refusal::RepositoryNotFound { .. })), "{missing:?}");
    let pulled = pull(there.clone(), "home/web", tag("v1")).await.unwrap();
    assert_eq!(pulled.digest, digest_of(&image("one")));
    let input = api::ListTagsForResourceRequest {
        resource_arn: format!("arn:aws:ecr:eu-west-1:{HOME}:repository/home/web"),
    };
    let tags = world.call_as::<api::ListTagsForResource>(&there, input).await.unwrap().tags.unwrap();
    assert_eq!(tags[0].key, "cached");

    // For a day the tag is what it was; then it is what it is there.
    world.push("web", Some("v1"), "two").await;
    assert_eq!(pull(there.clone(), "home/web", tag("v1")).await.unwrap().digest, pulled.digest);
    world.clock.advance(Duration::from_secs(25 * 60 * 60));
    let later = elsewhere(world.cx());
    let now = pull(later.clone(), "home/web", tag("v1")).await.unwrap();
    assert_eq!(now.digest, digest_of(&image("two")));
    assert_eq!(pull(later, "home/web", pulled.digest.into()).await.unwrap().digest, pulled.digest);
}

#[tokio::test]
async fn who_may_not_bring_an_image_gets_none() {
    let world = World::new();
    world.make("web").await;
    world.push("web", Some("v1"), "one").await;
    let there = elsewhere(world.cx());
    let upstream = format!("{HOME}.dkr.ecr.us-east-1.amazonaws.com");
    world.call_as::<api::CreatePullThroughCacheRule>(&there, rule("home", &upstream)).await.unwrap();
    let may = |actions: &[&str]| {
        elsewhere(world.user(json!([{ "Effect": "Allow", "Action": actions, "Resource": "*" }])))
    };
    for (actions, missing) in [
        (&["ecr:BatchGetImage"][..], "ecr:BatchImportUpstreamImage"),
        (&["ecr:BatchGetImage", "ecr:BatchImportUpstreamImage"], "ecr:CreateRepository"),
    ] {
        let denied = world.ecr.manifest(&may(actions), &name("home/web"), &tag("v1"), Want::Content).await;
        let Err(Refusal::Denied(why)) = denied else { panic!("{denied:?}") };
        assert!(why.contains(missing), "{why}");
    }
    let all = may(&["ecr:BatchGetImage", "ecr:BatchImportUpstreamImage", "ecr:CreateRepository"]);
    world.ecr.manifest(&all, &name("home/web"), &tag("v1"), Want::Content).await.unwrap();
    // Once it is here, pulling is enough.
    let puller = may(&["ecr:BatchGetImage"]);
    world.ecr.manifest(&puller, &name("home/web"), &tag("v1"), Want::Content).await.unwrap();
}

#[tokio::test]
async fn rules_are_checked_kept_changed_and_deleted() {
    let world = World::new();
    let create = |rule| world.call::<api::CreatePullThroughCacheRule>(rule);
    let made = create(rule("public", "public.ecr.aws")).await.unwrap();
    assert_eq!(made.upstream_registry.as_deref(), Some("ecr-public"));
    assert_eq!(made.upstream_repository_prefix, None, "only registries of ECR have one");
    refused(create(rule("public", "quay.io")).await.map(drop), "PullThroughCacheRuleAlreadyExistsException");
    refused(create(rule("xx", "example.org")).await.map(drop), "UnsupportedUpstreamRegistryException");
    let closed =
        refused(create(rule("xx", "ghcr.io")).await.map(drop), "UnsupportedUpstreamRegistryException");
    assert!(closed.starts_with("The specified upstream registry requires authentication."), "{closed}");
    let own = format!("{HOME}.dkr.ecr.us-east-1.amazonaws.com");
    refused(create(rule("xx", &own)).await.map(drop), "InvalidParameterException");
    create(rule("quay", "quay.io")).await.unwrap();

    let describe = |prefixes: Option<Vec<String>>| api::DescribePullThroughCacheRulesRequest {
        ecr_repository_prefixes: prefixes,
        ..Default::default()
    };
    let all = world.call::<api::DescribePullThroughCacheRules>(describe(None)).await.unwrap();
    assert_eq!(all.pull_through_cache_rules.unwrap().len(), 2);
    let none = describe(Some(vec!["none".into()]));
    let message = refused(
        world.call::<api::DescribePullThroughCacheRules>(none).await.map(drop),
        "PullThroughCacheRuleNotFoundException",
    );
    assert!(message.contains("'none' not found in registry with id"), "{message}");
    let delete =
        api::DeletePullThroughCacheRuleRequest { ecr_repository_prefix: "quay".into(), ..Default::default() };
    world.call::<api::DeletePullThroughCacheRule>(delete.clone()).await.unwrap();
    refused(
        world.call::<api::DeletePullThroughCacheRule>(delete).await.map(drop),
        "PullThroughCacheRuleNotFoundException",
    );
}
