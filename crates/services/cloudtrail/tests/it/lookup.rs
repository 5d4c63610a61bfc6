//! LookupEvents over recorded calls.

use std::sync::Arc;

use gantry_api_cloudtrail as api;
use gantry_base::{AccountId, Clock, ManualClock, SeededIds, Timestamp};
use gantry_cloudtrail::{Limits, Recorder, Trail, Trails};
use gantry_service::{AccessKey, Audit, Caller, Cx, Failure, Finished, Handlers, Origin, Registry};
use serde_json::{Value, json};
use tempfile::TempDir;

struct World {
    handlers: Handlers,
    recorder: Recorder,
    clock: Arc<ManualClock>,
    _folder: TempDir,
}

impl World {
    fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        let trail = Arc::new(Trail::open(folder.path(), Limits::default()).unwrap());
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(1_800_000_000_123)));
        let mut registry = Registry::default();
        gantry_cloudtrail::register(&mut registry, &Trails::alone(trail.clone()));
        let handlers = Handlers::new();
        handlers.open(registry);
        let recorder = Recorder { trail, clock: clock.clone(), ids: Arc::new(SeededIds::new(1)) };
        World { handlers, recorder, clock, _folder: folder }
    }

    fn root(&self, account: &str, region: &str) -> Cx {
        let account: AccountId = account.parse().unwrap();
        Cx {
            caller: Arc::new(Caller::root(account)),
            key: Some(Arc::new(AccessKey { id: "AKIAEXAMPLE".to_owned(), session_token: None })),
            account,
            region: region.parse().unwrap(),
            request_id: "request".into(),
            now: self.clock.now(),
            origin: Arc::new(Origin { source_ip: Some([10, 0, 0, 9].into()), ..Origin::default() }),
            siblings: self.handlers.clone(),
        }
    }

    async fn record(&self, cx: &Cx, operation: &str, error: Option<(&str, &str)>) {
        let (service, operation) = operation.split_once(':').unwrap();
        let request = json!({ "repositoryName": "web", "roleName": "web" });
        let call = Finished { cx, service, operation, request, response: Value::Null, error };
        self.recorder.record(call).await;
    }

    async fn lookup(&self, cx: &Cx, input: api::LookupEventsRequest) -> Result<Vec<api::Event>, String> {
        match self.handlers.call::<api::LookupEvents>(cx, input).await {
            Ok(found) => Ok(found.events.unwrap()),
            Err(Failure::Answer(error)) => Err(error.code.into_owned()),
            Err(other) => panic!("{other:?}"),
        }
    }

    async fn names(&self, cx: &Cx, key: &str, value: &str) -> Vec<String> {
        let attribute = api::LookupAttribute { attribute_key: key.into(), attribute_value: value.into() };
        let input = api::LookupEventsRequest {
            lookup_attributes: Some(vec![attribute]),
            ..api::LookupEventsRequest::default()
        };
        let found = self.lookup(cx, input).await.unwrap();
        found.into_iter().map(|event| event.event_name.unwrap()).collect()
    }
}

#[tokio::test]
async fn each_attribute_finds_its_own() {
    let world = World::new();
    let cx = world.root("000000000000", "us-east-1");
    world.record(&cx, "ecr:CreateRepository", None).await;
    world.record(&cx, "ecs:DescribeClusters", Some(("AccessDeniedException", "no"))).await;
    world.record(&cx, "iam:CreateRole", None).await;
    world.record(&cx, "logs:PutLogEvents", None).await;
    assert_eq!(world.names(&cx, "EventName", "CreateRole").await, ["CreateRole"]);
    assert_eq!(world.names(&cx, "EventSource", "ecr.amazonaws.com").await, ["CreateRepository"]);
    assert_eq!(world.names(&cx, "ReadOnly", "true").await, ["DescribeClusters"]);
    assert_eq!(world.names(&cx, "ReadOnly", "false").await, ["CreateRole", "CreateRepository"]);
    assert_eq!(world.names(&cx, "ResourceType", "AWS::ECR::Repository").await, ["CreateRepository"]);
    assert_eq!(world.names(&cx, "ResourceName", "web").await, ["CreateRole", "CreateRepository"]);
    assert_eq!(world.names(&cx, "AccessKeyId", "AKIAEXAMPLE").await.len(), 3);
    assert_eq!(world.names(&cx, "Username", "root").await.len(), 3);
    assert!(world.names(&cx, "Username", "roo").await.is_empty());
    let all = world.lookup(&cx, api::LookupEventsRequest::default()).await.unwrap();
    assert_eq!(all.len(), 3, "what containers say is not management");
    let id = all[1].event_id.clone().unwrap();
    assert_eq!(world.names(&cx, "EventId", &id).await, ["DescribeClusters"]);
    let record: Value = serde_json::from_str(all[1].cloud_trail_event.as_deref().unwrap()).unwrap();
    assert_eq!(record["eventTime"], "2027-01-15T08:00:00Z");
    assert_eq!(record["errorCode"], "AccessDeniedException");
    assert_eq!(record["sourceIPAddress"], "10.0.0.9");
    assert_eq!(record["userIdentity"]["type"], "Root");
    assert_eq!(record["userIdentity"]["arn"], "arn:aws:iam::000000000000:root");
}

#[tokio::test]
async fn accounts_and_regions_see_their_own() {
    let world = World::new();
    let here = world.root("000000000000", "eu-west-1");
    world.record(&here, "ecr:CreateRepository", None).await;
    world.record(&here, "iam:CreateRole", None).await;
    let names = async |cx: &Cx| -> Vec<String> {
        let found = world.lookup(cx, api::LookupEventsRequest::default()).await.unwrap();
        found.into_iter().map(|event| event.event_name.unwrap()).collect()
    };
    assert_eq!(names(&here).await, ["CreateRepository"]);
    // IAM has one place.
    assert_eq!(names(&world.root("000000000000", "us-east-1")).await, ["CreateRole"]);
    assert!(names(&world.root("111111111111", "eu-west-1")).await.is_empty());
}

