//! Names of repositories.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A repository's name: words of lower-case letters and digits, joined by `/`, `.`, `_`, `__` or any number of `-`; 2 to
/// 256 characters in all.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepositoryName(String);

/// The text is no repository's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a repository name has 2 to 256 characters and satisfies {}", RepositoryName::PATTERN)]
pub struct BadRepositoryName;

impl RepositoryName {
    /// The rule as ECR states it.
    pub const PATTERN: &str = r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*";

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_part(part: &str) -> bool {
    let in_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let mut rest = part;
    loop {
        let Some(after_word) =
            Some(rest.trim_start_matches(in_word)).filter(|after| after.len() < rest.len())
        else {
            // A word has at least one letter or digit, so no separator stands at an end.
            return false;
        };
        if after_word.is_empty() {
            return true;
        }
        rest = after_word.trim_start_matches(['.', '_', '-']);
        let separator = &after_word[..after_word.len() - rest.len()];
        let joins = matches!(separator, "." | "_" | "__")
            || (!separator.is_empty() && separator.bytes().all(|byte| byte == b'-'));
        if !joins {
            return false;
        }
    }
}

impl FromStr for RepositoryName {
    type Err = BadRepositoryName;

    fn from_str(text: &str) -> Result<Self, BadRepositoryName> {
        let fits = (2..=256).contains(&text.len()) && text.split('/').all(is_part);
        if fits { Ok(RepositoryName(text.to_owned())) } else { Err(BadRepositoryName) }
    }
}

impl TryFrom<String> for RepositoryName {
    type Error = BadRepositoryName;
    fn try_from(text: String) -> Result<Self, BadRepositoryName> {
        text.parse()
    }
}

impl From<RepositoryName> for String {
    fn from(name: RepositoryName) -> String {
        name.0
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_pattern() {
        for good in ["ab", "web", "team/web", "a/b", "web-front.v2_x", "0/1/2", "a__b", "a---b/c"] {
            assert!(good.parse::<RepositoryName>().is_ok(), "{good}");
        }
        let long = "a".repeat(257);
        let hostile = [
            "",
            "a",
            "A/b",
            "/web",
            "web/",
            "a//b",
            "web-",
            "-web",
            "a..b",
            "a___b",
            "a.-b",
            "a/-b",
            "../etc",
            "a/../b",
            "a/./b",
            "web%2f",
            "web\0x",
            "wéb",
            "web x",
            "web:latest",
            "a\\b",
            &long,
        ];
        for bad in hostile {
            assert!(bad.parse::<RepositoryName>().is_err(), "{bad:?}");
        }
        assert!("a".repeat(256).parse::<RepositoryName>().is_ok());
    }
}
