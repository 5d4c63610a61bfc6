//! ListSecrets: the account's secrets in the region, without their values.

use std::borrow::Cow;

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
    check(&filters)?;
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

/// What a filter must have.
pub(super) fn check(filters: &[api::Filter]) -> Result<(), SecretError> {
    for filter in filters {
        let Some(key) = &filter.key else {
            return Err(SecretError::InvalidParameter("Invalid filter key".into()));
        };
        if filter.values.as_ref().is_none_or(Vec::is_empty) {
            return Err(SecretError::InvalidParameter(format!("Invalid filter values for key: {key}")));
        }
    }
    Ok(())
}

/// Whether a secret passes a filter: one of its values must hold, and one that begins with `!` holds where the
/// rest of it does not match.
pub(super) fn passes(secret: &Secret, filter: &api::Filter) -> bool {
    let subjects = subjects(secret, filter.key.as_deref().unwrap_or_default());
    let values = filter.values.as_deref().unwrap_or_default();
    let matches = |wanted: &str| subjects.iter().any(|subject| subject.matches(wanted));
    values.iter().any(|value| match value.strip_prefix('!') {
        Some(unwanted) => !matches(unwanted),
        None => matches(value),
    })
}

/// A text that a filter looks at, and how.
enum Subject<'a> {
    /// A value matches as its beginning, capitals and small letters apart.
    Text(Cow<'a, str>),
    /// Each word of a value must be the beginning of one of its words, capitals or not.
    Words(&'a str),
}

impl Subject<'_> {
    fn matches(&self, wanted: &str) -> bool {
        match self {
            Subject::Text(text) => text.starts_with(wanted),
            Subject::Words(text) => {
                let (words, wanted) = (words(text), words(wanted));
                !wanted.is_empty()
                    && wanted.iter().all(|wanted| words.iter().any(|word| word.starts_with(wanted)))
            }
        }
    }
}

/// The words of a text, in small letters: of letters and digits, and a new one begins at the capital letter that
/// follows a small one or that small ones follow, as in `SecretName` and `COMPAN|Yname`.
fn words(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let (mut words, mut word) = (Vec::new(), String::new());
    for (at, c) in characters.iter().enumerate() {
        let after_small = at > 0 && characters[at - 1].is_lowercase();
        let before_small = characters.get(at + 1).is_some_and(|next| next.is_lowercase());
        if (!c.is_alphanumeric() || c.is_uppercase() && (after_small || before_small)) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

fn subjects<'a>(secret: &'a Secret, key: &str) -> Vec<Subject<'a>> {
    let exact = |text: &'a str| Subject::Text(Cow::Borrowed(text));
    let description = secret.description.as_deref().unwrap_or_default();
    match key {
        "name" => vec![exact(secret.name.as_str())],
        "description" => vec![Subject::Words(description)],
        "tag-key" => secret.tags.iter().map(|(key, _)| exact(key)).collect(),
        "tag-value" => secret.tags.iter().map(|(_, value)| exact(value)).collect(),
        "all" => {
            let tags = secret.tags.iter().flat_map(|(key, value)| [key, value]);
            [secret.name.as_str(), description].into_iter().chain(tags).map(Subject::Words).collect()
        }
        "primary-region" => {
            let region = secret.primary_region();
            region.map(|region| Subject::Text(Cow::Owned(region.to_string()))).into_iter().collect()
        }
        // Secrets here have no owning service.
        _ => Vec::new(),
    }
}

fn entry(secret: Secret) -> api::SecretListEntry {
    api::SecretListEntry {
        secret_versions_to_stages: answer::stages(&secret),
        tags: answer::tags(&secret),
        primary_region: secret.primary_region().map(|region| region.to_string()),
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

#[cfg(test)]
mod tests {
    use super::{Subject, words};

    #[test]
    fn words_begin_at_capitals_and_marks() {
        for (text, expected) in [
            ("SecretOne", "secret one"),
            ("prod/AppBeta-x1", "prod app beta x1"),
            ("COMPANYthings", "compan ythings"),
            ("COMPANY", "company"),
            ("+", ""),
        ] {
            assert_eq!(words(text).join(" "), expected);
        }
        for (text, wanted, expected) in [
            ("one and two", "o t", true),
            ("one", "one two", false),
            ("Thirdsecret", "sec", false),
            ("SecretFTag", "t", true),
            ("prod+x", "+", false),
        ] {
            assert_eq!(Subject::Words(text).matches(wanted), expected, "{text} {wanted}");
        }
    }
}
