//! Filters of listings. See
//! <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html>.

use gantry_api_ssm as api;

use super::answer::DEFAULT_KEY;
use super::error::ParameterError;
use super::table::{Kind, Parameter};

/// Which filters a listing takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    Describe,
    ByPath,
}

/// One filter, read.
pub struct Filter {
    key: String,
    option: Match,
    values: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Match {
    Equals,
    BeginsWith,
    Contains,
    Recursive,
    OneLevel,
}

impl Match {
    fn parse(text: &str) -> Option<Match> {
        Some(match text {
            "Equals" => Match::Equals,
            "BeginsWith" => Match::BeginsWith,
            "Contains" => Match::Contains,
            "Recursive" => Match::Recursive,
            "OneLevel" => Match::OneLevel,
            _ => return None,
        })
    }
}

/// Reads the filters of a request.
pub fn parse(
    listing: Listing,
    filters: Option<Vec<api::ParameterStringFilter>>,
) -> Result<Vec<Filter>, ParameterError> {
    filters.unwrap_or_default().into_iter().map(|filter| one(listing, filter)).collect()
}

fn one(listing: Listing, filter: api::ParameterStringFilter) -> Result<Filter, ParameterError> {
    use Match::*;
    let key = filter.key;
    let options: &[Match] = match (key.as_str(), listing) {
        ("Type" | "KeyId" | "Label", Listing::ByPath) => &[Equals, BeginsWith],
        ("Name", Listing::Describe) => &[Equals, BeginsWith, Contains],
        ("Type" | "KeyId" | "Label" | "Tier" | "DataType", Listing::Describe) => &[Equals, BeginsWith],
        ("Path", Listing::Describe) => &[Recursive, OneLevel],
        (tag, Listing::Describe) if tag.starts_with("tag:") => &[Equals, BeginsWith],
        _ => return Err(ParameterError::InvalidFilterKey { key }),
    };
    let option = match (&filter.option, key.as_str()) {
        (None, "Path") => OneLevel,
        (None, _) => Equals,
        (Some(text), _) => match Match::parse(text).filter(|option| options.contains(option)) {
            Some(option) => option,
            None => return Err(ParameterError::InvalidFilterOption { key, option: text.clone() }),
        },
    };
    let values = filter.values.unwrap_or_default();
    if values.is_empty() && !key.starts_with("tag:") {
        return Err(ParameterError::InvalidFilterValue { key });
    }
    Ok(Filter { key, option, values })
}

/// The older kind of filter: a key and values, of which one must be the beginning.
pub fn parse_old(filters: Option<Vec<api::ParametersFilter>>) -> Vec<Filter> {
    let one = |filter: api::ParametersFilter| {
        let option = if filter.key == "Name" { Match::BeginsWith } else { Match::Equals };
        Filter { key: filter.key, option, values: filter.values }
    };
    filters.unwrap_or_default().into_iter().map(one).collect()
}

impl Filter {
    /// The version that the filter means by a label, where it means one.
    pub fn version(&self, parameter: &Parameter) -> Option<u64> {
        if self.key != "Label" {
            return None;
        }
        parameter.labels.iter().find(|(label, _)| self.matches_label(label)).map(|(_, version)| *version)
    }

    fn matches_label(&self, label: &str) -> bool {
        self.values.iter().any(|value| match self.option {
            Match::BeginsWith => label.starts_with(value.as_str()),
            _ => label == value,
        })
    }

    /// Whether the parameter passes.
    pub fn passes(&self, parameter: &Parameter) -> bool {
        if self.key == "Label" {
            return self.version(parameter).is_some();
        }
        let secure = parameter.current.kind == Kind::SecureString;
        let subject = match self.key.as_str() {
            "Name" | "Path" => Some(parameter.name.as_str()),
            "Type" => Some(parameter.current.kind.as_str()),
            "KeyId" if secure => Some(parameter.key_id.as_deref().unwrap_or(DEFAULT_KEY)),
            "Tier" => Some(parameter.tier.as_str()),
            "DataType" => Some(parameter.current.data_type.as_str()),
            key => key.strip_prefix("tag:").and_then(|tag| parameter.tags.get(tag)),
        };
        let Some(subject) = subject else { return false };
        if self.values.is_empty() {
            return true;
        }
        self.values.iter().any(|value| match self.option {
            Match::Equals if self.key == "Name" => bare(subject) == bare(value),
            Match::BeginsWith if self.key == "Name" && !value.starts_with('/') => {
                bare(subject).starts_with(value)
            }
            Match::Equals => subject == value,
            Match::BeginsWith => subject.starts_with(value.as_str()),
            Match::Contains => subject.contains(value.as_str()),
            Match::Recursive => is_under(subject, value, true),
            Match::OneLevel => is_under(subject, value, false),
        })
    }
}

fn bare(name: &str) -> &str {
    name.strip_prefix('/').unwrap_or(name)
}

/// Whether a parameter lies under a path: at any depth, or directly.
pub fn is_under(name: &str, path: &str, recursive: bool) -> bool {
    let path = path.strip_suffix('/').unwrap_or(path);
    let rest = name.strip_prefix(path).and_then(|rest| rest.strip_prefix('/'));
    rest.is_some_and(|rest| recursive || !rest.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::is_under;

    #[test]
    fn paths_hold_what_is_below_them() {
        for (name, path, recursive, expected) in [
            ("/a/b", "/a", false, true),
            ("/a/b", "/a/", false, true),
            ("/a/b/c", "/a", false, false),
            ("/a/b/c", "/a", true, true),
            ("/ab/c", "/a", true, false),
            ("/a", "/a", true, false),
            ("/a", "/", false, true),
            ("/a/b", "/", false, false),
            ("plain", "/", true, false),
        ] {
            assert_eq!(is_under(name, path, recursive), expected, "{name} {path} {recursive}");
        }
    }
}
