//! What there is to find: services by target prefix, version, name in a scope; REST operations by path.

use std::collections::HashMap;

use http::HeaderMap;

use crate::model::{Location, Model, Op, Protocol};
use crate::query::Params;
use crate::rest::Template;

/// Names in a SigV4 scope that stand for a service's own.
const SCOPE_ALIASES: [(&str, &str); 2] = [("s3express", "s3"), ("s3-object-lambda", "s3")];

/// The name that a service is signed by, for what stands in a scope.
pub(super) fn signing_name(scope: &str) -> &str {
    SCOPE_ALIASES.iter().find(|(alias, _)| *alias == scope).map_or(scope, |(_, signing)| signing)
}

/// All services, looked up by what requests say of them.
pub(super) struct Table {
    pub models: Vec<&'static Model>,
    pub by_target: HashMap<&'static str, &'static Model>,
    /// Services that speak query or ec2.
    pub by_version: HashMap<&'static str, Vec<&'static Model>>,
    pub by_signing: HashMap<&'static str, Vec<&'static Model>>,
    pub rest: Vec<RestService>,
}

pub(super) struct RestService {
    pub model: &'static Model,
    ops: Vec<(&'static Op, Template)>,
}

/// A REST operation with the values of its path's labels.
pub(super) struct Found {
    pub op: &'static Op,
    pub labels: Vec<(&'static str, String)>,
    /// All its required parameters and headers are there; then how fixed its path is; then how many those
    /// parameters are; then, of two names for one thing, the one not deprecated.
    rank: (bool, usize, usize, bool),
}

impl Table {
    pub fn new(models: Vec<&'static Model>) -> Table {
        let mut table = Table {
            by_target: HashMap::new(),
            by_version: HashMap::new(),
            by_signing: HashMap::new(),
            rest: Vec::new(),
            models,
        };
        for model in &table.models {
            if !model.target.is_empty() {
                table.by_target.insert(model.target, model);
                // botocore sends a service's namespace before its name, the SDKs made from Smithy models do not.
                let name = model.target.rsplit_once('.').map_or(model.target, |(_, name)| name);
                table.by_target.insert(name, model);
            }
            if model.speaks(Protocol::Query) || model.speaks(Protocol::Ec2) {
                table.by_version.entry(model.version).or_default().push(model);
            }
            table.by_signing.entry(model.signing).or_default().push(model);
            if model.speaks(Protocol::RestJson) || model.speaks(Protocol::RestXml) {
                table.rest.push(RestService::new(model));
            }
        }
        table
    }
}

impl Model {
    pub(super) fn speaks(&self, protocol: Protocol) -> bool {
        self.protocols.contains(&protocol)
    }

    /// The one REST protocol that a service speaks.
    pub(super) fn rest_protocol(&self) -> Protocol {
        if self.speaks(Protocol::RestXml) { Protocol::RestXml } else { Protocol::RestJson }
    }
}

impl RestService {
    fn new(model: &'static Model) -> Self {
        RestService { model, ops: model.operations.iter().map(|op| (op, Template::parse(op.uri))).collect() }
    }

    /// The operation that a request is for: of those whose path matches, the one most of which is there.
    pub fn find(&self, method: &str, path: &str, query: &Params, headers: &HeaderMap) -> Option<Found> {
        let mut best: Option<Found> = None;
        for (op, template) in self.ops.iter().filter(|(op, _)| op.method == method) {
            let Some(labels) = template.matches(path, query) else { continue };
            let (complete, count) = required(self.model, op, query, headers);
            let rank = (complete, template.weight(), count, !op.deprecated);
            if best.as_ref().is_none_or(|best| rank > best.rank) {
                best = Some(Found { op, labels, rank });
            }
        }
        best
    }
}

/// Whether every required parameter and header of an operation is there, and how many there are.
fn required(model: &Model, op: &Op, query: &Params, headers: &HeaderMap) -> (bool, usize) {
    let is_there = |location: Location, name: &str| match location {
        Location::QueryString => Some(query.get(name).is_some()),
        Location::Header => Some(headers.contains_key(name)),
        _ => None,
    };
    let needs = op.needs.iter().map(|(location, name)| (*location, *name));
    let def = op.input.and_then(|id| model.structure(id));
    let members = def.into_iter().flat_map(|def| &def.members).filter(|member| member.required);
    let all = needs.chain(members.map(|member| (member.at.location, member.wire_name())));
    let mut count = 0;
    for there in all.filter_map(|(location, name)| is_there(location, name)) {
        if !there {
            return (false, 0);
        }
        count += 1;
    }
    (true, count)
}
