//! Who wins when policies meet.

use gantry_base::Authority;
use gantry_iam_core::{Caller, Context, Principal};

use crate::world::*;

const CLUSTER: &str = "arn:aws:ecs:us-east-1:111111111111:cluster/web";
const ROLE: &str = "arn:aws:iam::111111111111:role/path/app";
const ALLOW_ALL: &str = r#""Effect":"Allow","Action":"*","Resource":"*""#;

fn why(result: Result<gantry_iam_core::Permit, gantry_iam_core::Denial>) -> String {
    match result {
        Ok(permit) => permit.describe(),
        Err(denial) => denial.to_string(),
    }
}

#[test]
fn nothing_is_allowed_by_default() {
    let caller = carrying(user("ann"), []);
    assert_eq!(
        why(ask(&caller, None, "ecs:RunTask", CLUSTER)),
        "User: arn:aws:iam::111111111111:user/team/ann is not authorized to perform: ecs:RunTask on resource: \
         arn:aws:ecs:us-east-1:111111111111:cluster/web because no identity-based policy allows the ecs:RunTask action"
    );
    assert_eq!(
        why(ask(&caller, None, "ecs:ListClusters", "*")),
        "User: arn:aws:iam::111111111111:user/team/ann is not authorized to perform: ecs:ListClusters on resource: * because no \
         identity-based policy allows the ecs:ListClusters action"
    );
}

#[test]
fn what_is_allowed_is_proved() {
    let caller = carrying(role("app"), [identity(ALLOW_ALL)]);
    let permit = ask(&caller, None, "ecs:RunTask", CLUSTER).unwrap();
    assert_eq!(
        permit.describe(),
        format!("arn:aws:sts::111111111111:assumed-role/app/s1 may ecs:RunTask on {CLUSTER}")
    );
}

