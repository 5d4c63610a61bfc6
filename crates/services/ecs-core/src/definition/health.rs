//! The health check of a container.

use super::container::wrong;
use super::{Invalid, document};
use crate::spec::HealthCheck;

pub(super) fn check(container: &str, given: &document::HealthCheck) -> Result<HealthCheck, Invalid> {
    let bounded = |field: &str, value: Option<i64>, default: u32, least: i64, most: i64| match value {
        None => Ok(default),
        Some(value) if (least..=most).contains(&value) => Ok(value as u32),
        Some(value) if value > most => Err(Invalid::new(format!(
            "Health check {field} must be less than or equal to the maximum allowed value {most} for container \
             '{container}'"
        ))),
        Some(_) => Err(Invalid::new(format!(
            "Health check {field} must be greater than or equal to the minimum allowed value {least} for container \
             '{container}'"
        ))),
    };
    // `NONE` stands alone and switches the image's own check off.
    match given.command.first().map(String::as_str) {
        Some("CMD" | "CMD-SHELL") if given.command.len() > 1 => {}
        Some("NONE") if given.command.len() == 1 => {}
        _ => {
            return Err(wrong(
                container,
                "The health check's command must begin with CMD or CMD-SHELL, and name a command.",
            ));
        }
    }
    Ok(HealthCheck {
        command: given.command.clone(),
        interval_secs: bounded("interval", given.interval, 30, 5, 300)?,
        timeout_secs: bounded("timeout", given.timeout, 5, 2, 60)?,
        retries: bounded("retries", given.retries, 3, 1, 10)?,
        start_period_secs: bounded("startPeriod", given.start_period, 0, 0, 300)?,
    })
}
