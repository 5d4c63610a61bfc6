//! How a machine becomes a node: the token that its operator gave it, and the calls that it makes before and after.
//!
//! The token carries the digest of the authority's certificate, so that a machine gives the token's secret to that
//! Gantry alone, and trusts nobody else from then on.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use gantry_node_proto::tls::{CONTROL_NAME, Material};
use gantry_node_proto::v1::membership_client::MembershipClient;
use gantry_node_proto::v1::{self, JoinRequest, LeaveRequest};
use gantry_node_proto::{HEARTBEAT, WINDOW_BYTES};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, SignatureScheme};
use sha2::{Digest, Sha256};
use tokio::net::TcpStream;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};

const PATIENCE: Duration = Duration::from_secs(20);
/// What a token begins with: its form may change.
const FORM: &str = "gantry1";

/// A token as machines are given it: `gantry1.ID.SECRET.DIGEST`.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Which token it is, and its secret.
    pub id: String,
    pub secret: String,
    /// SHA-256 of the authority's certificate, in hexadecimal.
    pub authority: String,
}

impl fmt::Display for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{FORM}.{}.{}.{}", self.id, self.secret, self.authority)
    }
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invitation").field("id", &self.id).finish_non_exhaustive()
    }
}

impl FromStr for Invitation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.trim().split('.').collect();
        let hex =
            |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        match parts[..] {
            [FORM, id, secret, authority] if hex(id, 12) && hex(secret, 48) && hex(authority, 64) => {
                Ok(Invitation { id: id.into(), secret: secret.into(), authority: authority.into() })
            }
            _ => Err("it is no token as gantry node token prints it".to_owned()),
        }
    }
}

/// What a machine comes with.
#[derive(Debug, Clone)]
pub enum Ticket {
    Invitation(Invitation),
    /// An activation of Systems Manager, for a container instance of the cluster; and the authority's digest.
    Activation {
        id: String,
        code: String,
        cluster: String,
        authority: String,
    },
}

#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    #[error("{0:?} is no address of a Gantry: it must be https://HOST:PORT")]
    BadServer(String),
    #[error("{server} does not answer: {why}")]
    NoAnswer { server: String, why: String },
    #[error("{server} is not the Gantry that gave the token: its authority is another")]
    OtherAuthority { server: String },
    #[error("{0}")]
    Refused(String),
}

/// The URL of nodes' sessions: `https://HOST:PORT`, also where the user left the scheme away.
pub fn server_url(text: &str) -> Result<String, JoinError> {
    let bad = || JoinError::BadServer(text.to_owned());
    let rest = text.strip_prefix("https://").unwrap_or(text).trim_end_matches('/');
    let (host, port) = rest.rsplit_once(':').ok_or_else(bad)?;
    let fine = !host.is_empty() && !host.contains('/') && port.parse::<u16>().is_ok();
    if fine { Ok(format!("https://{rest}")) } else { Err(bad()) }
}

/// Exchanges what it comes with for a certificate of the key that signed the request.
pub async fn join(
    server: &str,
    ticket: &Ticket,
    hostname: &str,
    certificate_request_pem: &str,
) -> Result<v1::JoinResponse, JoinError> {
    let (digest, request) = match ticket {
        Ticket::Invitation(Invitation { id, secret, authority }) => {
            (authority, JoinRequest { token: format!("{id}.{secret}"), ..JoinRequest::default() })
        }
        Ticket::Activation { id, code, cluster, authority } => {
            let (activation_id, activation_code, cluster) = (id.clone(), code.clone(), cluster.clone());
            (authority, JoinRequest { activation_id, activation_code, cluster, ..JoinRequest::default() })
        }
    };
    let authority = authority(server, digest).await?;
    let tls =
        ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&authority)).domain_name(CONTROL_NAME);
    let mut client = MembershipClient::new(channel(server, tls)?);
    let request = JoinRequest {
        hostname: hostname.to_owned(),
        certificate_request_pem: certificate_request_pem.to_owned(),
        ..request
    };
    let answer = tokio::time::timeout(PATIENCE, client.join(request)).await;
    let answer = answer.map_err(|_| no_answer(server, "it took too long"))?;
    let answer = answer.map_err(|status| refused(server, &status))?.into_inner();
    Ok(v1::JoinResponse { ca_pem: authority, ..answer })
}

