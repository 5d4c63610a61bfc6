//! A connection to a TLS listener of a network load balancer on its way into an access log. It becomes an entry when nobody
//! holds it any more.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use gantry_elb_core::access_log::{AccessLog, Connection, Encrypted, Journal, Logged};
use rustls::ServerConnection;

use crate::counts::Counter;
use crate::http::record::micros;
use crate::listen::{Live, Shared};
use crate::tls;
use crate::watched::Counts;

/// A connection that is to be logged.
pub struct Record {
    journal: Arc<dyn Journal>,
    log: Arc<AccessLog>,
    live: Arc<Live>,
    client: SocketAddr,
    destination: SocketAddr,
    begun: Instant,
    created_us: u64,
    received: Counter,
    sent: Counter,
    agreed: Mutex<Option<Agreed>>,
}

/// What a handshake came to.
struct Agreed {
    took: Duration,
    tls: Encrypted,
    alpn: Option<String>,
}

impl Record {
    /// Begins one, if the load balancer keeps a log.
    pub fn begin(
        live: &Arc<Live>,
        shared: &Shared,
        client: SocketAddr,
        destination: SocketAddr,
    ) -> Option<Arc<Record>> {
        Some(Arc::new(Record {
            log: live.of.access_log.clone()?,
            journal: shared.journal.clone()?,
            live: live.clone(),
            client,
            destination,
            begun: Instant::now(),
            created_us: micros(),
            received: Counter::default(),
            sent: Counter::default(),
            agreed: Mutex::default(),
        }))
    }

    /// The handshake is over.
    pub fn agreed(&self, session: &ServerConnection) {
        let name = session.server_name().unwrap_or_default();
        let chosen = self.live.listener.tls.as_ref().and_then(|all| tls::chosen(all, name));
        let (protocol, cipher) = tls::agreed(session);
        let agreed = Agreed {
            took: self.begun.elapsed(),
            tls: Encrypted {
                protocol: protocol.to_owned(),
                cipher,
                domain_name: (!name.is_empty()).then(|| name.to_owned()),
                certificate_arn: chosen.map(str::to_owned),
            },
            alpn: session.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned()),
        };
        *self.agreed.lock().unwrap_or_else(PoisonError::into_inner) = Some(agreed);
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

impl Drop for Record {
    fn drop(&mut self) {
        let agreed = self.agreed.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        let (handshake, tls, alpn) = match agreed {
            Some(Agreed { took, tls, alpn }) => (Some(took), Some(tls), alpn),
            None => (None, None, None),
        };
        let listener = self.live.listener.arn.rsplit('/').next().unwrap_or_default();
        self.journal.take(Logged::Connection(Connection {
            log: self.log.clone(),
            at_us: micros(),
            listener: listener.to_owned(),
            client: self.client,
            destination: self.destination,
            lasted: self.begun.elapsed(),
            handshake,
            received_bytes: self.received.get(),
            sent_bytes: self.sent.get(),
            tls,
            alpn,
            created_us: self.created_us,
        }));
    }
}
