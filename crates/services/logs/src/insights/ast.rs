//! A query that was understood.

use regex::Regex;

use super::functions::Function;
use super::period::Period;
use super::value::Value;

/// A query: its commands, from left to right.
#[derive(Debug)]
pub struct Query {
    pub commands: Vec<Command>,
}

/// A command.
#[derive(Debug)]
pub enum Command {
    /// Adds columns to what is shown.
    Fields(Vec<Column>),
    /// Shows these columns instead of all others.
    Display(Vec<Column>),
    /// Keeps what fulfills a condition.
    Filter(Expression),
    /// Takes fields out of a text.
    Parse(Parse),
    /// Makes a row of each item of a list.
    Unnest(Unnest),
    /// Makes one row of each group.
    Stats(Stats),
    Sort(Vec<Order>),
    Limit(usize),
    /// Keeps the first of those with the same values.
    Dedup(Vec<Column>),
}

/// An expression and what it is called: its alias, or its own text.
#[derive(Debug)]
pub struct Column {
    pub name: String,
    pub expression: Expression,
}

/// How rows are sorted.
#[derive(Debug)]
pub struct Order {
    pub by: Expression,
    pub descending: bool,
}

/// Taking fields out of a text.
#[derive(Debug)]
pub struct Parse {
    pub of: Expression,
    pub regex: Regex,
    /// The groups of the regular expression by number, and the fields that they become.
    pub fields: Vec<(usize, String)>,
}

/// Making rows of the items of a list.
#[derive(Debug)]
pub struct Unnest {
    pub of: Expression,
    /// What the item is called.
    pub into: String,
}

/// Grouping.
#[derive(Debug)]
pub struct Stats {
    pub columns: Vec<Column>,
    pub by: Vec<Column>,
    /// What columns refer to by number.
    pub aggregates: Vec<Aggregate>,
}

/// What is known of a group.
#[derive(Debug)]
pub struct Aggregate {
    pub kind: AggregateKind,
    /// None: of the events themselves, `count(*)`.
    pub of: Option<Expression>,
}

/// A way to make one value of many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AggregateKind {
    Count,
    CountDistinct,
    Sum,
    Avg,
    Min,
    Max,
    /// The percentile, from 0 to 100.
    Pct(f64),
    Stddev,
    Earliest,
    Latest,
    SortsFirst,
    SortsLast,
}

/// An expression.
#[derive(Debug)]
pub enum Expression {
    Literal(Value),
    Field(String),
    Call(&'static Function, Vec<Expression>),
    /// A time rounded to a period, down or up.
    Round {
        of: Box<Expression>,
        to: Period,
        up: bool,
    },
    Negative(Box<Expression>),
    Arithmetic(Arithmetic, Box<Expression>, Box<Expression>),
    Compare(Comparison, Box<Expression>, Box<Expression>),
    Matches(Box<Expression>, Regex),
    /// Whether a text has another in it.
    Contains(Box<Expression>, Box<Expression>),
    OneOf(Box<Expression>, Vec<Expression>),
    Not(Box<Expression>),
    All(Vec<Expression>),
    Any(Vec<Expression>),
    /// What `stats` knows of a group, by its number.
    Aggregate(usize),
}

/// An operation on numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
}

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
