//! Issuers' keys, fetched and remembered.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gantry_base::Timestamp;
use gantry_service::Failure;
use reqwest::Url;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;
use tokio::sync::{OnceCell, Semaphore};

use super::keys::Keys;
use super::token::Token;
use super::trust;
use super::{invalid_token, no_key, unreachable};

/// How long keys are good for.
const FRESH: Duration = Duration::from_secs(300);
/// How long nobody is asked again who had no key for a token, or did not answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest that an issuer may take to answer.
const ANSWER: Duration = Duration::from_secs(5);
/// The largest document of an issuer that is read.
const DOCUMENT_BYTES: usize = 512 * 1024;
/// How many issuers are asked at a time.
const ASKED_AT_ONCE: usize = 16;
/// How many issuers' keys are remembered.
const MOST_REMEMBERED: usize = 1024;

/// Issuers of tokens: where their keys come from. Cheap to clone.
#[derive(Clone)]
pub struct Issuers(Arc<Inner>);

struct Inner {
    /// Trusted beside those of the machine.
    extra: Vec<CertificateDer<'static>>,
    plain_loopback: bool,
    roots: OnceCell<RootCertStore>,
    asked: Semaphore,
    remembered: Mutex<HashMap<Asked, Arc<Room>>>,
}

/// An issuer, and the thumbprints by which it was known.
type Asked = (String, Vec<String>);
/// What is remembered of an issuer. Whoever asks holds it, so that each issuer is asked once at a time.
type Room = tokio::sync::Mutex<Option<Remembered>>;

#[derive(Clone)]
struct Remembered {
    at: Timestamp,
    keys: Result<Keys, Unanswered>,
}

/// Why there are no keys.
#[derive(Debug, Clone, thiserror::Error)]
enum Unanswered {
    /// It was not reached.
    #[error("{0}")]
    Silent(String),
    /// It said something else.
    #[error("what it answers is no document of this issuer's keys")]
    Wrong,
}

impl Default for Issuers {
    fn default() -> Self {
        Issuers::new(Vec::new(), false)
    }
}

impl Issuers {
    /// Issuers with certificates that the machine trusts or `extra` signed. With `plain_loopback` issuers on this
    /// very machine may do without TLS.
    fn new(extra: Vec<CertificateDer<'static>>, plain_loopback: bool) -> Issuers {
        Issuers(Arc::new(Inner {
            extra,
            plain_loopback,
            roots: OnceCell::new(),
            asked: Semaphore::new(ASKED_AT_ONCE),
            remembered: Mutex::default(),
        }))
    }

    /// The same, with the certificates in a file (PEM) trusted beside the machine's. The error is a sentence.
    pub fn trusting(extra: Option<&Path>, plain_loopback: bool) -> Result<Issuers, String> {
        let mut certificates = Vec::new();
        if let Some(file) = extra {
            let what = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
            for certificate in CertificateDer::pem_file_iter(file).map_err(|error| what(&error))? {
                certificates.push(certificate.map_err(|error| what(&error))?);
            }
            if certificates.is_empty() {
                return Err(what(&"it has no certificate"));
            }
        }
        Ok(Issuers::new(certificates, plain_loopback))
    }

    /// Whether a provider of this URL may be made or asked: with TLS, or where plain HTTP is allowed.
    pub(crate) fn takes(&self, url: &str) -> bool {
        match url.split_once("://") {
            Some(("https", _)) => true,
            Some(("http", rest)) => {
                let host = rest.split('/').next().unwrap_or_default();
                let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
                self.0.plain_loopback && matches!(host, "localhost" | "127.0.0.1" | "[::1]")
            }
            _ => false,
        }
    }

