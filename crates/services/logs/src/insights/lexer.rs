//! Words, texts and signs of a query, with their places.

use std::ops::Range;

use winnow::combinator::{alt, eof, peek, preceded, repeat, terminated};
use winnow::error::ContextError;
use winnow::stream::LocatingSlice;
use winnow::token::{any, literal, none_of, one_of, take_till, take_while};
use winnow::{ModalResult, Parser};

/// What stands at one place of a query.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// A name without quotes: a command, a function, a field, a keyword.
    Word(String),
    /// A field's name between backticks.
    Quoted(String),
    /// A text between quotes.
    Text(String),
    Number(f64),
    /// A number with a unit: `5m`.
    Period(i64, String),
    /// A regular expression between slashes.
    Regex(String),
    Sign(&'static str),
    End,
}

/// A token and its place, in bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    pub token: Token,
    pub at: Range<usize>,
}

type Input<'i> = LocatingSlice<&'i str>;

/// Signs, longer ones before those that they begin with.
const SIGNS: [&str; 20] =
    ["!=", "<=", ">=", "=~", "==", "=", "<", ">", "|", ",", "(", ")", "[", "]", "+", "-", "*", "%", "^", "/"];

/// The tokens of a query; the last one is [`Token::End`]. The error is the place that can't be read.
pub fn tokens(text: &str) -> Result<Vec<Placed>, usize> {
    let mut input = LocatingSlice::new(text);
    let mut tokens: Vec<Placed> = Vec::new();
    loop {
        let before = text.len() - input.len();
        space.parse_next(&mut input).map_err(|_| before)?;
        let before = text.len() - input.len();
        let regex_may_follow =
            matches!(
                tokens.last().map(|placed| &placed.token),
                Some(Token::Word(word)) if word.eq_ignore_ascii_case("like")
            ) || matches!(tokens.last().map(|placed| &placed.token), Some(Token::Sign("=~")))
                || within_parse(&tokens);
        let found = if regex_may_follow {
            alt((regex, token)).with_span().parse_next(&mut input)
        } else {
            token.with_span().parse_next(&mut input)
        };
        let (token, at) = found.map_err(|_| before)?;
        let ended = token == Token::End;
        tokens.push(Placed { token, at });
        if ended {
            return Ok(tokens);
        }
    }
}

/// Whether the command that was begun last is `parse`, whose slash begins a regular expression and divides nothing.
fn within_parse(tokens: &[Placed]) -> bool {
    let begin = tokens.iter().rposition(|placed| placed.token == Token::Sign("|")).map_or(0, |at| at + 1);
    matches!(tokens.get(begin).map(|placed| &placed.token), Some(Token::Word(word)) if word.eq_ignore_ascii_case("parse"))
}

/// Spaces, and comments to the end of their line.
fn space(input: &mut Input<'_>) -> ModalResult<()> {
    let spaces = take_while(1.., char::is_whitespace).void();
    let comment = preceded('#', take_till(0.., '\n')).void();
    repeat(0.., alt((spaces, comment))).parse_next(input)
}

fn token(input: &mut Input<'_>) -> ModalResult<Token> {
    alt((eof.value(Token::End), quoted, text, number, word, sign)).parse_next(input)
}

fn quoted(input: &mut Input<'_>) -> ModalResult<Token> {
    let name = preceded('`', terminated(take_till(1.., '`'), '`'));
    name.map(|name: &str| Token::Quoted(name.to_owned())).parse_next(input)
}

fn text(input: &mut Input<'_>) -> ModalResult<Token> {
    let quote = one_of(['"', '\'']).parse_next(input)?;
    // A backslash is kept but before the quote or itself: what it means is for regular expressions to say.
    let escaped = preceded('\\', any).map(move |c: char| match c {
        'n' => "\n".to_owned(),
        't' => "\t".to_owned(),
        c if c == quote || c == '\\' => c.to_string(),
        c => format!("\\{c}"),
    });
    let plain = none_of([quote, '\\']).map(|c: char| c.to_string());
    let parts = repeat(0.., alt((escaped, plain))).fold(String::new, |mut all, part| {
        all.push_str(&part);
        all
    });
    terminated(parts, quote).map(Token::Text).parse_next(input)
}

fn regex(input: &mut Input<'_>) -> ModalResult<Token> {
    '/'.parse_next(input)?;
    // An escaped slash is one of the expression's own; every other escape is for the expression.
    let escaped = preceded('\\', any).map(|c: char| if c == '/' { "/".to_owned() } else { format!("\\{c}") });
    let plain = none_of(['/', '\\', '\n']).map(|c: char| c.to_string());
    let parts = repeat(1.., alt((escaped, plain))).fold(String::new, |mut all, part| {
        all.push_str(&part);
        all
    });
    terminated(parts, '/').map(Token::Regex).parse_next(input)
}

fn number(input: &mut Input<'_>) -> ModalResult<Token> {
    let digits = |from: usize| take_while(from.., |c: char| c.is_ascii_digit());
    let whole: &str = digits(1).parse_next(input)?;
    let unit: ModalResult<&str> = peek(take_while(1.., |c: char| c.is_ascii_alphabetic())).parse_next(input);
    if let Ok(unit) = unit
        && !unit.eq_ignore_ascii_case("e")
    {
        let unit: &str = take_while(1.., |c: char| c.is_ascii_alphabetic()).parse_next(input)?;
        let count = whole.parse().map_err(|_| winnow::error::ErrMode::Cut(ContextError::new()))?;
        return Ok(Token::Period(count, unit.to_ascii_lowercase()));
    }
    let mut text = whole.to_owned();
    let fraction: ModalResult<&str> = preceded('.', digits(1)).parse_next(input);
    if let Ok(fraction) = fraction {
        text = format!("{text}.{fraction}");
    }
    let exponent: ModalResult<(char, &str)> =
        preceded(one_of(['e', 'E']), (alt((one_of(['+', '-']), peek(any).value('+'))), digits(1)))
            .parse_next(input);
    if let Ok((sign, digits)) = exponent {
        text = format!("{text}e{sign}{digits}");
    }
    Ok(Token::Number(text.parse().unwrap_or(f64::NAN)))
}

fn word(input: &mut Input<'_>) -> ModalResult<Token> {
    let first = |c: char| c.is_alphabetic() || c == '@' || c == '_' || c == '$';
    let more = |c: char| c.is_alphanumeric() || "@_.$:".contains(c);
    let name = (one_of(first), take_while(0.., more)).take();
    name.map(|name: &str| Token::Word(name.to_owned())).parse_next(input)
}

fn sign(input: &mut Input<'_>) -> ModalResult<Token> {
    for sign in SIGNS {
        let found: ModalResult<&str> = literal(sign).parse_next(input);
        if found.is_ok() {
            return Ok(Token::Sign(sign));
        }
    }
    Err(winnow::error::ErrMode::Backtrack(ContextError::new()))
}
