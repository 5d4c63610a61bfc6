//! The query language of Logs Insights, as a pure module: a query's text becomes commands, and events become rows.
//!
//! It never reads the store or the clock: events and the time are arguments. What a query may hold in memory is
//! bounded by [`Bounds`].
//!
//! Read in this order: [`ast`], [`lexer`], [`parser`], [`value`], [`functions`], [`period`], [`record`],
//! [`aggregate`], [`run`].
//!
//! See <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html>.

pub mod aggregate;
pub mod ast;
pub mod evaluate;
pub mod functions;
pub mod lexer;
pub mod parser;
mod parser_expression;
pub mod period;
pub mod record;
pub mod run;
pub mod value;

pub use ast::Query;
pub use parser::{Malformed, parse};
pub use record::{Record, Source};
pub use run::{Bounds, Exceeded, Row, Run};
pub use value::Value;

#[cfg(test)]
mod tests;
