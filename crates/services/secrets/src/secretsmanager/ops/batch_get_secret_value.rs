//! BatchGetSecretValue: the current values of several secrets; what fails for one is told beside the others.

use gantry_api_secretsmanager as api;
use gantry_base::PageToken;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Scan;

use super::get_secret_value;
use super::list_secrets::passes;
use crate::Secrets;
use crate::secretsmanager::error::SecretError;
use crate::secretsmanager::table::{SECRETS, Secret, secret_key, secrets_key};

const LARGEST_PAGE: usize = 20;

/// Reads secrets by name or by filter. Each takes the permission to read it as well.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::BatchGetSecretValueRequest,
) -> Result<api::BatchGetSecretValueResponse, Failure> {
    cx.authorize(Permission::of("secretsmanager:BatchGetSecretValue"))?;
    let (names, next_token) = match (input.secret_id_list, input.filters) {
        (Some(names), None) if input.max_results.is_none() && input.next_token.is_none() => (names, None),
        (Some(_), None) => {
            let what =
                "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.";
            return Err(SecretError::InvalidParameter(what.into()).into());
        }
        (None, Some(filters)) => {
            cx.authorize(Permission::of("secretsmanager:ListSecrets"))?;
            named(secrets, &cx, &filters, input.max_results, input.next_token).await?
        }
        _ => {
            let what = "Either 'SecretIdList' or 'Filters' must be provided, but not both.";
            return Err(SecretError::InvalidParameter(what.into()).into());
        }
    };
    let (mut values, mut errors) = (Vec::new(), Vec::new());
    for name in names {
        let one = api::GetSecretValueRequest { secret_id: name.clone(), ..Default::default() };
        let (code, message) = match get_secret_value::run(secrets, cx.clone(), one).await {
            Ok(read) => {
                values.push(entry(read));
                continue;
            }
            Err(Failure::Answer(error)) => (error.code.to_string(), error.message.to_string()),
            Err(Failure::Denied(denial)) => ("AccessDeniedException".to_owned(), denial.to_string()),
            Err(other) => return Err(other),
        };
        errors.push(api::APIErrorType {
            secret_id: Some(name),
            error_code: Some(code),
            message: Some(message),
        });
    }
    Ok(api::BatchGetSecretValueResponse { secret_values: Some(values), next_token, errors: Some(errors) })
}

/// A page of the names that pass the filters.
async fn named(
    secrets: &Secrets,
    cx: &Cx,
    filters: &[api::Filter],
    most: Option<i32>,
    token: Option<String>,
) -> Result<(Vec<String>, Option<String>), Failure> {
    let scope = format!("BatchGetSecretValue/{}/{}", cx.account, cx.region);
    let after = token.map(|token| PageToken::decode(&scope, &token)).transpose();
    let after = after.map_err(|_| SecretError::InvalidNextToken)?;
    let after = after.map(|name| secret_key(cx.account, &cx.region, &name));
    let size =
        most.and_then(|most| usize::try_from(most).ok()).unwrap_or(LARGEST_PAGE).clamp(1, LARGEST_PAGE);
    let scan = Scan::all().after(after);
    let rows = secrets.db.begin().peek_scan(&SECRETS, &secrets_key(cx.account, &cx.region), scan).await?;
    let wanted =
        |secret: &Secret| secret.deletion.is_none() && filters.iter().all(|filter| passes(secret, filter));
    let mut names: Vec<String> =
        rows.into_iter().map(|(_, secret)| secret).filter(wanted).map(|secret| secret.name).collect();
    let more = names.len() > size;
    names.truncate(size);
    let next = names.last().filter(|_| more).map(|name| PageToken::encode(&scope, name));
    Ok((names, next))
}

fn entry(read: api::GetSecretValueResponse) -> api::SecretValueEntry {
    api::SecretValueEntry {
        arn: read.arn,
        name: read.name,
        version_id: read.version_id,
        secret_binary: read.secret_binary,
        secret_string: read.secret_string,
        version_stages: read.version_stages,
        created_date: read.created_date,
    }
}
