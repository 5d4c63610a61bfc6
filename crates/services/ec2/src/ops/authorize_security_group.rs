//! What AuthorizeSecurityGroupIngress and AuthorizeSecurityGroupEgress share.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure, Permit};

use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::permissions::{self, MAX_RULES, Wanted};
use crate::site::Site;
use crate::tables::security_group::SecurityGroup;
use crate::tags;

/// What is added.
pub struct Addition {
    pub egress: bool,
    pub wanted: Vec<Wanted>,
    pub tags: Option<Vec<api::TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// Adds rules to a group: all of them, or none if one is there already.
pub async fn add(
    ec2: &Ec2,
    cx: &Cx,
    mut site: Site,
    mut group: SecurityGroup,
    permit: &Permit,
    addition: Addition,
) -> Result<Vec<api::SecurityGroupRule>, Failure> {
    let Addition { egress, wanted, tags, dry_run } = addition;
    let pairs = tags::given(tags, "security-group-rule")?;
    if !pairs.is_empty() {
        let arn = crate::arns::arn(cx, "security-group-rule", "*");
        let request = pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let tagging = gantry_service::Permission::on("ec2:CreateTags", &arn).request_tags(request);
        cx.authorize(tagging.key("ec2:Region", [cx.region.as_str()]))?;
    }
    let tags = tags::check(pairs)?;
    let same = |one: &Wanted, other: &Wanted| one.traffic == other.traffic && one.peer == other.peer;
    if wanted.iter().enumerate().any(|(at, one)| wanted[..at].iter().any(|other| same(one, other))) {
        let message = "The same permission must not appear multiple times";
        return Err(Ec2Error::InvalidParameterValue(message.into()).into());
    }
    let mut added = Vec::new();
    for one in wanted {
        if group.rules.iter().any(|rule| permissions::same(rule, egress, &one)) {
            let message = format!("the specified rule \"{}\" already exists", permissions::describe(&one));
            return Err(Ec2Error::InvalidPermissionDuplicate(message).into());
        }
        let rule = permissions::row(ec2.ids.ec2("sgr"), egress, one, tags.clone());
        added.push(permissions::answer_rule(cx, &group.id, &rule));
        group.rules.push(rule);
    }
    if group.rules_of(egress).count() > MAX_RULES {
        let message = "The maximum number of rules per security group has been reached.";
        return Err(Ec2Error::RulesPerGroupLimitExceeded(message.into()).into());
    }
    end_dry_run(dry_run)?;
    site.put(&group);
    site.commit(permit).await?;
    Ok(added)
}
