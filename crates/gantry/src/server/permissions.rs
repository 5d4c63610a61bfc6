//! Every operation that is served, on an empty Gantry in memory: what it needs to be allowed is what the table of
//! actions says.

use std::collections::BTreeMap;
use std::sync::Arc;

use gantry_base::{AccountId, Clock, Ids, ManualClock, Region, SeededIds, Timestamp};
use gantry_iam::Iam;
use gantry_iam_core::actions::{self, Action};
use gantry_iam_core::{DenyReason, Kind, Policy};
use gantry_service::{Caller, Cx, Failure, Handlers, Origin, Principal, Registry, Sealer};
use gantry_store::{Db, Kv, Redb};
use gantry_wire::Value;
use gantry_wire::model::{Kind as Shape, Model, Ref, ShapeId};

/// An empty Gantry, and the folders that it may write to.
struct Empty {
    handlers: Handlers,
    models: BTreeMap<&'static str, &'static Model>,
    folder: std::path::PathBuf,
}

impl Drop for Empty {
    fn drop(&mut self) {
        // What is left over lies in the folder for temporary files.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Empty {
    fn new() -> Empty {
        let folder = std::env::temp_dir().join(format!("gantry-permissions-{}", gantry_base::OsIds.uuid()));
        std::fs::create_dir_all(folder.join("blobs")).unwrap();
        let db = Db::new(Arc::new(Redb::in_memory().unwrap()));
        let events: Arc<dyn Kv> = Arc::new(Redb::in_memory().unwrap());
        let ids: Arc<dyn Ids> = Arc::new(SeededIds::new(7));
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(NOW));
        let sealer = Sealer::new(&[7; Sealer::KEY_LENGTH]);
        let handlers = Handlers::new();
        let iam = Iam::new(db.clone(), sealer.clone(), ids.clone());
        let trail = gantry_cloudtrail::Trail::open(&folder.join("audit"), Default::default()).unwrap();
        let ecr = gantry_ecr::Ecr::new(
            db.clone(),
            gantry_ecr::Blobs::local(&folder.join("blobs")).unwrap(),
            ids.clone(),
            sealer.clone(),
            gantry_ecr::Config::default(),
        );
        let efs = gantry_efs::Efs::new(db.clone(), ids.clone(), folder.join("efs"));
        let ecs = gantry_ecs::Ecs::new(gantry_ecs::Parts {
            db: db.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            siblings: handlers.clone(),
            roles: Arc::new(iam.clone()),
            file_systems: Arc::new(efs.clone()),
            buckets: Arc::new(gantry_objects::NoBuckets),
            activations: Arc::new(gantry_secrets::ssm::activation::Redeemer),
            sealer: sealer.clone(),
            config: gantry_ecs::Config {
                registry_url: "http://127.0.0.1:4566".to_owned(),
                registry_ports: vec![4566],
                domain: "localhost".to_owned(),
                task_endpoint_url: "http://169.254.170.2:4566".to_owned(),
                keep_stopped: gantry_ecs::loops::FORGET_AFTER,
                lost_after: gantry_ecs::loops::loss::LOST_AFTER,
                session_silence: gantry_node_proto::SILENCE,
            },
        });
        let acm = gantry_acm::Acm::new(db.clone(), ids.clone(), sealer.clone(), None);
        let elb = gantry_elb::Elb::new(gantry_elb::Parts {
            db: db.clone(),
            clock: Arc::new(ManualClock::at(NOW)),
            ids: ids.clone(),
            siblings: handlers.clone(),
            certificates: Arc::new(acm.clone()),
            buckets: Arc::new(gantry_objects::NoBuckets),
            domain: "localhost".to_owned(),
        });
        let mut registry = Registry::default();
        gantry_cloudtrail::register(&mut registry, &gantry_cloudtrail::Trails::alone(Arc::new(trail)));
        gantry_iam::register(&mut registry, &iam);
        efs.register(&mut registry);
        gantry_ec2::register(&mut registry, db.clone(), ids.clone(), None);
        gantry_kms::register(&mut registry, db.clone(), ids.clone(), sealer.clone());
        let roles = Arc::new(iam.clone());
        gantry_secrets::register(&mut registry, db.clone(), ids.clone(), sealer.clone(), roles);
        gantry_logs::register(&mut registry, db.clone(), events, ids.clone(), clock.clone());
        ecr.register(&mut registry);
        ecs.register(&mut registry);
        gantry_cloudmap::CloudMap::new(db.clone(), ids.clone()).register(&mut registry);
        acm.register(&mut registry);
        elb.register(&mut registry);
        handlers.open(registry);
        let models = gantry_api_catalog::all().into_iter().map(|model| (model.service, model.get()));
        Empty { handlers, models: models.collect(), folder }
    }

