//! Parameters go when their policies say so, and events tell of what policies announce.

use std::time::Duration;

use async_trait::async_trait;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_store::{Db, Key, Scan, key};
use serde::Serialize;

use crate::ssm::ops::delete_whole;
use crate::ssm::policy::Kind;
use crate::ssm::table::{Due, PARAMETERS, POLICY_DUES, Parameter};

/// The name of the loop and of its wake.
pub(crate) const PARAMETER_POLICIES: &str = "parameter_policies";

/// How many rows one pass looks at.
const BATCH: usize = 20;

/// Does what parameter policies have fall due.
pub struct ParameterPolicies {
    db: Db,
}

/// AWS's event of a policy's action
/// ([form](https://docs.aws.amazon.com/systems-manager/latest/userguide/monitoring-systems-manager-event-examples.html)).
#[derive(Serialize)]
struct Event<'a> {
    source: &'static str,
    #[serde(rename = "detail-type")]
    detail_type: &'static str,
    time: String,
    resources: [&'a str; 1],
    detail: Detail<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Detail<'a> {
    parameter_name: &'a str,
    parameter_type: &'static str,
    policy_type: &'static str,
    action_status: &'static str,
    action_reason: &'static str,
}

impl ParameterPolicies {
    /// The loop over this store.
    pub fn new(db: Db) -> Self {
        ParameterPolicies { db }
    }
}

#[async_trait]
impl Loop for ParameterPolicies {
    fn name(&self) -> &'static str {
        PARAMETER_POLICIES
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        let mut tx = self.db.begin();
        // Rows sort by the time that they fall due.
        let rows = tx.peek_scan(&POLICY_DUES, &key!(), Scan::first(BATCH)).await?;
        let due = rows.iter().take_while(|(_, due)| due.at <= by.now()).count();
        for (at, row) in &rows[..due] {
            tx.delete(&POLICY_DUES, at);
            let key = Key::from_text(row.parameter.clone());
            let parameter = tx.get(&PARAMETERS, &key).await?;
            let Some(parameter) = parameter.filter(|parameter| meant(parameter, row)) else { continue };
            let Some(policy) = parameter.policies.get(row.policy) else { continue };
            let reason = match policy.kind {
                Kind::Expiration { .. } => {
                    delete_whole(&mut tx, &key).await?;
                    "The parameter was deleted by its Expiration policy."
                }
                Kind::ExpirationNotification { .. } => "The parameter expires soon.",
                Kind::NoChangeNotification { .. } => "The parameter has not been changed.",
            };
            tx.emit(
                "ssm.parameter_policy",
                &Event {
                    source: "aws.ssm",
                    detail_type: "Parameter Store Policy Action",
                    time: by.now().to_rfc3339(),
                    resources: [&row.arn],
                    detail: Detail {
                        parameter_name: &parameter.name,
                        parameter_type: parameter.current.kind.as_str(),
                        policy_type: policy.kind.as_str(),
                        action_status: "Success",
                        action_reason: reason,
                    },
                },
            );
        }
        tx.commit(by).await?;
        Ok(match rows.get(due) {
            Some((_, row)) => Next::After(row.at.since(by.now()).min(Duration::from_secs(3600))),
            None if due == BATCH => Next::Again,
            None => Next::Wait,
        })
    }
}

/// Whether the parameter is still the one, in the version, that the row was made for.
fn meant(parameter: &Parameter, row: &Due) -> bool {
    parameter.incarnation == row.incarnation && parameter.current.version == row.version
}
