//! What a document may say, and the words for what it may not.

use gantry_iam_core::{Kind, Policy};
use proptest::prelude::*;

use crate::world::document;

fn refusal(kind: Kind, text: &str) -> String {
    Policy::parse(kind, text).map(|policy| policy.text().to_owned()).unwrap_err().to_string()
}

fn identity(inner: &str) -> String {
    refusal(Kind::Identity, &document(inner))
}

fn trust(inner: &str) -> String {
    refusal(Kind::Trust, &document(inner))
}

#[test]
fn syntax() {
    for text in [
        "",
        "not json",
        "[]",
        r#"{"Version":"2012-10-17"}"#,
        r#"{"Version":"2013-10-17","Statement":[]}"#,
        r#"{"Version":"2012-10-17","Statement":[]}"#,
        r#"{"Version":"2012-10-17","Statement":["x"]}"#,
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"},"Extra":1}"#,
    ] {
        assert_eq!(refusal(Kind::Identity, text), "Syntax errors in policy.", "{text}");
    }
    for inner in [
        r#""Effect":"Perhaps","Action":"*","Resource":"*""#,
        r#""Action":"*","Resource":"*""#,
        r#""Effect":"Allow","Action":"*","NotAction":"*","Resource":"*""#,
        r#""Effect":"Allow","Action":[1],"Resource":"*""#,
        r#""Effect":"Allow","Action":"*","Resource":"*","Extra":1"#,
        r#""Effect":"Allow","Action":"*","Action":"s3:*","Resource":"*""#,
        r#""Effect":"Allow","Action":"*","Resource":"*","Condition":[]"#,
        r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"a:b":[["x"]]}}"#,
    ] {
        assert_eq!(identity(inner), "Syntax errors in policy.", "{inner}");
    }
    let twice = document(r#""Effect":"Allow","Action":"*","Action":"s3:*","Resource":"*""#);
    let refused = Policy::parse(Kind::Identity, &twice).unwrap_err();
    assert!(refused.detail().unwrap().contains("stands twice"), "the log is told what is wrong");
    assert_eq!(refusal(Kind::Trust, "{"), "This policy contains invalid Json");
}

const LEGACY: &str = "The policy failed legacy parsing";

