//! The members of a cluster, one of them asked at a time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gantry_etcd_api as api;
use gantry_etcd_api::kv_client::KvClient;
use gantry_etcd_api::lease_client::LeaseClient;
use gantry_etcd_api::watch_client::WatchClient;
use tokio::time::Instant;
use tonic::metadata::MetadataValue;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Request, Status};

use super::Location;
use crate::error::StoreError;

/// How long one member may take over one request.
const ONE_REQUEST: Duration = Duration::from_secs(4);
/// How long a request is tried with one member after the other: as long as a cluster needs for a new leader,
/// and then some.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// How long no member may answer before that is said.
const LASTS: Duration = Duration::from_secs(3);
const BETWEEN_TRIES: Duration = Duration::from_millis(50);
/// The largest answer: a page of the largest values would not fit into memory anyway.
const MAX_ANSWER: usize = 256 * 1024 * 1024;

#[derive(Clone)]
pub(super) struct Cluster {
    members: Arc<[Channel]>,
    /// The member that answered last.
    current: Arc<AtomicUsize>,
    /// Since when no member has answered, and what was wrong last.
    trouble: Arc<Mutex<Option<(Instant, String)>>>,
}

/// Why the cluster did not do something.
#[derive(Debug)]
pub(super) enum Refusal {
    /// It may have been done or not: no answer came.
    Unknown(String),
    /// It was not done, and may be another time.
    NotNow(String),
    /// The history has been compacted past the revision.
    Compacted,
    /// The revision is still to come.
    Future,
    /// A lease that the request names is gone.
    NoLease,
    /// There is one already by that number.
    LeaseExists,
    /// It is over a limit of the members.
    TooLarge(String),
    /// It is wrong in itself, or not allowed.
    Wrong(String),
}

impl From<Refusal> for StoreError {
    fn from(refusal: Refusal) -> StoreError {
        match refusal {
            Refusal::NotNow(why) => StoreError::Unavailable(format!("etcd: {why}")),
            Refusal::Unknown(why) => {
                StoreError::Engine(format!("etcd did not answer in time, and may have done it or not: {why}"))
            }
            // Whoever looked at a revision for so long begins anew.
            Refusal::Compacted => StoreError::Conflict,
            Refusal::Future => StoreError::Invalid("a revision that is still to come".into()),
            Refusal::NoLease => StoreError::Invalid("a lease that is gone".into()),
            Refusal::LeaseExists => StoreError::Invalid("a lease that is there already".into()),
            Refusal::TooLarge(why) => StoreError::Engine(format!("etcd refuses: {why}")),
            Refusal::Wrong(why) => StoreError::Engine(format!("etcd can't be used: {why}")),
        }
    }
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Refusal {
        let why = reasons(&status);
        let says = |text: &str| why.contains(text);
        if says("invalid peer certificate") {
            Refusal::Wrong(format!(
                "a member's certificate is not one that our authority signed for it ({why})"
            ))
        } else if says("received fatal alert") && says("ertificate") {
            Refusal::Wrong(format!("a member does not take our certificate, or asks for one ({why})"))
        } else if says("required revision has been compacted") {
            Refusal::Compacted
        } else if says("required revision is a future revision") {
            Refusal::Future
        } else if says("requested lease not found") {
            Refusal::NoLease
        } else if says("lease already exists") {
            Refusal::LeaseExists
        } else if says("too many operations in txn")
            || says("request is too large")
            || says("larger than max")
        {
            Refusal::TooLarge(why)
        } else if says("too many requests") || says("database space exceeded") || says("no leader") {
            Refusal::NotNow(why)
        } else {
            match status.code() {
                Code::InvalidArgument
                | Code::PermissionDenied
                | Code::Unauthenticated
                | Code::Unimplemented => Refusal::Wrong(why),
                code => Refusal::Unknown(format!("{code}: {why}")),
            }
        }
    }
}

/// What is wrong, with all that is behind it: that a certificate is refused stands far behind.
fn reasons(status: &Status) -> String {
    let mut why = status.message().to_owned();
    let mut source = std::error::Error::source(status);
    while let Some(error) = source {
        let more = error.to_string();
        if !why.contains(&more) {
            why = format!("{why}: {more}");
        }
        source = error.source();
    }
    why
}

