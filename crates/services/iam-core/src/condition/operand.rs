//! A value in a condition, read once when the policy is read.

use std::net::IpAddr;

use gantry_base::Timestamp;

use super::operator::{Order, Test};
use crate::pattern::{ArnPattern, Pattern, Signs, Variables};

/// A value that a request's value is held against.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Operand {
    Text {
        pattern: Pattern,
        ignore_case: bool,
    },
    Arn(ArnPattern),
    Number(Order, f64),
    /// Milliseconds since the epoch.
    Date(Order, i64),
    Network {
        address: IpAddr,
        prefix: u8,
    },
}

impl Test {
    /// Reads a value for this test; the error says what the value should look like.
    pub fn operand(self, value: &str, signs: Signs) -> Result<Operand, String> {
        match self {
            Test::String { like, ignore_case } => {
                let pattern = Pattern::parse(value, Signs { wildcards: like, ..signs })?;
                Ok(Operand::Text { pattern, ignore_case })
            }
            Test::Arn => ArnPattern::parse(value, Signs { wildcards: true, ..signs }).map(Operand::Arn),
            Test::Bool => Ok(Operand::Text { pattern: Pattern::parse(value, signs)?, ignore_case: true }),
            Test::Null if !matches!(value.to_ascii_lowercase().as_str(), "true" | "false") => {
                Err(format!("{value:?} is neither true nor false."))
            }
            Test::Null => Ok(Operand::Text { pattern: Pattern::literal(value), ignore_case: true }),
            Test::Binary => Ok(Operand::Text { pattern: Pattern::literal(value), ignore_case: false }),
            Test::Numeric(order) => {
                let number = number(value).ok_or_else(|| format!("{value:?} is not a number."))?;
                Ok(Operand::Number(order, number))
            }
            Test::Date(order) => {
                let date = date(value).ok_or_else(|| format!("{value:?} is not a date."))?;
                Ok(Operand::Date(order, date))
            }
            Test::IpAddress => {
                network(value).ok_or_else(|| format!("{value:?} is not an IP address or CIDR block."))
            }
        }
    }
}

impl Operand {
    /// Whether a text can be read as a date.
    pub fn is_date(text: &str) -> bool {
        date(text).is_some()
    }

    /// Whether a variable has no value in this request.
    pub fn unresolved(&self, variables: &dyn Variables) -> bool {
        match self {
            Operand::Text { pattern, .. } => pattern.unresolved(variables),
            Operand::Arn(pattern) => pattern.unresolved(variables),
            Operand::Number(..) | Operand::Date(..) | Operand::Network { .. } => false,
        }
    }

    /// The names of the variables in it, as they are written.
    pub fn variables(&self) -> Vec<&str> {
        match self {
            Operand::Text { pattern, .. } => pattern.variables().collect(),
            Operand::Arn(pattern) => pattern.variables().collect(),
            Operand::Number(..) | Operand::Date(..) | Operand::Network { .. } => Vec::new(),
        }
    }

    /// Whether the request's value passes. One that cannot be read as what is asked for never does.
    pub fn accepts(&self, value: &str, variables: &dyn Variables) -> bool {
        match self {
            Operand::Text { pattern, ignore_case } => pattern.matches(value, *ignore_case, variables),
            Operand::Arn(pattern) => pattern.matches(value, variables),
            Operand::Number(order, operand) => {
                number(value).is_some_and(|value| compare(*order, &value, operand))
            }
            Operand::Date(order, operand) => {
                date(value).is_some_and(|value| compare(*order, &value, operand))
            }
            Operand::Network { address, prefix } => {
                value.parse().is_ok_and(|value| contains(*address, *prefix, value))
            }
        }
    }
}

fn compare<T: PartialOrd>(order: Order, value: &T, operand: &T) -> bool {
    match order {
        Order::Equal => value == operand,
        Order::Less => value < operand,
        Order::LessOrEqual => value <= operand,
        Order::Greater => value > operand,
        Order::GreaterOrEqual => value >= operand,
    }
}

fn number(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
    text.parse().ok().filter(|number: &f64| plain && number.is_finite())
}

