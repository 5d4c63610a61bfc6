//! ListCertificates: of a region, oldest first.

use gantry_api_acm as api;
use gantry_base::PageToken;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::{Scan, key};

use crate::parse::Parsed;
use crate::tables::{CERTIFICATES, Certificate};
use crate::{Acm, AcmError, answer, parse};

/// The most that one page holds.
const LARGEST: i32 = 1000;

/// The types of keys that are listed where none are asked for
/// ([AWS](https://docs.aws.amazon.com/acm/latest/APIReference/API_Filters.html)).
const USUAL: [&str; 2] = ["RSA_1024", "RSA_2048"];

/// Lists certificates.
pub async fn run(
    acm: &Acm,
    cx: Cx,
    input: api::ListCertificatesRequest,
) -> Result<api::ListCertificatesResponse, Failure> {
    cx.authorize(Permission::of("acm:ListCertificates"))?;
    let rows = acm.db.begin().peek_scan(&CERTIFICATES, &key!(cx.account, cx.region), Scan::all()).await?;
    let includes = input.includes.unwrap_or_default();
    let statuses = input.certificate_statuses.unwrap_or_default();
    let mut found: Vec<(Certificate, Parsed)> = Vec::new();
    for (_, row) in rows {
        let parsed = parse::certificate(&row.certificate_pem).map_err(Failure::Internal)?;
        let status = answer::status(&parsed, cx.now);
        let of_type = match includes.key_types.as_deref() {
            None | Some([]) => USUAL.contains(&row.key_algorithm.as_str()),
            Some(types) => types.contains(&row.key_algorithm),
        };
        if of_type
            && has_one(&includes.key_usage, &usages(&parsed))
            && has_one(&includes.extended_key_usage, &extended_usages(&parsed))
            && (statuses.is_empty() || statuses.iter().any(|wanted| wanted == status))
        {
            found.push((row, parsed));
        }
    }
    found.sort_by(|(a, _), (b, _)| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    if input.sort_order.as_deref() == Some("DESCENDING") {
        found.reverse();
    }
    let scope = format!("ListCertificates/{}/{}", cx.account, cx.region);
    let start = match input.next_token {
        None => 0,
        Some(token) => {
            let bad = || AcmError::validation("The next token is not valid.");
            let after = PageToken::decode(&scope, &token).map_err(|_| bad())?;
            found.iter().position(|(row, _)| row.id == after).ok_or_else(bad)? + 1
        }
    };
    let size = usize::try_from(input.max_items.unwrap_or(LARGEST).clamp(1, LARGEST)).unwrap_or(1);
    let more = found.len() > start + size;
    let page: Vec<_> = found.into_iter().skip(start).take(size).collect();
    let next = page.last().filter(|_| more).map(|(row, _)| PageToken::encode(&scope, &row.id));
    let mut summaries = Vec::new();
    for (row, parsed) in &page {
        let in_use = !acm.users(&cx, &row.arn()).await?.is_empty();
        summaries.push(summary(row, parsed, in_use, &cx));
    }
    Ok(api::ListCertificatesResponse { next_token: next, certificate_summary_list: Some(summaries) })
}

fn usages(of: &Parsed) -> Vec<String> {
    of.key_usages.iter().map(|name| (*name).to_owned()).collect()
}

fn extended_usages(of: &Parsed) -> Vec<String> {
    of.extended_key_usages.iter().map(|(name, _)| (*name).to_owned()).collect()
}

/// Whether one of those that are wanted is there, if any are wanted.
fn has_one(wanted: &Option<Vec<String>>, there: &[String]) -> bool {
    wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|one| there.contains(one)))
}

fn summary(row: &Certificate, parsed: &Parsed, in_use: bool, cx: &Cx) -> api::CertificateSummary {
    api::CertificateSummary {
        certificate_arn: Some(row.arn().to_string()),
        domain_name: Some(row.domain_name.clone()),
        subject_alternative_name_summaries: Some(row.names.clone()),
        has_additional_subject_alternative_names: Some(false),
        status: Some(answer::status(parsed, cx.now).to_owned()),
        r#type: Some(answer::kind(row).to_owned()),
        key_algorithm: Some(row.key_algorithm.replacen('_', "-", 1)),
        key_usages: Some(usages(parsed)),
        extended_key_usages: Some(extended_usages(parsed)),
        in_use: Some(in_use),
        exported: (!row.imported).then_some(false),
        renewal_eligibility: Some("INELIGIBLE".to_owned()),
        not_before: Some(parsed.not_before),
        not_after: Some(parsed.not_after),
        created_at: Some(row.created_at),
        issued_at: (!row.imported).then_some(row.created_at),
        imported_at: row.imported_at,
        ..Default::default()
    }
}
