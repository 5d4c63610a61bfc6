//! Versions and their labels. Pure: no store, no clock.
//!
//! A label is on one version at most. `AWSCURRENT` moves to a new version unless the request says otherwise,
//! and `AWSPREVIOUS` then moves to the version that `AWSCURRENT` left. A version without labels is deprecated
//! and may be forgotten.

use std::collections::BTreeMap;

use gantry_base::Timestamp;

use super::table::Version;

/// The label of the version that is read when a request names none.
pub const CURRENT: &str = "AWSCURRENT";
/// The label of the version that was current before.
pub const PREVIOUS: &str = "AWSPREVIOUS";

/// How many versions a secret keeps; deprecated ones beyond that are forgotten.
pub const MAX_VERSIONS: usize = 100;
/// How many labels all versions of a secret may have together.
pub const MAX_STAGES: usize = 20;

/// More versions or labels than a secret may have.
#[derive(Debug, PartialEq, Eq)]
pub enum TooMany {
    Versions,
    Stages,
}

/// Adds a version with these labels, and returns the versions that are forgotten for it.
pub fn add(
    versions: &mut BTreeMap<String, Version>,
    id: &str,
    stages: &[String],
    now: Timestamp,
) -> Result<Vec<String>, TooMany> {
    let mut given = stages.to_vec();
    if versions.is_empty() && !given.iter().any(|stage| stage == CURRENT) {
        given.push(CURRENT.to_owned());
    }
    // The order in which labels were given is the order in which they are shown.
    let mut stages: Vec<String> = Vec::new();
    for stage in given {
        if !stages.contains(&stage) {
            stages.push(stage);
        }
    }
    if stages.iter().any(|stage| stage == CURRENT) {
        let current =
            versions.iter().find(|(_, version)| version.stages.iter().any(|stage| stage == CURRENT));
        if let Some(current) = current.map(|(id, _)| id.clone()) {
            take_stage(versions, PREVIOUS);
            if let Some(version) =
                versions.get_mut(&current).filter(|_| !stages.iter().any(|s| s == PREVIOUS))
            {
                version.stages.push(PREVIOUS.to_owned());
            }
        }
    }
    for stage in &stages {
        take_stage(versions, stage);
    }
    versions.insert(id.to_owned(), Version { created_at: now, stages, key: None });
    if versions.values().map(|version| version.stages.len()).sum::<usize>() > MAX_STAGES {
        return Err(TooMany::Stages);
    }
    forget(versions)
}

/// Why a label can't be moved.
#[derive(Debug, PartialEq, Eq)]
pub enum BadMove {
    /// The label is on this version, which the request does not name.
    From {
        attached: String,
    },
    /// The label is not on the version that the request takes it from.
    NotThere,
    /// There is no version of that id.
    NoVersion,
    /// `AWSCURRENT` is always on a version.
    Current,
    TooMany,
}

/// Moves a label from one version to another, takes it away, or puts it on one.
pub fn relabel(
    versions: &mut BTreeMap<String, Version>,
    stage: &str,
    from: Option<&str>,
    to: Option<&str>,
) -> Result<(), BadMove> {
    let attached = versions.iter().find(|(_, version)| version.stages.iter().any(|known| known == stage));
    let attached = attached.map(|(id, _)| id.clone());
    if [from, to].into_iter().flatten().any(|id| !versions.contains_key(id)) {
        return Err(BadMove::NoVersion);
    }
    match (&attached, from, to) {
        (Some(attached), _, Some(to)) if attached == to && from.is_none_or(|from| from == to) => {
            return Ok(());
        }
        (Some(attached), None, _) => return Err(BadMove::From { attached: attached.clone() }),
        (Some(attached), Some(from), _) if attached != from => {
            return Err(BadMove::From { attached: attached.clone() });
        }
        (None, Some(_), _) => return Err(BadMove::NotThere),
        (_, _, None) if stage == CURRENT => return Err(BadMove::Current),
        _ => {}
    }
    take_stage(versions, stage);
    if let (true, Some(from)) = (stage == CURRENT && to.is_some(), from) {
        take_stage(versions, PREVIOUS);
        if let Some(version) = versions.get_mut(from) {
            version.stages.push(PREVIOUS.to_owned());
        }
    }
    if let Some(version) = to.and_then(|to| versions.get_mut(to)) {
        version.stages.push(stage.to_owned());
    }
    if versions.values().map(|version| version.stages.len()).sum::<usize>() > MAX_STAGES {
        return Err(BadMove::TooMany);
    }
    Ok(())
}

fn take_stage(versions: &mut BTreeMap<String, Version>, stage: &str) {
    for version in versions.values_mut() {
        version.stages.retain(|known| known != stage);
    }
}

