//! A request meets a rule.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use gantry_elb_core::action::{Asked, Forward, What};
use gantry_elb_core::choose::by_weight;
use gantry_elb_core::condition::Seen;
use http::header::{HOST, SERVER};
use http::{HeaderName, HeaderValue, Request, Response, Version};

use super::answer::{self, Answered};
use super::forward::{Passage, forward};
use super::headers::{Client, From, too_many_forwarded, without_port};
use super::record::{self, Record};
use super::{Body, cookie};
use crate::counts::Carried;
use crate::listen::{Door, Live, Shared};
use crate::one::names::Names;
use crate::table::Group;

/// A client's connection.
pub struct Connection {
    pub shared: Arc<Shared>,
    pub door: Door,
    pub client: Client,
    /// What was agreed on, where it is encrypted.
    pub tls: Option<Handshake>,
    /// Whether the client speaks HTTP/1.
    pub http1: bool,
    /// What entries of the access log have in common.
    pub logged: record::Shared,
    pub carried: Arc<Carried>,
}

/// What a client and the load balancer agreed on.
pub struct Handshake {
    /// `TLSv1.3`
    pub version: String,
    pub cipher: String,
    /// What the client asked for; may be empty.
    pub server_name: String,
}

/// Seconds since the epoch.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// A request as it came. It is taken out of this when it goes on.
pub struct Came {
    pub request: Request<()>,
    /// None where it has none.
    pub body: Option<Body>,
    /// How a client that speaks HTTP/1 spelled it.
    pub names: Option<Names>,
    /// It could be read in two ways: nothing may follow it on any connection.
    pub ambiguous: bool,
    /// It asks for a WebSocket, and for nothing else, as load balancers pass on no other change of protocol.
    pub upgrades: bool,
}

/// Answers a request.
pub async fn answer(connection: &Connection, came: &mut Came) -> Answered {
    let host = host(&came.request).to_owned();
    let Some(live) = connection.door.live(&host) else {
        return Answered::own(answer::page(404, true));
    };
    // At a front door it is known by the first request whose a connection is.
    connection.carried.is_of(&live.counts, matches!(connection.door, Door::Front(_)));
    let record = Record::begin(connection, &live, &host, &came.request, came.ambiguous);
    let mut answered = met(connection, &live, &host, came, record.as_ref()).await;
    if !answered.by_target {
        live.counts.answered(answered.response.status().as_u16());
    }
    dress(&live, &mut answered.response);
    Answered { response: logged(record, answered.response), ..answered }
}

/// Answers what is no request.
pub fn refuse(connection: &Connection, status: u16) -> Answered {
    let live = connection.door.any();
    if let Some(live) = &live {
        live.counts.answered(status);
    }
    // At a front door of several it is not known whose it would have been.
    let record = connection.door.only().and_then(|live| Record::refused(connection, &live));
    Answered::own(logged(record, answer::last_page(status, true)))
}

fn logged(record: Option<Arc<Record>>, response: Response<Body>) -> Response<Body> {
    match record {
        Some(record) => record.answers(response),
        None => response,
    }
}

/// The headers that a listener gives to every answer.
fn dress(live: &Live, response: &mut Response<Body>) {
    if !live.listener.server_header {
        response.headers_mut().remove(SERVER);
    }
    for (name, value) in &live.listener.response_headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            response.headers_mut().insert(name, value);
        }
    }
}

fn host<B>(request: &Request<B>) -> &str {
    let of_uri = request.uri().authority().map(|authority| authority.as_str());
    let given = request.headers().get(HOST).and_then(|value| value.to_str().ok());
    of_uri.or(given).unwrap_or_default()
}

/// What the gate keeps out of HTTP/1, and what HTTP/2 could bring: a target that is no path, no host or one that says
/// more than a host, two hosts that differ.
fn malformed<B>(request: &Request<B>, host: &str) -> Option<u16> {
    if [http::Method::CONNECT, http::Method::TRACE].contains(request.method()) {
        return Some(405);
    }
    let path = request.uri().path();
    let hosts = || request.headers().get_all(HOST).iter();
    let same = |given: &HeaderValue| given.as_bytes().eq_ignore_ascii_case(host.as_bytes());
    let differ = request.version() == Version::HTTP_2
        && (host.is_empty() || hosts().nth(1).is_some() || !hosts().all(same));
    (!(path.starts_with('/') || path == "*") || host.contains('@') || differ).then_some(400)
}

