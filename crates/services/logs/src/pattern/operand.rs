//! What a value is compared with.

use regex::{Regex, RegexBuilder};

/// How large a compiled regular expression may become.
const MAX_REGEX_BYTES: usize = 512 * 1024;

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
}

/// What stands on the right of a comparison.
pub enum Operand {
    Number {
        value: f64,
        text: String,
    },
    /// Text in which `*` stands for anything.
    Text(Wildcard),
    Regex(Regex),
}

impl Operand {
    /// An operand that was written without quotes.
    pub fn bare(text: &str) -> Operand {
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Operand::Number { value, text: text.to_owned() },
            _ => Operand::Text(Wildcard::new(text)),
        }
    }

    /// Whether a text is what the operand says.
    pub fn equals_text(&self, text: &str) -> bool {
        match self {
            Operand::Number { value, text: written } => {
                text == written || text.parse::<f64>().is_ok_and(|number| number == *value)
            }
            Operand::Text(wildcard) => wildcard.matches(text),
            Operand::Regex(regex) => regex.is_match(text),
        }
    }

    /// Whether `text comparison operand` holds. Only numbers are less or greater.
    pub fn holds(&self, comparison: Comparison, text: &str) -> bool {
        let order = match (self, text.parse::<f64>()) {
            (Operand::Number { value, .. }, Ok(number)) => number.partial_cmp(value),
            _ => None,
        };
        match comparison {
            Comparison::Equal => self.equals_text(text),
            Comparison::NotEqual => !self.equals_text(text),
            Comparison::Less => order.is_some_and(|order| order.is_lt()),
            Comparison::Greater => order.is_some_and(|order| order.is_gt()),
            Comparison::LessOrEqual => order.is_some_and(|order| order.is_le()),
            Comparison::GreaterOrEqual => order.is_some_and(|order| order.is_ge()),
        }
    }
}

/// What regular expressions may have beside letters, digits and spaces: no parentheses, and no text but ASCII.
const SYMBOLS: &str = ":_#=@/;,-^$?[]{}|\\*+.";

/// A regular expression as a pattern has it between percent signs.
pub fn regex(text: &str) -> Result<Regex, String> {
    let taken = |c: &char| c.is_ascii_alphanumeric() || *c == ' ' || SYMBOLS.contains(*c);
    if let Some(c) = text.chars().find(|c| !taken(c)) {
        return Err(format!("{c:?} is not supported in a regular expression"));
    }
    RegexBuilder::new(text)
        .size_limit(MAX_REGEX_BYTES)
        .build()
        .map_err(|_| format!("{text:?} is not a valid regular expression"))
}

/// Text in which `*` stands for anything.
pub struct Wildcard(Vec<String>);

impl Wildcard {
    /// Reads the text.
    pub fn new(text: &str) -> Wildcard {
        Wildcard(text.split('*').map(Into::into).collect())
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> bool {
        let (Some(first), Some(last)) = (self.0.first(), self.0.last()) else { return false };
        if self.0.len() == 1 {
            return text == first;
        }
        let Some(rest) = text.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str()))
        else {
            return false;
        };
        let mut rest = rest;
        for part in &self.0[1..self.0.len() - 1] {
            match rest.find(part.as_str()) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        true
    }
}
