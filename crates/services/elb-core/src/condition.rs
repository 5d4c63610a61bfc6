//! Conditions of rules: what must hold of a request, and what users may ask for.

use std::net::IpAddr;

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use crate::Invalid;
use crate::pattern::{matches, matches_ignoring_case, wildcards};

/// How much one regular expression may compile to; what a rule can make a proxy hold.
const REGEX_SIZE: usize = 1 << 18;

/// One condition. It holds if any of its values does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "field", rename_all = "kebab-case")]
pub enum Condition {
    /// Host names without port, in any case.
    HostHeader {
        values: Vec<String>,
        #[serde(default)]
        regexes: Vec<String>,
    },
    /// The path without the query, in its case.
    PathPattern {
        values: Vec<String>,
        #[serde(default)]
        regexes: Vec<String>,
    },
    /// The values of one header, in any case.
    HttpHeader {
        name: String,
        values: Vec<String>,
        #[serde(default)]
        regexes: Vec<String>,
    },
    /// Methods, in their case.
    HttpRequestMethod { values: Vec<String> },
    /// Keys and values of the query, in any case. Without a key any of them may have the value.
    QueryString { values: Vec<QueryPair> },
    /// Ranges of the address that the connection comes from.
    SourceIp { values: Vec<String> },
}

/// A key, or any, and a pattern for its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryPair {
    pub key: Option<String>,
    pub value: String,
}

/// The names of fields as AWS lists them.
pub const FIELDS: [&str; 6] =
    ["http-header", "http-request-method", "host-header", "query-string", "path-pattern", "source-ip"];

/// AWS's quota of values and wildcards in the conditions of one rule.
pub const VALUES_PER_RULE: usize = 5;
/// AWS's quota of wildcards in one rule.
pub const WILDCARDS_PER_RULE: usize = 6;

/// The refusal of a field that there is not.
pub fn unknown_field(field: &str) -> Invalid {
    Invalid::validation(format!("Condition field '{field}' must be one of '{}'", FIELDS.join(",")))
}

impl Condition {
    /// AWS's name of what it looks at.
    pub fn field(&self) -> &'static str {
        match self {
            Condition::HostHeader { .. } => "host-header",
            Condition::PathPattern { .. } => "path-pattern",
            Condition::HttpHeader { .. } => "http-header",
            Condition::HttpRequestMethod { .. } => "http-request-method",
            Condition::QueryString { .. } => "query-string",
            Condition::SourceIp { .. } => "source-ip",
        }
    }

    fn count(&self) -> usize {
        match self {
            Condition::HostHeader { values, regexes }
            | Condition::PathPattern { values, regexes }
            | Condition::HttpHeader { values, regexes, .. } => values.len() + regexes.len(),
            Condition::HttpRequestMethod { values } | Condition::SourceIp { values } => values.len(),
            Condition::QueryString { values } => values.len(),
        }
    }

    fn wildcards(&self) -> usize {
        match self {
            Condition::HostHeader { values, .. }
            | Condition::PathPattern { values, .. }
            | Condition::HttpHeader { values, .. } => values.iter().map(|value| wildcards(value)).sum(),
            Condition::QueryString { values } => values
                .iter()
                .map(|pair| wildcards(&pair.value) + pair.key.as_deref().map_or(0, wildcards))
                .sum(),
            Condition::HttpRequestMethod { .. } | Condition::SourceIp { .. } => 0,
        }
    }

    /// Refuses what AWS refuses.
    pub fn check(&self) -> Result<(), Invalid> {
        match self {
            Condition::HostHeader { values, regexes } => {
                texts("host-header", values, regexes, |c| c.is_ascii_alphanumeric() || "-.*?_:".contains(c))?;
                // A host's name has a dot; no wildcard stands for it.
                match values.iter().find(|value| !value.contains('.')) {
                    Some(bad) => Err(not_valid(bad)),
                    None => Ok(()),
                }
            }
            Condition::PathPattern { values, regexes } => texts("path-pattern", values, regexes, |c| {
                c.is_ascii_alphanumeric() || "_-.$/~\"'@:+&()!,;=%*?\\".contains(c)
            }),
            Condition::HttpHeader { name, values, regexes } => {
                if name.len() > 40 {
                    return Err(too_long("HttpHeaderName", 40));
                }
                if name.is_empty() || !name.bytes().all(is_token) {
                    return Err(Invalid::validation(format!(
                        "The 'HttpHeaderName' value '{name}' is not a valid header name"
                    )));
                }
                if name.eq_ignore_ascii_case("host") {
                    return Err(Invalid::validation("You cannot specify 'host' as an HTTP header name"));
                }
                texts("http-header", values, regexes, |c| (' '..='~').contains(&c))
            }
            Condition::HttpRequestMethod { values } => {
                if values.is_empty() {
                    return Err(Invalid::validation("A 'http-request-method' value must be specified"));
                }
                for value in values {
                    if value.len() > 40 {
                        return Err(too_long("http-request-method", 40));
                    }
                    if value.is_empty()
                        || !value.bytes().all(|b| b.is_ascii_uppercase() || b == b'-' || b == b'_')
                    {
                        return Err(Invalid::validation(
                            "The 'http-request-method' value is invalid; the allowed characters are A-Z, hyphen and underscore",
                        ));
                    }
                }
                Ok(())
            }
            Condition::QueryString { values } => {
                if values.is_empty() {
                    return Err(Invalid::validation("A 'query-string' value must be specified"));
                }
                for pair in values {
                    if pair.key.as_ref().is_some_and(|key| key.chars().count() > 128) {
                        return Err(too_long("Key", 128));
                    }
                    if pair.value.is_empty() {
                        return Err(Invalid::validation(
                            "A 'Value' must be specified in 'QueryStringKeyValuePair'",
                        ));
                    }
                    if pair.value.chars().count() > 128 {
                        return Err(too_long("Value", 128));
                    }
                }
                Ok(())
            }
            Condition::SourceIp { values } => {
                if values.is_empty() {
                    return Err(Invalid::validation("A 'source-ip' value must be specified"));
                }
                for value in values {
                    if cidr(value).is_none() {
                        return Err(Invalid::validation(format!(
                            "The specified value '{value}' is not a valid CIDR block"
                        )));
                    }
                }
                Ok(())
            }
        }
    }
}

