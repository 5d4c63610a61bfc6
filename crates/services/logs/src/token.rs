//! Tokens that name a place among events, and ids of events.

use crate::chunks::Position;
use crate::error::LogsError;

/// In which direction a listing of one stream goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Forward,
    Backward,
}

/// The token of GetLogEvents with which a listing goes on after (or before) a position.
pub fn encode(direction: Direction, position: Position) -> String {
    let letter = match direction {
        Direction::Forward => 'f',
        Direction::Backward => 'b',
    };
    let Position { timestamp, ingestion, ordinal, .. } = position;
    format!("{letter}/{:014}{:014}{ordinal:028}/s", timestamp.max(0), ingestion.max(0))
}

/// Reads a token of GetLogEvents, for the stream of that rank.
pub fn decode(token: &str, stream: u64) -> Result<(Direction, Position), LogsError> {
    let parsed = || {
        let (letter, rest) = token.split_once('/')?;
        let direction = match letter {
            "f" => Direction::Forward,
            "b" => Direction::Backward,
            _ => return None,
        };
        let digits = rest.strip_suffix("/s")?;
        if digits.len() != 56 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let position = Position {
            timestamp: digits[..14].parse().ok()?,
            ingestion: digits[14..28].parse().ok()?,
            ordinal: digits[28..].parse().ok()?,
            stream,
        };
        Some((direction, position))
    };
    parsed().ok_or_else(|| LogsError::invalid("The specified nextToken is invalid."))
}

/// The id of an event: 56 digits, different for each event of a group, the same each time it is read.
pub fn event_id(position: Position) -> String {
    format!("{:014}{:020}{:022}", position.timestamp.max(0), position.stream, position.ordinal)
}

/// A position as text, for page tokens.
pub fn position_text(position: Position) -> String {
    let Position { timestamp, ingestion, stream, ordinal } = position;
    format!("{timestamp}/{ingestion}/{stream}/{ordinal}")
}

/// Reads a position from text.
pub fn parse_position(text: &str) -> Option<Position> {
    let mut parts = text.split('/');
    let position = Position {
        timestamp: parts.next()?.parse().ok()?,
        ingestion: parts.next()?.parse().ok()?,
        stream: parts.next()?.parse().ok()?,
        ordinal: parts.next()?.parse().ok()?,
    };
    parts.next().is_none().then_some(position)
}

/// The sequence token that PutLogEvents and DescribeLogStreams answer. AWS ignores what comes back, and so
/// does Gantry.
pub fn sequence_token(next_sequence: u64) -> String {
    format!("{next_sequence:056}")
}
