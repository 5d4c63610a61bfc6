//! Repositories that are made because they are needed, after templates.

use gantry_api_ecr as api;
use gantry_ecr_core::{Refusal, Repositories};
use serde_json::json;

use crate::world::{World, name, refused};

fn template(prefix: &str, applied_for: &str) -> api::CreateRepositoryCreationTemplateRequest {
    api::CreateRepositoryCreationTemplateRequest {
        prefix: prefix.into(),
        applied_for: vec![applied_for.into()],
        image_tag_mutability: Some("IMMUTABLE".into()),
        resource_tags: Some(vec![api::Tag { key: "made".into(), value: "by-template".into() }]),
        lifecycle_policy: Some(
            json!({ "rules": [{ "rulePriority": 1, "selection": { "tagStatus": "untagged",
                "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14 },
                "action": { "type": "expire" } }] })
            .to_string(),
        ),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_push_makes_the_repository_of_the_closest_template() {
    let world = World::new();
    let begin = |repository: &'static str| async {
        let (ecr, cx) = (world.ecr.clone(), world.cx());
        ecr.begin_upload(&cx, &name(repository)).await
    };
    assert!(matches!(begin("team/web").await, Err(Refusal::RepositoryNotFound { .. })));
    let made = world.call::<api::CreateRepositoryCreationTemplate>(template("team", "CREATE_ON_PUSH"));
    let made = made.await.unwrap().repository_creation_template.unwrap();
    assert_eq!(made.encryption_configuration.unwrap().encryption_type, "AES256");
    world.call::<api::CreateRepositoryCreationTemplate>(template("team/other", "REPLICATION")).await.unwrap();
    begin("team/web").await.unwrap();
    // The template that is closer is for something else.
    begin("team/other/x").await.unwrap();
    assert!(matches!(begin("teams/web").await, Err(Refusal::RepositoryNotFound { .. })));

    let input = api::DescribeRepositoriesRequest {
        repository_names: Some(vec!["team/web".into()]),
        ..Default::default()
    };
    let found = world.call::<api::DescribeRepositories>(input).await.unwrap().repositories.unwrap();
    assert_eq!(found[0].image_tag_mutability.as_deref(), Some("IMMUTABLE"));
    let resource_arn = found[0].repository_arn.clone().unwrap();
    let tags = world.call::<api::ListTagsForResource>(api::ListTagsForResourceRequest { resource_arn });
    assert_eq!(tags.await.unwrap().tags.unwrap()[0].key, "made");
    let input = api::GetLifecyclePolicyRequest { repository_name: "team/web".into(), ..Default::default() };
    assert!(world.call::<api::GetLifecyclePolicy>(input).await.unwrap().lifecycle_policy_text.is_some());
}

#[tokio::test]
async fn who_may_make_no_repository_pushes_to_none() {
    let world = World::new();
    world.call::<api::CreateRepositoryCreationTemplate>(template("ROOT", "CREATE_ON_PUSH")).await.unwrap();
    let user = world.user(json!([
        { "Effect": "Allow", "Action": "ecr:InitiateLayerUpload", "Resource": "*" }
    ]));
    let denied = world.ecr.begin_upload(&user, &name("web")).await;
    let Err(Refusal::Denied(why)) = denied else { panic!("{denied:?}") };
    assert!(why.contains("ecr:CreateRepository"), "{why}");
}

#[tokio::test]
async fn templates_are_kept_changed_and_deleted() {
    let world = World::new();
    for prefix in ["b", "a", "ROOT"] {
        world.call::<api::CreateRepositoryCreationTemplate>(template(prefix, "REPLICATION")).await.unwrap();
    }
    let again = world.call::<api::CreateRepositoryCreationTemplate>(template("a/", "REPLICATION")).await;
    refused(again.map(drop), "TemplateAlreadyExistsException");
    let change = api::UpdateRepositoryCreationTemplateRequest {
        prefix: "a".into(),
        description: Some("for a".into()),
        applied_for: Some(vec!["REPLICATION".into(), "PULL_THROUGH_CACHE".into()]),
        ..Default::default()
    };
    let changed = world.call::<api::UpdateRepositoryCreationTemplate>(change.clone()).await.unwrap();
    let changed = changed.repository_creation_template.unwrap();
    assert_eq!(changed.description.as_deref(), Some("for a"));
    assert_eq!(changed.image_tag_mutability.as_deref(), Some("IMMUTABLE"));
    assert_eq!(changed.applied_for.unwrap(), ["REPLICATION", "PULL_THROUGH_CACHE"]);

    let page = |next_token: Option<String>, prefixes: Option<Vec<String>>| {
        let max_results = prefixes.is_none().then_some(2);
        api::DescribeRepositoryCreationTemplatesRequest { next_token, prefixes, max_results }
    };
    let first = world.call::<api::DescribeRepositoryCreationTemplates>(page(None, None)).await.unwrap();
    let rest = world.call::<api::DescribeRepositoryCreationTemplates>(page(first.next_token, None)).await;
    let rest = rest.unwrap();
    let prefixes: Vec<_> = [first.repository_creation_templates, rest.repository_creation_templates]
        .into_iter()
        .flat_map(Option::unwrap)
        .map(|template| template.prefix.unwrap())
        .collect();
    assert_eq!((prefixes, rest.next_token), (vec!["ROOT".into(), "a".into(), "b".into()], None));
    let named = page(None, Some(vec!["b".into(), "none".into()]));
    let named = world.call::<api::DescribeRepositoryCreationTemplates>(named).await.unwrap();
    assert_eq!(named.repository_creation_templates.unwrap().len(), 1);

    let delete = api::DeleteRepositoryCreationTemplateRequest { prefix: "a".into() };
    world.call::<api::DeleteRepositoryCreationTemplate>(delete.clone()).await.unwrap();
    for _ in 0..2 {
        let gone = world.call::<api::DeleteRepositoryCreationTemplate>(delete.clone()).await;
        refused(gone.map(drop), "TemplateNotFoundException");
    }
    let gone = world.call::<api::UpdateRepositoryCreationTemplate>(change).await;
    refused(gone.map(drop), "TemplateNotFoundException");
}
