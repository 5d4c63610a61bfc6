//! CancelExportTask: exports to S3 can't be made here, so there is none to cancel.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure, Permission};
use gantry_wire::Unit;

use crate::Logs;
use crate::error::LogsError;

/// Answers that the task is not there.
pub async fn run(_: &Logs, cx: Cx, _: api::CancelExportTaskRequest) -> Result<Unit, Failure> {
    cx.authorize(Permission::of("logs:CancelExportTask"))?;
    Err(LogsError::NotFound("The specified resource does not exist.".into()).into())
}
