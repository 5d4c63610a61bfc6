//! Values of fields and expressions.

use std::cmp::Ordering;

use gantry_base::Timestamp;

/// A value. Logs Insights has one kind of number.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// The field is not there, or the expression has no answer.
    Missing,
    Bool(bool),
    Number(f64),
    /// Milliseconds since the epoch, shown as a date.
    Time(i64),
    Text(String),
}

impl Value {
    /// The value as a number, where it reads as one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Missing => None,
            Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
            Value::Number(number) => Some(*number),
            Value::Time(millis) => Some(*millis as f64),
            Value::Text(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        }
    }

    /// The value as a query's results show it; none where there is none.
    pub fn text(&self) -> Option<String> {
        match self {
            Value::Missing => None,
            Value::Bool(truth) => Some(if *truth { "1" } else { "0" }.to_owned()),
            Value::Number(number) => Some(number_text(*number)),
            Value::Time(millis) => Some(time_text(*millis)),
            Value::Text(text) => Some(text.clone()),
        }
    }

    /// Whether a condition that comes to this value holds.
    pub fn holds(&self) -> bool {
        match self {
            Value::Missing => false,
            Value::Bool(truth) => *truth,
            Value::Number(number) => *number != 0.0,
            Value::Time(_) => true,
            Value::Text(text) => !text.is_empty() && text != "0" && text != "false",
        }
    }

    /// Whether two values are the same: as numbers where both are, or else as text.
    pub fn equals(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Missing, _) | (_, Value::Missing) => false,
            (Value::Bool(truth), Value::Text(text)) | (Value::Text(text), Value::Bool(truth)) => {
                text == if *truth { "true" } else { "false" } || text == if *truth { "1" } else { "0" }
            }
            _ => self.order(other) == Some(Ordering::Equal),
        }
    }

    /// How two values compare: as numbers where both are, or else as text. None where one of them is missing.
    pub fn order(&self, other: &Value) -> Option<Ordering> {
        match (self.number(), other.number()) {
            (Some(one), Some(two)) => one.partial_cmp(&two),
            _ => Some(self.text()?.cmp(&other.text()?)),
        }
    }

    /// How rows sort: missing values first, numbers before other text.
    pub fn sort_order(&self, other: &Value) -> Ordering {
        match (self, other) {
            (Value::Missing, Value::Missing) => Ordering::Equal,
            (Value::Missing, _) => Ordering::Less,
            (_, Value::Missing) => Ordering::Greater,
            _ => match (self.number(), other.number()) {
                (Some(one), Some(two)) => one.total_cmp(&two),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => self.text().cmp(&other.text()),
            },
        }
    }

    /// About how much memory it takes, in bytes.
    pub fn size(&self) -> usize {
        std::mem::size_of::<Value>() + if let Value::Text(text) = self { text.len() } else { 0 }
    }
}

/// A number with at most four decimals, as AWS shows it.
fn number_text(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        return format!("{number:.0}").replace("-0", if number == 0.0 { "0" } else { "-0" });
    }
    let text = format!("{number:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    match text {
        "-0" => "0".to_owned(),
        text => text.to_owned(),
    }
}

/// `2026-01-31 12:00:00.000`
fn time_text(millis: i64) -> String {
    let text = Timestamp::from_millis(millis).to_string();
    // RFC 3339 with a T and a Z becomes what the results of queries have.
    let text = text.trim_end_matches('Z').replace('T', " ");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    format!("{whole}.{:0<3.3}", fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_are_shown_as_aws_does() {
        let number = |number: f64| Value::Number(number).text().unwrap();
        assert_eq!(number(3.0), "3");
        assert_eq!(number(0.0), "0");
        assert_eq!(number(-0.0), "0");
        assert_eq!(number(-10.0), "-10");
        assert_eq!(number(100.0 / 3.0), "33.3333");
        assert_eq!(number(0.5), "0.5");
        assert_eq!(Value::Time(1_767_312_000_123).text().unwrap(), "2026-01-02 00:00:00.123");
        assert_eq!(Value::Time(1_767_312_000_000).text().unwrap(), "2026-01-02 00:00:00.000");
    }

    #[test]
    fn values_compare_as_numbers_where_both_are() {
        let text = |text: &str| Value::Text(text.into());
        assert!(text("10").equals(&Value::Number(10.0)));
        assert_eq!(text("9").order(&text("10")), Some(Ordering::Less));
        assert_eq!(text("b").order(&text("a")), Some(Ordering::Greater));
        assert!(!Value::Missing.equals(&Value::Missing));
        assert!(Value::Bool(true).equals(&text("true")) && Value::Bool(true).equals(&Value::Number(1.0)));
    }
}
