//! The engine against an evaluator written from the definitions, without a thought for speed.
//!
//! Both read the same documents; the naive one looks at raw JSON each time.

use std::sync::Arc;

use gantry_iam_core::{Caller, Context, Kind, Policy, Principal};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::world::*;

fn glob(pattern: &[char], text: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('*', rest)) => (0..=text.len()).any(|skip| glob(rest, &text[skip..])),
        Some(('?', rest)) => !text.is_empty() && glob(rest, &text[1..]),
        Some((sign, rest)) => text.first() == Some(sign) && glob(rest, &text[1..]),
    }
}

fn like(pattern: &str, text: &str) -> bool {
    glob(&pattern.chars().collect::<Vec<_>>(), &text.chars().collect::<Vec<_>>())
}

fn arn_like(pattern: &str, text: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let (pattern, text): (Vec<_>, Vec<_>) = (pattern.splitn(6, ':').collect(), text.splitn(6, ':').collect());
    text.len() == 6 && pattern.len() == 6 && pattern.iter().zip(&text).all(|(p, t)| like(p, t))
}

fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    }
}

struct Asked<'a> {
    principal: &'a Principal,
    action: &'a str,
    resource: &'a str,
    tag: Option<&'a str>,
}

/// 0: not about the caller; 1: its account; 2: its role or everybody; 3: itself.
fn about(statement: &Value, asked: &Asked<'_>) -> u8 {
    let Some(principal) = statement.get("Principal") else { return 3 };
    let rank = |name: &str| match asked.principal {
        _ if name == "*" => 2,
        Principal::Root { .. } | Principal::User { .. } | Principal::AssumedRole { .. }
            if name == format!("arn:aws:iam::{HOME}:root") =>
        {
            1
        }
        Principal::AssumedRole { role_arn, .. } if name == role_arn => 2,
        other if name == other.arn() => 3,
        _ => 0,
    };
    strings(&principal["AWS"]).into_iter().map(rank).max().unwrap_or(0)
}

fn applies(statement: &Value, asked: &Asked<'_>) -> u8 {
    let folded = asked.action.to_lowercase();
    let named =
        |name: &str| statement.get(name).map(|v| strings(v).iter().any(|p| like(&p.to_lowercase(), &folded)));
    let action = named("Action").unwrap_or_else(|| !named("NotAction").unwrap());
    let named =
        |name: &str| statement.get(name).map(|v| strings(v).iter().any(|p| arn_like(p, asked.resource)));
    let resource = named("Resource").or(named("NotResource").map(|is| !is)).unwrap_or(true);
    let condition = match &statement["Condition"] {
        Value::Null => true,
        condition => condition.as_object().unwrap().iter().all(|(operator, keys)| {
            let wanted = keys["ecs:tag"].as_str().unwrap();
            match (operator.as_str(), asked.tag) {
                ("StringEquals", tag) => tag == Some(wanted),
                ("StringNotEquals", tag) => tag != Some(wanted),
                ("StringLikeIfExists", tag) => tag.is_none_or(|tag| like(wanted, tag)),
                ("Null", tag) => (wanted == "true") == tag.is_none(),
                _ => unreachable!(),
            }
        }),
    };
    if action && resource && condition { about(statement, asked) } else { 0 }
}

fn effect(policies: &[&Value], effect: &str, asked: &Asked<'_>) -> u8 {
    let statements = policies.iter().flat_map(|policy| policy["Statement"].as_array().unwrap());
    statements.filter(|s| s["Effect"] == effect).map(|s| applies(s, asked)).max().unwrap_or(0)
}

#[derive(Debug, Clone)]
struct Scene {
    who: usize,
    away: bool,
    identity: Vec<Value>,
    boundary: Option<Value>,
    session: Vec<Value>,
    resource: Option<Value>,
    action: &'static str,
    target: &'static str,
    tag: Option<&'static str>,
}

fn allowed(scene: &Scene, principal: &Principal) -> bool {
    let asked = Asked { principal, action: scene.action, resource: scene.target, tag: scene.tag };
    let groups: [Vec<&Value>; 4] = [
        scene.identity.iter().collect(),
        scene.boundary.iter().collect(),
        scene.session.iter().collect(),
        scene.resource.iter().collect(),
    ];
    if groups.iter().any(|group| effect(group, "Deny", &asked) > 0) {
        return false;
    }
    let [identity, boundary, session, resource] = groups.map(|g| (g.is_empty(), effect(&g, "Allow", &asked)));
    let root = matches!(principal, Principal::Root { .. });
    let narrow = (boundary.0 || boundary.1 > 0) && (session.0 || session.1 > 0);
    let own = (root || identity.1 > 0) && narrow;
    if scene.away {
        return own && resource.1 > 0;
    }
    match resource.1 {
        3 => true,
        2 => narrow,
        _ => own,
    }
}

