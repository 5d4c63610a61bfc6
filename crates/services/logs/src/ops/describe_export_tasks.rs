//! DescribeExportTasks: exports to S3. None can be made here.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure, Permission};

use crate::Logs;
use crate::error::LogsError;

/// Lists none; a task that is named is not there.
pub async fn run(
    _: &Logs,
    cx: Cx,
    input: api::DescribeExportTasksRequest,
) -> Result<api::DescribeExportTasksResponse, Failure> {
    cx.authorize(Permission::of("logs:DescribeExportTasks"))?;
    if input.task_id.is_some() {
        return Err(LogsError::NotFound("The specified resource does not exist.".into()).into());
    }
    Ok(api::DescribeExportTasksResponse { export_tasks: Some(Vec::new()), next_token: None })
}
