//! A request on its way into an access log. It is begun with the request, told what becomes of it, and taken by the
//! journal when nobody holds it any more: when the answer's last byte is gone, or the client is, or a WebSocket has
//! ended. Where there is no log there is no record.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use gantry_elb_core::access_log::{Carrier, Encrypted, Entry, Journal, Logged};
use gantry_elb_core::action::What;
use gantry_elb_core::configuration::Version;
use gantry_elb_core::rule::Ready;
use http::header::{LOCATION, USER_AGENT};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::{Frame, SizeHint};

use super::headers::{TRACE_ID, new_trace, size, without_port};
use super::route::Connection;
use super::{Body, BoxError};
use crate::counts::Counter;
use crate::listen::Live;
use crate::table::Group;
use crate::tls;
use crate::watched::Counts;

/// The longest text of a client's in an entry, in bytes.
const MOST_TEXT: usize = 8 * 1024;

/// What all entries of a connection share; made with the first.
#[derive(Default)]
pub struct Shared(OnceLock<(Arc<str>, Option<Arc<Encrypted>>)>);

impl Shared {
    fn of(&self, connection: &Connection, live: &Live) -> (Arc<str>, Option<Arc<Encrypted>>) {
        let made = self.0.get_or_init(|| {
            let tls = connection.tls.as_ref().map(|tls| {
                let name = tls.server_name.as_str();
                let certificate = live.listener.tls.as_ref().and_then(|all| tls::chosen(all, name));
                Arc::new(Encrypted {
                    protocol: tls.version.clone(),
                    cipher: tls.cipher.clone(),
                    domain_name: (!name.is_empty()).then(|| name.to_owned()),
                    certificate_arn: certificate.map(str::to_owned),
                })
            });
            (format!("TID_{:032x}", rand::random::<u128>()).into(), tls)
        });
        made.clone()
    }
}

/// A request that is to be logged.
pub struct Record {
    journal: Arc<dyn Journal>,
    begun: Instant,
    received: Counter,
    sent: Counter,
    known: Mutex<Known>,
}

struct Known {
    entry: Option<Entry>,
    /// When it went to a target, and when that answered.
    sent_on: Option<Instant>,
    came_back: Option<Instant>,
}

/// Microseconds since the epoch.
pub fn micros() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(MOST_TEXT)]).into_owned()
}

impl Record {
    /// Begins one, if the load balancer keeps a log.
    pub fn begin(
        connection: &Connection,
        live: &Live,
        host: &str,
        request: &Request<()>,
        ambiguous: bool,
    ) -> Option<Arc<Record>> {
        let target = request.uri().path_and_query().map_or("/", |it| it.as_str());
        let line = || {
            let (method, version) = (request.method(), request.version());
            let host = if host.is_empty() { live.of.dns_name.as_str() } else { without_port(host) };
            let scheme = if connection.tls.is_some() { "https" } else { "http" };
            let target = target.get(..MOST_TEXT).unwrap_or(target);
            format!("{method} {scheme}://{host}:{}{target} {version:?}", live.listener.port)
        };
        let record = Self::new(connection, live, line)?;
        let head = request.method().as_str().len() + target.len() + 12 + size(request.headers());
        record.received.add(head as u64);
        let http2 = request.version() == http::Version::HTTP_2;
        record.tell(|entry| {
            entry.ambiguous = ambiguous;
            entry.user_agent = request.headers().get(USER_AGENT).map(|value| text(value.as_bytes()));
            if http2 && entry.tls.is_some() {
                entry.carrier = Carrier::H2;
            }
        });
        Some(record)
    }

    /// One of a request that could not be read.
    pub fn refused(connection: &Connection, live: &Live) -> Option<Arc<Record>> {
        let scheme = if connection.tls.is_some() { "https" } else { "http" };
        let line = || format!("- {scheme}://{}:{}- -", live.of.dns_name, live.listener.port);
        Self::new(connection, live, line)
    }

    fn new(connection: &Connection, live: &Live, line: impl FnOnce() -> String) -> Option<Arc<Record>> {
        let log = live.of.access_log.clone()?;
        let journal = connection.shared.journal.clone()?;
        let (trace, tls) = connection.logged.of(connection, live);
        let now = micros();
        let entry = Entry {
            log,
            carrier: if tls.is_some() { Carrier::Https } else { Carrier::Http },
            at_us: now,
            client: connection.client.address,
            target: None,
            times: [None; 3],
            status: None,
            target_status: None,
            received_bytes: 0,
            sent_bytes: 0,
            request: line(),
            user_agent: None,
            tls,
            target_group_arn: None,
            trace_id: None,
            priority: None,
            created_us: now,
            action: None,
            redirect_url: None,
            ambiguous: false,
            connection: trace,
            transformed_host: None,
            transformed_uri: None,
            transforms: false,
        };
        let known = Mutex::new(Known { entry: Some(entry), sent_on: None, came_back: None });
        let (received, sent) = (Counter::default(), Counter::default());
        Some(Arc::new(Record { journal, begun: Instant::now(), received, sent, known }))
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, what: impl FnOnce(&mut Entry)) {
        if let Some(entry) = &mut self.known().entry {
            what(entry);
        }
    }

