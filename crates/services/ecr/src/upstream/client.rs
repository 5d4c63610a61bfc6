//! A client of other registries: OCI distribution v2 with the tokens that they hand out.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use gantry_ecr_core::{Bytestream, Digest, Manifest, ManifestType};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use reqwest::{Client, Response, StatusCode};
use serde::Deserialize;
use tokio::sync::OnceCell;

use super::{Unfetched, host};

/// How long a registry may take to begin an answer.
const ANSWER: Duration = Duration::from_secs(30);
/// The longest answer with a token, in bytes.
const TOKEN_BYTES: usize = 256 * 1024;

/// How other registries are reached.
#[derive(Debug, Default)]
pub struct Upstreams {
    /// Where a registry is asked in place of its own address, by host: a mirror.
    mirrors: BTreeMap<String, String>,
    client: OnceCell<Client>,
}

/// A registry's name and password.
#[derive(Clone)]
pub struct Login {
    pub name: String,
    pub password: String,
}

/// One repository of another registry.
pub struct Remote<'a> {
    client: &'a Client,
    base: String,
    repository: &'a str,
    login: Option<Login>,
    /// What goes into the `Authorization` header.
    authorization: tokio::sync::Mutex<Option<String>>,
}

/// A manifest as another registry gave it.
pub struct Fetched {
    pub media_type: Option<String>,
    pub digest: Digest,
    pub body: Bytes,
}

impl Upstreams {
    /// With mirrors, by host: URLs with `http://` or `https://`.
    pub fn mirrored(mirrors: BTreeMap<String, String>) -> Upstreams {
        Upstreams { mirrors, client: OnceCell::new() }
    }

    /// A repository of a registry.
    pub async fn repository<'a>(
        &'a self,
        url: &str,
        repository: &'a str,
        login: Option<Login>,
    ) -> Result<Remote<'a>, Unfetched> {
        let client = self.client.get_or_try_init(client).await?;
        let host = host(url);
        let base = self.mirrors.get(host).cloned().unwrap_or_else(|| format!("https://{host}"));
        let base = base.trim_end_matches('/').to_owned();
        Ok(Remote { client, base, repository, login, authorization: tokio::sync::Mutex::new(None) })
    }
}

