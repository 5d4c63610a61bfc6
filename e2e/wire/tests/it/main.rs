//! The proof, on a seeded sample; `GANTRY_ROUND_TRIP=all` for everything.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

use std::collections::HashMap;

use gantry_wire::Router;
use gantry_wire_proof::case::{self, Case};
use gantry_wire_proof::peer::Peer;
use gantry_wire_proof::world::{self, Typed};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::Value as Json;

mod control;

/// Everything, in place of a sample.
fn all() -> bool {
    std::env::var("GANTRY_ROUND_TRIP").is_ok_and(|word| word == "all")
}

/// The seed: `GANTRY_SEED`, or always the same.
fn seed() -> u64 {
    std::env::var("GANTRY_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// Protocols to force on the client: its own choice, and every other that the service speaks.
fn protocols(described: &Json) -> Vec<Option<String>> {
    let own = described["protocol"].as_str().unwrap_or_default();
    let others = described["protocols"].as_array().into_iter().flatten().filter_map(Json::as_str);
    let others = others.filter(|name| *name != own).map(|name| Some(name.to_owned()));
    std::iter::once(None).chain(others).collect()
}

#[derive(Default)]
struct Tally {
    requests: usize,
    answers: usize,
    errors: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn call(&mut self, peer: &mut Peer, router: &Router, typed: Option<&Typed>, case: &Case) {
        let outcome = match case::run(peer, router, typed, case) {
            Ok(outcome) => outcome,
            Err(error) => panic!("{case:?}: {error:#}"),
        };
        self.requests += 1;
        match case.error {
            Some(_) => self.errors += 1,
            None => self.answers += 1,
        }
        for what in [outcome.request, outcome.answer].into_iter().flatten() {
            let name = case.error.as_deref().unwrap_or_default();
            let protocol = case.protocol.as_deref().unwrap_or("its own");
            self.wrong.push(format!(
                "{}:{} {name} [{protocol}, seed {}]: {what}",
                case.service, case.operation, case.seed
            ));
        }
    }

    fn settle(self) {
        println!("{} requests, {} answers, {} errors", self.requests, self.answers, self.errors);
        assert!(
            self.wrong.is_empty(),
            "{} differences:\n{}",
            self.wrong.len(),
            self.wrong.iter().take(40).cloned().collect::<Vec<_>>().join("\n")
        );
    }
}

/// Requests, answers and modelled errors of whole models, in every protocol that each service speaks.
#[test]
fn a_real_client_and_the_wire_agree() {
    let mut peer = Peer::start().unwrap();
    let router = world::whole().unwrap();
    let mut random = StdRng::seed_from_u64(seed());
    let mut tally = Tally::default();
    for model in router.models() {
        let described = peer.describe(model.service).unwrap();
        let theirs: Vec<&String> = described["operations"].as_object().unwrap().keys().collect();
        let ours: Vec<&str> = model.operations.iter().map(|op| op.name).collect();
        let missing: Vec<_> = theirs.iter().filter(|name| !ours.contains(&name.as_str())).collect();
        assert!(missing.is_empty(), "{} lacks {missing:?}", model.service);
        for protocol in protocols(&described) {
            let ops: Vec<_> = model
                .operations
                .iter()
                .filter(|op| case::takes_part(&described, model.service, op))
                .collect();
            let chosen = if all() { ops } else { ops.choose_multiple(&mut random, 8).copied().collect() };
            for op in chosen {
                for full in [false, true] {
                    let seed = random.random();
                    let case = Case {
                        service: model.service.into(),
                        operation: op.name.into(),
                        protocol: protocol.clone(),
                        seed,
                        full,
                        error: None,
                        example: None,
                    };
                    tally.call(&mut peer, &router, None, &case);
                    let errors = described["operations"][op.name]["errors"].as_array().unwrap();
                    // No error has a body to be read where the answer is to HEAD.
                    if full && op.method != "HEAD" {
                        let errors: Vec<&Json> = if all() {
                            errors.iter().collect()
                        } else {
                            errors.choose_multiple(&mut random, 2).collect()
                        };
                        for error in errors {
                            let case = Case { error: error.as_str().map(str::to_owned), ..case.clone() };
                            tally.call(&mut peer, &router, None, &case);
                        }
                    }
                }
            }
        }
    }
    tally.settle();
}

/// The endpoint's own models, with every value going through the generated structs.
#[test]
fn served_operations_agree_through_their_structs() {
    let mut peer = Peer::start().unwrap();
    let router = Router::new(&gantry_api_catalog::all());
    let typed = Typed::all();
    let mut random = StdRng::seed_from_u64(seed());
    let mut tally = Tally::default();
    let mut served: Vec<_> = typed.operations().collect();
    served.sort_unstable();
    let mut described: HashMap<&str, Json> = HashMap::new();
    for (service, operation) in served {
        let described = described.entry(service).or_insert_with(|| peer.describe(service).unwrap());
        if case::streams_events(described, operation) {
            continue;
        }
        for full in [false, true] {
            let case = Case {
                service: service.into(),
                operation: operation.into(),
                protocol: None,
                seed: random.random(),
                full,
                error: None,
                example: None,
            };
            tally.call(&mut peer, &router, Some(&typed), &case);
        }
    }
    tally.settle();
}

/// What AWS has and the endpoint has not: 501 with a code, which the client does not try again.
#[test]
fn what_is_not_served_says_so_to_a_real_client() {
    let mut peer = Peer::start().unwrap();
    let router = Router::new(&gantry_api_catalog::all());
    let served: Vec<_> = Typed::all().operations().collect();
    let mut random = StdRng::seed_from_u64(seed());
    let (mut count, mut wrong) = (0, Vec::new());
    for model in router.models() {
        let described = peer.describe(model.service).unwrap();
        let ops = model.operations.iter().filter(|op| {
            !served.contains(&(model.service, op.name))
                && op.method != "HEAD"
                && case::takes_part(&described, model.service, op)
        });
        let ops: Vec<_> = ops.collect();
        let chosen = if all() { ops } else { ops.choose_multiple(&mut random, 6).copied().collect() };
        for op in chosen {
            let case = Case {
                service: model.service.into(),
                operation: op.name.into(),
                protocol: None,
                seed: random.random(),
                full: false,
                error: None,
                example: None,
            };
            count += 1;
            if let Err(what) = case::not_served(&mut peer, &router, &case).unwrap() {
                wrong.push(format!("{}:{}: {what}", model.service, op.name));
            }
        }
    }
    println!("{count} operations");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Examples that break AWS's own model: an enumeration's value with a space behind it, and a cluster's name
/// with a digit that its pattern does not have.
const WRONG_EXAMPLES: [(&str, &str, u64); 3] = [
    ("ec2", "ModifySpotFleetRequest", 1),
    ("kms", "CreateCustomKeyStore", 0),
    ("kms", "UpdateCustomKeyStore", 2),
];

/// AWS's own examples of calls keep the constraints that we hold calls against.
#[test]
fn awss_examples_are_valid() {
    let mut peer = Peer::start().unwrap();
    let router = world::whole().unwrap();
    let (mut count, mut wrong) = (0, Vec::new());
    for model in router.models() {
        let described = peer.describe(model.service).unwrap();
        for (operation, calls) in described["examples"].as_object().unwrap() {
            for number in 0..calls.as_u64().unwrap() {
                if WRONG_EXAMPLES.contains(&(model.service, operation.as_str(), number)) {
                    continue;
                }
                let case = Case {
                    service: model.service.into(),
                    operation: operation.clone(),
                    protocol: None,
                    seed: 0,
                    full: false,
                    error: None,
                    example: Some(number),
                };
                count += 1;
                if let Err(what) = case::example(&mut peer, &router, &case).unwrap() {
                    wrong.push(format!("{}:{operation} {number}: {what}", model.service));
                }
            }
        }
    }
    println!("{count} examples");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}
