//! DescribeSSLPolicies: what listeners may be told to speak, as far as the data plane speaks it.

use gantry_api_elbv2 as api;
use gantry_elb_core::ssl_policy::{self, ALL, SslPolicy, TLS12, TLS13};
use gantry_service::{Cx, Failure};

use super::listing;
use crate::error::ElbError;
use crate::{Elb, page};

/// Lists policies.
pub async fn run(
    _elb: &Elb,
    cx: Cx,
    input: api::DescribeSSLPoliciesInput,
) -> Result<api::DescribeSSLPoliciesOutput, Failure> {
    listing(&cx, "elasticloadbalancing:DescribeSSLPolicies")?;
    let names = input.names.unwrap_or_default();
    if let Some(unknown) = names.iter().find(|name| ALL.iter().all(|policy| policy.name != **name)) {
        return Err(ElbError::new("SSLPolicyNotFound", format!("SSL policy '{unknown}' not found")).into());
    }
    let mut wanted: Vec<SslPolicy> = Vec::new();
    for name in &names {
        wanted.extend(ssl_policy::find(name).filter(|policy| !wanted.contains(policy)));
    }
    let all: Vec<api::SslPolicy> = match names.is_empty() {
        true => ALL.iter().map(policy).collect(),
        false => wanted.iter().map(policy).collect(),
    };
    let id = |policy: &api::SslPolicy| policy.name.clone().unwrap_or_default();
    let marker = input.marker.as_deref();
    let (page, next) = page::cut(&cx, "DescribeSSLPolicies", marker, input.page_size, all, id)?;
    Ok(api::DescribeSSLPoliciesOutput { ssl_policies: Some(page), next_marker: next })
}

fn policy(policy: &SslPolicy) -> api::SslPolicy {
    let protocols = [(policy.tls13, "TLSv1.3"), (policy.tls12, "TLSv1.2")];
    let thirteen = TLS13.iter().filter(|_| policy.tls13);
    let twelve = TLS12.iter().filter(|_| policy.tls12);
    let cipher = |(name, priority): (&&str, i32)| api::Cipher {
        name: Some((*name).to_owned()),
        priority: Some(priority),
    };
    api::SslPolicy {
        name: Some(policy.name.to_owned()),
        ssl_protocols: Some(
            protocols.iter().filter(|(has, _)| *has).map(|(_, name)| (*name).to_owned()).collect(),
        ),
        ciphers: Some(thirteen.chain(twelve).zip(1..).map(cipher).collect()),
        supported_load_balancer_types: Some(vec!["application".to_owned(), "network".to_owned()]),
    }
}