    /// Calls an operation as a user with one policy; the denial, if it is one.
    async fn call(&self, service: &str, operation: &str, policy: &str) -> Result<(), Failure> {
        let principal = Principal::User {
            account: AccountId::DEFAULT,
            arn: "arn:aws:iam::000000000000:user/ann".to_owned(),
            id: "AIDAAAAAAAAAAAAAAAAAA".to_owned(),
            name: "ann".to_owned(),
        };
        let mut caller = Caller::new(principal);
        caller.policies.identity.push(Arc::new(Policy::parse(Kind::Identity, policy).unwrap()));
        let cx = Cx {
            caller: Arc::new(caller),
            key: None,
            account: AccountId::DEFAULT,
            region: Region::default(),
            request_id: "r".into(),
            now: NOW,
            origin: Arc::new(Origin { secure: true, ..Origin::default() }),
            siblings: self.handlers.clone(),
        };
        let model = self.models[service];
        let input = model.operation(operation).unwrap().input;
        let decode = || Ok(input.map_or(Value::Struct(Vec::new()), |id| made_up(model, id, operation)));
        self.handlers.run(&cx, service, operation, decode).await.expect("it is served").map(drop)
    }
}

const NOW: Timestamp = Timestamp::from_secs(1_767_312_000);

/// An input with the members that the model requires, and those that an operation does not do without.
fn made_up(model: &Model, id: ShapeId, operation: &str) -> Value {
    let Shape::Struct(def) = &model.shape(id).kind else { return Value::Struct(Vec::new()) };
    let members = def.members.iter().zip(0u16..);
    let wanted = members.filter(|(member, _)| member.required || ALSO.contains(&(operation, member.name)));
    Value::Struct(wanted.map(|(member, at)| (at, value(model, &member.at, operation, member.name))).collect())
}

fn value(model: &Model, at: &Ref, operation: &str, name: &str) -> Value {
    match &model.shape(at.shape).kind {
        Shape::Struct(_) => made_up(model, at.shape, operation),
        Shape::List { item, .. } => Value::List(vec![value(model, item, operation, name)]),
        Shape::Map { value: of, .. } => Value::Map(vec![("k".to_owned(), value(model, of, operation, name))]),
        // Of what Systems Manager tags, parameters are served.
        Shape::String { values, .. } if values.contains(&"Parameter") => {
            Value::String("Parameter".to_owned())
        }
        Shape::String { values, .. } if !values.is_empty() => Value::String(values[0].to_owned()),
        Shape::String { .. } => Value::String(text(model.service, operation, name)),
        other => plain(other),
    }
}

/// A value of a kind that has no parts.
fn plain(kind: &Shape) -> Value {
    match kind {
        Shape::Boolean => Value::Bool(true),
        Shape::Integer { .. } | Shape::Long { .. } => Value::Int(1),
        Shape::Float { .. } | Shape::Double { .. } => Value::Float(1.0),
        Shape::Timestamp { .. } => Value::Time(NOW),
        Shape::Document => Value::Document(serde_json::Value::Null),
        _ => Value::Blob(vec![1].into()),
    }
}

/// Members that the model leaves open and the operation asks for.
const ALSO: [(&str, &str); 14] = [
    ("CreateGrant", "GranteePrincipal"),
    ("CreateGrant", "Operations"),
    ("CreateTags", "Resources"),
    ("CreateTags", "Tags"),
    ("DeleteTags", "Resources"),
    ("DescribeLogStreams", "logGroupName"),
    ("FilterLogEvents", "logGroupName"),
    ("GetLogEvents", "logGroupName"),
    ("GetLogGroupFields", "logGroupName"),
    ("GetTaskProtection", "tasks"),
    ("SetRulePriorities", "RuleArn"),
    ("StartQuery", "logGroupName"),
    ("TagResource", "key"),
    ("TagResource", "value"),
];

/// What decides is in a ciphertext, a grant, an upload or a token, so an empty Gantry can't show it; the service's own tests do.
const ELSEWHERE: [(&str, &str); 6] = [
    ("ecr", "CompleteLayerUpload"),
    ("ecr", "UploadLayerPart"),
    ("kms", "Decrypt"),
    ("kms", "ReEncrypt"),
    ("kms", "RetireGrant"),
    ("sts", "AssumeRoleWithWebIdentity"),
];

