//! The words in which a broken constraint is told.

use gantry_wire::{Limits, Model, Router};

use crate::fixture::{call, check, router};

fn message(protocol: &'static str, body: &str) -> String {
    match check(&router(), call(protocol, body.to_owned())) {
        Ok(_) => "right".into(),
        Err(error) => format!("{}: {}", error.code, error.message),
    }
}

fn json(body: &str) -> String {
    message("json", body).replace("ValidationException: 1 validation error detected: ", "")
}

#[test]
fn each_constraint_has_awss_words() {
    assert_eq!(json(r#"{"name":"abc"}"#), "right");
    assert_eq!(json("{}"), "Value null at 'name' failed to satisfy constraint: Member must not be null");
    assert_eq!(
        json(r#"{"name":"r r"}"#),
        "Value 'r r' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+"
    );
    assert_eq!(
        json(r#"{"name":"abcdefghi"}"#),
        "Value 'abcdefghi' at 'name' failed to satisfy constraint: Member must have length less than or equal to 8"
    );
    assert_eq!(
        json(r#"{"name":"a","count":11}"#),
        "Value '11' at 'count' failed to satisfy constraint: Member must have value less than or equal to 10"
    );
    assert_eq!(
        json(r#"{"name":"a","count":0}"#),
        "Value '0' at 'count' failed to satisfy constraint: Member must have value greater than or equal to 1"
    );
    assert_eq!(
        json(r#"{"name":"a","kind":"BLUE"}"#),
        "Value 'BLUE' at 'kind' failed to satisfy constraint: Member must satisfy enum value set: [RED, GREEN]"
    );
    assert_eq!(
        json(r#"{"name":"a","list":[{"key":"a"},{"key":"A"}]}"#),
        "Value 'A' at 'list.2.member.key' failed to satisfy constraint: \
         Member must satisfy regular expression pattern: [a-z]+"
    );
    assert_eq!(
        json(r#"{"name":"a","names":["a","B"]}"#),
        "Value '[a, B]' at 'names' failed to satisfy constraint: Member must satisfy constraint: \
         [Member must have length less than or equal to 8, Member must have length greater than or equal to 1, \
         Member must satisfy regular expression pattern: [a-z]+]"
    );
    assert_eq!(
        json(r#"{"name":"a","map":{"k":{}}}"#),
        "Value null at 'map.k.member.key' failed to satisfy constraint: Member must not be null"
    );
    assert_eq!(
        json(r#"{"name":"a","names":[]}"#),
        "Value '[]' at 'names' failed to satisfy constraint: Member must have length greater than or equal to 1"
    );
}

#[test]
fn secrets_are_not_told() {
    assert_eq!(
        json(r#"{"name":"a","secret":"hunter2"}"#),
        "Value at 'secret' failed to satisfy constraint: \
         Member must have length less than or equal to 2"
    );
}

#[test]
fn several_are_counted_and_told_together() {
    assert_eq!(
        message("query", "Action=Do&Version=2020-01-01&name=&count=11"),
        "ValidationError: 3 validation errors detected: \
         Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1; \
         Value '' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+; \
         Value '11' at 'count' failed to satisfy constraint: Member must have value less than or equal to 10"
    );
}

#[test]
fn length_is_counted_as_java_counts() {
    let text = "service x\nversion 1\nprotocols json\ntarget jsonTarget\nendpoint json\n\
                op Do POST / in=In\nstruct In s:S\nstring S @max=2\n";
    let model = Box::leak(Box::new(Model::parse(text).unwrap()));
    let router = Router::over(vec![model], Limits::STANDARD);
    assert!(check(&router, call("json", "{\"s\":\"éé\"}")).is_ok());
    assert!(check(&router, call("json", "{\"s\":\"😀\"}")).is_ok());
    assert!(check(&router, call("json", "{\"s\":\"é😀\"}")).is_err());
}

#[test]
fn services_word_it_their_own_way() {
    let word = |style: &str| {
        let text = format!(
            "service x\nversion 1\nprotocols json\ntarget jsonTarget\nendpoint json\nvalidation {style}\n\
             op Do POST / in=In validation=Own\nstruct In Name:S! Other:S\nstring S @pattern=[a-z]+\n"
        );
        let model = Box::leak(Box::new(Model::parse(Box::leak(text.into_boxed_str())).unwrap()));
        let router = Router::over(vec![model], Limits::STANDARD);
        let told = |body: &'static str| check(&router, call("json", body)).unwrap_err().to_string();
        [told("{}"), told(r#"{"Name":"A"}"#)]
    };
    assert_eq!(
        word("ecr InvalidParameterException"),
        [
            "Own: Invalid parameter at 'name' failed to satisfy constraint: 'must not be null'",
            "Own: Invalid parameter at 'name' failed to satisfy constraint: 'must satisfy regular expression '[a-z]+''",
        ]
    );
    assert_eq!(
        word("ec2 InvalidParameterValue"),
        [
            "MissingParameter: The request must contain the parameter Name",
            "Own: Value (A) for parameter Name is invalid. Member must satisfy regular expression pattern: [a-z]+",
        ]
    );
}
