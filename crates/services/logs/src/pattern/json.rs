//! Selections of JSON: `{ $.user.id = 7 && $.items[*].x != "a*" }`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::expression::{Expression, Scanner, Test};
use super::operand::Comparison;

/// A selection.
pub struct Selection(Expression<Path>);

/// Where a value stands in an event.
pub struct Path {
    steps: Vec<Step>,
    /// As it was written: `$.user.id`.
    text: String,
}

enum Step {
    Member(String),
    AnyMember,
    Item(usize),
    AnyItem,
}

/// How many wildcards the selectors of a pattern may have together; each may have one.
const MAX_WILDCARDS: usize = 3;

impl Selection {
    /// Whether a message is JSON that matches.
    pub fn matches(&self, message: &str) -> bool {
        match serde_json::from_str::<Value>(message) {
            Ok(event @ (Value::Object(_) | Value::Array(_))) => {
                self.0.holds(&|path: &Path, test: &Test| holds(&path.find(&event), test))
            }
            _ => false,
        }
    }

    /// What the selectors of the pattern find in a message that matches, by selector.
    pub fn extract(&self, message: &str) -> BTreeMap<String, String> {
        let event = serde_json::from_str::<Value>(message).unwrap_or_default();
        let mut found = BTreeMap::new();
        self.0.subjects(&mut |path| {
            if let Some(text) = path.find(&event).into_iter().find_map(text) {
                found.insert(path.text.clone(), text);
            }
        });
        found
    }
}

/// What a selector finds in a message: text, a number or a boolean.
pub fn select(selector: &Path, message: &str) -> Option<String> {
    let event = serde_json::from_str::<Value>(message).ok()?;
    selector.find(&event).into_iter().find_map(text)
}

/// Reads a selector that stands alone: `$.latency`.
pub fn selector(text: &str) -> Result<Path, String> {
    let mut scanner = Scanner::new(text);
    let found = path(&mut scanner)?;
    match scanner.rest() {
        "" => Ok(found),
        rest => Err(format!("{rest:?} stands behind the selector")),
    }
}

fn holds(values: &[&Value], test: &Test) -> bool {
    match test {
        Test::NotExists => values.is_empty(),
        Test::IsNull => values.iter().any(|value| value.is_null()),
        Test::IsTrue => values.iter().any(|value| **value == Value::Bool(true)),
        Test::IsFalse => values.iter().any(|value| **value == Value::Bool(false)),
        Test::Compare(comparison, operand) => {
            let mut texts = values.iter().filter_map(|value| text(value)).peekable();
            match comparison {
                // Something must be there, and nothing of it may be equal.
                Comparison::NotEqual => {
                    texts.peek().is_some() && texts.all(|text| !operand.equals_text(&text))
                }
                comparison => texts.any(|text| operand.holds(*comparison, &text)),
            }
        }
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

impl Path {
    fn find<'v>(&self, event: &'v Value) -> Vec<&'v Value> {
        let mut found = vec![event];
        for step in &self.steps {
            found = found
                .into_iter()
                .flat_map(|value| match step {
                    Step::Member(name) => value.get(name).into_iter().collect::<Vec<_>>(),
                    Step::AnyMember => {
                        value.as_object().map(|members| members.values().collect()).unwrap_or_default()
                    }
                    Step::Item(at) => value.get(at).into_iter().collect(),
                    Step::AnyItem => value.as_array().map(|items| items.iter().collect()).unwrap_or_default(),
                })
                .collect();
        }
        found
    }

    fn wildcards(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step, Step::AnyMember | Step::AnyItem)).count()
    }
}

/// Reads a selection with its braces.
pub fn parse(text: &str) -> Result<Selection, String> {
    let mut scanner = Scanner::new(text);
    scanner.eat("{");
    let expression = scanner.expression(&path)?;
    scanner.skip_space();
    if !scanner.eat("}") {
        return Err(format!("a }} is missing before {:?}", scanner.rest()));
    }
    scanner.skip_space();
    let mut wildcards = 0;
    expression.subjects(&mut |path| wildcards += path.wildcards());
    if wildcards > MAX_WILDCARDS {
        return Err(format!("its selectors have more than {MAX_WILDCARDS} wildcards"));
    }
    match scanner.rest() {
        "" => Ok(Selection(expression)),
        rest => Err(format!("{rest:?} stands behind the selection")),
    }
}

fn path(scanner: &mut Scanner<'_>) -> Result<Path, String> {
    scanner.skip_space();
    let begin = scanner.rest();
    if !scanner.eat("$") {
        return Err(format!("a selector that begins with $ is missing before {:?}", scanner.rest()));
    }
    let mut steps = Vec::new();
    loop {
        if scanner.eat(".[") || scanner.eat("[") {
            steps.push(bracketed(scanner)?);
        } else if scanner.eat(".*") {
            steps.push(Step::AnyMember);
        } else if scanner.eat(".") {
            match scanner.take_while(|c| c.is_alphanumeric() || "_-@:".contains(c)) {
                "" => return Err("a property's name is missing".into()),
                name => steps.push(Step::Member(name.to_owned())),
            }
        } else {
            let text = begin[..begin.len() - scanner.rest().len()].to_owned();
            let path = Path { steps, text };
            return match path.wildcards() {
                0 | 1 => Ok(path),
                _ => Err(format!("{} has more than one wildcard", path.text)),
            };
        }
    }
}

fn bracketed(scanner: &mut Scanner<'_>) -> Result<Step, String> {
    let step = if scanner.eat("*") {
        Step::AnyItem
    } else if scanner.eat("'") {
        Step::Member(scanner.quoted('\'')?)
    } else if scanner.eat("\"") {
        Step::Member(scanner.quoted('"')?)
    } else {
        let digits = scanner.take_while(|c| c.is_ascii_digit());
        Step::Item(digits.parse().map_err(|_| format!("{digits:?} is not an index"))?)
    };
    if scanner.eat("]") { Ok(step) } else { Err("a [ is not closed".into()) }
}