#[test]
fn an_explicit_deny_wins_wherever_it_stands() {
    let deny = r#""Sid":"No","Effect":"Deny","Action":"ecs:Run*","Resource":"*""#;
    let mut caller = carrying(user("ann"), [identity(ALLOW_ALL), identity(deny)]);
    assert!(
        why(ask(&caller, None, "ecs:RunTask", CLUSTER))
            .ends_with("with an explicit deny in an identity-based policy")
    );
    assert!(ask(&caller, None, "ecs:StopTask", CLUSTER).is_ok());

    caller.policies.identity.pop();
    caller.policies.boundary = Some(identity(deny));
    assert!(
        why(ask(&caller, None, "ecs:RunTask", CLUSTER))
            .ends_with("with an explicit deny in a permissions boundary")
    );

    let policy = resource(r#""Effect":"Deny","Principal":"*","Action":"ecs:RunTask""#);
    let root = Caller::root(account(HOME));
    assert!(ask(&root, None, "ecs:RunTask", CLUSTER).is_ok());
    assert!(
        why(ask(&root, Some(&policy), "ecs:RunTask", CLUSTER))
            .ends_with("with an explicit deny in a resource-based policy")
    );
}

#[test]
fn a_denial_names_the_managed_policy_and_the_statement() {
    let deny = identity(r#""Sid":"No","Effect":"Deny","Action":"*","Resource":"*""#);
    let named = (*deny).clone().named("arn:aws:iam::111111111111:policy/strict");
    let denial = ask(&carrying(user("ann"), [named.into()]), None, "ecs:RunTask", "*").unwrap_err();
    assert!(
        denial.to_string().ends_with("in an identity-based policy: arn:aws:iam::111111111111:policy/strict")
    );
    let gantry_iam_core::DenyReason::Explicit { statement, .. } = denial.reason else { panic!() };
    assert_eq!(&*statement, "No");
}

#[test]
fn boundary_and_session_both_narrow() {
    let runs = r#""Effect":"Allow","Action":"ecs:RunTask","Resource":"*""#;
    let mut caller = carrying(role("app"), [identity(ALLOW_ALL)]);
    caller.policies.boundary = Some(identity(runs));
    assert!(ask(&caller, None, "ecs:RunTask", CLUSTER).is_ok());
    assert!(
        why(ask(&caller, None, "ecs:StopTask", CLUSTER))
            .ends_with("because no permissions boundary allows the ecs:StopTask action")
    );
    caller.policies.boundary = None;
    caller.policies.session = vec![identity(runs)];
    assert!(
        why(ask(&caller, None, "ecs:StopTask", CLUSTER))
            .ends_with("because no session policy allows the ecs:StopTask action")
    );
    caller.policies.identity.clear();
    assert!(ask(&caller, None, "ecs:RunTask", CLUSTER).is_err(), "a session policy alone grants nothing");
}

#[test]
fn within_the_account_a_resource_policy_is_enough() {
    let none = carrying(user("ann"), []);
    let by_arn = resource(
        r#""Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:user/team/ann"},"Action":"ecr:*""#,
    );
    assert!(ask(&none, Some(&by_arn), "ecr:BatchGetImage", "*").is_ok());
    assert!(ask(&carrying(user("bob"), []), Some(&by_arn), "ecr:BatchGetImage", "*").is_err());

    let by_account = resource(r#""Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"ecr:*""#);
    assert!(
        ask(&none, Some(&by_account), "ecr:BatchGetImage", "*").is_err(),
        "the account's policies decide"
    );
}

#[test]
fn naming_a_role_leaves_its_boundary_in_force_but_naming_the_session_does_not() {
    let mut caller = carrying(role("app"), []);
    caller.policies.boundary = Some(identity(r#""Effect":"Allow","Action":"s3:*","Resource":"*""#));
    let by_role = resource(&format!(r#""Effect":"Allow","Principal":{{"AWS":"{ROLE}"}},"Action":"ecr:*""#));
    assert!(
        why(ask(&caller, Some(&by_role), "ecr:BatchGetImage", "*"))
            .ends_with("because no permissions boundary allows the ecr:BatchGetImage action")
    );
    let by_session = resource(
        r#""Effect":"Allow","Principal":{"AWS":"arn:aws:sts::111111111111:assumed-role/app/s1"},"Action":"ecr:*""#,
    );
    assert!(ask(&caller, Some(&by_session), "ecr:BatchGetImage", "*").is_ok());
}

#[test]
fn another_accounts_resource_takes_both_sides() {
    let theirs = "arn:aws:ecr:us-east-1:222222222222:repository/x";
    let ask = |caller: &Caller, policy| {
        why(ask_of(AWAY, caller, policy, "ecr:BatchGetImage", theirs, &Context::new()))
    };
    let able = carrying(user("ann"), [identity(ALLOW_ALL)]);
    let open = resource(r#""Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"ecr:*""#);
    assert!(ask(&able, Some(&open)).contains(" may "));
    assert!(
        ask(&able, None).ends_with("because no resource-based policy allows the ecr:BatchGetImage action")
    );
    let unable = carrying(user("ann"), []);
    assert!(
        ask(&unable, Some(&open))
            .ends_with("because no identity-based policy allows the ecr:BatchGetImage action")
    );
    let root = Caller::root(account(HOME));
    assert!(ask(&root, Some(&open)).contains(" may "));
    assert!(ask(&root, None).contains("no resource-based policy"));
}

#[test]
fn a_trust_policy_must_allow_even_at_home() {
    let able = carrying(user("ann"), [identity(ALLOW_ALL)]);
    let closed = trust(
        r#""Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole""#,
    );
    assert!(
        why(ask(&able, Some(&closed), "sts:AssumeRole", ROLE))
            .ends_with("because no role trust policy allows the sts:AssumeRole action")
    );
    let tasks = Caller::new(service("ecs-tasks.amazonaws.com"));
    assert!(ask(&tasks, Some(&closed), "sts:AssumeRole", ROLE).is_ok());
    let other = Caller::new(service("ecs.amazonaws.com"));
    assert!(ask(&other, Some(&closed), "sts:AssumeRole", ROLE).is_err());

    let delegated = trust(
        r#""Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"sts:AssumeRole""#,
    );
    assert!(ask(&able, Some(&delegated), "sts:AssumeRole", ROLE).is_ok());
    assert!(ask(&carrying(user("ann"), []), Some(&delegated), "sts:AssumeRole", ROLE).is_err());
    let denying = trust(r#""Effect":"Deny","Principal":"*","Action":"sts:AssumeRole""#);
    assert!(
        why(ask(&able, Some(&denying), "sts:AssumeRole", ROLE))
            .ends_with("with an explicit deny in the role trust policy")
    );
}

#[test]
fn another_of_the_same_name_is_not_meant() {
    let ann = "arn:aws:iam::111111111111:user/team/ann";
    let policy =
        resource(&format!(r#""Effect":"Allow","Principal":{{"AWS":["{ann}","222222222222"]}},"Action":"*""#));
    let caller = carrying(user("ann"), []);
    assert_eq!(policy.named_principals().collect::<Vec<_>>(), [ann]);
    assert!(ask(&caller, Some(&policy), "ecr:BatchGetImage", "*").is_ok());
    let Principal::User { id, .. } = &caller.principal else { panic!("ann is a user") };
    for (meant, may) in [(id.as_str(), true), ("AIDAEARLIER", false)] {
        let policy = policy.clone().meaning(&[(ann.to_owned(), meant.to_owned())].into());
        assert_eq!(ask(&caller, Some(&policy), "ecr:BatchGetImage", "*").is_ok(), may, "{meant}");
    }
}

#[test]
fn a_service_acts_by_its_own_policies_or_the_resources() {
    let bare = Caller::new(service("ecs.amazonaws.com"));
    assert!(ask(&bare, None, "ec2:CreateNetworkInterface", "*").is_err());
    let linked = Caller::service("ecs.amazonaws.com", vec![identity(ALLOW_ALL)]);
    assert!(ask(&linked, None, "ec2:CreateNetworkInterface", "*").is_ok());
}

#[test]
fn not_principal_denies_all_but_the_named() {
    let policy = resource(
        r#""Effect":"Deny","NotPrincipal":{"AWS":["arn:aws:iam::111111111111:user/team/ann","111111111111"]},"Action":"*""#,
    );
    let ann = carrying(user("ann"), [identity(ALLOW_ALL)]);
    let bob = carrying(user("bob"), [identity(ALLOW_ALL)]);
    assert!(ask(&ann, Some(&policy), "ecr:BatchGetImage", "*").is_ok());
    assert!(ask(&bob, Some(&policy), "ecr:BatchGetImage", "*").is_err());
    assert!(ask(&Caller::root(account(HOME)), Some(&policy), "ecr:BatchGetImage", "*").is_ok());
}

#[test]
fn not_action_and_not_resource_turn_the_list_around() {
    let caller = carrying(
        user("ann"),
        [identity(
            r#""Effect":"Allow","NotAction":["iam:*"],"NotResource":["arn:aws:ecs:*:*:cluster/secret*"]"#,
        )],
    );
    assert!(ask(&caller, None, "ECS:runtask", CLUSTER).is_ok(), "actions have no case");
    assert!(ask(&caller, None, "iam:GetRole", ROLE).is_err());
    let secret = "arn:aws:ecs:us-east-1:111111111111:cluster/secret1";
    assert!(ask(&caller, None, "ecs:RunTask", secret).is_err());
}

#[test]
fn a_variable_without_a_value_never_widens() {
    let own = r#""Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::home/${aws:username}/*""#;
    let not_own = r#""Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::home/${aws:username}/*""#;
    let not_equal = r#""Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":{"aws:userid":"${aws:username}"}}"#;
    let object = "arn:aws:s3:::home/ann/x";
    assert!(ask(&carrying(user("ann"), [identity(own)]), None, "s3:GetObject", object).is_ok());
    assert!(ask(&carrying(user("bob"), [identity(own)]), None, "s3:GetObject", object).is_err());
    for policy in [own, not_own, not_equal] {
        assert!(ask(&carrying(role("app"), [identity(policy)]), None, "s3:GetObject", object).is_err());
    }
    let deny = r#""Effect":"Deny","Action":"s3:*","NotResource":"arn:aws:s3:::home/${aws:username}/*""#;
    let caller = carrying(role("app"), [identity(ALLOW_ALL), identity(deny)]);
    assert!(ask(&caller, None, "s3:GetObject", object).is_err());
}

#[test]
fn a_request_cannot_claim_what_authentication_knows() {
    let tagged = identity(
        r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"blue"}}"#,
    );
    let mut caller = carrying(user("ann"), [tagged]);
    let claimed = Context::new().with("aws:PrincipalTag/team", "blue");
    assert!(ask_of(HOME, &caller, None, "ecs:RunTask", "*", &claimed).is_err());
    caller.keys.set("aws:PrincipalTag/team", "blue");
    assert!(ask(&caller, None, "ecs:RunTask", "*").is_ok());

    let by_arn = identity(
        r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/*"}}"#,
    );
    let caller = carrying(user("ann"), [by_arn.clone()]);
    let claimed = Context::new().with("aws:PrincipalArn", ROLE);
    assert!(ask_of(HOME, &caller, None, "ecs:RunTask", "*", &claimed).is_err());
    assert!(ask(&carrying(role("app"), [by_arn]), None, "ecs:RunTask", "*").is_ok());
}

#[test]
fn a_role_is_passed_within_its_account_only() {
    let caller = carrying(user("ann"), [identity(r#""Effect":"Allow","Action":"*","Resource":"*""#)]);
    let denied =
        ask_of(AWAY, &caller, None, "iam:PassRole", "arn:aws:iam::222222222222:role/app", &Context::new());
    assert_eq!(denied.unwrap_err().to_string(), "Cross-account pass role is not allowed.");
    assert!(ask(&caller, None, "iam:PassRole", "arn:aws:iam::111111111111:role/app").is_ok());
}

#[test]
fn a_deciding_policy_is_the_root_of_access() {
    let key = "arn:aws:kms:us-east-1:111111111111:key/1";
    let administrator = carrying(user("ann"), [identity(ALLOW_ALL)]);
    let named = resource(
        r#""Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:role/path/app"},"Action":"kms:*","Resource":"*""#,
    );
    assert!(ask(&administrator, Some(&named), "kms:Decrypt", key).is_ok(), "an ordinary policy only adds");
    let named = named.deciding();
    assert!(
        why(ask(&administrator, Some(&named), "kms:Decrypt", key))
            .ends_with("because no resource-based policy allows the kms:Decrypt action")
    );
    assert!(ask(&Caller::root(account(HOME)), Some(&named), "kms:Decrypt", key).is_err());
    assert!(ask(&carrying(role("app"), []), Some(&named), "kms:Decrypt", key).is_ok());
    let delegated =
        resource(r#""Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"kms:*","Resource":"*""#)
            .deciding();
    assert!(ask(&administrator, Some(&delegated), "kms:Decrypt", key).is_ok());
    assert!(
        why(ask(&carrying(user("ann"), []), Some(&delegated), "kms:Decrypt", key))
            .ends_with("because no identity-based policy allows the kms:Decrypt action")
    );
}
