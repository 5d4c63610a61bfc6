//! An issuer of tokens on the loopback, with TLS under an authority of its own.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use p521::ecdsa::signature::hazmat::PrehashSigner;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use sha2::{Digest, Sha512};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

pub struct Issuer {
    /// `https://localhost:PORT/realm`
    pub url: String,
    /// The authority's certificate, in a file of its own.
    pub authority: PathBuf,
    /// Of that certificate.
    pub thumbprint: String,
    /// How many documents were asked for.
    pub asked: Arc<AtomicUsize>,
    elliptic: EcdsaKeyPair,
    rsa: RsaKeyPair,
    served: tokio::task::JoinHandle<()>,
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.served.abort();
        // It lies in the folder for temporary files.
        let _ = std::fs::remove_file(&self.authority);
    }
}

impl Issuer {
    /// With TLS, or without.
    pub async fn start(secure: bool) -> Issuer {
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let elliptic =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.as_ref(), &random).unwrap();
        let rsa = RsaKeyPair::from_pkcs8(include_bytes!("data/issuer.rsa.der")).unwrap();

        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let scheme = if secure { "https" } else { "http" };
        let url = format!("{scheme}://localhost:{port}/realm");
        let (chain, own_key, authority) = certificates();
        let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, chain[1].as_ref());
        let thumbprint = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        let file = std::env::temp_dir().join(format!("gantry-issuer-{}-{port}.pem", std::process::id()));
        std::fs::write(&file, authority).unwrap();

        let asked = Arc::new(AtomicUsize::new(0));
        let documents = documents(&url, &elliptic, &rsa);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, own_key)
            .unwrap();
        let tls = tokio_rustls::TlsAcceptor::from(Arc::new(tls));
        let counted = asked.clone();
        let served = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (documents, counted, tls) = (documents.clone(), counted.clone(), tls.clone());
                tokio::spawn(async move {
                    if !secure {
                        answer(stream, &documents, &counted).await;
                    } else if let Ok(stream) = tls.accept(stream).await {
                        answer(stream, &documents, &counted).await;
                    }
                });
            }
        });
        Issuer { url, authority: file, thumbprint, asked, elliptic, rsa, served }
    }

    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// A token with these claims, signed by the key that `kid` names (`rsa`, `elliptic`, `wide`; others are unknown).
    pub fn token(&self, kid: &str, claims: &Value) -> String {
        let alg = match kid {
            "rsa" => "RS256",
            "wide" => "ES512",
            _ => "ES256",
        };
        let header = json!({ "alg": alg, "kid": kid, "typ": "JWT" }).to_string();
        let signed = format!("{}.{}", BASE64.encode(header), BASE64.encode(claims.to_string()));
        let random = SystemRandom::new();
        let signature = match kid {
            "rsa" => {
                let mut signature = vec![0; self.rsa.public().modulus_len()];
                self.rsa.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature).unwrap();
                signature
            }
            "wide" => {
                let hash = Sha512::digest(signed.as_bytes());
                let made: p521::ecdsa::Signature = wide().sign_prehash(&hash).unwrap();
                made.to_bytes().to_vec()
            }
            _ => self.elliptic.sign(&random, signed.as_bytes()).unwrap().as_ref().to_vec(),
        };
        format!("{signed}.{}", BASE64.encode(signature))
    }
}

/// A key of the widest curve.
fn wide() -> p521::ecdsa::SigningKey {
    let mut scalar = [7; 66];
    scalar[0] = 0;
    p521::ecdsa::SigningKey::from_slice(&scalar).unwrap()
}

/// A certificate for `localhost` with its authority's, the key of the first, and the second as PEM.
fn certificates() -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>, String) {
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority_certificate = authority.self_signed(&authority_key).unwrap();
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let chain = vec![certificate.der().clone(), authority_certificate.der().clone()];
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    (chain, key, authority_certificate.pem())
}

fn documents(url: &str, elliptic: &EcdsaKeyPair, rsa: &RsaKeyPair) -> Arc<[(String, String)]> {
    let point = elliptic.public_key().as_ref();
    let (n, e) = {
        let public = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(rsa.public());
        (public.n, public.e)
    };
    let wide = wide().verifying_key().to_sec1_point(false);
    let keys = json!({ "keys": [
        { "kty": "EC", "kid": "wide", "crv": "P-521", "alg": "ES512",
          "x": BASE64.encode(wide.x().unwrap()), "y": BASE64.encode(wide.y().unwrap()) },
        { "kty": "EC", "kid": "elliptic", "crv": "P-256", "use": "sig", "alg": "ES256",
          "x": BASE64.encode(&point[1..33]), "y": BASE64.encode(&point[33..65]) },
        { "kty": "RSA", "kid": "rsa", "use": "sig", "n": BASE64.encode(n), "e": BASE64.encode(e) },
        { "kty": "OKP", "kid": "other", "crv": "Ed25519", "x": "AAAA" },
    ]});
    let discovery = json!({ "issuer": url, "jwks_uri": format!("{url}/keys") });
    [
        ("/realm/.well-known/openid-configuration".to_owned(), discovery.to_string()),
        ("/realm/keys".to_owned(), keys.to_string()),
    ]
    .into()
}

async fn answer(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    documents: &[(String, String)],
    asked: &AtomicUsize,
) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read_exact(&mut byte).await.is_err() {
            return;
        }
        request.push(byte[0]);
    }
    asked.fetch_add(1, Ordering::SeqCst);
    let request = String::from_utf8(request).unwrap();
    let path = request.split(' ').nth(1).unwrap_or_default();
    let found = documents.iter().find(|(known, _)| known == path);
    let (status, body) = found.map_or(("404 Not Found", ""), |(_, body)| ("200 OK", body));
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}
