//! Labels of versions. Pure. See
//! <https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-labels.html>.

use super::table::Parameter;

/// How many labels a version may have.
pub const MAX_LABELS: usize = 10;

/// Whether a text can be a label.
pub fn is_valid(label: &str) -> bool {
    let lower = label.to_ascii_lowercase();
    (1..=100).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
        && !label.as_bytes()[0].is_ascii_digit()
        && !lower.starts_with("aws")
        && !lower.starts_with("ssm")
}

/// More labels than a version may have.
#[derive(Debug, PartialEq, Eq)]
pub struct TooMany;

/// Puts labels on a version, taking them from where they were; answers with those that can't be labels.
pub fn put(parameter: &mut Parameter, version: u64, labels: Vec<String>) -> Result<Vec<String>, TooMany> {
    let (valid, invalid): (Vec<_>, Vec<_>) = labels.into_iter().partition(|label| is_valid(label));
    for label in valid {
        parameter.labels.insert(label, version);
    }
    if parameter.labels.values().filter(|on| **on == version).count() > MAX_LABELS {
        return Err(TooMany);
    }
    Ok(invalid)
}

/// Takes labels from a version: those that were on it, and those that were not.
pub fn remove(parameter: &mut Parameter, version: u64, labels: Vec<String>) -> (Vec<String>, Vec<String>) {
    labels.into_iter().partition(|label| {
        let there = parameter.labels.get(label) == Some(&version);
        if there {
            parameter.labels.remove(label);
        }
        there
    })
}

#[cfg(test)]
mod tests {
    use super::is_valid;

    #[test]
    fn labels_are_checked() {
        for (label, valid) in [
            ("prod", true),
            ("v1.2_a-b", true),
            ("1prod", false),
            ("AWSprod", false),
            ("ssm-x", false),
            ("a b", false),
            ("", false),
            (&"x".repeat(101), false),
        ] {
            assert_eq!(is_valid(label), valid, "{label}");
        }
    }
}
