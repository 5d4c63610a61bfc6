//! The shapes that served operations reach. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::MODEL;
#[allow(unused_imports)]
use gantry_wire::generated::*;

gantry_wire::shape! {
    pub struct Action = "Action" {
        0 r#type: String,
        1 target_group_arn: Option<String>,
        2 authenticate_oidc_config: Option<AuthenticateOidcActionConfig>,
        3 authenticate_cognito_config: Option<AuthenticateCognitoActionConfig>,
        4 order: Option<i32>,
        5 redirect_config: Option<RedirectActionConfig>,
        6 fixed_response_config: Option<FixedResponseActionConfig>,
        7 forward_config: Option<ForwardActionConfig>,
        8 jwt_validation_config: Option<JwtValidationActionConfig>,
    }
    pub struct AddListenerCertificatesInput = "AddListenerCertificatesInput" {
        0 listener_arn: String,
        1 certificates: Vec<Certificate>,
    }
    pub struct AddListenerCertificatesOutput = "AddListenerCertificatesOutput" {
        0 certificates: Option<Vec<Certificate>>,
    }
    pub struct AddTagsInput = "AddTagsInput" {
        0 resource_arns: Vec<String>,
        1 tags: Vec<Tag>,
    }
    pub struct AddTagsOutput = "AddTagsOutput" {
    }
    pub struct AdministrativeOverride = "AdministrativeOverride" {
        0 state: Option<String>,
        1 reason: Option<String>,
        2 description: Option<String>,
    }
    pub struct AnomalyDetection = "AnomalyDetection" {
        0 result: Option<String>,
        1 mitigation_in_effect: Option<String>,
    }
    pub struct AuthenticateCognitoActionConfig = "AuthenticateCognitoActionConfig" {
        0 user_pool_arn: String,
        1 user_pool_client_id: String,
        2 user_pool_domain: String,
        3 session_cookie_name: Option<String>,
        4 scope: Option<String>,
        5 session_timeout: Option<i64>,
        6 authentication_request_extra_params: Option<BTreeMap<String, String>>,
        7 on_unauthenticated_request: Option<String>,
    }
    pub struct AuthenticateOidcActionConfig = "AuthenticateOidcActionConfig" {
        0 issuer: String,
        1 authorization_endpoint: String,
        2 token_endpoint: String,
        3 user_info_endpoint: String,
        4 client_id: String,
        5 client_secret: Option<String>,
        6 session_cookie_name: Option<String>,
        7 scope: Option<String>,
        8 session_timeout: Option<i64>,
        9 authentication_request_extra_params: Option<BTreeMap<String, String>>,
        10 on_unauthenticated_request: Option<String>,
        11 use_existing_client_secret: Option<bool>,
    }
    pub struct AvailabilityZone = "AvailabilityZone" {
        0 zone_name: Option<String>,
        1 subnet_id: Option<String>,
        2 outpost_id: Option<String>,
        3 load_balancer_addresses: Option<Vec<LoadBalancerAddress>>,
        4 source_nat_ipv6_prefixes: Option<Vec<String>>,
    }
    pub struct CapacityReservationStatus = "CapacityReservationStatus" {
        0 code: Option<String>,
        1 reason: Option<String>,
    }
    pub struct Certificate = "Certificate" {
        0 certificate_arn: Option<String>,
        1 is_default: Option<bool>,
    }
    pub struct Cipher = "Cipher" {
        0 name: Option<String>,
        1 priority: Option<i32>,
    }
    pub struct CreateListenerInput = "CreateListenerInput" {
        0 load_balancer_arn: String,
        1 protocol: Option<String>,
        2 port: Option<i32>,
        3 ssl_policy: Option<String>,
        4 certificates: Option<Vec<Certificate>>,
        5 default_actions: Vec<Action>,
        6 alpn_policy: Option<Vec<String>>,
        7 tags: Option<Vec<Tag>>,
        8 mutual_authentication: Option<MutualAuthenticationAttributes>,
    }
    pub struct CreateListenerOutput = "CreateListenerOutput" {
        0 listeners: Option<Vec<Listener>>,
    }
    pub struct CreateLoadBalancerInput = "CreateLoadBalancerInput" {
        0 name: String,
        1 subnets: Option<Vec<String>>,
        2 subnet_mappings: Option<Vec<SubnetMapping>>,
        3 security_groups: Option<Vec<String>>,
        4 scheme: Option<String>,
        5 tags: Option<Vec<Tag>>,
        6 r#type: Option<String>,
        7 ip_address_type: Option<String>,
        8 customer_owned_ipv4_pool: Option<String>,
        9 enable_prefix_for_ipv6_source_nat: Option<String>,
        10 ipam_pools: Option<IpamPools>,
    }
    pub struct CreateLoadBalancerOutput = "CreateLoadBalancerOutput" {
        0 load_balancers: Option<Vec<LoadBalancer>>,
    }
    pub struct CreateRuleInput = "CreateRuleInput" {
        0 listener_arn: String,
        1 conditions: Vec<RuleCondition>,
        2 priority: i32,
        3 actions: Vec<Action>,
        4 tags: Option<Vec<Tag>>,
        5 transforms: Option<Vec<RuleTransform>>,
    }
    pub struct CreateRuleOutput = "CreateRuleOutput" {
        0 rules: Option<Vec<Rule>>,
    }
    pub struct CreateTargetGroupInput = "CreateTargetGroupInput" {
        0 name: String,
        1 protocol: Option<String>,
        2 protocol_version: Option<String>,
        3 port: Option<i32>,
        4 vpc_id: Option<String>,
        5 health_check_protocol: Option<String>,
        6 health_check_port: Option<String>,
        7 health_check_enabled: Option<bool>,
        8 health_check_path: Option<String>,
        9 health_check_interval_seconds: Option<i32>,
        10 health_check_timeout_seconds: Option<i32>,
        11 healthy_threshold_count: Option<i32>,
        12 unhealthy_threshold_count: Option<i32>,
        13 matcher: Option<Matcher>,
        14 target_type: Option<String>,
        15 tags: Option<Vec<Tag>>,
        16 ip_address_type: Option<String>,
        17 target_control_port: Option<i32>,
    }
    pub struct CreateTargetGroupOutput = "CreateTargetGroupOutput" {
        0 target_groups: Option<Vec<TargetGroup>>,
    }
    pub struct DeleteListenerInput = "DeleteListenerInput" {
        0 listener_arn: String,
    }
    pub struct DeleteListenerOutput = "DeleteListenerOutput" {
    }
    pub struct DeleteLoadBalancerInput = "DeleteLoadBalancerInput" {
        0 load_balancer_arn: String,
    }
    pub struct DeleteLoadBalancerOutput = "DeleteLoadBalancerOutput" {
    }
    pub struct DeleteRuleInput = "DeleteRuleInput" {
        0 rule_arn: String,
    }
    pub struct DeleteRuleOutput = "DeleteRuleOutput" {
    }
    pub struct DeleteTargetGroupInput = "DeleteTargetGroupInput" {
        0 target_group_arn: String,
    }
    pub struct DeleteTargetGroupOutput = "DeleteTargetGroupOutput" {
    }
    pub struct DeregisterTargetsInput = "DeregisterTargetsInput" {
        0 target_group_arn: String,
        1 targets: Vec<TargetDescription>,
    }
    pub struct DeregisterTargetsOutput = "DeregisterTargetsOutput" {
    }
    pub struct DescribeAccountLimitsInput = "DescribeAccountLimitsInput" {
        0 marker: Option<String>,
        1 page_size: Option<i32>,
    }
    pub struct DescribeAccountLimitsOutput = "DescribeAccountLimitsOutput" {
        0 limits: Option<Vec<Limit>>,
        1 next_marker: Option<String>,
    }
    pub struct DescribeCapacityReservationInput = "DescribeCapacityReservationInput" {
        0 load_balancer_arn: String,
    }
    pub struct DescribeCapacityReservationOutput = "DescribeCapacityReservationOutput" {
        0 last_modified_time: Option<Timestamp>,
        1 decrease_requests_remaining: Option<i32>,
        2 minimum_load_balancer_capacity: Option<MinimumLoadBalancerCapacity>,
        3 capacity_reservation_state: Option<Vec<ZonalCapacityReservationState>>,
    }
    pub struct DescribeListenerAttributesInput = "DescribeListenerAttributesInput" {
        0 listener_arn: String,
    }
    pub struct DescribeListenerAttributesOutput = "DescribeListenerAttributesOutput" {
        0 attributes: Option<Vec<ListenerAttribute>>,
    }
    pub struct DescribeListenerCertificatesInput = "DescribeListenerCertificatesInput" {
        0 listener_arn: String,
        1 marker: Option<String>,
        2 page_size: Option<i32>,
    }
    pub struct DescribeListenerCertificatesOutput = "DescribeListenerCertificatesOutput" {
        0 certificates: Option<Vec<Certificate>>,
        1 next_marker: Option<String>,
    }
    pub struct DescribeListenersInput = "DescribeListenersInput" {
        0 load_balancer_arn: Option<String>,
        1 listener_arns: Option<Vec<String>>,
        2 marker: Option<String>,
        3 page_size: Option<i32>,
    }
    pub struct DescribeListenersOutput = "DescribeListenersOutput" {
        0 listeners: Option<Vec<Listener>>,
        1 next_marker: Option<String>,
    }
    pub struct DescribeLoadBalancerAttributesInput = "DescribeLoadBalancerAttributesInput" {
        0 load_balancer_arn: String,
    }
    pub struct DescribeLoadBalancerAttributesOutput = "DescribeLoadBalancerAttributesOutput" {
        0 attributes: Option<Vec<LoadBalancerAttribute>>,
    }
    pub struct DescribeLoadBalancersInput = "DescribeLoadBalancersInput" {
        0 load_balancer_arns: Option<Vec<String>>,
        1 names: Option<Vec<String>>,
        2 marker: Option<String>,
        3 page_size: Option<i32>,
    }
    pub struct DescribeLoadBalancersOutput = "DescribeLoadBalancersOutput" {
        0 load_balancers: Option<Vec<LoadBalancer>>,
        1 next_marker: Option<String>,
    }
    pub struct DescribeRulesInput = "DescribeRulesInput" {
        0 listener_arn: Option<String>,
        1 rule_arns: Option<Vec<String>>,
        2 marker: Option<String>,
        3 page_size: Option<i32>,
    }
    pub struct DescribeRulesOutput = "DescribeRulesOutput" {
        0 rules: Option<Vec<Rule>>,
        1 next_marker: Option<String>,
    }
    pub struct DescribeSSLPoliciesInput = "DescribeSSLPoliciesInput" {
        0 names: Option<Vec<String>>,
        1 marker: Option<String>,
        2 page_size: Option<i32>,
        3 load_balancer_type: Option<String>,
    }
    pub struct DescribeSSLPoliciesOutput = "DescribeSSLPoliciesOutput" {
        0 ssl_policies: Option<Vec<SslPolicy>>,
        1 next_marker: Option<String>,
    }
    pub struct DescribeTagsInput = "DescribeTagsInput" {
        0 resource_arns: Vec<String>,
    }
    pub struct DescribeTagsOutput = "DescribeTagsOutput" {
        0 tag_descriptions: Option<Vec<TagDescription>>,
    }
    pub struct DescribeTargetGroupAttributesInput = "DescribeTargetGroupAttributesInput" {
        0 target_group_arn: String,
    }
    pub struct DescribeTargetGroupAttributesOutput = "DescribeTargetGroupAttributesOutput" {
        0 attributes: Option<Vec<TargetGroupAttribute>>,
    }
    pub struct DescribeTargetGroupsInput = "DescribeTargetGroupsInput" {
        0 load_balancer_arn: Option<String>,
        1 target_group_arns: Option<Vec<String>>,
        2 names: Option<Vec<String>>,
        3 marker: Option<String>,
        4 page_size: Option<i32>,
    }
    pub struct DescribeTargetGroupsOutput = "DescribeTargetGroupsOutput" {
        0 target_groups: Option<Vec<TargetGroup>>,
        1 next_marker: Option<String>,
    }
    pub struct DescribeTargetHealthInput = "DescribeTargetHealthInput" {
        0 target_group_arn: String,
        1 targets: Option<Vec<TargetDescription>>,
        2 include: Option<Vec<String>>,
    }
    pub struct DescribeTargetHealthOutput = "DescribeTargetHealthOutput" {
        0 target_health_descriptions: Option<Vec<TargetHealthDescription>>,
    }
    pub struct DescribeTrustStoreAssociationsInput = "DescribeTrustStoreAssociationsInput" {
        0 trust_store_arn: String,
        1 marker: Option<String>,
        2 page_size: Option<i32>,
    }
    pub struct DescribeTrustStoreAssociationsOutput = "DescribeTrustStoreAssociationsOutput" {
        0 trust_store_associations: Option<Vec<TrustStoreAssociation>>,
        1 next_marker: Option<String>,
    }
    pub struct DescribeTrustStoreRevocation = "DescribeTrustStoreRevocation" {
        0 trust_store_arn: Option<String>,
        1 revocation_id: Option<i64>,
        2 revocation_type: Option<String>,
        3 number_of_revoked_entries: Option<i64>,
    }
    pub struct DescribeTrustStoreRevocationsInput = "DescribeTrustStoreRevocationsInput" {
        0 trust_store_arn: String,
        1 revocation_ids: Option<Vec<i64>>,
        2 marker: Option<String>,
        3 page_size: Option<i32>,
    }
    pub struct DescribeTrustStoreRevocationsOutput = "DescribeTrustStoreRevocationsOutput" {
        0 trust_store_revocations: Option<Vec<DescribeTrustStoreRevocation>>,
        1 next_marker: Option<String>,
    }
    pub struct DescribeTrustStoresInput = "DescribeTrustStoresInput" {
        0 trust_store_arns: Option<Vec<String>>,
        1 names: Option<Vec<String>>,
        2 marker: Option<String>,
        3 page_size: Option<i32>,
    }
    pub struct DescribeTrustStoresOutput = "DescribeTrustStoresOutput" {
        0 trust_stores: Option<Vec<TrustStore>>,
        1 next_marker: Option<String>,
    }
    pub struct FixedResponseActionConfig = "FixedResponseActionConfig" {
        0 message_body: Option<String>,
        1 status_code: String,
        2 content_type: Option<String>,
    }
    pub struct ForwardActionConfig = "ForwardActionConfig" {
        0 target_groups: Option<Vec<TargetGroupTuple>>,
        1 target_group_stickiness_config: Option<TargetGroupStickinessConfig>,
    }
    pub struct HostHeaderConditionConfig = "HostHeaderConditionConfig" {
        0 values: Option<Vec<String>>,
        1 regex_values: Option<Vec<String>>,
    }
    pub struct HostHeaderRewriteConfig = "HostHeaderRewriteConfig" {
        0 rewrites: Option<Vec<RewriteConfig>>,
    }
    pub struct HttpHeaderConditionConfig = "HttpHeaderConditionConfig" {
        0 http_header_name: Option<String>,
        1 values: Option<Vec<String>>,
        2 regex_values: Option<Vec<String>>,
    }
    pub struct HttpRequestMethodConditionConfig = "HttpRequestMethodConditionConfig" {
        0 values: Option<Vec<String>>,
    }
    pub struct IpamPools = "IpamPools" {
        0 ipv4_ipam_pool_id: Option<String>,
    }
    pub struct JwtValidationActionAdditionalClaim = "JwtValidationActionAdditionalClaim" {
        0 format: String,
        1 name: String,
        2 values: Vec<String>,
    }
    pub struct JwtValidationActionConfig = "JwtValidationActionConfig" {
        0 jwks_endpoint: String,
        1 issuer: String,
        2 additional_claims: Option<Vec<JwtValidationActionAdditionalClaim>>,
    }
    pub struct Limit = "Limit" {
        0 name: Option<String>,
        1 max: Option<String>,
    }
    pub struct Listener = "Listener" {
        0 listener_arn: Option<String>,
        1 load_balancer_arn: Option<String>,
        2 port: Option<i32>,
        3 protocol: Option<String>,
        4 certificates: Option<Vec<Certificate>>,
        5 ssl_policy: Option<String>,
        6 default_actions: Option<Vec<Action>>,
        7 alpn_policy: Option<Vec<String>>,
        8 mutual_authentication: Option<MutualAuthenticationAttributes>,
    }
    pub struct ListenerAttribute = "ListenerAttribute" {
        0 key: Option<String>,
        1 value: Option<String>,
    }
    pub struct LoadBalancer = "LoadBalancer" {
        0 load_balancer_arn: Option<String>,
        1 dns_name: Option<String>,
        2 canonical_hosted_zone_id: Option<String>,
        3 created_time: Option<Timestamp>,
        4 load_balancer_name: Option<String>,
        5 scheme: Option<String>,
        6 vpc_id: Option<String>,
        7 state: Option<LoadBalancerState>,
        8 r#type: Option<String>,
        9 availability_zones: Option<Vec<AvailabilityZone>>,
        10 security_groups: Option<Vec<String>>,
        11 ip_address_type: Option<String>,
        12 customer_owned_ipv4_pool: Option<String>,
        13 enforce_security_group_inbound_rules_on_private_link_traffic: Option<String>,
        14 enable_prefix_for_ipv6_source_nat: Option<String>,
        15 ipam_pools: Option<IpamPools>,
    }
    pub struct LoadBalancerAddress = "LoadBalancerAddress" {
        0 ip_address: Option<String>,
        1 allocation_id: Option<String>,
        2 private_i_pv4_address: Option<String>,
        3 i_pv6_address: Option<String>,
    }
    pub struct LoadBalancerAttribute = "LoadBalancerAttribute" {
        0 key: Option<String>,
        1 value: Option<String>,
    }
    pub struct LoadBalancerState = "LoadBalancerState" {
        0 code: Option<String>,
        1 reason: Option<String>,
    }
    pub struct Matcher = "Matcher" {
        0 http_code: Option<String>,
        1 grpc_code: Option<String>,
    }
    pub struct MinimumLoadBalancerCapacity = "MinimumLoadBalancerCapacity" {
        0 capacity_units: Option<i32>,
    }
    pub struct ModifyListenerAttributesInput = "ModifyListenerAttributesInput" {
        0 listener_arn: String,
        1 attributes: Vec<ListenerAttribute>,
    }
    pub struct ModifyListenerAttributesOutput = "ModifyListenerAttributesOutput" {
        0 attributes: Option<Vec<ListenerAttribute>>,
    }
    pub struct ModifyListenerInput = "ModifyListenerInput" {
        0 listener_arn: String,
        1 port: Option<i32>,
        2 protocol: Option<String>,
        3 ssl_policy: Option<String>,
        4 certificates: Option<Vec<Certificate>>,
        5 default_actions: Option<Vec<Action>>,
        6 alpn_policy: Option<Vec<String>>,
        7 mutual_authentication: Option<MutualAuthenticationAttributes>,
    }
    pub struct ModifyListenerOutput = "ModifyListenerOutput" {
        0 listeners: Option<Vec<Listener>>,
    }
    pub struct ModifyLoadBalancerAttributesInput = "ModifyLoadBalancerAttributesInput" {
        0 load_balancer_arn: String,
        1 attributes: Vec<LoadBalancerAttribute>,
    }
    pub struct ModifyLoadBalancerAttributesOutput = "ModifyLoadBalancerAttributesOutput" {
        0 attributes: Option<Vec<LoadBalancerAttribute>>,
    }
    pub struct ModifyRuleInput = "ModifyRuleInput" {
        0 rule_arn: String,
        1 conditions: Option<Vec<RuleCondition>>,
        2 actions: Option<Vec<Action>>,
        3 transforms: Option<Vec<RuleTransform>>,
        4 reset_transforms: Option<bool>,
    }
    pub struct ModifyRuleOutput = "ModifyRuleOutput" {
        0 rules: Option<Vec<Rule>>,
    }
    pub struct ModifyTargetGroupAttributesInput = "ModifyTargetGroupAttributesInput" {
        0 target_group_arn: String,
        1 attributes: Vec<TargetGroupAttribute>,
    }
    pub struct ModifyTargetGroupAttributesOutput = "ModifyTargetGroupAttributesOutput" {
        0 attributes: Option<Vec<TargetGroupAttribute>>,
    }
    pub struct ModifyTargetGroupInput = "ModifyTargetGroupInput" {
        0 target_group_arn: String,
        1 health_check_protocol: Option<String>,
        2 health_check_port: Option<String>,
        3 health_check_path: Option<String>,
        4 health_check_enabled: Option<bool>,
        5 health_check_interval_seconds: Option<i32>,
        6 health_check_timeout_seconds: Option<i32>,
        7 healthy_threshold_count: Option<i32>,
        8 unhealthy_threshold_count: Option<i32>,
        9 matcher: Option<Matcher>,
    }
    pub struct ModifyTargetGroupOutput = "ModifyTargetGroupOutput" {
        0 target_groups: Option<Vec<TargetGroup>>,
    }
    pub struct MutualAuthenticationAttributes = "MutualAuthenticationAttributes" {
        0 mode: Option<String>,
        1 trust_store_arn: Option<String>,
        2 ignore_client_certificate_expiry: Option<bool>,
        3 trust_store_association_status: Option<String>,
        4 advertise_trust_store_ca_names: Option<String>,
    }
    pub struct PathPatternConditionConfig = "PathPatternConditionConfig" {
        0 values: Option<Vec<String>>,
        1 regex_values: Option<Vec<String>>,
    }
    pub struct QueryStringConditionConfig = "QueryStringConditionConfig" {
        0 values: Option<Vec<QueryStringKeyValuePair>>,
    }
    pub struct QueryStringKeyValuePair = "QueryStringKeyValuePair" {
        0 key: Option<String>,
        1 value: Option<String>,
    }
    pub struct RedirectActionConfig = "RedirectActionConfig" {
        0 protocol: Option<String>,
        1 port: Option<String>,
        2 host: Option<String>,
        3 path: Option<String>,
        4 query: Option<String>,
        5 status_code: String,
    }
    pub struct RegisterTargetsInput = "RegisterTargetsInput" {
        0 target_group_arn: String,
        1 targets: Vec<TargetDescription>,
    }
    pub struct RegisterTargetsOutput = "RegisterTargetsOutput" {
    }
    pub struct RemoveListenerCertificatesInput = "RemoveListenerCertificatesInput" {
        0 listener_arn: String,
        1 certificates: Vec<Certificate>,
    }
    pub struct RemoveListenerCertificatesOutput = "RemoveListenerCertificatesOutput" {
    }
    pub struct RemoveTagsInput = "RemoveTagsInput" {
        0 resource_arns: Vec<String>,
        1 tag_keys: Vec<String>,
    }
    pub struct RemoveTagsOutput = "RemoveTagsOutput" {
    }
    pub struct RewriteConfig = "RewriteConfig" {
        0 regex: String,
        1 replace: String,
    }
    pub struct Rule = "Rule" {
        0 rule_arn: Option<String>,
        1 priority: Option<String>,
        2 conditions: Option<Vec<RuleCondition>>,
        3 actions: Option<Vec<Action>>,
        4 is_default: Option<bool>,
        5 transforms: Option<Vec<RuleTransform>>,
    }
    pub struct RuleCondition = "RuleCondition" {
        0 field: Option<String>,
        1 values: Option<Vec<String>>,
        2 host_header_config: Option<HostHeaderConditionConfig>,
        3 path_pattern_config: Option<PathPatternConditionConfig>,
        4 http_header_config: Option<HttpHeaderConditionConfig>,
        5 query_string_config: Option<QueryStringConditionConfig>,
        6 http_request_method_config: Option<HttpRequestMethodConditionConfig>,
        7 source_ip_config: Option<SourceIpConditionConfig>,
        8 regex_values: Option<Vec<String>>,
    }
    pub struct RulePriorityPair = "RulePriorityPair" {
        0 rule_arn: Option<String>,
        1 priority: Option<i32>,
    }
    pub struct RuleTransform = "RuleTransform" {
        0 r#type: String,
        1 host_header_rewrite_config: Option<HostHeaderRewriteConfig>,
        2 url_rewrite_config: Option<UrlRewriteConfig>,
    }
    pub struct SetIpAddressTypeInput = "SetIpAddressTypeInput" {
        0 load_balancer_arn: String,
        1 ip_address_type: String,
    }
    pub struct SetIpAddressTypeOutput = "SetIpAddressTypeOutput" {
        0 ip_address_type: Option<String>,
    }
    pub struct SetRulePrioritiesInput = "SetRulePrioritiesInput" {
        0 rule_priorities: Vec<RulePriorityPair>,
    }
    pub struct SetRulePrioritiesOutput = "SetRulePrioritiesOutput" {
        0 rules: Option<Vec<Rule>>,
    }
    pub struct SetSecurityGroupsInput = "SetSecurityGroupsInput" {
        0 load_balancer_arn: String,
        1 security_groups: Vec<String>,
        2 enforce_security_group_inbound_rules_on_private_link_traffic: Option<String>,
    }
    pub struct SetSecurityGroupsOutput = "SetSecurityGroupsOutput" {
        0 security_group_ids: Option<Vec<String>>,
        1 enforce_security_group_inbound_rules_on_private_link_traffic: Option<String>,
    }
    pub struct SetSubnetsInput = "SetSubnetsInput" {
        0 load_balancer_arn: String,
        1 subnets: Option<Vec<String>>,
        2 subnet_mappings: Option<Vec<SubnetMapping>>,
        3 ip_address_type: Option<String>,
        4 enable_prefix_for_ipv6_source_nat: Option<String>,
    }
    pub struct SetSubnetsOutput = "SetSubnetsOutput" {
        0 availability_zones: Option<Vec<AvailabilityZone>>,
        1 ip_address_type: Option<String>,
        2 enable_prefix_for_ipv6_source_nat: Option<String>,
    }
    pub struct SourceIpConditionConfig = "SourceIpConditionConfig" {
        0 values: Option<Vec<String>>,
        1 ip_address_type: Option<String>,
    }
    pub struct SslPolicy = "SslPolicy" {
        0 ssl_protocols: Option<Vec<String>>,
        1 ciphers: Option<Vec<Cipher>>,
        2 name: Option<String>,
        3 supported_load_balancer_types: Option<Vec<String>>,
    }
    pub struct SubnetMapping = "SubnetMapping" {
        0 subnet_id: Option<String>,
        1 allocation_id: Option<String>,
        2 private_i_pv4_address: Option<String>,
        3 i_pv6_address: Option<String>,
        4 source_nat_ipv6_prefix: Option<String>,
    }
    pub struct Tag = "Tag" {
        0 key: String,
        1 value: Option<String>,
    }
    pub struct TagDescription = "TagDescription" {
        0 resource_arn: Option<String>,
        1 tags: Option<Vec<Tag>>,
    }
    pub struct TargetDescription = "TargetDescription" {
        0 id: String,
        1 port: Option<i32>,
        2 availability_zone: Option<String>,
        3 quic_server_id: Option<String>,
    }
    pub struct TargetGroup = "TargetGroup" {
        0 target_group_arn: Option<String>,
        1 target_group_name: Option<String>,
        2 protocol: Option<String>,
        3 port: Option<i32>,
        4 vpc_id: Option<String>,
        5 health_check_protocol: Option<String>,
        6 health_check_port: Option<String>,
        7 health_check_enabled: Option<bool>,
        8 health_check_interval_seconds: Option<i32>,
        9 health_check_timeout_seconds: Option<i32>,
        10 healthy_threshold_count: Option<i32>,
        11 unhealthy_threshold_count: Option<i32>,
        12 health_check_path: Option<String>,
        13 matcher: Option<Matcher>,
        14 load_balancer_arns: Option<Vec<String>>,
        15 target_type: Option<String>,
        16 protocol_version: Option<String>,
        17 ip_address_type: Option<String>,
        18 target_control_port: Option<i32>,
    }
    pub struct TargetGroupAttribute = "TargetGroupAttribute" {
        0 key: Option<String>,
        1 value: Option<String>,
    }
    pub struct TargetGroupStickinessConfig = "TargetGroupStickinessConfig" {
        0 enabled: Option<bool>,
        1 duration_seconds: Option<i32>,
    }
    pub struct TargetGroupTuple = "TargetGroupTuple" {
        0 target_group_arn: Option<String>,
        1 weight: Option<i32>,
    }
    pub struct TargetHealth = "TargetHealth" {
        0 state: Option<String>,
        1 reason: Option<String>,
        2 description: Option<String>,
    }
    pub struct TargetHealthDescription = "TargetHealthDescription" {
        0 target: Option<TargetDescription>,
        1 health_check_port: Option<String>,
        2 target_health: Option<TargetHealth>,
        3 anomaly_detection: Option<AnomalyDetection>,
        4 administrative_override: Option<AdministrativeOverride>,
    }
    pub struct TrustStore = "TrustStore" {
        0 name: Option<String>,
        1 trust_store_arn: Option<String>,
        2 status: Option<String>,
        3 number_of_ca_certificates: Option<i32>,
        4 total_revoked_entries: Option<i64>,
    }
    pub struct TrustStoreAssociation = "TrustStoreAssociation" {
        0 resource_arn: Option<String>,
    }
    pub struct UrlRewriteConfig = "UrlRewriteConfig" {
        0 rewrites: Option<Vec<RewriteConfig>>,
    }
    pub struct ZonalCapacityReservationState = "ZonalCapacityReservationState" {
        0 state: Option<CapacityReservationStatus>,
        1 availability_zone: Option<String>,
        2 effective_capacity_units: Option<f64>,
    }
}
