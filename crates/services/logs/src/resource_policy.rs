//! The resource policies of an account, as they apply to a request.

use gantry_iam_core::{Kind, Policy};
use gantry_service::Cx;
use gantry_store::{Scan, StoreError, Tx};
use serde_json::Value;

use crate::error::LogsError;
use crate::tables::{RESOURCE_POLICIES, resource_policies_key};

/// Checks a document that is to become a policy.
pub fn check(document: &str) -> Result<Policy, LogsError> {
    Policy::parse(Kind::Resource, document).map_err(|_| {
        LogsError::invalid(
            "Error occurred while parsing accessPolicy. Please check if the accessPolicy has been constructed correctly \
             using IAM grammar.",
        )
    })
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
    match document.get_mut("Statement").map(Value::take) {
        Some(Value::Array(statements)) => statements,
        Some(statement @ Value::Object(_)) => vec![statement],
        _ => Vec::new(),
    }
}
