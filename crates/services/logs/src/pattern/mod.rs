//! The filter language of CloudWatch Logs: terms, selections of JSON, and fields between spaces.
//!
//! See <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>.

mod expression;
mod fields;
mod json;
mod operand;
mod terms;

use std::collections::BTreeMap;

use crate::error::LogsError;

use fields::Fields;
use json::{Path, Selection};
use terms::Terms;

/// How many regular expressions a pattern may have.
const MAX_REGEXES: usize = 2;

/// Where a value stands in events that a pattern matches.
pub enum Reference {
    /// `$.latency`
    Json(Path),
    /// `$bytes`
    Field(String),
}

impl Reference {
    /// Reads a reference, for events of this pattern.
    pub fn parse(text: &str, pattern: &Pattern) -> Result<Reference, LogsError> {
        let invalid = |reason: String| LogsError::invalid(format!("Invalid metric transformation: {reason}"));
        match pattern {
            Pattern::Json(_) => json::selector(text).map(Reference::Json).map_err(invalid),
            Pattern::Fields(fields) if text.strip_prefix('$').is_some_and(|name| fields.has(name)) => {
                Ok(Reference::Field(text.to_owned()))
            }
            _ => Err(invalid(format!("{text} is no field of the filter pattern"))),
        }
    }

    /// The value in a message that matches the pattern.
    pub fn find(&self, pattern: &Pattern, message: &str) -> Option<String> {
        match self {
            Reference::Json(path) => json::select(path, message),
            Reference::Field(name) => pattern.extract(message).remove(name),
        }
    }
}

/// A filter pattern that was understood.
pub enum Pattern {
    /// Every event.
    All,
    /// Words and phrases that must, may or may not be in the message.
    Terms(Terms),
    /// `{ $.level = "ERROR" && $.latency > 1000 }`
    Json(Selection),
    /// `[ip, user, ..., status = 4*, bytes]`
    Fields(Fields),
}

