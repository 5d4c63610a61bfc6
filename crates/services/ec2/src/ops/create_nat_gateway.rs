//! CreateNatGateway: those in private subnets reach outside by its address.

use std::net::Ipv4Addr;

use gantry_api_ec2 as api;
use gantry_base::Tags;
use gantry_service::{Cx, Failure};

use super::describe_nat_gateways::{SHOWN, answer};
use crate::Ec2;
use crate::client_token::{MadeBy, made_before};
use crate::error::{Ec2Error, end_dry_run};
use crate::resource::Resource;
use crate::site::{Making, Site, allow, allow_making, allow_on, new_id};
use crate::tables::elastic_address::{AddressAssociation, ElasticAddress};
use crate::tables::nat_gateway::{NatAddress, NatGateway};
use crate::tables::network_interface::{NetworkInterface, PublicIp, Requester};
use crate::tables::subnet::Subnet;

const ACTION: &str = "ec2:CreateNatGateway";
/// As many as may be in a region.
const MOST: usize = 100;

/// Makes a public gateway with an elastic address, or a private one.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    mut input: api::CreateNatGatewayRequest,
) -> Result<api::CreateNatGatewayResult, Failure> {
    let (client_token, dry_run) = (input.client_token.take(), input.dry_run.take());
    let made_by = MadeBy::of(client_token.as_deref(), &input);
    let tags = input.tag_specifications.clone();
    let Making { permit, tags } = allow_making(&cx, "CreateNatGateway", ACTION, NatGateway::KIND, tags)?;
    let mut site = Site::open(ec2, &cx).await?;
    let subnet = allowed_subnet(&mut site, &cx, input.subnet_id.as_deref()).await?;
    refuse_unsupported(&input)?;
    let subnet = subnet.ok_or(Ec2Error::MissingParameter("SubnetId"))?;
    if let Some(made) = made_earlier(&mut site, made_by.as_ref()).await? {
        return Ok(answered(&made, client_token));
    }
    let id = new_id::<NatGateway>(&*ec2.ids);
    let interface_id = new_id::<NetworkInterface>(&*ec2.ids);
    let private_ip = private_ip(ec2, &mut site, &cx, &subnet, &input, &interface_id).await?;
    let public = match input.connectivity_type.as_deref() {
        Some("private") if input.allocation_id.is_some() => {
            let message =
                "AllocationId cannot be specified for a NAT Gateway with Connectivity Type private.";
            return Err(Ec2Error::InvalidParameterCombination(message.into()).into());
        }
        Some("private") => None,
        None | Some("public") => {
            let none =
                || Ec2Error::MissingOneOf("The request must include the AllocationId parameter.".into());
            let allocation = input.allocation_id.as_deref().ok_or_else(none)?;
            Some(associate(ec2, &mut site, &cx, allocation, &interface_id, private_ip).await?)
        }
        Some(other) => {
            let message = format!("Value ({other}) for parameter connectivityType is invalid.");
            return Err(Ec2Error::InvalidParameterValue(message).into());
        }
    };
    end_dry_run(dry_run)?;

    site.put(&NetworkInterface {
        id: interface_id.clone(),
        subnet_id: subnet.id.clone(),
        private_ip,
        public_ip: public.as_ref().map(|public| PublicIp {
            address: public.address,
            association_id: public.association_id.clone(),
            allocation_id: Some(public.allocation_id.clone()),
        }),
        description: format!("Interface for NAT Gateway {id}"),
        groups: Vec::new(),
        tags: Tags::default(),
        created_at: cx.now,
        requester: Some(Requester {
            service: "natgateway.ec2.amazonaws.com".into(),
            attachment_id: ec2.ids.ec2("ela-attach"),
        }),
        client_token: None,
        source_dest_check: false,
        interface_type: "nat_gateway".into(),
    });
    let nat = NatGateway {
        id,
        vpc_id: subnet.vpc_id,
        subnet_id: subnet.id,
        network_interface_id: interface_id,
        private_ip,
        public,
        created_at: cx.now,
        deleted_at: None,
        made_by,
        tags,
    };
    site.put(&nat);
    site.commit(&permit).await?;
    Ok(answered(&nat, client_token))
}

async fn allowed_subnet(site: &mut Site, cx: &Cx, id: Option<&str>) -> Result<Option<Subnet>, Failure> {
    let Some(id) = id else { return Ok(None) };
    let found: Option<Subnet> = site.get(id).await?;
    allow_on(cx, ACTION, id, found.as_ref())?;
    Ok(Some(found.ok_or_else(|| Ec2Error::NotFound { kind: Subnet::KIND, id: id.to_owned() })?))
}

