//! How far a source of log events has come.
//!
//! A sender that numbers what it sends (container output is numbered by its bytes) says with each PutLogEvents which
//! part it is, in the sequence token, which AWS takes from everybody and gives no meaning any more. The part and the
//! events are then stored in one transaction, and what is sent again after a crash is told from what is new.

use std::fmt;
use std::str::FromStr;

/// What every such token begins with: no sequence token of anybody else does.
const MARK: &str = "gantry-source";

/// The part of a source that a batch holds: everything before `from` was accepted, and with the batch everything before
/// `to` is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPosition {
    pub source: String,
    pub from: u64,
    pub to: u64,
}

impl fmt::Display for LogPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MARK}:{}:{}:{}", self.source, self.from, self.to)
    }
}

/// Not such a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the position of a log source")]
pub struct NoLogPosition;

impl FromStr for LogPosition {
    type Err = NoLogPosition;

    fn from_str(text: &str) -> Result<Self, NoLogPosition> {
        let parsed = || {
            let rest = text.strip_prefix(MARK)?.strip_prefix(':')?;
            let (rest, to) = rest.rsplit_once(':')?;
            let (source, from) = rest.rsplit_once(':')?;
            let (from, to) = (from.parse().ok()?, to.parse().ok()?);
            (!source.is_empty() && from <= to).then(|| LogPosition { source: source.to_owned(), from, to })
        };
        parsed().ok_or(NoLogPosition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_comes_back_as_it_went() {
        let position = LogPosition { source: "0a1b:app:1".to_owned(), from: 7, to: 9 };
        assert_eq!(position.to_string().parse(), Ok(position));
        let foreign = format!("{:056}", 3);
        for other in [foreign.as_str(), "", "gantry-source", "gantry-source::1:2", "gantry-source:a:2:1"] {
            assert_eq!(other.parse::<LogPosition>(), Err(NoLogPosition), "{other}");
        }
    }
}