/// Ends being a node.
pub async fn leave(server: &str, node_id: &str, material: &Material) -> Result<(), JoinError> {
    let mut client = MembershipClient::new(channel(server, material.client())?);
    let asked = client.leave(LeaveRequest { node_id: node_id.to_owned() });
    let answer = tokio::time::timeout(PATIENCE, asked).await;
    let answer = answer.map_err(|_| no_answer(server, "it took too long"))?;
    answer.map(|_| ()).map_err(|status| refused(server, &status))
}

fn refused(server: &str, status: &tonic::Status) -> JoinError {
    match status.code() {
        tonic::Code::Unavailable => no_answer(server, status.message()),
        _ => JoinError::Refused(status.message().to_owned()),
    }
}

fn no_answer(server: &str, why: impl fmt::Display) -> JoinError {
    JoinError::NoAnswer { server: server.to_owned(), why: why.to_string() }
}

/// The way to the control plane beside the session's.
pub(crate) fn channel(server: &str, tls: ClientTlsConfig) -> Result<Channel, JoinError> {
    let bad = |error: tonic::transport::Error| no_answer(server, error);
    let endpoint = Endpoint::from_shared(server.to_owned()).map_err(bad)?;
    let endpoint = endpoint
        .connect_timeout(PATIENCE)
        .tcp_nodelay(true)
        .initial_stream_window_size(WINDOW_BYTES / 4)
        .initial_connection_window_size(2 * WINDOW_BYTES)
        .http2_keep_alive_interval(HEARTBEAT)
        .keep_alive_timeout(PATIENCE)
        .keep_alive_while_idle(true)
        .tls_config(tls)
        .map_err(bad)?;
    Ok(endpoint.connect_lazy())
}

/// The certificate of the server's authority in PEM, if it is the one with that digest.
async fn authority(server: &str, digest: &str) -> Result<String, JoinError> {
    let address = server.trim_start_matches("https://");
    let pinned =
        Arc::new(Pinned { digest: digest.to_owned(), found: Mutex::default(), provider: provider() });
    let mut config = rustls::ClientConfig::builder()
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&pinned) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let connect = async {
        let stream = TcpStream::connect(address).await?;
        let name = ServerName::try_from(CONTROL_NAME).map_err(std::io::Error::other)?;
        tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await
    };
    let connected = tokio::time::timeout(PATIENCE, connect).await;
    let connected = connected.map_err(|_| no_answer(server, "it took too long"))?;
    if let Some(found) = pinned.found.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return Ok(pem(&found));
    }
    match connected {
        Err(error) if is_certificate(&error) => Err(JoinError::OtherAuthority { server: server.to_owned() }),
        Err(error) => Err(no_answer(server, error)),
        Ok(_) => Err(JoinError::OtherAuthority { server: server.to_owned() }),
    }
}

fn is_certificate(error: &std::io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    matches!(inner, Some(rustls::Error::InvalidCertificate(_)))
}

fn provider() -> Arc<CryptoProvider> {
    CryptoProvider::get_default()
        .cloned()
        .unwrap_or_else(|| Arc::new(rustls::crypto::ring::default_provider()))
}

fn pem(der: &[u8]) -> String {
    let text = BASE64.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap_or_default()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

/// Looks for the authority with the digest among what the server shows. Whether the server's own certificate is of that
/// authority is held against it by the connection that follows, to which alone something is given.
#[derive(Debug)]
struct Pinned {
    digest: String,
    found: Mutex<Option<Vec<u8>>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let mut all = std::iter::once(end_entity).chain(intermediates);
        let fits = |one: &&CertificateDer<'_>| hex::encode(Sha256::digest(one)) == self.digest;
        let Some(found) = all.find(fits) else {
            return Err(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer));
        };
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(found.to_vec());
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written() {
        let token = Invitation { id: "0".repeat(12), secret: "a".repeat(48), authority: "f".repeat(64) };
        assert_eq!(token.to_string().parse::<Invitation>(), Ok(token.clone()));
        assert!(!format!("{token:?}").contains(&token.secret));
        for text in ["", "gantry1.0.a.f", "gantry2.000000000000.a.f"] {
            assert!(text.parse::<Invitation>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_server_is_a_host_and_a_port() {
        assert_eq!(server_url("10.0.0.1:4568").unwrap(), "https://10.0.0.1:4568");
        assert_eq!(server_url("https://gantry.example:4568/").unwrap(), "https://gantry.example:4568");
        for text in ["", "https://host", "http://host:1", "host:port", "https://host/x:1"] {
            assert!(server_url(text).is_err(), "{text}");
        }
    }
}
