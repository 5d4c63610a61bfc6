//! When keys and roles were last used, and the report of credentials.

use std::sync::Arc;

use gantry_api_iam as api;
use gantry_base::Region;
use gantry_store::{Db, Redb};

use crate::world::*;

fn ask(key: &str) -> api::GetAccessKeyLastUsedRequest {
    api::GetAccessKeyLastUsedRequest { access_key_id: key.into() }
}

async fn used(world: &World, key: &str, token: Option<&str>, service: &str, region: &str) {
    let found = world.identities.find(key, token, world.now()).await.unwrap();
    let region: Region = region.parse().unwrap();
    world.identities.used(key, &found.caller, service, &region, world.now());
}

#[tokio::test]
async fn a_keys_last_use_is_kept_over_a_restart() {
    let db = Db::new(Arc::new(Redb::in_memory().unwrap()));
    let world = World::over(db.clone(), 1);
    let key = world.user("ann", ALLOW_ALL).await;
    let never = world.root::<api::GetAccessKeyLastUsed>(ask(&key)).await.unwrap();
    assert_eq!(never.user_name.as_deref(), Some("ann"));
    let never = never.access_key_last_used.unwrap();
    assert_eq!((never.last_used_date, &*never.service_name, &*never.region), (None, "N/A", "N/A"));

    used(&world, &key, None, "ecs", "eu-west-1").await;
    let revision = db.begin().revision().await.unwrap();
    let last =
        world.root::<api::GetAccessKeyLastUsed>(ask(&key)).await.unwrap().access_key_last_used.unwrap();
    assert_eq!(
        (last.last_used_date, &*last.service_name, &*last.region),
        (Some(world.now()), "ecs", "eu-west-1")
    );
    assert_eq!(db.begin().revision().await.unwrap(), revision, "a use is no write");

    world.iam.write_uses(world.now(), false).await.unwrap();
    let revision = db.begin().revision().await.unwrap();
    // Minutes later there is nothing to write; at the end there is.
    world.advance(60);
    used(&world, &key, None, "ecs", "us-east-1").await;
    world.iam.write_uses(world.now(), false).await.unwrap();
    assert_eq!(db.begin().revision().await.unwrap(), revision);
    used(&world, &key, None, "ecr", "us-east-1").await;
    world.iam.write_uses(world.now(), true).await.unwrap();
    let again = World::over(db, 2);
    let last =
        again.root::<api::GetAccessKeyLastUsed>(ask(&key)).await.unwrap().access_key_last_used.unwrap();
    assert_eq!((last.last_used_date, &*last.service_name), (Some(world.now()), "ecr"));

    let missing = world.root::<api::GetAccessKeyLastUsed>(ask("AKIAAAAAAAAAAAAAAAAA")).await.err().unwrap();
    assert_eq!(missing, "NoSuchEntity: The Access Key with id AKIAAAAAAAAAAAAAAAAA cannot be found.");
}

#[tokio::test]
async fn a_role_is_used_by_its_sessions() {
    let world = World::new();
    let key = world.user("ann", ALLOW_ALL).await;
    world.role("app", TRUST_ACCOUNT).await.unwrap();
    let get = || api::GetRoleRequest { role_name: "app".into() };
    let unused = world.root::<api::GetRole>(get()).await.unwrap().role.role_last_used.unwrap();
    assert_eq!((unused.last_used_date, unused.region), (None, None));
    let session = world.assume(&key, "app").await.unwrap();
    world.advance(5);
    used(&world, &session.access_key_id, Some(&session.session_token), "ecs", "eu-west-1").await;
    let last = world.root::<api::GetRole>(get()).await.unwrap().role.role_last_used.unwrap();
    assert_eq!((last.last_used_date, last.region.as_deref()), (Some(world.now()), Some("eu-west-1")));
    let details = world.root::<api::GetAccountAuthorizationDetails>(Default::default()).await.unwrap();
    let role = details.role_detail_list.unwrap().into_iter().next().unwrap();
    assert_eq!(role.role_last_used.unwrap().last_used_date, Some(world.now()));

    // A later role of the name was never used, and what is gone gets no row.
    world.root::<api::DeleteRole>(api::DeleteRoleRequest { role_name: "app".into() }).await.unwrap();
    world.iam.write_uses(world.now(), true).await.unwrap();
    world.role("app", TRUST_ACCOUNT).await.unwrap();
    let anew = world.root::<api::GetRole>(get()).await.unwrap().role.role_last_used.unwrap();
    assert_eq!(anew.last_used_date, None);
}

#[tokio::test]
async fn the_credential_report_tells_of_all_keys() {
    let world = World::new();
    let key = world.user("ann", ALLOW_ALL).await;
    used(&world, &key, None, "ecs", "eu-west-1").await;
    let none = world.root::<api::GetCredentialReport>(Default::default()).await.err().unwrap();
    assert!(none.starts_with("ReportNotPresent: "), "{none}");
    let begun = world.root::<api::GenerateCredentialReport>(Default::default()).await.unwrap();
    assert_eq!(begun.state.as_deref(), Some("STARTED"));
    let done = world.root::<api::GenerateCredentialReport>(Default::default()).await.unwrap();
    assert_eq!(done.state.as_deref(), Some("COMPLETE"));
    let report = world.root::<api::GetCredentialReport>(Default::default()).await.unwrap();
    assert_eq!(report.generated_time, Some(world.now()));
    let text = String::from_utf8(report.content.unwrap().to_vec()).unwrap();
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|line| line.len() == 22), "{text}");
    assert_eq!(lines[1][..2], ["<root_account>", "arn:aws:iam::111111111111:root"]);
    assert_eq!(lines[2][0], "ann");
    let now = "2026-01-02T00:00:00+00:00";
    assert_eq!(lines[2][8..13], ["true", now, now, "eu-west-1", "ecs"]);
    assert_eq!(lines[2][13], "false");
    world.advance(4 * 3600);
    let old = world.root::<api::GetCredentialReport>(Default::default()).await.err().unwrap();
    assert!(old.starts_with("ReportExpired: "), "{old}");
}

