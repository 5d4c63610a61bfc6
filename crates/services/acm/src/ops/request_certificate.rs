//! RequestCertificate: a certificate by Gantry's own authority, issued at once: there is nobody to prove a name to.

use std::time::Duration;

use gantry_api_acm as api;
use gantry_base::Tags;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::key;

use crate::tables::{CERTIFICATES, Certificate, TOKENS, Token};
use crate::{Acm, AcmError, KeyAlgorithm, answer, parse};

/// How long a token stands for its certificate, as AWS has it.
pub const TOKEN: Duration = Duration::from_secs(3600);
/// AWS's default quota of names in a certificate.
const NAMES: usize = 10;
/// Most characters of a certificate's common name.
const COMMON_NAME: usize = 64;

/// Requests a certificate.
pub async fn run(
    acm: &Acm,
    cx: Cx,
    input: api::RequestCertificateRequest,
) -> Result<api::RequestCertificateResponse, Failure> {
    let pairs = answer::pairs(input.tags);
    let any = cx.arn("acm", "certificate/*");
    let given = pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let mut names = vec![input.domain_name.to_ascii_lowercase()];
    for name in input.subject_alternative_names.unwrap_or_default() {
        let name = name.to_ascii_lowercase();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let permission = Permission::on("acm:RequestCertificate", &any)
        .request_tags(given)
        .key("acm:DomainNames", names.iter().map(String::as_str))
        .key("acm:ValidationMethod", input.validation_method.as_deref())
        .key("acm:KeyAlgorithm", input.key_algorithm.as_deref());
    let permit = cx.authorize(permission)?;
    if names.len() > NAMES {
        let message = format!("The maximum number of {NAMES} domain names in a certificate is reached.");
        return Err(AcmError::validation(message).into());
    }
    if names[0].len() > COMMON_NAME {
        return Err(AcmError::validation("The first domain name can be no longer than 64 characters.").into());
    }
    let email = input.validation_method.as_deref() == Some("EMAIL");
    check_options(&names, input.domain_validation_options.as_deref().unwrap_or_default(), email)?;
    if input.certificate_authority_arn.is_some() {
        return Err(AcmError::not_served("A private certificate authority").into());
    }
    let algorithm = KeyAlgorithm::parse(input.key_algorithm.as_deref()).ok_or_else(|| {
        AcmError::not_served("A key algorithm other than RSA_2048, EC_prime256v1 and EC_secp384r1")
    })?;
    let options = input.options.unwrap_or_default();
    if options.export.as_deref() == Some("ENABLED") {
        return Err(AcmError::not_served("Exporting certificates").into());
    }
    let issuer = acm.issuer.as_ref().ok_or_else(|| AcmError::not_served("Issuing of certificates"))?;
    let tags = Tags::parse(pairs).map_err(AcmError::from)?;

    let mut tx = acm.db.begin();
    let token = input.idempotency_token.map(|token| key!(cx.account, cx.region, token));
    if let Some(token) = &token
        && let Some(made) = tx.get(&TOKENS, token).await?
        && cx.now.since(made.at) < TOKEN
        && made.names == names
    {
        let arn = cx.arn("acm", format_args!("certificate/{}", made.id)).to_string();
        return Ok(api::RequestCertificateResponse { certificate_arn: Some(arn) });
    }
    let issued = issuer.issue(&names, algorithm).map_err(Failure::Internal)?;
    let parsed = parse::certificate(&issued.certificate_pem).map_err(Failure::Internal)?;
    let mut row = Certificate {
        id: acm.ids.uuid(),
        account: cx.account,
        region: cx.region.clone(),
        certificate_pem: issued.certificate_pem,
        chain_pem: issued.chain_pem,
        sealed_key: Vec::new(),
        imported: false,
        domain_name: names[0].clone(),
        names: names.clone(),
        key_algorithm: parsed.key_algorithm,
        tags,
        created_at: cx.now,
        imported_at: None,
        validation_method: input.validation_method,
        validation_domains: input
            .domain_validation_options
            .unwrap_or_default()
            .into_iter()
            .map(|option| {
                (option.domain_name.to_ascii_lowercase(), option.validation_domain.to_ascii_lowercase())
            })
            .collect(),
        logged: options.certificate_transparency_logging_preference.map(|preference| preference == "ENABLED"),
    };
    row.sealed_key = acm.seal(&row, &issued.key_pem);
    tx.put(&CERTIFICATES, &row.key(), &row);
    if let Some(token) = token {
        tx.put(&TOKENS, &token, &Token { id: row.id.clone(), names, at: cx.now });
    }
    tx.commit(&permit).await?;
    Ok(api::RequestCertificateResponse { certificate_arn: Some(row.arn().to_string()) })
}

/// What is said of a name's validation is of one of the certificate's names. For mail it says a domain that the name
/// is in.
fn check_options(
    names: &[String],
    options: &[api::DomainValidationOption],
    email: bool,
) -> Result<(), AcmError> {
    for option in options {
        let (name, domain) =
            (option.domain_name.to_ascii_lowercase(), option.validation_domain.to_ascii_lowercase());
        if !names.contains(&name) {
            return Err(AcmError::validation_options(format!(
                "The domain specified in ValidationOptions, {name}, is not the PrimaryDomain or part of \
                 SubjectAlternativeNames."
            )));
        }
        let within =
            name.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        if email && !within {
            return Err(AcmError::validation_options(format!(
                "The validation domain, {domain}, must be a superdomain of the requested domain, {name}."
            )));
        }
    }
    Ok(())
}