/// Refuses what the conditions of one rule can't be together.
pub fn check_all(conditions: &[Condition]) -> Result<(), Invalid> {
    for condition in conditions {
        condition.check()?;
    }
    for single in ["host-header", "path-pattern", "http-request-method", "source-ip"] {
        if conditions.iter().filter(|condition| condition.field() == single).count() > 1 {
            return Err(Invalid::validation(format!("A rule can only have one '{single}' condition")));
        }
    }
    let values: usize = conditions.iter().map(Condition::count).sum();
    if values > VALUES_PER_RULE {
        return Err(Invalid::validation(format!(
            "A rule can only have '{VALUES_PER_RULE}' condition values and regex values"
        )));
    }
    let wildcards: usize = conditions.iter().map(Condition::wildcards).sum();
    if wildcards > WILDCARDS_PER_RULE {
        return Err(Invalid::validation(format!(
            "A rule can only have '{WILDCARDS_PER_RULE}' condition wildcards"
        )));
    }
    Ok(())
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn not_valid(value: &str) -> Invalid {
    Invalid::validation(format!("Condition value '{value}' contains a character that is not valid"))
}

fn too_long(what: &str, limit: usize) -> Invalid {
    Invalid::validation(format!("The '{what}' value is too long; the limit is '{limit}'"))
}

fn texts(
    field: &str,
    values: &[String],
    regexes: &[String],
    allowed: fn(char) -> bool,
) -> Result<(), Invalid> {
    if values.is_empty() && regexes.is_empty() {
        return Err(Invalid::validation("A condition value must be specified"));
    }
    if !values.is_empty() && !regexes.is_empty() {
        let config = match field {
            "host-header" => "HostHeaderConfig",
            "path-pattern" => "PathPatternConfig",
            _ => "HttpHeaderConfig",
        };
        return Err(Invalid::validation(format!(
            "You must provide exactly one of the following: ['Values' 'RegexValues'] for config of type '{config}'"
        )));
    }
    for value in values.iter().chain(regexes) {
        if value.chars().count() > 128 {
            return Err(too_long(field, 128));
        }
        if value.is_empty() {
            return Err(Invalid::validation("A condition value must be specified"));
        }
    }
    if let Some(bad) = values.iter().find(|value| !value.chars().all(allowed)) {
        return Err(not_valid(bad));
    }
    for regex in regexes {
        compile(regex, false)
            .map_err(|_| Invalid::validation(format!("The regex '{regex}' for '{field}' is not valid")))?;
    }
    Ok(())
}

/// A regular expression of a rule, bounded in size.
pub fn compile(regex: &str, ignore_case: bool) -> Result<Regex, regex::Error> {
    RegexBuilder::new(regex).case_insensitive(ignore_case).size_limit(REGEX_SIZE).build()
}

/// `10.0.0.0/8` or `2001:db8::/32`, taken apart.
pub fn cidr(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = text.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let bits: u8 = bits.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    (bits <= most).then_some((address, bits))
}

/// What a rule sees of a request.
pub struct Seen<'a> {
    /// The host without its port.
    pub host: &'a str,
    pub path: &'a str,
    /// Without the question mark.
    pub query: Option<&'a str>,
    pub method: &'a str,
    pub source: IpAddr,
    /// All values of a header by its name in any case.
    pub header: &'a (dyn Fn(&str) -> Vec<&'a str> + Sync),
}

