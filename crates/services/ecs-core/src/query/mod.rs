//! The cluster query language: which container instances an expression means.
//!
//! `attribute:ecs.instance-type =~ g2.* and not(task:group == database)`. [`Expression::parse`] reads one,
//! [`Expression::holds`] looks at an instance.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-query-language.html>

mod grammar;

use std::cmp::Ordering;

use gantry_base::Timestamp;
use regex::Regex;

/// The longest expression, in characters.
pub const MAX_CHARACTERS: usize = 2000;
/// Deepest nesting of parentheses.
const MAX_DEPTH: usize = 64;
/// Largest program of one regular expression, in bytes.
const MAX_REGEX_BYTES: usize = 1 << 20;

/// What an expression may look at in an instance.
pub trait Instance {
    /// Whether its agent is connected.
    fn agent_connected(&self) -> bool;
    /// The agent's version, as `1.2.3`.
    fn agent_version(&self) -> &str;
    /// The value of an attribute: none where it has no such attribute, empty where that has no value.
    fn attribute(&self, name: &str) -> Option<&str>;
    /// The machine's id.
    fn ec2_instance_id(&self) -> Option<&str>;
    /// When it was registered.
    fn registered_at(&self) -> Timestamp;
    /// How many tasks run on it.
    fn running_tasks(&self) -> u32;
    /// Whether some task on it has a group that fits.
    fn any_group(&self, fits: &dyn Fn(&str) -> bool) -> bool;
}

/// The text is no expression; the message is for the user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadExpression(pub String);

/// An expression, ready to look at instances.
#[derive(Debug, Clone)]
pub struct Expression(Node);

#[derive(Debug, Clone)]
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Test(Test),
}

#[derive(Debug, Clone)]
struct Test {
    subject: Subject,
    negated: bool,
    check: Check,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Subject {
    AgentConnected,
    AgentVersion,
    Attribute(String),
    Ec2InstanceId,
    RegisteredAt,
    RunningTasksCount,
    TaskGroup,
}

#[derive(Debug, Clone)]
enum Check {
    /// One of these.
    In(Vec<String>),
    Matches(Regex),
    /// An order that the value may have to the argument.
    Order(&'static [Ordering], String),
    Exists,
}

impl Expression {
    /// Reads an expression.
    pub fn parse(text: &str) -> Result<Expression, BadExpression> {
        if text.chars().count() > MAX_CHARACTERS {
            return Err(BadExpression(format!(
                "An expression can have at most {MAX_CHARACTERS} characters."
            )));
        }
        let mut depth = 0usize;
        for c in text.chars() {
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > MAX_DEPTH {
                return Err(BadExpression(format!(
                    "Invalid expression: more than {MAX_DEPTH} parentheses deep."
                )));
            }
        }
        let node = grammar::parse(text)?;
        node.check_operators(text)?;
        Ok(Expression(node))
    }

    /// Whether the instance is among those that are meant.
    pub fn holds(&self, instance: &dyn Instance) -> bool {
        self.0.holds(instance)
    }

    /// Whether a task that is placed on an instance can change the answer for it.
    pub fn looks_at_tasks(&self) -> bool {
        self.0.any(&|test| matches!(test.subject, Subject::RunningTasksCount | Subject::TaskGroup))
    }
}

impl Node {
    fn any(&self, fits: &dyn Fn(&Test) -> bool) -> bool {
        match self {
            Node::All(nodes) | Node::Any(nodes) => nodes.iter().any(|node| node.any(fits)),
            Node::Not(node) => node.any(fits),
            Node::Test(test) => fits(test),
        }
    }

    fn holds(&self, instance: &dyn Instance) -> bool {
        match self {
            Node::All(nodes) => nodes.iter().all(|node| node.holds(instance)),
            Node::Any(nodes) => nodes.iter().any(|node| node.holds(instance)),
            Node::Not(node) => !node.holds(instance),
            Node::Test(test) => test.holds(instance) != test.negated,
        }
    }