/// ISO 8601 as the W3C profiles it (down to the year), with what IAM lets pass beside it: a `T` with no time behind it,
/// single digits, a time without a zone (then in UTC); or seconds since the epoch.
fn date(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.len() > 4 && digits.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse::<i64>().ok().map(|seconds| seconds.saturating_mul(1000));
    }
    let (day, time) = match text.find(['T', 't']) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, ""),
    };
    let mut day = day.splitn(3, '-');
    let year = field(day.next(), 4)?;
    let month = field(day.next().or(Some("1")), 2)?;
    let day = field(day.next().or(Some("1")), 2)?;
    let (time, zone) = match time.find(['Z', 'z', '+', '-']) {
        Some(at) => (&time[..at], &time[at..]),
        None => (time, "Z"),
    };
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    if !(1..=9).contains(&fraction.len()) || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut time = time.splitn(3, ':');
    let hour = field(time.next().filter(|hour| !hour.is_empty()).or(Some("0")), 2)?;
    let minute = field(time.next().or(Some("0")), 2)?;
    let second = field(time.next().or(Some("0")), 2)?;
    let complete = format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction}{}",
        offset(zone)?
    );
    Timestamp::from_rfc3339(&complete).map(Timestamp::as_millis)
}

/// A number of at most so many digits.
fn field(text: Option<&str>, digits: usize) -> Option<u32> {
    let text = text?;
    let fits = text.len() <= digits && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| fits)
}

/// `Z`, `+hh` or `+hh:mm`, complete.
fn offset(zone: &str) -> Option<String> {
    if zone.eq_ignore_ascii_case("z") {
        return Some("Z".to_owned());
    }
    let (sign, rest) = zone.split_at_checked(1)?;
    let (hours, minutes) = rest.split_once(':').unwrap_or((rest, "00"));
    let two = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    (two(hours) && two(minutes)).then(|| format!("{sign}{hours}:{minutes}"))
}

fn network(text: &str) -> Option<Operand> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let prefix = match prefix {
        Some(prefix) => prefix.parse().ok().filter(|length| *length <= longest)?,
        None => longest,
    };
    Some(Operand::Network { address, prefix })
}

/// Whether the network holds the address. IPv4 inside IPv6 (`::ffff:a.b.c.d`) counts as IPv4.
fn contains(network: IpAddr, prefix: u8, address: IpAddr) -> bool {
    match (network, address.to_canonical()) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_every_form() {
        let day = Timestamp::from_rfc3339("2026-01-02T00:00:00Z").unwrap().as_millis();
        for text in [
            "2026-01-02",
            "2026-01-02T00:00Z",
            "2026-01-02T00:00:00Z",
            "2026-01-02T01:00+01:00",
            "2026-01-02T01:00:00.000+01",
            "2026-1-2t0:00",
            "2026-01-02T",
            "1767312000",
        ] {
            assert_eq!(date(text), Some(day), "{text}");
        }
        assert_eq!(date("2026-01"), Timestamp::from_rfc3339("2026-01-01T00:00:00Z").map(|t| t.as_millis()));
        for bad in [
            "",
            "soon",
            "2026-13-01",
            "T",
            "234-13",
            "2026-01-02T1:00:00.1+1",
            "2026-01-02T1:00:00.1234567891Z",
            "9223372036854775808",
        ] {
            assert_eq!(date(bad), None, "{bad}");
        }
    }

    #[test]
    fn networks_hold_addresses() {
        let holds = |net: &str, address: &str| {
            let Some(Operand::Network { address: base, prefix }) = network(net) else { panic!("{net}") };
            contains(base, prefix, address.parse().unwrap())
        };
        assert!(holds("10.0.0.0/8", "10.1.2.3") && !holds("10.0.0.0/8", "11.1.2.3"));
        assert!(holds("0.0.0.0/0", "1.2.3.4") && holds("1.2.3.4", "1.2.3.4") && !holds("1.2.3.4", "1.2.3.5"));
        assert!(holds("10.0.0.0/8", "::ffff:10.1.2.3") && !holds("0.0.0.0/0", "::1"));
        assert!(holds("2001:db8::/32", "2001:db8:1::1") && holds("::/0", "::1"));
        for bad in ["10.0.0.0/33", "10.0.0/8", "x", "::/129", "10.0.0.0/"] {
            assert!(network(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn numbers_are_plain() {
        assert_eq!(number("1e3"), Some(1000.0));
        for bad in ["", "inf", "NaN", "0x1", "1 "] {
            assert_eq!(number(bad), None, "{bad}");
        }
    }
}
