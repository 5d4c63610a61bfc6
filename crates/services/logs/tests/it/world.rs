//! A store in memory, a clock that is moved by hand, and callers.

use std::sync::Arc;
use std::time::Duration;

use gantry_api_logs as api;
use gantry_base::{AccountId, Clock, ManualClock, SeededIds, Timestamp};
use gantry_iam_core::policy::{Kind, Policy};
use gantry_logs::loops::{LogGarbage, LogMerging, LogQueries, LogRetention};
use gantry_reconcile::{Loop, Next, Runner};
use gantry_service::{
    Caller, Cx, Failure, Handlers, LogPosition, Origin, OutputBatch, OutputEvent, OutputPut, PutOutput,
    Registry,
};
use gantry_store::{Db, Kv, Order, Range, Redb};
use gantry_wire::{ApiError, Operation};

pub struct World {
    pub handlers: Handlers,
    clock: Arc<ManualClock>,
    db: Db,
    events: Arc<dyn Kv>,
}

impl World {
    pub fn new() -> World {
        let db = Db::new(Arc::new(Redb::in_memory().unwrap()));
        let events: Arc<dyn Kv> = Arc::new(Redb::in_memory().unwrap());
        let mut registry = Registry::default();
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_800_000_000)));
        let ids = Arc::new(SeededIds::new(7));
        gantry_logs::register(&mut registry, db.clone(), events.clone(), ids, clock.clone());
        let handlers = Handlers::new();
        handlers.open(registry);
        World { handlers, clock, db, events }
    }

    /// A world with the group `g` and the stream `s`.
    pub async fn with_stream() -> World {
        let world = World::new();
        world.ok::<api::CreateLogGroup>(group("g")).await;
        world.stream("s").await;
        world
    }

    pub async fn stream(&self, name: &str) {
        let input = api::CreateLogStreamRequest { log_group_name: "g".into(), log_stream_name: name.into() };
        self.ok::<api::CreateLogStream>(input).await;
    }

    /// The present in milliseconds.
    pub fn now(&self) -> i64 {
        self.clock.now().as_millis()
    }

    pub fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Runs a loop until it has nothing more to do now.
    async fn settle(&self, looped: impl Loop) {
        let runner = Runner::new(self.db.clone(), self.clock.clone(), Arc::new(SeededIds::new(1)));
        while runner.once(&looped).await.unwrap() == Next::Again {}
    }

    pub async fn merge(&self) {
        self.settle(LogMerging::new(self.events.clone())).await;
    }

    pub async fn expire(&self) {
        self.settle(LogRetention::new(self.db.clone(), self.events.clone())).await;
    }

    pub async fn forget_queries(&self) {
        self.settle(LogQueries::new(self.db.clone(), self.events.clone())).await;
    }

    /// The engine with the events.
    pub fn events(&self) -> Arc<dyn Kv> {
        self.events.clone()
    }

    pub async fn sweep(&self) {
        self.settle(LogGarbage::new(self.db.clone(), self.events.clone())).await;
    }

    /// How many keys the engine with the events has, of those that begin so.
    pub async fn keys(&self, prefix: &str) -> usize {
        self.events.range(Range::prefix(prefix), 1 << 20, Order::Ascending).await.unwrap().kvs.len()
    }

    fn cx(&self, caller: Caller, account: AccountId, region: &str) -> Cx {
        Cx {
            caller: Arc::new(caller),
            key: None,
            account,
            region: region.parse().unwrap(),
            request_id: "request".into(),
            now: self.clock.now(),
            origin: Arc::new(Origin::default()),
            siblings: self.handlers.clone(),
        }
    }

    /// The default account's root in us-east-1.
    pub fn root(&self) -> Cx {
        self.root_of("000000000000", "us-east-1")
    }

    pub fn root_of(&self, account: &str, region: &str) -> Cx {
        let account = account.parse().unwrap();
        self.cx(Caller::root(account), account, region)
    }

    /// A service that may do one action on one resource.
    pub fn limited(&self, action: &str, resource: &str) -> Cx {
        let json = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"}}}}"#
        );
        let policy = Arc::new(Policy::parse(Kind::Identity, &json).unwrap());
        self.cx(Caller::service("x.amazonaws.com", vec![policy]), AccountId::DEFAULT, "us-east-1")
    }

    pub async fn call<O: Operation>(&self, cx: &Cx, input: O::Input) -> Result<O::Output, Failure>
    where
        O::Input: Clone,
    {
        self.handlers.call::<O>(cx, input).await
    }

    /// What root's call answers.
    pub async fn ok<O: Operation>(&self, input: O::Input) -> O::Output
    where
        O::Input: Clone,
    {
        self.call::<O>(&self.root(), input).await.unwrap()
    }

    /// The error that root's call ends in.
    pub async fn refused<O: Operation>(&self, input: O::Input) -> ApiError
    where
        O::Input: Clone,
    {
        match self.call::<O>(&self.root(), input).await.map(|_| ()) {
            Err(Failure::Answer(error)) => error,
            other => panic!("an answered error was expected, not {other:?}"),
        }
    }

    /// Puts messages, each with its age in seconds, into a stream of `g`.
    pub async fn put(&self, stream: &str, events: &[(i64, &str)]) -> api::PutLogEventsResponse {
        let now = self.now();
        let event = |(age, message): &(i64, &str)| api::InputLogEvent {
            timestamp: now - age * 1000,
            message: (*message).into(),
        };
        self.ok::<api::PutLogEvents>(batch(stream, events.iter().map(event).collect())).await
    }

    /// The messages of a stream of `g`, from the head.
    pub async fn messages(&self, stream: &str) -> Vec<String> {
        let input = api::GetLogEventsRequest { start_from_head: Some(true), ..get(stream) };
        texts(self.ok::<api::GetLogEvents>(input).await)
    }

    /// Puts a part of a source's output, each message with its age in milliseconds (less than zero: ago), into `s`.
    pub async fn put_output(
        &self,
        source: &str,
        part: std::ops::Range<u64>,
        events: &[(i64, &str)],
    ) -> Result<OutputPut, Failure> {
        self.put_output_as(&self.root(), source, part, events).await
    }

    pub async fn put_output_as(
        &self,
        cx: &Cx,
        source: &str,
        part: std::ops::Range<u64>,
        events: &[(i64, &str)],
    ) -> Result<OutputPut, Failure> {
        let mut buffer = String::new();
        let mut said = Vec::new();
        for (age, text) in events {
            let at = buffer.len();
            buffer.push_str(text);
            said.push(OutputEvent { timestamp: self.now() + age, message: at..buffer.len() });
        }
        let output = OutputBatch {
            group: "g".into(),
            stream: "s".into(),
            part: LogPosition { source: source.into(), from: part.start, to: part.end },
            buffer: buffer.into(),
            events: said,
        };
        self.handlers.call_within::<PutOutput>(cx, Arc::new(output)).await
    }

    /// All messages of a stream of `g`, page by page.
    pub async fn all_messages(&self, stream: &str) -> Vec<String> {
        let mut all = Vec::new();
        let mut next = None;
        loop {
            let input = api::GetLogEventsRequest {
                start_from_head: Some(true),
                next_token: next.clone(),
                ..get(stream)
            };
            let page = self.ok::<api::GetLogEvents>(input).await;
            let token = page.next_forward_token.clone();
            all.extend(texts(page));
            if token == next {
                return all;
            }
            next = token;
        }
    }

    /// What a filter finds, as `stream: message`.
    pub async fn find(&self, input: api::FilterLogEventsRequest) -> Vec<String> {
        let found = self.ok::<api::FilterLogEvents>(input).await.events.unwrap();
        found.into_iter().map(|e| format!("{}: {}", e.log_stream_name.unwrap(), e.message.unwrap())).collect()
    }
}

pub fn group(name: &str) -> api::CreateLogGroupRequest {
    api::CreateLogGroupRequest { log_group_name: name.into(), ..Default::default() }
}

pub fn batch(stream: &str, log_events: Vec<api::InputLogEvent>) -> api::PutLogEventsRequest {
    api::PutLogEventsRequest {
        log_group_name: "g".into(),
        log_stream_name: stream.into(),
        log_events,
        ..Default::default()
    }
}

pub fn get(stream: &str) -> api::GetLogEventsRequest {
    api::GetLogEventsRequest {
        log_group_name: Some("g".into()),
        log_stream_name: stream.into(),
        ..Default::default()
    }
}

pub fn filter(pattern: &str) -> api::FilterLogEventsRequest {
    api::FilterLogEventsRequest {
        log_group_name: Some("g".into()),
        filter_pattern: Some(pattern.into()),
        ..Default::default()
    }
}

pub fn texts(page: api::GetLogEventsResponse) -> Vec<String> {
    page.events.unwrap().into_iter().map(|event| event.message.unwrap()).collect()
}
