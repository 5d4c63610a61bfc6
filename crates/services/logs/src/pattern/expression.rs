//! Comparisons joined by `&&`, `||` and parentheses, which selections of JSON and fields between spaces share.

use super::operand::{Comparison, Operand, Wildcard, regex};
use super::{MAX_REGEXES, MAX_WILDCARDS, Reason};

/// An expression over subjects of some kind.
pub enum Expression<S> {
    All(Vec<Expression<S>>),
    Any(Vec<Expression<S>>),
    Test(S, Test),
}

/// What is asked of a subject.
pub enum Test {
    Compare(Comparison, Operand),
    IsNull,
    IsTrue,
    IsFalse,
    NotExists,
}

impl<S> Expression<S> {
    /// Whether it holds, where `test` says whether a test of a subject does.
    pub fn holds(&self, test: &impl Fn(&S, &Test) -> bool) -> bool {
        match self {
            Expression::All(parts) => parts.iter().all(|part| part.holds(test)),
            Expression::Any(parts) => parts.iter().any(|part| part.holds(test)),
            Expression::Test(subject, asked) => test(subject, asked),
        }
    }
}

/// Reads text from left to right.
pub struct Scanner<'a> {
    rest: &'a str,
    /// Whether it reads a selection of JSON, where `null` is no text.
    json: bool,
    regexes: usize,
    wildcards: usize,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Scanner<'a> {
        Scanner { rest: text, json: false, regexes: 0, wildcards: 0 }
    }

    pub fn of_json(text: &'a str) -> Scanner<'a> {
        Scanner { json: true, ..Scanner::new(text) }
    }

    /// What has not been read.
    pub fn rest(&self) -> &'a str {
        self.rest
    }

    pub fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Reads `text` if it is next.
    pub fn eat(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Reads a word in capital letters if it is next.
    fn eat_word(&mut self, word: &str) -> bool {
        self.skip_space();
        let behind = self.rest.strip_prefix(word);
        match behind.filter(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric())) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Reads characters as long as they are wanted.
    pub fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// Reads to the closing `quote`, whose opening one was read; a backslash takes the next character as it is.
    pub fn quoted(&mut self, quote: char) -> Result<String, Reason> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                c if c == quote => {
                    self.rest = &self.rest[at + c.len_utf8()..];
                    return Ok(text);
                }
                '\\' => text.extend(chars.next().map(|(_, c)| c)),
                c => text.push(c),
            }
        }
        Err(Reason::characters(&format!("{quote}{}", self.rest)))
    }

    /// Reads a regular expression to its closing percent sign, whose opening one was read.
    pub fn regex(&mut self) -> Result<regex::Regex, Reason> {
        let end = self.rest.find('%').ok_or("a % is not closed")?;
        let text = &self.rest[..end];
        self.rest = &self.rest[end + 1..];
        self.regexes += 1;
        if self.regexes > MAX_REGEXES {
            return Err(Reason::Aws(format!(
                "Your input has exceeded the maximum of {MAX_REGEXES} regular expressions per filter pattern."
            )));
        }
        regex(text)
    }

    /// Counts a selector that has a `*` in it.
    pub fn count_wildcard(&mut self) -> Result<(), Reason> {
        self.wildcards += 1;
        if self.wildcards > MAX_WILDCARDS {
            return Err(Reason::Aws(format!(
                "Your input has exceeded the maximum of {MAX_WILDCARDS} JSON wildcard selectors allowed per filter \
                 pattern."
            )));
        }
        Ok(())
    }

    /// Reads an expression; `subject` reads what is compared.
    pub fn expression<S>(
        &mut self,
        subject: &impl Fn(&mut Scanner<'a>) -> Result<S, Reason>,
    ) -> Result<Expression<S>, Reason> {
        let mut parts = vec![self.conjunction(subject)?];
        self.skip_space();
        while self.eat("||") {
            parts.push(self.conjunction(subject)?);
            self.skip_space();
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::Any(parts) })
    }

    fn conjunction<S>(
        &mut self,
        subject: &impl Fn(&mut Scanner<'a>) -> Result<S, Reason>,
    ) -> Result<Expression<S>, Reason> {
        let mut parts = vec![self.part(subject)?];
        self.skip_space();
        while self.eat("&&") {
            parts.push(self.part(subject)?);
            self.skip_space();
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::All(parts) })
    }

    fn part<S>(
        &mut self,
        subject: &impl Fn(&mut Scanner<'a>) -> Result<S, Reason>,
    ) -> Result<Expression<S>, Reason> {
        self.skip_space();
        if self.eat("(") {
            let inner = self.expression(subject)?;
            self.skip_space();
            return if self.eat(")") { Ok(inner) } else { Err("a ( is not closed".into()) };
        }
        let subject = subject(self)?;
        Ok(Expression::Test(subject, self.test()?))
    }

    fn test(&mut self) -> Result<Test, Reason> {
        self.skip_space();
        if self.eat_word("IS") {
            for (word, test) in [("NULL", Test::IsNull), ("TRUE", Test::IsTrue), ("FALSE", Test::IsFalse)] {
                if self.eat_word(word) {
                    return Ok(test);
                }
            }
            return Err("IS must be followed by NULL, TRUE or FALSE".into());
        }
        if self.eat_word("NOT") {
            return if self.eat_word("EXISTS") {
                Ok(Test::NotExists)
            } else {
                Err("NOT must be followed by EXISTS".into())
            };
        }
        let signs = [
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("=", Comparison::Equal),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        let sign = signs.into_iter().find(|(sign, _)| self.eat(sign));
        let Some((sign, comparison)) = sign else { return Err("a comparison is missing".into()) };
        let operand = self.operand()?;
        let ordered = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        if ordered && !matches!(operand, Operand::Number { .. }) {
            return Err(format!("{sign} compares with numbers only").into());
        }
        Ok(Test::Compare(comparison, operand))
    }

    fn operand(&mut self) -> Result<Operand, Reason> {
        self.skip_space();
        if self.eat("\"") {
            return Ok(Operand::Text(Wildcard::new(&self.quoted('"')?)));
        }
        if self.eat("%") {
            return Ok(Operand::Regex(self.regex()?));
        }
        match self.take_while(|c| !c.is_whitespace() && !"()&|,{}[]\"".contains(c)) {
            "" => Err("a value is missing".into()),
            "null" if self.json => Err("a value is compared with null by IS NULL".into()),
            text => Ok(Operand::bare(text)),
        }
    }
}
