//! ImportCertificate: a certificate from elsewhere with its key, as a new one or in the place of one that was imported.

use gantry_api_acm as api;
use gantry_base::Tags;
use gantry_service::{Cx, Failure, Permission};

use crate::tables::{CERTIFICATES, Certificate};
use crate::{Acm, AcmError, answer, parse};

/// Load balancers look again: a listener may have it.
const LOAD_BALANCING: &str = "load_balancing";

/// Imports a certificate.
pub async fn run(
    acm: &Acm,
    cx: Cx,
    input: api::ImportCertificateRequest,
) -> Result<api::ImportCertificateResponse, Failure> {
    let pairs = answer::pairs(input.tags);
    let mut tx = acm.db.begin();
    let (before, permit) = match &input.certificate_arn {
        Some(arn) => {
            let (row, permit) = acm.allowed(&mut tx, &cx, "acm:ImportCertificate", arn).await?;
            (Some(row), permit)
        }
        None => {
            let any = cx.arn("acm", "certificate/*");
            let given = pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()));
            (None, cx.authorize(Permission::on("acm:ImportCertificate", &any).request_tags(given))?)
        }
    };
    if before.is_some() && !pairs.is_empty() {
        return Err(AcmError::validation("Tagging is not permitted on re-import.").into());
    }
    if before.as_ref().is_some_and(|row| !row.imported) {
        return Err(AcmError::validation("Only imported certificates can be imported anew.").into());
    }
    let refused = |message: String| Failure::from(AcmError::validation(message));
    let certificate_pem = parse::text(&input.certificate, "CERTIFICATE").map_err(refused)?;
    let chain_pem = input.certificate_chain.as_deref().map(|chain| parse::text(chain, "CERTIFICATE"));
    let chain_pem = chain_pem.transpose().map_err(refused)?.unwrap_or_default();
    let key_pem = parse::text(&input.private_key, "PRIVATE KEY").map_err(refused)?;
    let parsed = parse::certificate(&certificate_pem).map_err(refused)?;
    parse::check_key(&certificate_pem, &chain_pem, &key_pem).map_err(refused)?;
    if parsed.not_after < cx.now || parsed.not_before > cx.now {
        return Err(refused("The certificate is not valid at this time.".to_owned()));
    }
    let domain_name =
        parsed.common_name.clone().or_else(|| parsed.names.first().cloned()).unwrap_or_default();
    let mut names = parsed.names.clone();
    if names.is_empty() {
        names.push(domain_name.clone());
    }
    let tags = match &before {
        Some(row) => row.tags.clone(),
        None => Tags::parse(pairs).map_err(AcmError::from)?,
    };
    let mut row = Certificate {
        id: before.as_ref().map_or_else(|| acm.ids.uuid(), |row| row.id.clone()),
        account: cx.account,
        region: cx.region.clone(),
        certificate_pem,
        chain_pem,
        sealed_key: Vec::new(),
        imported: true,
        domain_name,
        names,
        key_algorithm: parsed.key_algorithm,
        tags,
        created_at: before.as_ref().map_or(cx.now, |row| row.created_at),
        imported_at: Some(cx.now),
        logged: None,
        validation_method: None,
        validation_domains: Default::default(),
    };
    row.sealed_key = acm.seal(&row, &key_pem);
    tx.put(&CERTIFICATES, &row.key(), &row);
    tx.wake(LOAD_BALANCING);
    tx.commit(&permit).await?;
    Ok(api::ImportCertificateResponse { certificate_arn: Some(row.arn().to_string()) })
}
