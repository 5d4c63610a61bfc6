//! ListSecrets: the account's secrets in the region, without their values.

use gantry_api_secretsmanager as api;
use gantry_base::{PageToken, Timestamp};
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Scan;

use crate::Secrets;
use crate::secretsmanager::answer;
use crate::secretsmanager::error::SecretError;
use crate::secretsmanager::table::{SECRETS, Secret, secrets_key};

const LARGEST_PAGE: usize = 100;

/// Lists secrets by filter, in the order asked for.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::ListSecretsRequest,
) -> Result<api::ListSecretsResponse, Failure> {
    cx.authorize(Permission::of("secretsmanager:ListSecrets"))?;
    let filters = input.filters.unwrap_or_default();
    let order = Order::parse(input.sort_by.as_deref(), input.sort_order.as_deref());
    let scope = format!("ListSecrets/{}/{}", cx.account, cx.region);
    let after = input.next_token.map(|token| PageToken::decode(&scope, &token));
    let after = after.transpose().map_err(|_| SecretError::InvalidNextToken)?;
    let size = input
        .max_results
        .and_then(|most| usize::try_from(most).ok())
        .unwrap_or(LARGEST_PAGE)
        .clamp(1, LARGEST_PAGE);

    let rows =
        secrets.db.begin().peek_scan(&SECRETS, &secrets_key(cx.account, &cx.region), Scan::all()).await?;
    let planned = input.include_planned_deletion == Some(true);
    let mut rows: Vec<Secret> = rows
        .into_iter()
        .map(|(_, secret)| secret)
        .filter(|secret| planned || secret.deletion.is_none())
        .filter(|secret| filters.iter().all(|filter| passes(secret, filter)))
        .collect();
    rows.sort_by_cached_key(|secret| order.key(secret));
    if order.descending {
        rows.reverse();
    }
    if let Some(after) = after {
        let behind = |secret: &Secret| match order.descending {
            false => order.key(secret) > after,
            true => order.key(secret) < after,
        };
        rows.retain(behind);
    }
    let more = rows.len() > size;
    rows.truncate(size);
    let next_token = rows.last().filter(|_| more).map(|last| PageToken::encode(&scope, &order.key(last)));
    Ok(api::ListSecretsResponse { secret_list: Some(rows.into_iter().map(entry).collect()), next_token })
}

struct Order {
    by: By,
    descending: bool,
}

enum By {
    Name,
    Created,
    Changed,
    Accessed,
}

impl Order {
    fn parse(by: Option<&str>, order: Option<&str>) -> Order {
        let by = match by {
            Some("name") => By::Name,
            Some("last-changed-date") => By::Changed,
            Some("last-accessed-date") => By::Accessed,
            _ => By::Created,
        };
        Order { by, descending: order == Some("desc") }
    }

    /// A text by which secrets sort, different for each.
    fn key(&self, secret: &Secret) -> String {
        let moment = match self.by {
            By::Name => return secret.name.clone(),
            By::Created => Some(secret.created_at),
            By::Changed => Some(secret.changed_at),
            By::Accessed => secret.accessed_on,
        };
        format!("{:020}/{}", moment.map_or(0, Timestamp::as_millis), secret.name)
    }
}

/// Whether a secret passes a filter: one of its values must match, and none that begins with `!`.
pub(super) fn passes(secret: &Secret, filter: &api::Filter) -> bool {
    let subjects = subjects(secret, filter.key.as_deref().unwrap_or_default());
    let values = filter.values.as_deref().unwrap_or_default();
    let matches = |wanted: &str| subjects.iter().any(|subject| subject.matches(wanted));
    let (unwanted, wanted): (Vec<_>, Vec<_>) = values.iter().partition(|value| value.starts_with('!'));
    (wanted.is_empty() || wanted.iter().any(|value| matches(value)))
        && !unwanted.iter().any(|value| matches(&value[1..]))
}

/// A text that a filter looks at, and how.
struct Subject<'a> {
    text: &'a str,
    fold_case: bool,
    words: bool,
}

impl Subject<'_> {
    fn matches(&self, wanted: &str) -> bool {
        let (text, wanted) = match self.fold_case {
            true => (self.text.to_lowercase(), wanted.to_lowercase()),
            false => (self.text.to_owned(), wanted.to_owned()),
        };
        text.starts_with(&wanted)
            || self.words && text.split(|c: char| !c.is_alphanumeric()).any(|word| word.starts_with(&wanted))
    }
}

fn subjects<'a>(secret: &'a Secret, key: &str) -> Vec<Subject<'a>> {
    let exact = |text| Subject { text, fold_case: false, words: false };
    let description = secret.description.as_deref().unwrap_or_default();
    match key {
        "name" => vec![exact(secret.name.as_str())],
        "description" => vec![Subject { text: description, fold_case: true, words: true }],
        "tag-key" => secret.tags.iter().map(|(key, _)| exact(key)).collect(),
        "tag-value" => secret.tags.iter().map(|(_, value)| exact(value)).collect(),
        "all" => {
            let tags = secret.tags.iter().flat_map(|(key, value)| [key, value]);
            let texts = [secret.name.as_str(), description].into_iter().chain(tags);
            texts.map(|text| Subject { text, fold_case: true, words: true }).collect()
        }
        // Secrets here have neither a primary region nor an owning service.
        _ => Vec::new(),
    }
}

fn entry(secret: Secret) -> api::SecretListEntry {
    api::SecretListEntry {
        secret_versions_to_stages: answer::stages(&secret),
        tags: Some(answer::tags(&secret.tags)),
        arn: Some(secret.arn),
        name: Some(secret.name),
        description: secret.description,
        kms_key_id: secret.kms_key_id,
        last_changed_date: Some(secret.changed_at),
        last_accessed_date: secret.accessed_on,
        deleted_date: secret.deletion.map(|scheduled| scheduled.due),
        created_date: Some(secret.created_at),
        ..Default::default()
    }
}
