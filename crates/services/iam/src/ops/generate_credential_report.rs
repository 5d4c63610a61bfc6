//! `GenerateCredentialReport`: makes a report of all users and their keys, unless one is there that is younger than
//! four hours.

use std::time::Duration;

use gantry_api_iam::GenerateCredentialReportResponse;
use gantry_base::Timestamp;
use gantry_service::{Cx, Failure, Permission, Principal};
use gantry_store::{Scan, Tx, key};
use gantry_wire::Unit;

use crate::iam::{Iam, moment};
use crate::tables::access_key::{ACCESS_KEYS, AccessKey};
use crate::tables::account::ACCOUNTS;
use crate::tables::credential_report::{CREDENTIAL_REPORTS, CredentialReport};
use crate::tables::last_use::Used;
use crate::tables::user::USERS;

/// How long a report is not made anew, and how long it is shown.
pub(crate) const FRESH: Duration = Duration::from_secs(4 * 3600);

/// The columns; AWS documents them in its
/// [guide](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html).
const COLUMNS: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
    password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
    access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
    access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,\
    cert_1_last_rotated,cert_2_active,cert_2_last_rotated";
const NONE: &str = "N/A";

pub(crate) async fn run(iam: Iam, cx: Cx, _: Unit) -> Result<GenerateCredentialReportResponse, Failure> {
    let permit = cx.authorize(Permission::of("iam:GenerateCredentialReport"))?;
    let mut tx = iam.db.begin();
    let known = tx.get(&CREDENTIAL_REPORTS, &key!(cx.account)).await?;
    if known.as_ref().is_some_and(|known| is_fresh(known, cx.now)) {
        return Ok(GenerateCredentialReportResponse {
            state: Some("COMPLETE".to_owned()),
            description: None,
        });
    }
    let content = report(&iam, &mut tx, &cx).await?;
    let report = CredentialReport { generated: moment(cx.now), content };
    tx.put(&CREDENTIAL_REPORTS, &key!(cx.account), &report);
    iam.commit(tx, &permit).await?;
    let description = "No report exists. Starting a new report generation task";
    Ok(GenerateCredentialReportResponse {
        state: Some("STARTED".to_owned()),
        description: known.is_none().then(|| description.to_owned()),
    })
}

/// Whether it is shown still.
pub(crate) fn is_fresh(report: &CredentialReport, now: Timestamp) -> bool {
    now < report.generated || now.since(report.generated) < FRESH
}

async fn report(iam: &Iam, tx: &mut Tx, cx: &Cx) -> Result<String, Failure> {
    let account = tx.get(&ACCOUNTS, &key!(cx.account)).await?.unwrap_or_default();
    let root = Principal::Root { account: cx.account, partition: cx.partition() };
    let mut lines = vec![COLUMNS.to_owned()];
    let keys = key_columns(iam, tx, &account.access_keys).await?;
    lines.push(format!(
        "<root_account>,{},{},not_supported,no_information,not_supported,not_supported,false,{keys}",
        root.arn(),
        time(account.created)
    ));
    for (_, user) in tx.peek_scan(&USERS, &key!(cx.account), Scan::all()).await? {
        let keys = key_columns(iam, tx, &user.access_keys).await?;
        let (name, arn) = (&user.name, user.arn.in_partition(cx.partition()));
        let created = time(user.created);
        // Users have no passwords and no second factors in Gantry. A name may have a comma in it.
        let quoted = if name.contains(',') { format!("\"{name}\"") } else { name.clone() };
        let arn = if name.contains(',') { format!("\"{arn}\"") } else { arn.to_string() };
        lines.push(format!("{quoted},{arn},{created},false,{NONE},{NONE},{NONE},false,{keys}"));
    }
    Ok(lines.join("\n"))
}

/// The columns of two keys and of two certificates, which nobody has.
async fn key_columns(iam: &Iam, tx: &mut Tx, ids: &[String]) -> Result<String, Failure> {
    let mut columns = Vec::new();
    for place in 0..2 {
        let key = match ids.get(place) {
            Some(id) => tx.peek(&ACCESS_KEYS, &AccessKey::key(id)).await?,
            None => None,
        };
        let Some(key) = key else {
            columns.push(format!("false,{NONE},{NONE},{NONE},{NONE}"));
            continue;
        };
        let used = match iam.last_use(tx, &Used::Key(key.id.clone())).await? {
            Some(last) => format!("{},{},{}", time(last.at), last.region, last.service),
            None => format!("{NONE},{NONE},{NONE}"),
        };
        columns.push(format!("{},{},{used}", key.active, time(key.created)));
    }
    columns.push(format!("false,{NONE},false,{NONE}"));
    Ok(columns.join(","))
}

/// `2026-01-02T03:04:05+00:00`
fn time(at: Timestamp) -> String {
    let text = moment(at).to_rfc3339();
    let text = text.split_once('.').map_or(text.as_str(), |(whole, _)| whole);
    format!("{}+00:00", text.trim_end_matches('Z'))
}
