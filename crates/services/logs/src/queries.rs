//! Queries at work, in the background. What they found is written beside the events, and their rows say how far
//! they have come; so an answer outlives the process, and a query that did not is seen to have failed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gantry_base::{AccountId, Clock, Region, Timestamp};
use gantry_service::{Failure, Permit};
use gantry_store::{Db, Scan};
use tokio_util::sync::CancellationToken;

use crate::chunks::{Chunks, Forward, StreamId, Window};
use crate::insights::{self, Bounds, Record, Row, Run, Source};
use crate::tables::{Group, QUERIES, Query, QueryStatus, STREAMS, Statistics, query_key, streams_key};

/// How long a query may take.
const TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// How often a query at work says that it is.
const ALIVE: Duration = Duration::from_secs(5);

/// After so long without a word a query was lost with the process that ran it.
const LOST: Duration = Duration::from_secs(30);

/// How long queries are remembered.
pub const KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How many queries of an account may be at work in a region.
pub const MAX_CONCURRENT: usize = 30;

/// How much memory a query may take, in bytes.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// How many events are looked at before others get their turn.
const TURN: u64 = 256;

/// How large a page of results becomes, in bytes before it is compressed.
const PAGE_BYTES: usize = 256 * 1024;

/// The queries at work in this process.
#[derive(Clone)]
pub struct Queries {
    db: Db,
    chunks: Chunks,
    clock: Arc<dyn Clock>,
    stops: Arc<Mutex<HashMap<String, CancellationToken>>>,
}

/// A query that is to be run.
pub struct Task {
    pub account: AccountId,
    pub region: Region,
    pub row: Query,
    pub query: insights::Query,
    pub groups: Vec<Group>,
    /// Which events it reads, by their times in milliseconds.
    pub window: Window,
    /// How many rows it answers at most.
    pub limit: usize,
}

enum Ended {
    Complete,
    Cancelled,
    Timeout,
    Failed(String),
}

impl Queries {
    pub fn new(db: Db, chunks: Chunks, clock: Arc<dyn Clock>) -> Queries {
        Queries { db, chunks, clock, stops: Arc::default() }
    }

    /// Runs a query whose row was written, by the permit that let it begin.
    pub fn begin(&self, task: Task, permit: Permit) {
        let stop = CancellationToken::new();
        let id = task.row.id.clone();
        self.stops().insert(id.clone(), stop.clone());
        let queries = self.clone();
        tokio::spawn(async move {
            if let Err(failure) = queries.run(task, &permit, stop).await {
                tracing::warn!(query = id, ?failure, "a query could not say how it ended");
            }
            queries.stops().remove(&id);
        });
    }

    /// Ends a query's work, if it is this process that runs it.
    pub fn stop(&self, id: &str) {
        if let Some(stop) = self.stops().get(id) {
            stop.cancel();
        }
    }

    fn stops(&self) -> std::sync::MutexGuard<'_, HashMap<String, CancellationToken>> {
        self.stops.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run(&self, task: Task, permit: &Permit, stop: CancellationToken) -> Result<(), Failure> {
        let mut statistics = Statistics::default();
        let mut run = Run::new(&task.query, Bounds { rows: task.limit, bytes: MAX_BYTES });
        let ended = {
            let scan = self.scan(&task, &mut run, &mut statistics, permit);
            tokio::select! {
                () = stop.cancelled() => Ended::Cancelled,
                () = tokio::time::sleep(TIMEOUT) => Ended::Timeout,
                ended = scan => ended.unwrap_or_else(|failure| Ended::Failed(why(&failure))),
            }
        };
        statistics.matched = run.matched;
        let rows = match &ended {
            Ended::Complete | Ended::Cancelled | Ended::Timeout => run.finish(),
            Ended::Failed(_) => Vec::new(),
        };
        let pages = self.chunks.keep_results(permit, &task.row.id, &pages(rows)).await?;
        let status = match &ended {
            Ended::Complete => QueryStatus::Complete,
            Ended::Cancelled => QueryStatus::Cancelled,
            Ended::Timeout => QueryStatus::Timeout,
            Ended::Failed(_) => QueryStatus::Failed,
        };
        let reason = if let Ended::Failed(reason) = ended { Some(reason) } else { None };
        self.write(&task, permit, |row| Query {
            status,
            reason: reason.clone(),
            statistics,
            pages,
            ended_at: Some(self.clock.now()),
            ..row
        })
        .await?;
        Ok(())
    }

