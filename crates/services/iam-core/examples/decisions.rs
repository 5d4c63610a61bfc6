//! How many decisions a second one core makes with 50 statements: `cargo run --release -p gantry-iam-core --example decisions`.

use std::sync::Arc;
use std::time::Instant;

use gantry_base::{AccountId, Timestamp};
use gantry_iam_core::{Caller, Context, Kind, Policy, Principal, Request, authorize};

/// Decisions that are measured.
const DECISIONS: u32 = 300_000;

fn main() {
    let statement = |number: u32| {
        let resource = format!("arn:aws:ecs:us-east-1:000000000000:cluster/team-{number}-*");
        format!(
            r#"{{"Effect":"Allow","Action":["ecs:Run*","ecs:Describe*"],"Resource":"{resource}","Condition":{{"StringEquals":{{"aws:RequestedRegion":"us-east-1"}}}}}}"#
        )
    };
    let statements: Vec<String> = (0..50).map(statement).collect();
    let document = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    let policy = Policy::parse(Kind::Identity, &document).expect("the document is well formed");
    let mut caller = Caller::new(Principal::User {
        account: AccountId::DEFAULT,
        arn: "arn:aws:iam::000000000000:user/ann".to_owned(),
        id: "AIDAAAAAAAAAAAAAAAAAA".to_owned(),
        name: "ann".to_owned(),
    });
    caller.policies.identity.push(Arc::new(policy));
    let context = Context::new().with("aws:RequestedRegion", "us-east-1").with("aws:SourceIp", "127.0.0.1");
    let now = Timestamp::from_secs(1_767_312_000);
    let began = Instant::now();
    let mut allowed = 0;
    for number in 0..DECISIONS {
        // The last statement decides, or none does.
        let team = if number % 2 == 0 { 49 } else { 50 };
        let resource = format!("arn:aws:ecs:us-east-1:000000000000:cluster/team-{team}-web");
        let request = Request {
            action: "ecs:RunTask",
            resource: &resource,
            resource_account: AccountId::DEFAULT,
            now,
            context: &context,
            told: None,
        };
        allowed += u32::from(authorize(&caller, None, &request).is_ok());
    }
    let rate = f64::from(DECISIONS) / began.elapsed().as_secs_f64();
    println!("{rate:.0} decisions a second with 50 statements, {allowed} of {DECISIONS} allowed");
}
