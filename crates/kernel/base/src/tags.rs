//! Tags: keys and values that users hang on resources.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A resource's tags, by key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tags(BTreeMap<String, String>);

/// Why tags were refused. The texts are for the service to word; these carry what is needed for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TagError {
    /// More than the resource may carry.
    #[error("a resource can have at most {limit} tags, and this one would have {count}")]
    TooMany { count: usize, limit: usize },
    /// An empty or too long key.
    #[error("tag key {key:?} must have 1 to 128 characters")]
    KeyLength { key: String },
    /// A too long value.
    #[error("the value of tag {key:?} must have at most 256 characters")]
    ValueLength { key: String },
    /// A key or value with a character that AWS does not take.
    #[error("tag {key:?} may have letters, digits, spaces and _ . : / = + - @ only")]
    Characters { key: String },
    /// A key that begins with `aws:`.
    #[error("tag key {key:?} begins with aws:, which is reserved")]
    Reserved { key: String },
    /// The same key twice in one request.
    #[error("tag key {key:?} is given more than once")]
    Duplicate { key: String },
}

impl Tags {
    /// How many tags a resource may carry.
    pub const LIMIT: usize = 50;

    /// Checks what a user sent against AWS's rules for tags.
    pub fn parse(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Tags, TagError> {
        let mut tags = BTreeMap::new();
        for (key, value) in pairs {
            check(&key, &value)?;
            if tags.insert(key.clone(), value).is_some() {
                return Err(TagError::Duplicate { key });
            }
        }
        limit(&tags)?;
        Ok(Tags(tags))
    }

    /// Checks what a service hangs on a resource: the same rules, except that keys may begin with `aws:`.
    pub fn parse_of_service(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Tags, TagError> {
        let (own, plain): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(key, _)| key.starts_with("aws:"));
        let mut tags = Self::parse(plain)?;
        for (key, value) in own {
            check(&key["aws:".len()..], &value)?;
            if tags.0.insert(key.clone(), value).is_some() {
                return Err(TagError::Duplicate { key });
            }
        }
        Ok(tags)
    }

    /// These tags with `more` laid over them.
    pub fn with(&self, more: Tags) -> Result<Tags, TagError> {
        let mut tags = self.0.clone();
        tags.extend(more.0);
        limit(&tags)?;
        Ok(Tags(tags))
    }

    /// These tags without the named keys; a key that is not there is no error, as in AWS.
    pub fn without<'a>(&self, keys: impl IntoIterator<Item = &'a str>) -> Tags {
        let mut tags = self.0.clone();
        for key in keys {
            tags.remove(key);
        }
        Tags(tags)
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// All tags in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn limit(tags: &BTreeMap<String, String>) -> Result<(), TagError> {
    if tags.len() > Tags::LIMIT {
        return Err(TagError::TooMany { count: tags.len(), limit: Tags::LIMIT });
    }
    Ok(())
}

fn check(key: &str, value: &str) -> Result<(), TagError> {
    let key_length = key.chars().count();
    let fits =
        |text: &str| text.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c));
    let key_text = || key.chars().take(128).collect::<String>();
    if key_length == 0 || key_length > 128 {
        return Err(TagError::KeyLength { key: key_text() });
    }
    if value.chars().count() > 256 {
        return Err(TagError::ValueLength { key: key_text() });
    }
    if key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
        return Err(TagError::Reserved { key: key_text() });
    }
    if !fits(key) || !fits(value) {
        return Err(TagError::Characters { key: key_text() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(key: &str, value: &str) -> Result<Tags, TagError> {
        Tags::parse([(key.to_owned(), value.to_owned())])
    }

    #[test]
    fn the_rules_of_tags_hold() {
        assert!(one("Environment", "prod / blue").is_ok());
        assert!(matches!(one("", "x"), Err(TagError::KeyLength { .. })));
        assert!(matches!(one(&"k".repeat(129), "x"), Err(TagError::KeyLength { .. })));
        assert!(matches!(one("k", &"v".repeat(257)), Err(TagError::ValueLength { .. })));
        assert!(matches!(one("AWS:x", "x"), Err(TagError::Reserved { .. })));
        assert!(matches!(one("a;b", "x"), Err(TagError::Characters { .. })));
        let twice = [("a".to_owned(), "1".to_owned()), ("a".to_owned(), "2".to_owned())];
        assert!(matches!(Tags::parse(twice), Err(TagError::Duplicate { .. })));
    }

    #[test]
    fn only_a_service_may_use_reserved_keys() {
        let of_service = |key: &str| Tags::parse_of_service([(key.to_owned(), "x".to_owned())]);
        assert_eq!(of_service("aws:ecs:clusterName").unwrap().get("aws:ecs:clusterName"), Some("x"));
        assert!(
            of_service("aws:").is_err() && of_service("aws:aws:x").is_err() && of_service("a;b").is_err()
        );
    }

    #[test]
    fn fifty_tags_and_no_more() {
        let tags = |n: usize| Tags::parse((0..n).map(|i| (format!("k{i}"), String::new())));
        assert!(tags(50).is_ok());
        assert!(matches!(tags(51), Err(TagError::TooMany { count: 51, .. })));
        assert!(tags(50).unwrap().with(one("another", "").unwrap()).is_err());
        assert!(tags(50).unwrap().with(one("k1", "new").unwrap()).is_ok());
    }
}
