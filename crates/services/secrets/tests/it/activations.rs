//! Activations of machines.

use std::time::Duration;

use gantry_api_ssm as api;
use gantry_base::Clock;
use gantry_secrets::ssm::activation::Redeemer;
use gantry_service::Activations;

use crate::world::World;

fn asked(limit: i32) -> api::CreateActivationRequest {
    api::CreateActivationRequest {
        iam_role: "service-role/machines".into(),
        registration_limit: Some(limit),
        default_instance_name: Some("press".into()),
        ..Default::default()
    }
}

async fn listed(world: &World, filter: Option<(&str, &str)>) -> Vec<api::Activation> {
    let filters = filter.map(|(key, value)| {
        vec![api::DescribeActivationsFilter {
            filter_key: Some(key.into()),
            filter_values: Some(vec![value.into()]),
        }]
    });
    let input = api::DescribeActivationsRequest { filters, ..Default::default() };
    world.call::<api::DescribeActivations>(&world.root(), input).await.unwrap().activation_list.unwrap()
}

#[tokio::test]
async fn an_activation_lets_in_as_many_as_it_says_until_it_expires() {
    let world = World::new();
    let made = world.call::<api::CreateActivation>(&world.root(), asked(2)).await.unwrap();
    let (id, code) = (made.activation_id.unwrap(), made.activation_code.unwrap());
    assert!(!world.stored(&code).await, "the code is told once and kept nowhere");
    let redeem = async |code: &str| {
        let mut tx = world.db().begin();
        let activated = Redeemer.redeem(&mut tx, &id, code, world.clock().now()).await.unwrap();
        tx.commit(&gantry_service_authority()).await.unwrap();
        activated
    };
    assert!(redeem("another").await.is_none());
    let activated = redeem(&code).await.unwrap();
    assert_eq!(activated.region.as_str(), "us-east-1");
    assert!(redeem(&code).await.is_some());
    assert!(redeem(&code).await.is_none(), "two and no more");
    let shown = listed(&world, Some(("DefaultInstanceName", "press"))).await.remove(0);
    assert_eq!((shown.registrations_count, shown.registration_limit), (Some(2), Some(2)));
    assert_eq!(shown.expired, Some(false));
    assert!(listed(&world, Some(("IamRole", "other"))).await.is_empty());

    world.call::<api::CreateActivation>(&world.root(), asked(1)).await.unwrap();
    world.advance_days(1);
    assert!(listed(&world, None).await.iter().all(|one| one.expired == Some(true)));

    let delete = api::DeleteActivationRequest { activation_id: id.clone() };
    world.call::<api::DeleteActivation>(&world.root(), delete.clone()).await.unwrap();
    assert_eq!(listed(&world, None).await.len(), 1);
    assert_eq!(world.refused::<api::DeleteActivation>(delete).await.code, "InvalidActivation");
    let late = world.clock().now() + Duration::from_secs(31 * 86_400);
    let input = api::CreateActivationRequest { expiration_date: Some(late), ..asked(1) };
    assert_eq!(world.refused::<api::CreateActivation>(input).await.code, "InvalidParameters");
    let input = api::CreateActivationRequest { iam_role: "missing".into(), ..asked(1) };
    assert_eq!(
        world.refused::<api::CreateActivation>(input).await.to_string(),
        "ValidationException: Nonexistent role or missing ssm service principal in trust policy: \
         arn:aws:iam::000000000000:role/missing"
    );
}

/// Whoever lets machines in.
fn gantry_service_authority() -> impl gantry_base::Authority {
    struct Test;
    impl gantry_base::Authority for Test {
        fn describe(&self) -> String {
            "a test".to_owned()
        }
    }
    Test
}