/// A condition that is ready to be asked.
#[derive(Debug)]
pub struct Compiled {
    condition: Condition,
    regexes: Vec<Regex>,
}

impl Compiled {
    /// Makes a checked condition ready. A regular expression that does not compile never matches.
    pub fn new(condition: &Condition) -> Compiled {
        let (regexes, ignore_case): (&[String], _) = match condition {
            Condition::HostHeader { regexes, .. } | Condition::HttpHeader { regexes, .. } => (regexes, true),
            Condition::PathPattern { regexes, .. } => (regexes, false),
            _ => (&[], false),
        };
        let regexes = regexes.iter().filter_map(|regex| compile(regex, ignore_case).ok()).collect();
        Compiled { condition: condition.clone(), regexes }
    }

    /// Whether it holds.
    pub fn holds(&self, seen: &Seen<'_>) -> bool {
        let regex = |text: &str| self.regexes.iter().any(|regex| regex.is_match(text));
        match &self.condition {
            Condition::HostHeader { values, .. } => {
                values.iter().any(|value| matches_ignoring_case(value, seen.host)) || regex(seen.host)
            }
            Condition::PathPattern { values, .. } => {
                values.iter().any(|value| matches(value, seen.path)) || regex(seen.path)
            }
            Condition::HttpHeader { name, values, .. } => (seen.header)(name)
                .into_iter()
                .any(|given| values.iter().any(|value| matches_ignoring_case(value, given)) || regex(given)),
            Condition::HttpRequestMethod { values } => values.iter().any(|value| value == seen.method),
            Condition::QueryString { values } => {
                let given = pairs(seen.query.unwrap_or_default());
                values.iter().any(|wanted| {
                    given.iter().any(|(key, value)| {
                        let same_key = wanted.key.as_deref().is_none_or(|k| matches_ignoring_case(k, key));
                        same_key && matches_ignoring_case(&wanted.value, value)
                    })
                })
            }
            Condition::SourceIp { values } => {
                values.iter().filter_map(|value| cidr(value)).any(|block| within(seen.source, block))
            }
        }
    }
}

fn pairs(query: &str) -> Vec<(&str, &str)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .collect()
}