    /// Each subject takes some operators only, and some arguments only.
    fn check_operators(&self, text: &str) -> Result<(), BadExpression> {
        let wrong = self.any(&|test| {
            let orders = matches!(&test.check, Check::Order(..));
            match &test.subject {
                Subject::Attribute(_) => false,
                Subject::AgentConnected | Subject::Ec2InstanceId | Subject::TaskGroup => {
                    orders || matches!(test.check, Check::Exists)
                }
                Subject::AgentVersion => !test.all_arguments(&|one| version(one).is_some()),
                Subject::RegisteredAt => !test.all_arguments(&|one| moment(one).is_some()),
                Subject::RunningTasksCount => !test.all_arguments(&|one| one.parse::<u32>().is_ok()),
            }
        });
        match wrong {
            true => Err(BadExpression(format!("Invalid expression: {text}"))),
            false => Ok(()),
        }
    }
}

impl Test {
    /// Whether all arguments are of that form; false for a check that has none or a pattern.
    fn all_arguments(&self, fits: &dyn Fn(&str) -> bool) -> bool {
        match &self.check {
            Check::In(values) => values.iter().all(|one| fits(one)),
            Check::Order(_, value) => fits(value),
            Check::Matches(_) | Check::Exists => false,
        }
    }

    fn holds(&self, instance: &dyn Instance) -> bool {
        match &self.subject {
            Subject::AgentConnected => self.text(if instance.agent_connected() { "true" } else { "false" }),
            Subject::Attribute(name) => {
                instance.attribute(name).is_some_and(|value| self.text_or_number(value))
            }
            Subject::Ec2InstanceId => instance.ec2_instance_id().is_some_and(|id| self.text(id)),
            Subject::TaskGroup => instance.any_group(&|group| self.text(group)),
            Subject::AgentVersion => self.ordered(version(instance.agent_version()), version),
            Subject::RegisteredAt => self.ordered(Some(instance.registered_at()), moment),
            Subject::RunningTasksCount => {
                self.ordered(Some(instance.running_tasks()), |one| one.parse().ok())
            }
        }
    }

    fn text(&self, value: &str) -> bool {
        match &self.check {
            Check::In(values) => values.iter().any(|one| one == value),
            Check::Matches(pattern) => pattern.is_match(value),
            Check::Order(orders, argument) => orders.contains(&value.cmp(argument)),
            Check::Exists => true,
        }
    }

    /// Numbers are compared as such.
    fn text_or_number(&self, value: &str) -> bool {
        if let Check::Order(orders, argument) = &self.check
            && let (Ok(value), Ok(argument)) = (value.parse::<f64>(), argument.parse::<f64>())
        {
            return value.partial_cmp(&argument).is_some_and(|order| orders.contains(&order));
        }
        self.text(value)
    }

