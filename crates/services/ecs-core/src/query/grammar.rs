//! The grammar: `or` of `and` of tests, each with `not` before it, and parentheses.

use std::cmp::Ordering;

use regex::RegexBuilder;
use winnow::ascii::multispace0;
use winnow::combinator::{alt, cut_err, delimited, eof, fail, not, preceded, repeat, separated, terminated};
use winnow::prelude::*;
use winnow::token::{any, take_while};

use super::{BadExpression, Check, MAX_REGEX_BYTES, Node, Subject, Test};

pub(super) fn parse(text: &str) -> Result<Node, BadExpression> {
    delimited(multispace0, either, (multispace0, eof))
        .parse(text)
        .map_err(|_| BadExpression(format!("Invalid expression: {text}")))
}

fn either(input: &mut &str) -> ModalResult<Node> {
    let mut nodes: Vec<Node> = separated(1.., both, joint("or", "||")).parse_next(input)?;
    Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::Any(nodes) })
}

fn both(input: &mut &str) -> ModalResult<Node> {
    let mut nodes: Vec<Node> = separated(1.., single, joint("and", "&&")).parse_next(input)?;
    Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::All(nodes) })
}

fn joint<'i>(
    word: &'static str,
    sign: &'static str,
) -> impl ModalParser<&'i str, (), winnow::error::ContextError> {
    delimited(multispace0, alt((sign.void(), whole(word))), multispace0)
}

/// A word that does not go on.
fn whole<'i>(word: &'static str) -> impl ModalParser<&'i str, (), winnow::error::ContextError> {
    terminated(word, not(any.verify(|c: &char| is_word(*c)))).void()
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn single(input: &mut &str) -> ModalResult<Node> {
    let negation = terminated(alt((whole("not"), "!".void())), multispace0);
    let count: usize = repeat(0.., negation).parse_next(input)?;
    let inner = delimited(("(", multispace0), either, (multispace0, ")"));
    let node = alt((inner, test.map(Node::Test))).parse_next(input)?;
    Ok(if count % 2 == 1 { Node::Not(Box::new(node)) } else { node })
}

fn test(input: &mut &str) -> ModalResult<Test> {
    let subject = terminated(subject, multispace0).parse_next(input)?;
    let operator = terminated(operator, multispace0).parse_next(input)?;
    let check = match operator.kind {
        Kind::Exists => Check::Exists,
        Kind::In => Check::In(list.parse_next(input)?),
        Kind::Equals => Check::In(vec![argument.parse_next(input)?]),
        Kind::Order(orders) => Check::Order(orders, argument.parse_next(input)?),
        Kind::Matches => {
            let text = argument.parse_next(input)?;
            let pattern = RegexBuilder::new(&format!("^(?:{text})$")).size_limit(MAX_REGEX_BYTES).build();
            match pattern {
                Ok(pattern) => Check::Matches(pattern),
                Err(_) => return cut_err(fail).parse_next(input),
            }
        }
    };
    Ok(Test { subject, negated: operator.negated, check })
}

fn subject(input: &mut &str) -> ModalResult<Subject> {
    let name = take_while(1.., |c: char| c.is_ascii_alphanumeric() || "_-./\\".contains(c));
    alt((
        preceded("attribute:", name).map(|name: &str| Subject::Attribute(name.to_owned())),
        whole("task:group").value(Subject::TaskGroup),
        whole("agentConnected").value(Subject::AgentConnected),
        whole("agentVersion").value(Subject::AgentVersion),
        whole("ec2InstanceId").value(Subject::Ec2InstanceId),
        whole("registeredAt").value(Subject::RegisteredAt),
        whole("runningTasksCount").value(Subject::RunningTasksCount),
    ))
    .parse_next(input)
}

#[derive(Clone, Copy)]
struct Operator {
    kind: Kind,
    negated: bool,
}

#[derive(Clone, Copy)]
enum Kind {
    Equals,
    In,
    Matches,
    Exists,
    Order(&'static [Ordering]),
}

const ABOVE: &[Ordering] = &[Ordering::Greater];
const NOT_BELOW: &[Ordering] = &[Ordering::Greater, Ordering::Equal];
const BELOW: &[Ordering] = &[Ordering::Less];
const NOT_ABOVE: &[Ordering] = &[Ordering::Less, Ordering::Equal];

/// Longer ones stand before those that they begin with.
fn operator(input: &mut &str) -> ModalResult<Operator> {
    let is = |kind| Operator { kind, negated: false };
    let isnt = |kind| Operator { kind, negated: true };
    alt((
        alt((
            "==".value(is(Kind::Equals)),
            "!=".value(isnt(Kind::Equals)),
            "=~".value(is(Kind::Matches)),
            "!~".value(isnt(Kind::Matches)),
            ">=".value(is(Kind::Order(NOT_BELOW))),
            "<=".value(is(Kind::Order(NOT_ABOVE))),
            ">".value(is(Kind::Order(ABOVE))),
            "<".value(is(Kind::Order(BELOW))),
        )),
        alt((
            whole("equals").value(is(Kind::Equals)),
            whole("not_equals").value(isnt(Kind::Equals)),
            whole("matches").value(is(Kind::Matches)),
            whole("not_matches").value(isnt(Kind::Matches)),
            whole("greater_than_equal").value(is(Kind::Order(NOT_BELOW))),
            whole("greater_than").value(is(Kind::Order(ABOVE))),
            whole("less_than_equal").value(is(Kind::Order(NOT_ABOVE))),
            whole("less_than").value(is(Kind::Order(BELOW))),
        )),
        alt((
            whole("in").value(is(Kind::In)),
            alt((whole("!in"), whole("not_in"))).value(isnt(Kind::In)),
            whole("exists").value(is(Kind::Exists)),
            alt((whole("!exists"), whole("not_exists"))).value(isnt(Kind::Exists)),
        )),
    ))
    .parse_next(input)
}

fn quoted(input: &mut &str) -> ModalResult<String> {
    let within = |quote: char| move |c: char| c != quote;
    alt((
        delimited('\'', take_while(0.., within('\'')), '\''),
        delimited('"', take_while(0.., within('"')), '"'),
    ))
    .map(|text: &str| text.to_owned())
    .parse_next(input)
}

/// One without quotes ends at a space or a closing parenthesis.
fn argument(input: &mut &str) -> ModalResult<String> {
    let bare = take_while(1.., |c: char| !c.is_whitespace() && !"()'\"".contains(c));
    alt((quoted, bare.map(|text: &str| text.to_owned()))).parse_next(input)
}

fn list(input: &mut &str) -> ModalResult<Vec<String>> {
    let bare = take_while(1.., |c: char| !c.is_whitespace() && !"()[],'\"".contains(c));
    let item = alt((quoted, bare.map(|text: &str| text.to_owned())));
    let separator = (multispace0, ",", multispace0);
    delimited(("[", multispace0), separated(1.., item, separator), (multispace0, "]")).parse_next(input)
}
