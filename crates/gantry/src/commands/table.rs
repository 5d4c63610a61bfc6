//! How tables, spans and sizes are written for people.

use comfy_table::Table;
use comfy_table::presets::NOTHING;
use serde_json::Value;

/// A table without lines.
pub fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_preset(NOTHING);
    table.set_header(header);
    table
}

/// A text, or nothing.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The elements of a list, or none.
pub fn all(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// How much of an id is enough to tell it from others.
pub fn short(id: &str) -> String {
    id.chars().take(12).collect()
}

/// How long it is, in seconds, by its largest unit.
pub fn span(seconds: i64) -> String {
    match seconds.max(0) {
        seconds @ 0..60 => format!("{seconds}s"),
        seconds @ 60..3600 => format!("{}m", seconds / 60),
        seconds @ 3600..86_400 => format!("{}h", seconds / 3600),
        seconds => format!("{}d", seconds / 86_400),
    }
}

/// How long ago a moment of AWS's JSON is, in seconds.
pub fn ago(moment: &Value, now: gantry_base::Timestamp) -> Option<i64> {
    moment.as_f64().map(|seconds| now.as_millis() / 1000 - seconds as i64)
}

/// So many bytes, in units of 1024.
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let mut size = bytes as f64 / 1024.0;
    let mut unit = 0;
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    match bytes {
        0..1024 => format!("{bytes} B"),
        _ => format!("{size:.1} {}", UNITS[unit]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_sizes_by_their_largest_unit() {
        let spans = [-3, 59, 60, 3599, 3600, 90_000].map(span);
        assert_eq!(spans, ["0s", "59s", "1m", "59m", "1h", "1d"]);
        let sizes = [0, 1023, 1024, 1_572_864, 5 << 40].map(bytes);
        assert_eq!(sizes, ["0 B", "1023 B", "1.0 KiB", "1.5 MiB", "5.0 TiB"]);
        assert_eq!(short("0123456789abcdef"), "0123456789ab");
    }

    #[test]
    fn a_moment_of_aws_s_is_seconds() {
        let now = gantry_base::Timestamp::from_secs(100);
        assert_eq!(ago(&serde_json::json!(40.25), now), Some(60));
        assert_eq!(ago(&Value::Null, now), None);
    }
}
