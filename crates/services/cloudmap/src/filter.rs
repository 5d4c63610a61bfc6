//! Filters of listings.

use gantry_wire::{Put, Shape, to_json};

use crate::error::CloudMapError;

/// Filters as a part of a listing's name, so that a page token of other filters is refused.
pub fn scope<T: Put + Shape>(filters: &[T]) -> String {
    filters.iter().map(|filter| to_json(filter).to_string()).collect()
}

/// Refuses a condition that a filter does not take, and more values than a condition takes.
pub fn check(
    name: &str,
    condition: Option<&str>,
    values: &[String],
    conditions: &[&str],
) -> Result<(), CloudMapError> {
    let condition = condition.unwrap_or("EQ");
    if !conditions.contains(&condition) {
        return Err(CloudMapError::invalid(format!(
            "The condition {condition} is not supported for the filter {name}."
        )));
    }
    let fits = match condition {
        "IN" => !values.is_empty(),
        "BETWEEN" => values.len() == 2,
        _ => values.len() == 1,
    };
    match fits {
        true => Ok(()),
        false => Err(CloudMapError::invalid(format!(
            "The condition {condition} of the filter {name} does not take {} values.",
            values.len()
        ))),
    }
}

/// Whether a text is what the filter wants.
pub fn fits(condition: Option<&str>, values: &[String], text: &str) -> bool {
    match condition {
        Some("BEGINS_WITH") => values.iter().any(|value| text.starts_with(value.as_str())),
        _ => values.iter().any(|value| value == text),
    }
}
