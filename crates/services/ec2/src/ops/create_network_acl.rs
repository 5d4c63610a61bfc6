//! CreateNetworkAcl: an ACL that lets nothing through and that no subnet has yet.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use super::describe_network_acls::answer;
use crate::Ec2;
use crate::client_token::{MadeBy, made_before};
use crate::error::{Ec2Error, end_dry_run};
use crate::resource::{Resource, Whereabouts};
use crate::site::{Making, Site, allow, allow_making_in, new_id};
use crate::tables::network_acl::NetworkAcl;
use crate::tables::vpc::Vpc;

const ACTION: &str = "ec2:CreateNetworkAcl";
/// AWS's quota for a VPC.
const MOST: usize = 200;

/// Makes an ACL in a VPC.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    mut input: api::CreateNetworkAclRequest,
) -> Result<api::CreateNetworkAclResult, Failure> {
    let client_token = input.client_token.take();
    let dry_run = input.dry_run.take();
    let made_by = MadeBy::of(client_token.as_deref(), &input);
    let place = Whereabouts { vpc: Some(&input.vpc_id), zone: None };
    let (kind, tags) = (NetworkAcl::KIND, input.tag_specifications);
    let Making { permit, tags } = allow_making_in(&cx, "CreateNetworkAcl", ACTION, kind, tags, place)?;
    let mut site = Site::open(ec2, &cx).await?;
    let found: Option<Vpc> = site.get(&input.vpc_id).await?;
    allow(&cx, ACTION, Vpc::KIND, &input.vpc_id, found.as_ref().map(Vpc::tags))?;
    let vpc = found.ok_or_else(|| Ec2Error::NotFound { kind: Vpc::KIND, id: input.vpc_id.clone() })?;
    let all = site.all_guarded::<NetworkAcl>().await?;
    if let Some(made) = made_before(&all, made_by.as_ref(), |acl| acl.made_by.as_ref())? {
        end_dry_run(dry_run)?;
        let network_acl = Some(answer(cx.account, made));
        return Ok(api::CreateNetworkAclResult { network_acl, client_token });
    }
    if all.iter().filter(|one| one.vpc_id == vpc.id).count() >= MOST {
        let message = "The maximum number of network ACLs has been reached.";
        return Err(Ec2Error::LimitExceeded(message.into()).into());
    }
    end_dry_run(dry_run)?;
    let acl = NetworkAcl {
        id: new_id::<NetworkAcl>(&*ec2.ids),
        vpc_id: vpc.id,
        is_default: false,
        entries: Vec::new(),
        associations: Vec::new(),
        tags,
        made_by,
    };
    site.put(&acl);
    site.commit(&permit).await?;
    Ok(api::CreateNetworkAclResult { network_acl: Some(answer(cx.account, &acl)), client_token })
}
