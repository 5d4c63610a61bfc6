//! The local certificate authority: it signs the endpoint's certificate, the control plane's and the node's.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DnType, ExtendedKeyUsagePurpose,
    IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use sha2::{Digest, Sha256};

use crate::layout::write_private;

/// A certificate and its key, in PEM.
#[derive(Clone)]
pub struct Identity {
    pub certificate: String,
    pub key: String,
}

/// The authority of one Gantry.
pub struct Authority {
    /// Its own certificate, in PEM; what clients are to trust.
    pub certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// Reads the authority kept in `folder`, or makes it there.
    pub fn open(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("{} can't be made", folder.display()))?;
        let (certificate, key) = (folder.join("ca.pem"), folder.join("ca-key.pem"));
        if !(certificate.exists() && key.exists()) {
            let made = Self::make()?;
            write_private(&key, made.key.as_bytes())?;
            write_private(&certificate, made.certificate.as_bytes())?;
        }
        let certificate = std::fs::read_to_string(certificate)?;
        let key = KeyPair::from_pem(&std::fs::read_to_string(&key)?)
            .with_context(|| format!("{} is damaged", key.display()))?;
        Ok(Authority { certificate, issuer: Issuer::new(Self::params()?, key) })
    }

    fn make() -> Result<Identity> {
        let key = KeyPair::generate()?;
        Ok(Identity { certificate: Self::params()?.self_signed(&key)?.pem(), key: key.serialize_pem() })
    }

    /// What the authority's certificate says, but for its key; the same each time.
    fn params() -> Result<CertificateParams> {
        let mut params = CertificateParams::new(Vec::<String>::new())?;
        params.distinguished_name.push(DnType::CommonName, "Gantry local authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.not_after = rcgen::date_time_ymd(2099, 1, 1);
        Ok(params)
    }

    /// A new certificate for a server or client of these names; a `*.` name stands for one label.
    pub fn issue(&self, common_name: &str, names: &[String], addresses: &[IpAddr]) -> Result<Identity> {
        self.issue_with(KeyPair::generate()?, common_name, names, addresses)
    }

    /// A certificate of that one name for the key that signed the request, whatever else the request says.
    pub fn sign(&self, request_pem: &str, name: &str) -> Result<String> {
        let mut request = CertificateSigningRequestParams::from_pem(request_pem)
            .context("the request for a certificate is none")?;
        request.params = Self::params_of(name, &[name.to_owned()], &[])?;
        Ok(request.signed_by(&self.issuer)?.pem())
    }

    /// What a machine asks the authority of another Gantry with: a new key, and the request, both in PEM.
    pub fn request() -> Result<(String, String)> {
        let key = KeyPair::generate()?;
        let request = CertificateParams::new(Vec::<String>::new())?.serialize_request(&key)?.pem()?;
        Ok((key.serialize_pem(), request))
    }

    /// The same with a key that was drawn already.
    pub fn issue_with(
        &self,
        key: KeyPair,
        common_name: &str,
        names: &[String],
        addresses: &[IpAddr],
    ) -> Result<Identity> {
        let mut params = Self::params_of(common_name, names, addresses)?;
        if key.is_compatible(&rcgen::PKCS_RSA_SHA256) {
            params.key_usages.push(KeyUsagePurpose::KeyEncipherment);
        }
        let certificate = params.signed_by(&key, &self.issuer)?.pem();
        Ok(Identity { certificate, key: key.serialize_pem() })
    }

    fn params_of(common_name: &str, names: &[String], addresses: &[IpAddr]) -> Result<CertificateParams> {
        let mut params = CertificateParams::new(names.to_vec())?;
        params.distinguished_name.push(DnType::CommonName, common_name);
        params.subject_alt_names.extend(addresses.iter().map(|address| SanType::IpAddress(*address)));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        params.not_after = rcgen::date_time_ymd(2099, 1, 1);
        Ok(params)
    }

    /// SHA-256 of the authority's own certificate, in hexadecimal.
    pub fn digest(&self) -> Result<String> {
        let der = CertificateDer::from_pem_slice(self.certificate.as_bytes())
            .context("the authority is damaged")?;
        Ok(hex::encode(Sha256::digest(der)))
    }
}

/// The TLS settings of a server with this identity, for HTTP/1.1 and HTTP/2.
pub fn server_config(identity: &Identity) -> Result<Arc<rustls::ServerConfig>> {
    let chain =
        CertificateDer::pem_slice_iter(identity.certificate.as_bytes()).collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes())?;
    let mut config = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
