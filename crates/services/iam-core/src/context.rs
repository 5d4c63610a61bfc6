//! The condition keys of a request.

/// Condition keys and their values. Keys are compared without regard to case, as AWS does.
///
/// Keys that follow from the principal (`aws:PrincipalArn`, `aws:userid`, ...) are not set here; the engine
/// derives them, so that no request can claim them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    entries: Vec<(String, Vec<String>)>,
}

impl Context {
    /// No keys.
    pub fn new() -> Self {
        Context::default()
    }

    /// Sets a key to a single value, in place of what it had.
    pub fn set(&mut self, key: &str, value: impl Into<String>) {
        self.set_all(key, [value.into()]);
    }

    /// Sets a multi-valued key, in place of what it had. No values is the same as no key.
    pub fn set_all<I>(&mut self, key: &str, values: I)
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.entries.retain(|(known, _)| !known.eq_ignore_ascii_case(key));
        let values: Vec<String> = values.into_iter().map(Into::into).collect();
        if !values.is_empty() {
            self.entries.push((key.to_owned(), values));
        }
    }

    /// The same context with the key set; for building one in an expression.
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.set(key, value);
        self
    }

    /// The same context with `aws:RequestTag/KEY` for each tag and `aws:TagKeys`.
    pub fn with_request_tags<'a>(mut self, tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut keys = Vec::new();
        for (key, value) in tags {
            self.set(&format!("aws:RequestTag/{key}"), value);
            keys.push(key.to_owned());
        }
        self.set_all("aws:TagKeys", keys);
        self
    }

    /// The same context with `aws:ResourceTag/KEY` for each tag of the resource.
    pub fn with_resource_tags<'a>(mut self, tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        for (key, value) in tags {
            self.set(&format!("aws:ResourceTag/{key}"), value);
        }
        self
    }

    /// The key's values; `None` where the key is absent.
    pub fn get(&self, key: &str) -> Option<&[String]> {
        let entry = self.entries.iter().find(|(known, _)| known.eq_ignore_ascii_case(key));
        entry.map(|(_, values)| values.as_slice())
    }

    /// All keys with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.entries.iter().map(|(key, values)| (key.as_str(), values.as_slice()))
    }
}
