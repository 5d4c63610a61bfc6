//! Tags: keys and values that users hang on resources.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A resource's tags in the order in which they were given, each key once. At rest they are a map.
#[derive(Debug, Clone, Default)]
pub struct Tags(Vec<(String, String)>);

/// Tags are equal in whatever order they were given.
impl PartialEq for Tags {
    fn eq(&self, other: &Tags) -> bool {
        self.0.len() == other.0.len() && self.iter().all(|(key, value)| other.get(key) == Some(value))
    }
}

impl Eq for Tags {}

impl Serialize for Tags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Tags, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Tags;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of tags")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tags, A::Error> {
                let mut tags = Tags::default();
                while let Some((key, value)) = map.next_entry()? {
                    tags.set(key, value);
                }
                Ok(tags)
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

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
        let pairs: Vec<(String, String)> = pairs.into_iter().collect();
        if pairs.len() > Tags::LIMIT {
            return Err(TagError::TooMany { count: pairs.len(), limit: Tags::LIMIT });
        }
        let mut tags = Tags::default();
        for (key, value) in pairs {
            check(&key, &value)?;
            if tags.get(&key).is_some() {
                return Err(TagError::Duplicate { key });
            }
            tags.0.push((key, value));
        }
        Ok(tags)
    }

    /// Checks what a service hangs on a resource: the same rules, except that keys may begin with `aws:`.
    pub fn parse_of_service(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Tags, TagError> {
        let (own, plain): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(key, _)| key.starts_with("aws:"));
        let mut tags = Self::parse(plain)?;
        for (key, value) in own {
            check(&key["aws:".len()..], &value)?;
            if tags.get(&key).is_some() {
                return Err(TagError::Duplicate { key });
            }
            tags.0.push((key, value));
        }
        Ok(tags)
    }

    /// These tags with `more` laid over them; a key that was there keeps its place.
    pub fn with(&self, more: Tags) -> Result<Tags, TagError> {
        let mut tags = self.clone();
        for (key, value) in more.0 {
            tags.set(key, value);
        }
        tags.limited()
    }

    /// These tags without the named keys; a key that is not there is no error, as in AWS.
    pub fn without<'a>(&self, keys: impl IntoIterator<Item = &'a str>) -> Tags {
        let mut tags = self.0.clone();
        for gone in keys {
            tags.retain(|(key, _)| key != gone);
        }
        Tags(tags)
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// All tags in the order in which they were given.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn set(&mut self, key: String, value: String) {
        match self.0.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) => *known = value,
            None => self.0.push((key, value)),
        }
    }

    fn limited(self) -> Result<Tags, TagError> {
        match self.0.len() {
            count if count > Tags::LIMIT => Err(TagError::TooMany { count, limit: Tags::LIMIT }),
            _ => Ok(self),
        }
    }
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
    fn the_order_is_kept() {
        let pairs = [("b", "1"), ("a", "2"), ("c", "3")].map(|(key, value)| (key.into(), value.into()));
        let tags = Tags::parse(pairs).unwrap().with(one("a", "4").unwrap()).unwrap().without(["c"]);
        let text = serde_json::to_string(&tags).unwrap();
        assert_eq!(text, r#"{"b":"1","a":"4"}"#);
        let read: Tags = serde_json::from_str(&text).unwrap();
        assert_eq!(read.iter().collect::<Vec<_>>(), [("b", "1"), ("a", "4")]);
        assert_eq!(read, one("a", "4").unwrap().with(one("b", "1").unwrap()).unwrap());
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
