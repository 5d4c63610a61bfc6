//! Text with wildcards (`*`, `?`) and policy variables (`${aws:username}`, `${key, 'default'}`, `${*}`).

use std::borrow::Cow;

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// One byte that must be there.
    Byte(u8),
    /// Any run of characters, also none.
    Any,
    /// Exactly one character.
    One,
    /// The value of a condition key; what stands in it is never a wildcard.
    Variable {
        /// In lower case.
        key: String,
        /// As the author wrote it.
        written: String,
        default: Option<String>,
    },
}

/// Which of the special signs a text has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Signs {
    pub wildcards: bool,
    /// Only documents of version 2012-10-17 have variables.
    pub variables: bool,
}

/// What a variable stands for in this request. `None`: it has no single value.
pub(crate) trait Variables {
    fn value(&self, key: &str) -> Option<Cow<'_, str>>;
}

/// Compiled text with wildcards and variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    pieces: Vec<Piece>,
    /// The bytes that the pattern begins with. Most texts that do not match differ in them.
    head: Box<[u8]>,
    has_variables: bool,
}

impl Pattern {
    /// Reads a pattern; the error says what is wrong with a variable.
    pub fn parse(text: &str, signs: Signs) -> Result<Pattern, String> {
        let mut pieces = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.bytes().next() {
            if signs.variables && rest.starts_with("${") {
                let end = variable_end(rest)
                    .ok_or_else(|| format!("The variable in {text:?} has no closing brace."))?;
                pieces.push(variable(&rest[2..end])?);
                rest = &rest[end + 1..];
                continue;
            }
            match first {
                b'*' if signs.wildcards => {
                    if pieces.last() != Some(&Piece::Any) {
                        pieces.push(Piece::Any);
                    }
                }
                b'?' if signs.wildcards => pieces.push(Piece::One),
                _ => {
                    let width = rest.chars().next().map_or(1, char::len_utf8);
                    pieces.extend(rest[..width].bytes().map(Piece::Byte));
                    rest = &rest[width..];
                    continue;
                }
            }
            rest = &rest[1..];
        }
        Ok(Pattern::of(pieces))
    }

    fn of(pieces: Vec<Piece>) -> Pattern {
        let bytes = pieces.iter().map_while(|piece| match piece {
            Piece::Byte(byte) => Some(*byte),
            _ => None,
        });
        let head = bytes.collect();
        let has_variables = pieces.iter().any(|piece| matches!(piece, Piece::Variable { .. }));
        Pattern { pieces, head, has_variables }
    }

    /// Text that stands for itself alone.
    pub fn literal(text: &str) -> Pattern {
        Pattern::of(text.bytes().map(Piece::Byte).collect())
    }

    /// `*`
    pub fn any() -> Pattern {
        Pattern::of(vec![Piece::Any])
    }

    /// Whether the pattern is just `*`.
    pub fn is_any(&self) -> bool {
        self.pieces == [Piece::Any]
    }

    /// Whether a variable of the pattern has no value in this request.
    pub fn unresolved(&self, variables: &dyn Variables) -> bool {
        self.has_variables
            && self.pieces.iter().any(|piece| match piece {
                Piece::Variable { key, default: None, .. } => variables.value(key).is_none(),
                _ => false,
            })
    }

    /// The names of the variables in it, as they are written.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable { written, .. } => Some(written.as_str()),
            _ => None,
        })
    }

    /// Whether the text matches. A variable without a value matches nothing.
    pub fn matches(&self, text: &str, fold_case: bool, variables: &dyn Variables) -> bool {
        let text = text.as_bytes();
        let Some((head, rest)) = text.split_at_checked(self.head.len()) else { return false };
        let begins = if fold_case { head.eq_ignore_ascii_case(&self.head) } else { *head == *self.head };
        if !begins {
            return false;
        }
        if !self.has_variables {
            return match &self.pieces[self.head.len()..] {
                [] => rest.is_empty(),
                [Piece::Any] => true,
                pieces => glob(pieces, rest, fold_case),
            };
        }
        match self.resolve(variables) {
            Some(pieces) => glob(&pieces, text, fold_case),
            None => false,
        }
    }

    fn resolve(&self, variables: &dyn Variables) -> Option<Vec<Piece>> {
        let mut pieces = Vec::with_capacity(self.pieces.len() + 32);
        for piece in &self.pieces {
            match piece {
                Piece::Variable { key, default, .. } => {
                    let value = match variables.value(key) {
                        Some(value) => value,
                        None => Cow::Borrowed(default.as_deref()?),
                    };
                    pieces.extend(value.bytes().map(Piece::Byte));
                }
                other => pieces.push(other.clone()),
            }
        }
        Some(pieces)
    }

    /// Cuts the pattern at its first colons into at most `parts` patterns. Colons in variables do not count.
    fn split(self, parts: usize) -> Vec<Pattern> {
        let mut split = vec![Vec::new()];
        for piece in self.pieces {
            if piece == Piece::Byte(b':') && split.len() < parts {
                split.push(Vec::new());
            } else if let Some(last) = split.last_mut() {
                last.push(piece);
            }
        }
        split.into_iter().map(Pattern::of).collect()
    }
}