fn statement(with_principal: bool) -> impl Strategy<Value = Value> {
    let actions = prop::sample::subsequence(
        vec!["*", "ecs:*", "ECS:Run*", "ecs:StopTask", "iam:?etRole", "ecs:*Task"],
        1..3,
    );
    let resources = prop::sample::subsequence(
        vec![
            "*",
            "arn:aws:ecs:*:*:cluster/*",
            "arn:aws:ecs:us-*:111111111111:cluster/w?b",
            "arn:*:*:*:111111111111:*",
            "arn:aws:ecs:*:cluster/web:x:y",
            "arn:aws:iam::*:role/a*",
        ],
        1..3,
    );
    let condition = prop::option::weighted(
        0.4,
        prop::sample::select(vec![
            json!({"StringEquals": {"ecs:tag": "blue"}}),
            json!({"StringNotEquals": {"ecs:tag": "blue"}}),
            json!({"StringLikeIfExists": {"ecs:tag": "b*"}}),
            json!({"Null": {"ecs:tag": "true"}}),
            json!({"Null": {"ecs:tag": "false"}, "StringNotEquals": {"ecs:tag": "red"}}),
        ]),
    );
    let principals = prop::sample::subsequence(
        vec![
            "*".to_owned(),
            format!("arn:aws:iam::{HOME}:root"),
            format!("arn:aws:iam::{HOME}:user/team/ann"),
            format!("arn:aws:iam::{HOME}:role/path/app"),
            format!("arn:aws:sts::{HOME}:assumed-role/app/s1"),
            format!("arn:aws:iam::{AWAY}:root"),
        ],
        1..3,
    );
    (any::<[bool; 3]>(), 0..4u8, actions, resources, condition, principals).prop_map(
        move |([not_action, not_resource, bare], deny, actions, resources, condition, principals)| {
            let mut statement = json!({"Effect": if deny == 0 { "Deny" } else { "Allow" }});
            statement[if not_action { "NotAction" } else { "Action" }] = json!(actions);
            if !(with_principal && bare) {
                statement[if not_resource { "NotResource" } else { "Resource" }] = json!(resources);
            }
            if let Some(condition) = condition {
                statement["Condition"] = condition;
            }
            if with_principal {
                statement["Principal"] = json!({ "AWS": principals });
            }
            statement
        },
    )
}

fn policy(with_principal: bool) -> impl Strategy<Value = Value> {
    prop::collection::vec(statement(with_principal), 1..4)
        .prop_map(|statements| json!({"Version": "2012-10-17", "Statement": statements}))
}

fn scene() -> impl Strategy<Value = Scene> {
    (
        (0..3usize, any::<bool>()),
        prop::collection::vec(policy(false), 0..3),
        prop::option::weighted(0.3, policy(false)),
        prop::collection::vec(policy(false), 0..2),
        prop::option::weighted(0.6, policy(true)),
        prop::sample::select(vec!["ecs:RunTask", "ecs:StopTask", "iam:GetRole", "s3:GetObject"]),
        prop::sample::select(vec![
            "*",
            "arn:aws:ecs:us-east-1:111111111111:cluster/web",
            "arn:aws:ecs:eu-west-1:111111111111:cluster/x:y",
            "arn:aws:iam::111111111111:role/app",
        ]),
        prop::sample::select(vec![None, Some("blue"), Some("red"), Some("b")]),
    )
        .prop_map(|((who, away), identity, boundary, session, resource, action, target, tag)| Scene {
            who,
            away,
            identity,
            boundary,
            session,
            resource,
            action,
            target,
            tag,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]
    #[test]
    fn the_engine_agrees_with_the_definition(scene in scene()) {
        let principal = match scene.who {
            0 => Caller::root(account(HOME)).principal,
            1 => user("ann"),
            _ => role("app"),
        };
        let read = |kind: Kind, value: &Value| Arc::new(Policy::parse(kind, &value.to_string()).unwrap());
        let mut caller = Caller::new(principal.clone());
        caller.policies.identity = scene.identity.iter().map(|p| read(Kind::Identity, p)).collect();
        caller.policies.boundary = scene.boundary.as_ref().map(|p| read(Kind::Identity, p));
        caller.policies.session = scene.session.iter().map(|p| read(Kind::Identity, p)).collect();
        let resource = scene.resource.as_ref().map(|p| read(Kind::Resource, p));
        let mut context = Context::new();
        if let Some(tag) = scene.tag {
            context.set("ecs:tag", tag);
        }
        let owner = if scene.away { AWAY } else { HOME };
        let verdict = ask_of(owner, &caller, resource.as_deref(), scene.action, scene.target, &context);
        prop_assert_eq!(verdict.is_ok(), allowed(&scene, &principal), "{:?}", verdict);
    }
}
