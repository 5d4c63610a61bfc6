//! From a query's text to its commands.

use std::ops::Range;

use regex::{Regex, RegexBuilder};

use super::ast::{Aggregate, Column, Command, Expression, Order, Parse, Query, Stats, Unnest};
use super::lexer::{self, Placed, Token};
use super::value::Value;

/// The largest limit that a query may have.
pub const MAX_LIMIT: usize = 10_000;

/// How many `stats` a query may have.
const MAX_STATS: usize = 10;

/// How many commands a query may have.
const MAX_COMMANDS: usize = 100;

/// How large a compiled regular expression may become.
const MAX_REGEX_BYTES: usize = 1024 * 1024;

/// How deep expressions may be nested.
const MAX_DEPTH: usize = 64;

/// Commands of AWS's that are not served.
const NOT_SERVED: [&str; 8] =
    ["pattern", "diff", "anomaly", "unmask", "filterindex", "source", "lookup", "join"];

/// Why a query can't be understood, and which characters it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    pub message: String,
    /// Counted in characters.
    pub at: Range<usize>,
}

/// Reads a query.
pub fn parse(text: &str) -> Result<Query, Malformed> {
    let tokens = lexer::tokens(text).map_err(|at| {
        let end = at + text[at..].chars().next().map_or(0, char::len_utf8);
        unexpected(text, at..end)
    })?;
    let mut parser = Parser { text, tokens, next: 0, columns: None, aggregates: None, depth: 0 };
    let mut commands = Vec::new();
    let mut stats = 0;
    let mut deduplicated = false;
    loop {
        let begin = parser.place();
        // A bar may stand before the first command, and commands may be missing between bars, as in AWS's console.
        let command = parser.command()?;
        let what = begin.start..parser.behind();
        if deduplicated && !matches!(command, Command::Limit(_)) {
            return Err(parser.malformed("only limit may follow dedup", what));
        }
        deduplicated |= matches!(command, Command::Dedup(_));
        stats += usize::from(matches!(command, Command::Stats(_)));
        if stats > MAX_STATS || commands.len() >= MAX_COMMANDS {
            return Err(parser.malformed("the query has too many commands", what));
        }
        commands.push(command);
        match parser.peek() {
            Token::End => return Ok(Query { commands }),
            Token::Sign("|") => parser.next += 1,
            _ => return Err(parser.unexpected()),
        }
    }
}

pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    pub(super) tokens: Vec<Placed>,
    pub(super) next: usize,
    /// What the last `stats` made; an expression with the text of a column means the column.
    pub(super) columns: Option<Vec<String>>,
    /// The aggregates of the `stats` that is being read; none elsewhere.
    pub(super) aggregates: Option<Vec<Aggregate>>,
    pub(super) depth: usize,
}