impl Pattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Pattern, LogsError> {
        let trimmed = text.trim();
        if trimmed.starts_with('[') && !trimmed.ends_with(']') {
            return Err(LogsError::invalid("If a filter pattern starts with '[' it must end with ']'"));
        }
        let parsed = match trimmed.chars().next() {
            None => Ok(Pattern::All),
            Some('{') => json::parse(trimmed).map(Pattern::Json),
            Some('[') => fields::parse(trimmed).map(Pattern::Fields),
            Some(_) => terms::parse(trimmed).map(Pattern::Terms),
        };
        parsed.map_err(|reason| LogsError::invalid(format!("Invalid filter pattern: {reason}")))
    }

    /// Whether a message matches.
    pub fn matches(&self, message: &str) -> bool {
        match self {
            Pattern::All => true,
            Pattern::Terms(terms) => terms.matches(message),
            Pattern::Json(selection) => selection.matches(message),
            Pattern::Fields(fields) => fields.matches(message),
        }
    }

    /// What the pattern names in a message that matches: `$.level` of JSON, `$bytes` of fields between spaces.
    pub fn extract(&self, message: &str) -> BTreeMap<String, String> {
        match self {
            Pattern::All | Pattern::Terms(_) => BTreeMap::new(),
            Pattern::Json(selection) => selection.extract(message),
            Pattern::Fields(fields) => fields.extract(message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, matching: &[&str], others: &[&str]) {
        let parsed = Pattern::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        for message in matching {
            assert!(parsed.matches(message), "{pattern} matches {message}");
        }
        for message in others {
            assert!(!parsed.matches(message), "{pattern} does not match {message}");
        }
    }

    #[test]
    fn terms() {
        check("", &["anything", ""], &[]);
        check("ERROR", &["an ERROR", "[ERROR]"], &["error", "fine"]);
        check("ERROR ARGUMENTS", &["ERROR: bad ARGUMENTS"], &["ERROR", "ARGUMENTS"]);
        check(r#""internal error""#, &["an internal error"], &["error internal"]);
        check(r#""say \"hi\"""#, &[r#"I say "hi""#], &["say hi"]);
        check("?ERROR ?WARN", &["WARN", "an ERROR"], &["INFO"]);
        check("ERROR -EXITING", &["ERROR here"], &["ERROR EXITING", "here"]);
        check(r#"-"a b" -c"#, &["d", "a d b"], &["a b", "c"]);
        check("?INFO FATAL", &["FATAL", "INFO FATAL"], &["INFO"]);
        check("?INFO -FATAL", &["INFO", "else"], &["FATAL INFO"]);
        check(r"%ERRO?R?\d%", &["ERR1", "xERROR2"], &["ERROR"]);
        check("%^starting|^shutting down%", &["shutting down now"], &["not shutting down"]);
        check(r"-%\d{3}%", &["12"], &["123"]);
        check("?%a+b% ?c", &["xaab", "c"], &["b"]);
    }

    #[test]
    fn json() {
        let event = r#"{"level":"ERROR","latency":12.5,"user":{"id":7,"name":"ann","ok":true,"none":null},"ips":["10.0.0.1","10.1.0.2"],"items":[{"x":1},{"x":2}],"a.b":"c"}"#;
        let yes = |pattern: &str| check(pattern, &[event], &["no json", "", "7"]);
        let no = |pattern: &str| check(pattern, &[], &[event, "no json"]);
        yes(r#"{ $.level = "ERROR" }"#);
        yes("{$.level=ERROR}");
        yes("{ $.level = ERR* }");
        yes("{ $.level = *RR* }");
        no("{ $.level = error }");
        yes("{ $.level != INFO }");
        no("{ $.missing != INFO }");
        yes("{ $.latency > 12 && $.latency <= 12.5 }");
        yes("{ $.latency = 1.25e1 }");
        no("{ $.latency < 12.5 }");
        no("{ $.level > 1 }");
        yes("{ $.user.id = 7 }");
        yes("{ $.user.name = \"a*\" || $.user.id = 8 }");
        yes("{ ($.user.id = 8 || $.user.id = 7) && $.level = ERROR }");
        no("{ $.user.id = 8 || $.user.id = 7 && $.level = INFO }");
        yes("{ $.user.ok IS TRUE }");
        no("{ $.user.ok IS FALSE }");
        yes("{ $.user.none IS NULL }");
        yes("{ $.user.other NOT EXISTS }");
        no("{ $.user.id NOT EXISTS }");
        no("{ $.user.other IS NULL }");
        yes("{ $.ips[0] = 10.0.* }");
        no("{ $.ips[1] = 10.0.* }");
        yes("{ $.ips[*] = 10.1.* }");
        yes("{ $.items[*].x = 2 }");
        yes("{ $.* = %^ERR% }");
        yes("{ $.user.* = ann }");
        no("{ $.* = ann }");
        no("{ $.ips.* = 10.1.* }");
        yes("{ $.items[*].x = 2 || $.ips[*] = x || $.* = y }");
        yes(r#"{ $.['a.b'] = "c" }"#);
        yes(r#"{ $["a.b"] = c }"#);
        yes(r"{ $.user.name = %^a.n$% }");
        yes(r"{ $.level = %ERR% && $.latency > 1 }");
        no(r"{ $.level != %ERR% }");
    }

    #[test]
    fn fields() {
        let line = r#"127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534"#;
        let yes = |pattern: &str| check(pattern, &[line], &["short", ""]);
        let no = |pattern: &str| check(pattern, &[], &[line]);
        yes("[ip, env, user, timestamp, request, status, bytes]");
        no("[ip, env, user, timestamp, request, status, bytes, more]");
        // The last field takes the rest.
        yes("[ip, env, user, timestamp, request, status]");
        yes("[ip = 127.*, rest]");
        no("[ip = 127.0.0.1]");
        yes("[..., status = 4*,]");
        no("[..., status = 4*]");
        yes("[ip, env, user, timestamp, request, status = 4*, bytes > 1000]");
        no("[ip, env, user, timestamp, request, status = 5*, bytes]");
        yes("[ip, ..., status = 404, bytes]");
        yes("[..., status = 4* || status = 5*, bytes]");
        yes(r#"[ip, env, user, timestamp, request = "*index*", ...]"#);
        yes("[ip = 127.*, ...]");
        yes("[..., bytes > 1000 && bytes < 2000]");
        no("[..., bytes > 1000 && bytes < 1500]");
        yes(r"[ip = %127\.0\.\d+\.1%, ...]");
        yes("[..., status != 200, bytes]");
        check("[...]", &[line, "", "x"], &[]);
        check("[]", &[line], &[]);
    }

    #[test]
    fn fields_without_a_name_are_told_by_their_place() {
        let line = r#"10.0.0.1 - [10/Oct/2000:13:25:15 -0700] "GET /a" 200 1534"#;
        let extracted = |pattern: &str| {
            let found = Pattern::parse(pattern).unwrap().extract(line);
            found.into_iter().map(|(name, text)| format!("{name}={text}")).collect::<Vec<_>>().join("; ")
        };
        assert_eq!(
            extracted("[]"),
            "$1=10.0.0.1; $2=-; $3=10/Oct/2000:13:25:15 -0700; $4=GET /a; $5=200; $6=1534"
        );
        assert_eq!(
            extracted("[ip, ..., status = 2*,]"),
            "$2=-; $3=10/Oct/2000:13:25:15 -0700; $4=GET /a; $6=1534; $ip=10.0.0.1; $status=200"
        );
        assert_eq!(
            extracted("[ip, , rest]"),
            "$2=-; $ip=10.0.0.1; $rest=[10/Oct/2000:13:25:15 -0700] \"GET /a\" 200 1534"
        );
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for pattern in [
            "{ $.a }",
            "{ $.a = }",
            "{ $.a = 1",
            "{ $.a = 1 && }",
            "{ ($.a = 1 }",
            "{ a = 1 }",
            "{ $.a ~ 1 }",
            "{ $.a < x }",
            "{ $.a[x] = 1 }",
            "{ $.a IS MAYBE }",
            "{ $.a = 1 } x",
            "[a = 1 &&, b]",
            "[..., a, ...]",
            "\"open",
            "%open",
            "%(%",
            "%(ab)+%",
            "%something!%",
            "%caf\u{e9}%",
            "{ $.*[*] = 1 }",
            "{ $.a[*] = 1 || $.b[*] = 1 || $.c[*] = 1 || $.d[*] = 1 }",
            "%a% %b% %c%",
            "-",
            "?",
        ] {
            let error = Pattern::parse(pattern).err();
            let error = error.unwrap_or_else(|| panic!("{pattern} was understood")).to_string();
            assert!(error.starts_with("Invalid filter pattern: "), "{error}");
        }
        let open = Pattern::parse("[a, b").err().unwrap().to_string();
        assert_eq!(open, "If a filter pattern starts with '[' it must end with ']'");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(pattern in "[\\[\\]{}$.a1=<>!&|()\"%*?, -]{0,40}", message in ".{0,30}") {
            if let Ok(pattern) = Pattern::parse(&pattern) {
                pattern.matches(&message);
            }
        }
    }
}
