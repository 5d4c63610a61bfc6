//! Roles of services: which services have one, what it is called, and what it may.

/// A service that has a role of its own in each account that uses it.
pub(crate) struct Linked {
    /// `ecs.amazonaws.com`
    pub service: &'static str,
    /// `AWSServiceRoleForECS`
    pub role: &'static str,
    /// The managed policy under `/aws-service-role/`.
    pub policy: &'static str,
    /// Whether there can be several, told apart by a suffix.
    pub suffixed: bool,
}

const fn linked(service: &'static str, role: &'static str, policy: &'static str) -> Linked {
    Linked { service, role, policy, suffixed: false }
}

/// The services whose roles Gantry knows
/// ([AWS](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html)).
const LINKED: [Linked; 7] = [
    linked("apprunner.amazonaws.com", "AWSServiceRoleForAppRunner", "AppRunnerServiceRolePolicy"),
    Linked {
        suffixed: true,
        ..linked("autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling", "AutoScalingServiceRolePolicy")
    },
    linked("ecs.amazonaws.com", "AWSServiceRoleForECS", "AmazonECSServiceRolePolicy"),
    linked(
        "ecs.application-autoscaling.amazonaws.com",
        "AWSServiceRoleForApplicationAutoScaling_ECSService",
        "AWSApplicationAutoscalingECSServicePolicy",
    ),
    linked(
        "elasticloadbalancing.amazonaws.com",
        "AWSServiceRoleForElasticLoadBalancing",
        "AWSElasticLoadBalancingServiceRolePolicy",
    ),
    linked(
        "pullthroughcache.ecr.amazonaws.com",
        "AWSServiceRoleForECRPullThroughCache",
        "AWSECRPullThroughCache_ServiceRolePolicy",
    ),
    linked(
        "replication.ecr.amazonaws.com",
        "AWSServiceRoleForECRReplication",
        "ECRReplicationServiceRolePolicy",
    ),
];

/// The service of that name.
pub(crate) fn find(service: &str) -> Option<&'static Linked> {
    LINKED.iter().find(|linked| linked.service == service)
}

impl Linked {
    /// The trust policy of its role.
    pub fn trust(&self) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{}"}},"Action":"sts:AssumeRole"}}]}}"#,
            self.service
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gantry_iam_core::{Kind, Policy};

    #[test]
    fn each_role_has_its_policy() {
        for linked in &LINKED {
            let arn = format!("arn:aws:iam::aws:policy/aws-service-role/{}", linked.policy);
            assert!(crate::managed::find(&arn).is_some(), "{arn}");
            assert!(Policy::parse(Kind::Trust, &linked.trust()).is_ok());
        }
    }
}
