//! TLS, on both sides.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, LazyLock};

use gantry_elb_core::configuration::{Tls, Version};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, ServerConfig, SignatureScheme};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::reach::CONNECT;

/// The settings of a listener; `None` where none of its certificates can be used.
pub fn of_listener(tls: &Tls) -> Option<Arc<ServerConfig>> {
    let provider = Arc::new(ring::default_provider());
    let mut names = Vec::new();
    for certificate in &tls.certificates {
        match keyed(&certificate.chain_pem, &certificate.key_pem, &provider) {
            Ok(key) => names.push((names_of(&key), Arc::new(key))),
            Err(error) => {
                tracing::warn!(certificate = certificate.arn, %error, "a certificate can't be used")
            }
        }
    }
    let certificates = Certificates::new(names)?;
    let versions: &[&rustls::SupportedProtocolVersion] = match (tls.policy.tls12, tls.policy.tls13) {
        (true, true) => &[&rustls::version::TLS13, &rustls::version::TLS12],
        (false, _) => &[&rustls::version::TLS13],
        (true, false) => &[&rustls::version::TLS12],
    };
    let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(versions).ok()?;
    let mut config = builder.with_no_client_auth().with_cert_resolver(Arc::new(certificates));
    config.alpn_protocols = tls.alpn.iter().map(|name| name.clone().into_bytes()).collect();
    Some(Arc::new(config))
}

fn keyed(chain: &str, key: &str, provider: &CryptoProvider) -> Result<CertifiedKey, String> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain.as_bytes()).collect();
    let chain = chain.map_err(|error| error.to_string())?;
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|error| error.to_string())?;
    CertifiedKey::from_der(chain, key, provider).map_err(|error| error.to_string())
}

/// The certificates of a listener by the names that they are for.
#[derive(Debug)]
struct Certificates {
    default: Arc<CertifiedKey>,
    exact: HashMap<String, Arc<CertifiedKey>>,
    /// By what follows the star.
    wildcard: HashMap<String, Arc<CertifiedKey>>,
}

impl Certificates {
    fn new(all: Vec<(Vec<String>, Arc<CertifiedKey>)>) -> Option<Certificates> {
        let default = all.first()?.1.clone();
        let (mut exact, mut wildcard) = (HashMap::new(), HashMap::new());
        for (names, key) in all {
            for name in names {
                let name = name.to_ascii_lowercase();
                match name.strip_prefix("*.") {
                    Some(rest) => wildcard.entry(rest.to_owned()).or_insert_with(|| key.clone()),
                    None => exact.entry(name).or_insert_with(|| key.clone()),
                };
            }
        }
        Some(Certificates { default, exact, wildcard })
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().unwrap_or_default().to_ascii_lowercase();
        let by_star = || self.wildcard.get(name.split_once('.')?.1);
        Some(self.exact.get(&name).or_else(by_star).unwrap_or(&self.default).clone())
    }
}

/// The protocol's version and the cipher that a session agreed on: `TLSv1.3`, `TLS_AES_128_GCM_SHA256`.
pub fn agreed(session: &rustls::ServerConnection) -> (&'static str, String) {
    let version = match session.protocol_version() {
        Some(rustls::ProtocolVersion::TLSv1_3) => "TLSv1.3",
        _ => "TLSv1.2",
    };
    let cipher = session.negotiated_cipher_suite().map(|suite| format!("{:?}", suite.suite()));
    (version, cipher.unwrap_or_default().replace("TLS13_", "TLS_"))
}

