//! Access logs: what a request leaves in that of an application load balancer, what a connection leaves in that of a
//! network load balancer ([`connection`]), and what the files are called.
//!
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html>

use std::fmt::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use gantry_base::Timestamp;

use crate::Invalid;
use crate::attributes::{self, ACCESS_LOGS, ACCESS_LOGS_BUCKET, ACCESS_LOGS_PREFIX, Set};
use crate::name::Kind;

pub mod connection;

pub use connection::Connection;

/// Where a load balancer's access log goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccessLog {
    pub bucket: String,
    /// May be empty.
    pub prefix: String,
    pub account: String,
    pub region: String,
    /// `app/NAME/ID`, `net/NAME/ID`
    pub balancer: String,
    /// The load balancer's, in the file's name.
    pub address: IpAddr,
}

/// A new file is begun as often.
pub const PERIOD: Duration = Duration::from_secs(300);
/// What the random end of a file's name is made of, and how long it is.
pub const RANDOM: (usize, &[u8]) = (8, b"abcdefghijklmnopqrstuvwxyz0123456789");
/// What a prefix may not have.
pub const RESERVED: &str = "AWSLogs";

impl AccessLog {
    /// The key of the file of a period that ends then.
    pub fn key(&self, end: Timestamp, random: &str) -> String {
        let at = end.to_rfc3339();
        let part = |from: usize, to: usize| at.get(from..to).unwrap_or_default();
        let (year, month, day) = (part(0, 4), part(5, 7), part(8, 10));
        let (hour, minute) = (part(11, 13), part(14, 16));
        let AccessLog { account, region, balancer, address, .. } = self;
        let balancer = balancer.replace('/', ".");
        format!(
            "{}/elasticloadbalancing/{region}/{year}/{month}/{day}/{account}_elasticloadbalancing_{region}_{balancer}_\
             {year}{month}{day}T{hour}{minute}Z_{address}_{random}.log.gz",
            root(&self.prefix, account)
        )
    }
}

/// Refuses attributes of a load balancer by which it can't keep a log.
pub fn check(kind: Kind, set: &Set) -> Result<(), Invalid> {
    let of = attributes::of_load_balancer(kind);
    let (bucket, prefix) = (ACCESS_LOGS_BUCKET, ACCESS_LOGS_PREFIX);
    if attributes::value(of, set, prefix).contains(RESERVED) {
        return Err(Invalid::validation(format!("The value of '{prefix}' cannot contain '{RESERVED}'")));
    }
    if attributes::flag(of, set, ACCESS_LOGS) && attributes::value(of, set, bucket).is_empty() {
        return Err(Invalid::validation(format!(
            "The key '{bucket}' must set in order to enable access logs"
        )));
    }
    Ok(())
}

/// The key of the object by which it is tried whether a bucket can be written to.
pub fn test_key(prefix: &str, account: &str) -> String {
    format!("{}/ELBAccessLogTestFile", root(prefix, account))
}

fn root(prefix: &str, account: &str) -> String {
    match prefix.trim_matches('/') {
        "" => format!("{RESERVED}/{account}"),
        prefix => format!("{prefix}/{RESERVED}/{account}"),
    }
}

/// A line to be.
#[derive(Debug, Clone)]
pub enum Logged {
    Request(Entry),
    Connection(Connection),
}

impl Logged {
    /// The log that it belongs to.
    pub fn log(&self) -> &Arc<AccessLog> {
        match self {
            Logged::Request(entry) => &entry.log,
            Logged::Connection(connection) => &connection.log,
        }
    }
}

impl fmt::Display for Logged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Logged::Request(entry) => write!(f, "{entry}"),
            Logged::Connection(connection) => write!(f, "{connection}"),
        }
    }
}

/// Whoever keeps lines. It never waits; what it has no room for it counts.
pub trait Journal: Send + Sync {
    /// Takes what is to become a line.
    fn take(&self, logged: Logged);
}

