use serde_json::{Value, json};

use super::*;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

/// An image so many days old, with these tags.
fn image(name: &str, days: u32, tags: &[&str]) -> Candidate {
    Candidate {
        digest: Digest::of(name.as_bytes()),
        tags: tags.iter().map(|tag| tag.parse().unwrap()).collect(),
        pushed_at: NOW - DAY * days,
        pulled_at: None,
        archived_at: None,
        listed: false,
        is_referrer: false,
    }
}

fn rule(priority: u32, selection: Value) -> Value {
    json!({ "rulePriority": priority, "selection": selection, "action": { "type": "expire" } })
}

fn read(rules: Value) -> Result<LifecyclePolicy, String> {
    let parsed = LifecyclePolicy::parse(&json!({ "rules": rules }).to_string());
    parsed.map_err(|error| error.to_string())
}

/// The names of those that have had their time, with the rules that say so.
fn expiring(rules: Value, images: &[(&str, Candidate)]) -> Vec<(String, u32)> {
    let candidates: Vec<Candidate> = images.iter().map(|(_, image)| image.clone()).collect();
    let found = read(rules).unwrap().expiring(&candidates, NOW).into_iter();
    let name = |digest| images.iter().find(|(_, image)| image.digest == digest).unwrap().0.to_owned();
    found.map(|expiring| (name(expiring.digest), expiring.rule)).collect()
}

