//! One call in CloudTrail's form.
//!
//! Source of the fields: CloudTrail's record contents,
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>.

use std::collections::BTreeSet;

use gantry_base::{AccountId, Timestamp};
use gantry_service::audit::only_reads;
use gantry_service::{Cx, Finished, Principal};
use serde_json::{Map, Value, json};

const VERSION: &str = "1.11";

/// Parameters that name a resource, and the type that CloudTrail gives it: service, parameter, type.
const RESOURCES: &[(&str, &str, &str)] = &[
    ("iam", "roleName", "AWS::IAM::Role"),
    ("iam", "userName", "AWS::IAM::User"),
    ("iam", "groupName", "AWS::IAM::Group"),
    ("iam", "policyArn", "AWS::IAM::Policy"),
    ("iam", "policyName", "AWS::IAM::Policy"),
    ("iam", "accessKeyId", "AWS::IAM::AccessKey"),
    ("iam", "instanceProfileName", "AWS::IAM::InstanceProfile"),
    ("sts", "roleArn", "AWS::IAM::Role"),
    ("ecr", "repositoryName", "AWS::ECR::Repository"),
    ("ecs", "cluster", "AWS::ECS::Cluster"),
    ("ecs", "clusterName", "AWS::ECS::Cluster"),
    ("ecs", "family", "AWS::ECS::TaskDefinition"),
    ("ecs", "taskDefinition", "AWS::ECS::TaskDefinition"),
    ("ecs", "task", "AWS::ECS::Task"),
    ("ecs", "service", "AWS::ECS::Service"),
    ("ecs", "serviceName", "AWS::ECS::Service"),
    ("logs", "logGroupName", "AWS::Logs::LogGroup"),
    ("logs", "logStreamName", "AWS::Logs::LogStream"),
    ("secretsmanager", "secretId", "AWS::SecretsManager::Secret"),
    ("secretsmanager", "name", "AWS::SecretsManager::Secret"),
    ("ssm", "name", "AWS::SSM::Parameter"),
    ("kms", "keyId", "AWS::KMS::Key"),
    ("kms", "aliasName", "AWS::KMS::Alias"),
];

/// The accounts in whose trails a call belongs, first that of who called. What was refused is told to nobody else.
///
/// The owners of resources are told as well: [AWS](https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html)'s
/// `sharedEventID` binds the events of one call.
pub fn recipients(call: &Finished<'_>) -> Vec<AccountId> {
    let owner = |resource: &Value| resource["accountId"].as_str()?.parse().ok();
    let owners: Vec<AccountId> = resources(call).iter().filter_map(owner).collect();
    let caller = match (&call.cx.caller.principal, owners.first()) {
        // Nobody's own trail can have what the nameless ask for.
        (Principal::Anonymous, Some(owner)) => *owner,
        (principal, _) => principal.account().unwrap_or(call.cx.account),
    };
    let mut accounts = vec![caller];
    if call.error.is_none() {
        accounts.push(call.cx.account);
        accounts.extend(owners);
        if matches!(call.cx.caller.principal, Principal::Anonymous) {
            accounts.truncate(1);
        }
    }
    let mut seen = BTreeSet::new();
    accounts.retain(|account| seen.insert(*account));
    accounts
}

/// The event of a call, for one of those in whose trail it belongs; `shared` binds it to the others' events.
pub fn of(call: &Finished<'_>, event_id: &str, recipient: AccountId, shared: Option<&str>) -> Value {
    let cx = call.cx;
    let mut event = json!({
        "eventVersion": VERSION,
        "userIdentity": identity(cx),
        "eventTime": seconds(cx),
        "eventSource": format!("{}.amazonaws.com", call.service),
        "eventName": call.operation,
        "awsRegion": region(call),
        "sourceIPAddress": cx.origin.source_ip.map_or("AWS Internal".to_owned(), |address| address.to_string()),
        "userAgent": cx.origin.user_agent,
    });
    if let Some((code, message)) = call.error {
        event["errorCode"] = code.into();
        event["errorMessage"] = message.into();
    }
    event["requestParameters"] = filled(&call.request);
    event["responseElements"] = filled(&call.response);
    event["requestID"] = (*cx.request_id).into();
    event["eventID"] = event_id.into();
    event["readOnly"] = only_reads(call.service, call.operation).into();
    let resources = resources(call);
    if !resources.is_empty() {
        event["resources"] = resources.into();
    }
    event["eventType"] = "AwsApiCall".into();
    event["managementEvent"] = true.into();
    event["recipientAccountId"] = recipient.to_string().into();
    if let Some(shared) = shared {
        event["sharedEventID"] = shared.into();
    }
    event["eventCategory"] = "Management".into();
    event
}

