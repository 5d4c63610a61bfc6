//! `GenerateServiceLastAccessedDetails`: makes a report of the services that a user, a group or a role may use, and of
//! when each was last used.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use gantry_api_iam::{GenerateServiceLastAccessedDetailsRequest, GenerateServiceLastAccessedDetailsResponse};
use gantry_base::Arn;
use gantry_iam_core::simulate::{Verdict, simulate};
use gantry_iam_core::{Caller, Context, Kind, Policy, Request, actions};
use gantry_service::{Cx, Failure, Permission};
use gantry_store::{Scan, Tx, key};
use serde_json::Value;

use crate::error::invalid_input;
use crate::iam::{Iam, moment};
use crate::principal_source::permitted_source;
use crate::tables::attachment::Entity;
use crate::tables::group::{MEMBERS, members_key};
use crate::tables::role::Role;
use crate::tables::service_report::{SERVICE_REPORTS, ServiceReport, ServiceUse, UsedBy, service_report_key};
use crate::tables::user::User;

/// How long a report is kept.
const KEPT: Duration = Duration::from_secs(24 * 3600);
const ACTION: &str = "iam:GenerateServiceLastAccessedDetails";

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: GenerateServiceLastAccessedDetailsRequest,
) -> Result<GenerateServiceLastAccessedDetailsResponse, Failure> {
    let mut tx = iam.db.begin();
    let caller = permitted_source(&mut tx, &cx, ACTION, &input.arn).await?;
    if input.granularity.as_deref() == Some("ACTION_LEVEL") {
        return Err(invalid_input("Granularity ACTION_LEVEL is not served by Gantry."));
    }
    let arn: Arn = input.arn.parse().map_err(|_| invalid_input("Invalid Entity Arn"))?;
    let permit = cx.authorize(Permission::on(ACTION, &arn))?;
    let who = who(&mut tx, &cx, &arn).await?;
    let mut services: Vec<ServiceUse> = usable(&cx, &caller)?
        .into_iter()
        .map(|namespace| ServiceUse { namespace: namespace.to_owned(), by: Vec::new() })
        .collect();
    for one in who {
        let used = iam.used_services(&mut tx, cx.account, &one.id).await?;
        for service in &mut services {
            if let Some(last) = used.get(&service.namespace) {
                service.by.push(UsedBy { last: last.clone(), ..one.clone() });
            }
        }
    }
    for service in &mut services {
        service.by.sort_by_key(|used| std::cmp::Reverse(used.last.at));
    }
    for (row, old) in tx.peek_scan(&SERVICE_REPORTS, &key!(cx.account), Scan::all()).await? {
        if old.created < cx.now && cx.now.since(old.created) > KEPT {
            tx.delete(&SERVICE_REPORTS, &row);
        }
    }
    let job = iam.ids.uuid();
    let report = ServiceReport { created: moment(cx.now), services };
    tx.put(&SERVICE_REPORTS, &service_report_key(cx.account, &job), &report);
    tx.commit(&permit).await?;
    Ok(GenerateServiceLastAccessedDetailsResponse { job_id: Some(job) })
}

/// The services of which the caller may do something, as actions begin.
fn usable(cx: &Cx, caller: &Caller) -> Result<BTreeSet<&'static str>, Failure> {
    let context = Context::new();
    let mut caller = caller.clone();
    for policy in &mut caller.policies.identity {
        *policy = loosened(policy)?;
    }
    if let Some(boundary) = &mut caller.policies.boundary {
        *boundary = loosened(boundary)?;
    }
    let may = |action: &&str| {
        let request = Request {
            action,
            resource: "*",
            resource_account: cx.account,
            now: cx.now,
            context: &context,
            told: None,
        };
        simulate(&caller, None, &request).verdict == Verdict::Allowed
    };
    let actions = actions::all().iter().filter_map(|row| row.action);
    Ok(actions.filter(may).filter_map(|action| Some(action.split_once(':')?.0)).collect())
}

/// The policy with what it allows on some resources, or under some conditions, allowed; and denied only what it
/// denies wherever and whenever: what is allowed in part counts.
fn loosened(policy: &Policy) -> Result<Arc<Policy>, Failure> {
    let mut document: Value = serde_json::from_str(policy.text()).map_err(Failure::internal)?;
    let mut statements = match document["Statement"].take() {
        Value::Array(list) => list,
        one => vec![one],
    };
    statements.retain_mut(|statement| {
        let whole = statement["Resource"] == "*" && statement.get("Condition").is_none();
        let Some(members) = statement.as_object_mut() else { return false };
        members.remove("NotResource");
        members.remove("Condition");
        members.insert("Resource".to_owned(), "*".into());
        whole || members["Effect"] == "Allow"
    });
    if statements.is_empty() {
        return Ok(Arc::new(Policy::nothing()));
    }
    document["Statement"] = statements.into();
    let read = Policy::parse(Kind::Identity, &document.to_string()).map_err(Failure::internal)?;
    Ok(Arc::new(read))
}

/// The users and roles that an ARN means, with nothing of when they used what.
async fn who(tx: &mut Tx, cx: &Cx, arn: &Arn) -> Result<Vec<UsedBy>, Failure> {
    let (kind, path) = arn.resource_type_and_name();
    let name = path.rsplit('/').next().unwrap_or_default();
    let mut who = Vec::new();
    match kind {
        "role" => {
            if let Some(role) = Role::find(tx, cx.account, name).await? {
                let arn = role.arn.in_partition(cx.partition()).to_string();
                let last = Default::default();
                let (name, id, path) = (role.name, role.id, role.path);
                who.push(UsedBy { kind: Entity::Role, arn, name, id, path, last });
            }
        }
        "user" => who.extend(user(tx, cx, name).await?),
        _ => {
            for (_, name) in tx.peek_scan(&MEMBERS, &members_key(cx.account, name), Scan::all()).await? {
                who.extend(user(tx, cx, &name).await?);
            }
        }
    }
    Ok(who)
}

async fn user(tx: &mut Tx, cx: &Cx, name: &str) -> Result<Option<UsedBy>, Failure> {
    let Some(user) = User::find(tx, cx.account, name).await? else { return Ok(None) };
    let arn = user.arn.in_partition(cx.partition()).to_string();
    let last = Default::default();
    Ok(Some(UsedBy { kind: Entity::User, arn, name: user.name, id: user.id, path: user.path, last }))
}