#[tokio::test]
async fn pages_join_and_tokens_belong_to_their_listing() {
    let world = World::new();
    let cx = world.root("000000000000", "us-east-1");
    for _ in 0..7 {
        world.record(&cx, "ecr:CreateRepository", None).await;
    }
    let page = |token: Option<String>| api::LookupEventsRequest {
        max_results: Some(3),
        next_token: token,
        ..api::LookupEventsRequest::default()
    };
    let mut ids = Vec::new();
    let mut token = None;
    loop {
        let found = world.handlers.call::<api::LookupEvents>(&cx, page(token)).await.unwrap();
        ids.extend(found.events.unwrap().into_iter().map(|event| event.event_id.unwrap()));
        token = found.next_token;
        let Some(token) = &token else { break };
        let other = world.root("111111111111", "us-east-1");
        assert_eq!(
            world.lookup(&other, page(Some(token.clone()))).await.err().unwrap(),
            "InvalidNextTokenException"
        );
    }
    ids.dedup();
    assert_eq!(ids.len(), 7);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let world = World::new();
    let cx = world.root("000000000000", "us-east-1");
    let refused = async |input| world.lookup(&cx, input).await.err().unwrap();
    let empty = api::LookupEventsRequest::default;
    let too_many = api::LookupEventsRequest { max_results: Some(51), ..empty() };
    assert_eq!(refused(too_many).await, "InvalidMaxResultsException");
    let (start, end) = (Some(Timestamp::from_secs(2)), Some(Timestamp::from_secs(1)));
    let backwards = api::LookupEventsRequest { start_time: start, end_time: end, ..empty() };
    assert_eq!(refused(backwards).await, "InvalidTimeRangeException");
    let token = api::LookupEventsRequest { next_token: Some("x".to_owned()), ..empty() };
    assert_eq!(refused(token).await, "InvalidNextTokenException");
    let attribute = api::LookupAttribute { attribute_key: "EventName".into(), attribute_value: "a".into() };
    let two = Some(vec![attribute.clone(), attribute]);
    let two = api::LookupEventsRequest { lookup_attributes: two, ..empty() };
    assert_eq!(refused(two).await, "InvalidLookupAttributesException");
    let insight = api::LookupEventsRequest { event_category: Some("insight".to_owned()), ..empty() };
    assert_eq!(refused(insight).await, "InvalidEventCategoryException");
}

#[tokio::test]
async fn the_owner_of_what_was_reached_is_told_as_well() {
    let world = World::new();
    let (ann, owner) = (world.root("000000000000", "us-east-1"), world.root("111111111111", "us-east-1"));
    let secret = "arn:aws:secretsmanager:us-east-1:111111111111:secret:db-AbCdEf";
    let call = |error| Finished {
        cx: &ann,
        service: "secretsmanager",
        operation: "GetSecretValue",
        request: json!({ "secretId": secret }),
        response: Value::Null,
        error,
    };
    world.recorder.record(call(Some(("AccessDeniedException", "no")))).await;
    assert!(world.lookup(&owner, Default::default()).await.unwrap().is_empty(), "what was refused is not");
    world.recorder.record(call(None)).await;
    // A registry is asked for at its own host: the call is in the owner's account, the caller is not.
    let at_owners = Cx { account: owner.account, ..ann.clone() };
    let pull = Finished {
        cx: &at_owners,
        service: "ecr",
        operation: "BatchGetImage",
        request: json!({ "registryId": "111111111111", "repositoryName": "web" }),
        response: Value::Null,
        error: None,
    };
    world.recorder.record(pull).await;
    let (of_caller, of_owner) = (
        world.lookup(&ann, Default::default()).await.unwrap(),
        world.lookup(&owner, Default::default()).await.unwrap(),
    );
    assert_eq!((of_caller.len(), of_owner.len()), (3, 2));
    let whole = |event: &api::Event| -> Value {
        serde_json::from_str(event.cloud_trail_event.as_deref().unwrap()).unwrap()
    };
    for (mine, theirs) in of_caller.iter().zip(&of_owner) {
        assert_eq!(
            (mine.username.as_deref(), mine.event_name.as_ref()),
            (Some("root"), theirs.event_name.as_ref())
        );
        assert_eq!(theirs.username.as_deref(), Some("arn:aws:iam::000000000000:root"));
        let (mine, theirs) = (whole(mine), whole(theirs));
        assert!(mine["sharedEventID"].is_string());
        assert_eq!(mine["sharedEventID"], theirs["sharedEventID"]);
        assert_ne!(mine["eventID"], theirs["eventID"]);
    }
}

#[tokio::test]
async fn a_new_secret_is_named_by_its_arn() {
    let world = World::new();
    let cx = world.root("000000000000", "us-east-1");
    let arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:prod/db-AbCdEf";
    let call = Finished {
        cx: &cx,
        service: "secretsmanager",
        operation: "CreateSecret",
        request: json!({ "name": "prod/db" }),
        response: json!({ "aRN": arn, "name": "prod/db" }),
        error: None,
    };
    world.recorder.record(call).await;
    let found = world.lookup(&cx, Default::default()).await.unwrap().remove(0);
    assert_eq!(found.resources.unwrap()[0].resource_name.as_deref(), Some(arn));
    for name in [arn, "prod/db"] {
        assert_eq!(world.names(&cx, "ResourceName", name).await, ["CreateSecret"], "{name}");
    }
    assert!(world.names(&cx, "ResourceName", "prod").await.is_empty());
}