/// The answer of a target, or the load balancer's own.
async fn met(
    connection: &Connection,
    live: &Arc<Live>,
    host: &str,
    came: &mut Came,
    record: Option<&Arc<Record>>,
) -> Answered {
    let server = live.listener.server_header;
    let request = &came.request;
    if too_many_forwarded(request.headers()) {
        return Answered::own(answer::last_page(463, server));
    }
    if let Some(status) = malformed(request, host) {
        return Answered::own(answer::last_page(status, server));
    }
    let (path, query) = (request.uri().path(), request.uri().query());
    let headers = request.headers();
    let header = |name: &str| {
        headers
            .get_all(name)
            .iter()
            .filter_map(|value| std::str::from_utf8(value.as_bytes()).ok())
            .collect::<Vec<_>>()
    };
    let seen = Seen {
        host: without_port(host),
        path,
        query,
        method: request.method().as_str(),
        source: connection.client.address.ip(),
        header: &header,
    };
    let Some(rule) = live.rules.meet(&seen) else { return Answered::own(answer::page(503, server)) };
    if let Some(record) = record {
        record.meets(rule);
    }
    match rule.rule.actions.first().map(|action| &action.what) {
        None => Answered::own(answer::page(503, server)),
        Some(What::FixedResponse(fixed)) => {
            live.counts.fixed_responses.count();
            Answered::own(answer::fixed(fixed, server))
        }
        Some(What::Redirect(redirect)) => {
            live.counts.redirects.count();
            let protocol = if connection.tls.is_some() { "https" } else { "http" };
            let asked = Asked { protocol, host: without_port(host), port: live.listener.port, path, query };
            Answered::own(answer::redirect(&redirect.location(&asked), redirect.permanent, server))
        }
        Some(What::Forward(to)) => {
            let now = now();
            let Some((group, group_cookie)) = group(connection, to, request, now) else {
                return Answered::own(answer::page(503, server));
            };
            let passage = Passage {
                configuration: group.configuration(),
                shared: &connection.shared,
                live,
                group,
                host: rule.transforms.host(host).map_or(Cow::Borrowed(host), Cow::Owned),
                target: rule.transforms.url(request.uri().path_and_query().map_or("/", |it| it.as_str())),
                http1: connection.http1,
                now,
                record,
            };
            if let Some(record) = record {
                let host = Some(&*passage.host).filter(|passed| *passed != host);
                record.forwards(&passage.group, host, passage.target.as_deref());
            }
            let from = From {
                client: &connection.client,
                secure: connection.tls.is_some(),
                port: live.listener.port,
                written_port: &live.port,
                tls: connection.tls.as_ref().map(|tls| (tls.version.as_str(), tls.cipher.as_str())),
                now,
            };
            let mut answered = forward(&passage, came, &from).await;
            if let Some((sealed, seconds)) = group_cookie {
                let until = now + u64::from(seconds);
                let headers = answered.response.headers_mut();
                cookie::set(headers, cookie::GROUP, &sealed, seconds, until, from.secure);
            }
            answered
        }
    }
}

/// What a cookie holds, and for how many seconds.
type Kept = (String, u32);

/// The group that gets a request, and the cookie by which the client stays with it.
fn group(
    connection: &Connection,
    to: &Forward,
    request: &Request<()>,
    now: u64,
) -> Option<(Arc<Group>, Option<Kept>)> {
    let table = &connection.shared.table;
    let sticky = to.stickiness.filter(|it| it.enabled).and_then(|it| it.duration_seconds);
    if let ([one], None) = (to.target_groups.as_slice(), sticky) {
        return Some((table.group(&one.arn).filter(|_| one.weight > 0)?, None));
    }
    let mut place: Vec<&str> = to.target_groups.iter().map(|group| group.arn.as_str()).collect();
    place.sort_unstable();
    let place = place.join(",");
    let jar = &connection.shared.jar;
    if sticky.is_some() {
        let given = cookie::given(request.headers(), cookie::GROUP);
        let kept = given.and_then(|given| jar.open(&place, given, now));
        let kept = kept.filter(|arn| to.target_groups.iter().any(|group| group.arn == *arn));
        if let Some(group) = kept.and_then(|arn| table.group(&arn)) {
            return Some((group, None));
        }
    }
    let weights = to.target_groups.iter().map(|group| u64::from(group.weight)).enumerate();
    let chosen = &to.target_groups[by_weight(weights, rand::random())?].arn;
    let group = table.group(chosen)?;
    let cookie = sticky.map(|seconds| (jar.seal(&place, chosen, now + u64::from(seconds)), seconds));
    Some((group, cookie))
}
