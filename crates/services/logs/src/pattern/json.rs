//! Selections of JSON: `{ $.user.id = 7 && $.items[*].x != "a*" }`.

use serde_json::Value;

use super::Reason;
use super::expression::{Expression, Scanner, Test};
use super::operand::{Comparison, Operand};

/// A selection.
pub struct Selection(Expression<Path>);

/// Where a value stands in an event.
pub struct Path(Vec<Step>);

enum Step {
    Member(String),
    Item(usize),
    /// Every item of a list, and what every member of an object has.
    Any,
}

impl Selection {
    /// Whether a message is JSON that matches.
    pub fn matches(&self, message: &str) -> bool {
        match serde_json::from_str::<Value>(message) {
            // AWS looks at no other JSON: in a list not even something is missing.
            Ok(event @ Value::Object(_)) => {
                self.0.holds(&|path: &Path, test: &Test| holds(&path.find(&event), test))
            }
            _ => false,
        }
    }
}

/// What a selector finds in a message: text, a number or a boolean.
pub fn select(selector: &Path, message: &str) -> Option<String> {
    let event = serde_json::from_str::<Value>(message).ok()?;
    selector.find(&event).into_iter().find_map(text)
}

/// Reads a selector of one value, which stands alone: `$.latency`.
pub fn selector(text: &str) -> Result<Path, Reason> {
    let mut scanner = Scanner::new(text);
    let found = path(&mut scanner)?;
    match scanner.rest() {
        "" if found.is_of_many() => Err("a selector of one value has no *".into()),
        "" => Ok(found),
        rest => Err(format!("{rest:?} stands behind the selector").into()),
    }
}

fn holds(values: &[&Value], test: &Test) -> bool {
    match test {
        Test::NotExists => values.is_empty(),
        Test::IsNull => values.iter().any(|value| is_null(value)),
        Test::IsTrue => values.iter().any(|value| **value == Value::Bool(true)),
        Test::IsFalse => values.iter().any(|value| **value == Value::Bool(false)),
        Test::Compare(comparison, operand) => {
            let compared = values.iter().filter_map(|value| compare(value, *comparison, operand));
            let mut compared = compared.peekable();
            match comparison {
                // Something must be there, and nothing of it may be equal.
                Comparison::NotEqual => compared.peek().is_some() && compared.all(|differs| differs),
                _ => compared.any(|holds| holds),
            }
        }
    }
}

/// Whether AWS calls a value null: a list that has null in it, too.
fn is_null(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(|items| items.iter().any(Value::is_null))
}

/// Whether a comparison holds of a value; none: only text and numbers are compared.
fn compare(value: &Value, comparison: Comparison, operand: &Operand) -> Option<bool> {
    match value {
        Value::String(text) => Some(operand.holds_of_text(comparison, text)),
        Value::Number(number) => Some(operand.holds(comparison, &number.to_string())),
        Value::Bool(_) | Value::Null | Value::Array(_) | Value::Object(_) => None,
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
    fn is_of_many(&self) -> bool {
        self.0.iter().any(|step| matches!(step, Step::Any))
    }

    fn find<'v>(&self, event: &'v Value) -> Vec<&'v Value> {
        let mut found = vec![event];
        for step in &self.0 {
            found = found
                .into_iter()
                .flat_map(|value| match step {
                    Step::Member(name) => value.get(name).into_iter().collect::<Vec<_>>(),
                    Step::Item(at) => value.get(at).into_iter().collect(),
                    Step::Any => match value {
                        Value::Array(items) => items.iter().collect(),
                        Value::Object(members) => members.values().collect(),
                        _ => Vec::new(),
                    },
                })
                .collect();
        }
        found
    }
}

/// Reads a selection with its braces.
pub fn parse(text: &str) -> Result<Selection, Reason> {
    let mut scanner = Scanner::of_json(text);
    scanner.eat("{");
    let expression = scanner.expression(&path)?;
    scanner.skip_space();
    if !scanner.eat("}") {
        return Err(format!("a }} is missing before {:?}", scanner.rest()).into());
    }
    scanner.skip_space();
    match scanner.rest() {
        "" => Ok(Selection(expression)),
        rest => Err(format!("{rest:?} stands behind the selection").into()),
    }
}

fn path(scanner: &mut Scanner<'_>) -> Result<Path, Reason> {
    scanner.skip_space();
    if !scanner.eat("$") {
        return Err(format!("a selector that begins with $ is missing before {:?}", scanner.rest()).into());
    }
    let mut steps = Vec::new();
    loop {
        if scanner.eat(".[") || scanner.eat("[") {
            steps.push(bracketed(scanner)?);
        } else if scanner.eat(".*") {
            steps.push(Step::Any);
        } else if scanner.eat(".") {
            match scanner.take_while(|c| c.is_alphanumeric() || "_-@:".contains(c)) {
                "" => return Err("a property's name is missing".into()),
                name => steps.push(Step::Member(name.to_owned())),
            }
        } else {
            break;
        }
    }
    match steps.iter().filter(|step| matches!(step, Step::Any)).count() {
        0 => {}
        1 => scanner.count_wildcard()?,
        _ => {
            let message = "Your filter pattern has a JSON path selector that exceeds the maximum of 1 wildcard \
                           allowed per json selector.";
            return Err(Reason::Aws(message.into()));
        }
    }
    Ok(Path(steps))
}

fn bracketed(scanner: &mut Scanner<'_>) -> Result<Step, Reason> {
    let step = if scanner.eat("*") {
        Step::Any
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
