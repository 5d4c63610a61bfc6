//! Periods of time: `5m`, `1 hour`, `1mo`.

use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};

/// A period to which times are rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    count: i64,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// So many milliseconds, where some multiple of them begins at this offset from the epoch.
    Fixed {
        millis: i64,
        offset: i64,
    },
    Months(i64),
}

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Names of units, with the largest count that AWS takes; a larger one counts as that.
const UNITS: [(&[&str], Unit, i64); 9] = [
    (&["ms", "millisecond", "milliseconds", "msec", "msecs"], fixed(1), 1000),
    (&["s", "second", "seconds", "sec", "secs"], fixed(SECOND), 60),
    (&["m", "minute", "minutes", "min", "mins"], fixed(MINUTE), 60),
    (&["h", "hour", "hours", "hr", "hrs"], fixed(HOUR), 24),
    (&["d", "day", "days"], fixed(DAY), 365),
    // The epoch was a Thursday; weeks begin on Mondays.
    (&["w", "week", "weeks"], Unit::Fixed { millis: 7 * DAY, offset: 4 * DAY }, 52),
    (&["mo", "month", "months", "mon"], Unit::Months(1), 12),
    (&["q", "quarter", "quarters", "qtr", "qtrs"], Unit::Months(3), 4),
    (&["y", "year", "years", "yr", "yrs"], Unit::Months(12), 100),
];

const fn fixed(millis: i64) -> Unit {
    Unit::Fixed { millis, offset: 0 }
}

impl Period {
    /// `count` times the unit of that name, if there is one.
    pub fn new(count: i64, unit: &str) -> Option<Period> {
        let (_, unit, most) = UNITS.iter().find(|(names, ..)| names.contains(&unit))?;
        (count > 0).then_some(Period { count: count.min(*most), unit: *unit })
    }

    /// The latest beginning of a period that is not after a time; both in milliseconds since the epoch.
    pub fn floor(self, time: i64) -> i64 {
        match self.unit {
            Unit::Fixed { millis, offset } => {
                let step = millis.saturating_mul(self.count);
                time.saturating_sub((time.saturating_sub(offset)).rem_euclid(step))
            }
            Unit::Months(months) => {
                let at = months_of(time).unwrap_or_default();
                begin_of_month(at - at.rem_euclid(months * self.count)).unwrap_or(time)
            }
        }
    }

    /// The earliest beginning of a period that is not before a time.
    pub fn ceiling(self, time: i64) -> i64 {
        let floor = self.floor(time);
        match self.unit {
            _ if floor == time => time,
            Unit::Fixed { millis, .. } => floor.saturating_add(millis.saturating_mul(self.count)),
            Unit::Months(months) => {
                let at = months_of(floor).unwrap_or_default();
                begin_of_month(at + months * self.count).unwrap_or(time)
            }
        }
    }
}

/// Months since the beginning of the year 0.
fn months_of(time: i64) -> Option<i64> {
    let date = Timestamp::from_millisecond(time).ok()?.to_zoned(TimeZone::UTC).date();
    Some(i64::from(date.year()) * 12 + i64::from(date.month()) - 1)
}

fn begin_of_month(months: i64) -> Option<i64> {
    let year = i16::try_from(months.div_euclid(12)).ok()?;
    let month = i8::try_from(months.rem_euclid(12) + 1).ok()?;
    let begin = Date::new(year, month, 1).ok()?.to_zoned(TimeZone::UTC).ok()?;
    Some(begin.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(count: i64, unit: &str, time: &str, floor: &str, ceiling: &str) {
        let millis = |text: &str| text.parse::<Timestamp>().unwrap().as_millisecond();
        let period = Period::new(count, unit).unwrap();
        let shown = |millis| Timestamp::from_millisecond(millis).unwrap().to_string();
        assert_eq!(shown(period.floor(millis(time))), floor, "{count}{unit}");
        assert_eq!(shown(period.ceiling(millis(time))), ceiling, "{count}{unit}");
    }

    #[test]
    fn times_are_rounded() {
        let time = "2026-08-19T13:47:12.345Z";
        check(5, "m", time, "2026-08-19T13:45:00Z", "2026-08-19T13:50:00Z");
        check(30, "seconds", time, "2026-08-19T13:47:00Z", "2026-08-19T13:47:30Z");
        check(1, "d", time, "2026-08-19T00:00:00Z", "2026-08-20T00:00:00Z");
        check(1, "w", time, "2026-08-17T00:00:00Z", "2026-08-24T00:00:00Z");
        check(1, "mo", time, "2026-08-01T00:00:00Z", "2026-09-01T00:00:00Z");
        check(1, "q", time, "2026-07-01T00:00:00Z", "2026-10-01T00:00:00Z");
        check(1, "year", time, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
        // More than a minute of seconds counts as a minute, as in AWS.
        check(300, "s", time, "2026-08-19T13:47:00Z", "2026-08-19T13:48:00Z");
        assert_eq!(Period::new(1, "fortnight"), None);
        assert_eq!(Period::new(0, "s"), None);
    }
}
