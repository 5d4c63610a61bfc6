//! Which answers to a health check count as success: `200`, `200-299`, `200,302`.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// Codes and ranges of codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Matcher {
    text: String,
    ranges: Vec<(u16, u16)>,
}

impl Matcher {
    /// Reads `200-299,301`, whose codes lie within `allowed`.
    pub fn parse(text: &str, allowed: RangeInclusive<u16>) -> Result<Matcher, Invalid> {
        Matcher::of("HTTP", text, allowed)
    }

    /// Reads `0-5,12`: codes of gRPC.
    pub fn parse_grpc(text: &str) -> Result<Matcher, Invalid> {
        Matcher::of("GRPC", text, 0..=99)
    }

    fn of(kind: &str, text: &str, allowed: RangeInclusive<u16>) -> Result<Matcher, Invalid> {
        let bad = || {
            Invalid::validation(format!(
                "Health check matcher {kind} code '{text}' must be within '{}-{}' inclusive",
                allowed.start(),
                allowed.end()
            ))
        };
        let number = |part: &str| {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<u16>().ok().filter(|code| digits && allowed.contains(code)).ok_or_else(bad)
        };
        let mut ranges = Vec::new();
        for part in text.split(',').map(str::trim) {
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            let (from, to) = (number(from)?, number(to)?);
            if from > to {
                return Err(bad());
            }
            ranges.push((from, to));
        }
        Ok(Matcher { text: text.to_owned(), ranges })
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a code counts as success.
    pub fn matches(&self, code: u16) -> bool {
        self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&code))
    }
}

impl TryFrom<String> for Matcher {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Matcher::parse(&text, 0..=999)
    }
}

impl From<Matcher> for String {
    fn from(matcher: Matcher) -> String {
        matcher.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_lists_and_ranges() {
        let of = |text| Matcher::parse(text, 200..=499);
        assert!(of("200").unwrap().matches(200) && !of("200").unwrap().matches(201));
        let several = of("200-204,301,400-499").unwrap();
        assert!([200, 204, 301, 450].iter().all(|code| several.matches(*code)));
        assert!(![205, 300, 399].iter().any(|code| several.matches(*code)));
        assert!(Matcher::parse_grpc("0-99").unwrap().matches(7));
        assert_eq!(
            Matcher::parse_grpc("120").unwrap_err().message,
            "Health check matcher GRPC code '120' must be within '0-99' inclusive"
        );
        for bad in ["", "x", "199", "500", "300-200", "200-", "+200", "200,,201"] {
            assert!(of(bad).is_err(), "{bad}");
        }
    }
}
