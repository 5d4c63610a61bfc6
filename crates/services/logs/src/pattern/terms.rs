//! Words and phrases: `ERROR -EXITING`, `?ERROR ?WARN`, `"internal error"`, `%regex%`.

use regex::Regex;

use super::Reason;
use super::expression::Scanner;

/// Terms by how they are wanted.
pub struct Terms {
    required: Vec<Term>,
    /// One of these must match; they count only where there are no others.
    optional: Vec<Term>,
    excluded: Vec<Term>,
}

enum Term {
    Text(String),
    Regex(Regex),
}

impl Term {
    fn is_in(&self, message: &str) -> bool {
        match self {
            Term::Text(text) => message.contains(text.as_str()),
            Term::Regex(regex) => regex.is_match(message),
        }
    }
}

impl Terms {
    /// Whether a message matches.
    pub fn matches(&self, message: &str) -> bool {
        if self.required.is_empty() && self.excluded.is_empty() && !self.optional.is_empty() {
            return self.optional.iter().any(|term| term.is_in(message));
        }
        self.required.iter().all(|term| term.is_in(message))
            && !self.excluded.iter().any(|term| term.is_in(message))
    }
}

/// Reads terms between spaces.
pub fn parse(text: &str) -> Result<Terms, Reason> {
    let mut terms = Terms { required: Vec::new(), optional: Vec::new(), excluded: Vec::new() };
    let mut scanner = Scanner::new(text);
    loop {
        scanner.skip_space();
        if scanner.rest().is_empty() {
            return Ok(terms);
        }
        let list = if scanner.eat("?") {
            &mut terms.optional
        } else if scanner.eat("-") {
            &mut terms.excluded
        } else {
            &mut terms.required
        };
        list.push(term(&mut scanner)?);
    }
}

fn term(scanner: &mut Scanner<'_>) -> Result<Term, Reason> {
    if scanner.eat("\"") {
        return Ok(Term::Text(scanner.quoted('"')?));
    }
    if scanner.eat("%") {
        return Ok(Term::Regex(scanner.regex()?));
    }
    match scanner.take_while(|c| !c.is_whitespace() && c != '"') {
        "" => Err("a term is missing".into()),
        text if text.contains('*') => Err(Reason::characters("*")),
        text => Ok(Term::Text(text.to_owned())),
    }
}
