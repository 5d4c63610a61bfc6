//! What an expression comes to for a record.

use super::ast::{Arithmetic, Comparison, Expression};
use super::functions::number;
use super::record::Record;
use super::value::Value;

impl Expression {
    /// The value for a record; `aggregates` are those of its group.
    pub fn evaluate(&self, record: &Record, aggregates: &[Value]) -> Value {
        let evaluate = |expression: &Expression| expression.evaluate(record, aggregates);
        match self {
            Expression::Literal(value) => value.clone(),
            Expression::Field(name) => record.get(name),
            Expression::Call(function, arguments) => {
                let arguments: Vec<Value> = arguments.iter().map(evaluate).collect();
                function.call(&arguments)
            }
            Expression::Round { of, to, up } => match evaluate(of).number() {
                Some(time) if *up => Value::Time(to.ceiling(time as i64)),
                Some(time) => Value::Time(to.floor(time as i64)),
                None => Value::Missing,
            },
            Expression::Negative(of) => number(evaluate(of).number().map(|number| -number)),
            Expression::Arithmetic(operation, left, right) => {
                match (evaluate(left).number(), evaluate(right).number()) {
                    (Some(left), Some(right)) => number(Some(calculate(*operation, left, right))),
                    _ => Value::Missing,
                }
            }
            Expression::Compare(comparison, left, right) => {
                Value::Bool(compare(*comparison, &evaluate(left), &evaluate(right)))
            }
            Expression::Matches(of, regex) => {
                Value::Bool(evaluate(of).text().is_some_and(|text| regex.is_match(&text)))
            }
            Expression::Contains(of, part) => match (evaluate(of).text(), evaluate(part).text()) {
                (Some(text), Some(part)) => Value::Bool(text.contains(&part)),
                _ => Value::Bool(false),
            },
            Expression::OneOf(of, values) => {
                let of = evaluate(of);
                Value::Bool(values.iter().any(|value| of.equals(&evaluate(value))))
            }
            Expression::Not(of) => Value::Bool(!evaluate(of).holds()),
            Expression::All(parts) => Value::Bool(parts.iter().all(|part| evaluate(part).holds())),
            Expression::Any(parts) => Value::Bool(parts.iter().any(|part| evaluate(part).holds())),
            Expression::Aggregate(at) => aggregates.get(*at).cloned().unwrap_or(Value::Missing),
        }
    }
}

fn calculate(operation: Arithmetic, left: f64, right: f64) -> f64 {
    match operation {
        Arithmetic::Add => left + right,
        Arithmetic::Subtract => left - right,
        Arithmetic::Multiply => left * right,
        Arithmetic::Divide => left / right,
        Arithmetic::Remainder => left % right,
        Arithmetic::Power => left.powf(right),
    }
}

fn compare(comparison: Comparison, left: &Value, right: &Value) -> bool {
    let order = || left.order(right);
    match comparison {
        Comparison::Equal => left.equals(right),
        Comparison::NotEqual => !left.equals(right),
        Comparison::Less => order().is_some_and(|order| order.is_lt()),
        Comparison::Greater => order().is_some_and(|order| order.is_gt()),
        Comparison::LessOrEqual => order().is_some_and(|order| order.is_le()),
        Comparison::GreaterOrEqual => order().is_some_and(|order| order.is_ge()),
    }
}