#[test]
fn elements() {
    for (inner, message) in [
        (r#""Effect":"Allow","Resource":"*""#, "Policy statement must contain actions."),
        (r#""Effect":"Allow","Action":[],"Resource":"*""#, "Policy statement must contain actions."),
        (r#""Effect":"Allow","Action":"*""#, "Policy statement must contain resources."),
        (
            r#""Effect":"Allow","Action":"RunTask","Resource":"*""#,
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ),
        (
            r#""Effect":"Allow","Action":"a:b:c","Resource":"*""#,
            "Actions/Condition can contain only one colon.",
        ),
        (r#""Effect":"Allow","Action":"e c:b","Resource":"*""#, "Vendor e c is not valid"),
        (
            r#""Effect":"Allow","Action":"*","Resource":"bucket""#,
            "Resource bucket must be in ARN format or \"*\".",
        ),
        (
            r#""Effect":"Allow","Action":"*","Resource":"arn:foo:s3:::b""#,
            "Partition \"foo\" is not valid for resource \"arn:foo:s3:::b\".",
        ),
        (
            r#""Effect":"Allow","Action":"*","Resource":"arn:aws""#,
            "Resource vendor must be fully qualified and cannot contain regexes.",
        ),
        (
            r#""Effect":"Allow","Action":"*","Resource":"arn:aws:iam:us-east-1:1:role/x""#,
            "IAM resource arn:aws:iam:us-east-1:1:role/x cannot contain region information.",
        ),
        (
            r#""Effect":"Allow","Principal":"*","Action":"*","Resource":"*""#,
            "Policy document should not specify a principal.",
        ),
        (
            r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringIs":{"a:b":"x"}}"#,
            "Syntax errors in policy.",
        ),
        (r#""Effect":"allow","Action":"*","Resource":"*""#, LEGACY),
        (r#""Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3::bucket""#, LEGACY),
        (r#""Effect":"Allow","Action":"s3:*","Resource":"arn:aws::::bucket""#, LEGACY),
        (
            r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"soon"}}"#,
            LEGACY,
        ),
        (
            r#""Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam:::bucket""#,
            "IAM resource path must either be \"*\" or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.",
        ),
        (
            r#""Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:us-east-1::bucket""#,
            "Resource arn:aws:s3:us-east-1::bucket can not contain region information.",
        ),
        // The first broken rule of the whole document is named: resources before actions.
        (
            r#""Effect":"Allow","Action":"a:b:c","Resource":"bucket""#,
            "Resource bucket must be in ARN format or \"*\".",
        ),
        (
            r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"NumericEquals":{"a:b":"x"}}"#,
            "Condition key a:b: \"x\" is not a number.",
        ),
    ] {
        assert_eq!(identity(inner), message, "{inner}");
    }
    let twice = r#"{"Version":"2012-10-17","Statement":[
        {"Sid":"A","Effect":"Allow","Action":"*","Resource":"*"},
        {"Sid":"A","Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    assert_eq!(refusal(Kind::Identity, twice), "Statement IDs (SID) in a single policy must be unique.");
    let old = r#"{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    assert_eq!(refusal(Kind::Managed, old), "Policy document must be version 2012-10-17 or greater.");
    assert!(Policy::parse(Kind::Identity, old).is_ok(), "inline policies may be old");
}

#[test]
fn what_iam_lets_pass() {
    for inner in [
        r#""Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:fdsasf""#,
        r#""Effect":"Allow","Action":"s3:ListBucket","Resource":["arn:aws:s3:::a", null]"#,
        r#""Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:us-west-2:111111111111:accesspoint/mine""#,
        r#""Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::*:user/${aws:username}""#,
        r#""Effect":"Allow","Action":"iam:*","Resource":["arn:aws:iam::111111111111:root", "arn:aws:iam::*:r*"]"#,
        r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"Unknown":{},"DateGreaterThan":{"a":[]}}"#,
        r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateGreaterThan":{"a":"01T"}}"#,
        r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"ForAnyValue:StringEqualsIfExists":{"a":"b"}}"#,
    ] {
        Policy::parse(Kind::Identity, &document(inner))
            .unwrap_or_else(|refused| panic!("{inner}: {refused}"));
    }
}

#[test]
fn trust_policies() {
    for (inner, message) in [
        (r#""Effect":"Allow","Action":"sts:AssumeRole""#, "Missing required field Principal"),
        (
            r#""Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Resource":"*""#,
            "Has prohibited field Resource",
        ),
        (
            r#""Effect":"Allow","Principal":{"AWS":"*"},"Action":"ecs:RunTask""#,
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
        (
            r#""Effect":"Allow","Principal":{"AWS":"ann"},"Action":"sts:AssumeRole""#,
            "Invalid principal in policy: \"AWS\":\"ann\"",
        ),
        (
            r#""Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:user/*"},"Action":"sts:AssumeRole""#,
            "Invalid principal in policy: \"AWS\":\"arn:aws:iam::111111111111:user/*\"",
        ),
        (
            r#""Effect":"Allow","Principal":{"Service":"*"},"Action":"sts:AssumeRole""#,
            "Invalid principal in policy: \"SERVICE\":\"*\"",
        ),
    ] {
        assert_eq!(trust(inner), message, "{inner}");
    }
    let old = r#"{"Version":"2008-10-17","Statement":[{"Sid":"","Effect":"Allow",
        "Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let policy = Policy::parse(Kind::Trust, old).unwrap();
    assert_eq!(policy.text(), old, "the text is kept as it was");
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in "[\\{\\}\\[\\]\",:a-zA-Z0-9*$ ]{0,60}") {
        for kind in [Kind::Identity, Kind::Resource, Kind::Trust] {
            let _ = Policy::parse(kind, &text);
        }
    }

    #[test]
    fn any_value_in_any_element_is_read_without_a_panic(
        element in prop::sample::select(vec!["Sid", "Effect", "Principal", "Action", "Resource", "Condition"]),
        value in prop::sample::select(vec!["null", "1", "[]", "{}", "\"\"", "[[]]", "{\"a\":{}}", "{\"Null\":{\"a:b\":null}}",
            "\"arn\"", "\"arn:\"", "\"arn:aws:\"", "\"::::::::\"", "{\"AWS\":[\"arn:aws:iam::1:\"]}"]),
    ) {
        let parts: Vec<String> = [("Effect", "\"Allow\""), ("Action", "\"sts:*\""), ("Resource", "\"*\"")]
            .iter()
            .filter(|(name, _)| *name != element)
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .chain([format!("\"{element}\":{value}")])
            .collect();
        for kind in [Kind::Identity, Kind::Resource, Kind::Trust] {
            let _ = Policy::parse(kind, &document(&parts.join(",")));
        }
    }
}
