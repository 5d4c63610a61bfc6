//! What changes in a request's headers on their way.

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use gantry_elb_core::configuration::{ForwardedFor, Options};
use http::header::{CONNECTION, COOKIE, Entry, HOST, TE, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
/// By which a request is told from others.
pub const TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");
const TLS_VERSION: HeaderName = HeaderName::from_static("x-amzn-tls-version");
const TLS_CIPHER: HeaderName = HeaderName::from_static("x-amzn-tls-cipher-suite");

/// More addresses in `X-Forwarded-For` than AWS takes.
const MAX_FORWARDED: usize = 30;

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");

/// Where a request came from.
pub struct From<'a> {
    pub client: &'a Client,
    pub secure: bool,
    pub port: u16,
    /// The same, as targets are told it.
    pub written_port: &'a HeaderValue,
    pub tls: Option<(&'a str, &'a str)>,
    /// Seconds since the epoch.
    pub now: u64,
}

/// Who is at the other end of a connection.
pub struct Client {
    pub address: SocketAddr,
    /// The address alone, as targets are told it.
    written: HeaderValue,
}

impl Client {
    /// Whoever has this address.
    pub fn new(address: SocketAddr) -> Client {
        let written = HeaderValue::from_str(&address.ip().to_canonical().to_string());
        // An address has no byte that a header may not have.
        Client { address, written: written.unwrap_or(HeaderValue::from_static("unknown")) }
    }

    fn written(&self, with_port: bool) -> HeaderValue {
        if !with_port {
            return self.written.clone();
        }
        let port = self.address.port();
        let written = match self.address.ip().to_canonical() {
            IpAddr::V4(ip) => format!("{ip}:{port}"),
            IpAddr::V6(ip) => format!("[{ip}]:{port}"),
        };
        HeaderValue::from_maybe_shared(Bytes::from(written)).unwrap_or_else(|_| self.written.clone())
    }
}

/// Removes what belongs to one connection only. What the protocol is to change to stays where it is meant.
pub fn remove_hops(headers: &mut HeaderMap, keep_upgrade: bool) {
    let mut said = headers.get_all(CONNECTION).iter();
    // Many servers say it of every connection, and it takes nothing else along.
    let plain = said.next().is_some_and(|said| said.as_bytes().eq_ignore_ascii_case(b"keep-alive"));
    if plain && said.next().is_none() {
        headers.remove(CONNECTION);
    }
    static OF_HOP: [HeaderName; 6] =
        [CONNECTION, TE, TRANSFER_ENCODING, UPGRADE, KEEP_ALIVE, PROXY_CONNECTION];
    if keep_upgrade || headers.keys().any(|name| OF_HOP.contains(name)) {
        gantry_base::hops::remove_hops(headers, keep_upgrade);
    }
}

/// Whether it names more addresses than AWS takes: then the answer is 463.
pub fn too_many_forwarded(headers: &HeaderMap) -> bool {
    let lists = || headers.get_all(FORWARDED_FOR).iter();
    let in_list = |value: &HeaderValue| value.as_bytes().split(|byte| *byte == b',').count();
    headers.contains_key(FORWARDED_FOR) && lists().map(in_list).sum::<usize>() > MAX_FORWARDED
}

/// How many bytes headers are in HTTP/1.
pub fn size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum::<usize>() + 2
}