fn refuse_unsupported(input: &api::CreateNatGatewayRequest) -> Result<(), Ec2Error> {
    fn listed<T>(list: &Option<Vec<T>>) -> bool {
        list.as_ref().is_some_and(|list| !list.is_empty())
    }
    let secondary = listed(&input.secondary_allocation_ids)
        || listed(&input.secondary_private_ip_addresses)
        || input.secondary_private_ip_address_count.is_some_and(|count| count > 0);
    let regional = input.availability_mode.as_deref() == Some("regional")
        || input.vpc_id.is_some()
        || listed(&input.availability_zone_addresses);
    for (given, what) in
        [(secondary, "A secondary address of a NAT gateway"), (regional, "A regional NAT gateway")]
    {
        if given {
            return Err(Ec2Error::Unsupported(what));
        }
    }
    Ok(())
}

/// What was made under the same token; rows of long ago go.
async fn made_earlier(site: &mut Site, by: Option<&MadeBy>) -> Result<Option<NatGateway>, Failure> {
    let mut all = site.all_guarded::<NatGateway>().await?;
    all.retain(|one| one.deleted_at.is_none());
    if let Some(made) = made_before(&all, by, |one| one.made_by.as_ref())? {
        return Ok(Some(made.clone()));
    }
    if all.len() >= MOST {
        let message = "The maximum number of NAT gateways has been reached.";
        return Err(Ec2Error::LimitExceeded(message.into()).into());
    }
    Ok(None)
}

async fn private_ip(
    ec2: &Ec2,
    site: &mut Site,
    cx: &Cx,
    subnet: &Subnet,
    input: &api::CreateNatGatewayRequest,
    interface_id: &str,
) -> Result<Ipv4Addr, Failure> {
    for old in site.all::<NatGateway>().await? {
        if old.deleted_at.is_some_and(|at| cx.now.since(at) >= SHOWN) {
            site.delete(&old);
        }
    }
    let pool = site.private_addresses(subnet);
    let Some(text) = &input.private_ip_address else {
        let taken = pool.take_any(&mut site.tx, &*ec2.ids, cx.now, interface_id).await?;
        return Ok(taken.ok_or(Ec2Error::InsufficientFreeAddresses)?);
    };
    let address: Option<Ipv4Addr> = text.parse().ok().filter(|address| pool.usable(*address));
    let outside = || {
        let message = "Address does not fall within the subnet's address range";
        Ec2Error::InvalidParameterValue(message.into())
    };
    let address = address.ok_or_else(outside)?;
    match pool.take(&mut site.tx, address, interface_id).await? {
        true => Ok(address),
        false => Err(Ec2Error::AddressInUse { address }.into()),
    }
}

async fn associate(
    ec2: &Ec2,
    site: &mut Site,
    cx: &Cx,
    allocation: &str,
    interface_id: &str,
    private_ip: Ipv4Addr,
) -> Result<NatAddress, Failure> {
    let found: Option<ElasticAddress> = site.get(allocation).await?;
    allow(cx, ACTION, ElasticAddress::KIND, allocation, found.as_ref().map(ElasticAddress::tags))?;
    let missing = || Ec2Error::NotFound { kind: ElasticAddress::KIND, id: allocation.to_owned() };
    let mut elastic = found.ok_or_else(missing)?;
    if let Some(association) = &elastic.association {
        let message =
            format!("resource {allocation} is already associated with associate-id {}", association.id);
        return Err(Ec2Error::ResourceAlreadyAssociated(message).into());
    }
    let association_id = ec2.ids.ec2("eipassoc");
    elastic.association = Some(AddressAssociation {
        id: association_id.clone(),
        network_interface_id: interface_id.to_owned(),
        private_ip,
    });
    site.put(&elastic);
    Ok(NatAddress { allocation_id: elastic.id, association_id, address: elastic.address })
}

fn answered(nat: &NatGateway, client_token: Option<String>) -> api::CreateNatGatewayResult {
    // AWS answers before the gateway works and has its addresses, and clients wait for `available`.
    let mut gateway = answer(nat, "pending");
    if let Some(public) = &nat.public {
        gateway.nat_gateway_addresses = Some(vec![api::NatGatewayAddress {
            allocation_id: Some(public.allocation_id.clone()),
            is_primary: Some(true),
            status: Some("associating".into()),
            ..Default::default()
        }]);
    }
    gateway.attached_appliances = None;
    gateway.tags = gateway.tags.filter(|tags| !tags.is_empty());
    api::CreateNatGatewayResult { client_token, nat_gateway: Some(gateway) }
}
