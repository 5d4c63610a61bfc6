//! A repository of a registry, over the OCI distribution protocol.

use std::sync::Mutex;
use std::time::Duration;

use futures::StreamExt;
use http::header::{ACCEPT, AUTHORIZATION, HOST, LOCATION, RANGE, WWW_AUTHENTICATE};
use http::{HeaderValue, Method, StatusCode};
use reqwest::{Response, Url};
use serde::Deserialize;

use super::manifest;
use super::reference::Reference;
use crate::engine::error::{EngineError, PullError};
use crate::engine::image::{Credentials, Pull, Source};

/// As the distribution specification asks registries to allow at least.
const DOCUMENT_BYTES: usize = 4 << 20;
const REDIRECTS: usize = 5;
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// Of silence.
const READ_LIMIT: Duration = Duration::from_secs(30);

/// The client for all registries. It follows no redirect by itself: see [`Repository::send`].
pub(crate) fn http_client() -> Result<reqwest::Client, EngineError> {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        return Err(EngineError::Invalid(
            "no TLS provider is installed: install one before starting an engine".into(),
        ));
    }
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_LIMIT)
        .read_timeout(READ_LIMIT)
        .user_agent(concat!("gantry/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| EngineError::internal("make an HTTP client", error))
}

/// A manifest or index as the registry gave it.
pub(crate) struct Fetched {
    pub digest: String,
    pub media_type: String,
    pub bytes: Vec<u8>,
}

pub(crate) struct Repository {
    http: reqwest::Client,
    /// Of the whole reference, for errors.
    name: String,
    /// `BASE/v2/REPOSITORY/`.
    root: Url,
    repository: String,
    host: Option<HeaderValue>,
    credentials: Credentials,
    /// What the registry accepted or was told to expect.
    authorization: Mutex<Option<HeaderValue>>,
}

impl Repository {
    pub(crate) fn new(http: reqwest::Client, pull: &Pull, reference: &Reference) -> Result<Self, PullError> {
        let invalid = |why| PullError::InvalidReference { reference: pull.reference.clone(), why };
        let (base, host) = match &pull.source {
            Source::Reference => (reference.base(), None),
            Source::Endpoint { base, host } => {
                let host = host.as_deref().map(HeaderValue::from_str).transpose();
                (base.clone(), host.map_err(|_| invalid("the host is not one"))?)
            }
        };
        let root = format!("{}/v2/{}/", base.trim_end_matches('/'), reference.repository);
        let root = Url::parse(&root).map_err(|_| invalid("the registry is no address"))?;
        let authorization = match (&pull.credentials, &pull.source) {
            (Credentials::Bearer(token), _) => Some(secret(&format!("Bearer {token}"))?),
            // Our own endpoint takes it at once; others are asked first what they want.
            (Credentials::Basic { username, password }, Source::Endpoint { .. }) => {
                Some(basic(username, password)?)
            }
            (Credentials::Basic { .. } | Credentials::None, _) => None,
        };
        Ok(Self {
            http,
            name: pull.reference.clone(),
            root,
            repository: reference.repository.clone(),
            host,
            credentials: pull.credentials.clone(),
            authorization: Mutex::new(authorization),
        })
    }

    /// The digest that a tag or digest means now, without its document, if the registry tells.
    pub(crate) async fn resolve(&self, wanted: &str) -> Result<Option<String>, PullError> {
        let path = format!("manifests/{wanted}");
        let response = self.request(Method::HEAD, &path, Some(manifest::ACCEPT), 0).await?;
        let digest = response.headers().get("docker-content-digest");
        Ok(digest.and_then(|value| value.to_str().ok()).map(str::to_owned))
    }

    /// A manifest or index, checked against its digest where one was asked for.
    pub(crate) async fn document(&self, wanted: &str) -> Result<Fetched, PullError> {
        let path = format!("manifests/{wanted}");
        let response = self.request(Method::GET, &path, Some(manifest::ACCEPT), 0).await?;
        let header = |name: &str| {
            let value = response.headers().get(name).and_then(|value| value.to_str().ok());
            value.map(str::to_owned)
        };
        let media_type = header("content-type").unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim().to_owned();
        let promised = header("docker-content-digest");
        let bytes = whole(response, DOCUMENT_BYTES).await?;
        let digest = manifest::digest_of(&bytes);
        for expected in promised.iter().map(String::as_str).chain([wanted]) {
            if expected.starts_with("sha256:") && expected != digest {
                return Err(PullError::Corrupt {
                    digest: expected.to_owned(),
                    detail: format!("the registry sent {digest}"),
                });
            }
        }
        Ok(Fetched { digest, media_type, bytes })
    }

    /// A small blob, checked against its digest.
    pub(crate) async fn small_blob(&self, digest: &str) -> Result<Vec<u8>, PullError> {
        let response = self.blob(digest, 0).await?;
        let bytes = whole(response, DOCUMENT_BYTES).await?;
        let found = manifest::digest_of(&bytes);
        if found != digest {
            let detail = format!("the registry sent {found}");
            return Err(PullError::Corrupt { digest: digest.to_owned(), detail });
        }
        Ok(bytes)
    }

    /// A blob from this offset on. A registry that does not know ranges sends all of it (status 200).
    pub(crate) async fn blob(&self, digest: &str, offset: u64) -> Result<Response, PullError> {
        self.request(Method::GET, &format!("blobs/{digest}"), None, offset).await
    }

    async fn request(
        &self,
        method: Method,
        path: &str,
        accept: Option<&'static str>,
        offset: u64,
    ) -> Result<Response, PullError> {
        let url = self.root.join(path).map_err(network)?;
        let mut response = self.send(&method, url.clone(), accept, offset).await?;
        if response.status() == StatusCode::UNAUTHORIZED && self.answer_challenge(&response).await? {
            response = self.send(&method, url, accept, offset).await?;
        }
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        Err(match status {
            StatusCode::NOT_FOUND => PullError::NotFound { reference: self.name.clone() },
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                let detail = registry_words(response).await;
                PullError::Unauthorized { reference: self.name.clone(), detail }
            }
            StatusCode::TOO_MANY_REQUESTS => {
                PullError::TooManyRequests { registry: self.root.authority().to_owned() }
            }
            StatusCode::RANGE_NOT_SATISFIABLE => PullError::Corrupt {
                digest: path.trim_start_matches("blobs/").to_owned(),
                detail: format!("the registry has less than {offset} bytes of it"),
            },
            _ => {
                let words = registry_words(response).await;
                PullError::Network { detail: format!("{method} {}{path}: {words}", self.root) }
            }
        })
    }

    /// Sends, following redirects. Only the registry itself sees the credentials and the `Host` asked for.
    async fn send(
        &self,
        method: &Method,
        mut url: Url,
        accept: Option<&'static str>,
        offset: u64,
    ) -> Result<Response, PullError> {
        for _ in 0..=REDIRECTS {
            let mut request = self.http.request(method.clone(), url.clone());
            if let Some(accept) = accept {
                request = request.header(ACCEPT, accept);
            }
            if offset > 0 {
                request = request.header(RANGE, format!("bytes={offset}-"));
            }
            if url.origin() == self.root.origin() {
                if let Some(host) = &self.host {
                    request = request.header(HOST, host.clone());
                }
                let authorization = self.authorization.lock().expect("no holder of the lock panics");
                if let Some(value) = authorization.as_ref() {
                    request = request.header(AUTHORIZATION, value.clone());
                }
            }
            let response = request.send().await.map_err(network)?;
            if !response.status().is_redirection() {
                return Ok(response);
            }
            let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            let location = location.ok_or_else(|| network("a redirect to nowhere"))?;
            url = url.join(location).map_err(network)?;
        }
        Err(network("too many redirects"))
    }

    /// Gets what the registry asks for in `WWW-Authenticate`; false if there is nothing more to offer.
    async fn answer_challenge(&self, response: &Response) -> Result<bool, PullError> {
        let header = response.headers().get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
        let Some(challenge) = header.and_then(Challenge::parse) else { return Ok(false) };
        let answer = match (challenge, &self.credentials) {
            (Challenge::Basic, Credentials::Basic { username, password }) => basic(username, password)?,
            (Challenge::Basic, _) | (Challenge::Bearer { .. }, Credentials::Bearer(_)) => {
                return Ok(false);
            }
            (Challenge::Bearer { realm, service, scope }, _) => {
                let Some(token) = self.token(&realm, service, scope).await? else {
                    return Ok(false);
                };
                secret(&format!("Bearer {token}"))?
            }
        };
        let mut authorization = self.authorization.lock().expect("no holder of the lock panics");
        // What was refused once is refused again.
        if authorization.as_ref() == Some(&answer) {
            return Ok(false);
        }
        *authorization = Some(answer);
        Ok(true)
    }

    async fn token(
        &self,
        realm: &str,
        service: Option<String>,
        scope: Option<String>,
    ) -> Result<Option<String>, PullError> {
        #[derive(Deserialize)]
        struct Answer {
            token: Option<String>,
            access_token: Option<String>,
        }
        let mut url = Url::parse(realm).map_err(network)?;
        let scope = scope.unwrap_or_else(|| format!("repository:{}:pull", self.repository));
        url.query_pairs_mut().append_pair("scope", &scope);
        if let Some(service) = service {
            url.query_pairs_mut().append_pair("service", &service);
        }
        let mut request = self.http.get(url);
        if let Credentials::Basic { username, password } = &self.credentials {
            request = request.header(AUTHORIZATION, basic(username, password)?);
        }
        let response = request.send().await.map_err(network)?;
        if !response.status().is_success() {
            let status = response.status();
            return match status.is_client_error() {
                true => Ok(None),
                false => Err(network(format!("{realm}: {status}"))),
            };
        }
        let bytes = whole(response, 1 << 20).await?;
        let answer: Answer = serde_json::from_slice(&bytes).map_err(network)?;
        Ok(answer.token.or(answer.access_token))
    }
}

