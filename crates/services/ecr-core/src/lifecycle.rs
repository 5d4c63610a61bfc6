//! Lifecycle policies: which images of a repository have had their time.
//!
//! <https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html> says how rules are evaluated: all of
//! them at once, and then applied by priority. An image that a rule selects is out of reach of all rules of lower
//! priority, whether or not it expires; a rule that counts counts such images all the same.

mod read;

use std::collections::BTreeSet;
use std::time::Duration;

use gantry_base::Timestamp;

use crate::digest::Digest;
use crate::reference::Tag;

pub use read::BadPolicy;

/// A policy that makes sense. Its rules are in the order of their priorities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifecyclePolicy {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    priority: u32,
    selection: Selection,
    /// Whether it is for images in the archive, or for those that are not.
    archived: bool,
    count: Count,
    action: Action,
}

/// What happens to an image that has had its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It goes.
    Expire,
    /// It goes into the archive.
    Archive,
}

/// Which images a rule is for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Selection {
    /// All.
    Any,
    /// Those without a tag.
    Untagged,
    /// Those that have a tag with each of these beginnings.
    Prefixes(Vec<String>),
    /// Those that have a tag for each of these patterns, in which `*` stands for any text.
    Patterns(Vec<String>),
}

/// When a selected image has had its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Count {
    /// When there are so many younger ones.
    MoreThan(usize),
    /// So many days after it was pushed.
    DaysSincePushed(u32),
    /// So many days after it was last pulled, or pushed if it never was.
    DaysSincePulled(u32),
    /// So many days after it was put into the archive.
    DaysSinceArchived(u32),
}

/// What a policy looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The image.
    pub digest: Digest,
    /// Its tags.
    pub tags: BTreeSet<Tag>,
    /// When it was pushed.
    pub pushed_at: Timestamp,
    /// When it was last pulled.
    pub pulled_at: Option<Timestamp>,
    /// Since when it is in the archive, if it is.
    pub archived_at: Option<Timestamp>,
    /// Whether a list refers to it, so that it stays as long as the list does.
    pub listed: bool,
    /// Whether it says something about another image, with which it goes.
    pub is_referrer: bool,
}

/// An image that has had its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiring {
    /// The image.
    pub digest: Digest,
    /// The priority of the rule that says so.
    pub rule: u32,
    /// What happens to it.
    pub action: Action,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl LifecyclePolicy {
    /// The images that have had their time by now, the youngest first.
    pub fn expiring(&self, images: &[Candidate], now: Timestamp) -> Vec<Expiring> {
        let mut by_age: Vec<&Candidate> = images.iter().filter(|image| !image.is_referrer).collect();
        by_age.sort_by_key(|image| (std::cmp::Reverse(image.pushed_at), image.digest));
        let mut out_of_reach: BTreeSet<Digest> = BTreeSet::new();
        let mut expiring = Vec::new();
        for rule in &self.rules {
            let selects = |image: &&Candidate| {
                image.archived_at.is_some() == rule.archived && rule.selection.selects(&image.tags)
            };
            let selected: Vec<&Candidate> = by_age.iter().copied().filter(selects).collect();
            for (younger, image) in selected.iter().enumerate() {
                let due = rule.count.is_due(image, younger, now);
                if due && !image.listed && !out_of_reach.contains(&image.digest) {
                    expiring.push(Expiring {
                        digest: image.digest,
                        rule: rule.priority,
                        action: rule.action,
                    });
                }
            }
            out_of_reach.extend(selected.iter().map(|image| image.digest));
        }
        expiring
    }
}

impl Selection {
    fn selects(&self, tags: &BTreeSet<Tag>) -> bool {
        let has = |fits: &dyn Fn(&str) -> bool| tags.iter().any(|tag| fits(tag.as_str()));
        match self {
            Selection::Any => true,
            Selection::Untagged => tags.is_empty(),
            Selection::Prefixes(prefixes) => {
                prefixes.iter().all(|prefix| has(&|tag| tag.starts_with(prefix.as_str())))
            }
            Selection::Patterns(patterns) => patterns.iter().all(|pattern| has(&|tag| matches(pattern, tag))),
        }
    }
}

impl Count {
    fn is_due(self, image: &Candidate, younger: usize, now: Timestamp) -> bool {
        match self {
            Count::MoreThan(most) => younger >= most,
            Count::DaysSincePushed(days) => now.since(image.pushed_at) > DAY * days,
            Count::DaysSinceArchived(days) => {
                image.archived_at.is_some_and(|archived_at| now.since(archived_at) > DAY * days)
            }
            Count::DaysSincePulled(days) => {
                now.since(image.pulled_at.unwrap_or(image.pushed_at)) > DAY * days
            }
        }
    }
}

/// Whether a text fits a pattern, in which `*` stands for any text.
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests;
