//! Keys of rows: parts, each closed by a slash.

use std::fmt::{self, Display, Write};

use serde::{Deserialize, Serialize};

/// The key of a row within its table: `key!("default", 7)` is `default/7/`.
///
/// Every part is closed by a slash, so the scan of `key!("a")` finds the rows whose first part is `a` and
/// none whose first part only begins with it. Parts sort as text; a number that shall sort as a number goes
/// in as [`number`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(String);

/// Builds a [`Key`] from parts that implement `Display`.
///
/// ```
/// use gantry_store::key;
/// assert_eq!(key!("000000000000", "us-east-1", "a/b").to_string(), "000000000000/us-east-1/a%2Fb/");
/// ```
#[macro_export]
macro_rules! key {
    ($($part:expr),* $(,)?) => { $crate::Key::default()$(.with(&$part))* };
}

impl Key {
    /// The key with one more part.
    pub fn with(mut self, part: &(impl Display + ?Sized)) -> Key {
        self.push_escaped(part);
        self.0.push('/');
        self
    }

    /// The prefix of all keys whose next part begins with `text`; only for scans.
    ///
    /// ```
    /// use gantry_store::key;
    /// assert!(key!("a", "web-front").starts_with(&key!("a").partial("web")));
    /// ```
    pub fn partial(mut self, text: &(impl Display + ?Sized)) -> Key {
        self.push_escaped(text);
        self
    }

    /// The parts, unescaped.
    pub fn parts(&self) -> Vec<String> {
        let mut parts: Vec<_> = self.0.split('/').map(unescape).collect();
        if self.0.ends_with('/') || self.0.is_empty() {
            parts.pop();
        }
        parts
    }

    /// Whether the key lies in the scan of `prefix`.
    pub fn starts_with(&self, prefix: &Key) -> bool {
        self.0.starts_with(&prefix.0)
    }

    /// The key as it is stored; [`Key::from_text`] reads it back.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A key from its stored text, such as one that travelled in a page token. Any text is a key; one that
    /// was made up only names a place between rows.
    pub fn from_text(text: impl Into<String>) -> Key {
        Key(text.into())
    }

    fn push_escaped(&mut self, part: &(impl Display + ?Sized)) {
        write!(Escaping(&mut self.0), "{part}").expect("writing to a String does not fail");
    }
}

impl Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A number as a part of a key, so that keys sort by it.
pub fn number(number: u64) -> impl Display {
    format!("{number:020}")
}

/// Writes a part without the two characters that have a meaning in keys.
struct Escaping<'a>(&'a mut String);

impl Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            match c {
                '/' => self.0.push_str("%2F"),
                '%' => self.0.push_str("%25"),
                c => self.0.push(c),
            }
        }
        Ok(())
    }
}

fn unescape(part: &str) -> String {
    part.replace("%2F", "/").replace("%25", "%")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_part_that_begins_another_is_not_its_prefix() {
        assert!(key!("a", "b").starts_with(&key!("a")));
        assert!(!key!("ab", "b").starts_with(&key!("a")));
        assert!(key!("", "b").starts_with(&key!("")));
        assert_ne!(key!("", "b"), key!("b"));
    }

    #[test]
    fn numbers_sort_as_numbers() {
        assert!(key!("web", number(9)) < key!("web", number(10)));
    }

    proptest! {
        #[test]
        fn parts_come_back(parts in prop::collection::vec(".{0,8}", 0..4)) {
            let key = parts.iter().fold(Key::default(), |key, part| key.with(part));
            prop_assert_eq!(key.parts(), parts);
        }
    }
}
