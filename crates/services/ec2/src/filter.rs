//! Filters of the Describe operations: a name and values, of which one must match.
//!
//! Values may hold `*` and `?`; a backslash takes their meaning away. Filters are joined by and, values by or.
//! See <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html>.

use gantry_api_ec2 as api;
use gantry_base::Tags;

use crate::error::Ec2Error;

/// How many values all filters of a request may have together.
const MAX_VALUES: usize = 200;

/// A filter of a resource: its name, and the values that a row has for it.
pub type Attribute<R> = (&'static str, fn(&R) -> Vec<String>);

/// The filters of one request.
pub struct Filters<R: 'static> {
    wanted: Vec<(Subject<R>, Vec<String>)>,
}

enum Subject<R> {
    Attribute(fn(&R) -> Vec<String>),
    Tag(String),
    TagKey,
    TagValue,
}

impl<R> Filters<R> {
    /// Reads the filters of a request for resources with these attributes.
    pub fn parse(
        filters: Option<Vec<api::Filter>>,
        attributes: &'static [Attribute<R>],
    ) -> Result<Self, Ec2Error> {
        let filters = filters.unwrap_or_default();
        let values: usize = filters.iter().map(|filter| filter.values.as_ref().map_or(0, Vec::len)).sum();
        if values > MAX_VALUES {
            return Err(Ec2Error::FilterLimitExceeded { limit: MAX_VALUES });
        }
        let one = |filter: api::Filter| {
            let name = filter.name.unwrap_or_default();
            let values = filter.values.unwrap_or_default();
            let invalid = || Ec2Error::InvalidParameterValue(format!("The filter '{name}' is invalid"));
            if values.is_empty() {
                return Err(Ec2Error::InvalidParameterValue(format!("The filter '{name}' must have values")));
            }
            let subject = match name.strip_prefix("tag:") {
                Some(key) => Subject::Tag(key.to_owned()),
                None if name == "tag-key" => Subject::TagKey,
                None if name == "tag-value" => Subject::TagValue,
                None => {
                    let found = attributes.iter().find(|(known, _)| *known == name).ok_or_else(invalid)?;
                    Subject::Attribute(found.1)
                }
            };
            Ok((subject, values))
        };
        Ok(Filters { wanted: filters.into_iter().map(one).collect::<Result<_, _>>()? })
    }

    /// Whether a row with these tags passes all filters.
    pub fn pass(&self, row: &R, tags: &Tags) -> bool {
        self.wanted.iter().all(|(subject, patterns)| {
            let any = |value: &str| patterns.iter().any(|pattern| matches(pattern, value));
            match subject {
                Subject::Attribute(values) => values(row).iter().any(|value| any(value)),
                Subject::Tag(key) => tags.get(key).is_some_and(any),
                Subject::TagKey => tags.iter().any(|(key, _)| any(key)),
                Subject::TagValue => tags.iter().any(|(_, value)| any(value)),
            }
        })
    }
}

enum Token {
    Any,
    One,
    Literal(char),
}

fn tokens(pattern: &str) -> Vec<Token> {
    let mut chars = pattern.chars();
    let mut tokens = Vec::new();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '*' => Token::Any,
            '?' => Token::One,
            '\\' => Token::Literal(chars.next().unwrap_or('\\')),
            c => Token::Literal(c),
        });
    }
    tokens
}

/// Whether the text matches the pattern, in time proportional to the product of their lengths at most.
pub fn matches(pattern: &str, text: &str) -> bool {
    let pattern = tokens(pattern);
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    // The last star, and up to where it has eaten the text.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(Token::Any) => {
                star = Some((p, t));
                p += 1;
            }
            Some(Token::One) => (p, t) = (p + 1, t + 1),
            Some(Token::Literal(c)) if *c == text[t] => (p, t) = (p + 1, t + 1),
            _ => match star {
                Some((at, eaten)) => {
                    star = Some((at, eaten + 1));
                    (p, t) = (at + 1, eaten + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|token| matches!(token, Token::Any))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn wildcards_match_as_in_ec2() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("a", "", false),
            ("*", "", true),
            ("us-*", "us-east-1", true),
            ("*east*", "us-east-1", true),
            ("us-east-?", "us-east-1", true),
            ("us-east-?", "us-east-10", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            (r"\*amazon\?\\", r"*amazon?\", true),
            (r"\*", "x", false),
            ("Default", "default", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn many_stars_end_soon() {
        let pattern = "*a".repeat(50);
        assert!(!matches(&pattern, &format!("{}b", "a".repeat(5000))));
    }
}
