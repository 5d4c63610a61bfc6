//! Whom Gantry takes for an issuer: whoever shows a certificate that the machine trusts, or one that the provider
//! lists by its thumbprint
//! ([AWS](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html)).

use std::sync::Arc;

use ring::digest;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// How TLS to an issuer is set up. `thumbprints` are SHA-1 digests in hexadecimal.
pub(super) fn tls(roots: &RootCertStore, thumbprints: &[String]) -> Result<ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let usual = match roots.is_empty() {
        true => None,
        false => Some(verifier(roots.clone(), &provider)?),
    };
    let thumbprints = thumbprints.iter().map(|print| print.to_ascii_lowercase()).collect();
    let known = Known { usual, thumbprints, provider: provider.clone() };
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| error.to_string())?;
    Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(known)).with_no_client_auth())
}

fn verifier(
    roots: RootCertStore,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, String> {
    let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone());
    builder.build().map_err(|error| error.to_string())
}

#[derive(Debug)]
struct Known {
    usual: Option<Arc<WebPkiServerVerifier>>,
    /// In lower case.
    thumbprints: Vec<String>,
    provider: Arc<CryptoProvider>,
}

impl Known {
    fn lists(&self, certificate: &CertificateDer<'_>) -> bool {
        let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, certificate);
        let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        self.thumbprints.contains(&hex)
    }

    /// The last certificate of the chain is the one whose thumbprint counts. It vouches for the others; alone, for
    /// the names in it.
    fn listed(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let last = intermediates.last().unwrap_or(end_entity);
        if !self.lists(last) {
            return Err(rustls::CertificateError::UnknownIssuer.into());
        }
        if intermediates.is_empty() {
            let parsed = ParsedCertificate::try_from(end_entity)?;
            rustls::client::verify_server_name(&parsed, server_name)?;
            return Ok(ServerCertVerified::assertion());
        }
        let mut roots = RootCertStore::empty();
        roots.add(last.clone().into_owned())?;
        let verifier = verifier(roots, &self.provider).map_err(Error::General)?;
        verifier.verify_server_cert(end_entity, intermediates, server_name, &[], now)
    }
}

impl ServerCertVerifier for Known {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let usual = self.usual.as_ref().map(|usual| {
            usual.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        });
        match usual {
            Some(Ok(verified)) => Ok(verified),
            Some(Err(error)) => self.listed(end_entity, intermediates, server_name, now).map_err(|_| error),
            None => self.listed(end_entity, intermediates, server_name, now),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
