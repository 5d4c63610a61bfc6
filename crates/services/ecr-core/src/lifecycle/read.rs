//! Reading a policy's text, and saying what is wrong with it as AWS does.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Action, Count, LifecyclePolicy, Rule, Selection};

/// Why a text is no policy. The words are those of AWS, whose validator is a JSON schema's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Lifecycle policy {step} failure: {why}")]
pub struct BadPolicy {
    step: &'static str,
    why: String,
}

/// The most rules of a policy, and the most prefixes or patterns of a rule.
const MAX_RULES: usize = 50;
const MAX_TAGS: usize = 100;
/// The most `*` of a pattern.
const MAX_STARS: usize = 4;

fn bad<T>(why: impl Into<String>) -> Result<T, BadPolicy> {
    Err(BadPolicy { step: "validation", why: why.into() })
}

/// It is no policy before its schema is asked.
fn unmapped<T>() -> Result<T, BadPolicy> {
    let why = "Could not map policyString into LifecyclePolicy.".to_owned();
    Err(BadPolicy { step: "parsing", why })
}

/// AWS has a schema for each type of count; this fits none of the four.
fn no_count<T>() -> Result<T, BadPolicy> {
    bad("instance failed to match exactly one schema (matched 0 out of 4)")
}

impl LifecyclePolicy {
    /// Reads a policy.
    pub fn parse(text: &str) -> Result<LifecyclePolicy, BadPolicy> {
        let Ok(Value::Object(policy)) = serde_json::from_str::<Value>(text) else {
            return unmapped();
        };
        only(&policy, &["rules"])?;
        let rules = required(&policy, &["rules"]).map(|()| &policy["rules"])?;
        let Value::Array(rules) = rules else { return wrong_type(rules, "array") };
        if rules.is_empty() {
            return bad("array is too short: must have at least 1 elements but instance has 0 elements");
        }
        at_most(MAX_RULES, rules)?;
        let mut rules = rules.iter().map(rule).collect::<Result<Vec<Rule>, BadPolicy>>()?;
        rules.sort_by_key(|rule| rule.priority);
        check(&rules)?;
        Ok(LifecyclePolicy { rules })
    }
}

fn check(rules: &[Rule]) -> Result<(), BadPolicy> {
    let priorities: BTreeSet<u32> = rules.iter().map(|rule| rule.priority).collect();
    if priorities.len() < rules.len() {
        return bad("Duplicate priority in multiple rules");
    }
    for archived in [false, true] {
        let rules: Vec<&Rule> = rules.iter().filter(|rule| rule.archived == archived).collect();
        let any: Vec<usize> = places(&rules, |selection| *selection == Selection::Any);
        if any.len() > 1 {
            return bad("Only one rule can specify tagStatus=ANY per storage class.");
        }
        if any.first().is_some_and(|at| at + 1 < rules.len()) {
            return bad("Rule for tagStatus=ANY must have the lowest priority per storage class.");
        }
        let untagged = places(&rules, |selection| *selection == Selection::Untagged).len();
        if untagged > 1 {
            return bad("Only one rule can select Untagged images per storage class.");
        }
    }
    Ok(())
}

fn places(rules: &[&Rule], is: impl Fn(&Selection) -> bool) -> Vec<usize> {
    rules.iter().enumerate().filter(|(_, rule)| is(&rule.selection)).map(|(at, _)| at).collect()
}

fn rule(value: &Value) -> Result<Rule, BadPolicy> {
    let rule = object(value)?;
    only(rule, &["rulePriority", "description", "selection", "action"])?;
    required(rule, &["rulePriority", "selection", "action"])?;
    let priority = number(&rule["rulePriority"])?;
    if rule.get("description").is_some_and(|description| !description.is_string()) {
        return wrong_type(&rule["description"], "string");
    }
    let action = action(object(&rule["action"])?)?;
    let asked = object(&rule["selection"])?;
    let known = [
        "tagStatus",
        "tagPrefixList",
        "tagPatternList",
        "storageClass",
        "countType",
        "countUnit",
        "countNumber",
    ];
    only(asked, &known)?;
    required(asked, &["tagStatus", "countType", "countNumber"])?;
    let archived = match asked.get("storageClass") {
        Some(class) => one_of(class, &["archive", "standard"])? == "archive",
        None => false,
    };
    if archived && action == Action::Archive {
        return bad("an action of type transition is only allowed when storageClass is standard");
    }
    let count = count(asked)?;
    let since_archived = matches!(count, Count::DaysSinceArchived(_));
    if since_archived && !archived {
        return bad("countType sinceImageTransitioned is only allowed when storageClass is archive");
    }
    if archived && !since_archived {
        return bad(
            "SINCE_IMAGE_PUSHED, SINCE_IMAGE_PULLED and IMAGE_COUNT_MORE_THAN support the STANDARD storage class only",
        );
    }
    Ok(Rule { priority, selection: selection(asked)?, archived, count, action })
}

fn action(action: &Map<String, Value>) -> Result<Action, BadPolicy> {
    only(action, &["type", "targetStorageClass"])?;
    required(action, &["type"])?;
    match one_of(&action["type"], &["expire", "transition"])? {
        "expire" if action.contains_key("targetStorageClass") => {
            bad("targetStorageClass is only allowed for an action of type transition")
        }
        "expire" => Ok(Action::Expire),
        _ if !action.contains_key("targetStorageClass") => unmapped(),
        _ => {
            one_of(&action["targetStorageClass"], &["archive"])?;
            Ok(Action::Archive)
        }
    }
}

