//! Who called what: LookupEvents and `gantry audit`.

use gantry_e2e::World;
use gantry_e2e::world::run;
use serde_json::Value;

#[test]
fn calls_are_recorded_without_secrets_and_over_a_crash() {
    let mut world = World::start();
    let aws = world.aws();
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"sts:AssumeRole"}]}"#;
    let create = ["iam", "create-role", "--role-name", "audited", "--assume-role-policy-document", trust];
    let role = aws.ok(&create)["Role"]["Arn"].as_str().expect("an ARN").to_owned();
    aws.ok(&["iam", "create-user", "--user-name", "ann"]);
    let policy =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:*","Resource":"*"}]}"#;
    let put = ["iam", "put-user-policy", "--user-name", "ann", "--policy-name", "p"];
    aws.ok(&[&put[..], &["--policy-document", policy]].concat());
    let key = aws.ok(&["iam", "create-access-key", "--user-name", "ann"]);
    let of_ann = |name: &str| key["AccessKey"][name].as_str().expect("text").to_owned();
    let ann = aws.with_keys(&of_ann("AccessKeyId"), &of_ann("SecretAccessKey"), None);
    let secret = ["secretsmanager", "create-secret", "--name", "s", "--secret-string", "hush-hush"];
    aws.ok(&secret);
    let made = ann.ok(&["sts", "assume-role", "--role-arn", &role, "--role-session-name", "me"]);
    let text = |name: &str| made["Credentials"][name].as_str().expect("text").to_owned();
    let session = aws.with_keys(&text("AccessKeyId"), &text("SecretAccessKey"), Some(&text("SessionToken")));
    session.refused(&["ecs", "list-clusters"]);
    // Whatever was answered is recorded.
    world.kill();
    world.up();

    let of = |key: &str, value: &str| -> Vec<Value> {
        let attribute = format!("AttributeKey={key},AttributeValue={value}");
        let found = aws.ok(&["cloudtrail", "lookup-events", "--lookup-attributes", &attribute]);
        found["Events"].as_array().expect("events").clone()
    };
    let denied = of("Username", "me").remove(0);
    let record: Value =
        serde_json::from_str(denied["CloudTrailEvent"].as_str().expect("text")).expect("JSON");
    assert_eq!(record["eventName"], "ListClusters");
    assert_eq!(record["errorCode"], "AccessDeniedException");
    assert_eq!(record["userIdentity"]["sessionContext"]["sessionIssuer"]["userName"], "audited");
    assert_eq!(record["sourceIPAddress"], "127.0.0.1");
    let created = of("ResourceType", "AWS::SecretsManager::Secret").remove(0);
    assert_eq!(created["EventName"], "CreateSecret");

    let shown = |arguments: &[&str]| -> String {
        let output = run(world.gantry().args(["--json", "audit"]).args(arguments));
        String::from_utf8(output.stdout).expect("text")
    };
    let all = shown(&[]);
    for hidden in ["hush-hush", &of_ann("SecretAccessKey"), &text("SecretAccessKey"), &text("SessionToken")] {
        assert!(!all.contains(hidden), "{all}");
    }
    assert!(all.contains("AssumeRole"), "{all}");
    assert_eq!(shown(&["--failed", "--what", "ecs:ListClusters", "--since", "1h"]).lines().count(), 1);
    assert_eq!(shown(&["--until", "1h"]), "");
}
