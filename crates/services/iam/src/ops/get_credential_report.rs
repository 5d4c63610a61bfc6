//! `GetCredentialReport`: the report that was made within the last four hours.

use gantry_api_iam::GetCredentialReportResponse;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::key;
use gantry_wire::{ApiError, Unit};

use super::generate_credential_report::is_fresh;
use crate::iam::Iam;
use crate::tables::credential_report::CREDENTIAL_REPORTS;

pub(crate) async fn run(iam: Iam, cx: Cx, _: Unit) -> Result<GetCredentialReportResponse, Failure> {
    cx.authorize(Permission::of("iam:GetCredentialReport"))?;
    let report = iam.db.begin().get(&CREDENTIAL_REPORTS, &key!(cx.account)).await?;
    let gone = |code: &'static str, message: &str| ApiError::new(code, message).with_status(410);
    let report = report.ok_or_else(|| {
        gone(
            "ReportNotPresent",
            "No report has been generated for this account. Call GenerateCredentialReport first.",
        )
    })?;
    if !is_fresh(&report, cx.now) {
        let message =
            "The most recent credential report has expired. Call GenerateCredentialReport for a new one.";
        return Err(gone("ReportExpired", message).into());
    }
    Ok(GetCredentialReportResponse {
        content: Some(report.content.into_bytes().into()),
        report_format: Some("text/csv".to_owned()),
        generated_time: Some(report.generated),
    })
}