    fn ordered<T: Ord>(&self, value: Option<T>, read: impl Fn(&str) -> Option<T>) -> bool {
        let Some(value) = value else { return false };
        match &self.check {
            Check::In(values) => values.iter().any(|one| read(one).is_some_and(|one| one == value)),
            Check::Order(orders, argument) => {
                read(argument).is_some_and(|argument| orders.contains(&value.cmp(&argument)))
            }
            Check::Matches(_) | Check::Exists => false,
        }
    }
}

/// `1.2.3`; what follows the numbers is left out.
fn version(text: &str) -> Option<[u64; 3]> {
    let numbers = text.split(['-', '+']).next().unwrap_or_default();
    let mut parts = numbers.split('.').map(str::parse);
    let mut next = || parts.next().unwrap_or(Ok(0)).ok();
    if numbers.is_empty() { None } else { Some([next()?, next()?, next()?]) }
}

/// A date, or a time of which the zone may be left out.
fn moment(text: &str) -> Option<Timestamp> {
    let forms = [text.to_owned(), format!("{text}Z"), format!("{text}T00:00:00Z")];
    forms.iter().find_map(|form| Timestamp::from_rfc3339(form))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct One;

    impl Instance for One {
        fn agent_connected(&self) -> bool {
            true
        }
        fn agent_version(&self) -> &str {
            "1.28.0"
        }
        fn attribute(&self, name: &str) -> Option<&str> {
            match name {
                "ecs.availability-zone" => Some("us-east-1a"),
                "ecs.instance-type" => Some("g2.2xlarge"),
                "slots" => Some("9"),
                "ecs.capability.task-eni" => Some(""),
                _ => None,
            }
        }
        fn ec2_instance_id(&self) -> Option<&str> {
            Some("i-0123")
        }
        fn registered_at(&self) -> Timestamp {
            Timestamp::from_rfc3339("2018-06-18T22:28:28Z").unwrap()
        }
        fn running_tasks(&self) -> u32 {
            2
        }
        fn any_group(&self, fits: &dyn Fn(&str) -> bool) -> bool {
            ["service:web", "family:job"].into_iter().any(fits)
        }
    }

    fn holds(text: &str) -> bool {
        Expression::parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).holds(&One)
    }

    #[test]
    fn expressions_of_aws_s_guide_are_understood() {
        for text in [
            "attribute:ecs.availability-zone == us-east-1a",
            "attribute:ecs.instance-type =~ g2.* and attribute:ecs.availability-zone != us-east-1d",
            "attribute:ecs.instance-type in [t2.small, g2.2xlarge]",
            "attribute:ecs.instance-type !in ['t2.small', \"t2.medium\"]",
            "task:group == service:web",
            "not(task:group == database)",
            "!(task:group == database) && agentConnected == true",
            "runningTasksCount == 2",
            "runningTasksCount greater_than_equal 1 and runningTasksCount<3",
            "ec2InstanceId in ['i-abcd1234', 'i-0123']",
            "registeredAt < 2018-06-19",
            "registeredAt >= 2018-06-18T22:28:28",
            "registeredAt less_than 2018-06-18T22:28:29+00:00",
            "agentVersion > 1.9.0",
            "agentVersion == 1.28.0",
            "attribute:ecs.capability.task-eni exists",
            "attribute:none !exists",
            "attribute:none not_exists",
            "attribute:slots > 8.5",
            "(attribute:none exists or (runningTasksCount > 1)) and attribute:slots equals 9",
            "attribute:none exists || attribute:slots matches [0-9]",
            "attribute:slots not_matches '(1|2)'",
            "not not agentConnected != false",
        ] {
            assert!(holds(text), "{text}");
        }
        for text in [
            "attribute:none == x",
            "attribute:ecs.instance-type =~ g2",
            "agentConnected == false",
            "registeredAt > 2018-06-19",
            "task:group in [a, b]",
            "agentVersion < 1.3",
            "attribute:slots exists and attribute:none exists or runningTasksCount == 0",
        ] {
            assert!(!holds(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        let deep = format!("{}agentConnected == true{}", "(".repeat(100), ")".repeat(100));
        for text in [
            "",
            "attribute:x",
            "attribute: == y",
            "x == y",
            "attribute:x == y z",
            "attribute:x == y and",
            "(attribute:x == y",
            "attribute:x =~ '['",
            "attribute:x in y",
            "agentVersion =~ 1.*",
            "agentConnected > true",
            "runningTasksCount == two",
            "registeredAt == yesterday",
            "task:group exists",
            &deep,
            &"!".repeat(3000),
        ] {
            assert!(Expression::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn it_is_known_which_look_at_tasks() {
        let looks = |text| Expression::parse(text).unwrap().looks_at_tasks();
        assert!(looks("attribute:x == y and not(task:group == z)"));
        assert!(looks("runningTasksCount == 0"));
        assert!(!looks("attribute:x == y"));
    }
}
