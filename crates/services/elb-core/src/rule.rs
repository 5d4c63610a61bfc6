//! Which rule a request meets.

use serde::{Deserialize, Serialize};

use crate::action::Action;
use crate::condition::{self, Condition, Seen};
use crate::transform::{self, Transform};

/// A rule, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub arn: String,
    /// 1 to 50,000; the default rule has none and comes last.
    pub priority: Option<u32>,
    pub conditions: Vec<Condition>,
    pub actions: Vec<Action>,
    #[serde(default)]
    pub transforms: Vec<Transform>,
}

/// The rules of a listener, ready to be asked, in the order in which they are asked.
#[derive(Debug)]
pub struct Rules(Vec<Ready>);

/// A rule that is ready.
#[derive(Debug)]
pub struct Ready {
    pub rule: Rule,
    pub transforms: transform::Compiled,
    conditions: Vec<condition::Compiled>,
}

impl Rules {
    /// Orders and prepares.
    pub fn new(rules: impl IntoIterator<Item = Rule>) -> Rules {
        let mut rules: Vec<Rule> = rules.into_iter().collect();
        rules.sort_by_key(|rule| (rule.priority.is_none(), rule.priority));
        let ready = rules.into_iter().map(|rule| Ready {
            transforms: transform::Compiled::new(&rule.transforms),
            conditions: rule.conditions.iter().map(condition::Compiled::new).collect(),
            rule,
        });
        Rules(ready.collect())
    }

    /// The first rule whose conditions all hold. `None` only where there is no default rule.
    pub fn meet(&self, seen: &Seen<'_>) -> Option<&Ready> {
        self.0.iter().find(|ready| ready.conditions.iter().all(|condition| condition.holds(seen)))
    }

    /// Whether any of them is for requests to this host.
    pub fn name(&self, host: &str) -> bool {
        let source = std::net::Ipv4Addr::LOCALHOST.into();
        let seen = Seen { host, path: "/", query: None, method: "GET", source, header: &|_| Vec::new() };
        let is_for = |(condition, compiled): (&Condition, &condition::Compiled)| {
            matches!(condition, Condition::HostHeader { .. }) && compiled.holds(&seen)
        };
        self.0.iter().any(|ready| ready.rule.conditions.iter().zip(&ready.conditions).any(is_for))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rule(priority: Option<u32>, path: &str) -> Rule {
        let condition = Condition::PathPattern { values: vec![path.into()], regexes: vec![] };
        let conditions = priority.map(|_| condition).into_iter().collect();
        Rule { arn: path.into(), priority, conditions, actions: vec![], transforms: vec![] }
    }

    fn met(rules: &Rules, path: &str) -> String {
        let header = |_: &str| vec![];
        let seen = Seen {
            host: "h",
            path,
            query: None,
            method: "GET",
            source: [1, 2, 3, 4].into(),
            header: &header,
        };
        rules.meet(&seen).unwrap().rule.arn.clone()
    }

    #[test]
    fn the_lowest_priority_that_holds_and_else_the_default() {
        let rules = Rules::new([rule(None, "default"), rule(Some(20), "/a*"), rule(Some(3), "/ab*")]);
        assert_eq!(met(&rules, "/abc"), "/ab*");
        assert_eq!(met(&rules, "/ac"), "/a*");
        assert_eq!(met(&rules, "/x"), "default");
    }

    #[test]
    fn a_host_is_named_by_its_conditions_alone() {
        let mut of_host = rule(Some(1), "/a");
        of_host.conditions.push(Condition::HostHeader { values: vec!["*.example".into()], regexes: vec![] });
        let rules = Rules::new([rule(None, "default"), of_host]);
        assert!(rules.name("a.example"));
        assert!(!rules.name("example") && !rules.name("/a"));
    }

    proptest! {
        #[test]
        fn the_order_in_which_rules_come_does_not_matter(
            mut priorities in proptest::collection::hash_set(1u32..100, 0..8), path in "/[ab]{0,3}",
        ) {
            let mut rules: Vec<Rule> = priorities.drain()
                .map(|priority| rule(Some(priority), ["/a*", "/*b", "/b", "/?"][priority as usize % 4]))
                .collect();
            rules.push(rule(None, "default"));
            let one = Rules::new(rules.clone());
            rules.reverse();
            prop_assert_eq!(met(&one, &path), met(&Rules::new(rules), &path));
        }
    }
}
