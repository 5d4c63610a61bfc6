//! What holds for a registry as a whole, and the referrers of an image.

use gantry_api_ecr as api;
use gantry_ecr_core::Repositories;
use serde_json::json;

use crate::world::{World, digest_of, image, name, refused};

#[tokio::test]
async fn scanning_is_configured_by_rules() {
    let world = World::new();
    for repository in ["prod/web", "dev/web"] {
        world.make(repository).await;
    }
    let got = world.call::<api::GetRegistryScanningConfiguration>(Default::default()).await.unwrap();
    let before = got.scanning_configuration.unwrap();
    assert_eq!((before.scan_type.as_deref(), before.rules.unwrap().len()), (Some("BASIC"), 0));
    let rule = |frequency: &str, filter: &str| api::RegistryScanningRule {
        scan_frequency: frequency.into(),
        repository_filters: vec![api::ScanningRepositoryFilter {
            filter: filter.into(),
            filter_type: "WILDCARD".into(),
        }],
    };
    let put = |kind: &str, rules| api::PutRegistryScanningConfigurationRequest {
        scan_type: Some(kind.into()),
        rules: Some(rules),
    };
    let rules = vec![rule("SCAN_ON_PUSH", "prod/*")];
    world.call::<api::PutRegistryScanningConfiguration>(put("BASIC", rules)).await.unwrap();
    let refused_rules = vec![rule("CONTINUOUS_SCAN", "*")];
    refused(
        world.call::<api::PutRegistryScanningConfiguration>(put("BASIC", refused_rules)).await.map(drop),
        "InvalidParameterException",
    );
    let input = api::BatchGetRepositoryScanningConfigurationRequest {
        repository_names: vec!["prod/web".into(), "dev/web".into(), "none".into()],
    };
    let found = world.call::<api::BatchGetRepositoryScanningConfiguration>(input).await.unwrap();
    let found: Vec<_> = found
        .scanning_configurations
        .unwrap()
        .into_iter()
        .map(|one| {
            (one.scan_frequency.unwrap(), one.scan_on_push.unwrap(), one.applied_scan_filters.unwrap().len())
        })
        .collect();
    assert_eq!(found, [("SCAN_ON_PUSH".into(), true, 1), ("MANUAL".into(), false, 0)]);
}

#[tokio::test]
async fn mounting_can_be_turned_off() {
    let world = World::new();
    world.make("web").await;
    world.make("other").await;
    let layer = world.layer("web", "layer").await;
    let get = api::GetAccountSettingRequest { name: "BLOB_MOUNTING".into() };
    let got = world.call::<api::GetAccountSetting>(get.clone()).await.unwrap();
    assert_eq!(got.value.as_deref(), Some("ENABLED"));
    let put =
        |name: &str, value: &str| api::PutAccountSettingRequest { name: name.into(), value: value.into() };
    world.call::<api::PutAccountSetting>(put("BLOB_MOUNTING", "DISABLED")).await.unwrap();
    let got = world.call::<api::GetAccountSetting>(get).await.unwrap();
    assert_eq!(got.value.as_deref(), Some("DISABLED"));
    let mount =
        || async { world.ecr.mount_layer(&world.cx(), &name("other"), layer, &name("web")).await.unwrap() };
    assert!(!mount().await);
    world.call::<api::PutAccountSetting>(put("BLOB_MOUNTING", "ENABLED")).await.unwrap();
    assert!(mount().await);
    for (name, value) in [("BLOB_MOUNTING", "SOMETIMES"), ("COLOR", "RED")] {
        let refused_setting = world.call::<api::PutAccountSetting>(put(name, value)).await.map(drop);
        refused(refused_setting, "InvalidParameterException");
    }
}

#[tokio::test]
async fn referrers_are_listed_by_type() {
    let world = World::new();
    world.make("web").await;
    let subject = world.push("web", Some("v1"), "layer").await;
    for kind in ["application/x.sbom", "application/x.signature"] {
        let mut artifact = image("layer");
        artifact["artifactType"] = json!(kind);
        artifact["annotations"] = json!({ "of": kind });
        artifact["subject"] = json!({ "mediaType": subject["mediaType"], "digest": digest_of(&subject).to_string(),
            "size": subject.to_string().len() });
        world.put("web", None, &artifact).await.unwrap();
    }
    let ask = |kinds: Option<Vec<String>>, max_results, next_token| api::ListImageReferrersRequest {
        registry_id: None,
        repository_name: "web".into(),
        subject_id: api::SubjectIdentifier { image_digest: digest_of(&subject).to_string() },
        filter: Some(api::ListImageReferrersFilter { artifact_types: kinds, artifact_status: None }),
        next_token,
        max_results,
    };
    let all = world.call::<api::ListImageReferrers>(ask(None, Some(1), None)).await.unwrap();
    assert_eq!(all.referrers.unwrap().len(), 1);
    let rest = world.call::<api::ListImageReferrers>(ask(None, None, all.next_token)).await.unwrap();
    assert_eq!((rest.referrers.unwrap().len(), rest.next_token), (1, None));
    let kinds = Some(vec!["application/x.sbom".to_owned()]);
    let some =
        world.call::<api::ListImageReferrers>(ask(kinds, None, None)).await.unwrap().referrers.unwrap();
    assert_eq!(some.len(), 1);
    assert_eq!(some[0].artifact_type.as_deref(), Some("application/x.sbom"));
    assert_eq!(some[0].annotations.as_ref().unwrap()["of"], "application/x.sbom");
}