/// The place of the brace that closes the variable at the start of `text`, over quoted defaults.
fn variable_end(text: &str) -> Option<usize> {
    let mut quoted = false;
    for (at, byte) in text.bytes().enumerate().skip(2) {
        match byte {
            b'\'' => quoted = !quoted,
            b'}' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

/// What stands between the braces.
fn variable(inner: &str) -> Result<Piece, String> {
    match inner {
        "*" | "?" | "$" => return Ok(Piece::Byte(inner.as_bytes()[0])),
        "" => return Err("A policy variable has no name.".to_owned()),
        _ => {}
    }
    let named = |name: &str, default: Option<&str>| Piece::Variable {
        key: name.trim().to_ascii_lowercase(),
        written: name.trim().to_owned(),
        default: default.map(str::to_owned),
    };
    let Some((key, default)) = inner.split_once(',') else {
        return Ok(named(inner, None));
    };
    let default = default.trim();
    let unquoted = default.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let Some(unquoted) = unquoted.filter(|text| !text.contains('\'')) else {
        return Err(format!("The default of the policy variable {key:?} must stand in single quotes."));
    };
    Ok(named(key, Some(unquoted)))
}

/// Matches with one place to come back to, so its time is at most the product of both lengths.
fn glob(pieces: &[Piece], text: &[u8], fold_case: bool) -> bool {
    let (mut at, mut here) = (0, 0);
    let mut last_any: Option<(usize, usize)> = None;
    loop {
        match pieces.get(at) {
            Some(Piece::Any) => {
                at += 1;
                if at == pieces.len() {
                    return true;
                }
                last_any = Some((at, here));
                continue;
            }
            Some(Piece::One) if here < text.len() => {
                at += 1;
                here = character_end(text, here);
                continue;
            }
            Some(Piece::Byte(byte)) if here < text.len() && same(*byte, text[here], fold_case) => {
                at += 1;
                here += 1;
                continue;
            }
            None if here == text.len() => return true,
            _ => {}
        }
        // The last `*` takes one byte more.
        match last_any {
            Some((after, from)) if from < text.len() => {
                last_any = Some((after, from + 1));
                (at, here) = (after, from + 1);
            }
            _ => return false,
        }
    }
}

fn same(a: u8, b: u8, fold_case: bool) -> bool {
    if fold_case { a.eq_ignore_ascii_case(&b) } else { a == b }
}

/// Where the character that starts at `from` ends.
fn character_end(text: &[u8], from: usize) -> usize {
    let continues = text[from + 1..].iter().take_while(|byte| (**byte & 0xc0) == 0x80).count();
    from + 1 + continues
}

/// The fields of an ARN: `arn`, partition, service, region, account and all the rest.
const ARN_FIELDS: usize = 6;

/// An ARN, cut into its fields.
pub(crate) type Fields<'a> = [&'a str; ARN_FIELDS];

/// Cuts an ARN; text with fewer fields is none.
pub(crate) fn fields(arn: &str) -> Option<Fields<'_>> {
    let mut fields = [""; ARN_FIELDS];
    let mut parts = arn.splitn(ARN_FIELDS, ':');
    for field in &mut fields {
        *field = parts.next()?;
    }
    Some(fields)
}

/// A pattern for ARNs, matched field by field, so that a `*` does not reach over the colons before the
/// resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ArnPattern {
    /// `*`: any resource, also one without an ARN.
    All,
    Fields(Vec<Pattern>),
}

impl ArnPattern {
    /// Reads a pattern. Fields that are left out at the end are `*`, as AWS completes them.
    pub fn parse(text: &str, signs: Signs) -> Result<ArnPattern, String> {
        let pattern = Pattern::parse(text, signs)?;
        if pattern.is_any() {
            return Ok(ArnPattern::All);
        }
        let mut fields = pattern.split(ARN_FIELDS);
        fields.resize_with(ARN_FIELDS, Pattern::any);
        Ok(ArnPattern::Fields(fields))
    }

    pub fn matches(&self, arn: &str, variables: &dyn Variables) -> bool {
        *self == ArnPattern::All || self.matches_fields(fields(arn).as_ref(), variables)
    }

    /// The same for an ARN that was cut already; none is text that is no ARN.
    pub fn matches_fields(&self, arn: Option<&Fields<'_>>, variables: &dyn Variables) -> bool {
        match (self, arn) {
            (ArnPattern::All, _) => true,
            (ArnPattern::Fields(_), None) => false,
            (ArnPattern::Fields(patterns), Some(arn)) => {
                // The resource, which comes last, tells most ARNs apart.
                patterns.iter().zip(arn).rev().all(|(pattern, part)| pattern.matches(part, false, variables))
            }
        }
    }