/// What clients look for before they delete a user: there are none of these, and that is said truly.
#[tokio::test]
async fn what_cannot_be_made_is_not_there() {
    let world = World::new();
    world.user("ann", "").await;
    let ann = || Some("ann".to_owned());
    let mfa = api::ListMFADevicesRequest { user_name: ann(), ..Default::default() };
    assert!(world.root::<api::ListMFADevices>(mfa).await.unwrap().mfa_devices.is_empty());
    let keys = api::ListSSHPublicKeysRequest { user_name: ann(), ..Default::default() };
    assert!(world.root::<api::ListSSHPublicKeys>(keys).await.unwrap().ssh_public_keys.unwrap().is_empty());
    let unknown = api::ListSigningCertificatesRequest { user_name: Some("bob".into()), ..Default::default() };
    assert_eq!(
        world.root::<api::ListSigningCertificates>(unknown).await.err().unwrap(),
        "NoSuchEntity: The user with name bob cannot be found."
    );
    let profile = api::DeleteLoginProfileRequest { user_name: ann() };
    assert_eq!(
        world.root::<api::DeleteLoginProfile>(profile).await.err().unwrap(),
        "NoSuchEntity: Login Profile for User ann cannot be found."
    );
}

#[tokio::test]
async fn the_password_policy_is_kept() {
    let world = World::new();
    let none = world.root::<api::GetAccountPasswordPolicy>(Default::default()).await.err().unwrap();
    assert_eq!(none, "NoSuchEntity: The Password Policy with domain name 111111111111 cannot be found.");
    let update = api::UpdateAccountPasswordPolicyRequest {
        minimum_password_length: Some(12),
        max_password_age: Some(90),
        ..Default::default()
    };
    world.root::<api::UpdateAccountPasswordPolicy>(update).await.unwrap();
    let policy =
        world.root::<api::GetAccountPasswordPolicy>(Default::default()).await.unwrap().password_policy;
    assert_eq!((policy.minimum_password_length, policy.expire_passwords), (Some(12), Some(true)));
    assert_eq!((policy.require_symbols, policy.hard_expiry), (Some(false), None));
    world.root::<api::DeleteAccountPasswordPolicy>(Default::default()).await.unwrap();
    assert!(world.root::<api::DeleteAccountPasswordPolicy>(Default::default()).await.is_err());
}

#[tokio::test]
async fn services_that_were_used_are_reported() {
    let world = World::new();
    let partly = r#""Effect":"Allow","Action":"ecs:Describe*","Resource":"arn:aws:ecs:us-east-1:111111111111:cluster/a"},
        {"Effect":"Allow","Action":["ecr:*","kms:Decrypt"],"Resource":"*"},
        {"Effect":"Deny","Action":"kms:*","Resource":"*""#;
    let key = world.user("ann", partly).await;
    used(&world, &key, None, "ecs", "eu-west-1").await;
    world.iam.write_uses(world.now(), true).await.unwrap();
    world.advance(10);
    used(&world, &key, None, "ecs", "us-east-1").await;

    let arn = "arn:aws:iam::111111111111:user/ann".to_owned();
    let ask =
        |arn: &str| api::GenerateServiceLastAccessedDetailsRequest { arn: arn.into(), granularity: None };
    let job = world.root::<api::GenerateServiceLastAccessedDetails>(ask(&arn)).await.unwrap().job_id.unwrap();
    let get =
        api::GetServiceLastAccessedDetailsRequest { job_id: job.clone(), max_items: None, marker: None };
    let report = world.root::<api::GetServiceLastAccessedDetails>(get).await.unwrap();
    assert_eq!(report.job_status, "COMPLETED");
    let services: Vec<_> = report
        .services_last_accessed
        .iter()
        .map(|service| {
            (&*service.service_namespace, service.last_authenticated, service.total_authenticated_entities)
        })
        .collect();
    assert_eq!(services, [("ecr", None, Some(0)), ("ecs", Some(world.now()), Some(1))]);
    assert_eq!(report.services_last_accessed[1].last_authenticated_entity.as_deref(), Some(&*arn));
    let entities = api::GetServiceLastAccessedDetailsWithEntitiesRequest {
        job_id: job,
        service_namespace: "ecs".into(),
        max_items: None,
        marker: None,
    };
    let entities = world.root::<api::GetServiceLastAccessedDetailsWithEntities>(entities).await.unwrap();
    assert_eq!(entities.entity_details_list[0].entity_info.name, "ann");
    let missing = ask("arn:aws:iam::111111111111:user/bob");
    let missing = world.root::<api::GenerateServiceLastAccessedDetails>(missing).await.err().unwrap();
    assert!(missing.starts_with("NoSuchEntity"), "{missing}");
}
