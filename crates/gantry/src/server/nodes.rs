//! What the operator asks of a Gantry about its nodes.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use gantry_base::{AccountId, Clock, Region};
use gantry_ecs::Ecs;
use gantry_ecs::membership::NodeState;
use gantry_ecs::tables::enrolment::Terms;
use gantry_ecs::tables::task::LaunchType;
use gantry_node::join::Invitation;
use serde_json::{Value, json};

use super::node::source_towards;
use super::services::Services;
use super::state::State;
use crate::cli::{For, NodeToken, Up};
use crate::pki::Authority;

/// Most attributes that a token gives, each no longer than AWS has them.
const MOST_ATTRIBUTES: usize = 10;
const MAX_ATTRIBUTE: usize = 128;

/// Cheap to clone.
#[derive(Clone)]
pub struct Nodes {
    ecs: Ecs,
    clock: Arc<dyn Clock>,
    region: Region,
    /// Where machines may join.
    listen: Option<SocketAddr>,
    /// The digest of the authority, which tokens carry.
    authority: String,
}

impl Nodes {
    pub fn new(options: &Up, state: &State, services: &Services, authority: &Authority) -> Result<Nodes> {
        Ok(Nodes {
            ecs: services.ecs.clone(),
            clock: state.clock.clone(),
            region: options.region.clone(),
            listen: options.listen_nodes,
            authority: authority.digest()?,
        })
    }

    /// A new token, and where it is good.
    pub async fn token(&self, asked: &NodeToken, account: AccountId) -> Result<Value> {
        let Some(listen) = self.listen else {
            bail!("this Gantry lets no machines join: start it with --listen-nodes 0.0.0.0:4568");
        };
        let place = gantry_ecs::Place {
            account: asked.account.unwrap_or(account),
            region: asked.region.clone().unwrap_or_else(|| self.region.clone()),
        };
        let zone = match &asked.zone {
            None => format!("{}a", place.region),
            Some(zone) if is_zone_of(zone, &place.region) => zone.clone(),
            Some(zone) => {
                bail!("{zone} is no availability zone of {0}: {0}a, {0}b and {0}c are", place.region)
            }
        };
        if asked.capacity_provider.is_some() && asked.launch_type != For::Ec2 {
            bail!("capacity providers are for the launch type EC2: leave --launch-type out");
        }
        let terms = Terms {
            capacity_provider: asked.capacity_provider.clone(),
            launch: match asked.launch_type {
                For::Ec2 => LaunchType::Ec2,
                For::External => LaunchType::External,
                For::Fargate => LaunchType::Fargate,
            },
            cluster: asked.cluster.clone(),
            attributes: attributes(&asked.attributes)?,
            place,
            zone,
        };
        let expires_at = self.clock.now() + Duration::from_secs(3600 * u64::from(asked.hours));
        let (id, secret) = self.ecs.new_node_token(terms, expires_at, asked.uses).await?;
        let token = Invitation { id, secret, authority: self.authority.clone() };
        let ip = match listen.ip() {
            ip if !ip.is_unspecified() => ip,
            _ => source_towards("192.0.2.1:9").unwrap_or(Ipv4Addr::LOCALHOST).into(),
        };
        Ok(json!({
            "token": token.to_string(),
            "server": format!("https://{}", SocketAddr::new(ip, listen.port())),
            "expires_at": expires_at.as_millis(),
            "uses": asked.uses,
        }))
    }

    /// All nodes.
    pub async fn list(&self) -> Result<Value> {
        let now = self.clock.now();
        let show = |node: NodeState| {
            json!({
                "id": node.id, "hostname": node.hostname, "address": node.address,
                "for": node.launch.map_or("EC2,FARGATE", LaunchType::as_str),
                "cluster": node.cluster, "zone": node.zone, "connected": node.connected,
                "silent_seconds": node.last_heard.map(|heard| now.since(heard).as_secs()),
                "cpu_units": node.cpu_units, "memory_mib": node.memory_mib, "tasks": node.tasks,
            })
        };
        Ok(self.ecs.node_states().await?.into_iter().map(show).collect())
    }

    /// Removes a node.
    pub async fn remove(&self, node: &str) -> Result<Value> {
        self.ecs.remove_node(node).await?;
        Ok(Value::Null)
    }
}

fn is_zone_of(zone: &str, region: &Region) -> bool {
    matches!(zone.strip_prefix(region.as_str()), Some("a" | "b" | "c"))
}

/// Attributes as they were typed: `NAME=VALUE`, or `NAME` alone.
fn attributes(texts: &[String]) -> Result<BTreeMap<String, String>> {
    if texts.len() > MOST_ATTRIBUTES {
        bail!("at most {MOST_ATTRIBUTES} attributes can be given");
    }
    let mut attributes = BTreeMap::new();
    for text in texts {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./\\".contains(&byte);
        if name.is_empty() || name.len() > MAX_ATTRIBUTE || !name.bytes().all(fine) {
            bail!("{name:?} is no name of an attribute");
        }
        if value.len() > MAX_ATTRIBUTE {
            bail!("the value of the attribute {name} has more than {MAX_ATTRIBUTE} characters");
        }
        attributes.insert(name.to_owned(), value.to_owned());
    }
    Ok(attributes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_have_names_and_may_have_values() {
        let read =
            |texts: &[&str]| attributes(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        let read_well = read(&["rack=r1", "ssd"]).unwrap();
        assert_eq!(read_well["rack"], "r1");
        assert_eq!(read_well["ssd"], "");
        assert!(read(&["=x"]).is_err());
        assert!(read(&["a b=x"]).is_err());
        assert!(is_zone_of("us-east-1b", &"us-east-1".parse().unwrap()));
        assert!(!is_zone_of("us-east-1d", &"us-east-1".parse().unwrap()));
    }
}