enum Challenge {
    Basic,
    Bearer { realm: String, service: Option<String>, scope: Option<String> },
}

impl Challenge {
    fn parse(header: &str) -> Option<Self> {
        let (scheme, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let (mut realm, mut service, mut scope) = (None, None, None);
        let mut rest = rest.trim_start();
        while let Some((name, after)) = rest.split_once('=') {
            let (value, tail) = match after.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"')?,
                None => after.split_at(after.find(',').unwrap_or(after.len())),
            };
            match name.trim().to_ascii_lowercase().as_str() {
                "realm" => realm = Some(value.to_owned()),
                "service" => service = Some(value.to_owned()),
                "scope" => scope = Some(value.to_owned()),
                _ => {}
            }
            rest = tail.trim_start_matches([',', ' ']);
        }
        Some(Self::Bearer { realm: realm?, service, scope })
    }
}

fn basic(username: &str, password: &str) -> Result<HeaderValue, PullError> {
    use base64::Engine as _;
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{username}:{password}"));
    secret(&format!("Basic {pair}"))
}

fn secret(text: &str) -> Result<HeaderValue, PullError> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| EngineError::Invalid("the registry's token has control characters".into()))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The error with what caused it: the outermost says little ("error sending request").
pub(crate) fn network(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> PullError {
    let error = error.into();
    let mut detail = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !detail.contains(&text) {
            detail = format!("{detail}: {text}");
        }
        source = cause.source();
    }
    PullError::Network { detail }
}

