//! What a certificate says that its key is for, in AWS's words.

use x509_parser::prelude::X509Certificate;

/// The uses of a certificate's key; any, where it does not say.
pub fn of_key(certificate: &X509Certificate<'_>) -> Vec<&'static str> {
    let Ok(Some(found)) = certificate.key_usage() else { return vec!["ANY"] };
    let usage = found.value;
    let all = [
        (usage.digital_signature(), "DIGITAL_SIGNATURE"),
        (usage.non_repudiation(), "NON_REPUDIATION"),
        (usage.key_encipherment(), "KEY_ENCIPHERMENT"),
        (usage.data_encipherment(), "DATA_ENCIPHERMENT"),
        (usage.key_agreement(), "KEY_AGREEMENT"),
        (usage.key_cert_sign(), "CERTIFICATE_SIGNING"),
        (usage.crl_sign(), "CRL_SIGNING"),
        (usage.encipher_only(), "ENCIPHER_ONLY"),
        (usage.decipher_only(), "DECIPHER_ONLY"),
    ];
    all.into_iter().filter(|(is, _)| *is).map(|(_, name)| name).collect()
}

/// The purposes of a certificate with their object identifiers; `NONE`, where it does not say.
pub fn extended(certificate: &X509Certificate<'_>) -> Vec<(&'static str, Option<String>)> {
    let Ok(Some(found)) = certificate.extended_key_usage() else { return vec![("NONE", None)] };
    let usage = found.value;
    let known = [
        (usage.server_auth, "TLS_WEB_SERVER_AUTHENTICATION", "1.3.6.1.5.5.7.3.1"),
        (usage.client_auth, "TLS_WEB_CLIENT_AUTHENTICATION", "1.3.6.1.5.5.7.3.2"),
        (usage.code_signing, "CODE_SIGNING", "1.3.6.1.5.5.7.3.3"),
        (usage.email_protection, "EMAIL_PROTECTION", "1.3.6.1.5.5.7.3.4"),
        (usage.time_stamping, "TIME_STAMPING", "1.3.6.1.5.5.7.3.8"),
        (usage.ocsp_signing, "OCSP_SIGNING", "1.3.6.1.5.5.7.3.9"),
        (usage.any, "ANY", "2.5.29.37.0"),
    ];
    let known = known.into_iter().filter(|(is, ..)| *is);
    let known = known.map(|(_, name, oid)| (name, Some(oid.to_owned())));
    let other = usage.other.iter().map(|oid| {
        let oid = oid.to_id_string();
        let name = match oid.as_str() {
            "1.3.6.1.5.5.7.3.5" => "IPSEC_END_SYSTEM",
            "1.3.6.1.5.5.7.3.6" => "IPSEC_TUNNEL",
            "1.3.6.1.5.5.7.3.7" => "IPSEC_USER",
            _ => "CUSTOM",
        };
        (name, Some(oid))
    });
    known.chain(other).collect()
}
