//! The resource policies of an account, as they apply to a request.

use gantry_iam_core::{Kind, Policy};
use gantry_service::Cx;
use gantry_store::{Scan, StoreError, Tx};
use serde_json::Value;

use crate::error::LogsError;
use crate::tables::{RESOURCE_POLICIES, resource_policies_key};

/// Stands for what is no ARN, which no log group has: AWS takes any text as a resource here.
const NOWHERE: &str = "arn:aws:logs:::nowhere";

/// Checks a document that is to become a policy.
pub fn check(document: &str) -> Result<Policy, LogsError> {
    let refused = || {
        LogsError::invalid(
            "Error occurred while parsing accessPolicy. Please check if the accessPolicy has been constructed correctly \
             using IAM grammar.",
        )
    };
    if let Ok(policy) = Policy::parse(Kind::Resource, document) {
        return Ok(policy);
    }
    let written: Value = serde_json::from_str(document).map_err(|_| refused())?;
    let mut value = written.clone();
    match value.get_mut("Statement") {
        Some(Value::Array(statements)) => statements.iter_mut().for_each(with_arns),
        Some(statement) => with_arns(statement),
        None => {}
    }
    // A value has lost members that stand twice: it is asked only where something else was wrong.
    if value == written {
        return Err(refused());
    }
    Policy::parse(Kind::Resource, &value.to_string()).map_err(|_| refused())
}

/// Puts an ARN in the place of each resource that is none.
fn with_arns(statement: &mut Value) {
    let place = |resource: &mut Value| {
        if resource.as_str().is_some_and(|text| text != "*" && !text.is_empty() && !text.contains(':')) {
            *resource = NOWHERE.into();
        }
    };
    for member in ["Resource", "NotResource"] {
        match statement.get_mut(member) {
            Some(Value::Array(resources)) => resources.iter_mut().for_each(place),
            Some(resource) => place(resource),
            None => {}
        }
    }
}

/// All policies of the caller's account and region as one; none where there are none.
pub async fn of(tx: &mut Tx, cx: &Cx) -> Result<Option<Policy>, StoreError> {
    let prefix = resource_policies_key(cx.account, &cx.region);
    let rows = tx.peek_scan(&RESOURCE_POLICIES, &prefix, Scan::all()).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let statements = rows.iter().flat_map(|(_, policy)| statements(&policy.document)).collect();
    let document = serde_json::json!({ "Version": "2012-10-17", "Statement": Value::Array(statements) });
    // Each was checked when it was put; together they have no other rules.
    Ok(Policy::parse(Kind::Resource, &document.to_string()).ok())
}

fn statements(document: &str) -> Vec<Value> {
    let mut document: Value = serde_json::from_str(document).unwrap_or_default();
    let mut statements = match document.get_mut("Statement").map(Value::take) {
        Some(Value::Array(statements)) => statements,
        Some(statement @ Value::Object(_)) => vec![statement],
        _ => Vec::new(),
    };
    statements.iter_mut().for_each(with_arns);
    statements
}