/// The ARN of the certificate that a client is shown who asks for this name.
pub fn chosen<'a>(tls: &'a Tls, name: &str) -> Option<&'a str> {
    let all = tls.certificates.iter().map(|certificate| {
        let first = CertificateDer::pem_slice_iter(certificate.chain_pem.as_bytes()).next();
        let names = first.and_then(Result::ok).and_then(|first| alternative_names(first.as_ref()));
        (certificate, names.unwrap_or_default())
    });
    let all: Vec<_> = all.collect();
    let has = |wanted: &str| {
        all.iter().find(|(_, names)| names.iter().any(|name| name.eq_ignore_ascii_case(wanted)))
    };
    let by_star = || has(&format!("*.{}", name.split_once('.')?.1));
    has(name).or_else(by_star).or(all.first()).map(|(certificate, _)| certificate.arn.as_str())
}

/// The DNS names in a certificate's extension for alternative names, found by walking its DER.
fn names_of(key: &CertifiedKey) -> Vec<String> {
    let Some(certificate) = key.cert.first() else { return Vec::new() };
    alternative_names(certificate.as_ref()).unwrap_or_default()
}

/// One element of DER: its tag, its content, and what follows.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

fn alternative_names(certificate: &[u8]) -> Option<Vec<String>> {
    const SUBJECT_ALTERNATIVE_NAME: [u8; 3] = [0x55, 0x1d, 0x11];
    let (_, certificate, _) = element(certificate)?;
    let (_, mut fields, _) = element(certificate)?;
    // The extensions are the last field of what is signed, with the tag [3].
    let extensions = loop {
        let (tag, content, rest) = element(fields)?;
        if tag == 0xa3 {
            break content;
        }
        fields = rest;
    };
    let (_, mut extensions, _) = element(extensions)?;
    while let Some((_, extension, rest)) = element(extensions) {
        extensions = rest;
        let (_, id, mut value) = element(extension)?;
        if id != SUBJECT_ALTERNATIVE_NAME {
            continue;
        }
        let mut names = Vec::new();
        while let Some((tag, content, rest)) = element(value) {
            value = rest;
            // The octet string holds the sequence of names; before it there may be a boolean.
            if tag == 0x04 {
                let (_, mut list, _) = element(content)?;
                while let Some((tag, name, rest)) = element(list) {
                    list = rest;
                    if tag == 0x82 {
                        names.push(String::from_utf8_lossy(name).into_owned());
                    }
                }
            }
        }
        return Some(names);
    }
    Some(Vec::new())
}

/// A connection to a target, whose certificate nobody looks at, as AWS does not. It is there within the time that a
/// target has to take a connection.
pub async fn to_target<S>(stream: S, version: Version) -> io::Result<TlsStream<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    static ONE: LazyLock<Option<Arc<ClientConfig>>> = LazyLock::new(|| to_targets(&[]));
    static TWO: LazyLock<Option<Arc<ClientConfig>>> = LazyLock::new(|| to_targets(&[b"h2"]));
    let config = if version == Version::Http1 { &ONE } else { &TWO };
    let config = config.as_ref().ok_or_else(|| io::Error::other("there is no version of TLS"))?;
    let name = ServerName::try_from("target").map_err(io::Error::other)?;
    let connecting = TlsConnector::from(config.clone()).connect(name, stream);
    tokio::time::timeout(CONNECT, connecting).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

fn to_targets(protocols: &[&[u8]]) -> Option<Arc<ClientConfig>> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone());
    let mut config = builder
        .with_safe_default_protocol_versions()
        .ok()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody(provider)))
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    config.enable_sni = false;
    // All targets go by the same name here, so nothing of one's session may be used with another.
    config.resumption = rustls::client::Resumption::disabled();
    Some(Arc::new(config))
}

#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, timeout};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_target_that_does_not_answer_the_handshake_is_given_up() {
        for version in [Version::Http1, Version::Http2] {
            // It takes the connection and all that is sent.
            let (near, _far) = tokio::io::duplex(64 * 1024);
            let began = Instant::now();
            let connected = timeout(CONNECT * 2, to_target(near, version)).await.expect("it is given up");
            assert_eq!(connected.err().map(|error| error.kind()), Some(io::ErrorKind::TimedOut));
            assert!(began.elapsed() >= CONNECT, "it had its time");
        }
    }
}
