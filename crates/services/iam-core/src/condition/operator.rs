//! The names of the operators, taken apart.

/// Over which of a key's values an operator must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantifier {
    None,
    /// `ForAllValues:`
    ForAll,
    /// `ForAnyValue:`
    ForAny,
}

/// An order, for numbers and dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What is compared, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Test {
    String { like: bool, ignore_case: bool },
    Numeric(Order),
    Date(Order),
    Bool,
    Binary,
    IpAddress,
    Arn,
    Null,
}

impl Test {
    pub fn is_null(self) -> bool {
        self == Test::Null
    }

    pub fn is_date(self) -> bool {
        matches!(self, Test::Date(_))
    }
}

/// `ForAnyValue:StringNotLikeIfExists`, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operator {
    pub quantifier: Quantifier,
    pub test: Test,
    pub negated: bool,
    pub if_exists: bool,
}

impl Operator {
    /// Reads an operator's name, which has no case in AWS.
    pub fn parse(name: &str) -> Option<Operator> {
        let name = name.to_ascii_lowercase();
        let (quantifier, name) = match name.split_once(':') {
            Some(("forallvalues", rest)) => (Quantifier::ForAll, rest),
            Some(("foranyvalue", rest)) => (Quantifier::ForAny, rest),
            Some(_) => return None,
            None => (Quantifier::None, name.as_str()),
        };
        let (name, if_exists) = match name.strip_suffix("ifexists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let (test, negated) = test(name)?;
        if test.is_null() && if_exists {
            return None;
        }
        Some(Operator { quantifier, test, negated, if_exists })
    }
}

fn test(name: &str) -> Option<(Test, bool)> {
    let string = |like, ignore_case| Test::String { like, ignore_case };
    Some(match name {
        "stringequals" => (string(false, false), false),
        "stringnotequals" => (string(false, false), true),
        "stringequalsignorecase" => (string(false, true), false),
        "stringnotequalsignorecase" => (string(false, true), true),
        "stringlike" => (string(true, false), false),
        "stringnotlike" => (string(true, false), true),
        "bool" => (Test::Bool, false),
        "binaryequals" => (Test::Binary, false),
        "ipaddress" => (Test::IpAddress, false),
        "notipaddress" => (Test::IpAddress, true),
        "arnequals" | "arnlike" => (Test::Arn, false),
        "arnnotequals" | "arnnotlike" => (Test::Arn, true),
        "null" => (Test::Null, false),
        _ => {
            let ordered = |rest: &str| {
                Some(match rest {
                    "equals" => (Order::Equal, false),
                    "notequals" => (Order::Equal, true),
                    "lessthan" => (Order::Less, false),
                    "lessthanequals" => (Order::LessOrEqual, false),
                    "greaterthan" => (Order::Greater, false),
                    "greaterthanequals" => (Order::GreaterOrEqual, false),
                    _ => return None,
                })
            };
            if let Some(rest) = name.strip_prefix("numeric") {
                let (order, negated) = ordered(rest)?;
                (Test::Numeric(order), negated)
            } else {
                let (order, negated) = ordered(name.strip_prefix("date")?)?;
                (Test::Date(order), negated)
            }
        }
    })
}