/// CloudTrail's times have no fractions.
fn seconds(cx: &Cx) -> String {
    let whole = cx.now.as_millis().div_euclid(1000) * 1000;
    Timestamp::from_millis(whole).to_string().replace(".000Z", "Z")
}

/// IAM has one place in each partition, and its events are there; all others are where they were asked for.
fn region(call: &Finished<'_>) -> String {
    match call.service {
        "iam" => call.cx.partition().global_region().to_string(),
        _ => call.cx.region.to_string(),
    }
}

fn filled(value: &Value) -> Value {
    match value {
        Value::Object(map) if map.is_empty() => Value::Null,
        other => other.clone(),
    }
}

fn identity(cx: &Cx) -> Value {
    let principal = &cx.caller.principal;
    let mut identity = Map::new();
    let mut put = |name: &str, value: String| identity.insert(name.to_owned(), value.into());
    let kind = match principal {
        Principal::Root { .. } => "Root",
        Principal::User { .. } => "IAMUser",
        Principal::AssumedRole { .. } => "AssumedRole",
        Principal::Federated { .. } => "WebIdentityUser",
        Principal::FederatedUser { .. } => "FederatedUser",
        Principal::Anonymous => "Unknown",
        Principal::Service { .. } => "AWSService",
        #[allow(unreachable_patterns, reason = "who else calls is named by their ARN")]
        _ => "Unknown",
    };
    put("type", kind.to_owned());
    if let Principal::Service { name } = principal {
        put("invokedBy", name.clone());
        return identity.into();
    }
    put("principalId", principal.user_id());
    put("arn", principal.arn());
    if let Some(account) = principal.account() {
        put("accountId", account.to_string());
    }
    if let Some(key) = &cx.key {
        put("accessKeyId", key.id.clone());
    }
    match principal {
        Principal::User { name, .. } => {
            put("userName", name.clone());
        }
        Principal::AssumedRole { account, role_arn, role_id, role_name, .. } => {
            let issuer = json!({
                "type": "Role", "principalId": role_id, "arn": role_arn,
                "accountId": account.to_string(), "userName": role_name,
            });
            let issued = cx.caller.keys.get("aws:TokenIssueTime").and_then(<[String]>::first);
            let attributes = json!({ "creationDate": issued, "mfaAuthenticated": "false" });
            let session = json!({ "sessionIssuer": issuer, "attributes": attributes });
            identity.insert("sessionContext".to_owned(), session);
        }
        _ => {}
    }
    identity.into()
}

/// What `Username` is in LookupEvents: a user's name, a session's name, `root`, or a service; of another account's, the ARN.
pub fn user_name(event: &Value) -> Option<String> {
    let identity = &event["userIdentity"];
    let text = |name: &str| identity[name].as_str().map(str::to_owned);
    if identity["accountId"].is_string() && identity["accountId"] != event["recipientAccountId"] {
        return text("arn");
    }
    match identity["type"].as_str()? {
        "Root" => Some("root".to_owned()),
        "AssumedRole" => text("arn")?.rsplit('/').next().map(str::to_owned),
        "AWSService" => text("invokedBy"),
        _ => text("userName").or_else(|| text("principalId")),
    }
}

/// The account in an ARN.
fn owner_of(name: &str) -> Option<AccountId> {
    name.strip_prefix("arn:")?.split(':').nth(3)?.parse().ok()
}

fn resources(call: &Finished<'_>) -> Vec<Value> {
    let Some(parameters) = call.request.as_object() else { return Vec::new() };
    // A secret's ARN has an end that no name tells.
    let made = call.response["aRN"].as_str().filter(|_| call.service == "secretsmanager");
    let registry = parameters.get("registryId").and_then(|id| id.as_str()?.parse().ok());
    let named = RESOURCES.iter().filter(|(service, ..)| *service == call.service);
    named
        .filter_map(|(_, parameter, kind)| {
            let name = parameters.get(*parameter)?.as_str()?;
            let account = owner_of(name).or(registry).unwrap_or(call.cx.account).to_string();
            let arn = made.unwrap_or(name);
            Some(json!({ "type": kind, "ARN": arn, "accountId": account }))
        })
        .collect()
}
