//! The replicas among themselves: each says in the store where it is found, and answers what others ask of its audit
//! trail.
//!
//! What they say to each other is sealed under the master key, which nobody else has. A question holds for a short
//! time, and only reads.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use gantry_base::{Clock, Timestamp};
use gantry_cloudtrail::Trails;
use gantry_cloudtrail::lookup::{Asked, Others};
use gantry_cloudtrail::trail::search::Place;
use gantry_cloudtrail::trail::{Page, Trail};
use gantry_gateway::{Answer, Local, REPLICAS, whole};
use gantry_service::Sealer;
use gantry_store::{Kv, LeaseId, Op, Order, Range, StoreError};
use http::{Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::{Deserialize, Serialize};

use super::state::State;

/// The keys of the replicas that are there, each bound to a lease; the value is where it is found.
const PREFIX: &str = "c/replica/";
/// How long after its last sign of life a replica counts as gone, and how often it gives one.
const TTL: Duration = Duration::from_secs(10);
const RENEWAL: Duration = Duration::from_secs(3);
/// The most replicas that are asked.
const REPLICAS_AT_MOST: usize = 64;
/// How long another replica may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How far clocks may differ from each other.
const SLACK: Duration = Duration::from_secs(60);
/// The most bytes of a question and of an answer.
const QUESTION: usize = 64 * 1024;
const PAGE: usize = 16 * 1024 * 1024;
/// The most events of an answer: a page of LookupEvents.
const EVENTS: usize = 50;

/// What a question and its answer are sealed for; the answer's has the question's number, so that none fits another.
const ASKING: &str = "replicas/trail/question";

fn answering(number: &str) -> String {
    format!("replicas/trail/answer/{number}")
}

/// A question to another replica's trail.
#[derive(Serialize, Deserialize)]
struct Question {
    number: String,
    at: Timestamp,
    asked: Asked,
    before: Option<Place>,
}

/// The other replicas, as this one knows them.
#[derive(Clone)]
pub struct Siblings {
    kv: Arc<dyn Kv>,
    sealer: Sealer,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn gantry_base::Ids>,
    name: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Siblings {
    /// Those who share this state with the replica of that name.
    pub fn new(state: &State, name: String) -> Siblings {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(Duration::from_secs(1)));
        Siblings {
            kv: state.engine.kv(),
            sealer: state.sealer.clone(),
            clock: state.clock.clone(),
            ids: state.ids.clone(),
            name,
            client: Client::builder(TokioExecutor::new()).build(connector),
        }
    }

    /// The trails of all replicas.
    pub fn trails(&self, own: &Arc<Trail>) -> Arc<Trails> {
        Arc::new(Trails { name: self.name.clone(), own: own.clone(), others: Some(Arc::new(self.clone())) })
    }

    /// Says where this replica is found, for as long as this runs.
    pub fn be_present(&self, address: String) -> impl Future<Output = ()> + Send + 'static {
        let (kv, key) = (self.kv.clone(), Bytes::from(format!("{PREFIX}{}", self.name)));
        async move {
            let mut lease: Option<LeaseId> = None;
            loop {
                let renewed = match lease {
                    Some(lease) => kv.lease_keep_alive(lease).await.map(|_| lease),
                    None => announce(&*kv, key.clone(), address.clone()).await,
                };
                lease = match renewed {
                    Ok(lease) => Some(lease),
                    Err(StoreError::NoLease(_)) => None,
                    Err(error) => {
                        tracing::debug!(%error, "the other replicas are told another time where this one is");
                        lease
                    }
                };
                tokio::time::sleep(RENEWAL).await;
            }
        }
    }

    /// Answers what other replicas ask.
    pub fn answers(&self, own: &Arc<Trail>, clock: &Arc<dyn Clock>) -> Local {
        let (own, clock, sealer) = (own.clone(), clock.clone(), self.sealer.clone());
        Arc::new(move |request, _origin| {
            let (own, clock, sealer) = (own.clone(), clock.clone(), sealer.clone());
            Box::pin(async move {
                let body = Limited::new(request.into_body(), QUESTION).collect();
                let Ok(Ok(body)) = tokio::time::timeout(PATIENCE, body).await else {
                    return plain(StatusCode::BAD_REQUEST, "the question can't be read\n");
                };
                let Some(question) = read(&sealer, &body.to_bytes(), clock.now()) else {
                    return plain(StatusCode::FORBIDDEN, "only replicas of this Gantry are answered\n");
                };
                match own
                    .search(question.asked.query(question.before))
                    .await
                    .map(|page| serde_json::to_vec(&page))
                {
                    Ok(Ok(page)) => {
                        Response::new(whole(sealer.seal(&page, &answering(&question.number)).into()))
                    }
                    failed => {
                        tracing::error!(?failed, "the audit trail can't be read for another replica");
                        plain(StatusCode::INTERNAL_SERVER_ERROR, "the trail can't be read\n")
                    }
                }
            })
        })
    }

    async fn addresses(&self) -> Result<BTreeMap<String, String>, String> {
        let found = self.kv.range(Range::prefix(PREFIX), REPLICAS_AT_MOST, Order::Ascending).await;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let kvs = found.map_err(|error| error.to_string())?.kvs;
        let replicas = kvs.into_iter().map(|kv| (text(&kv.key[PREFIX.len()..]), text(&kv.value)));
        Ok(replicas.filter(|(name, _)| *name != self.name).collect())
    }

    async fn ask(&self, address: &str, question: &Question) -> Result<Page, String> {
        let words = |error: &dyn std::fmt::Display| format!("{address}: {error}");
        let plain = serde_json::to_vec(question).map_err(|error| words(&error))?;
        let uri: Uri = format!("http://{address}{REPLICAS}").parse().map_err(|error| words(&error))?;
        let body = Full::new(Bytes::from(self.sealer.seal(&plain, ASKING)));
        let request = Request::post(uri).body(body).map_err(|error| words(&error))?;
        let answer = self.client.request(request).await.map_err(|error| words(&error))?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), PAGE).collect().await.map_err(|error| words(&error))?;
        if status != StatusCode::OK {
            return Err(words(&status));
        }
        let page = self.sealer.open(&body.to_bytes(), &answering(&question.number));
        let page = page.map_err(|_| words(&"the answer is not sealed under our master key"))?;
        serde_json::from_slice(&page).map_err(|error| words(&error))
    }
}

