//! Rows become AWS's shapes.

use gantry_api_acm as api;
use gantry_base::{Tags, Timestamp};
use sha2::{Digest, Sha256};

use crate::parse::Parsed;
use crate::tables::Certificate;

/// `EXPIRED` once it is.
pub fn status(parsed: &Parsed, now: Timestamp) -> &'static str {
    if parsed.not_after < now { "EXPIRED" } else { "ISSUED" }
}

/// `IMPORTED`, or issued by Gantry's authority, which takes the place of Amazon's.
pub fn kind(row: &Certificate) -> &'static str {
    if row.imported { "IMPORTED" } else { "AMAZON_ISSUED" }
}

/// All that is answered of a certificate.
pub fn detail(
    row: &Certificate,
    parsed: &Parsed,
    users: Vec<String>,
    now: Timestamp,
) -> api::CertificateDetail {
    let issued = !row.imported;
    let logged = if row.logged.unwrap_or(issued) { "ENABLED" } else { "DISABLED" };
    let usages = parsed.key_usages.iter().map(|name| api::KeyUsage { name: Some((*name).to_owned()) });
    let extended = parsed.extended_key_usages.iter();
    let extended = extended
        .map(|(name, oid)| api::ExtendedKeyUsage { name: Some((*name).to_owned()), oid: oid.clone() });
    api::CertificateDetail {
        certificate_arn: Some(row.arn().to_string()),
        domain_name: Some(row.domain_name.clone()),
        subject_alternative_names: Some(row.names.clone()),
        domain_validation_options: issued
            .then(|| row.names.iter().map(|name| validation(row, name)).collect()),
        serial: Some(parsed.serial.clone()),
        subject: Some(parsed.subject.clone()),
        issuer: Some(if issued { "Gantry".to_owned() } else { parsed.issuer.clone() }),
        created_at: Some(row.created_at),
        issued_at: issued.then_some(row.created_at),
        imported_at: row.imported_at,
        status: Some(status(parsed, now).to_owned()),
        not_before: Some(parsed.not_before),
        not_after: Some(parsed.not_after),
        key_algorithm: Some(parsed.key_algorithm.replacen('_', "-", 1)),
        signature_algorithm: Some(parsed.signature_algorithm.clone()),
        in_use_by: Some(users),
        r#type: Some(kind(row).to_owned()),
        key_usages: Some(usages.collect()),
        extended_key_usages: Some(extended.collect()),
        renewal_eligibility: Some("INELIGIBLE".to_owned()),
        options: Some(api::CertificateOptions {
            certificate_transparency_logging_preference: Some(logged.to_owned()),
            export: Some("DISABLED".to_owned()),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// How a name was proved: not at all, but clients wait for the record or the addresses that AWS tells them.
fn validation(row: &Certificate, name: &str) -> api::DomainValidation {
    let domain = name.strip_prefix("*.").unwrap_or(name);
    let method = row.validation_method.as_deref().unwrap_or("DNS");
    let by_mail = method == "EMAIL";
    let mail_domain = row.validation_domains.get(name).map_or(domain, String::as_str);
    let mailbox = |user: &str| format!("{user}@{mail_domain}");
    let mailboxes = ["administrator", "hostmaster", "postmaster", "webmaster", "admin"].map(mailbox);
    api::DomainValidation {
        domain_name: name.to_owned(),
        validation_domain: Some(row.validation_domains.get(name).map_or(name, String::as_str).to_owned()),
        validation_status: Some("SUCCESS".to_owned()),
        validation_method: Some(method.to_owned()),
        validation_emails: by_mail.then(|| mailboxes.to_vec()),
        resource_record: (!by_mail).then(|| record(row, domain)),
        ..Default::default()
    }
}

/// The record that proves a domain: the same for an account each time, as in AWS.
fn record(row: &Certificate, domain: &str) -> api::ResourceRecord {
    let digest = hex::encode(Sha256::digest(format!("{}/{domain}", row.account)));
    api::ResourceRecord {
        name: format!("_{}.{domain}.", &digest[..32]),
        r#type: "CNAME".to_owned(),
        value: format!("_{}.acm-validations.aws.", &digest[32..]),
    }
}

/// Tags.
pub fn tags(tags: &Tags) -> Vec<api::Tag> {
    tags.iter().map(|(key, value)| api::Tag { key: key.to_owned(), value: Some(value.to_owned()) }).collect()
}

/// Tags as pairs.
pub fn pairs(given: Option<Vec<api::Tag>>) -> Vec<(String, String)> {
    given.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default())).collect()
}
