//! Patterns with `*` (any number of characters) and `?` (exactly one), as rules use them.

/// Whether `text` as a whole is what `pattern` describes. A backslash before `*`, `?` or `\` takes it literally.
///
/// Takes time in proportion to the product of both lengths at worst, whatever the pattern.
pub fn matches(pattern: &str, text: &str) -> bool {
    run(pattern, text, |a, b| a == b)
}

/// The same without regard to the case of ASCII letters.
pub fn matches_ignoring_case(pattern: &str, text: &str) -> bool {
    run(pattern, text, |a, b| a.eq_ignore_ascii_case(&b))
}

/// How many wildcards a pattern has.
pub fn wildcards(pattern: &str) -> usize {
    parse(pattern).iter().filter(|part| !matches!(part, Part::Literal(_))).count()
}

#[derive(Clone, Copy)]
enum Part {
    Literal(char),
    One,
    Any,
}

fn parse(pattern: &str) -> Vec<Part> {
    let mut parts = Vec::with_capacity(pattern.len());
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        parts.push(match c {
            '*' => Part::Any,
            '?' => Part::One,
            '\\' => match chars.next_if(|next| matches!(next, '*' | '?' | '\\')) {
                Some(escaped) => Part::Literal(escaped),
                None => Part::Literal('\\'),
            },
            other => Part::Literal(other),
        });
    }
    parts
}

fn run(pattern: &str, text: &str, same: impl Fn(char, char) -> bool) -> bool {
    let parts = parse(pattern);
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut seen) = (0, 0);
    // Where to go back to: the last `*`, and how much of the text it has taken.
    let mut back: Option<(usize, usize)> = None;
    while seen < text.len() {
        match parts.get(at) {
            Some(Part::Any) => {
                back = Some((at, seen));
                at += 1;
            }
            Some(Part::One) => (at, seen) = (at + 1, seen + 1),
            Some(Part::Literal(c)) if same(*c, text[seen]) => (at, seen) = (at + 1, seen + 1),
            _ => match back {
                Some((star, taken)) => {
                    back = Some((star, taken + 1));
                    (at, seen) = (star + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    parts[at..].iter().all(|part| matches!(part, Part::Any))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stars_and_question_marks() {
        for (pattern, text, expected) in [
            ("/img/*", "/img/", true),
            ("/img/*", "/img", false),
            ("/img/*/pics", "/img/a/b/pics", true),
            ("*.example.com", "test.example.com", true),
            ("*.example.com", "example.com", false),
            ("/a?c", "/abc", true),
            ("/a?c", "/ac", false),
            ("*", "", true),
            ("", "", true),
            ("", "x", false),
            (r"a\*", "a*", true),
            (r"a\*", "ab", false),
            (r"a\b", r"a\b", true),
            ("/A", "/a", false),
            ("a*b*c", "axxbxxbyyc", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} against {text}");
        }
        assert!(matches_ignoring_case("*.EXAMPLE.com", "a.example.COM"));
        assert_eq!(wildcards(r"*a?\*"), 2);
    }

    /// The definition, word for word; exponential.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|taken| naive(rest, &text[taken..])),
            Some(('?', rest)) => !text.is_empty() && naive(rest, &text[1..]),
            Some((c, rest)) => text.first() == Some(c) && naive(rest, &text[1..]),
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(pattern in "[ab*?]{0,8}", text in "[ab]{0,8}") {
            let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
            prop_assert_eq!(matches(&pattern, &text), naive(&p, &t));
        }
    }
}
