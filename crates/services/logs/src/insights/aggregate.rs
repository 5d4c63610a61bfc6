//! What `stats` knows of a group.

use std::collections::HashSet;

use super::ast::{Aggregate, AggregateKind};
use super::functions::number;
use super::record::Record;
use super::value::Value;

/// An aggregate on its way.
#[derive(Debug)]
pub enum State {
    Count(u64),
    Distinct(HashSet<String>),
    Sum {
        sum: f64,
        any: bool,
    },
    /// The mean and the sum of the squares of the distances from it (Welford).
    Spread {
        count: u64,
        mean: f64,
        squares: f64,
    },
    /// The value, and what it is chosen by.
    Chosen(Option<(Value, Value)>),
    Numbers(Vec<f64>),
}

impl State {
    /// Nothing seen yet.
    pub fn new(kind: AggregateKind) -> State {
        match kind {
            AggregateKind::Count => State::Count(0),
            AggregateKind::CountDistinct => State::Distinct(HashSet::new()),
            AggregateKind::Sum => State::Sum { sum: 0.0, any: false },
            AggregateKind::Avg | AggregateKind::Stddev => State::Spread { count: 0, mean: 0.0, squares: 0.0 },
            AggregateKind::Pct(_) => State::Numbers(Vec::new()),
            AggregateKind::Min
            | AggregateKind::Max
            | AggregateKind::Earliest
            | AggregateKind::Latest
            | AggregateKind::SortsFirst
            | AggregateKind::SortsLast => State::Chosen(None),
        }
    }

    /// Adds a record. Returns how many bytes of memory that took.
    pub fn add(&mut self, aggregate: &Aggregate, record: &Record) -> usize {
        let value = match &aggregate.of {
            Some(of) => of.evaluate(record, &[]),
            None => Value::Bool(true),
        };
        if value == Value::Missing {
            return 0;
        }
        match self {
            State::Count(count) => *count += 1,
            State::Distinct(known) => {
                let text = value.text().unwrap_or_default();
                let size = text.len() + 48;
                return if known.insert(text) { size } else { 0 };
            }
            State::Sum { sum, any } => {
                if let Some(number) = value.number() {
                    (*sum, *any) = (*sum + number, true);
                }
            }
            State::Spread { count, mean, squares } => {
                if let Some(number) = value.number() {
                    *count += 1;
                    let distance = number - *mean;
                    *mean += distance / *count as f64;
                    *squares += distance * (number - *mean);
                }
            }
            State::Numbers(numbers) => {
                if let Some(number) = value.number() {
                    numbers.push(number);
                    return size_of::<f64>();
                }
            }
            State::Chosen(chosen) => return choose(aggregate.kind, chosen, value, record),
        }
        0
    }

    /// The value of the group.
    pub fn finish(self, kind: AggregateKind) -> Value {
        match (self, kind) {
            (State::Count(count), _) => Value::Number(count as f64),
            (State::Distinct(known), _) => Value::Number(known.len() as f64),
            (State::Sum { sum, any: true }, _) => number(Some(sum)),
            (State::Spread { count, mean, .. }, AggregateKind::Avg) if count > 0 => number(Some(mean)),
            (State::Spread { count, squares, .. }, AggregateKind::Stddev) if count > 0 => {
                number(Some((squares / count as f64).sqrt()))
            }
            (State::Numbers(numbers), AggregateKind::Pct(percent)) => number(percentile(numbers, percent)),
            (State::Chosen(Some((value, _))), _) => value,
            _ => Value::Missing,
        }
    }
}

fn choose(kind: AggregateKind, chosen: &mut Option<(Value, Value)>, value: Value, record: &Record) -> usize {
    let by = match kind {
        AggregateKind::Earliest | AggregateKind::Latest => Value::Time(record.timestamp()),
        // The least and the largest are of numbers, and of times.
        AggregateKind::Min | AggregateKind::Max => match (&value, value.number()) {
            (Value::Time(_), _) => value.clone(),
            (_, Some(number)) => Value::Number(number),
            (_, None) => return 0,
        },
        _ => Value::Text(value.text().unwrap_or_default()),
    };
    let better = chosen.as_ref().is_none_or(|(_, known)| {
        // Where texts are sorted, digits are text like any other.
        let order = match (&by, known) {
            (Value::Text(by), Value::Text(known)) => by.cmp(known),
            _ => by.sort_order(known),
        };
        match kind {
            AggregateKind::Min | AggregateKind::Earliest | AggregateKind::SortsFirst => order.is_lt(),
            _ => order.is_gt(),
        }
    });
    if !better {
        return 0;
    }
    let size = value.size() + by.size();
    let before = chosen.replace((value, by)).map_or(0, |(value, by)| value.size() + by.size());
    size.saturating_sub(before)
}

/// The percentile between the nearest ranks.
fn percentile(mut numbers: Vec<f64>, percent: f64) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let last = numbers.len().checked_sub(1)?;
    let rank = percent / 100.0 * last as f64;
    let (below, above) = (numbers[rank.floor() as usize], numbers[(rank.ceil() as usize).min(last)]);
    Some(below + (above - below) * rank.fract())
}
