//! Account settings, and what they change.

use gantry_api_ecs as api;
use gantry_service::Failure;

use crate::world::World;

const ANN: &str = "arn:aws:iam::123456789012:user/ann";
const ROOT: &str = "arn:aws:iam::123456789012:root";
const ALL: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ecs:*","Resource":"*"}}"#;

fn put(name: &str, value: &str, principal: Option<&str>) -> api::PutAccountSettingRequest {
    api::PutAccountSettingRequest {
        name: name.into(),
        value: value.into(),
        principal_arn: principal.map(str::to_owned),
    }
}

fn pairs(settings: Vec<api::Setting>) -> Vec<(String, String, String)> {
    let pair = |one: api::Setting| (one.name.unwrap(), one.value.unwrap(), one.principal_arn.unwrap());
    settings.into_iter().map(pair).collect()
}

#[tokio::test]
async fn a_principal_s_own_choice_counts_before_the_account_s() {
    let world = World::still();
    let none = world.call::<api::ListAccountSettings>(Default::default()).await.unwrap();
    assert!(none.settings.unwrap().is_empty());
    let ann = world.user(ALL);
    world
        .handlers
        .call::<api::PutAccountSetting>(&ann, put("awsvpcTrunking", "enabled", None))
        .await
        .unwrap();
    let default =
        api::PutAccountSettingDefaultRequest { name: "containerInsights".into(), value: "enhanced".into() };
    world.call::<api::PutAccountSettingDefault>(default).await.unwrap();

    let own = world.handlers.call::<api::ListAccountSettings>(&ann, Default::default()).await.unwrap();
    assert_eq!(
        pairs(own.settings.unwrap()),
        [("awsvpcTrunking".to_owned(), "enabled".to_owned(), ANN.to_owned())]
    );
    let effective = api::ListAccountSettingsRequest {
        effective_settings: Some(true),
        max_results: Some(3),
        ..Default::default()
    };
    let page = world.handlers.call::<api::ListAccountSettings>(&ann, effective.clone()).await.unwrap();
    let shown = pairs(page.settings.unwrap());
    assert_eq!(shown[0].2, ANN);
    assert_eq!(shown[1], ("containerInsights".into(), "enhanced".into(), ROOT.into()));
    assert_eq!(shown[2].1, "enabled");
    let rest =
        api::ListAccountSettingsRequest { next_token: page.next_token, max_results: None, ..effective };
    let rest = world.handlers.call::<api::ListAccountSettings>(&ann, rest).await.unwrap();
    assert_eq!((rest.settings.unwrap().len(), rest.next_token), (8, None));

    let input =
        api::DeleteAccountSettingRequest { name: "awsvpcTrunking".into(), principal_arn: Some(ANN.into()) };
    let deleted = world.call::<api::DeleteAccountSetting>(input).await.unwrap().setting.unwrap();
    assert_eq!(deleted.value.as_deref(), Some("enabled"));
    let own = world.handlers.call::<api::ListAccountSettings>(&ann, Default::default()).await.unwrap();
    assert!(own.settings.unwrap().is_empty());

    for wrong in [
        put("containerInsights", "on", None),
        put("guardDutyActivate", "on", None),
        put("containerInsights", "enabled", Some("arn:aws:iam::999999999999:user/x")),
        put("containerInsights", "enabled", Some("ann")),
        put("containerInsights", "enabled", Some("arn:aws:iam::123456789012:role/nobody")),
    ] {
        let error = world.refused::<api::PutAccountSetting>(wrong).await;
        assert_eq!(error.code, "InvalidParameterException");
    }
}

#[tokio::test]
async fn settings_change_what_they_say() {
    let world = World::still();
    let insights = put("containerInsights", "enabled", None);
    world.call::<api::PutAccountSetting>(insights).await.unwrap();
    let tag = api::Tag { key: Some("a".into()), value: Some("1".into()) };
    let create = api::CreateClusterRequest {
        cluster_name: Some("prod".into()),
        tags: Some(vec![tag]),
        ..Default::default()
    };
    let user = world.user(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ecs:CreateCluster","Resource":"*"}}"#,
    );
    let denied = world.handlers.call::<api::CreateCluster>(&user, create.clone()).await;
    assert!(matches!(denied, Err(Failure::Denied(denial)) if &*denial.action == "ecs:TagResource"));
    world.call::<api::PutAccountSetting>(put("tagResourceAuthorization", "off", Some(ANN))).await.unwrap();
    let made = world.handlers.call::<api::CreateCluster>(&user, create).await.unwrap().cluster.unwrap();
    assert_eq!(made.settings.unwrap()[0].value.as_deref(), Some("enabled"));
}
