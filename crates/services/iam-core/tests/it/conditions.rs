//! One operator at a time, as AWS documents it.

use gantry_iam_core::Context;

use crate::world::*;

/// Whether a statement with this condition applies; `keys` are the request's, values split at `|`.
fn holds(operator: &str, key: &str, values: &str, keys: &[(&str, &str)]) -> bool {
    let policy = identity(&format!(
        r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{{"{operator}":{{"{key}":{values}}}}}"#
    ));
    let mut context = Context::new();
    for (key, values) in keys {
        context.set_all(key, values.split('|').filter(|value| !value.is_empty()));
    }
    ask_of(HOME, &carrying(user("ann"), [policy]), None, "ecs:RunTask", "*", &context).is_ok()
}

#[test]
fn strings() {
    let one = |operator, values, value| holds(operator, "ecs:x", values, &[("ecs:X", value)]);
    assert!(one("StringEquals", r#"["a","b"]"#, "b") && !one("StringEquals", r#""a""#, "A"));
    assert!(!one("StringEquals", r#""a*""#, "ab"), "no wildcards here");
    assert!(one("StringNotEquals", r#"["a","b"]"#, "c") && !one("StringNotEquals", r#"["a","b"]"#, "a"));
    assert!(one("StringEqualsIgnoreCase", r#""A""#, "a") && !one("StringNotEqualsIgnoreCase", r#""A""#, "a"));
    assert!(one("StringLike", r#""a*c?""#, "abbcd") && !one("StringNotLike", r#""a*""#, "ab"));
    assert!(one("stringequals", r#""a""#, "a"), "operators have no case");
    assert!(one("StringLike", r#""${aws:username}-*""#, "ann-1"));
}

#[test]
fn numbers_dates_and_bools() {
    let one = |operator, values, value| holds(operator, "ecs:x", values, &[("ecs:x", value)]);
    assert!(one("NumericEquals", "10", "10.0") && !one("NumericNotEquals", "[1,2]", "2"));
    assert!(one("NumericLessThan", r#""10""#, "9") && !one("NumericLessThan", r#""10""#, "10"));
    assert!(one("NumericGreaterThanEquals", r#""10""#, "10") && !one("NumericGreaterThan", r#""10""#, "x"));
    assert!(holds("DateGreaterThan", "aws:CurrentTime", r#""2026-01-01T23:59:59Z""#, &[]));
    assert!(!holds("DateGreaterThan", "aws:CurrentTime", r#""2026-01-02T00:00:00Z""#, &[]));
    assert!(holds("DateLessThanEquals", "aws:EpochTime", r#""2026-01-02""#, &[]));
    assert!(one("Bool", "true", "true") && one("Bool", r#""TRUE""#, "true") && !one("Bool", "false", "true"));
}

#[test]
fn addresses_and_arns() {
    let one = |operator, values, value| holds(operator, "aws:SourceIp", values, &[("aws:SourceIp", value)]);
    assert!(
        one("IpAddress", r#"["10.0.0.0/8","::1"]"#, "10.9.8.7") && one("IpAddress", r#""::1/128""#, "::1")
    );
    assert!(
        one("NotIpAddress", r#""10.0.0.0/8""#, "11.0.0.1")
            && !one("NotIpAddress", r#""10.0.0.0/8""#, "10.0.0.1")
    );
    let arn = "arn:aws:ecs:us-east-1:111111111111:cluster/web";
    let one = |operator, value: &str| {
        holds(operator, "ecs:cluster", &format!("{value:?}"), &[("ecs:cluster", arn)])
    };
    assert!(one("ArnEquals", arn) && one("ArnLike", "arn:aws:ecs:*:*:cluster/w?b"));
    assert!(one("ArnEquals", "arn:aws:ecs:*:*:*"), "ArnEquals takes wildcards too");
    assert!(!one("ArnLike", "arn:aws:ecs:*:cluster/web"), "a star stays in its field");
    assert!(!one("ArnNotLike", "arn:aws:ecs:*:*:*") && one("ArnNotEquals", "arn:aws:s3:::x"));
}

#[test]
fn absent_keys() {
    for (operator, expected) in [
        ("StringEquals", false),
        ("StringNotEquals", true),
        ("StringEqualsIfExists", true),
        ("StringNotLikeIfExists", true),
        ("NumericLessThan", false),
        ("NumericNotEquals", true),
        ("Bool", false),
        ("BoolIfExists", true),
        ("ForAllValues:StringEquals", true),
        ("ForAnyValue:StringEquals", false),
        ("ForAnyValue:StringNotEquals", false),
        ("ForAnyValue:StringEqualsIfExists", true),
    ] {
        assert_eq!(holds(operator, "ecs:x", r#""1""#, &[]), expected, "{operator}");
    }
    assert!(holds("NotIpAddress", "aws:SourceIp", r#""1.2.3.4""#, &[]));
    assert!(holds("Null", "ecs:x", "true", &[]) && !holds("Null", "ecs:x", "false", &[]));
    assert!(
        !holds("Null", "ecs:x", "true", &[("ecs:x", "1")])
            && holds("Null", "ecs:x", r#""false""#, &[("ecs:x", "1")])
    );
}

#[test]
fn several_values() {
    let one =
        |operator, values: &str| holds(operator, "aws:TagKeys", r#"["a","b"]"#, &[("aws:TagKeys", values)]);
    assert!(one("ForAllValues:StringEquals", "a|b") && !one("ForAllValues:StringEquals", "a|c"));
    assert!(one("ForAnyValue:StringEquals", "a|c") && !one("ForAnyValue:StringEquals", "c|d"));
    assert!(one("ForAllValues:StringNotEquals", "c|d") && !one("ForAllValues:StringNotEquals", "a|c"));
    assert!(one("ForAnyValue:StringNotEquals", "a|c") && !one("ForAnyValue:StringNotEquals", "a|b"));
    assert!(!one("StringNotEquals", "a|c"));
}

#[test]
fn all_conditions_must_hold() {
    let policy = identity(
        r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"ecs:a":"1","ecs:b":"1"},"Bool":{"ecs:c":"true"}}"#,
    );
    let caller = carrying(user("ann"), [policy]);
    let all = Context::new().with("ecs:a", "1").with("ecs:b", "1").with("ecs:c", "true");
    assert!(ask_of(HOME, &caller, None, "ecs:RunTask", "*", &all).is_ok());
    for key in ["ecs:a", "ecs:b", "ecs:c"] {
        let without = all.clone().with(key, "other");
        assert!(ask_of(HOME, &caller, None, "ecs:RunTask", "*", &without).is_err(), "{key}");
    }
}
