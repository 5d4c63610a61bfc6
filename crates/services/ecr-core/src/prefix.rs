//! How names of repositories begin, for rules that hold for many of them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::name::RepositoryName;

/// How the names of some repositories begin, up to a `/`; or `ROOT`, which stands for all names that no other prefix
/// covers. A `/` at its end is always thought of: `team` is `team/`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Prefix(String);

/// The text is no prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a prefix is the beginning of repository names or ROOT")]
pub struct BadPrefix;

/// The prefix for what no other one covers.
const ROOT: &str = "ROOT";

impl Prefix {
    /// The prefix, without a `/` at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What of the name comes after the prefix and its `/`; none if it is not the prefix's.
    pub fn rest<'n>(&self, name: &'n RepositoryName) -> Option<&'n str> {
        if self.0 == ROOT {
            return Some(name.as_str());
        }
        name.as_str().strip_prefix(self.0.as_str())?.strip_prefix('/')
    }

    /// The one of the rows whose prefix says most about the name.
    pub fn closest<'r, R>(
        name: &RepositoryName,
        rows: impl IntoIterator<Item = &'r R>,
        prefix: impl Fn(&R) -> &Prefix,
    ) -> Option<&'r R> {
        let fitting = rows.into_iter().filter(|row| prefix(row).rest(name).is_some());
        fitting.max_by_key(|row| match prefix(row).as_str() {
            ROOT => 0,
            other => other.len(),
        })
    }
}

impl FromStr for Prefix {
    type Err = BadPrefix;

    fn from_str(text: &str) -> Result<Prefix, BadPrefix> {
        let text = text.strip_suffix('/').unwrap_or(text);
        // The model's pattern has been checked; this keeps what can't begin a name away from the tables.
        let characters = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-' | b'/')
        };
        let fits = text == ROOT || (!text.is_empty() && text.bytes().all(characters));
        if fits { Ok(Prefix(text.to_owned())) } else { Err(BadPrefix) }
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &str) -> Prefix {
        text.parse().unwrap()
    }

    #[test]
    fn the_longest_prefix_wins_and_root_takes_the_rest() {
        let all = ["team", "team/web/", "ROOT"].map(prefix);
        let closest = |name: &str| {
            let name = name.parse().unwrap();
            Prefix::closest(&name, &all, |prefix| prefix).map(|prefix| prefix.as_str().to_owned()).unwrap()
        };
        assert_eq!(closest("team/web/a"), "team/web");
        assert_eq!(closest("team/web"), "team");
        assert_eq!(closest("teams/web"), "ROOT");
        assert_eq!(prefix("team/").rest(&"team/a/b".parse().unwrap()), Some("a/b"));
        assert_eq!(prefix("ROOT").rest(&"a/b".parse().unwrap()), Some("a/b"));
    }

    #[test]
    fn what_begins_no_name_is_none() {
        for bad in ["", "/", "Team", "a b", "root!"] {
            assert_eq!(bad.parse::<Prefix>(), Err(BadPrefix), "{bad:?}");
        }
    }
}
