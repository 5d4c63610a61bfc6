//! AWS's default quotas, which are also Gantry's.

/// Load balancers of each kind in a region.
pub const LOAD_BALANCERS: usize = 50;
/// Target groups in a region.
pub const TARGET_GROUPS: usize = 3000;
/// Listeners of a load balancer.
pub const LISTENERS: usize = 50;
/// Rules of an application load balancer, without the default ones.
pub const RULES: usize = 100;
/// Targets of a target group.
pub const TARGETS: usize = 1000;
/// Certificates of a load balancer, without the default ones.
pub const CERTIFICATES: usize = 25;
/// Target groups of one application load balancer.
pub const GROUPS_PER_LOAD_BALANCER: usize = 100;

/// What DescribeAccountLimits lists.
pub const ACCOUNT: [(&str, usize); 20] = [
    ("target-groups", TARGET_GROUPS),
    ("targets-per-application-load-balancer", TARGETS),
    ("listeners-per-application-load-balancer", LISTENERS),
    ("rules-per-application-load-balancer", RULES),
    ("network-load-balancers", LOAD_BALANCERS),
    ("targets-per-network-load-balancer", 3000),
    ("targets-per-availability-zone-per-network-load-balancer", 500),
    ("listeners-per-network-load-balancer", LISTENERS),
    ("condition-values-per-alb-rule", crate::condition::VALUES_PER_RULE),
    ("condition-wildcards-per-alb-rule", crate::condition::WILDCARDS_PER_RULE),
    ("target-groups-per-application-load-balancer", GROUPS_PER_LOAD_BALANCER),
    ("target-groups-per-action-on-application-load-balancer", crate::action::MAX_GROUPS),
    ("target-groups-per-action-on-network-load-balancer", 1),
    ("certificates-per-application-load-balancer", CERTIFICATES),
    ("certificates-per-network-load-balancer", CERTIFICATES),
    ("targets-per-target-group", TARGETS),
    ("target-id-registrations-per-application-load-balancer", TARGETS),
    ("application-load-balancers", LOAD_BALANCERS),
    ("gateway-load-balancers", 0),
    ("gateway-load-balancers-per-vpc", 0),
];
