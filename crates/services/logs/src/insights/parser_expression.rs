//! Expressions: what binds loosest is read first.

use super::ast::{Aggregate, AggregateKind, Arithmetic, Comparison, Expression};
use super::functions::Function;
use super::lexer::Token;
use super::parser::{Malformed, Parser};
use super::period::Period;
use super::value::Value;

/// Words that no field is called by without backticks.
const KEYWORDS: [&str; 8] = ["and", "or", "not", "in", "like", "as", "by", "desc"];

impl Parser<'_> {
    pub(super) fn expression(&mut self) -> Result<Expression, Malformed> {
        self.deeper(|parser| {
            let mut parts = vec![parser.conjunction()?];
            while parser.eat_word("or") {
                parts.push(parser.conjunction()?);
            }
            Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::Any(parts) })
        })
    }

    fn conjunction(&mut self) -> Result<Expression, Malformed> {
        let mut parts = vec![self.negation()?];
        while self.eat_word("and") {
            parts.push(self.negation()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::All(parts) })
    }

    fn negation(&mut self) -> Result<Expression, Malformed> {
        if self.eat_word("not") {
            return self.deeper(|parser| Ok(Expression::Not(Box::new(parser.negation()?))));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Expression, Malformed> {
        let left = self.sum()?;
        let signs = [
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("==", Comparison::Equal),
            ("=", Comparison::Equal),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        if let Some((_, comparison)) = signs.into_iter().find(|(sign, _)| self.eat(sign)) {
            let right = self.sum()?;
            return Ok(Expression::Compare(comparison, Box::new(left), Box::new(right)));
        }
        if self.eat("=~") {
            return self.like(left);
        }
        let negated = matches!(self.peek(), Token::Word(word) if word.eq_ignore_ascii_case("not"));
        let before = self.next;
        self.next += usize::from(negated);
        let found = if self.eat_word("like") {
            self.like(left)?
        } else if self.eat_word("in") {
            self.one_of(left)?
        } else {
            self.next = before;
            return Ok(left);
        };
        Ok(if negated { Expression::Not(Box::new(found)) } else { found })
    }

    fn like(&mut self, of: Expression) -> Result<Expression, Malformed> {
        let place = self.place();
        if let Token::Regex(text) = self.peek().clone() {
            self.next += 1;
            let regex = self.regex(&text, place)?;
            return Ok(Expression::Matches(Box::new(of), regex));
        }
        let text = self.sum()?;
        Ok(Expression::Contains(Box::new(of), Box::new(text)))
    }

    fn one_of(&mut self, of: Expression) -> Result<Expression, Malformed> {
        let closing = if self.eat("[") { "]" } else { ")" };
        if closing == ")" {
            self.expect("(")?;
        }
        let mut values = Vec::new();
        while !self.eat(closing) {
            if !values.is_empty() {
                self.expect(",")?;
            }
            values.push(self.sum()?);
        }
        Ok(Expression::OneOf(Box::new(of), values))
    }

    fn sum(&mut self) -> Result<Expression, Malformed> {
        let mut left = self.product()?;
        loop {
            let operation = match self.peek() {
                Token::Sign("+") => Arithmetic::Add,
                Token::Sign("-") => Arithmetic::Subtract,
                _ => return Ok(left),
            };
            self.next += 1;
            left = Expression::Arithmetic(operation, Box::new(left), Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Result<Expression, Malformed> {
        let mut left = self.power()?;
        loop {
            let operation = match self.peek() {
                Token::Sign("*") => Arithmetic::Multiply,
                Token::Sign("/") => Arithmetic::Divide,
                Token::Sign("%") => Arithmetic::Remainder,
                _ => return Ok(left),
            };
            self.next += 1;
            left = Expression::Arithmetic(operation, Box::new(left), Box::new(self.power()?));
        }
    }

    fn power(&mut self) -> Result<Expression, Malformed> {
        let left = self.unary()?;
        if !self.eat("^") {
            return Ok(left);
        }
        let right = self.deeper(Self::power)?;
        Ok(Expression::Arithmetic(Arithmetic::Power, Box::new(left), Box::new(right)))
    }

    fn unary(&mut self) -> Result<Expression, Malformed> {
        if self.eat("-") {
            return self.deeper(|parser| Ok(Expression::Negative(Box::new(parser.unary()?))));
        }
        self.operand()
    }

    fn operand(&mut self) -> Result<Expression, Malformed> {
        if let Some(text) = self.literal_text() {
            return Ok(Expression::Literal(text));
        }
        match self.peek().clone() {
            Token::Number(number) => {
                self.next += 1;
                Ok(Expression::Literal(Value::Number(number)))
            }
            Token::Sign("(") => {
                self.next += 1;
                let inner = self.expression()?;
                self.expect(")")?;
                Ok(inner)
            }
            Token::Quoted(name) => {
                self.next += 1;
                Ok(Expression::Field(name))
            }
            Token::Word(name) => {
                let called = self.tokens.get(self.next + 1).map(|placed| &placed.token);
                if called == Some(&Token::Sign("(")) {
                    return self.deeper(|parser| parser.call(&name));
                }
                if KEYWORDS.contains(&name.to_ascii_lowercase().as_str()) {
                    return Err(self.unexpected());
                }
                self.next += 1;
                Ok(match name.to_ascii_lowercase().as_str() {
                    "true" => Expression::Literal(Value::Bool(true)),
                    "false" => Expression::Literal(Value::Bool(false)),
                    _ => Expression::Field(name),
                })
            }
            _ => Err(self.unexpected()),
        }
    }

    fn call(&mut self, name: &str) -> Result<Expression, Malformed> {
        let place = self.place();
        let before = self.next;
        self.next += 2;
        if let Some(end) = self.closing() {
            // `sort count(*)` behind `stats count(*)` means the column.
            let text = &self.text[place.start..self.tokens[end].at.end];
            if self.aggregates.is_none()
                && let Some(column) = self.column_of(text)
            {
                self.next = end + 1;
                return Ok(column);
            }
        }
        let lower = name.to_ascii_lowercase();
        if let Some(round) = self.round(&lower)? {
            return Ok(round);
        }
        if let Some(aggregate) = self.aggregate(&lower)? {
            let Some(aggregates) = &mut self.aggregates else {
                let message = format!("the function {name} can be used in stats only");
                return Err(self.malformed(message, place));
            };
            aggregates.push(aggregate);
            return Ok(Expression::Aggregate(aggregates.len() - 1));
        }
        let Some(function) = Function::named(&lower) else {
            self.next = before;
            let message = format!("unknown function {name}");
            return Err(self.malformed(message, place));
        };
        let mut arguments = Vec::new();
        while !self.eat(")") {
            if !arguments.is_empty() {
                self.expect(",")?;
            }
            arguments.push(self.expression()?);
        }
        if !function.takes(arguments.len()) {
            let message = format!("the function {name} has the wrong number of arguments");
            return Err(self.malformed(message, place.start..self.behind()));
        }
        Ok(Expression::Call(function, arguments))
    }

    /// The token that closes the parentheses within which the next one stands.
    fn closing(&self) -> Option<usize> {
        let mut depth = 1;
        for (at, placed) in self.tokens.iter().enumerate().skip(self.next) {
            match placed.token {
                Token::Sign("(") => depth += 1,
                Token::Sign(")") => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Some(at);
            }
        }
        None
    }

    /// `bin(5m)`, `datefloor(time, 1h)`, `dateceil(time, 1h)`, whose parenthesis was read.
    fn round(&mut self, name: &str) -> Result<Option<Expression>, Malformed> {
        let of = match name {
            "bin" => Expression::Field("@timestamp".to_owned()),
            "datefloor" | "dateceil" => {
                let of = self.expression()?;
                self.expect(",")?;
                of
            }
            _ => return Ok(None),
        };
        let place = self.place();
        let (count, unit) = match self.take() {
            Token::Period(count, unit) => (count, unit),
            // `5 minutes`, and an hour without a number.
            Token::Number(count) => match self.take() {
                Token::Word(unit) => (count as i64, unit.to_ascii_lowercase()),
                _ => return Err(self.malformed("a period of time is expected", place)),
            },
            Token::Word(unit) => (1, unit.to_ascii_lowercase()),
            _ => return Err(self.malformed("a period of time is expected", place)),
        };
        let Some(to) = Period::new(count, &unit) else {
            return Err(self.malformed(format!("{count}{unit} is not a period of time"), place));
        };
        self.expect(")")?;
        Ok(Some(Expression::Round { of: Box::new(of), to, up: name == "dateceil" }))
    }

    /// A function of `stats`, whose parenthesis was read.
    fn aggregate(&mut self, name: &str) -> Result<Option<Aggregate>, Malformed> {
        let mut kind = match name {
            "count" => AggregateKind::Count,
            "count_distinct" => AggregateKind::CountDistinct,
            "sum" => AggregateKind::Sum,
            "avg" => AggregateKind::Avg,
            "min" => AggregateKind::Min,
            "max" => AggregateKind::Max,
            "pct" | "percentile" => AggregateKind::Pct(0.0),
            "stddev" => AggregateKind::Stddev,
            "earliest" => AggregateKind::Earliest,
            "latest" => AggregateKind::Latest,
            "sortsfirst" => AggregateKind::SortsFirst,
            "sortslast" => AggregateKind::SortsLast,
            "median" => AggregateKind::Pct(50.0),
            _ => return Ok(None),
        };
        let counted = kind == AggregateKind::Count;
        if counted && (self.eat("*") || *self.peek() == Token::Sign(")")) {
            self.expect(")")?;
            return Ok(Some(Aggregate { kind, of: None }));
        }
        // What is aggregated has no aggregates within.
        let outer = self.aggregates.take();
        let of = self.expression();
        self.aggregates = outer;
        let of = of?;
        if matches!(name, "pct" | "percentile") {
            self.expect(",")?;
            let place = self.place();
            let Token::Number(percent) = self.take() else {
                return Err(self.malformed("a number is expected", place));
            };
            if !(0.0..=100.0).contains(&percent) {
                return Err(self.malformed("a percentile is a number from 0 to 100", place));
            }
            kind = AggregateKind::Pct(percent);
        }
        self.expect(")")?;
        Ok(Some(Aggregate { kind, of: Some(of) }))
    }
}
