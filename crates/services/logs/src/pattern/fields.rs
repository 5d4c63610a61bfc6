//! Fields between spaces: `[ip, user, ..., status = 4*, bytes > 1000]`.
//!
//! A message is split at spaces; what stands in square brackets or quotes is one field.

use std::collections::BTreeMap;

use super::expression::{Expression, Scanner, Test};

/// A list of fields.
pub struct Fields {
    before: Vec<Field>,
    /// What stands behind the `...`, which takes any number of fields; none: there is no `...`.
    after: Option<Vec<Field>>,
}

struct Field {
    /// Without the dollar sign that it has where it is referred to.
    name: String,
    /// None: any text will do.
    test: Option<Expression<String>>,
}

impl Field {
    fn matches(&self, text: &str) -> bool {
        self.test.as_ref().is_none_or(|expression| {
            expression.holds(&|_, test| match test {
                Test::Compare(comparison, operand) => operand.holds(*comparison, text),
                // A field is neither JSON's null nor its booleans, and is always there.
                Test::IsNull | Test::IsTrue | Test::IsFalse | Test::NotExists => false,
            })
        })
    }
}

impl Fields {
    /// Whether a message has these fields.
    pub fn matches(&self, message: &str) -> bool {
        let found = split(message);
        let all = |fields: &[Field], found: &[&str]| {
            fields.iter().zip(found).all(|(field, text)| field.matches(text))
        };
        match &self.after {
            // An empty list asks for nothing.
            None if self.before.is_empty() => true,
            None => found.len() == self.before.len() && all(&self.before, &found),
            Some(after) => {
                let Some(rest) = found.len().checked_sub(after.len()) else { return false };
                rest >= self.before.len() && all(&self.before, &found) && all(after, &found[rest..])
            }
        }
    }
}

impl Fields {
    /// The fields of a message that matches, by name with a dollar sign: `$bytes`.
    pub fn extract(&self, message: &str) -> BTreeMap<String, String> {
        let found = split(message);
        let after = self.after.as_deref().unwrap_or_default();
        let behind = found.len().saturating_sub(after.len());
        let named = |(field, text): (&Field, &&str)| (format!("${}", field.name), (*text).to_owned());
        let before = self.before.iter().zip(&found).map(named);
        before.chain(after.iter().zip(&found[behind..]).map(named)).collect()
    }

    /// Whether a field has this name.
    pub fn has(&self, name: &str) -> bool {
        self.before.iter().chain(self.after.iter().flatten()).any(|field| field.name == name)
    }
}

/// A message's fields, without the brackets or quotes around them.
fn split(message: &str) -> Vec<&str> {
    let mut fields = Vec::new();
    let mut rest = message.trim_start();
    while !rest.is_empty() {
        let closing = match rest.chars().next() {
            Some('[') => Some(']'),
            Some('"') => Some('"'),
            _ => None,
        };
        let enclosed = closing.and_then(|closing| rest[1..].split_once(closing));
        let (field, behind) = match enclosed {
            Some(parts) => parts,
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        fields.push(field);
        rest = behind.trim_start();
    }
    fields
}

/// Reads a list with its brackets.
pub fn parse(text: &str) -> Result<Fields, String> {
    let mut scanner = Scanner::new(text);
    scanner.eat("[");
    let mut fields = Fields { before: Vec::new(), after: None };
    scanner.skip_space();
    while !scanner.eat("]") {
        if scanner.eat("...") {
            if fields.after.replace(Vec::new()).is_some() {
                return Err("there can be one ... only".into());
            }
        } else {
            let field = field(&mut scanner)?;
            fields.after.as_mut().unwrap_or(&mut fields.before).push(field);
        }
        scanner.skip_space();
        if !scanner.eat(",") && !scanner.rest().starts_with(']') {
            return Err(format!("a comma or ] is missing before {:?}", scanner.rest()));
        }
        scanner.skip_space();
    }
    scanner.skip_space();
    match scanner.rest() {
        "" => Ok(fields),
        rest => Err(format!("{rest:?} stands behind the fields")),
    }
}

fn field(scanner: &mut Scanner<'_>) -> Result<Field, String> {
    let mut ahead = Scanner::new(scanner.rest());
    let alone = name(&mut ahead)?;
    ahead.skip_space();
    if ahead.rest().starts_with([',', ']']) && !scanner.rest().starts_with('(') {
        name(scanner)?;
        return Ok(Field { name: alone, test: None });
    }
    let test = scanner.expression(&name)?;
    Ok(Field { name: alone, test: Some(test) })
}

/// Reads a field's name. It says nothing: what counts is where the field stands.
fn name(scanner: &mut Scanner<'_>) -> Result<String, String> {
    scanner.skip_space();
    while scanner.eat("(") {
        scanner.skip_space();
    }
    match scanner.take_while(|c| c.is_alphanumeric() || "_-.$@:/*".contains(c)) {
        "" => Err(format!("a field's name is missing before {:?}", scanner.rest())),
        name => Ok(name.to_owned()),
    }
}
