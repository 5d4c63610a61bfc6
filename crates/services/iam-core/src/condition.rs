//! Conditions: an operator, a key, and the values it is held against.
//!
//! How absent and multi-valued keys count is AWS's
//! [rule](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html).

mod operand;
mod operator;

use crate::pattern::Signs;
use crate::statement::Facts;
pub(crate) use operand::Operand;
use operator::{Operator, Quantifier};

/// One key of a `Condition` element under one operator.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Condition {
    operator: Operator,
    /// In lower case.
    key: String,
    /// The key as the author wrote it.
    written: String,
    operands: Vec<Operand>,
}

impl Condition {
    /// Whether there is an operator of that name.
    pub fn is_operator(name: &str) -> bool {
        Operator::parse(name).is_some()
    }

    /// Whether the operator can take the value: one that compares dates takes nothing but dates.
    pub fn may_be_date(operator: &str, value: &str) -> bool {
        let compares_dates = Operator::parse(operator).is_some_and(|operator| operator.test.is_date());
        !compares_dates || Operand::is_date(value)
    }

    /// Reads a condition; the error is a sentence for the author of the policy.
    pub fn parse(operator: &str, key: &str, values: &[String], variables: bool) -> Result<Condition, String> {
        let operator =
            Operator::parse(operator).ok_or_else(|| format!("Invalid Condition type : {operator}"))?;
        let signs = Signs { wildcards: false, variables };
        let operands = values
            .iter()
            .map(|value| {
                operator.test.operand(value, signs).map_err(|what| format!("Condition key {key}: {what}"))
            })
            .collect::<Result<_, _>>()?;
        Ok(Condition { operator, key: key.to_ascii_lowercase(), written: key.to_owned(), operands })
    }

    /// The keys that it looks at, as they are written.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let variables = self.operands.iter().flat_map(Operand::variables);
        std::iter::once(self.written.as_str()).chain(variables)
    }

    /// Whether a variable in the values has no value in this request.
    pub fn unresolved(&self, facts: &Facts<'_>) -> bool {
        self.operands.iter().any(|operand| operand.unresolved(facts))
    }

    /// Whether the condition holds.
    pub fn holds(&self, facts: &Facts<'_>) -> bool {
        let values = facts.values(&self.key);
        let values = values.as_deref().unwrap_or_default();
        if self.operator.test.is_null() {
            let absent = if values.is_empty() { "true" } else { "false" };
            return self.operands.iter().any(|operand| operand.accepts(absent, facts));
        }
        if values.is_empty() {
            return match self.operator.quantifier {
                Quantifier::ForAll => true,
                Quantifier::ForAny => self.operator.if_exists,
                Quantifier::None => self.operator.if_exists || self.operator.negated,
            };
        }
        let passes = |value: &String| {
            let accepted = self.operands.iter().any(|operand| operand.accepts(value, facts));
            accepted != self.operator.negated
        };
        match self.operator.quantifier {
            Quantifier::ForAll => values.iter().all(passes),
            Quantifier::ForAny => values.iter().any(passes),
            // Without a quantifier a negated operator means that no value of the request is among the listed.
            Quantifier::None if self.operator.negated => values.iter().all(passes),
            Quantifier::None => values.iter().any(passes),
        }
    }
}
