//! Fields between spaces: `[ip, user, ..., status = 4*, bytes > 1000]`.
//!
//! A message is split at spaces; what stands in square brackets or quotes is one field, and the last field takes the
//! rest where there is no `...`: `[level = ERROR, rest]`.

use std::collections::BTreeMap;

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

impl Fields {
    /// Whether a message has these fields.
    pub fn matches(&self, message: &str) -> bool {
        let found = self.cut(message);
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
    /// The fields of a message that matches, by name or place with a dollar sign: `$bytes`, `$3`.
    pub fn extract(&self, message: &str) -> BTreeMap<String, String> {
        let found = self.cut(message);
        let after = self.after.as_deref().unwrap_or_default();
        let behind = found.len().saturating_sub(after.len());
        let name = |at: usize| {
            let field = self.before.get(at).or_else(|| after.get(at.checked_sub(behind)?));
            field.and_then(|field| field.name.clone()).unwrap_or_else(|| (at + 1).to_string())
        };
        found.iter().enumerate().map(|(at, text)| (format!("${}", name(at)), (*text).to_owned())).collect()
    }

    /// Whether a field has this name.
    pub fn has(&self, name: &str) -> bool {
        self.before.iter().chain(self.after.iter().flatten()).any(|field| field.name.as_deref() == Some(name))
    }

    /// A message's fields as this list has them.
    fn cut<'m>(&self, message: &'m str) -> Vec<&'m str> {
        let mut found = split(message);
        if self.after.is_none()
            && let Some(last) = self.before.len().checked_sub(1)
            && found.len() > self.before.len()
        {
            let rest = &message[found[last].0..];
            found.truncate(last);
            found.push((0, rest.trim_end()));
        }
        found.into_iter().map(|(_, text)| text).collect()
    }
}

/// A message's fields, without the brackets or quotes around them, and where each begins.
fn split(message: &str) -> Vec<(usize, &str)> {
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
        fields.push((message.len() - rest.len(), field));
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
    let mut more = !scanner.eat("]");
    while more {
        if scanner.eat("...") {
            if fields.after.replace(Vec::new()).is_some() {
                return Err("there can be one ... only".into());
            }
        } else {
            let field = field(&mut scanner)?;
            fields.after.as_mut().unwrap_or(&mut fields.before).push(field);
        }
        scanner.skip_space();
        more = scanner.eat(",");
        if !more && !scanner.eat("]") {
            return Err(format!("a comma or ] is missing before {:?}", scanner.rest()));
        }
        scanner.skip_space();
    }
    match scanner.rest() {
        "" => Ok(fields),
        rest => Err(format!("{rest:?} stands behind the fields")),
    }
}

fn field(scanner: &mut Scanner<'_>) -> Result<Field, String> {
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
