//! GetParametersByPath: the values under a path.

use gantry_api_ssm as api;
use gantry_base::PageToken;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Scan;

use super::version;
use crate::Secrets;
use crate::ssm::error::ParameterError;
use crate::ssm::filter::{self, Listing, is_under};
use crate::ssm::table::{PARAMETERS, parameter_key, parameters_key};
use crate::ssm::{answer, name, public};

const LARGEST_PAGE: usize = 10;

/// How many rows are read from the store at once.
const BATCH: usize = 200;

/// Lists the parameters directly under a path, or all below it.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::GetParametersByPathRequest,
) -> Result<api::GetParametersByPathResult, Failure> {
    let path = input.path;
    let recursive = input.recursive == Some(true);
    let arn = name::arn(&cx, path.strip_suffix('/').unwrap_or(&path));
    cx.authorize(
        Permission::on("ssm:GetParametersByPath", &arn).key("ssm:Recursive", [recursive.to_string()]),
    )?;

    if !public::is_public(&path) {
        name::check_path(&path, "Parameter path:")?;
    }
    let filters = filter::parse(Listing::ByPath, input.parameter_filters)?;
    let scope = format!("GetParametersByPath/{}/{}/{path}/{recursive}", cx.account, cx.region);
    let after = input.next_token.map(|token| PageToken::decode(&scope, &token));
    let after = after.transpose().map_err(|_| ParameterError::InvalidNextToken)?;
    let size = input.max_results.and_then(|most| usize::try_from(most).ok()).unwrap_or(LARGEST_PAGE);
    let size = size.clamp(1, LARGEST_PAGE);
    let decrypt = input.with_decryption == Some(true);

    if public::is_public(&path) {
        return Ok(publics(&cx, &path, recursive, &scope, after.as_deref(), size));
    }
    let under = path.strip_suffix('/').unwrap_or(&path);
    let all = parameters_key(cx.account, &cx.region);
    // Names without a slash are at the top as well.
    let prefix = if under.is_empty() { all } else { all.partial(&format!("{under}/")) };
    let mut after = after.map(|name| parameter_key(cx.account, &cx.region, &name));
    let mut tx = secrets.db.begin();
    let mut page: Vec<api::Parameter> = Vec::new();
    loop {
        let rows = tx.peek_scan(&PARAMETERS, &prefix, Scan::first(BATCH).after(after)).await?;
        after = rows.last().map(|(key, _)| key.clone());
        let ended = rows.len() < BATCH;
        for (_, parameter) in rows {
            if !is_under(&parameter.name, &path, recursive) || !filters.iter().all(|f| f.passes(&parameter)) {
                continue;
            }
            if page.len() == size {
                let last = page.last().and_then(|last| last.name.as_deref());
                let next_token = last.map(|name| PageToken::encode(&scope, name));
                return Ok(api::GetParametersByPathResult { parameters: Some(page), next_token });
            }
            // A filter by label means the version that has it.
            let labelled = filters.iter().find_map(|filter| filter.version(&parameter));
            let number = labelled.unwrap_or(parameter.current.version);
            let key = parameter_key(cx.account, &cx.region, &parameter.name);
            let Some(version) = version(&mut tx, &key, &parameter, number).await? else { continue };
            page.push(answer::parameter(&cx, &secrets.sealer, &parameter, &version, decrypt).await?);
        }
        if ended {
            return Ok(api::GetParametersByPathResult { parameters: Some(page), next_token: None });
        }
    }
}

/// A page of the public parameters under a path.
fn publics(
    cx: &Cx,
    path: &str,
    recursive: bool,
    scope: &str,
    after: Option<&str>,
    size: usize,
) -> api::GetParametersByPathResult {
    let mut rows = public::all();
    rows.retain(|row| {
        is_under(&row.name, path, recursive) && after.is_none_or(|after| row.name.as_str() > after)
    });
    let more = rows.len() > size;
    rows.truncate(size);
    let next_token = rows.last().filter(|_| more).map(|last| PageToken::encode(scope, &last.name));
    let parameters = rows.into_iter().map(|row| answer::public(cx, row)).collect();
    api::GetParametersByPathResult { parameters: Some(parameters), next_token }
}
