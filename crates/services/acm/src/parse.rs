//! What a certificate says.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use gantry_base::Timestamp;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate, X509Name, X509Version};
use x509_parser::public_key::PublicKey;

use crate::usage;

/// The parts of a certificate that are answered.
#[derive(Debug, Clone)]
pub struct Parsed {
    pub common_name: Option<String>,
    pub names: Vec<String>,
    pub serial: String,
    /// `C=US,O=Example,CN=example.com`
    pub subject: String,
    /// The organization that issued it, or whatever else it is called.
    pub issuer: String,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    /// As the API has it in requests: `RSA_2048`.
    pub key_algorithm: String,
    pub signature_algorithm: String,
    pub key_usages: Vec<&'static str>,
    /// With their object identifiers.
    pub extended_key_usages: Vec<(&'static str, Option<String>)>,
}

/// Reads the one certificate in a PEM text.
pub fn certificate(pem: &str) -> Result<Parsed, String> {
    let mut all = CertificateDer::pem_slice_iter(pem.as_bytes());
    let (Some(Ok(der)), None) = (all.next(), all.next()) else {
        return Err("The certificate field contains no certificate, more than one, or something else.".into());
    };
    let (_, found) = X509Certificate::from_der(&der)
        .map_err(|_| "The certificate is not a valid X.509 certificate.".to_owned())?;
    // https://docs.aws.amazon.com/acm/latest/userguide/import-certificate-prerequisites.html
    if found.version() != X509Version::V3 {
        return Err("The certificate is not an X.509 version 3 certificate.".into());
    }
    let extension = found.subject_alternative_name().ok().flatten();
    let names =
        extension.iter().flat_map(|extension| &extension.value.general_names).filter_map(|name| match name {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            GeneralName::IPAddress([a, b, c, d]) => Some(format!("{a}.{b}.{c}.{d}")),
            _ => None,
        });
    let common_name = found.subject().iter_common_name().next().and_then(|name| name.as_str().ok());
    let time = |time: &x509_parser::time::ASN1Time| Timestamp::from_secs(time.timestamp());
    Ok(Parsed {
        names: names.collect(),
        common_name: common_name.map(str::to_owned),
        serial: found.raw_serial_as_string(),
        subject: distinguished(found.subject()),
        issuer: organization(found.issuer()),
        not_before: time(&found.validity().not_before),
        not_after: time(&found.validity().not_after),
        key_algorithm: match found.public_key().parsed() {
            Ok(PublicKey::RSA(key)) => format!("RSA_{}", key.key_size()),
            Ok(PublicKey::EC(point)) if point.key_size() == 384 => "EC_secp384r1".to_owned(),
            Ok(PublicKey::EC(point)) if point.key_size() > 384 => "EC_secp521r1".to_owned(),
            Ok(PublicKey::EC(_)) => "EC_prime256v1".to_owned(),
            _ => return Err("The certificate's key is neither RSA nor ECDSA.".into()),
        },
        signature_algorithm: match found.signature_algorithm.algorithm.to_id_string().as_str() {
            "1.2.840.10045.4.3.2" => "SHA256WITHECDSA",
            "1.2.840.10045.4.3.3" => "SHA384WITHECDSA",
            "1.2.840.113549.1.1.12" => "SHA384WITHRSA",
            "1.2.840.113549.1.1.13" => "SHA512WITHRSA",
            _ => "SHA256WITHRSA",
        }
        .to_owned(),
        key_usages: usage::of_key(&found),
        extended_key_usages: usage::extended(&found),
    })
}

/// A name with nothing but a comma between its parts, as AWS writes it.
fn distinguished(name: &X509Name<'_>) -> String {
    let parts = name.iter_rdn().map(|part| X509Name::from_iter([part.clone()]).to_string());
    parts.collect::<Vec<_>>().join(",")
}

/// Its organization, its common name where it has none, or all of it.
fn organization(name: &X509Name<'_>) -> String {
    let called = name.iter_organization().chain(name.iter_common_name()).next();
    called.and_then(|part| part.as_str().ok()).map_or_else(|| distinguished(name), str::to_owned)
}

/// Refuses a key that is not the certificate's, and a chain with anything but certificates in it.
pub fn check_key(certificate_pem: &str, chain_pem: &str, key_pem: &str) -> Result<(), String> {
    let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes())
        .map_err(|_| "The private key is not PEM-encoded, or it is encrypted.".to_owned())?;
    let read = |pem: &str| CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<Vec<_>, _>>();
    let mut chain = read(certificate_pem).map_err(|_| "The certificate is not PEM-encoded.".to_owned())?;
    let above = read(chain_pem).map_err(|_| "The certificate chain is not PEM-encoded.".to_owned())?;
    if !chain_pem.trim().is_empty() && above.is_empty() {
        return Err("The certificate chain is not PEM-encoded.".into());
    }
    chain.extend(above);
    match CertifiedKey::from_der(chain, key, &ring::default_provider()) {
        Ok(_) => Ok(()),
        Err(rustls::Error::InconsistentKeys(_)) => {
            Err("The private key does not match the public key in the certificate.".into())
        }
        Err(error) => Err(format!("The private key can't be used: {error}.")),
    }
}

/// PEM of what may have come as DER within base64.
pub fn text(bytes: &[u8], label: &str) -> Result<String, String> {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.contains("-----BEGIN") => Ok(text.to_owned()),
        _ if bytes.first() == Some(&0x30) => {
            Ok(format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", BASE64.encode(bytes)))
        }
        _ => Err(format!("The {} is not PEM-encoded.", label.to_lowercase())),
    }
}
