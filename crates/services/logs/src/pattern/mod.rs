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

/// How many selectors of a pattern may have a `*` in them.
const MAX_WILDCARDS: usize = 3;

/// Why a pattern is refused.
pub enum Reason {
    /// In AWS's words.
    Aws(String),
    /// What is wrong with a pattern of which AWS says only that it is invalid.
    Invalid(String),
}

impl Reason {
    /// This part of a pattern can't stand there.
    fn characters(part: &str) -> Reason {
        Reason::Aws(format!("Invalid character(s) in term '{part}'"))
    }

    fn refuse(self, what: &str) -> LogsError {
        match self {
            Reason::Aws(message) => LogsError::invalid(message),
            Reason::Invalid(reason) => LogsError::invalid(format!("Invalid {what}: {reason}")),
        }
    }
}

impl From<String> for Reason {
    fn from(reason: String) -> Reason {
        Reason::Invalid(reason)
    }
}

impl From<&str> for Reason {
    fn from(reason: &str) -> Reason {
        Reason::Invalid(reason.to_owned())
    }
}

/// Where a value stands in events that a pattern matches.
pub enum Reference {
    /// `$.latency`
    Json(Path),
    /// `$bytes`
    Field(String),
}

impl Reference {
    /// Reads a reference, for events of this pattern; none: it is not one.
    pub fn parse(text: &str, pattern: &Pattern) -> Option<Reference> {
        match pattern {
            Pattern::Json(_) => json::selector(text).ok().map(Reference::Json),
            // AWS takes names that the list doesn't have, and finds nothing there.
            Pattern::Fields(_) => {
                let named = text.strip_prefix('$').is_some_and(|name| !name.is_empty());
                named.then(|| Reference::Field(text.to_owned()))
            }
            Pattern::All | Pattern::Terms(_) => None,
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
    /// Reads a pattern that events are looked for with.
    pub fn parse(text: &str) -> Result<Pattern, LogsError> {
        Pattern::read(text).map_err(|reason| reason.refuse("filter pattern"))
    }

    /// Reads the pattern of a metric filter.
    pub fn of_metric_filter(text: &str) -> Result<Pattern, LogsError> {
        Pattern::read(text).map_err(|reason| reason.refuse("metric filter pattern"))
    }

    fn read(text: &str) -> Result<Pattern, Reason> {
        let trimmed = text.trim();
        for (open, close) in [('[', ']'), ('{', '}')] {
            if trimmed.starts_with(open) && !trimmed.ends_with(close) {
                let message = format!("If a filter pattern starts with '{open}' it must end with '{close}'");
                return Err(Reason::Aws(message));
            }
        }
        match trimmed.chars().next() {
            None => Ok(Pattern::All),
            Some('{') => json::parse(trimmed).map(Pattern::Json),
            Some('[') => fields::parse(trimmed).map(Pattern::Fields),
            Some(_) => terms::parse(trimmed).map(Pattern::Terms),
        }
    }

    /// Whether events that match have values which a metric can have as dimensions.
    pub fn has_values(&self) -> bool {
        matches!(self, Pattern::Json(_) | Pattern::Fields(_))
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

    /// What the pattern names in a message that matches: `$bytes` of fields between spaces. AWS extracts nothing of
    /// JSON here.
    pub fn extract(&self, message: &str) -> BTreeMap<String, String> {
        match self {
            Pattern::All | Pattern::Terms(_) | Pattern::Json(_) => BTreeMap::new(),
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
        check(r"%ERR[OR]*\d%", &["ERR1", "xERROR2"], &["ERROR"]);
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
        // The last field takes what is left, and with it the quotes and brackets in it.
        yes(r#"[ip, env, user, timestamp, request, status = "404 1534"]"#);
        yes(r#"[ip, env, user, timestamp, request = "\"GET /index.html HTTP/1.0\" 404 1534"]"#);
        no("[ip, env, user, timestamp, request, status = 404]");
        no("[ip, env, user, timestamp, request, status, bytes, more]");
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
        // As in AWS's reference: what is empty is a field of any text.
        yes("[..., request = *index*, status = 4*,]");
        no("[..., status = 4*]");
        yes("[ip, , , timestamp, ...]");
        check("[...]", &[line, "", "x"], &[]);
        check("[]", &[line], &[]);
    }

    /// As measured in AWS.
    #[test]
    fn text_that_looks_like_a_number_is_no_number() {
        let values = [
            "true", "false", "null", r#""1""#, r#""1.0""#, r#""10""#, "1", "1.0", "1e0", "10", r#""a""#,
            "[1]", "{}",
        ];
        let matching = |pattern: &str| {
            let parsed = Pattern::parse(pattern).unwrap();
            let matches = |value: &&str| parsed.matches(&format!(r#"{{"v":{value}}}"#));
            values.into_iter().filter(matches).collect::<Vec<_>>()
        };
        assert_eq!(matching("{ $.v = 1 }"), [r#""1""#, "1", "1.0", "1e0"]);
        assert_eq!(matching("{ $.v = 1e+0 }"), ["1", "1.0", "1e0"]);
        assert_eq!(matching(r#"{ $.v = "1" }"#), [r#""1""#, "1"]);
        assert_eq!(matching("{ $.v > 1 }"), ["10"]);
        assert_eq!(matching("{ $.v >= 1 }"), ["1", "1.0", "1e0", "10"]);
        // Booleans are compared with nothing, not even with something else.
        assert_eq!(matching("{ $.v = true }"), [""; 0]);
        assert_eq!(matching("{ $.v != 1 }"), [r#""1.0""#, r#""10""#, "10", r#""a""#]);
        assert_eq!(matching("{ $.v = * }").len(), 8);
        assert_eq!(matching("{ $.v IS TRUE }"), ["true"]);
        assert_eq!(matching("{ $.v NOT EXISTS }"), [""; 0]);
    }

    #[test]
    fn wildcards_stand_for_items_and_members() {
        check(
            r#"{ $.a[*] = "hit" }"#,
            &[r#"{"a":["x","hit"]}"#, r#"{"a":{"0":"hit"}}"#],
            &[r#"{"a":"hit"}"#, r#"{"a":[["hit"]]}"#],
        );
        check(r#"{ $.* = "hit" }"#, &[r#"{"b.c":"hit"}"#], &[r#"{"b":["hit"]}"#, r#"{"b":{"c":"hit"}}"#]);
        check("{ $.a IS NULL }", &[r#"{"a":null}"#, r#"{"a":[1,null]}"#], &[r#"{"a":[1]}"#, "{}"]);
        check("{ $.a NOT EXISTS }", &["{}"], &[r#"{"a":null}"#, r#"[{"b":1}]"#]);
    }

    #[test]
    fn fields_are_extracted_by_name_or_place() {
        let extract = |pattern: &str, message: &str| {
            let found = Pattern::parse(pattern).unwrap().extract(message);
            found.into_iter().map(|(name, text)| format!("{name}={text}")).collect::<Vec<_>>()
        };
        let line = r#"ERROR "two words" [at night] 7"#;
        assert_eq!(
            extract("[level, ..., last]", line),
            ["$2=two words", "$3=at night", "$last=7", "$level=ERROR"]
        );
        assert_eq!(extract("[level, rest]", line), ["$level=ERROR", r#"$rest="two words" [at night] 7"#]);
        assert_eq!(extract("[level, , rest]", line), ["$2=two words", "$level=ERROR", "$rest=[at night] 7"]);
        assert_eq!(extract("[..., time = at*,]", line)[2..], ["$4=7", "$time=at night"]);
        assert_eq!(extract("[]", line), ["$1=ERROR", "$2=two words", "$3=at night", "$4=7"]);
        assert_eq!(extract("[a, b]", r#"x "y z""#), ["$a=x", "$b=y z"]);
        assert_eq!(extract("{ $.a = 1 }", r#"{"a":1}"#), [""; 0]);
    }

    #[test]
    fn refusals_are_worded_as_in_aws() {
        for (pattern, message) in [
            ("[a, b", "If a filter pattern starts with '[' it must end with ']'"),
            ("{ $.a = 1", "If a filter pattern starts with '{' it must end with '}'"),
            ("{ $.a = 1 } x", "If a filter pattern starts with '{' it must end with '}'"),
            ("ERR*", "Invalid character(s) in term '*'"),
            ("\"ERROR", "Invalid character(s) in term '\"ERROR'"),
            ("%^(ERROR|WARN)%", "Invalid character(s) in term '%^('"),
            ("%hello!%", "Invalid character(s) in term '%hello!'"),
            ("%café%", "Invalid character(s) in term '%café'"),
            ("{ $.v = %(Alpha|Beta)% }", "Invalid character(s) in term '%('"),
            ("%[abc%", "Failed to compile regular expression."),
            (
                "{ $.v = %a% || $.v = %b% || $.v = %c% }",
                "Your input has exceeded the maximum of 2 regular expressions per filter pattern.",
            ),
            (
                "{ $.items[*].* = 1 }",
                "Your filter pattern has a JSON path selector that exceeds the maximum of 1 wildcard allowed per json \
                 selector.",
            ),
            (
                "{ $.a[*] = 1 || $.b[*].c = 1 || $.* = 1 || $.d[*][0] = 0 }",
                "Your input has exceeded the maximum of 3 JSON wildcard selectors allowed per filter pattern.",
            ),
            ("[..., a, ...]", "Duplicate field '...'"),
            ("[word, word]", "Duplicate field 'word'"),
        ] {
            assert_eq!(Pattern::parse(pattern).err().unwrap().to_string(), message, "{pattern}");
        }
        let error = Pattern::of_metric_filter("{ $.a EXISTS }").err().unwrap().to_string();
        assert!(error.starts_with("Invalid metric filter pattern"), "{error}");
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for pattern in [
            "{ $.a }",
            "{ $.a = }",
            "{ $.a = 1 && }",
            "{ ($.a = 1 }",
            "{ a = 1 }",
            "{ $.a ~ 1 }",
            "{ $.a == 1 }",
            "{ $.a = null }",
            "{ $.a EXISTS }",
            "{ $.a < x }",
            "{ $.a[x] = 1 }",
            "{ $.a[-1] = 1 }",
            "{ $..a = 1 }",
            "{ $.a IS MAYBE }",
            "{ $.a = 1 } x }",
            "[a = 1 &&, b]",
            "%open",
            "-",
            "?",
        ] {
            let error = Pattern::parse(pattern).err();
            let error = error.unwrap_or_else(|| panic!("{pattern} was understood")).to_string();
            assert!(error.starts_with("Invalid filter pattern: "), "{error}");
        }
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