/// What a request was carried by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    Http,
    Https,
    /// HTTP/2 over TLS.
    H2,
    /// gRPC over TLS.
    Grpcs,
    /// WebSocket, without and with TLS.
    Ws,
    Wss,
}

impl Carrier {
    fn as_str(self) -> &'static str {
        match self {
            Carrier::Http => "http",
            Carrier::Https => "https",
            Carrier::H2 => "h2",
            Carrier::Grpcs => "grpcs",
            Carrier::Ws => "ws",
            Carrier::Wss => "wss",
        }
    }
}

/// What is known of a connection over TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encrypted {
    /// `TLSv1.3`
    pub protocol: String,
    /// By its name in the TLS standards; the log has OpenSSL's.
    pub cipher: String,
    /// What the client asked for.
    pub domain_name: Option<String>,
    pub certificate_arn: Option<String>,
}

/// A request with all that became of it. Moments are microseconds since the epoch.
#[derive(Debug, Clone)]
pub struct Entry {
    pub log: Arc<AccessLog>,
    pub carrier: Carrier,
    /// When it was answered, or a WebSocket ended.
    pub at_us: u64,
    pub client: SocketAddr,
    pub target: Option<SocketAddr>,
    /// Until it went to a target, until that answered, until the answer went on.
    pub times: [Option<Duration>; 3],
    /// 460: the client went away before.
    pub status: Option<u16>,
    pub target_status: Option<u16>,
    pub received_bytes: u64,
    pub sent_bytes: u64,
    /// `GET http://host:80/path HTTP/1.1`
    pub request: String,
    pub user_agent: Option<String>,
    pub tls: Option<Arc<Encrypted>>,
    pub target_group_arn: Option<String>,
    pub trace_id: Option<String>,
    /// 0 is the default rule; none: the request met no rule.
    pub priority: Option<u32>,
    pub created_us: u64,
    /// `forward`, `redirect`, `fixed-response`
    pub action: Option<&'static str>,
    pub redirect_url: Option<String>,
    /// Whether it could be read in two ways.
    pub ambiguous: bool,
    /// `TID_...`, one for each of a client's connections.
    pub connection: Arc<str>,
    /// What transforms made of host and path, where they made something else of them.
    pub transformed_host: Option<String>,
    pub transformed_uri: Option<String>,
    pub transforms: bool,
}

/// The status of a request whose client went away before it was answered.
pub const CLIENT_GONE: u16 = 460;

impl fmt::Display for Entry {
    /// The line, without its end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.carrier.as_str(), Moment(self.at_us), self.log.balancer)?;
        write!(f, " {} {}", Address(self.client), Or(self.target.map(Address)))?;
        for time in self.times {
            match time {
                Some(time) => write!(f, " {:.3}", time.as_secs_f64())?,
                None => f.write_str(" -1")?,
            }
        }
        write!(f, " {} {}", self.status.unwrap_or(CLIENT_GONE), Or(self.target_status))?;
        write!(f, " {} {}", self.received_bytes, self.sent_bytes)?;
        write!(f, " {} {}", Quoted(Some(&self.request)), Quoted(self.user_agent.as_deref()))?;
        let tls = self.tls.as_deref();
        let (cipher, protocol) = tls.map(|tls| (openssl_name(&tls.cipher), tls.protocol.as_str())).unzip();
        write!(f, " {} {} {}", Or(cipher), Or(protocol), Or(self.target_group_arn.as_deref()))?;
        write!(f, " {}", Quoted(self.trace_id.as_deref()))?;
        write!(f, " {}", Quoted(tls.and_then(|tls| tls.domain_name.as_deref())))?;
        write!(f, " {}", Quoted(tls.and_then(|tls| tls.certificate_arn.as_deref())))?;
        write!(f, " {} {}", Or(self.priority), Moment(self.created_us))?;
        write!(f, " {} {}", Quoted(self.action), Quoted(self.redirect_url.as_deref()))?;
        // Reasons of errors are of what is not served: authentication, functions, firewalls.
        f.write_str(" \"-\"")?;
        write!(f, " \"{}\" \"{}\"", Or(self.target.map(Address)), Or(self.target_status))?;
        let classification = self.ambiguous.then_some("Ambiguous");
        write!(f, " {} \"-\" {}", Quoted(classification), self.connection)?;
        let transformed = [self.transformed_host.as_deref(), self.transformed_uri.as_deref()];
        let status = self.transforms.then_some("TransformSuccess");
        transformed.into_iter().chain([status]).try_for_each(|one| write!(f, " {}", Quoted(one)))
    }
}