impl Parser<'_> {
    pub(super) fn peek(&self) -> &Token {
        &self.tokens[self.next].token
    }

    /// The place of the next token, in bytes.
    pub(super) fn place(&self) -> Range<usize> {
        self.tokens[self.next].at.clone()
    }

    /// Where the last token ended.
    pub(super) fn behind(&self) -> usize {
        self.next.checked_sub(1).map_or(0, |at| self.tokens[at].at.end)
    }

    pub(super) fn take(&mut self) -> Token {
        let token = self.tokens[self.next].token.clone();
        if token != Token::End {
            self.next += 1;
        }
        token
    }

    /// Reads a sign if it is next.
    pub(super) fn eat(&mut self, sign: &'static str) -> bool {
        let there = *self.peek() == Token::Sign(sign);
        self.next += usize::from(there);
        there
    }

    /// Reads a keyword if it is next.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let there = matches!(self.peek(), Token::Word(next) if next.eq_ignore_ascii_case(word));
        self.next += usize::from(there);
        there
    }

    pub(super) fn expect(&mut self, sign: &'static str) -> Result<(), Malformed> {
        if self.eat(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    pub(super) fn unexpected(&self) -> Malformed {
        unexpected(self.text, self.place())
    }

    pub(super) fn malformed(&self, message: impl Into<String>, at: Range<usize>) -> Malformed {
        let characters = |bytes: usize| self.text[..bytes].chars().count();
        Malformed { message: message.into(), at: characters(at.start)..characters(at.end) }
    }

    /// Goes one level deeper into an expression.
    pub(super) fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Malformed>,
    ) -> Result<T, Malformed> {
        if self.depth >= MAX_DEPTH {
            return Err(self.malformed("the expression is nested too deep", self.place()));
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn command(&mut self) -> Result<Command, Malformed> {
        let place = self.place();
        let Token::Word(name) = self.take() else {
            return Err(unexpected(self.text, place));
        };
        match name.to_ascii_lowercase().as_str() {
            "fields" => Ok(Command::Fields(self.columns()?)),
            "display" => Ok(Command::Display(self.columns()?)),
            "filter" | "where" => Ok(Command::Filter(self.expression()?)),
            "parse" => Ok(Command::Parse(self.parse_command()?)),
            "unnest" => Ok(Command::Unnest(self.unnest()?)),
            "stats" => Ok(Command::Stats(self.stats()?)),
            "sort" | "order" => Ok(Command::Sort(self.orders()?)),
            "limit" | "head" => Ok(Command::Limit(self.limit()?)),
            "dedup" => Ok(Command::Dedup(self.columns()?)),
            name if NOT_SERVED.contains(&name) => {
                Err(self.malformed(format!("the command {name} is not supported by Gantry"), place))
            }
            _ => Err(unexpected(self.text, place)),
        }
    }

    /// Expressions with or without aliases, between commas.
    fn columns(&mut self) -> Result<Vec<Column>, Malformed> {
        let mut columns = vec![self.column()?];
        while self.eat(",") {
            columns.push(self.column()?);
        }
        Ok(columns)
    }

    fn column(&mut self) -> Result<Column, Malformed> {
        let begin = self.place().start;
        let expression = self.expression()?;
        let text = self.text[begin..self.behind()].trim();
        let own = match &expression {
            Expression::Field(name) => name.clone(),
            _ => text.to_owned(),
        };
        let name = if self.eat_word("as") { self.name()? } else { own };
        Ok(Column { name, expression })
    }

    /// The name of a field.
    pub(super) fn name(&mut self) -> Result<String, Malformed> {
        let place = self.place();
        match self.take() {
            Token::Word(name) | Token::Quoted(name) => Ok(name),
            _ => Err(unexpected(self.text, place)),
        }
    }

    fn names(&mut self) -> Result<Vec<String>, Malformed> {
        let mut names = vec![self.name()?];
        while self.eat(",") {
            names.push(self.name()?);
        }
        Ok(names)
    }

    fn parse_command(&mut self) -> Result<Parse, Malformed> {
        let of = match self.peek() {
            Token::Text(_) | Token::Regex(_) => Expression::Field("@message".to_owned()),
            _ => self.expression()?,
        };
        let place = self.place();
        match self.take() {
            Token::Regex(text) => {
                let regex = self.regex(&text, place.clone())?;
                let named = regex.capture_names().enumerate();
                let mut fields: Vec<(usize, String)> =
                    named.filter_map(|(at, name)| Some((at, name?.to_owned()))).collect();
                // Groups without names take theirs from behind the expression.
                if self.eat_word("as") {
                    fields = (1..).zip(self.names()?).collect();
                }
                if fields.is_empty() || fields.iter().any(|(at, _)| *at >= regex.captures_len()) {
                    let message = "the regular expression needs a named group for each field";
                    return Err(self.malformed(message, place));
                }
                Ok(Parse { of, regex, fields })
            }
            Token::Text(glob) => {
                if !self.eat_word("as") {
                    return Err(self.unexpected());
                }
                let names = self.names()?;
                if names.len() != glob.matches('*').count() {
                    let message = "the number of wildcards and of aliases must be the same";
                    return Err(self.malformed(message, place));
                }
                let regex = self.regex(&glob_regex(&glob), place)?;
                Ok(Parse { of, regex, fields: (1..).zip(names).collect() })
            }
            _ => Err(unexpected(self.text, place)),
        }
    }

    /// `accounts into account`
    fn unnest(&mut self) -> Result<Unnest, Malformed> {
        let of = self.expression()?;
        match self.eat_word("into") {
            true => Ok(Unnest { of, into: self.name()? }),
            false => Err(self.unexpected()),
        }
    }

    /// A regular expression, whose size is bounded.
    pub(super) fn regex(&self, text: &str, at: Range<usize>) -> Result<Regex, Malformed> {
        let built = RegexBuilder::new(text).size_limit(MAX_REGEX_BYTES).build();
        built.map_err(|_| self.malformed(format!("invalid regular expression {text}"), at))
    }

    fn stats(&mut self) -> Result<Stats, Malformed> {
        self.aggregates = Some(Vec::new());
        let columns = self.columns();
        let aggregates = self.aggregates.take().unwrap_or_default();
        let columns = columns?;
        let by = if self.eat_word("by") { self.columns()? } else { Vec::new() };
        let made = by.iter().chain(&columns).map(|column| column.name.clone()).collect();
        self.columns = Some(made);
        Ok(Stats { columns, by, aggregates })
    }

    fn orders(&mut self) -> Result<Vec<Order>, Malformed> {
        // `order by` is `sort`.
        self.eat_word("by");
        let mut orders = Vec::new();
        loop {
            let by = self.expression()?;
            let descending = self.eat_word("desc");
            if !descending {
                self.eat_word("asc");
            }
            orders.push(Order { by, descending });
            if !self.eat(",") {
                return Ok(orders);
            }
        }
    }

    fn limit(&mut self) -> Result<usize, Malformed> {
        let place = self.place();
        match self.take() {
            Token::Number(number) if number.fract() == 0.0 && number >= 1.0 => {
                if number > MAX_LIMIT as f64 {
                    let message = format!("the limit can be at most {MAX_LIMIT}");
                    return Err(self.malformed(message, place));
                }
                Ok(number as usize)
            }
            _ => Err(unexpected(self.text, place)),
        }
    }

    /// The column of the last `stats` that has the text of an expression for its name.
    pub(super) fn column_of(&self, text: &str) -> Option<Expression> {
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        let wanted = squeezed(text);
        let column = self.columns.iter().flatten().find(|name| squeezed(name) == wanted)?;
        Some(Expression::Field(column.clone()))
    }

    pub(super) fn literal_text(&mut self) -> Option<Value> {
        match self.peek() {
            Token::Text(text) => {
                let value = Value::Text(text.clone());
                self.next += 1;
                Some(value)
            }
            _ => None,
        }
    }
}

/// What AWS says of a token that can't stand where it does.
fn unexpected(text: &str, at: Range<usize>) -> Malformed {
    let characters = |bytes: usize| text[..bytes].chars().count();
    let line_begin = text[..at.start].rfind('\n').map_or(0, |at| at + 1);
    let line = text[..at.start].matches('\n').count() + 1;
    let position = text[line_begin..at.start].chars().count();
    let found = match &text[at.clone()] {
        "" => "<EOF>",
        found => found,
    };
    let message = format!("unexpected symbol found {found} at line {line} and position {position}");
    Malformed { message, at: characters(at.start)..characters(at.end) }
}

/// A text in which `*` stands for what is taken out.
fn glob_regex(glob: &str) -> String {
    let parts: Vec<_> = glob.split('*').map(regex::escape).collect();
    let last = parts.len() - 1;
    let mut regex = String::from("(?s)");
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            // At the end it takes all that is left.
            regex.push_str(if at == last && part.is_empty() { "(.*)" } else { "(.*?)" });
        } else if part.is_empty() && last > 0 {
            regex.push('^');
        }
        regex.push_str(part);
    }
    regex
}
