//! Moments as signatures write them: `20260102T030405Z`.

use gantry_base::Timestamp;

/// `20260102T030405Z`. A moment outside the years 0 to 9999 is written as the epoch's.
pub(crate) fn format(moment: Timestamp) -> String {
    let moment = jiff::Timestamp::from_second(moment.as_secs()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    moment.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Reads `20260102T030405Z`.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize| bytes[from..to].iter().all(u8::is_ascii_digit);
    if bytes.len() != 16 || bytes[8] != b'T' || bytes[15] != b'Z' || !digits(0, 8) || !digits(9, 15) {
        return None;
    }
    let field = |from: usize, to: usize| text[from..to].parse::<i8>().ok();
    let date = jiff::civil::Date::new(text[0..4].parse().ok()?, field(4, 6)?, field(6, 8)?).ok()?;
    let time = jiff::civil::Time::new(field(9, 11)?, field(11, 13)?, field(13, 15)?, 0).ok()?;
    let moment = date.to_datetime(time).to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(Timestamp::from_secs(moment.timestamp().as_second()))
}

/// Reads a `Date` header: the same form, or HTTP's.
pub(crate) fn parse_date_header(text: &str) -> Option<Timestamp> {
    parse(text).or_else(|| {
        let moment = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
        Some(Timestamp::from_secs(moment.as_second()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_go_both_ways() {
        let moment = Timestamp::from_secs(1_767_323_045);
        assert_eq!(format(moment), "20260102T030405Z");
        assert_eq!(parse("20260102T030405Z"), Some(moment));
        assert_eq!(parse_date_header("Fri, 02 Jan 2026 03:04:05 GMT"), Some(moment));
        for bad in [
            "",
            "20260102T030405",
            "20261302T030405Z",
            "2026-01-02T03:04Z",
            "20260102T246060Z",
            "２0260102T0304Z",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
