//! Parameter Store.

use gantry_api_ssm as api;

use crate::world::World;

pub fn put(name: &str, kind: &str, value: &str) -> api::PutParameterRequest {
    api::PutParameterRequest {
        name: name.into(),
        value: value.into(),
        r#type: Some(kind.into()),
        ..Default::default()
    }
}

pub fn overwrite(name: &str, value: &str) -> api::PutParameterRequest {
    api::PutParameterRequest { overwrite: Some(true), r#type: None, ..put(name, "", value) }
}

pub fn get(name: &str) -> api::GetParameterRequest {
    api::GetParameterRequest { name: name.into(), with_decryption: Some(true) }
}

pub async fn value(world: &World, name: &str) -> String {
    world.ok::<api::GetParameter>(get(name)).await.parameter.unwrap().value.unwrap()
}

#[tokio::test]
async fn values_come_back_by_name_arn_and_version() {
    let world = World::new();
    assert_eq!(world.ok::<api::PutParameter>(put("/app/url", "String", "one")).await.version, Some(1));
    assert_eq!(world.ok::<api::PutParameter>(overwrite("/app/url", "two")).await.version, Some(2));
    world.ok::<api::PutParameter>(put("plain", "StringList", "a,b")).await;
    let arn = "arn:aws:ssm:us-east-1:000000000000:parameter";
    for (name, expected) in [
        ("/app/url", "two"),
        ("/app/url:1", "one"),
        ("/app/url:2", "two"),
        (&format!("{arn}/app/url"), "two"),
        (&format!("{arn}/app/url:1"), "one"),
        ("plain", "a,b"),
        (&format!("{arn}/plain"), "a,b"),
    ] {
        assert_eq!(value(&world, name).await, expected, "{name}");
    }
    let parameter = world.ok::<api::GetParameter>(get("/app/url:1")).await.parameter.unwrap();
    assert_eq!(parameter.selector.as_deref(), Some(":1"));
    assert_eq!(parameter.arn, Some(format!("{arn}/app/url")));
    for (name, code) in [
        ("/app/none", "ParameterNotFound"),
        ("/app/url:9", "ParameterVersionNotFound"),
        ("/app/url:label", "ParameterVersionNotFound"),
        ("arn:aws:ssm:eu-west-1:000000000000:parameter/app/url", "ParameterNotFound"),
    ] {
        assert_eq!(world.refused::<api::GetParameter>(get(name)).await.code, code, "{name}");
    }
}

#[tokio::test]
async fn a_secure_string_is_sealed_and_shown_only_with_decryption() {
    let world = World::new();
    world.ok::<api::PutParameter>(put("key", "SecureString", "hunter2-hunter2")).await;
    assert_eq!(value(&world, "key").await, "hunter2-hunter2");
    let sealed = api::GetParameterRequest { with_decryption: None, ..get("key") };
    let sealed = world.ok::<api::GetParameter>(sealed).await.parameter.unwrap().value.unwrap();
    assert!(!sealed.contains("hunter2") && sealed.len() > 15);
    assert!(!world.stored("hunter2").await && world.stored("SecureString").await);
}

#[tokio::test]
async fn what_may_not_be_put_is_refused() {
    let world = World::new();
    world.ok::<api::PutParameter>(put("here", "String", "v")).await;
    world.ok::<api::PutParameter>(put("advanced", "String", &"v".repeat(4096))).await;
    let deep = "/a".repeat(16);
    let tag = api::Tag { key: "a".into(), value: "b".into() };
    for (input, code) in [
        (put("here", "String", "w"), "ParameterAlreadyExists"),
        (api::PutParameterRequest { r#type: None, ..put("new", "", "v") }, "ValidationException"),
        (put("aws-x", "String", "v"), "ValidationException"),
        (put("/aws/x", "String", "v"), "AccessDeniedException"),
        (put("/AWS/x", "String", "v"), "AccessDeniedException"),
        (put("ssm-x", "String", "v"), "ValidationException"),
        (put("a/b", "String", "v"), "ValidationException"),
        (put("/a//b", "String", "v"), "ValidationException"),
        (put("a b", "String", "v"), "ValidationException"),
        (put(&deep, "String", "v"), "HierarchyLevelLimitExceededException"),
        (put("x", "Number", "v"), "UnsupportedParameterType"),
        (put("x", "String", &"v".repeat(4097)), "ValidationException"),
        (put("x", "String", "{{ssm:y}}"), "ValidationException"),
        (
            api::PutParameterRequest { r#type: Some("SecureString".into()), ..overwrite("here", "w") },
            "HierarchyTypeMismatchException",
        ),
        (api::PutParameterRequest { tags: Some(vec![tag]), ..overwrite("here", "w") }, "ValidationException"),
        (
            api::PutParameterRequest { policies: Some("[{}]".into()), ..put("x", "String", "v") },
            "InvalidPolicyTypeException",
        ),
        (
            api::PutParameterRequest { allowed_pattern: Some("(".into()), ..put("x", "String", "v") },
            "InvalidAllowedPatternException",
        ),
        (
            api::PutParameterRequest { allowed_pattern: Some("\\d+".into()), ..put("x", "String", "1v") },
            "ParameterPatternMismatchException",
        ),
    ] {
        let name = input.name.clone();
        assert_eq!(world.refused::<api::PutParameter>(input).await.code, code, "{name}");
    }
    assert_eq!(value(&world, "here").await, "v");
}

#[tokio::test]
async fn tiers_follow_size_and_never_go_down() {
    let world = World::new();
    let tiered = |name: &str, tier: &str, bytes: usize| api::PutParameterRequest {
        tier: Some(tier.into()),
        ..put(name, "String", &"v".repeat(bytes))
    };
    let tier = |input| async { world.ok::<api::PutParameter>(input).await.tier.unwrap() };
    assert_eq!(tier(tiered("a", "Intelligent-Tiering", 10)).await, "Standard");
    assert_eq!(tier(tiered("b", "Intelligent-Tiering", 5000)).await, "Advanced");
    assert_eq!(tier(overwrite("b", "small")).await, "Advanced");
    let down = api::PutParameterRequest { tier: Some("Standard".into()), ..overwrite("b", "small") };
    assert_eq!(world.refused::<api::PutParameter>(down).await.code, "ValidationException");
    assert_eq!(
        world.refused::<api::PutParameter>(tiered("c", "Advanced", 8193)).await.code,
        "ValidationException"
    );
}

#[tokio::test]
async fn a_hundred_versions_are_kept() {
    let world = World::new();
    world.ok::<api::PutParameter>(put("p", "String", "v1")).await;
    for at in 2..=103 {
        world.ok::<api::PutParameter>(overwrite("p", &format!("v{at}"))).await;
    }
    assert_eq!(value(&world, "p:4").await, "v4");
    assert_eq!(value(&world, "p").await, "v103");
    assert_eq!(world.refused::<api::GetParameter>(get("p:3")).await.code, "ParameterVersionNotFound");
    world.ok::<api::DeleteParameter>(api::DeleteParameterRequest { name: "p".into() }).await;
    assert_eq!(world.ok::<api::PutParameter>(put("p", "String", "new")).await.version, Some(1));
    assert_eq!(world.refused::<api::GetParameter>(get("p:4")).await.code, "ParameterVersionNotFound");
    let gone = api::DeleteParameterRequest { name: "q".into() };
    assert_eq!(world.refused::<api::DeleteParameter>(gone).await.code, "ParameterNotFound");
}

#[tokio::test]
async fn several_are_read_and_unknown_ones_listed() {
    let world = World::new();
    world.ok::<api::PutParameter>(put("b", "String", "2")).await;
    world.ok::<api::PutParameter>(put("a", "String", "1")).await;
    let input = api::GetParametersRequest {
        names: ["b", "none", "a", "a:7"].map(Into::into).to_vec(),
        with_decryption: None,
    };
    let answer = world.ok::<api::GetParameters>(input).await;
    let values: Vec<_> = answer.parameters.unwrap().into_iter().map(|p| p.value.unwrap()).collect();
    assert_eq!(
        (values, answer.invalid_parameters.unwrap()),
        (vec!["1".into(), "2".into()], vec!["none".into(), "a:7".to_string()])
    );
}

#[tokio::test]
async fn paths_list_what_is_below_them() {
    let world = World::new();
    for name in ["/app/a", "/app/b", "/app/sub/c", "/apple", "top"] {
        world.ok::<api::PutParameter>(put(name, "String", "v")).await;
    }
    for at in 0..12 {
        world.ok::<api::PutParameter>(put(&format!("/many/p{at:02}"), "String", "v")).await;
    }
    let path = |path: &str, recursive: bool| api::GetParametersByPathRequest {
        path: path.into(),
        recursive: Some(recursive),
        ..Default::default()
    };
    let world = &world;
    let names = |input| async move {
        let answer = world.ok::<api::GetParametersByPath>(input).await;
        let names: Vec<_> = answer.parameters.unwrap().into_iter().map(|p| p.name.unwrap()).collect();
        (names, answer.next_token)
    };
    assert_eq!(names(path("/app", false)).await.0, ["/app/a", "/app/b"]);
    assert_eq!(names(path("/app/", true)).await.0, ["/app/a", "/app/b", "/app/sub/c"]);
    assert_eq!(names(path("/", false)).await.0, ["/apple", "top"]);
    let (first, next_token) = names(path("/many", true)).await;
    assert_eq!(first.len(), 10);
    let rest = api::GetParametersByPathRequest { next_token: next_token.clone(), ..path("/many", true) };
    assert_eq!(names(rest).await, (vec!["/many/p10".into(), "/many/p11".into()], None));
    let other = api::GetParametersByPathRequest { next_token, ..path("/app", true) };
    assert_eq!(world.refused::<api::GetParametersByPath>(other).await.code, "InvalidNextToken");
    assert_eq!(
        world.refused::<api::GetParametersByPath>(path("app", true)).await.code,
        "ValidationException"
    );
}

#[tokio::test]
async fn descriptions_filter() {
    let world = World::new();
    for (name, kind) in [("/app/a", "String"), ("/app/x/b", "SecureString"), ("c", "StringList")] {
        let tags = Some(vec![api::Tag { key: "kind".into(), value: kind.into() }]);
        world.ok::<api::PutParameter>(api::PutParameterRequest { tags, ..put(name, kind, "v") }).await;
    }
    let filter = |key: &str, option: Option<&str>, value: &str| api::DescribeParametersRequest {
        parameter_filters: Some(vec![api::ParameterStringFilter {
            key: key.into(),
            option: option.map(Into::into),
            values: Some(vec![value.into()]),
        }]),
        ..Default::default()
    };
    let world = &world;
    let names = |input| async move {
        let answer = world.ok::<api::DescribeParameters>(input).await;
        answer.parameters.unwrap().into_iter().map(|p| p.name.unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(names(filter("Type", None, "SecureString")).await, ["/app/x/b"]);
    assert_eq!(names(filter("KeyId", None, "alias/aws/ssm")).await, ["/app/x/b"]);
    assert_eq!(names(filter("Name", Some("BeginsWith"), "/app")).await, ["/app/a", "/app/x/b"]);
    assert_eq!(names(filter("Name", Some("Contains"), "x")).await, ["/app/x/b"]);
    assert_eq!(names(filter("Path", Some("OneLevel"), "/app")).await, ["/app/a"]);
    assert_eq!(names(filter("Path", Some("Recursive"), "/app")).await, ["/app/a", "/app/x/b"]);
    assert_eq!(names(filter("tag:kind", None, "StringList")).await, ["c"]);
    assert_eq!(names(filter("Tier", None, "Standard")).await.len(), 3);
    for (input, code) in [
        (filter("Colour", None, "x"), "InvalidFilterKey"),
        (filter("Type", Some("Contains"), "x"), "InvalidFilterOption"),
        (filter("Label", None, "x"), "InvalidFilterKey"),
        (filter("Tier", None, "x"), "InvalidFilterValue"),
        (filter("Type", None, "x"), "InvalidFilterValue"),
        (filter("Path", None, "app"), "ValidationException"),
        (filter("Path", None, "//"), "ValidationException"),
        (filter("Path", None, "/aws"), "ValidationException"),
    ] {
        assert_eq!(world.refused::<api::DescribeParameters>(input).await.code, code);
    }
}

#[tokio::test]
async fn names_without_a_slash_are_at_the_top_and_an_arn_means_both() {
    let world = World::new();
    for name in ["plain", "/slashed", "/a/b"] {
        world.ok::<api::PutParameter>(put(name, "String", name)).await;
    }
    let world = &world;
    let under = |path: &str, recursive| api::GetParametersByPathRequest {
        path: path.into(),
        recursive: Some(recursive),
        ..Default::default()
    };
    let values = |input| async move {
        let found = world.ok::<api::GetParametersByPath>(input).await.parameters.unwrap();
        found.into_iter().map(|one| one.value.unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(values(under("/", false)).await, ["/slashed", "plain"]);
    assert_eq!(values(under("/", true)).await, ["/a/b", "/slashed", "plain"]);
    for name in ["plain", "slashed"] {
        let arn = format!("arn:aws:ssm:us-east-1:000000000000:parameter/{name}");
        let get = |name: &str| api::GetParameterRequest { name: name.into(), ..Default::default() };
        let found = world.ok::<api::GetParameter>(get(&arn)).await.parameter.unwrap();
        assert!(found.name.unwrap().ends_with(name));
        assert_eq!(world.refused::<api::GetParameter>(get("plain:1:2")).await.code, "ParameterNotFound");
    }
}

#[tokio::test]
async fn a_name_may_stand_for_a_secret() {
    use gantry_api_secretsmanager as sm;

    let world = World::new();
    let first = world.ok::<sm::CreateSecret>(crate::secrets::text("s", "one")).await.version_id.unwrap();
    world.ok::<sm::PutSecretValue>(crate::secrets::put("s", "two")).await;
    let get = |name: &str, decrypt| api::GetParameterRequest {
        name: format!("/aws/reference/secretsmanager/{name}"),
        with_decryption: decrypt,
    };
    for (name, value) in [("s", "two"), ("s:AWSPREVIOUS", "one"), (&format!("s:{first}"), "one")] {
        let found = world.ok::<api::GetParameter>(get(name, Some(true))).await.parameter.unwrap();
        assert_eq!((found.value.as_deref(), found.version), (Some(value), Some(0)));
        assert!(found.source_result.unwrap().contains("\"VersionStages\""));
    }
    for (input, text) in [
        (
            get("s", None),
            "ValidationException: WithDecryption flag must be True for retrieving a Secret Manager secret.",
        ),
        (
            get("x", Some(true)),
            "ParameterNotFound: An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret \
             /aws/reference/secretsmanager/x not found.",
        ),
    ] {
        assert_eq!(world.refused::<api::GetParameter>(input).await.to_string(), text);
    }
}