    /// Refuses a token that its issuer did not sign.
    pub(crate) async fn verify(
        &self,
        token: &Token,
        thumbprints: &[String],
        now: Timestamp,
    ) -> Result<(), Failure> {
        if !self.takes(&token.issuer) {
            return Err(invalid_token(format!("{} is not an HTTPS URL", token.issuer)));
        }
        let room = self.room((token.issuer.clone(), thumbprints.to_vec()));
        let mut room = room.lock().await;
        let good = room.as_ref().is_some_and(|known| {
            let age = if now >= known.at { now.since(known.at) } else { Duration::MAX };
            let enough = known.keys.as_ref().is_ok_and(|keys| keys.has(token));
            age < if enough { FRESH } else { PATIENCE }
        });
        if !good {
            let keys = self.fetch(&token.issuer, thumbprints).await;
            if let Err(why) = &keys {
                let why = why.to_string();
                tracing::warn!(issuer = token.issuer, why, "an identity provider's keys can't be fetched");
            }
            *room = Some(Remembered { at: now, keys });
        }
        match room.as_ref().map(|known| &known.keys) {
            Some(Ok(keys)) => keys.verify(token),
            Some(Err(Unanswered::Silent(_))) => {
                Err(unreachable(format!("The identity provider {} could not be reached.", token.issuer)))
            }
            Some(Err(Unanswered::Wrong)) | None => Err(no_key()),
        }
    }

    fn room(&self, asked: Asked) -> Arc<Room> {
        let mut remembered = self.0.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= MOST_REMEMBERED && !remembered.contains_key(&asked) {
            remembered.clear();
        }
        remembered.entry(asked).or_default().clone()
    }

    async fn fetch(&self, issuer: &str, thumbprints: &[String]) -> Result<Keys, Unanswered> {
        #[derive(Deserialize)]
        struct Discovery {
            issuer: String,
            jwks_uri: String,
        }
        let _turn = self.0.asked.acquire().await.map_err(|_| Unanswered::Wrong)?;
        let client = self.client(thumbprints).await?;
        let base = issuer.strip_suffix('/').unwrap_or(issuer);
        let document = self.document(&client, &format!("{base}/.well-known/openid-configuration")).await?;
        let found: Discovery = serde_json::from_slice(&document).map_err(|_| Unanswered::Wrong)?;
        // Whoever answers for one issuer does not answer for another.
        if found.issuer != issuer {
            return Err(Unanswered::Wrong);
        }
        let keys = self.document(&client, &found.jwks_uri).await?;
        Keys::read(&keys).ok_or(Unanswered::Wrong)
    }

    /// A client for one issuer. It follows no redirect: what is trusted is the issuer's own word.
    async fn client(&self, thumbprints: &[String]) -> Result<reqwest::Client, Unanswered> {
        let roots = self.0.roots.get_or_init(|| self.roots()).await;
        let silent = |why: String| Unanswered::Silent(why);
        let tls = trust::tls(roots, thumbprints).map_err(silent)?;
        reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(ANSWER)
            .pool_max_idle_per_host(1)
            .user_agent(concat!("gantry/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| silent(error.to_string()))
    }

    /// The certificates of the machine, and the extra ones. What does not read is passed over, as elsewhere.
    async fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        let read = tokio::task::spawn_blocking(rustls_native_certs::load_native_certs).await;
        roots.add_parsable_certificates(read.map(|read| read.certs).unwrap_or_default());
        roots.add_parsable_certificates(self.0.extra.iter().cloned());
        roots
    }

    async fn document(&self, client: &reqwest::Client, url: &str) -> Result<Vec<u8>, Unanswered> {
        if !self.takes(url) {
            return Err(Unanswered::Wrong);
        }
        let url: Url = url.parse().map_err(|_| Unanswered::Wrong)?;
        let silent = |error: reqwest::Error| Unanswered::Silent(format!("{error:?}"));
        let mut answer = client.get(url).send().await.map_err(silent)?;
        if !answer.status().is_success() {
            return Err(Unanswered::Wrong);
        }
        let mut document = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(silent)? {
            if document.len() + chunk.len() > DOCUMENT_BYTES {
                return Err(Unanswered::Wrong);
            }
            document.extend_from_slice(&chunk);
        }
        Ok(document)
    }
}