fn named<const N: usize>(images: [Candidate; N], names: [&'static str; N]) -> Vec<(&'static str, Candidate)> {
    names.into_iter().zip(images).collect()
}

#[test]
fn images_go_by_age_and_by_number() {
    let images = named(
        [image("a", 20, &[]), image("b", 14, &[]), image("c", 30, &["v1"]), image("d", 1, &["v2"])],
        ["a", "b", "c", "d"],
    );
    let old = json!([rule(
        1,
        json!({ "tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days",
        "countNumber": 14 })
    )]);
    assert_eq!(expiring(old, &images), [("a".to_owned(), 1)], "exactly 14 days are not more than 14 days");
    let many =
        json!([rule(7, json!({ "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 2 }))]);
    assert_eq!(expiring(many, &images), [("a".to_owned(), 7), ("c".to_owned(), 7)]);
}

#[test]
fn what_a_rule_selects_is_out_of_reach_of_later_ones_and_counts_there() {
    let images = named(
        [
            image("a", 1, &["prod-1"]),
            image("b", 2, &["dev-1"]),
            image("c", 3, &["prod-2"]),
            image("d", 4, &["dev-2"]),
        ],
        ["a", "b", "c", "d"],
    );
    let rules = json!([
        rule(10, json!({ "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1 })),
        rule(
            1,
            json!({ "tagStatus": "tagged", "tagPrefixList": ["prod"], "countType": "imageCountMoreThan",
            "countNumber": 1 })
        ),
    ]);
    let expected = [("c", 1), ("b", 10), ("d", 10)].map(|(name, rule)| (name.to_owned(), rule));
    assert_eq!(expiring(rules, &images), expected);
}

#[test]
fn all_prefixes_or_patterns_must_be_met() {
    let images = named(
        [image("a", 9, &["alpha1", "beta1"]), image("b", 9, &["alpha2"]), image("c", 9, &["x-web-y"])],
        ["a", "b", "c"],
    );
    let selecting = |name: &str, list: Value| {
        let mut selection = json!({ "tagStatus": "tagged", "countType": "sinceImagePushed", "countUnit": "days",
            "countNumber": 5 });
        selection[name] = list;
        let mut names: Vec<String> =
            expiring(json!([rule(1, selection)]), &images).into_iter().map(|(name, _)| name).collect();
        names.sort();
        names
    };
    assert_eq!(selecting("tagPrefixList", json!(["alpha", "beta"])), ["a"]);
    assert_eq!(selecting("tagPrefixList", json!(["alpha"])), ["a", "b"]);
    assert_eq!(selecting("tagPatternList", json!(["*web*"])), ["c"]);
    assert_eq!(selecting("tagPatternList", json!(["*1", "b*"])), ["a"]);
    assert_eq!(selecting("tagPatternList", json!(["*"])), ["a", "b", "c"]);
}

#[test]
fn pulls_keep_an_image_and_lists_keep_theirs() {
    let mut images = named(
        [image("a", 90, &[]), image("b", 90, &[]), image("c", 90, &[]), image("d", 90, &[])],
        ["a", "b", "c", "d"],
    );
    images[0].1.pulled_at = Some(NOW - DAY);
    images[1].1.listed = true;
    images[2].1.is_referrer = true;
    let rules = json!([rule(
        1,
        json!({ "tagStatus": "any", "countType": "sinceImagePulled", "countUnit": "days",
        "countNumber": 30 })
    )]);
    assert_eq!(expiring(rules, &images), [("d".to_owned(), 1)]);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let many =
        |status: &str| json!({ "tagStatus": status, "countType": "imageCountMoreThan", "countNumber": 1 });
    let with = |mut selection: Value, name: &str, value: Value| {
        selection[name] = value;
        json!([rule(1, selection)])
    };
    let transition =
        json!([{ "rulePriority": 1, "selection": many("any"), "action": { "type": "transition" } }]);
    let again = json!([{ "rulePriority": 1, "selection": with(many("any"), "storageClass", json!("archive"))[0]["selection"],
        "action": { "type": "transition", "targetStorageClass": "archive" } }]);
    let since = json!({ "tagStatus": "any", "countType": "sinceImageTransitioned", "countUnit": "days", "countNumber": 1 });
    for (rules, why) in [
        (json!([]), "array is too short: must have at least 1 elements but instance has 0 elements"),
        (json!([{}]), "missing required properties ([\"action\",\"rulePriority\",\"selection\"])"),
        (
            json!([rule(1, many("some"))]),
            "(\"some\") not found in enum (possible values: [\"any\",\"tagged\",\"untagged\"])",
        ),
        (json!([rule(0, many("any"))]), "minimum: 1, found: 0"),
        (
            json!([rule(1, many("tagged"))]),
            "Must specify tagPrefixList or tagPatternList when tagStatus=TAGGED.",
        ),
        (with(many("any"), "tagPrefixList", json!(["a"])), "must be empty when tagStatus is ANY"),
        (with(many("any"), "countUnit", json!("days")), "exactly one schema (matched 0 out of 4)"),
        (with(many("any"), "countType", json!("sinceImagePushed")), "(matched 0 out of 4)"),
        (with(many("any"), "countType", json!("often")), "(matched 0 out of 4)"),
        (with(many("any"), "storageClass", json!("archive")), "support the STANDARD storage class only"),
        (with(many("tagged"), "tagPatternList", json!(["*****"])), "Total number of * must not exceed 4"),
        (with(many("any"), "countNumber", json!("1")), "instance type (string)"),
        (with(many("any"), "color", json!("red")), "not allowed by the schema: ([\"color\"])"),
        (json!([rule(1, many("any")), rule(1, many("untagged"))]), "Duplicate priority in multiple rules"),
        (json!([rule(1, many("any")), rule(2, many("untagged"))]), "must have the lowest priority"),
        (
            json!([rule(1, many("untagged")), rule(2, many("untagged"))]),
            "Only one rule can select Untagged images per storage class.",
        ),
        (again, "only allowed when storageClass is standard"),
        (json!([rule(1, since)]), "only allowed when storageClass is archive"),
    ] {
        let error = read(rules.clone()).expect_err(&rules.to_string());
        assert!(error.starts_with("Lifecycle policy validation failure: ") && error.contains(why), "{error}");
    }
    let unmapped = "Lifecycle policy parsing failure: Could not map policyString into LifecyclePolicy.";
    assert_eq!(LifecyclePolicy::parse("{").unwrap_err().to_string(), unmapped);
    assert_eq!(read(transition).unwrap_err(), unmapped);
}

#[test]
fn old_images_are_archived_and_go_from_the_archive() {
    let archived = Candidate { archived_at: Some(NOW - DAY * 8), ..image("b", 90, &[]) };
    let images = named([image("a", 20, &["v1"]), archived, image("c", 1, &[])], ["a", "b", "c"]);
    let rules = json!([
        { "rulePriority": 1, "action": { "type": "transition", "targetStorageClass": "archive" },
          "selection": { "tagStatus": "any", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 7 } },
        { "rulePriority": 2, "action": { "type": "expire" },
          "selection": { "tagStatus": "any", "storageClass": "archive", "countType": "sinceImageTransitioned",
            "countUnit": "days", "countNumber": 7 } },
    ]);
    assert_eq!(expiring(rules.clone(), &images), [("a".to_owned(), 1), ("b".to_owned(), 2)]);
    let candidates: Vec<Candidate> = images.iter().map(|(_, image)| image.clone()).collect();
    let actions: Vec<Action> =
        read(rules).unwrap().expiring(&candidates, NOW).iter().map(|one| one.action).collect();
    assert_eq!(actions, [Action::Archive, Action::Expire]);
}
