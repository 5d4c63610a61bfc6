//! What load balancers have carried since the data plane began, in AWS's terms. Numbers only rise, but for those of what
//! is there now; who wants a rate asks twice.

use std::collections::BTreeMap;

/// All of it, by ARN. It has what the configuration has, so there is an end to it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counts {
    pub load_balancers: BTreeMap<String, OfBalancer>,
    pub target_groups: BTreeMap<String, OfGroup>,
}

/// Of a load balancer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfBalancer {
    /// `RequestCount`: requests for which a target could be chosen.
    pub requests: u64,
    /// `ActiveConnectionCount`, `ActiveFlowCount`: now.
    pub active_connections: u64,
    /// `NewConnectionCount`, `NewFlowCount`
    pub new_connections: u64,
    /// `ProcessedBytes` of network load balancers.
    pub processed_bytes: u64,
    /// `ClientTLSNegotiationErrorCount`
    pub client_tls_errors: u64,
    /// `HTTP_Fixed_Response_Count`
    pub fixed_responses: u64,
    /// `HTTP_Redirect_Count`
    pub redirects: u64,
    /// `HTTPCode_ELB_3XX_Count` and those after it: what the load balancer answered itself.
    pub answers: Classes,
    /// `HTTPCode_ELB_500_Count`, `502`, `503`, `504`.
    pub answers_500: u64,
    pub answers_502: u64,
    pub answers_503: u64,
    pub answers_504: u64,
}

/// Of a target group.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OfGroup {
    /// `RequestCount`; for each of the healthy hosts it is `RequestCountPerTarget`.
    pub requests: u64,
    /// `HTTPCode_Target_2XX_Count` and those after it.
    pub answers: Classes,
    /// The sum of `TargetResponseTime`, and of how many answers.
    pub response_seconds: f64,
    pub responses: u64,
    /// `TargetConnectionErrorCount`
    pub connection_errors: u64,
    /// What targets have and have not ended: now.
    pub outstanding: u32,
    /// `HealthyHostCount` and `UnHealthyHostCount`: now.
    pub healthy_hosts: u32,
    pub unhealthy_hosts: u32,
}

impl OfGroup {
    /// `RequestCountPerTarget`. None without a healthy target.
    pub fn requests_per_target(&self) -> Option<f64> {
        (self.healthy_hosts > 0).then(|| self.requests as f64 / f64::from(self.healthy_hosts))
    }
}

/// Answers by the first digit of their status: 2 to 5.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Classes(pub [u64; 4]);

impl Classes {
    /// Those of 2xx for 2, and so on.
    pub fn of(&self, digit: usize) -> u64 {
        digit.checked_sub(2).and_then(|at| self.0.get(at)).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_shared_by_the_healthy() {
        let group = OfGroup { requests: 9, healthy_hosts: 2, ..OfGroup::default() };
        assert_eq!(group.requests_per_target(), Some(4.5));
        assert_eq!(OfGroup::default().requests_per_target(), None);
        assert_eq!((Classes([1, 2, 3, 4]).of(5), Classes([1, 2, 3, 4]).of(1)), (4, 0));
    }
}
