//! Whether a tag may move to another image.

use serde::{Deserialize, Serialize};

use crate::reference::Tag;

/// A pattern of tags that a repository's rule does not hold for; `*` stands for any text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ExclusionFilter(String);

/// The text is no filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an exclusion filter has 1 to 128 characters of tags and at most two *")]
pub struct BadFilter;

impl ExclusionFilter {
    /// The pattern.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the filter is for this tag.
    pub fn matches(&self, tag: &Tag) -> bool {
        crate::lifecycle::matches(&self.0, tag.as_str())
    }
}

impl TryFrom<String> for ExclusionFilter {
    type Error = BadFilter;
    fn try_from(text: String) -> Result<Self, BadFilter> {
        let character = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'*');
        let fits = (1..=128).contains(&text.len())
            && text.bytes().all(character)
            && text.bytes().filter(|byte| *byte == b'*').count() <= 2;
        if fits { Ok(ExclusionFilter(text)) } else { Err(BadFilter) }
    }
}

impl From<ExclusionFilter> for String {
    fn from(filter: ExclusionFilter) -> String {
        filter.0
    }
}

/// A repository's rule for its tags.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", tag = "rule", content = "except")]
pub enum TagMutability {
    /// Every tag may move.
    #[default]
    Mutable,
    /// No tag may move.
    Immutable,
    /// Tags may move, except those of the filters.
    MutableWithExclusion(Vec<ExclusionFilter>),
    /// Tags may not move, except those of the filters.
    ImmutableWithExclusion(Vec<ExclusionFilter>),
}

impl TagMutability {
    /// AWS's word for the rule.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Mutable => "MUTABLE",
            Self::Immutable => "IMMUTABLE",
            Self::MutableWithExclusion(_) => "MUTABLE_WITH_EXCLUSION",
            Self::ImmutableWithExclusion(_) => "IMMUTABLE_WITH_EXCLUSION",
        }
    }

    /// What the rule excludes.
    pub fn filters(&self) -> &[ExclusionFilter] {
        match self {
            Self::Mutable | Self::Immutable => &[],
            Self::MutableWithExclusion(filters) | Self::ImmutableWithExclusion(filters) => filters,
        }
    }

    /// Whether the tag may move.
    pub fn lets_move(&self, tag: &Tag) -> bool {
        let excluded = self.filters().iter().any(|filter| filter.matches(tag));
        match self {
            Self::Mutable | Self::MutableWithExclusion(_) => !excluded,
            Self::Immutable | Self::ImmutableWithExclusion(_) => excluded,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(text: &str) -> ExclusionFilter {
        text.to_owned().try_into().unwrap()
    }

    fn tag(text: &str) -> Tag {
        text.parse().unwrap()
    }

    #[test]
    fn filters_match_with_stars() {
        for (pattern, text, matches) in [
            ("latest", "latest", true),
            ("latest", "latest2", false),
            ("dev-*", "dev-7", true),
            ("dev-*", "dev", false),
            ("*-rc", "1-rc", true),
            ("*mid*", "amidst", true),
            ("*mid*", "amd", false),
            ("a*a", "a", false),
            ("a*b*c", "a-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("*", "anything", true),
        ] {
            assert_eq!(filter(pattern).matches(&tag(text)), matches, "{pattern} on {text}");
        }
        assert!(ExclusionFilter::try_from("a*b*c*".to_owned()).is_err());
        assert!(ExclusionFilter::try_from(String::new()).is_err());
    }

    #[test]
    fn exclusions_turn_the_rule_round() {
        let except = || vec![filter("dev-*")];
        assert!(TagMutability::Mutable.lets_move(&tag("v1")));
        assert!(!TagMutability::Immutable.lets_move(&tag("v1")));
        assert!(!TagMutability::MutableWithExclusion(except()).lets_move(&tag("dev-1")));
        assert!(TagMutability::ImmutableWithExclusion(except()).lets_move(&tag("dev-1")));
        assert!(!TagMutability::ImmutableWithExclusion(except()).lets_move(&tag("v1")));
    }
}