#[async_trait]
impl Others for Siblings {
    async fn names(&self) -> Result<Vec<String>, String> {
        Ok(self.addresses().await?.into_keys().collect())
    }

    async fn page(&self, name: &str, asked: &Asked, before: Option<Place>) -> Result<Page, String> {
        let addresses = self.addresses().await?;
        let address = addresses.get(name).ok_or("it is not there")?;
        let (number, at) = (self.ids.uuid(), self.clock.now());
        let question = Question { number, at, asked: asked.clone(), before };
        match tokio::time::timeout(PATIENCE, self.ask(address, &question)).await {
            Ok(answer) => answer,
            Err(_) => Err(format!("{address} does not answer within {PATIENCE:?}")),
        }
    }
}

async fn announce(kv: &dyn Kv, key: Bytes, address: String) -> Result<LeaseId, StoreError> {
    let lease = kv.lease_grant(TTL).await?;
    kv.txn(Vec::new(), vec![Op::Put { key, value: address.into(), lease: Some(lease) }]).await?;
    Ok(lease)
}

/// A question that was asked by a replica, not long ago.
fn read(sealer: &Sealer, sealed: &[u8], now: Timestamp) -> Option<Question> {
    let plain = sealer.open(sealed, ASKING).ok()?;
    let mut question: Question = serde_json::from_slice(&plain).ok()?;
    question.asked.limit = question.asked.limit.min(EVENTS);
    let fresh = now.since(question.at) <= SLACK && question.at.since(now) <= SLACK;
    fresh.then_some(question)
}

fn plain(status: StatusCode, text: &'static str) -> Answer {
    let mut answer = Response::new(whole(Bytes::from_static(text.as_bytes())));
    *answer.status_mut() = status;
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_heard_from_a_replica_and_for_a_while() {
        let (sealer, now) = (Sealer::new(&[7; 32]), Timestamp::from_secs(1_800_000_000));
        let asked = Asked {
            account: gantry_base::AccountId::DEFAULT,
            region: gantry_base::Region::default(),
            attribute: None,
            from: None,
            until: None,
            limit: 1_000_000,
        };
        let question = Question { number: "1".into(), at: now, asked, before: None };
        let sealed = sealer.seal(&serde_json::to_vec(&question).unwrap(), ASKING);
        assert_eq!(read(&sealer, &sealed, now + SLACK).map(|question| question.asked.limit), Some(EVENTS));
        assert!(read(&sealer, &sealed, now + SLACK + SLACK).is_none());
        assert!(read(&sealer, &sealed, now - SLACK - SLACK).is_none());
        assert!(read(&Sealer::new(&[8; 32]), &sealed, now).is_none());
        assert!(read(&sealer, b"{}", now).is_none());
    }
}
