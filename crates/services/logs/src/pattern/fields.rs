//! Fields between spaces: `[ip, user, ..., status = 4*, bytes > 1000]`.
//!
//! A message is split at spaces; what stands in square brackets or quotes is one field. The last field of a list
//! without `...` takes all that is left.

use std::collections::BTreeMap;

use super::Reason;
use super::expression::{Expression, Scanner, Test};

/// A list of fields.
pub struct Fields {
    before: Vec<Field>,
    /// What stands behind the `...`, which takes any number of fields; none: there is no `...`.
    after: Option<Vec<Field>>,
}

struct Field {
    /// Without the dollar sign that it has where it is referred to; none where nothing stands between two commas.
    name: Option<String>,
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

/// A field of a message.
struct Part<'m> {
    text: &'m str,
    /// The field and all behind it, as they stand there.
    rest: &'m str,
}

impl Fields {
    /// Whether a message has these fields.
    pub fn matches(&self, message: &str) -> bool {
        self.find(message).is_some_and(|found| {
            let tested = |(at, text): (usize, &&str)| {
                self.field(at, found.len()).is_none_or(|field| field.matches(text))
            };
            found.iter().enumerate().all(tested)
        })
    }

    /// The fields of a message that matches, by name with a dollar sign: `$bytes`. What the list leaves out has its
    /// place for a name: `$1`.
    pub fn extract(&self, message: &str) -> BTreeMap<String, String> {
        let found = self.find(message).unwrap_or_default();
        let named = |(at, text): (usize, &&str)| {
            let name = self.field(at, found.len()).and_then(|field| field.name.clone());
            (format!("${}", name.unwrap_or_else(|| (at + 1).to_string())), (*text).to_owned())
        };
        found.iter().enumerate().map(named).collect()
    }

    /// A message's fields as the list has them; none: they are too few.
    fn find<'m>(&self, message: &'m str) -> Option<Vec<&'m str>> {
        let parts = split(message);
        let least = self.before.len() + self.after.as_ref().map_or(0, Vec::len);
        if parts.len() < least {
            return None;
        }
        let mut found: Vec<_> = parts.iter().map(|part| part.text).collect();
        if self.after.is_none() && least > 0 && parts.len() > least {
            found.truncate(least);
            found[least - 1] = parts[least - 1].rest;
        }
        Some(found)
    }

    /// What the list says of a field of so many; none: nothing.
    fn field(&self, at: usize, count: usize) -> Option<&Field> {
        let after = self.after.as_deref().unwrap_or_default();
        self.before.get(at).or_else(|| after.get((at + after.len()).checked_sub(count)?))
    }

    /// Whether a field has this name.
    fn has(&self, name: &str) -> bool {
        self.before.iter().chain(self.after.iter().flatten()).any(|field| field.name.as_deref() == Some(name))
    }
}

/// A message's fields, without the brackets or quotes around them.
fn split(message: &str) -> Vec<Part<'_>> {
    let mut fields = Vec::new();
    let mut rest = message.trim();
    while !rest.is_empty() {
        let closing = match rest.chars().next() {
            Some('[') => Some(']'),
            Some('"') => Some('"'),
            _ => None,
        };
        let enclosed = closing.and_then(|closing| rest[1..].split_once(closing));
        let (text, behind) = match enclosed {
            Some(parts) => parts,
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        fields.push(Part { text, rest });
        rest = behind.trim_start();
    }
    fields
}

/// Reads a list with its brackets.
pub fn parse(text: &str) -> Result<Fields, Reason> {
    let mut scanner = Scanner::new(text);
    scanner.eat("[");
    let mut fields = Fields { before: Vec::new(), after: None };
    scanner.skip_space();
    let mut more = !scanner.eat("]");
    while more {
        if scanner.eat("...") {
            if fields.after.replace(Vec::new()).is_some() {
                return Err(Reason::Aws("Duplicate field '...'".into()));
            }
        } else {
            let field = field(&mut scanner)?;
            if let Some(name) = field.name.as_deref().filter(|name| fields.has(name)) {
                return Err(Reason::Aws(format!("Duplicate field '{name}'")));
            }
            fields.after.as_mut().unwrap_or(&mut fields.before).push(field);
        }
        scanner.skip_space();
        more = scanner.eat(",");
        if !more && !scanner.eat("]") {
            return Err(format!("a comma or ] is missing before {:?}", scanner.rest()).into());
        }
        scanner.skip_space();
    }
    scanner.skip_space();
    match scanner.rest() {
        "" => Ok(fields),
        rest => Err(format!("{rest:?} stands behind the fields").into()),
    }
}

fn field(scanner: &mut Scanner<'_>) -> Result<Field, Reason> {
    // Nothing between two commas, or behind the last one, is a field of any text.
    if scanner.rest().starts_with([',', ']']) {
        return Ok(Field { name: None, test: None });
    }
    let mut ahead = Scanner::new(scanner.rest());
    let alone = name(&mut ahead)?;
    ahead.skip_space();
    if ahead.rest().starts_with([',', ']']) && !scanner.rest().starts_with('(') {
        name(scanner)?;
        return Ok(Field { name: Some(alone), test: None });
    }
    let test = scanner.expression(&name)?;
    Ok(Field { name: Some(alone), test: Some(test) })
}

/// Reads a field's name. It says nothing: what counts is where the field stands.
fn name(scanner: &mut Scanner<'_>) -> Result<String, Reason> {
    scanner.skip_space();
    while scanner.eat("(") {
        scanner.skip_space();
    }
    match scanner.take_while(|c| c.is_alphanumeric() || "_-.$@:/*".contains(c)) {
        "" => Err(format!("a field's name is missing before {:?}", scanner.rest()).into()),
        name => Ok(name.to_owned()),
    }
}