fn selection(asked: &Map<String, Value>) -> Result<Selection, BadPolicy> {
    let status = one_of(&asked["tagStatus"], &["any", "tagged", "untagged"])?;
    let prefixes = asked.get("tagPrefixList").map(texts).transpose()?.filter(|list| !list.is_empty());
    let patterns = asked.get("tagPatternList").map(texts).transpose()?.filter(|list| !list.is_empty());
    match (status, prefixes, patterns) {
        ("tagged", Some(_), Some(_)) => {
            bad("If policy has a tagged rule, it must specify only one of tagPrefixList or tagPatternList")
        }
        ("tagged", Some(prefixes), None) => Ok(Selection::Prefixes(prefixes)),
        ("tagged", None, Some(patterns)) => {
            if patterns.iter().any(|pattern| pattern.matches('*').count() > MAX_STARS) {
                return bad(format!(
                    "Invalid tag pattern provided. Total number of * must not exceed {MAX_STARS}"
                ));
            }
            Ok(Selection::Patterns(patterns))
        }
        ("tagged", None, None) => bad("Must specify tagPrefixList or tagPatternList when tagStatus=TAGGED."),
        (_, None, None) if status == "any" => Ok(Selection::Any),
        (_, None, None) => Ok(Selection::Untagged),
        _ => bad(format!(
            "tagPrefixList and tagPatternList must be empty when tagStatus is {}",
            status.to_uppercase()
        )),
    }
}

fn count(asked: &Map<String, Value>) -> Result<Count, BadPolicy> {
    let kinds = ["imageCountMoreThan", "sinceImagePulled", "sinceImagePushed", "sinceImageTransitioned"];
    let Value::String(kind) = &asked["countType"] else { return wrong_type(&asked["countType"], "string") };
    if !kinds.contains(&kind.as_str()) {
        return no_count();
    }
    let number = number(&asked["countNumber"])?;
    let unit = asked.get("countUnit").map(|unit| one_of(unit, &["days"])).transpose()?;
    match (kind.as_str(), unit) {
        ("imageCountMoreThan", None) => Ok(Count::MoreThan(number as usize)),
        ("imageCountMoreThan", Some(_)) | (_, None) => no_count(),
        ("sinceImageTransitioned", Some(_)) => Ok(Count::DaysSinceArchived(number)),
        ("sinceImagePulled", Some(_)) => Ok(Count::DaysSincePulled(number)),
        (_, Some(_)) => Ok(Count::DaysSincePushed(number)),
    }
}

fn object(value: &Value) -> Result<&Map<String, Value>, BadPolicy> {
    value.as_object().map_or_else(|| wrong_type(value, "object"), Ok)
}

/// A whole number from 1 on.
fn number(value: &Value) -> Result<u32, BadPolicy> {
    if !value.is_i64() && !value.is_u64() {
        return wrong_type(value, "integer");
    }
    match value.as_u64().map(u32::try_from) {
        None | Some(Ok(0)) => {
            bad(format!("numeric instance is lower than the required minimum (minimum: 1, found: {value})"))
        }
        Some(Ok(number)) => Ok(number),
        Some(Err(_)) => bad(format!(
            "numeric instance is greater than the required maximum (maximum: {}, found: {value})",
            u32::MAX
        )),
    }
}

fn at_most(most: usize, list: &[Value]) -> Result<(), BadPolicy> {
    match list.len() {
        long if long > most => bad(format!(
            "array is too long: must have at most {most} elements but instance has {long} elements"
        )),
        _ => Ok(()),
    }
}

fn texts(value: &Value) -> Result<Vec<String>, BadPolicy> {
    let Value::Array(list) = value else { return wrong_type(value, "array") };
    at_most(MAX_TAGS, list)?;
    list.iter()
        .map(|item| match item {
            Value::String(text) if !text.is_empty() => Ok(text.clone()),
            Value::String(_) => bad("string \"\" is too short (length: 0, required minimum: 1)"),
            other => wrong_type(other, "string"),
        })
        .collect()
}

fn one_of<'v>(value: &'v Value, possible: &[&str]) -> Result<&'v str, BadPolicy> {
    let Value::String(text) = value else { return wrong_type(value, "string") };
    if possible.contains(&text.as_str()) {
        return Ok(text);
    }
    let possible: Vec<String> = possible.iter().map(|value| format!("\"{value}\"")).collect();
    bad(format!("instance value (\"{text}\") not found in enum (possible values: [{}])", possible.join(",")))
}

fn wrong_type<T>(found: &Value, allowed: &str) -> Result<T, BadPolicy> {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    bad(format!(
        "instance type ({found}) does not match any allowed primitive type (allowed: [\"{allowed}\"])"
    ))
}

fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: BTreeSet<&str> = names.collect();
    let names: Vec<String> = names.into_iter().map(|name| format!("\"{name}\"")).collect();
    names.join(",")
}

fn required(object: &Map<String, Value>, names: &[&str]) -> Result<(), BadPolicy> {
    let missing: Vec<&str> = names.iter().copied().filter(|name| !object.contains_key(*name)).collect();
    match missing.is_empty() {
        true => Ok(()),
        false => bad(format!("object has missing required properties ([{}])", quoted(missing.into_iter()))),
    }
}

fn only(object: &Map<String, Value>, names: &[&str]) -> Result<(), BadPolicy> {
    let unknown: Vec<&str> = object.keys().map(String::as_str).filter(|name| !names.contains(name)).collect();
    match unknown.is_empty() {
        true => Ok(()),
        false => bad(format!(
            "object instance has properties which are not allowed by the schema: ([{}])",
            quoted(unknown.into_iter())
        )),
    }
}
