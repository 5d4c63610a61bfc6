//! What people may see of a value.

use gantry_wire::{Show, Value};
use serde_json::json;

use crate::fixture::model;

fn input() -> (u16, Value) {
    let model = model("json");
    let id = model.shape_id("In").unwrap();
    let (secret, _) = model.structure(id).unwrap().member("secret").unwrap();
    (secret, Value::String("hush".to_owned()))
}

#[test]
fn what_is_sensitive_is_hidden_at_every_depth() {
    let model = model("json");
    let id = model.shape_id("In").unwrap();
    let (node, _) = model.structure(id).unwrap().member("node").unwrap();
    let inner = Value::Struct(vec![(0, Value::String("seen".to_owned())), input()]);
    let value = Value::Struct(vec![(1, Value::String("ann".to_owned())), (node, inner), input()]);
    let shown = Show { limit: 1000, hidden: &[] }.json(model, id, &value);
    let hidden = gantry_wire::shown::HIDDEN;
    let expected = json!({ "name": "ann", "node": { "text": "seen", "secret": hidden }, "secret": hidden });
    assert_eq!(shown, expected);
    let shown = Show { limit: 1000, hidden: &[("In", "name")] }.json(model, id, &value);
    assert_eq!(shown["name"], hidden);
}

#[test]
fn what_is_large_is_left_out() {
    let model = model("json");
    let id = model.shape_id("In").unwrap();
    let value = Value::Struct(vec![(0, Value::String("x".repeat(2000))), input()]);
    let shown = Show { limit: 1000, hidden: &[] }.json(model, id, &value);
    assert_eq!(shown["omitted"], true);
    assert!(shown["originalSize"].as_u64().unwrap() >= 2000);
    assert!(!shown.to_string().contains("xxx"));
}
