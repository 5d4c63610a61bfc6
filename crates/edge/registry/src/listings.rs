//! What there is: the registry itself, repositories, tags, referrers.

use gantry_ecr_core::{Digest, ManifestType, RepositoryName};
use http::{Method, StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::Call;
use crate::answer::{self, Answer, Code, FILTERS_APPLIED, Fault};
use crate::route;

/// The most entries of one page.
const MAX_PAGE: usize = 1000;
/// The most referrers of one page; each costs a look at its manifest.
const MAX_REFERRERS: usize = 100;
const JSON: &str = "application/json";

fn only_get(call: &Call<'_>) -> Result<(), Fault> {
    match call.head.method {
        Method::GET | Method::HEAD => Ok(()),
        _ => Err(Fault::method("GET")),
    }
}

/// How many entries are wanted.
fn wanted(call: &Call<'_>) -> Result<usize, Fault> {
    match call.query("n") {
        None => Ok(MAX_PAGE),
        Some(n) => n.parse::<u32>().map(|n| (n as usize).min(MAX_PAGE)).map_err(|_| {
            Fault::new(Code::PaginationNumberInvalid, "n must be a number that is not negative")
        }),
    }
}

/// Tells where the listing goes on.
fn link(answer: &mut Answer, path: &str, query: &str, last: &str) {
    let last = utf8_percent_encode(last, NON_ALPHANUMERIC);
    answer::set(answer, header::LINK, format_args!("<{path}?{query}last={last}>; rel=\"next\""));
}

/// `/v2/`
pub fn base(call: &Call<'_>) -> Result<Answer, Fault> {
    only_get(call)?;
    let mut answer = answer::json(StatusCode::OK, JSON, &json!({}));
    // In development nobody needs a password. Who has one, of another account perhaps, shall come with it.
    if call.cx.key.is_none() {
        let host = call.cx.origin.host.as_deref().unwrap_or_default();
        answer::set(&mut answer, header::WWW_AUTHENTICATE, answer::challenge(host));
    }
    Ok(answer)
}

/// `/v2/_catalog`
pub async fn catalog(call: &Call<'_>) -> Result<Answer, Fault> {
    only_get(call)?;
    let n = wanted(call)?;
    let last = call.query("last");
    let (names, more) = call.repositories.catalog(&call.cx, last.as_deref(), n).await?;
    let shown: Vec<&str> = names.iter().map(RepositoryName::as_str).collect();
    let mut answer = answer::json(StatusCode::OK, JSON, &json!({ "repositories": shown }));
    if let Some(last) = names.last().filter(|_| more) {
        link(&mut answer, "/v2/_catalog", &format!("n={n}&"), last.as_str());
    }
    Ok(answer)
}

/// `/v2/NAME/tags/list`
pub async fn tags(call: &Call<'_>, repository: &RepositoryName) -> Result<Answer, Fault> {
    only_get(call)?;
    let n = wanted(call)?;
    let last = call.query("last");
    let (tags, more) = call.repositories.tags(&call.cx, repository, last.as_deref(), n).await?;
    let shown: Vec<&str> = tags.iter().map(|tag| tag.as_str()).collect();
    let content = json!({ "name": repository.as_str(), "tags": shown });
    let mut answer = answer::json(StatusCode::OK, JSON, &content);
    if let Some(last) = tags.last().filter(|_| more) {
        link(&mut answer, &format!("/v2/{repository}/tags/list"), &format!("n={n}&"), last.as_str());
    }
    Ok(answer)
}

/// `/v2/NAME/referrers/DIGEST`
pub async fn referrers(
    call: &Call<'_>,
    repository: &RepositoryName,
    subject: Digest,
) -> Result<Answer, Fault> {
    only_get(call)?;
    let last = call.query("last").map(|last| route::digest(&last)).transpose()?;
    let found = call.repositories.referrers(&call.cx, repository, subject, last, MAX_REFERRERS).await?;
    let (referrers, more) = found;
    let filter = call.query("artifactType").filter(|filter| !filter.is_empty());
    let fitting = referrers.iter().filter(|referrer| {
        filter.as_ref().is_none_or(|filter| referrer.artifact_type.as_ref() == Some(filter))
    });
    let shown: Vec<serde_json::Value> = fitting
        .map(|referrer| {
            let mut shown = json!({
                "mediaType": referrer.media_type.as_str(),
                "digest": referrer.digest.to_string(),
                "size": referrer.size,
            });
            if let Some(kind) = &referrer.artifact_type {
                shown["artifactType"] = json!(kind);
            }
            if !referrer.annotations.is_empty() {
                shown["annotations"] = json!(referrer.annotations);
            }
            shown
        })
        .collect();
    let index = ManifestType::OciIndex.as_str();
    let content = json!({ "schemaVersion": 2, "mediaType": index, "manifests": shown });
    let mut answer = answer::json(StatusCode::OK, index, &content);
    let mut query = String::new();
    if let Some(filter) = filter {
        answer::set(&mut answer, FILTERS_APPLIED, "artifactType");
        query = format!("artifactType={}&", utf8_percent_encode(&filter, NON_ALPHANUMERIC));
    }
    if let Some(last) = referrers.last().filter(|_| more) {
        link(&mut answer, &format!("/v2/{repository}/referrers/{subject}"), &query, &last.digest.to_string());
    }
    Ok(answer)
}
