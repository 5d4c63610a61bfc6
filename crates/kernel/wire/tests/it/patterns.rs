//! Every pattern in every model has an engine that reads it, but for those that are known.

use gantry_wire::Model;
use gantry_wire::model::{Kind, Pattern};

/// Patterns that neither engine reads; values of these shapes are not held against them. Two are too large
/// when they are compiled, and say nothing that the length does not; one repeats a look-ahead.
const UNREADABLE: &[&str] =
    &["efs:Path", "ssm:InstancePropertyFilterValue", "ssm:InstancePropertyStringFilterKey"];

#[test]
fn all_patterns_are_read() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../models");
    let (mut count, mut unreadable) = (0, Vec::new());
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "model") {
            continue;
        }
        let model =
            Model::parse(Box::leak(std::fs::read_to_string(&path).unwrap().into_boxed_str())).unwrap();
        for shape in &model.shapes {
            if let Kind::String { pattern: Some(pattern), .. } = &shape.kind {
                count += 1;
                if !pattern.readable() {
                    unreadable.push(format!("{}:{} {}", model.service, shape.name, pattern.text()));
                }
            }
        }
    }
    assert!(count > 300, "only {count} patterns");
    let unknown: Vec<_> = unreadable
        .iter()
        .filter(|text| !UNREADABLE.contains(&text.split(' ').next().unwrap_or_default()))
        .collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
}

fn check(pattern: &'static str, value: &str, matches: bool) {
    assert_eq!(Pattern::new(pattern).matches(value), matches, "{pattern} {value:?}");
}

#[test]
fn patterns_mean_what_java_means() {
    check("[a-z]+", "abc", true);
    check("[a-z]+", "abc\n", false);
    check("a|b", "ab", false);
    check(r"[\w+=,.@-]+", "r r", false);
    check(r"[\w+=,.@-]+", "é", false);
    check(r"\w+", "é", false);
    check(r"[^\s]*", "a b", false);
    check(r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*", "😀 x", true);
    check(r"^(?!aws)[a-z]+$", "awsx", false);
    check(r"^(?!aws)[a-z]+$", "xaws", true);
    check("[[a-z]", "[", true);
    check(r"[\w-\/.]+", "a-/", true);
    check(r"\p{Print}+", "a b", true);
    check(r"[^\p{Alnum}]", "a", false);
    // A pattern with look-around has an end, whatever it is held against.
    check(r"^(?=(a+)+$)(a|a)*b$", &"a".repeat(2000), false);
}
