//! Filters of listings. See
//! <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html>.

use gantry_api_ssm as api;

use super::answer::DEFAULT_KEY;
use super::error::ParameterError;
use super::name;
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
    let filters = filters.unwrap_or_default();
    for (at, filter) in filters.iter().enumerate() {
        if filters[..at].iter().any(|earlier| earlier.key == filter.key) {
            return Err(ParameterError::DuplicateFilter { key: filter.key.clone() });
        }
    }
    filters.into_iter().map(|filter| one(listing, filter)).collect()
}

fn one(listing: Listing, filter: api::ParameterStringFilter) -> Result<Filter, ParameterError> {
    use Match::*;
    let key = filter.key;
    let options: &[Match] = match (key.as_str(), listing) {
        ("Type" | "KeyId" | "Label", Listing::ByPath) => &[Equals, BeginsWith],
        ("Name", Listing::Describe) => &[Equals, BeginsWith, Contains],
        ("Type" | "KeyId" | "Tier" | "DataType", Listing::Describe) => &[Equals, BeginsWith],
        ("Path", Listing::Describe) => &[Recursive, OneLevel],
        (tag, Listing::Describe) if tag.starts_with("tag:") => &[Equals, BeginsWith],
        _ => return Err(ParameterError::InvalidFilterKey { key, valid: valid_keys(listing) }),
    };
    let values = filter.values.unwrap_or_default();
    if values.is_empty() && !key.starts_with("tag:") {
        return Err(ParameterError::NoFilterValues { key });
    }
    let option = match (&filter.option, key.as_str()) {
        (None, "Path") => OneLevel,
        (None, _) => Equals,
        (Some(text), _) => match Match::parse(text).filter(|option| options.contains(option)) {
            Some(option) => option,
            None => {
                let valid = if key == "Path" { "[Recursive, OneLevel]" } else { "[BeginsWith, Equals]" };
                return Err(ParameterError::InvalidFilterOption { option: text.clone(), valid });
            }
        },
    };
    check_values(&key, option, &values)?;
    Ok(Filter { key, option, values })
}

fn valid_keys(listing: Listing) -> &'static str {
    match listing {
        Listing::Describe => "[Path, Name, Type, KeyId, Tier]",
        Listing::ByPath => "[Type, KeyId]",
    }
}

/// Values that no parameter could have are an error.
fn check_values(key: &str, option: Match, values: &[String]) -> Result<(), ParameterError> {
    let valid: &[&str] = match key {
        "Path" => {
            return values
                .iter()
                .try_for_each(|path| name::check_path(path, "Filters for common parameters"));
        }
        "Tier" => &["Standard", "Advanced", "Intelligent-Tiering"],
        "Type" if option == Match::Equals => &["String", "StringList", "SecureString"],
        _ => return Ok(()),
    };
    match values.iter().find(|value| !valid.contains(&value.as_str())) {
        None => Ok(()),
        Some(value) => {
            Err(ParameterError::InvalidFilterValue { value: value.clone(), valid: valid.join(", ") })
        }
    }
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
            Match::BeginsWith if self.key == "Name" => bare(subject).starts_with(bare(value)),
            // A parameter outside of paths is at the top of all paths.
            Match::Contains if value.starts_with('/') => {
                format!("/{}", bare(subject)).contains(value.as_str())
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
    // A plain name is at the top, as if it had a slash before it.
    if path.is_empty() && !name.starts_with('/') {
        return true;
    }
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
            ("plain", "/", true, true),
            ("plain", "/", false, true),
            ("plain", "/plain", true, false),
        ] {
            assert_eq!(is_under(name, path, recursive), expected, "{name} {path} {recursive}");
        }
    }
}