/// Something that reads as what a member of that name is for.
fn text(service: &str, operation: &str, name: &str) -> String {
    let document = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"sts:AssumeRole"}]}"#;
    let text = match (service, operation, name) {
        (_, _, "AssumeRolePolicyDocument") | (_, "UpdateAssumeRolePolicy", "PolicyDocument") => trust,
        (_, _, "PolicyDocument" | "PolicyInputList") => document,
        ("ecr", _, "resourceArn") => "arn:aws:ecr:us-east-1:000000000000:repository/xx",
        ("ecr", _, "imageDigest" | "layerDigest" | "layerDigests") => {
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        }
        ("ecs", _, "resourceArn") => "arn:aws:ecs:us-east-1:000000000000:cluster/default",
        ("ecs", _, "serviceDeploymentArn" | "serviceDeploymentArns") => {
            "arn:aws:ecs:us-east-1:000000000000:service-deployment/default/xx/AAAAAAAAAAAAAAAAAAAAA"
        }
        ("ecs", _, "serviceRevisionArns") => {
            "arn:aws:ecs:us-east-1:000000000000:service-revision/default/xx/1000000000000000000"
        }
        ("ecs", _, "task" | "tasks") => "00000000000000000000000000000000",
        ("efs", _, "FileSystemId" | "ResourceId") => "fs-01234567",
        ("efs", _, "ThroughputMode") => "bursting",
        ("acm", _, "CertificateArn") => {
            "arn:aws:acm:us-east-1:000000000000:certificate/00000000-0000-0000-0000-000000000000"
        }
        ("elbv2", _, "LoadBalancerArn" | "ResourceArns") => {
            "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/x/0000000000000000"
        }
        ("elbv2", _, "TargetGroupArn") => {
            "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/x/0000000000000000"
        }
        ("elbv2", _, "ListenerArn") => {
            "arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app/x/0000000000000000/0000000000000000"
        }
        ("elbv2", _, "RuleArn") => {
            "arn:aws:elasticloadbalancing:us-east-1:000000000000:listener-rule/app/x/0000000000000000/0000000000000000/0000000000000000"
        }
        ("iam", _, "OpenIDConnectProviderArn") => "arn:aws:iam::000000000000:oidc-provider/x.example.org",
        ("iam", _, "Url") => "https://x.example.org",
        ("iam", _, "PolicyArn" | "PermissionsBoundary") => "arn:aws:iam::000000000000:policy/x",
        ("iam", _, "PolicySourceArn") | ("iam", "GenerateServiceLastAccessedDetails", "Arn") => {
            "arn:aws:iam::000000000000:user/x"
        }
        ("iam", _, "ActionNames") => "ecs:RunTask",
        ("logs", _, "resourceArn") => "arn:aws:logs:us-east-1:000000000000:log-group:xx",
        ("kms", _, "GranteePrincipal") => "arn:aws:iam::000000000000:user/x",
        ("servicediscovery", _, "ResourceARN") => {
            "arn:aws:servicediscovery:us-east-1:000000000000:service/srv-xxxxxxxxxxxxxxxx"
        }
        ("sts", _, "RoleArn") => "arn:aws:iam::000000000000:role/xx",
        _ => "xx",
    };
    text.to_owned()
}

fn one(effect: &str, actions: &str, action: &str) -> String {
    format!(r#"{{"Effect":"{effect}","{actions}":"{action}","Resource":"*"}}"#)
}

fn document(statements: &[String]) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

fn denied(result: &Result<(), Failure>, action: &Action) -> Option<bool> {
    match result {
        Err(Failure::Denied(denial)) if Some(&*denial.action) == action.action => {
            Some(matches!(denial.reason, DenyReason::Explicit { .. }))
        }
        _ => None,
    }
}

#[tokio::test]
async fn each_operation_is_allowed_by_its_own_action_alone() {
    let empty = Empty::new();
    let all = document(&[one("Allow", "Action", "*")]);
    let mut wrong = Vec::new();
    for (service, operation) in empty.handlers.served() {
        let Some(row) = actions::find(service, operation) else {
            wrong.push(format!("{service}:{operation} does not stand in the table of actions"));
            continue;
        };
        if ELSEWHERE.contains(&(service, operation)) {
            continue;
        }
        let Some(action) = row.action else { continue };
        // A cluster to hang tags on and a role to assume; an earlier operation may have removed them.
        for (service, operation) in [("ecs", "CreateCluster"), ("iam", "CreateRole")] {
            let made = empty.call(service, operation, &all).await;
            assert!(!matches!(made, Err(Failure::Denied(_) | Failure::Internal(_))), "{made:?}");
        }
        let without = empty.call(service, operation, &document(&[one("Allow", "NotAction", action)])).await;
        if denied(&without, row) != Some(false) {
            wrong.push(format!("{action} is not needed: {without:?}"));
            continue;
        }
        let with = empty.call(service, operation, &document(&[one("Allow", "Action", action)])).await;
        if denied(&with, row).is_some() {
            wrong.push(format!("{action} is not enough: {with:?}"));
        }
        let statements = [one("Allow", "Action", "*"), one("Deny", "Action", action)];
        let explicitly = empty.call(service, operation, &document(&statements)).await;
        if denied(&explicitly, row) != Some(true) {
            wrong.push(format!("{action} is not denied: {explicitly:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_has_no_operation_that_nobody_serves() {
    let models: BTreeMap<_, _> =
        gantry_api_catalog::all().into_iter().map(|model| (model.service, model.get())).collect();
    for row in actions::all() {
        let op = models[row.service].operation(row.operation);
        assert!(op.is_some_and(|op| op.detailed), "{}:{}", row.service, row.operation);
    }
}
