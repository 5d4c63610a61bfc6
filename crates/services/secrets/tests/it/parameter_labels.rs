//! Labels, history, keys of KMS, tags, deletes of several, and public parameters.

use gantry_api_ssm as api;

use crate::parameters::{get, overwrite, put, value};
use crate::world::World;

const DEFAULT_KEY: &str = "arn:aws:kms:us-east-1:000000000000:alias/aws/ssm";

fn label(name: &str, version: Option<i64>, labels: &[&str]) -> api::LabelParameterVersionRequest {
    api::LabelParameterVersionRequest {
        name: name.into(),
        parameter_version: version,
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
    }
}

#[tokio::test]
async fn labels_name_versions_and_move() {
    let world = World::new();
    world.ok::<api::PutParameter>(put("/app/p", "String", "v1")).await;
    world.ok::<api::PutParameter>(overwrite("/app/p", "v2")).await;
    let answer =
        world.ok::<api::LabelParameterVersion>(label("/app/p", Some(1), &["prod", "1bad", "aws-x"])).await;
    assert_eq!(
        (answer.invalid_labels.unwrap(), answer.parameter_version),
        (vec!["1bad".into(), "aws-x".to_string()], Some(1))
    );
    assert_eq!(value(&world, "/app/p:prod").await, "v1");
    world.ok::<api::LabelParameterVersion>(label("/app/p", None, &["prod"])).await;
    assert_eq!(value(&world, "/app/p:prod").await, "v2");
    assert_eq!(world.refused::<api::GetParameter>(get("/app/p:none")).await.code, "ParameterVersionNotFound");
    assert_eq!(
        world.refused::<api::LabelParameterVersion>(label("/app/p", Some(7), &["x"])).await.code,
        "ParameterVersionNotFound"
    );
    assert_eq!(
        world.refused::<api::LabelParameterVersion>(label("/no", None, &["x"])).await.code,
        "ParameterNotFound"
    );
    let many: Vec<String> = (0..10).map(|at| format!("l{at}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(
        world.refused::<api::LabelParameterVersion>(label("/app/p", Some(2), &many)).await.code,
        "ParameterVersionLabelLimitExceeded"
    );
    world.ok::<api::LabelParameterVersion>(label("/app/p", Some(1), &["old"])).await;
    let by_label = api::GetParametersByPathRequest {
        path: "/app".into(),
        parameter_filters: Some(vec![api::ParameterStringFilter {
            key: "Label".into(),
            option: Some("Equals".into()),
            values: Some(vec!["old".into()]),
        }]),
        ..Default::default()
    };
    let found = world.ok::<api::GetParametersByPath>(by_label).await.parameters.unwrap();
    assert_eq!((found.len(), found[0].value.as_deref()), (1, Some("v1")));
    let unlabel = api::UnlabelParameterVersionRequest {
        name: "/app/p".into(),
        parameter_version: 2,
        labels: vec!["prod".into(), "old".into()],
    };
    let answer = world.ok::<api::UnlabelParameterVersion>(unlabel).await;
    assert_eq!(
        (answer.removed_labels.unwrap(), answer.invalid_labels.unwrap()),
        (vec!["prod".into()], vec!["old".to_string()])
    );
    assert_eq!(world.refused::<api::GetParameter>(get("/app/p:prod")).await.code, "ParameterVersionNotFound");
}

#[tokio::test]
async fn a_labelled_version_is_not_forgotten() {
    let world = World::new();
    world.ok::<api::PutParameter>(put("p", "String", "v1")).await;
    world.ok::<api::LabelParameterVersion>(label("p", None, &["keep"])).await;
    for at in 2..=100 {
        world.ok::<api::PutParameter>(overwrite("p", &format!("v{at}"))).await;
    }
    let error = world.refused::<api::PutParameter>(overwrite("p", "v101")).await;
    assert_eq!(error.code, "ParameterMaxVersionLimitExceeded");
    world.ok::<api::LabelParameterVersion>(label("p", Some(50), &["keep"])).await;
    world.ok::<api::PutParameter>(overwrite("p", "v101")).await;
}

#[tokio::test]
async fn history_tells_of_every_version() {
    let world = World::new();
    let first =
        api::PutParameterRequest { description: Some("one".into()), ..put("p", "SecureString", "v1") };
    world.ok::<api::PutParameter>(first).await;
    let second = api::PutParameterRequest { description: Some("two".into()), ..overwrite("p", "v2") };
    world.ok::<api::PutParameter>(second).await;
    world.ok::<api::LabelParameterVersion>(label("p", Some(1), &["first"])).await;
    let history = |decrypt, most| api::GetParameterHistoryRequest {
        name: "p".into(),
        with_decryption: Some(decrypt),
        max_results: Some(most),
        next_token: None,
    };
    let all = world.ok::<api::GetParameterHistory>(history(true, 50)).await.parameters.unwrap();
    let told: Vec<_> = all
        .iter()
        .map(|one| (one.version.unwrap(), one.value.as_deref().unwrap(), one.description.as_deref().unwrap()))
        .collect();
    assert_eq!(told, [(1, "v1", "one"), (2, "v2", "two")]);
    assert_eq!(all[0].labels.as_deref(), Some(&["first".to_owned()][..]));
    assert_eq!(all[0].key_id.as_deref(), Some("alias/aws/ssm"));
    let page = world.ok::<api::GetParameterHistory>(history(false, 1)).await;
    assert_ne!(page.parameters.unwrap()[0].value.as_deref(), Some("v1"));
    let rest = api::GetParameterHistoryRequest { next_token: page.next_token, ..history(true, 1) };
    let rest = world.ok::<api::GetParameterHistory>(rest).await;
    assert_eq!((rest.parameters.unwrap()[0].version, rest.next_token), (Some(2), None));
}

#[tokio::test]
async fn secure_strings_are_the_keys_to_open() {
    let world = World::new();
    world.ok::<api::PutParameter>(put("p", "SecureString", "hunter2-hunter2")).await;
    let large = api::PutParameterRequest {
        tier: Some("Advanced".into()),
        key_id: Some("one".into()),
        ..put("large", "SecureString", "hunter3-hunter3")
    };
    world.ok::<api::PutParameter>(large).await;
    assert!(!world.stored("hunter2").await && !world.stored("hunter3").await);
    let own = "arn:aws:kms:us-east-1:000000000000:key/one";
    assert_eq!(
        world.kms.asked(),
        [format!("ssm Encrypt {DEFAULT_KEY}"), format!("ssm GenerateDataKey {own}")]
    );
    world.kms.forget();
    world.ok::<api::GetParameter>(api::GetParameterRequest { with_decryption: None, ..get("p") }).await;
    assert!(world.kms.asked().is_empty(), "without decryption KMS is not asked");
    let open = |name: &str| api::GetParameterRequest { with_decryption: Some(true), ..get(name) };
    for (name, wanted) in [("p", "hunter2-hunter2"), ("large", "hunter3-hunter3")] {
        let read = world.ok::<api::GetParameter>(open(name)).await.parameter.unwrap();
        assert_eq!(read.value.as_deref(), Some(wanted));
    }
    world.kms.denied.lock().unwrap().insert(own.into());
    assert!(world.denied::<api::GetParameter>(&world.root(), open("large")).await);
    world.kms.disabled.lock().unwrap().insert(DEFAULT_KEY.into());
    assert_eq!(world.refused::<api::GetParameter>(open("p")).await.code, "InvalidKeyId");
}

#[tokio::test]
async fn tags_come_and_go() {
    let world = World::new();
    world.ok::<api::PutParameter>(put("p", "String", "v")).await;
    let tag = |key: &str, value: &str| api::Tag { key: key.into(), value: value.into() };
    let add = |kind: &str, id: &str| api::AddTagsToResourceRequest {
        resource_type: kind.into(),
        resource_id: id.into(),
        tags: vec![tag("a", "1"), tag("b", "2")],
    };
    world.ok::<api::AddTagsToResource>(add("Parameter", "p")).await;
    assert_eq!(
        world.refused::<api::AddTagsToResource>(add("Document", "p")).await.code,
        "InvalidResourceType"
    );
    assert_eq!(
        world.refused::<api::AddTagsToResource>(add("Parameter", "q")).await.code,
        "InvalidResourceId"
    );
    let many = (0..51).map(|number| tag(&number.to_string(), "")).collect();
    let crowded = api::PutParameterRequest { tags: Some(many), ..put("crowded", "String", "v") };
    assert_eq!(world.refused::<api::PutParameter>(crowded).await.code, "TooManyTagsError");
    let remove = api::RemoveTagsFromResourceRequest {
        resource_type: "Parameter".into(),
        resource_id: "p".into(),
        tag_keys: vec!["a".into()],
    };
    world.ok::<api::RemoveTagsFromResource>(remove).await;
    let list = api::ListTagsForResourceRequest { resource_type: "Parameter".into(), resource_id: "p".into() };
    let tags = world.ok::<api::ListTagsForResource>(list).await.tag_list.unwrap();
    assert_eq!((tags.len(), tags[0].key.as_str(), tags[0].value.as_str()), (1, "b", "2"));
}

#[tokio::test]
async fn several_are_deleted() {
    let world = World::new();
    for name in ["a", "b"] {
        world.ok::<api::PutParameter>(put(name, "String", "v")).await;
    }
    let input = api::DeleteParametersRequest { names: ["a", "none", "b"].map(Into::into).to_vec() };
    let answer = world.ok::<api::DeleteParameters>(input).await;
    assert_eq!(answer.deleted_parameters.unwrap(), ["a", "b"]);
    assert_eq!(answer.invalid_parameters.unwrap(), ["none"]);
    assert_eq!(world.refused::<api::GetParameter>(get("a")).await.code, "ParameterNotFound");
}

#[tokio::test]
async fn public_parameters_name_the_image() {
    let world = World::new();
    let name = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id";
    let image = value(&world, name).await;
    let arn = format!("arn:aws:ssm:us-east-1::parameter{name}");
    assert_eq!(value(&world, &arn).await, image);
    let whole = value(&world, name.strip_suffix("/image_id").unwrap()).await;
    assert!(whole.contains(&format!("\"image_id\":\"{image}\"")), "{whole}");
    let path = api::GetParametersByPathRequest {
        path: "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended".into(),
        ..Default::default()
    };
    let found = world.ok::<api::GetParametersByPath>(path).await.parameters.unwrap();
    assert!(found.iter().any(|one| one.value.as_deref() == Some(image.as_str())));
    assert_eq!(world.refused::<api::GetParameter>(get("/aws/service/none")).await.code, "ParameterNotFound");
    let limited = world.limited("ssm:GetParameter", &arn);
    assert!(!world.denied::<api::GetParameter>(&limited, get(name)).await);
    let limited = world.limited("ssm:GetParameter", "arn:aws:ssm:us-east-1:000000000000:parameter/*");
    assert!(world.denied::<api::GetParameter>(&limited, get(name)).await);
    let image_typed = api::PutParameterRequest {
        data_type: Some("aws:ec2:image".into()),
        ..put("image", "String", &image)
    };
    world.ok::<api::PutParameter>(image_typed.clone()).await;
    let none = api::PutParameterRequest { value: "ami-x".into(), name: "other".into(), ..image_typed };
    assert_eq!(world.refused::<api::PutParameter>(none).await.code, "ValidationException");
}
