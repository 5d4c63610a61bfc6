//! The negative control: every damage to our copy of a model is noticed.

use gantry_wire::model::Protocol;
use gantry_wire::{Limits, Router};
use gantry_wire_proof::case::{self, Case};
use gantry_wire_proof::damage::{self, Damage};
use gantry_wire_proof::peer::Peer;
use gantry_wire_proof::world;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::Value as Json;

use crate::{all, protocols, seed};

/// Calls that are damaged in each service and protocol, and facts damaged in each.
const CALLS: (usize, usize) = (2, 3);
const CALLS_ALL: (usize, usize) = (12, 8);

#[test]
fn every_damage_to_the_model_is_noticed() {
    let mut peer = Peer::start().unwrap();
    let mut random = StdRng::seed_from_u64(seed());
    let (calls, facts) = if all() { CALLS_ALL } else { CALLS };
    let (mut done, mut unnoticed) = (0, Vec::new());
    for (service, text) in world::texts().unwrap() {
        let described = peer.describe(&service).unwrap();
        let model = world::model(text).unwrap();
        let router = Router::over(vec![model], Limits::STANDARD);
        for protocol in protocols(&described) {
            let ops: Vec<_> =
                model.operations.iter().filter(|op| case::takes_part(&described, &service, op)).collect();
            for op in ops.choose_multiple(&mut random, calls) {
                let sound = Case {
                    service: service.clone(),
                    operation: op.name.into(),
                    protocol: protocol.clone(),
                    seed: random.random(),
                    full: true,
                    error: None,
                    example: None,
                };
                let outcome = case::run(&mut peer, &router, None, &sound).unwrap();
                assert!(outcome.right(), "{sound:?}: {:?} {:?}", outcome.request, outcome.answer);
                let spoken = spoken(&described, &protocol);
                let mut damages = damage::used(model, op, spoken, &outcome.input, &outcome.output);
                damages = damages.choose_multiple(&mut random, facts).cloned().collect();
                let errors = described["operations"][op.name]["errors"].as_array().unwrap();
                let error = errors.choose(&mut random).and_then(Json::as_str).filter(|_| op.method != "HEAD");
                if let Some(error) = error {
                    // JSON and CBOR say the shape's name in place of the code.
                    let coded = !matches!(spoken, Protocol::Json | Protocol::Cbor);
                    let fact = if coded && random.random() { "code" } else { "status" };
                    if fact == "code" || model.error(error).and_then(|(_, _, def)| def.status).is_some() {
                        damages.push(Damage::Error { shape: error.into(), fact });
                    }
                }
                for damage in damages {
                    done += 1;
                    let error = matches!(damage, Damage::Error { .. }).then(|| error.unwrap().to_owned());
                    let case = Case { error, ..sound.clone() };
                    if !noticed(&mut peer, text, &damage, &case) {
                        unnoticed.push(format!("{damage:?} in {case:?}"));
                    }
                }
            }
        }
    }
    println!("{done} damages");
    assert!(unnoticed.is_empty(), "{} of {done} not noticed:\n{}", unnoticed.len(), unnoticed.join("\n"));
}

fn spoken(described: &Json, forced: &Option<String>) -> Protocol {
    match forced.as_deref().or(described["protocol"].as_str()).unwrap_or_default() {
        "json" => Protocol::Json,
        "query" => Protocol::Query,
        "ec2" => Protocol::Ec2,
        "rest-json" => Protocol::RestJson,
        "rest-xml" => Protocol::RestXml,
        _ => Protocol::Cbor,
    }
}

/// Makes the call again with the damaged model; one that no longer parses is noticed too.
fn noticed(peer: &mut Peer, text: &str, damage: &Damage, case: &Case) -> bool {
    let Some(damaged) = damage.apply(text) else { panic!("{damage:?} changes nothing") };
    let Ok(model) = world::model(Box::leak(damaged.into_boxed_str())) else { return true };
    let router = Router::over(vec![model], Limits::STANDARD);
    !case::run(peer, &router, None, case).expect("the client stays").right()
}
