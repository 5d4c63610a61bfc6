//! The operations that are served. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::shapes;

gantry_wire::operations! {
    "elbv2";
    AddListenerCertificates(shapes::AddListenerCertificatesInput) -> shapes::AddListenerCertificatesOutput;
    AddTags(shapes::AddTagsInput) -> shapes::AddTagsOutput;
    CreateListener(shapes::CreateListenerInput) -> shapes::CreateListenerOutput;
    CreateLoadBalancer(shapes::CreateLoadBalancerInput) -> shapes::CreateLoadBalancerOutput;
    CreateRule(shapes::CreateRuleInput) -> shapes::CreateRuleOutput;
    CreateTargetGroup(shapes::CreateTargetGroupInput) -> shapes::CreateTargetGroupOutput;
    DeleteListener(shapes::DeleteListenerInput) -> shapes::DeleteListenerOutput;
    DeleteLoadBalancer(shapes::DeleteLoadBalancerInput) -> shapes::DeleteLoadBalancerOutput;
    DeleteRule(shapes::DeleteRuleInput) -> shapes::DeleteRuleOutput;
    DeleteTargetGroup(shapes::DeleteTargetGroupInput) -> shapes::DeleteTargetGroupOutput;
    DeregisterTargets(shapes::DeregisterTargetsInput) -> shapes::DeregisterTargetsOutput;
    DescribeAccountLimits(shapes::DescribeAccountLimitsInput) -> shapes::DescribeAccountLimitsOutput;
    DescribeCapacityReservation(shapes::DescribeCapacityReservationInput) -> shapes::DescribeCapacityReservationOutput;
    DescribeListenerAttributes(shapes::DescribeListenerAttributesInput) -> shapes::DescribeListenerAttributesOutput;
    DescribeListenerCertificates(shapes::DescribeListenerCertificatesInput) -> shapes::DescribeListenerCertificatesOutput;
    DescribeListeners(shapes::DescribeListenersInput) -> shapes::DescribeListenersOutput;
    DescribeLoadBalancerAttributes(shapes::DescribeLoadBalancerAttributesInput) -> shapes::DescribeLoadBalancerAttributesOutput;
    DescribeLoadBalancers(shapes::DescribeLoadBalancersInput) -> shapes::DescribeLoadBalancersOutput;
    DescribeRules(shapes::DescribeRulesInput) -> shapes::DescribeRulesOutput;
    DescribeSSLPolicies(shapes::DescribeSSLPoliciesInput) -> shapes::DescribeSSLPoliciesOutput;
    DescribeTags(shapes::DescribeTagsInput) -> shapes::DescribeTagsOutput;
    DescribeTargetGroupAttributes(shapes::DescribeTargetGroupAttributesInput) -> shapes::DescribeTargetGroupAttributesOutput;
    DescribeTargetGroups(shapes::DescribeTargetGroupsInput) -> shapes::DescribeTargetGroupsOutput;
    DescribeTargetHealth(shapes::DescribeTargetHealthInput) -> shapes::DescribeTargetHealthOutput;
    DescribeTrustStoreAssociations(shapes::DescribeTrustStoreAssociationsInput) -> shapes::DescribeTrustStoreAssociationsOutput;
    DescribeTrustStoreRevocations(shapes::DescribeTrustStoreRevocationsInput) -> shapes::DescribeTrustStoreRevocationsOutput;
    DescribeTrustStores(shapes::DescribeTrustStoresInput) -> shapes::DescribeTrustStoresOutput;
    ModifyListener(shapes::ModifyListenerInput) -> shapes::ModifyListenerOutput;
    ModifyListenerAttributes(shapes::ModifyListenerAttributesInput) -> shapes::ModifyListenerAttributesOutput;
    ModifyLoadBalancerAttributes(shapes::ModifyLoadBalancerAttributesInput) -> shapes::ModifyLoadBalancerAttributesOutput;
    ModifyRule(shapes::ModifyRuleInput) -> shapes::ModifyRuleOutput;
    ModifyTargetGroup(shapes::ModifyTargetGroupInput) -> shapes::ModifyTargetGroupOutput;
    ModifyTargetGroupAttributes(shapes::ModifyTargetGroupAttributesInput) -> shapes::ModifyTargetGroupAttributesOutput;
    RegisterTargets(shapes::RegisterTargetsInput) -> shapes::RegisterTargetsOutput;
    RemoveListenerCertificates(shapes::RemoveListenerCertificatesInput) -> shapes::RemoveListenerCertificatesOutput;
    RemoveTags(shapes::RemoveTagsInput) -> shapes::RemoveTagsOutput;
    SetIpAddressType(shapes::SetIpAddressTypeInput) -> shapes::SetIpAddressTypeOutput;
    SetRulePriorities(shapes::SetRulePrioritiesInput) -> shapes::SetRulePrioritiesOutput;
    SetSecurityGroups(shapes::SetSecurityGroupsInput) -> shapes::SetSecurityGroupsOutput;
    SetSubnets(shapes::SetSubnetsInput) -> shapes::SetSubnetsOutput;
}
