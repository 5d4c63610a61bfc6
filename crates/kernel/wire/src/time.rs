//! The three ways in which AWS writes a moment.

use gantry_base::Timestamp;
use std::fmt::Write;

use crate::model::TimeFormat;

/// `1700000000`, or with milliseconds `1700000000.123`.
pub(crate) fn write_epoch(out: &mut impl Write, time: Timestamp) {
    let millis = time.as_millis();
    let (secs, part) = (millis.unsigned_abs() / 1000, millis.unsigned_abs() % 1000);
    let sign = if millis < 0 { "-" } else { "" };
    // Writing to a string cannot fail.
    let _ = match part {
        0 => write!(out, "{sign}{secs}"),
        part => write!(out, "{sign}{secs}.{part:03}"),
    };
}

/// In the format asked for.
pub(crate) fn write(out: &mut impl Write, time: Timestamp, format: TimeFormat) {
    match format {
        TimeFormat::EpochSeconds => write_epoch(out, time),
        TimeFormat::DateTime => {
            let Ok(moment) = jiff::Timestamp::from_millisecond(time.as_millis()) else {
                return write_epoch(out, time);
            };
            let _ = match time.as_millis().rem_euclid(1000) {
                0 => write!(out, "{moment:.0}"),
                _ => write!(out, "{moment:.3}"),
            };
        }
        TimeFormat::HttpDate => {
            let Ok(moment) = jiff::Timestamp::from_millisecond(time.as_millis()) else {
                return write_epoch(out, time);
            };
            let _ = write!(out, "{}", moment.strftime("%a, %d %b %Y %H:%M:%S GMT"));
        }
    }
}

/// Reads text in any of the three formats; the one named is tried first. Nothing where it is none.
pub(crate) fn parse(text: &str, format: TimeFormat) -> Option<Timestamp> {
    match format {
        TimeFormat::EpochSeconds => epoch(text).or_else(|| date_time(text)),
        TimeFormat::DateTime => date_time(text).or_else(|| epoch(text)),
        TimeFormat::HttpDate => http_date(text).or_else(|| date_time(text)),
    }
}

/// From seconds with a fraction, when that is a moment within the years that can be written.
pub(crate) fn from_seconds(seconds: f64) -> Option<Timestamp> {
    const YEAR_9999: f64 = 253_402_300_800.0;
    (seconds > -YEAR_9999 && seconds < YEAR_9999).then(|| Timestamp::from_secs_f64(seconds))
}

fn epoch(text: &str) -> Option<Timestamp> {
    if !text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b)) {
        return None;
    }
    from_seconds(text.parse().ok()?)
}

fn date_time(text: &str) -> Option<Timestamp> {
    if let Some(time) = Timestamp::from_rfc3339(text) {
        return Some(time);
    }
    // AWS also takes a time without a zone, and a date alone, as UTC.
    let civil = text.parse::<jiff::civil::DateTime>().ok()?;
    let moment = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    Some(Timestamp::from_millis(moment.as_millisecond()))
}

fn http_date(text: &str) -> Option<Timestamp> {
    let moment = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Some(Timestamp::from_millis(moment.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(millis: i64, format: TimeFormat, text: &str) {
        let time = Timestamp::from_millis(millis);
        let mut out = String::new();
        write(&mut out, time, format);
        assert_eq!(out, text);
        assert_eq!(parse(text, format), Some(time));
    }

    #[test]
    fn each_format_is_read_as_it_is_written() {
        check(1_700_000_000_000, TimeFormat::EpochSeconds, "1700000000");
        check(1_700_000_000_120, TimeFormat::EpochSeconds, "1700000000.120");
        check(-1_500, TimeFormat::EpochSeconds, "-1.500");
        check(1_700_000_000_000, TimeFormat::DateTime, "2023-11-14T22:13:20Z");
        check(1_700_000_000_120, TimeFormat::DateTime, "2023-11-14T22:13:20.120Z");
        check(1_700_000_000_000, TimeFormat::HttpDate, "Tue, 14 Nov 2023 22:13:20 GMT");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "yesterday", "1e400", "NaN", "99999999999999999999", "2023-13-01T00:00:00Z"] {
            assert_eq!(parse(text, TimeFormat::DateTime), None, "{text}");
            assert_eq!(parse(text, TimeFormat::EpochSeconds), None, "{text}");
        }
    }
}