    /// Reads all events of the groups in the window, and gives them to the query.
    async fn scan(
        &self,
        task: &Task,
        run: &mut Run<'_>,
        statistics: &mut Statistics,
        permit: &Permit,
    ) -> Result<Ended, Failure> {
        let snapshot = self.chunks.snapshot().await?;
        let mut said = self.clock.now();
        for group in &task.groups {
            let expired = group.expired_before(self.clock.now()).map_or(0, |moment| moment.as_millis());
            let window = Window { from: task.window.from.max(expired), ..task.window };
            let streams = self.db.begin().peek_scan(&STREAMS, &streams_key(&group.id), Scan::all()).await?;
            for (_, stream) in streams {
                let id = StreamId { group: group.id.clone(), stream: stream.id.clone() };
                let source = Arc::new(Source {
                    log: format!("{}:{}", task.account, group.name),
                    group: group.name.clone(),
                    stream: stream.name,
                    rank: id.rank(),
                });
                let mut reader = Forward::new(snapshot.clone(), id, window, None);
                while let Some((_, event)) = reader.next().await? {
                    statistics.scanned += 1;
                    statistics.bytes += event.message.len() as u64;
                    if run.take(Record::of_event(source.clone(), event)).is_err() {
                        return Ok(Ended::Failed(insights::Exceeded.to_string()));
                    }
                    if statistics.scanned.is_multiple_of(TURN) {
                        tokio::task::yield_now().await;
                        if self.clock.now().since(said) >= ALIVE {
                            said = self.clock.now();
                            let so_far = Statistics { matched: run.matched, ..*statistics };
                            let say = |row| Query { statistics: so_far, alive_at: said, ..row };
                            if self.write(task, permit, say).await? != QueryStatus::Running {
                                return Ok(Ended::Cancelled);
                            }
                        }
                    }
                }
            }
        }
        Ok(Ended::Complete)
    }

    /// Changes the query's row; but its status only where nobody ended it meanwhile. Returns the status.
    async fn write(
        &self,
        task: &Task,
        permit: &Permit,
        change: impl Fn(Query) -> Query,
    ) -> Result<QueryStatus, Failure> {
        let key = query_key(task.account, &task.region, &task.row.id);
        loop {
            let mut tx = self.db.begin();
            let Some(row) = tx.get(&QUERIES, &key).await? else { return Ok(QueryStatus::Cancelled) };
            // Whoever stopped it has written so; what was found by then is added all the same.
            let status = row.status;
            let mut row = change(row);
            if status != QueryStatus::Running {
                row.status = status;
            }
            tx.put(&QUERIES, &key, &row);
            match tx.commit(permit).await {
                Err(gantry_store::StoreError::Conflict) => {}
                other => return Ok(other.map(|_| row.status)?),
            }
        }
    }
}

/// How a query is now: one that has been silent for too long has failed.
pub fn status(query: &Query, now: Timestamp) -> QueryStatus {
    match query.status {
        QueryStatus::Running if now.since(query.alive_at) > LOST => QueryStatus::Failed,
        status => status,
    }
}

/// Rows in pages that are not too large, as JSON.
fn pages(rows: Vec<Row>) -> Vec<Vec<u8>> {
    let mut pages = Vec::new();
    let mut page: Vec<Row> = Vec::new();
    let mut bytes = 0;
    for row in rows {
        let size = row.iter().map(|(name, value)| name.len() + value.len() + 8).sum::<usize>();
        if bytes + size > PAGE_BYTES && !page.is_empty() {
            pages.push(json(&page));
            (page, bytes) = (Vec::new(), 0);
        }
        bytes += size;
        page.push(row);
    }
    if !page.is_empty() {
        pages.push(json(&page));
    }
    pages
}

fn json(page: &[Row]) -> Vec<u8> {
    serde_json::to_vec(page).expect("rows are pairs of texts")
}

fn why(failure: &Failure) -> String {
    match failure {
        Failure::Answer(error) => error.to_string(),
        Failure::Denied(denial) => denial.to_string(),
        Failure::Conflict => "others wrote the same at the same time".to_owned(),
        Failure::Internal(why) => why.clone(),
    }
}
