//! Access logs of network load balancers: a line for each connection to a TLS listener.
//!
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-access-logs.html>

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use gantry_base::Timestamp;

use super::{AccessLog, Address, Encrypted, Or, openssl_name};

/// The version of the format.
const VERSION: &str = "2.0";

/// A connection over TLS that has ended. Moments are microseconds since the epoch.
#[derive(Debug, Clone)]
pub struct Connection {
    pub log: Arc<AccessLog>,
    /// When it ended.
    pub at_us: u64,
    /// The listener's own part of its ARN.
    pub listener: String,
    pub client: SocketAddr,
    /// Where the client found the load balancer.
    pub destination: SocketAddr,
    pub lasted: Duration,
    /// None: there was no handshake to the end.
    pub handshake: Option<Duration>,
    /// Of what is encrypted, without its encryption.
    pub received_bytes: u64,
    pub sent_bytes: u64,
    pub tls: Option<Encrypted>,
    /// The protocol that was agreed on with the client.
    pub alpn: Option<String>,
    pub created_us: u64,
}

impl fmt::Display for Connection {
    /// The line, without its end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tls {VERSION} {} {} {}", Second(self.at_us), self.log.balancer, self.listener)?;
        write!(f, " {} {}", Address(self.client), Address(self.destination))?;
        write!(f, " {} {}", self.lasted.as_millis(), Or(self.handshake.map(|time| time.as_millis())))?;
        write!(f, " {} {}", self.received_bytes, self.sent_bytes)?;
        let tls = self.tls.as_ref();
        let certificate = tls.and_then(|tls| tls.certificate_arn.as_deref());
        // No alert is told of, and AWS keeps the serial number's place for later.
        write!(f, " - {} -", Or(certificate))?;
        let protocol = tls.map(|tls| tls.protocol.to_ascii_lowercase().replace('.', ""));
        write!(f, " {} {} -", Or(tls.map(|tls| openssl_name(&tls.cipher))), Or(protocol))?;
        let name = tls.and_then(|tls| tls.domain_name.as_deref()).map(plain);
        write!(f, " {} {} - -", Or(name), Or(self.alpn.as_deref()))?;
        write!(f, " {}", Second(self.created_us))
    }
}

/// What a client asked for, without anything that could end its field or line.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_graphic()).collect()
}

/// A moment in whole seconds: `2018-12-20T02:59:40`.
struct Second(u64);

impl fmt::Display for Second {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = i64::try_from(self.0 / 1_000_000).unwrap_or(0);
        let text = Timestamp::from_secs(seconds).to_rfc3339();
        f.write_str(text.get(..19).unwrap_or(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection() -> Connection {
        Connection {
            log: Arc::new(AccessLog {
                bucket: "logs".into(),
                prefix: String::new(),
                account: "671290407336".into(),
                region: "us-east-2".into(),
                balancer: "net/my-nlb/c6e77e28c25b2234".into(),
                address: [10, 0, 0, 9].into(),
            }),
            at_us: 1_545_274_780_900_000,
            listener: "g3d4b5e8bb8464cd".into(),
            client: "72.21.218.154:51341".parse().unwrap(),
            destination: "172.100.100.185:443".parse().unwrap(),
            lasted: Duration::from_millis(5),
            handshake: Some(Duration::from_millis(2)),
            received_bytes: 98,
            sent_bytes: 246,
            tls: Some(Encrypted {
                protocol: "TLSv1.2".into(),
                cipher: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256".into(),
                domain_name: Some("a.example".into()),
                certificate_arn: Some("arn:aws:acm:us-east-2:671290407336:certificate/2a".into()),
            }),
            alpn: Some("h2".into()),
            created_us: 1_545_274_770_000_000,
        }
    }

    #[test]
    fn a_line_has_every_field_in_its_place() {
        assert_eq!(
            connection().to_string(),
            "tls 2.0 2018-12-20T02:59:40 net/my-nlb/c6e77e28c25b2234 g3d4b5e8bb8464cd 72.21.218.154:51341 \
             172.100.100.185:443 5 2 98 246 - arn:aws:acm:us-east-2:671290407336:certificate/2a - \
             ECDHE-RSA-AES128-GCM-SHA256 tlsv12 - a.example h2 - - 2018-12-20T02:59:30"
        );
    }

    #[test]
    fn without_a_handshake_there_is_nothing_to_say_of_it() {
        let failed = Connection { handshake: None, tls: None, alpn: None, ..connection() };
        let line = failed.to_string();
        assert!(line.ends_with(" 5 - 98 246 - - - - - - - - - - 2018-12-20T02:59:30"), "{line}");
        let odd = Encrypted { domain_name: Some("a b\nc".into()), ..connection().tls.unwrap() };
        let odd = Connection { tls: Some(odd), ..connection() };
        assert!(odd.to_string().contains(" abc h2 "), "{odd}");
    }
}