/// Something, or a hyphen.
struct Or<T>(Option<T>);

impl<T: fmt::Display> fmt::Display for Or<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(value) => write!(f, "{value}"),
            None => f.write_char('-'),
        }
    }
}

/// An address as it was before IPv6 wrapped it.
struct Address(SocketAddr);

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", SocketAddr::new(self.0.ip().to_canonical(), self.0.port()))
    }
}

/// Microseconds since the epoch: `2018-07-02T22:23:00.186641Z`.
struct Moment(u64);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = i64::try_from(self.0 / 1000).unwrap_or(i64::MAX);
        let text = Timestamp::from_millis(millis).to_rfc3339();
        write!(f, "{}{:03}Z", text.trim_end_matches('Z'), self.0 % 1000)
    }
}

/// In quotes, with nothing in it that could end them or the line.
struct Quoted<'a>(Option<&'a str>);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for c in self.0.unwrap_or("-").chars() {
            match c {
                c if c.is_control() || matches!(c, '"' | '\\') => write!(f, "\\x{:02X}", u32::from(c))?,
                c => f.write_char(c)?,
            }
        }
        f.write_char('"')
    }
}

/// `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256` is `ECDHE-RSA-AES128-GCM-SHA256` in logs; those of TLS 1.3 have one name.
fn openssl_name(cipher: &str) -> String {
    let Some((exchange, rest)) = cipher.strip_prefix("TLS_").and_then(|name| name.split_once("_WITH_"))
    else {
        return cipher.to_owned();
    };
    let rest = rest.replace("AES_", "AES").replace("CHACHA20_POLY1305_SHA256", "CHACHA20-POLY1305");
    format!("{exchange}-{rest}").replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(prefix: &str) -> AccessLog {
        AccessLog {
            bucket: "logs".into(),
            prefix: prefix.into(),
            account: "123456789012".into(),
            region: "us-east-2".into(),
            balancer: "app/my-loadbalancer/50dc6c495c0c9188".into(),
            address: [10, 0, 0, 9].into(),
        }
    }

    fn entry() -> Entry {
        Entry {
            log: Arc::new(log("")),
            carrier: Carrier::Http,
            at_us: 1_530_570_180_186_641,
            client: "192.168.131.39:2817".parse().unwrap(),
            target: "10.0.0.1:80".parse().ok(),
            times: [Duration::ZERO, Duration::from_millis(1), Duration::from_micros(400)].map(Some),
            status: Some(200),
            target_status: Some(200),
            received_bytes: 34,
            sent_bytes: 366,
            request: "GET http://www.example.com:80/ HTTP/1.1".into(),
            user_agent: Some("curl/7.46.0".into()),
            tls: None,
            target_group_arn: Some(
                "arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/t/73e2".into(),
            ),
            trace_id: Some("Root=1-58337262-36d228ad5d99923122bbe354".into()),
            priority: Some(0),
            created_us: 1_530_570_168_364_000,
            action: Some("forward"),
            redirect_url: None,
            ambiguous: false,
            connection: "TID_1234abcd5678ef90".into(),
            transformed_host: None,
            transformed_uri: None,
            transforms: false,
        }
    }

    #[test]
    fn a_line_has_every_field_in_its_place() {
        assert_eq!(
            entry().to_string(),
            "http 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 \
             0.000 0.001 0.000 200 200 34 366 \"GET http://www.example.com:80/ HTTP/1.1\" \"curl/7.46.0\" - - \
             arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/t/73e2 \
             \"Root=1-58337262-36d228ad5d99923122bbe354\" \"-\" \"-\" 0 2018-07-02T22:22:48.364000Z \"forward\" \"-\" \
             \"-\" \"10.0.0.1:80\" \"200\" \"-\" \"-\" TID_1234abcd5678ef90 \"-\" \"-\" \"-\""
        );
    }

    #[test]
    fn what_is_not_there_is_a_hyphen_and_times_are_minus_one() {
        let tls = Encrypted {
            protocol: "TLSv1.2".into(),
            cipher: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256".into(),
            domain_name: Some("a.example".into()),
            certificate_arn: Some("arn:aws:acm:us-east-2:123456789012:certificate/1".into()),
        };
        let redirected = Entry {
            carrier: Carrier::H2,
            target: None,
            times: [None; 3],
            status: Some(301),
            target_status: None,
            user_agent: None,
            tls: Some(Arc::new(tls)),
            target_group_arn: None,
            priority: Some(5),
            action: Some("redirect"),
            redirect_url: Some("https://b.example:443/".into()),
            ambiguous: true,
            ..entry()
        };
        let line = redirected.to_string();
        assert!(line.contains(" 192.168.131.39:2817 - -1 -1 -1 301 - 34 366 "), "{line}");
        assert!(line.contains(" \"-\" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 - \"Root="), "{line}");
        assert!(
            line.contains(" \"a.example\" \"arn:aws:acm:us-east-2:123456789012:certificate/1\" 5 "),
            "{line}"
        );
        assert!(
            line.contains(" \"redirect\" \"https://b.example:443/\" \"-\" \"-\" \"-\" \"Ambiguous\" "),
            "{line}"
        );
    }

    #[test]
    fn nothing_of_a_request_ends_its_field_or_line() {
        let odd = Entry { user_agent: Some("a \"b\\ \n".into()), status: None, ..entry() };
        let line = odd.to_string();
        assert!(line.contains(r#" "a \x22b\x5C \x0A" "#) && line.contains(" 460 200 "), "{line}");
        assert!(!line.contains('\n'));
    }

    #[test]
    fn ciphers_have_their_names_of_openssl() {
        for (given, expected) in [
            ("TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"),
            ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"),
            ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"),
        ] {
            assert_eq!(openssl_name(given), expected);
        }
    }

    #[test]
    fn an_access_log_needs_a_bucket() {
        let mut set = Set::from([(ACCESS_LOGS.to_owned(), "true".to_owned())]);
        assert!(check(Kind::Application, &set).is_err());
        set.insert(ACCESS_LOGS_BUCKET.to_owned(), "logs".to_owned());
        assert!(check(Kind::Application, &set).is_ok());
        set.insert(ACCESS_LOGS_PREFIX.to_owned(), "a/AWSLogs".to_owned());
        assert!(check(Kind::Application, &set).is_err());
    }

    #[test]
    fn files_are_called_as_on_aws() {
        let end = Timestamp::from_rfc3339("2022-01-05T23:40:00Z").unwrap();
        assert_eq!(
            log("my/prefix").key(end, "20sg8hgm"),
            "my/prefix/AWSLogs/123456789012/elasticloadbalancing/us-east-2/2022/01/05/\
             123456789012_elasticloadbalancing_us-east-2_app.my-loadbalancer.50dc6c495c0c9188_20220105T2340Z_10.0.0.9_\
             20sg8hgm.log.gz"
        );
        assert!(log("").key(end, "x").starts_with("AWSLogs/123456789012/elasticloadbalancing/"));
        assert_eq!(test_key("/p/", "1"), "p/AWSLogs/1/ELBAccessLogTestFile");
    }
}