fn forget(versions: &mut BTreeMap<String, Version>) -> Result<Vec<String>, TooMany> {
    let surplus = versions.len().saturating_sub(MAX_VERSIONS);
    let mut deprecated: Vec<_> = versions
        .iter()
        .filter(|(_, v)| v.stages.is_empty())
        .map(|(id, v)| (v.created_at, id.clone()))
        .collect();
    if deprecated.len() < surplus {
        return Err(TooMany::Versions);
    }
    deprecated.sort();
    let forgotten: Vec<String> = deprecated.into_iter().take(surplus).map(|(_, id)| id).collect();
    versions.retain(|id, _| !forgotten.contains(id));
    Ok(forgotten)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stages(versions: &BTreeMap<String, Version>) -> Vec<(String, Vec<String>)> {
        versions.iter().map(|(id, version)| (id.clone(), version.stages.clone())).collect()
    }

    fn texts(stages: &[&str]) -> Vec<String> {
        stages.iter().map(|stage| (*stage).to_owned()).collect()
    }

    fn check(steps: &[(&str, &[&str])], expected: &[(&str, &[&str])]) {
        let mut versions = BTreeMap::new();
        for (at, (id, stages)) in steps.iter().enumerate() {
            add(&mut versions, id, &texts(stages), Timestamp::from_secs(at as i64)).unwrap();
        }
        let expected: Vec<_> =
            expected.iter().map(|(id, stages)| ((*id).to_owned(), texts(stages))).collect();
        assert_eq!(stages(&versions), expected);
    }

    #[test]
    fn labels_move_as_in_aws() {
        check(&[("a", &[CURRENT])], &[("a", &[CURRENT])]);
        check(&[("a", &[CURRENT]), ("b", &[CURRENT])], &[("a", &[PREVIOUS]), ("b", &[CURRENT])]);
        check(
            &[("a", &[CURRENT]), ("b", &[CURRENT]), ("c", &[CURRENT])],
            &[("a", &[]), ("b", &[PREVIOUS]), ("c", &[CURRENT])],
        );
        check(&[("a", &[CURRENT]), ("b", &["AWSPENDING"])], &[("a", &[CURRENT]), ("b", &["AWSPENDING"])]);
        check(&[("a", &["mine"])], &[("a", &["mine", CURRENT])]);
        check(&[("a", &["mine"]), ("b", &["mine"])], &[("a", &[CURRENT]), ("b", &["mine"])]);
    }

    #[test]
    fn deprecated_versions_are_forgotten_from_the_oldest() {
        let mut versions = BTreeMap::new();
        let mut forgotten = Vec::new();
        for at in 0..105 {
            let added =
                add(&mut versions, &format!("v{at:03}"), &texts(&[CURRENT]), Timestamp::from_secs(at));
            forgotten.extend(added.unwrap());
        }
        assert_eq!(versions.len(), MAX_VERSIONS);
        assert_eq!(forgotten, ["v000", "v001", "v002", "v003", "v004"]);
    }

    #[test]
    fn labels_are_moved_by_hand() {
        let made = || {
            let mut versions = BTreeMap::new();
            for (at, id) in ["a", "b"].into_iter().enumerate() {
                add(&mut versions, id, &texts(&[CURRENT]), Timestamp::from_secs(at as i64)).unwrap();
            }
            versions
        };
        let check = |stage: &str, from, to, expected: Result<&[(&str, &[&str])], BadMove>| {
            let mut versions = made();
            let moved = relabel(&mut versions, stage, from, to).map(|()| stages(&versions));
            let expected = expected.map(|expected| {
                expected.iter().map(|(id, stages)| ((*id).to_owned(), texts(stages))).collect::<Vec<_>>()
            });
            assert_eq!(moved, expected, "{stage} from {from:?} to {to:?}");
        };
        let attached = || BadMove::From { attached: "b".into() };
        check(CURRENT, Some("b"), Some("a"), Ok(&[("a", &[CURRENT]), ("b", &[PREVIOUS])]));
        check(CURRENT, None, Some("a"), Err(attached()));
        check(CURRENT, Some("a"), Some("a"), Err(attached()));
        check(CURRENT, Some("b"), None, Err(BadMove::Current));
        check(CURRENT, None, Some("b"), Ok(&[("a", &[PREVIOUS]), ("b", &[CURRENT])]));
        check("mine", None, Some("a"), Ok(&[("a", &[PREVIOUS, "mine"]), ("b", &[CURRENT])]));
        check("mine", Some("a"), Some("b"), Err(BadMove::NotThere));
        check("mine", None, Some("c"), Err(BadMove::NoVersion));
        check(PREVIOUS, Some("a"), None, Ok(&[("a", &[]), ("b", &[CURRENT])]));
    }

    #[test]
    fn labels_have_a_limit() {
        let mut versions = BTreeMap::new();
        let many: Vec<String> = (0..MAX_STAGES).map(|at| format!("s{at}")).collect();
        assert_eq!(add(&mut versions, "a", &many, Timestamp::default()), Err(TooMany::Stages));
    }
}
