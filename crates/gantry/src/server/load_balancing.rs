//! The data plane of load balancers, within this process: it is handed its configuration, and what it knows of targets
//! is kept.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use gantry_acm::{Issued, Issuer, KeyAlgorithm};
use gantry_elb::{AccessLogs, Elb};
use gantry_net::Net;
use gantry_proxy::{Options, Proxy};
use rcgen::KeyPair;
use rsa::pkcs8::EncodePrivateKey;
use rsa::rand_core::{Infallible, TryCryptoRng, TryRng};
use tokio::task::JoinHandle;

use super::reach::Networks;
use super::services::{Services, reason};
use super::sleepers::{self, Wakes};
use crate::layout::{Layout, write_private};
use crate::pki::Authority;

/// Changes of targets' health within this while are kept together.
const TOGETHER: Duration = Duration::from_millis(50);

/// The data plane, and what keeps its reports.
pub struct LoadBalancing {
    proxy: Proxy,
    reporting: JoinHandle<()>,
    telling: JoinHandle<()>,
    networks: Networks,
    access_logs: Arc<AccessLogs>,
}

impl LoadBalancing {
    /// Begins to carry what load balancers are to carry.
    pub fn start(layout: &Layout, services: &Services) -> Result<LoadBalancing> {
        let networks = Networks::default();
        let elb = &services.elb;
        let access_logs = AccessLogs::start(elb.buckets.clone(), elb.clock.clone(), elb.ids.clone());
        let options = Options {
            reach: Arc::new(networks.clone()),
            waker: Arc::new(Wakes(services.ecs.clone())),
            cookie_key: cookie_key(layout)?,
            front_door: true,
            journal: Some(access_logs.clone()),
        };
        let proxy = Proxy::start(services.elb.data_plane().configuration(), options);
        let (counted, logs) = (proxy.counted(), access_logs.clone());
        services.carried.are(move || (counted(), logs.delivered()));
        let reporting = tokio::spawn(report(services.elb.clone(), proxy.known()));
        let telling = tokio::spawn(sleepers::tell_uses(services.ecs.clone(), proxy.counted()));
        Ok(LoadBalancing { proxy, reporting, telling, networks, access_logs })
    }

    /// These are the networks that load balancers are in.
    pub fn within(&self, networks: Option<Arc<Net>>) {
        self.networks.are(networks);
    }

    /// Lets what is under way end.
    pub async fn end(self) {
        self.proxy.end().await;
        self.reporting.abort();
        self.telling.abort();
        self.access_logs.end().await;
    }
}

async fn report(
    elb: Elb,
    mut known: tokio::sync::watch::Receiver<Arc<gantry_elb_core::configuration::Known>>,
) {
    while known.changed().await.is_ok() {
        tokio::time::sleep(TOGETHER).await;
        let now = known.borrow_and_update().clone();
        if let Err(failure) = elb.report(&now).await {
            tracing::warn!(reason = reason(&failure), "what is known of targets was not kept");
            known.mark_changed();
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

/// What cookies are sealed with: made once, so that clients stay with their targets over a restart.
fn cookie_key(layout: &Layout) -> Result<[u8; 32]> {
    let kept = layout.cookie_key();
    let text = match std::fs::read_to_string(&kept) {
        Ok(text) => text,
        Err(_) => {
            let mut key = [0; 32];
            gantry_base::Ids::fill(&gantry_base::OsIds, &mut key);
            let text = hex::encode(key);
            write_private(&kept, text.as_bytes())?;
            text
        }
    };
    let key = hex::decode(text.trim()).ok().and_then(|key| key.try_into().ok());
    key.ok_or_else(|| anyhow!("{} is damaged; remove it", kept.display())).context("the key of cookies")
}

/// Certificates by this Gantry's own authority.
struct Local(Arc<Authority>);

impl Issuer for Local {
    fn issue(&self, names: &[String], algorithm: KeyAlgorithm) -> Result<Issued, String> {
        let name = names.first().cloned().unwrap_or_default();
        let issued = key(algorithm).and_then(|key| self.0.issue_with(key, &name, names, &[]));
        let issued = issued.map_err(|error| format!("{error:#}"))?;
        Ok(Issued {
            certificate_pem: issued.certificate,
            chain_pem: self.0.certificate.clone(),
            key_pem: issued.key,
        })
    }
}

/// Draws a key. One of RSA may take a second of a core.
fn key(algorithm: KeyAlgorithm) -> Result<KeyPair> {
    Ok(match algorithm {
        KeyAlgorithm::Rsa2048 => {
            let key =
                rsa::PrivateKey::new(&mut Drawn, 2048).map_err(|error| anyhow!("draw a key: {error}"))?;
            let der = key.to_pkcs8_der().map_err(|error| anyhow!("write a key: {error}"))?;
            KeyPair::try_from(der.as_bytes())?
        }
        KeyAlgorithm::EcPrime256v1 => KeyPair::generate()?,
        KeyAlgorithm::EcSecp384r1 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384)?,
    })
}

/// The system's source of randomness, as RSA wants it.
struct Drawn;

impl TryRng for Drawn {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        gantry_base::Ids::fill(&gantry_base::OsIds, bytes);
        Ok(())
    }
}

impl TryCryptoRng for Drawn {}

/// What ACM has its certificates from.
pub fn issuer(authority: &Arc<Authority>) -> Arc<dyn Issuer> {
    Arc::new(Local(authority.clone()))
}