async fn whole(response: Response, limit: usize) -> Result<Vec<u8>, PullError> {
    let mut bytes = Vec::new();
    let mut stream = response.bytes_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(network)?;
        if bytes.len() + chunk.len() > limit {
            return Err(network(format!("the registry sent more than {limit} bytes")));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The registry's own explanation of an error, or its status.
async fn registry_words(response: Response) -> String {
    #[derive(Deserialize)]
    struct Body {
        errors: Vec<Entry>,
    }
    #[derive(Deserialize)]
    struct Entry {
        code: Option<String>,
        message: Option<String>,
    }
    let status = response.status();
    let body = whole(response, 64 << 10).await.unwrap_or_default();
    match serde_json::from_slice::<Body>(&body).ok().and_then(|body| body.errors.into_iter().next()) {
        Some(Entry { code: Some(code), message: Some(message) }) => format!("{code}: {message}"),
        Some(Entry { message: Some(message), .. }) => message,
        _ => format!("unexpected status {status}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges() {
        let header = r#"Bearer realm="https://auth.x/token?a=b",service="reg, x",scope="repository:a:pull""#;
        let Some(Challenge::Bearer { realm, service, scope }) = Challenge::parse(header) else {
            panic!("not a bearer challenge")
        };
        assert_eq!(realm, "https://auth.x/token?a=b");
        assert_eq!(service.as_deref(), Some("reg, x"));
        assert_eq!(scope.as_deref(), Some("repository:a:pull"));
        assert!(matches!(Challenge::parse(r#"Basic realm="x""#), Some(Challenge::Basic)));
        assert!(Challenge::parse("Bearer service=x").is_none());
        assert!(Challenge::parse("Negotiate").is_none());
    }
}
