//! CreateSecurityGroup: a group in a VPC, which lets nothing in and everything out.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use super::default_vpc_of;
use crate::default_network::everything_out;
use crate::error::{Ec2Error, end_dry_run};
use crate::resource::{Resource, Whereabouts};
use crate::site::{Making, Site, allow, allow_making_in, new_id};
use crate::tables::security_group::SecurityGroup;
use crate::tables::vpc::Vpc;
use crate::{Ec2, arns, tags};

const ACTION: &str = "ec2:CreateSecurityGroup";
/// AWS's quota for a region.
const MOST: usize = 2500;

/// Makes a group in the VPC that is named, or in the default one.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::CreateSecurityGroupRequest,
) -> Result<api::CreateSecurityGroupResult, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let default_vpc = if input.vpc_id.is_none() { default_vpc_of(&mut site).await? } else { None };
    let vpc = input.vpc_id.as_deref().or(default_vpc.as_ref().map(|vpc| vpc.id.as_str()));
    let place = Whereabouts { vpc, zone: None };
    let (kind, tags) = (SecurityGroup::KIND, input.tag_specifications);
    let Making { permit, tags } = allow_making_in(&cx, "CreateSecurityGroup", ACTION, kind, tags, place)?;
    let vpc: Vpc = match &input.vpc_id {
        Some(id) => {
            let found: Option<Vpc> = site.get(id).await?;
            allow(&cx, ACTION, Vpc::KIND, id, found.as_ref().map(Vpc::tags))?;
            found.ok_or_else(|| Ec2Error::NotFound { kind: Vpc::KIND, id: id.clone() })?
        }
        None => {
            let none = || Ec2Error::VpcIdNotSpecified("No default VPC for this user".into());
            default_vpc.ok_or_else(none)?
        }
    };
    check_text("group-name", "GroupName", &input.group_name)?;
    check_text("group description", "GroupDescription", &input.description)?;
    if input.group_name.starts_with("sg-") {
        let message = format!(
            "Value ({}) for parameter GroupName is invalid. Group names may not be in the format sg-*.",
            input.group_name
        );
        return Err(Ec2Error::InvalidParameterValue(message).into());
    }
    if input.group_name == "default" {
        let message = "Cannot use reserved security group name: default";
        return Err(Ec2Error::InvalidParameterValue(message.into()).into());
    }
    let all = site.all_guarded::<SecurityGroup>().await?;
    if all.iter().any(|one| one.vpc_id == vpc.id && one.name == input.group_name) {
        let message =
            format!("The security group '{}' already exists for VPC '{}'", input.group_name, vpc.id);
        return Err(Ec2Error::InvalidGroupDuplicate(message).into());
    }
    if all.len() >= MOST {
        let message = "The maximum number of security groups for this VPC has been reached.";
        return Err(Ec2Error::SecurityGroupLimitExceeded(message.into()).into());
    }
    end_dry_run(input.dry_run)?;

    let group = SecurityGroup {
        id: new_id::<SecurityGroup>(&*ec2.ids),
        vpc_id: vpc.id,
        name: input.group_name,
        description: input.description,
        rules: vec![everything_out(ec2.ids.ec2("sgr"))],
        tags,
    };
    site.put(&group);
    site.commit(&permit).await?;
    Ok(api::CreateSecurityGroupResult {
        security_group_arn: Some(arns::arn(&cx, "security-group", &group.id).to_string()),
        tags: tags::answer_some(&group.tags),
        group_id: Some(group.id),
    })
}

fn check_text(what: &str, member: &'static str, text: &str) -> Result<(), Ec2Error> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c);
    if text.is_empty() {
        return Err(Ec2Error::MissingParameter(member));
    }
    if text.len() > 255 || !text.chars().all(allowed) {
        let message = format!(
            "Invalid {what}. Valid values are strings less than 256 characters from the following set:  \
             a-zA-Z0-9. _-:/()#,@[]+=&;{{}}!$*"
        );
        return Err(Ec2Error::InvalidParameterValue(message));
    }
    Ok(())
}
