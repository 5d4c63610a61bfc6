//! Names of repositories.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A repository's name: words of lower-case letters and digits, joined by single `.`, `_`, `-` or `/`; 2 to
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
    pub const PATTERN: &str = "(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*";

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_part(part: &str) -> bool {
    // Between two separators stands at least one letter or digit, and none stands at an end.
    let words = part.split(['.', '_', '-']);
    words.into_iter().all(|word| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
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
        for good in ["ab", "web", "team/web", "a/b", "web-front.v2_x", "0/1/2"] {
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
