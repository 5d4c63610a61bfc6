//! What can have tags, whichever it is.

use gantry_base::{Arn, Tags};
use gantry_elb_core::name::Named;
use gantry_service::{Cx, Failure};
use gantry_store::Tx;

use crate::error::ElbError;
use crate::find;
use crate::tables::listener::listener_key;
use crate::tables::rule::rule_key;
use crate::tables::{
    LISTENERS, LOAD_BALANCERS, Listener, LoadBalancer, RULES, Rule, TARGET_GROUPS, TargetGroup,
};

/// Something with tags.
pub enum Tagged {
    LoadBalancer(LoadBalancer),
    TargetGroup(TargetGroup),
    Listener(LoadBalancer, Listener),
    Rule(LoadBalancer, Listener, Rule),
}

impl Tagged {
    /// What the ARN names.
    pub async fn find(tx: &mut Tx, cx: &Cx, arn: &Arn) -> Result<Option<Tagged>, Failure> {
        Ok(match Named::parse(arn.resource()) {
            Some(Named::LoadBalancer { .. }) => {
                find::load_balancer(tx, cx, arn).await?.map(Tagged::LoadBalancer)
            }
            Some(Named::TargetGroup { .. }) => {
                find::target_group(tx, cx, arn).await?.map(Tagged::TargetGroup)
            }
            Some(Named::Listener { .. }) => {
                find::listener(tx, cx, arn).await?.map(|(of, row)| Tagged::Listener(of, row))
            }
            Some(Named::Rule { .. }) => {
                let found = find::rule(tx, cx, arn).await?;
                found.and_then(|found| Some(Tagged::Rule(found.of, found.listener, found.rule?)))
            }
            None => None,
        })
    }

    /// That the ARN names nothing, in the words for its kind.
    pub fn missing(arn: &Arn) -> ElbError {
        let none = |code, what| ElbError::new(code, format!("One or more {what} not found"));
        match Named::parse(arn.resource()) {
            Some(Named::TargetGroup { .. }) => none("TargetGroupNotFound", "target groups"),
            Some(Named::Listener { .. }) => none("ListenerNotFound", "listeners"),
            Some(Named::Rule { .. }) => none("RuleNotFound", "rules"),
            _ => ElbError::no_load_balancer(arn.as_str()),
        }
    }

    /// Its tags.
    pub fn tags(&self) -> &Tags {
        match self {
            Tagged::LoadBalancer(row) => &row.tags,
            Tagged::TargetGroup(row) => &row.tags,
            Tagged::Listener(_, row) => &row.tags,
            Tagged::Rule(_, _, row) => &row.tags,
        }
    }

    /// Writes it with other tags.
    pub fn put(self, tx: &mut Tx, tags: Tags) {
        match self {
            Tagged::LoadBalancer(row) => tx.put(&LOAD_BALANCERS, &row.key(), &LoadBalancer { tags, ..row }),
            Tagged::TargetGroup(row) => tx.put(&TARGET_GROUPS, &row.key(), &TargetGroup { tags, ..row }),
            Tagged::Listener(of, row) => {
                let key = listener_key(of.account, &of.region, &of.id, &row.id);
                tx.put(&LISTENERS, &key, &Listener { tags, ..row });
            }
            Tagged::Rule(of, listener, row) => {
                let key = rule_key(of.account, &of.region, &of.id, &listener.id, &row.id);
                tx.put(&RULES, &key, &Rule { tags, ..row });
            }
        }
    }
}