async fn client() -> Result<Client, Unfetched> {
    let mut roots = rustls::RootCertStore::empty();
    let read = tokio::task::spawn_blocking(rustls_native_certs::load_native_certs).await;
    roots.add_parsable_certificates(read.map(|read| read.certs).unwrap_or_default());
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let unusable = |why: String| Unfetched::Failed(format!("TLS can't be used: {why}"));
    let tls = tls.map_err(|error| unusable(error.to_string()))?;
    Client::builder()
        .tls_backend_preconfigured(tls.with_root_certificates(roots).with_no_client_auth())
        .connect_timeout(ANSWER)
        .read_timeout(ANSWER)
        .user_agent(concat!("gantry/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| unusable(error.to_string()))
}

/// What a `WWW-Authenticate` header asks for.
#[derive(Debug, PartialEq, Eq)]
enum Challenge {
    Basic,
    Bearer { realm: String, service: Option<String>, scope: Option<String> },
}

impl Challenge {
    fn parse(header: &str) -> Option<Challenge> {
        let (scheme, rest) = header.split_once(' ').unwrap_or((header, ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Challenge::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let mut rest = rest;
        let mut parameters = BTreeMap::new();
        while let Some((name, after)) = rest.split_once('=') {
            let (value, left) = match after.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"')?,
                None => after.split_once(',').unwrap_or((after, "")),
            };
            parameters.insert(name.trim_matches([' ', ',']).to_ascii_lowercase(), value.to_owned());
            rest = left;
        }
        let realm = parameters.remove("realm")?;
        Some(Challenge::Bearer {
            realm,
            service: parameters.remove("service"),
            scope: parameters.remove("scope"),
        })
    }
}

impl Remote<'_> {
    /// Asks for nothing but to be let in.
    pub async fn knock(&self) -> Result<(), Unfetched> {
        let url = format!("{}/v2/", self.base);
        let answer = self.client.get(&url).send().await.map_err(silent)?;
        let answer = match answer.status() {
            StatusCode::UNAUTHORIZED => {
                let given = self.authorize(&answer).await?;
                self.client.get(&url).header(AUTHORIZATION, given).send().await.map_err(silent)?
            }
            _ => answer,
        };
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(Unfetched::Failed(format!("it answered {status}"))),
        }
    }

    /// A manifest by tag or digest.
    pub async fn manifest(&self, reference: &str) -> Result<Fetched, Unfetched> {
        let accept: Vec<&str> = ManifestType::ALL.iter().map(|one| one.as_str()).collect();
        let mut answer = self.get(&format!("manifests/{reference}"), &accept.join(", ")).await?;
        let media_type = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media_type =
            media_type.and_then(|value| value.split(';').next()).map(|value| value.trim().to_owned());
        let body = whole(&mut answer, Manifest::MAX_BYTES).await?;
        let digest = Digest::of(&body);
        match reference.parse::<Digest>() {
            Ok(asked) if asked != digest => {
                Err(Unfetched::Failed(format!("it gave other content than {reference}")))
            }
            _ => Ok(Fetched { media_type, digest, body }),
        }
    }

    /// A blob's bytes.
    pub async fn blob(&self, digest: Digest) -> Result<Bytestream, Unfetched> {
        let answer = self.get(&format!("blobs/{digest}"), "*/*").await?;
        let content =
            futures::StreamExt::map(answer.bytes_stream(), |piece| piece.map_err(std::io::Error::other));
        Ok(Box::pin(content))
    }

    async fn get(&self, path: &str, accept: &str) -> Result<Response, Unfetched> {
        let mut authorization = self.authorization.lock().await;
        let answer = self.send(path, accept, authorization.as_deref()).await?;
        let answer = match answer.status() {
            StatusCode::UNAUTHORIZED => {
                let given = self.authorize(&answer).await?;
                let answer = self.send(path, accept, Some(&given)).await?;
                *authorization = Some(given);
                answer
            }
            _ => answer,
        };
        match answer.status() {
            status if status.is_success() => Ok(answer),
            StatusCode::NOT_FOUND => Err(Unfetched::NotFound),
            status => Err(Unfetched::Failed(format!("it answered {status}"))),
        }
    }

    async fn send(
        &self,
        path: &str,
        accept: &str,
        authorization: Option<&str>,
    ) -> Result<Response, Unfetched> {
        let url = format!("{}/v2/{}/{path}", self.base, self.repository);
        let mut request = self.client.get(url).header(ACCEPT, accept);
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        request.send().await.map_err(silent)
    }

    /// What to come with again after an answer that asks for it.
    async fn authorize(&self, answer: &Response) -> Result<String, Unfetched> {
        let refused = || Unfetched::Failed("it lets nobody in in a way that is known here".to_owned());
        let header = answer.headers().get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
        match header.and_then(Challenge::parse).ok_or_else(refused)? {
            Challenge::Basic => {
                let login = self.login.as_ref().ok_or_else(|| {
                    Unfetched::Failed("it asks for a name and a password, and the rule has none".to_owned())
                })?;
                Ok(basic(login))
            }
            Challenge::Bearer { realm, service, scope } => {
                let scope = scope.unwrap_or_else(|| format!("repository:{}:pull", self.repository));
                let mut url = reqwest::Url::parse(&realm).map_err(|_| refused())?;
                // A password goes to whom the registry names, which had better not be in the clear.
                if self.login.is_some() && self.base.starts_with("https://") && url.scheme() != "https" {
                    return Err(refused());
                }
                if !self.repository.is_empty() {
                    url.query_pairs_mut().append_pair("scope", &scope);
                }
                if let Some(service) = service {
                    url.query_pairs_mut().append_pair("service", &service);
                }
                let mut request = self.client.get(url);
                if let Some(login) = &self.login {
                    request = request.header(AUTHORIZATION, basic(login));
                }
                let mut answer = request.send().await.map_err(silent)?;
                if !answer.status().is_success() {
                    return Err(Unfetched::Failed(format!("it gave no token: {}", answer.status())));
                }
                let body = whole(&mut answer, TOKEN_BYTES).await?;
                #[derive(Deserialize)]
                struct Token {
                    #[serde(alias = "access_token")]
                    token: String,
                }
                let token: Token = serde_json::from_slice(&body).map_err(|_| refused())?;
                Ok(format!("Bearer {}", token.token))
            }
        }
    }
}

fn basic(login: &Login) -> String {
    use base64::Engine;
    let pair = format!("{}:{}", login.name, login.password);
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}

fn silent(error: reqwest::Error) -> Unfetched {
    // Without the URL, which may hold what is nobody's business.
    let error = error.without_url();
    let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
    Unfetched::Failed(format!("it does not answer: {error}{cause}"))
}

async fn whole(answer: &mut Response, most: usize) -> Result<Bytes, Unfetched> {
    let mut body = bytes::BytesMut::new();
    while let Some(piece) = answer.chunk().await.map_err(silent)? {
        if body.len() + piece.len() > most {
            return Err(Unfetched::Failed(format!("its answer has more than {most} bytes")));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read() {
        let header = "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",scope=\"repository:a/b:pull\"";
        let expected = Challenge::Bearer {
            realm: "https://auth.docker.io/token".into(),
            service: Some("registry.docker.io".into()),
            scope: Some("repository:a/b:pull".into()),
        };
        assert_eq!(Challenge::parse(header), Some(expected));
        assert_eq!(Challenge::parse("Basic realm=\"x\""), Some(Challenge::Basic));
        for bad in ["", "Negotiate", "Bearer", "Bearer service=\"x\"", "Bearer realm=\"x"] {
            assert_eq!(Challenge::parse(bad), None, "{bad}");
        }
    }
}