    /// It met this rule.
    pub fn meets(&self, rule: &Ready) {
        self.tell(|entry| {
            entry.priority = Some(rule.rule.priority.unwrap_or(0));
            entry.action = rule.rule.actions.first().map(|action| match &action.what {
                What::Forward(_) => "forward",
                What::Redirect(_) => "redirect",
                What::FixedResponse(_) => "fixed-response",
            });
        });
    }

    /// It is for this group, and goes on with another host or target, where transforms made some.
    pub fn forwards(&self, group: &Group, host: Option<&str>, target: Option<&str>) {
        let grpc = group.configuration().version == Version::Grpc;
        self.tell(|entry| {
            entry.target_group_arn = Some(group.arn.clone());
            entry.transformed_host = host.map(str::to_owned);
            entry.transformed_uri = target.map(str::to_owned);
            entry.transforms = host.is_some() || target.is_some();
            if grpc && entry.carrier == Carrier::H2 {
                entry.carrier = Carrier::Grpcs;
            }
        });
    }

    /// It has the headers that targets get.
    pub fn traced(&self, headers: &HeaderMap) {
        self.tell(|entry| entry.trace_id = headers.get(TRACE_ID).map(|value| text(value.as_bytes())));
    }

    /// It goes to a target now.
    pub fn goes_to(&self, target: SocketAddr) {
        let mut known = self.known();
        known.sent_on = Some(Instant::now());
        if let Some(entry) = &mut known.entry {
            entry.target = Some(target);
        }
    }

    /// The target answers.
    pub fn comes_back(&self, status: StatusCode) {
        let mut known = self.known();
        known.came_back = Some(Instant::now());
        if let Some(entry) = &mut known.entry {
            entry.target_status = Some(status.as_u16());
            if status == StatusCode::SWITCHING_PROTOCOLS {
                entry.carrier = if entry.tls.is_some() { Carrier::Wss } else { Carrier::Ws };
            }
        }
    }

    /// The answer goes to the client: what comes back holds the record until its end.
    pub fn answers(self: Arc<Self>, response: Response<Body>) -> Response<Body> {
        let status = response.status();
        // `HTTP/1.1 200 OK`, by which the reason is taken from the number.
        let line = 15 + status.canonical_reason().map_or(0, str::len);
        self.sent.add((line + size(response.headers())) as u64);
        let now = Instant::now();
        {
            let mut known = self.known();
            let Known { entry, sent_on, came_back } = &mut *known;
            if let Some(entry) = entry {
                entry.at_us = micros();
                entry.status = Some(status.as_u16());
                let took =
                    |from: Option<Instant>, to: Option<Instant>| Some(to?.saturating_duration_since(from?));
                let begun = Some(self.begun);
                entry.times =
                    [took(begun, *sent_on), took(*sent_on, *came_back), took(*came_back, Some(now))];
                if entry.action == Some("redirect") {
                    let location = response.headers().get(LOCATION);
                    entry.redirect_url = location.map(|value| text(value.as_bytes()));
                }
            }
        }
        response.map(|inner| Body::of(Answer { inner, record: self }))
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let known = self.known.get_mut().unwrap_or_else(PoisonError::into_inner);
        let Some(mut entry) = known.entry.take() else { return };
        if entry.status.is_none() || matches!(entry.carrier, Carrier::Ws | Carrier::Wss) {
            entry.at_us = micros();
        }
        entry.received_bytes = self.received.get();
        entry.sent_bytes = self.sent.get();
        if entry.trace_id.is_none() {
            entry.trace_id = Some(new_trace(entry.created_us / 1_000_000));
        }
        self.journal.take(Logged::Request(entry));
    }
}

/// An answer that is counted.
struct Answer {
    inner: Body,
    record: Arc<Record>,
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            self.record.sent.add(data.len() as u64);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Counts for Record {
    fn received(&self, bytes: usize) {
        self.received.add(bytes as u64);
    }

    fn sent(&self, bytes: usize) {
        self.sent.add(bytes as u64);
    }
}