/// Writes what the load balancer adds.
pub fn add(headers: &mut HeaderMap, options: &Options, from: &From<'_>) {
    if options.drop_invalid_headers {
        let bad: Vec<HeaderName> = headers
            .keys()
            .filter(|name| !name.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
            .cloned()
            .collect();
        bad.into_iter().for_each(|name| drop(headers.remove(name)));
    }
    match options.forwarded_for {
        ForwardedFor::Preserve => {}
        ForwardedFor::Remove => drop(headers.remove(FORWARDED_FOR)),
        ForwardedFor::Append => append(headers, from.client.written(options.forwarded_for_port)),
    }
    let scheme = if from.secure { "https" } else { "http" };
    headers.insert(FORWARDED_PROTO, HeaderValue::from_static(scheme));
    headers.insert(FORWARDED_PORT, from.written_port.clone());
    trace(headers, from.now);
    if headers.keys().any(|name| *name == TLS_VERSION || *name == TLS_CIPHER) {
        headers.remove(TLS_VERSION);
        headers.remove(TLS_CIPHER);
    }
    if let (true, Some((version, cipher))) = (options.tls_headers, from.tls) {
        for (name, value) in [(TLS_VERSION, version), (TLS_CIPHER, cipher)] {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        }
    }
    if !options.preserve_host {
        host(headers, from.port);
    }
}

fn append(headers: &mut HeaderMap, client: HeaderValue) {
    let given = match headers.entry(FORWARDED_FOR) {
        Entry::Vacant(place) => {
            place.insert(client);
            return;
        }
        Entry::Occupied(given) => given,
    };
    let mut list: Vec<u8> = Vec::new();
    for value in given.iter() {
        list.extend_from_slice(value.as_bytes());
        list.extend_from_slice(b", ");
    }
    list.extend_from_slice(client.as_bytes());
    if let Ok(value) = HeaderValue::from_bytes(&list) {
        headers.insert(FORWARDED_FOR, value);
    }
}

/// `1-5759e988-bd862e3fe1be46a994272793` after a prefix, by which a request is told from others.
fn trace_id(prefix: &str, now: u64) -> String {
    let (mut bytes, mut digits) = ([0; 16], [0; 32]);
    bytes[..4].copy_from_slice(&u32::try_from(now & 0xffff_ffff).unwrap_or_default().to_be_bytes());
    rand::fill(&mut bytes[4..]);
    // Each byte is two digits, and each digit is a letter.
    let _ = hex::encode_to_slice(bytes, &mut digits);
    let (time, rest) = std::str::from_utf8(&digits).unwrap_or_default().split_at(8);
    let mut id = String::with_capacity(prefix.len() + 35);
    for part in [prefix, "1-", time, "-", rest] {
        id.push_str(part);
    }
    id
}

/// The root of a new trace that begins at a time in seconds.
pub fn new_trace(now: u64) -> String {
    trace_id("Root=", now)
}

/// A trace that comes along keeps its root; one without gets one.
fn trace(headers: &mut HeaderMap, now: u64) {
    let given = match headers.entry(TRACE_ID) {
        Entry::Vacant(place) => {
            if let Ok(value) = HeaderValue::from_maybe_shared(Bytes::from(new_trace(now))) {
                place.insert(value);
            }
            return;
        }
        Entry::Occupied(given) => given,
    };
    let id = trace_id("", now);
    let given = given.get().to_str().unwrap_or_default();
    let fields =
        given.split(';').map(str::trim).filter(|field| !field.is_empty() && !field.starts_with("Self="));
    let rest: Vec<&str> = fields.collect();
    let value = match rest.iter().any(|field| field.starts_with("Root=")) {
        true => format!("Self={id};{}", rest.join(";")),
        false => std::iter::once(format!("Root={id}"))
            .chain(rest.iter().map(|it| (*it).to_owned()))
            .collect::<Vec<_>>()
            .join(";"),
    };
    if let Ok(value) = HeaderValue::from_str(&value) {
        headers.insert(TRACE_ID, value);
    }
}

/// Removes from a client's trailers what only the load balancer says, as some targets take trailers for headers.
pub fn remove_own(trailers: &mut HeaderMap) {
    let own =
        |name: &&HeaderName| ["x-forwarded-", "x-amzn-"].iter().any(|own| name.as_str().starts_with(own));
    let own: Vec<HeaderName> = trailers.keys().filter(own).cloned().collect();
    own.into_iter().for_each(|name| drop(trailers.remove(name)));
}

/// HTTP/2 may have its cookies in several lines, HTTP/1 has them in one.
///
/// <https://www.rfc-editor.org/rfc/rfc9113#section-8.2.3>
pub fn join_cookies(headers: &mut HeaderMap) {
    let all: Vec<&[u8]> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if all.len() > 1
        && let Ok(one) = HeaderValue::from_bytes(&all.join(b"; ".as_slice()))
    {
        headers.insert(COOKIE, one);
    }
}

/// A port that is not the protocol's own stands in the host; one that is does not.
fn host(headers: &mut HeaderMap, port: u16) {
    let Some(given) = headers.get(HOST).and_then(|value| value.to_str().ok()) else { return };
    let name = without_port(given);
    let written = match port {
        80 | 443 if name.len() == given.len() => return,
        80 | 443 => name.to_owned(),
        _ if name.len() == given.len() => format!("{given}:{port}"),
        _ => return,
    };
    if let Ok(value) = HeaderValue::from_str(&written) {
        headers.insert(HOST, value);
    }
}

/// A host without its port: `[::1]:80` is `[::1]`.
pub fn without_port(host: &str) -> &str {
    let digits = host.bytes().rev().take_while(u8::is_ascii_digit).count();
    match host[..host.len() - digits].strip_suffix(':') {
        Some(name) if !name.contains(':') || name.ends_with(']') => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use gantry_elb_core::configuration::Desync;

    use super::*;

    fn options() -> Options {
        Options {
            idle_timeout_seconds: 60,
            client_keep_alive_seconds: 3600,
            http2: true,
            drop_invalid_headers: false,
            preserve_host: false,
            forwarded_for: ForwardedFor::Append,
            forwarded_for_port: false,
            tls_headers: false,
            desync: Desync::Defensive,
            cross_zone: true,
        }
    }

    fn added(given: &[(&'static str, &'static str)], options: &Options, port: u16) -> HeaderMap {
        let mut headers: HeaderMap = given
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        let client = Client::new("10.1.2.3:4567".parse().unwrap());
        add(
            &mut headers,
            options,
            &From {
                client: &client,
                secure: false,
                port,
                written_port: &HeaderValue::from(port),
                tls: None,
                now: 1_800_000_000,
            },
        );
        headers
    }

    #[test]
    fn the_client_is_appended_preserved_or_removed() {
        let given = [("x-forwarded-for", "1.1.1.1")];
        assert_eq!(added(&given, &options(), 80)["x-forwarded-for"], "1.1.1.1, 10.1.2.3");
        let port = Options { forwarded_for_port: true, ..options() };
        assert_eq!(added(&given, &port, 80)["x-forwarded-for"], "1.1.1.1, 10.1.2.3:4567");
        let preserve = Options { forwarded_for: ForwardedFor::Preserve, ..options() };
        assert_eq!(added(&given, &preserve, 80)["x-forwarded-for"], "1.1.1.1");
        let remove = Options { forwarded_for: ForwardedFor::Remove, ..options() };
        assert!(added(&given, &remove, 80).get("x-forwarded-for").is_none());
    }

    #[test]
    fn a_trace_keeps_its_root() {
        let new = added(&[], &options(), 80);
        assert!(new["x-amzn-trace-id"].to_str().unwrap().starts_with("Root=1-6b49d200-"));
        let kept = added(&[("x-amzn-trace-id", "Root=1-a-b;Self=old;Sampled=1")], &options(), 80);
        let kept = kept["x-amzn-trace-id"].to_str().unwrap();
        assert!(kept.starts_with("Self=1-") && kept.ends_with(";Root=1-a-b;Sampled=1"), "{kept}");
    }

    #[test]
    fn the_host_has_the_port_where_it_is_not_the_usual_one() {
        assert_eq!(added(&[("host", "a.example")], &options(), 8080)["host"], "a.example:8080");
        assert_eq!(added(&[("host", "a.example:80")], &options(), 80)["host"], "a.example");
        let preserve = Options { preserve_host: true, ..options() };
        assert_eq!(added(&[("host", "a.example")], &preserve, 8080)["host"], "a.example");
        assert_eq!(without_port("[::1]:80"), "[::1]");
        assert_eq!(without_port("[::1]"), "[::1]");
    }

    #[test]
    fn cookies_of_several_lines_are_joined() {
        let mut headers = HeaderMap::new();
        for cookie in ["a=1", "b=2; c=3"] {
            headers.append("cookie", HeaderValue::from_static(cookie));
        }
        join_cookies(&mut headers);
        assert_eq!(headers.get_all("cookie").iter().collect::<Vec<_>>(), ["a=1; b=2; c=3"]);
    }

    #[test]
    fn what_belongs_to_one_connection_stays_there() {
        let mut headers =
            added(&[("connection", "close, x-mine"), ("x-mine", "1"), ("upgrade", "h2c")], &options(), 80);
        remove_hops(&mut headers, false);
        assert!(["connection", "x-mine", "upgrade"].iter().all(|name| headers.get(*name).is_none()));
    }
}