impl Cluster {
    pub(super) fn of(location: &Location) -> Result<Cluster, StoreError> {
        let tls = location.tls.as_ref().map(|tls| {
            let read = |file: &std::path::Path| {
                let failed =
                    |error| StoreError::Refused(format!("{} can't be read: {error}", file.display()));
                std::fs::read(file).map_err(failed)
            };
            let mut config =
                ClientTlsConfig::new().ca_certificate(Certificate::from_pem(read(&tls.authority)?));
            if let Some((certificate, key)) = &tls.identity {
                config = config.identity(Identity::from_pem(read(certificate)?, read(key)?));
            }
            Ok::<_, StoreError>(config)
        });
        let tls = tls.transpose()?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let member = |member: &String| {
            let wrong = |error: tonic::transport::Error| {
                StoreError::Refused(format!("{member} is no member of a cluster: {error}"))
            };
            let mut endpoint = Endpoint::from_shared(format!("{scheme}://{member}")).map_err(wrong)?;
            endpoint = endpoint
                .connect_timeout(Duration::from_secs(1))
                .tcp_nodelay(true)
                .http2_keep_alive_interval(Duration::from_secs(2))
                .keep_alive_timeout(Duration::from_secs(2))
                .keep_alive_while_idle(true);
            if let Some(tls) = &tls {
                endpoint = endpoint.tls_config(tls.clone()).map_err(wrong)?;
            }
            Ok(endpoint.connect_lazy())
        };
        let members = location.members.iter().map(member).collect::<Result<Vec<_>, StoreError>>()?;
        Ok(Cluster { members: members.into(), current: Arc::default(), trouble: Arc::default() })
    }

    /// What is wrong, if it lasts: one member that dies is none.
    pub(super) fn trouble(&self) -> Option<String> {
        let noted = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        noted.as_ref().filter(|(since, _)| since.elapsed() >= LASTS).map(|(_, why)| why.clone())
    }

    fn note(&self, trouble: Option<&str>) {
        let mut noted = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        match (trouble, &mut *noted) {
            (None, noted) => *noted = None,
            (Some(why), Some((_, noted))) => why.clone_into(noted),
            (Some(why), noted) => *noted = Some((Instant::now(), why.to_owned())),
        }
    }

    /// The member that answered last, and a number to give it up by.
    pub(super) fn member(&self) -> (usize, Channel) {
        let at = self.current.load(Ordering::Relaxed) % self.members.len();
        (at, self.members[at].clone())
    }

    /// Has the next request go to another member, unless one has done so.
    pub(super) fn give_up(&self, at: usize) {
        let next = (at + 1) % self.members.len();
        // Another who has changed it was faster.
        let _ = self.current.compare_exchange(at, next, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Asks one member once.
    pub(super) async fn once<T, F>(&self, ask: impl FnOnce(Channel) -> F) -> Result<T, Refusal>
    where
        F: Future<Output = Result<T, Status>>,
    {
        let (at, member) = self.member();
        let answer = match tokio::time::timeout(ONE_REQUEST, ask(member)).await {
            Ok(answer) => answer.map_err(Refusal::from),
            Err(_) => Err(Refusal::Unknown(format!("no answer within {ONE_REQUEST:?}"))),
        };
        match &answer {
            Err(Refusal::Unknown(why) | Refusal::NotNow(why)) => {
                self.give_up(at);
                self.note(Some(why));
            }
            _ => self.note(None),
        }
        answer
    }

    /// Asks one member after the other, until one answers: for what may be done twice.
    pub(super) async fn ask<T, F>(&self, ask: impl Fn(Channel) -> F) -> Result<T, Refusal>
    where
        F: Future<Output = Result<T, Status>>,
    {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.once(&ask).await {
                Err(Refusal::Unknown(why) | Refusal::NotNow(why)) => {
                    if Instant::now() > deadline {
                        return Err(Refusal::NotNow(why));
                    }
                    tokio::time::sleep(BETWEEN_TRIES).await;
                }
                answer => return answer,
            }
        }
    }

    pub(super) async fn range(&self, request: api::RangeRequest) -> Result<api::RangeResponse, Refusal> {
        self.ask(|member| {
            let request = request.clone();
            async move { Ok(kv(member).range(with_leader(request)).await?.into_inner()) }
        })
        .await
    }

    /// A transaction that may be done twice: one that only reads.
    pub(super) async fn txn(&self, request: api::TxnRequest) -> Result<api::TxnResponse, Refusal> {
        self.ask(|member| send(member, request.clone())).await
    }

    /// A transaction, sent once.
    pub(super) async fn txn_once(&self, request: api::TxnRequest) -> Result<api::TxnResponse, Refusal> {
        self.once(|member| send(member, request)).await
    }

    pub(super) async fn compact(&self, revision: i64) -> Result<api::CompactionResponse, Refusal> {
        self.ask(|member| async move {
            let request = with_leader(api::CompactionRequest { revision, physical: false });
            Ok(kv(member).compact(request).await?.into_inner())
        })
        .await
    }

    pub(super) fn lease(member: Channel) -> LeaseClient<Channel> {
        LeaseClient::new(member)
    }

    pub(super) fn watch(member: Channel) -> WatchClient<Channel> {
        WatchClient::new(member).max_decoding_message_size(MAX_ANSWER)
    }
}

async fn send(member: Channel, request: api::TxnRequest) -> Result<api::TxnResponse, Status> {
    Ok(kv(member).txn(with_leader(request)).await?.into_inner())
}

fn kv(member: Channel) -> KvClient<Channel> {
    KvClient::new(member).max_decoding_message_size(MAX_ANSWER)
}

/// A member that has lost its leader says so, and does not let us wait for it.
pub(super) fn with_leader<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("hasleader", MetadataValue::from_static("true"));
    request
}
