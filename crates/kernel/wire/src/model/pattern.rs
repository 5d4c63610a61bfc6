//! A string's pattern, compiled when first used.

use std::sync::OnceLock;

/// A regular expression as AWS wrote it, for Java's engine.
#[derive(Debug)]
pub struct Pattern {
    text: &'static str,
    compiled: OnceLock<Option<Engine>>,
}

#[derive(Debug)]
enum Engine {
    Plain(regex::Regex),
    /// Patterns that look around; bounded in its steps.
    Fancy(fancy_regex::Regex),
}

/// Steps that a pattern with look-around may take before a value counts as not matching.
const BACKTRACK_LIMIT: usize = 100_000;

impl Pattern {
    pub fn new(text: &'static str) -> Self {
        Pattern { text, compiled: OnceLock::new() }
    }

    /// As AWS wrote it, for messages.
    pub fn text(&self) -> &'static str {
        self.text
    }

    /// Whether the whole of `value` matches. A pattern that no engine here can read lets everything pass;
    /// [`Pattern::readable`] tells, and a test lists them all.
    pub fn matches(&self, value: &str) -> bool {
        match self.engine() {
            None => true,
            Some(Engine::Plain(regex)) => regex.is_match(value),
            Some(Engine::Fancy(regex)) => regex.is_match(value).unwrap_or(false),
        }
    }

    /// Whether there is an engine that reads this pattern.
    pub fn readable(&self) -> bool {
        self.engine().is_some()
    }

    fn engine(&self) -> Option<&Engine> {
        self.compiled.get_or_init(|| compile(self.text)).as_ref()
    }
}

fn compile(text: &str) -> Option<Engine> {
    let whole = format!(r"\A(?:{})\z", from_java(text));
    if let Ok(regex) = regex::RegexBuilder::new(&whole).size_limit(16 << 20).build() {
        return Some(Engine::Plain(regex));
    }
    fancy_regex::RegexBuilder::new(&whole).backtrack_limit(BACKTRACK_LIMIT).build().ok().map(Engine::Fancy)
}

/// Java's shorthand classes are ASCII, and inside brackets a bare `[` or `&&` means something else here.
fn from_java(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut chars = text.chars().peekable();
    let mut in_class = false;
    let mut shorthand = false;
    while let Some(c) = chars.next() {
        let after_shorthand =
            std::mem::replace(&mut shorthand, c == '\\' && matches!(chars.peek(), Some('w' | 'd' | 's')));
        match c {
            // A hyphen behind a shorthand is itself, and not the middle of a range.
            '-' if in_class && after_shorthand => out.push_str(r"\-"),
            '\\' => match chars.next() {
                Some('w') => out.push_str(if in_class { "0-9A-Za-z_" } else { "[0-9A-Za-z_]" }),
                Some('d') => out.push_str(if in_class { "0-9" } else { "[0-9]" }),
                Some('s') => out.push_str(if in_class { r" \t\n\x0B\x0C\r" } else { r"[ \t\n\x0B\x0C\r]" }),
                Some('W') => out.push_str("[^0-9A-Za-z_]"),
                Some('D') => out.push_str("[^0-9]"),
                Some('S') => out.push_str(r"[^ \t\n\x0B\x0C\r]"),
                Some('u') => {
                    let code: String = chars.by_ref().take(4).collect();
                    // Java writes what lies beyond the basic plane as two surrogates; a class of those
                    // matches any such character.
                    match code.to_ascii_uppercase().as_str() {
                        "D800" | "DC00" => out.push_str(r"\x{10000}"),
                        "DBFF" | "DFFF" | "10FFFF" => out.push_str(r"\x{10FFFF}"),
                        code => {
                            out.push_str(r"\x{");
                            out.push_str(code);
                            out.push('}');
                        }
                    }
                }
                Some('p') if posix(&mut chars, &mut out, in_class) => {}
                Some('Z') => out.push_str(r"\z"),
                Some(next) => {
                    out.push('\\');
                    out.push(next);
                }
                None => out.push_str(r"\\"),
            },
            '[' if !in_class => {
                in_class = true;
                out.push('[');
                if chars.peek() == Some(&'^') {
                    chars.next();
                    out.push('^');
                }
                if chars.peek() == Some(&']') {
                    chars.next();
                    out.push_str(r"\]");
                }
            }
            '[' => out.push_str(r"\["),
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// Java's names of ASCII classes: `\p{Print}`. Any other name is left as it is.
fn posix(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String, in_class: bool) -> bool {
    let rest: String = chars.clone().collect();
    let Some((name, _)) = rest.strip_prefix('{').and_then(|rest| rest.split_once('}')) else { return false };
    let class = match name {
        "Print" => r"\x20-\x7E",
        "Graph" => r"\x21-\x7E",
        "ASCII" => r"\x00-\x7F",
        "Alnum" => "0-9A-Za-z",
        "Alpha" => "A-Za-z",
        "Digit" => "0-9",
        "Lower" => "a-z",
        "Upper" => "A-Z",
        "Space" => r" \t\n\x0B\x0C\r",
        "Punct" => r"!-/:-@\[-`{-~",
        _ => return false,
    };
    for _ in 0..name.len() + 2 {
        chars.next();
    }
    if in_class {
        out.push_str(class);
    } else {
        out.push('[');
        out.push_str(class);
        out.push(']');
    }
    true
}
