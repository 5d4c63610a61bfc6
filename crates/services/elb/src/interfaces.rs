//! What ELB has EC2 make: an interface in each subnet of a load balancer.

use gantry_api_ec2 as ec2;
use gantry_service::{Cx, Failure};

use crate::Elb;
use crate::network::filter;
use crate::tables::{Elastic, Interface, LoadBalancer, Zone};

/// EC2 gives an interface with this tag a public address; only services can give it.
const PUBLIC_ADDRESS_TAG: &str = "aws:ec2:associate-public-ip-address";

/// Makes the interface of a load balancer in a zone, or finds the one that was made before. `cx` is the service's own.
pub async fn make(cx: &Cx, of: &LoadBalancer, zone: &Zone) -> Result<Interface, Failure> {
    let public = !of.internal && zone.elastic.is_none();
    let made = match create(cx, of, zone, public).await {
        // One without public addresses to give: the load balancer is reached within its VPC all the same.
        Err(Failure::Answer(error)) if error.code == "InsufficientAddressCapacity" && public => {
            create(cx, of, zone, false).await?
        }
        made => made?,
    };
    let input =
        ec2::DescribeSubnetsRequest { subnet_ids: Some(vec![zone.subnet_id.clone()]), ..Default::default() };
    let subnets = cx.siblings.call::<ec2::DescribeSubnets>(cx, input).await?.subnets.unwrap_or_default();
    let subnet = subnets.into_iter().next().unwrap_or_default();
    let missing = |what: &str| Failure::internal(format_args!("EC2 made an interface without {what}"));
    let address = made.private_ip_address.and_then(|text| text.parse().ok());
    let vpc_id = subnet.vpc_id.ok_or_else(|| missing("a VPC"))?;
    let eni_id = made.network_interface_id.ok_or_else(|| missing("an id"))?;
    let public_ipv4 = match &zone.elastic {
        Some(elastic) => {
            associate(cx, &eni_id, elastic).await?;
            Some(elastic.address)
        }
        None => made.association.and_then(|one| one.public_ip).and_then(|text| text.parse().ok()),
    };
    Ok(Interface {
        eni_id,
        mac: made.mac_address.ok_or_else(|| missing("a MAC"))?,
        private_ipv4: address.ok_or_else(|| missing("an address"))?,
        public_ipv4,
        // One without groups is put into the VPC's own by EC2, and it does not hold for it.
        security_groups: of.security_groups.clone(),
        subnet_id: zone.subnet_id.clone(),
        subnet_cidr: subnet.cidr_block.ok_or_else(|| missing("a block"))?,
        zone: zone.name.clone(),
        vpc_cidrs: blocks(cx, &vpc_id).await?,
        vpc_id,
    })
}

async fn create(
    cx: &Cx,
    of: &LoadBalancer,
    zone: &Zone,
    public: bool,
) -> Result<ec2::NetworkInterface, Failure> {
    let tag = ec2::Tag { key: Some(PUBLIC_ADDRESS_TAG.to_owned()), value: Some("true".to_owned()) };
    let tags =
        ec2::TagSpecification { resource_type: Some("network-interface".to_owned()), tags: Some(vec![tag]) };
    let token = format!("{}-{}-{public}", of.id, zone.subnet_id.trim_start_matches("subnet-"));
    let input = ec2::CreateNetworkInterfaceRequest {
        subnet_id: zone.subnet_id.clone(),
        groups: Some(of.security_groups.clone()).filter(|groups| !groups.is_empty()),
        description: Some(format!("ELB {}", of.path())),
        private_ip_address: zone.private_ipv4.map(|own| own.to_string()),
        client_token: Some(token),
        tag_specifications: public.then(|| vec![tags]),
        ..Default::default()
    };
    let made = cx.siblings.call::<ec2::CreateNetworkInterface>(cx, input).await?;
    made.network_interface.ok_or_else(|| Failure::internal("EC2 made no interface"))
}

/// Leads an elastic address to an interface. Doing it again changes nothing.
async fn associate(cx: &Cx, eni_id: &str, elastic: &Elastic) -> Result<(), Failure> {
    let input = ec2::AssociateAddressRequest {
        allocation_id: Some(elastic.allocation_id.clone()),
        network_interface_id: Some(eni_id.to_owned()),
        allow_reassociation: Some(false),
        ..Default::default()
    };
    cx.siblings.call::<ec2::AssociateAddress>(cx, input).await.map(drop)
}

/// All blocks of a VPC, its first one first.
pub async fn blocks(cx: &Cx, vpc_id: &str) -> Result<Vec<String>, Failure> {
    let input = ec2::DescribeVpcsRequest { vpc_ids: Some(vec![vpc_id.to_owned()]), ..Default::default() };
    let found = cx.siblings.call::<ec2::DescribeVpcs>(cx, input).await?.vpcs.unwrap_or_default().pop();
    let vpc = found.unwrap_or_default();
    let mut blocks: Vec<String> = vpc.cidr_block.into_iter().collect();
    for one in vpc.cidr_block_association_set.unwrap_or_default() {
        blocks.extend(one.cidr_block.filter(|block| !blocks.contains(block)));
    }
    Ok(blocks)
}

/// Gives an interface other groups.
pub async fn set_groups(cx: &Cx, eni_id: &str, groups: &[String]) -> Result<(), Failure> {
    let input = ec2::ModifyNetworkInterfaceAttributeRequest {
        network_interface_id: eni_id.to_owned(),
        groups: Some(groups.to_vec()),
        ..Default::default()
    };
    cx.siblings.call::<ec2::ModifyNetworkInterfaceAttribute>(cx, input).await.map(drop)
}

/// Removes an interface; one that is gone already is no error.
pub async fn remove(cx: &Cx, eni_id: &str) -> Result<(), Failure> {
    let input =
        ec2::DeleteNetworkInterfaceRequest { network_interface_id: eni_id.to_owned(), ..Default::default() };
    match cx.siblings.call::<ec2::DeleteNetworkInterface>(cx, input).await {
        Err(Failure::Answer(error)) if error.code == "InvalidNetworkInterfaceID.NotFound" => Ok(()),
        removed => removed.map(drop),
    }
}

/// Removes whatever interfaces a load balancer has.
pub async fn remove_all(elb: &Elb, cx: &Cx, of: &LoadBalancer) -> Result<(), Failure> {
    let cx = elb.as_service(cx);
    let filters = Some(vec![filter("description", &format!("ELB {}", of.path()))]);
    let input = ec2::DescribeNetworkInterfacesRequest { filters, ..Default::default() };
    let found = cx.siblings.call::<ec2::DescribeNetworkInterfaces>(&cx, input).await?;
    for eni_id in
        found.network_interfaces.unwrap_or_default().into_iter().filter_map(|it| it.network_interface_id)
    {
        remove(&cx, &eni_id).await?;
    }
    Ok(())
}