/// Whether an address lies in a block.
pub fn within(address: IpAddr, (block, bits): (IpAddr, u8)) -> bool {
    let address = address.to_canonical();
    match (address, block) {
        (IpAddr::V4(address), IpAddr::V4(block)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            address.to_bits() & mask == block.to_bits() & mask
        }
        (IpAddr::V6(address), IpAddr::V6(block)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            address.to_bits() & mask == block.to_bits() & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen<'a>(
        path: &'a str,
        query: Option<&'a str>,
        header: &'a (dyn Fn(&str) -> Vec<&'a str> + Sync),
    ) -> Seen<'a> {
        Seen { host: "Shop.Example.com", path, query, method: "GET", source: [10, 1, 2, 3].into(), header }
    }

    fn holds(condition: Condition, path: &str, query: Option<&str>) -> bool {
        condition.check().unwrap();
        let header =
            |name: &str| if name.eq_ignore_ascii_case("user-agent") { vec!["curl/8", "x"] } else { vec![] };
        Compiled::new(&condition).holds(&seen(path, query, &header))
    }

    fn texts(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn each_field_looks_at_its_own() {
        let host = |value| Condition::HostHeader { values: texts(&[value]), regexes: vec![] };
        assert!(holds(host("*.example.COM"), "/", None) && !holds(host("example.com"), "/", None));
        let path = |value| Condition::PathPattern { values: texts(&["/nope", value]), regexes: vec![] };
        assert!(holds(path("/img/*"), "/img/x", None) && !holds(path("/IMG/*"), "/img/x", None));
        let header = |value| Condition::HttpHeader {
            name: "User-Agent".into(),
            values: texts(&[value]),
            regexes: vec![],
        };
        assert!(holds(header("CURL*"), "/", None) && !holds(header("wget*"), "/", None));
        let method = |value| Condition::HttpRequestMethod { values: texts(&[value]) };
        assert!(holds(method("GET"), "/", None) && !holds(method("POST"), "/", None));
        let query = |key: Option<&str>, value: &str| Condition::QueryString {
            values: vec![QueryPair { key: key.map(Into::into), value: value.into() }],
        };
        assert!(holds(query(Some("Version"), "V1"), "/", Some("a=b&version=v1")));
        assert!(holds(query(None, "*exa*"), "/", Some("x=an-example")));
        assert!(
            !holds(query(Some("version"), "v2"), "/", Some("version=v1"))
                && !holds(query(None, "v"), "/", None)
        );
        let source = |value| Condition::SourceIp { values: texts(&[value]) };
        assert!(holds(source("10.0.0.0/8"), "/", None) && !holds(source("10.2.0.0/16"), "/", None));
        assert!(holds(source("0.0.0.0/0"), "/", None) && !holds(source("::/0"), "/", None));
        let regex = Condition::PathPattern { values: vec![], regexes: texts(&[r"^/v\d+/(users|orders)"]) };
        assert!(holds(regex.clone(), "/v12/orders/7", None) && !holds(regex, "/vx/orders", None));
    }

    #[test]
    fn what_aws_refuses_is_refused_in_its_words() {
        let long = "x".repeat(129);
        for (condition, message) in [
            (
                Condition::HostHeader { values: texts(&[&long]), regexes: vec![] },
                "The 'host-header' value is too long; the limit is '128'",
            ),
            (
                Condition::PathPattern { values: vec![], regexes: vec![] },
                "A condition value must be specified",
            ),
            (
                Condition::HttpRequestMethod { values: texts(&["get"]) },
                "The 'http-request-method' value is invalid; the allowed characters are A-Z, hyphen and underscore",
            ),
            (Condition::SourceIp { values: vec![] }, "A 'source-ip' value must be specified"),
            (
                Condition::HttpHeader { name: "x".repeat(41), values: texts(&["y"]), regexes: vec![] },
                "The 'HttpHeaderName' value is too long; the limit is '40'",
            ),
            (
                Condition::HttpHeader { name: "Host".into(), values: texts(&["y"]), regexes: vec![] },
                "You cannot specify 'host' as an HTTP header name",
            ),
            (
                Condition::HostHeader { values: texts(&["example"]), regexes: vec![] },
                "Condition value 'example' contains a character that is not valid",
            ),
            (
                Condition::HostHeader { values: texts(&["*"]), regexes: vec![] },
                "Condition value '*' contains a character that is not valid",
            ),
            (
                Condition::SourceIp { values: texts(&["10.0.0.1"]) },
                "The specified value '10.0.0.1' is not a valid CIDR block",
            ),
            (
                Condition::PathPattern { values: texts(&["/a"]), regexes: texts(&["^/b"]) },
                "You must provide exactly one of the following: ['Values' 'RegexValues'] for config of type \
                 'PathPatternConfig'",
            ),
        ] {
            assert_eq!(condition.check().unwrap_err().message, message);
        }
        let bad = Condition::PathPattern { values: vec![], regexes: texts(&["("]) };
        assert!(bad.check().is_err());
    }

    #[test]
    fn a_rule_has_at_most_five_values_and_six_wildcards() {
        let many = |values: &[&str]| [Condition::PathPattern { values: texts(values), regexes: vec![] }];
        assert!(check_all(&many(&["/1", "/2", "/3", "/4", "/5"])).is_ok());
        assert!(check_all(&many(&["/1", "/2", "/3", "/4", "/5", "/6"])).is_err());
        assert!(check_all(&many(&["*/*/*/*/*/*/*"])).is_err());
    }
}
