//! Parameters that go by themselves.

use gantry_api_ssm as api;
use gantry_reconcile::Next;

use crate::parameters::{get, overwrite, put, value};
use crate::world::World;

fn expiring(name: &str, days: i64) -> api::PutParameterRequest {
    let at = gantry_base::Timestamp::from_secs(1_800_000_000 + days * 24 * 3600).to_rfc3339();
    let policies = format!(
        r#"[{{"Type":"Expiration","Version":"1.0","Attributes":{{"Timestamp":"{at}"}}}},
            {{"Type":"ExpirationNotification","Version":"1.0","Attributes":{{"Before":"1","Unit":"Days"}}}}]"#
    );
    api::PutParameterRequest {
        tier: Some("Advanced".into()),
        policies: Some(policies),
        ..put(name, "String", "v")
    }
}

#[tokio::test]
async fn an_expired_parameter_is_gone() {
    let world = World::new();
    world.ok::<api::PutParameter>(expiring("p", 10)).await;
    let described = world.ok::<api::DescribeParameters>(Default::default()).await.parameters.unwrap();
    let types: Vec<_> =
        described[0].policies.iter().flatten().map(|one| one.policy_type.clone().unwrap()).collect();
    assert_eq!(types, ["Expiration", "ExpirationNotification"]);
    world.advance_days(9);
    assert!(matches!(world.policies_due().await, Next::After(_)));
    assert!(world.stored("Parameter Store Policy Action").await, "an event tells of it");
    assert_eq!(value(&world, "p").await, "v");
    world.advance_days(1);
    assert_eq!(world.policies_due().await, Next::Wait);
    assert_eq!(world.refused::<api::GetParameter>(get("p")).await.code, "ParameterNotFound");
}

#[tokio::test]
async fn policies_are_taken_back_and_moved() {
    let world = World::new();
    world.ok::<api::PutParameter>(expiring("stays", 10)).await;
    world.ok::<api::PutParameter>(expiring("later", 10)).await;
    let none = api::PutParameterRequest { policies: Some("[]".into()), ..overwrite("stays", "w") };
    world.ok::<api::PutParameter>(none).await;
    let later = api::PutParameterRequest { overwrite: Some(true), r#type: None, ..expiring("later", 20) };
    world.ok::<api::PutParameter>(later).await;
    world.advance_days(11);
    world.policies_due().await;
    assert_eq!(value(&world, "stays").await, "w");
    assert_eq!(value(&world, "later").await, "v");
    world.advance_days(10);
    world.policies_due().await;
    assert_eq!(value(&world, "stays").await, "w");
    assert_eq!(world.refused::<api::GetParameter>(get("later")).await.code, "ParameterNotFound");
}

#[tokio::test]
async fn policies_are_checked() {
    let world = World::new();
    let standard = api::PutParameterRequest { tier: None, ..expiring("p", 1) };
    assert_eq!(world.refused::<api::PutParameter>(standard).await.code, "ValidationException");
    for (policies, code) in [
        ("nonsense", "InvalidPolicyAttributeException"),
        (r#"[{"Type":"Other"}]"#, "InvalidPolicyTypeException"),
        (r#"[{"Type":"Expiration","Attributes":{}}]"#, "InvalidPolicyAttributeException"),
    ] {
        let input = api::PutParameterRequest { policies: Some(policies.into()), ..expiring("p", 1) };
        assert_eq!(world.refused::<api::PutParameter>(input).await.code, code, "{policies}");
    }
}
