//! What the operations on capacity providers have in common: how one is named, and what it may be.

use gantry_api_ecs as api;
use gantry_base::Arn;

use crate::error::EcsError;
use crate::names::Place;
use crate::tables::capacity_provider::ManagedScaling;

/// Longest name.
const MAX_NAME: usize = 255;
/// What names must not begin with, in any case of letters.
const RESERVED: [&str; 3] = ["aws", "ecs", "fargate"];

/// The name of a provider that is given by its name or its ARN.
pub(super) fn name_of(place: &Place, text: &str) -> Result<String, EcsError> {
    if !text.starts_with("arn:") {
        return Ok(text.to_owned());
    }
    let arn: Arn = text.parse().map_err(|_| not_there())?;
    let here = arn.account() == place.account.as_str() && arn.region() == place.region.as_str();
    match arn.resource().strip_prefix("capacity-provider/") {
        Some(name) if here && arn.service() == "ecs" => Ok(name.to_owned()),
        _ => Err(not_there()),
    }
}

/// AWS's answer for a provider that is not there.
pub(super) fn not_there() -> EcsError {
    EcsError::client(
        "The specified capacity provider does not exist. Specify a valid name or ARN and try again.",
    )
}

/// Refuses a name that no provider may have.
pub(super) fn check_name(name: &str) -> Result<(), EcsError> {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let lower = name.to_ascii_lowercase();
    let reserved = RESERVED.iter().any(|prefix| lower.starts_with(prefix));
    if name.is_empty() || name.len() > MAX_NAME || !name.bytes().all(fine) || reserved {
        return Err(EcsError::client(
            "The specified capacity provider name is invalid. Up to 255 characters are allowed, including letters (upper \
             and lowercase), numbers, underscores, and hyphens. The name cannot be prefixed with \"aws\", \"ecs\", or \
             \"fargate\". Specify a valid name and try again.",
        ));
    }
    Ok(())
}

/// Refuses an Auto Scaling group that can't be one of this place: it is named, or given by its ARN.
pub(super) fn check_group(place: &Place, text: &str) -> Result<(), EcsError> {
    let wrong = || {
        EcsError::client(
            "The specified Auto Scaling group ARN is not valid. Specify the name or the ARN of a group of this account and \
             region and try again.",
        )
    };
    // What Auto Scaling takes for a name.
    let fine = |name: &str| {
        (1..=MAX_NAME).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':')
    };
    if !text.starts_with("arn:") {
        return if fine(text) { Ok(()) } else { Err(wrong()) };
    }
    let arn: Arn = text.parse().map_err(|_| wrong())?;
    let here = arn.account() == place.account.as_str() && arn.region() == place.region.as_str();
    let rest = arn.resource().strip_prefix("autoScalingGroup:");
    match rest.and_then(|rest| rest.split_once(":autoScalingGroupName/")) {
        Some((id, name)) if here && arn.service() == "autoscaling" && !id.is_empty() && fine(name) => Ok(()),
        _ => Err(wrong()),
    }
}

/// Refuses what needs Auto Scaling to make and end machines, which is not there.
pub(super) fn check_served(
    scaling: Option<&api::ManagedScaling>,
    termination_protection: Option<&str>,
) -> Result<(), EcsError> {
    let is_on = |status: Option<&str>| status == Some("ENABLED");
    if is_on(scaling.and_then(|scaling| scaling.status.as_deref())) {
        return Err(EcsError::Unsupported(
            "Gantry does not support autoScalingGroupProvider.managedScaling with the status ENABLED: there is no Auto \
             Scaling. Machines join with the provider's name (gantry node token --capacity-provider NAME)."
                .to_owned(),
        ));
    }
    if is_on(termination_protection) {
        return Err(EcsError::Unsupported(
            "Gantry does not support autoScalingGroupProvider.managedTerminationProtection: there is no Auto Scaling, so \
             nothing ends machines."
                .to_owned(),
        ));
    }
    Ok(())
}

/// The numbers of managed scaling, with what was given laid over those of before.
pub(super) fn managed_scaling(
    before: ManagedScaling,
    given: Option<&api::ManagedScaling>,
) -> Result<ManagedScaling, EcsError> {
    let Some(given) = given else { return Ok(before) };
    let scaling = ManagedScaling {
        target_capacity: given.target_capacity.unwrap_or(before.target_capacity),
        minimum_step: given.minimum_scaling_step_size.unwrap_or(before.minimum_step),
        maximum_step: given.maximum_scaling_step_size.unwrap_or(before.maximum_step),
        warmup_seconds: given.instance_warmup_period.unwrap_or(before.warmup_seconds),
    };
    if scaling.minimum_step > scaling.maximum_step {
        return Err(EcsError::invalid(
            "The minimum or maximum scaling step size value is invalid. Specify a minimum scaling step size value that \
             is less than or equal to the maximum scaling step size value and try again.",
        ));
    }
    Ok(scaling)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place { account: "123456789012".parse().unwrap(), region: "us-east-1".parse().unwrap() }
    }

    #[test]
    fn names_and_arns() {
        let arn = "arn:aws:ecs:us-east-1:123456789012:capacity-provider/blue";
        assert_eq!(name_of(&place(), arn).unwrap(), "blue");
        assert_eq!(name_of(&place(), "blue").unwrap(), "blue");
        assert!(name_of(&place(), "arn:aws:ecs:us-east-1:123456789012:cluster/blue").is_err());
        assert!(name_of(&place(), "arn:aws:ecs:eu-west-1:123456789012:capacity-provider/blue").is_err());
        for wrong in ["", "a b", "aws-blue", "ECSblue", "fargate2", &"x".repeat(256)] {
            assert!(check_name(wrong).is_err(), "{wrong}");
        }
        assert!(check_name("blue_1-x").is_ok());
    }

    #[test]
    fn groups_are_named_or_given_by_arn() {
        let group = |region: &str| {
            format!(
                "arn:aws:autoscaling:{region}:123456789012:autoScalingGroup:0a:autoScalingGroupName/workers"
            )
        };
        assert!(check_group(&place(), "workers").is_ok());
        assert!(check_group(&place(), &group("us-east-1")).is_ok());
        assert!(check_group(&place(), &group("eu-west-1")).is_err());
        assert!(check_group(&place(), "arn:aws:sqs:us-east-1:123456789012:x").is_err());
        let other = "arn:aws:autoscaling:us-east-1:123456789012:policy:0a:autoScalingGroupName/workers";
        for wrong in ["", "two words", "asg:workers", "gr\u{fc}ppe", other, &"x".repeat(256)] {
            assert!(check_group(&place(), wrong).is_err(), "{wrong}");
        }
    }
}