    /// The names of the variables in it, as they are written.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        let fields = match self {
            ArnPattern::All => &[][..],
            ArnPattern::Fields(fields) => fields,
        };
        fields.iter().flat_map(Pattern::variables)
    }

    pub fn unresolved(&self, variables: &dyn Variables) -> bool {
        match self {
            ArnPattern::All => false,
            ArnPattern::Fields(fields) => fields.iter().any(|field| field.unresolved(variables)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Named<'a>(&'a [(&'a str, &'a str)]);

    impl Variables for Named<'_> {
        fn value(&self, key: &str) -> Option<Cow<'_, str>> {
            self.0.iter().find(|(name, _)| *name == key).map(|(_, value)| Cow::Borrowed(*value))
        }
    }

    const BOTH: Signs = Signs { wildcards: true, variables: true };

    fn matches(pattern: &str, text: &str) -> bool {
        let variables = Named(&[("aws:username", "ann*"), ("aws:userid", "AIDA:x")]);
        Pattern::parse(pattern, BOTH).unwrap().matches(text, false, &variables)
    }

    #[test]
    fn wildcards() {
        for (pattern, text) in [
            ("*", ""),
            ("a*", "a"),
            ("a*b*c", "axxbyyc"),
            ("*ab", "aab"),
            ("a?c", "aéc"),
            ("*?", "é"),
            ("**", "x"),
            ("", ""),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a", ""), ("?", ""), ("a*b", "acb "), ("*??", "é"), ("a", "A"), ("a?", "a")]
        {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn variables_stand_for_themselves() {
        assert!(matches("home/${aws:username}/*", "home/ann*/x"));
        assert!(!matches("home/${aws:username}/*", "home/anna/x"), "a value's star is no wildcard");
        assert!(matches("${aws:UserName}", "ann*"), "names have no case");
        assert!(matches("${aws:x, 'none'}", "none"));
        assert!(matches("${aws:username, 'none'}", "ann*"));
        assert!(!matches("${aws:x}", ""));
        assert!(matches("${*}${?}${$}", "*?$"));
        assert!(!matches("${*}", "a"));
        for bad in ["${", "${aws:username", "${}", "${a, b}", "${a, 'b}"] {
            assert!(Pattern::parse(bad, BOTH).is_err(), "{bad}");
        }
    }

    #[test]
    fn old_documents_have_no_variables() {
        let signs = Signs { wildcards: true, variables: false };
        let pattern = Pattern::parse("${aws:username}", signs).unwrap();
        assert!(pattern.matches("${aws:username}", false, &Named(&[])));
    }

    fn arn(pattern: &str, text: &str) -> bool {
        let variables = Named(&[("aws:userid", "AIDA:x")]);
        ArnPattern::parse(pattern, BOTH).unwrap().matches(text, &variables)
    }

    #[test]
    fn arns_match_field_by_field() {
        assert!(arn("arn:aws:ecs:*:*:cluster/*", "arn:aws:ecs:us-east-1:123456789012:cluster/a:b"));
        assert!(!arn("arn:aws:*:cluster/x", "arn:aws:ecs:us-east-1:123456789012:cluster/x"));
        assert!(arn("arn:aws:ecs", "arn:aws:ecs:us-east-1:123456789012:cluster/x"), "completed");
        assert!(arn("*", "*") && arn("*", "arn:aws:s3:::x"));
        assert!(!arn("arn:*", "*"), "a request without a resource needs the plain star");
        assert!(arn("arn:aws:s3:::b/${aws:userid}", "arn:aws:s3:::b/AIDA:x"));
        assert!(!arn("arn:aws:s3:::b", "arn:aws:s3:::B"));
    }

    /// The definition, with exponential time.
    fn slow(pattern: &[char], text: &[char]) -> bool {
        match (pattern.first(), text.first()) {
            (None, None) => true,
            (Some('*'), _) => slow(&pattern[1..], text) || (!text.is_empty() && slow(pattern, &text[1..])),
            (Some('?'), Some(_)) => slow(&pattern[1..], &text[1..]),
            (Some(a), Some(b)) if a == b => slow(&pattern[1..], &text[1..]),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn the_fast_matcher_agrees_with_the_definition(pattern in "[ab*?é]{0,8}", text in "[abé]{0,10}") {
            let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
            prop_assert_eq!(matches(&pattern, &text), slow(&p, &t));
        }

        #[test]
        fn any_text_is_read_without_a_panic(pattern in "[ -~é$\\{\\}'*?]{0,30}", text in "\\PC{0,20}") {
            if let Ok(pattern) = Pattern::parse(&pattern, BOTH) {
                pattern.matches(&text, true, &Named(&[]));
            }
        }
    }
}
