//! CreateNetworkInterface: an interface in a subnet, with an address of its own.
//!
//! A service that calls manages the interface that it gets: it is attached from the start, and only the
//! service can delete it.

use std::net::Ipv4Addr;

use gantry_api_ec2 as api;
use gantry_base::{Arn, Tags};
use gantry_service::{Cx, Failure, Permission, Permit, Principal};
use sha2::{Digest, Sha256};

use super::describe_network_interfaces::{BALANCERS, Places, answer as shown};
use super::modify_network_interface_attribute::check_groups;
use crate::error::{Ec2Error, end_dry_run};
use crate::resource::Resource;
use crate::site::{Site, new_id};
use crate::tables::network_interface::{
    CLIENT_TOKENS, ClientToken, NetworkInterface, PublicIp, Requester, client_token_key,
};
use crate::tables::security_group::SecurityGroup;
use crate::tables::subnet::Subnet;
use crate::{Ec2, PUBLIC_ADDRESS_TAG, arns, tags};

/// AWS's quota of security groups for an interface.
pub(super) const MAX_GROUPS: usize = 5;

/// What a valid request asks for.
struct Wanted {
    subnet: Subnet,
    address: Option<Ipv4Addr>,
    public: bool,
    description: String,
    groups: Vec<String>,
    tags: Tags,
    client_token: Option<String>,
    /// A digest of all of it but the token.
    digest: String,
}

/// Makes an interface, or gives the one that was made under the same client token.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::CreateNetworkInterfaceRequest,
) -> Result<api::CreateNetworkInterfaceResult, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let subnet: Option<Subnet> = site.get(&input.subnet_id).await?;
    let groups = group_ids(&mut site, subnet.as_ref(), &input).await?;
    let pairs = tags::given(input.tag_specifications.clone(), "network-interface")?;
    let permit = authorize(&cx, subnet.as_ref(), &groups, &input, &pairs)?;
    let missing = || Ec2Error::NotFound { kind: Subnet::KIND, id: input.subnet_id.clone() };
    let subnet = subnet.ok_or_else(missing)?;
    refuse_unsupported(&input)?;
    let groups = check_groups(&mut site, &subnet.vpc_id, groups).await?;
    let dry_run = input.dry_run;
    let wanted = validate(&site, &cx, subnet, groups, input, pairs)?;
    end_dry_run(dry_run)?;

    let places = Places::of(&mut site, &cx).await?;
    if let Some(made) = made_before(&mut site, &cx, &wanted).await? {
        return answer(&places, made, wanted.client_token);
    }
    let interface = write(ec2, &mut site, &cx, &wanted).await?;
    site.commit(&permit).await?;
    answer(&places, interface, wanted.client_token)
}

/// The action is allowed on all that it touches: the interface to be, its subnet and its groups.
fn authorize(
    cx: &Cx,
    subnet: Option<&Subnet>,
    groups: &[String],
    input: &api::CreateNetworkInterfaceRequest,
    pairs: &[(String, String)],
) -> Result<Permit, Failure> {
    const ACTION: &str = "ec2:CreateNetworkInterface";
    let place = Place::of(cx, subnet);
    let subnet_arn = arns::arn(cx, "subnet", &input.subnet_id);
    cx.authorize(place.keys(Permission::on(ACTION, &subnet_arn)).key("ec2:SubnetID", [&input.subnet_id]))?;
    for group in groups {
        let group_arn = arns::arn(cx, "security-group", group);
        cx.authorize(place.keys(Permission::on(ACTION, &group_arn)).key("ec2:SecurityGroupID", [group]))?;
    }
    let interface_arn = arns::arn(cx, "network-interface", "*");
    let request_tags = || pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    if !pairs.is_empty() {
        let tagging =
            place.keys(Permission::on("ec2:CreateTags", &interface_arn)).request_tags(request_tags());
        cx.authorize(tagging.key("ec2:CreateAction", ["CreateNetworkInterface"]))?;
    }
    let making = place.keys(Permission::on(ACTION, &interface_arn)).key("ec2:Subnet", [subnet_arn.as_str()]);
    cx.authorize(making.request_tags(request_tags()))
}

/// The condition keys that say where an interface is to be.
struct Place {
    region: String,
    vpc_arn: Option<Arn>,
    zone: Option<String>,
}

impl Place {
    fn of(cx: &Cx, subnet: Option<&Subnet>) -> Place {
        Place {
            region: cx.region.to_string(),
            vpc_arn: subnet.map(|subnet| arns::arn(cx, "vpc", &subnet.vpc_id)),
            zone: subnet.map(|subnet| subnet.zone.name.clone()),
        }
    }

    fn keys<'p>(&self, permission: Permission<'p>) -> Permission<'p> {
        let vpc = self.vpc_arn.as_ref().map(Arn::as_str);
        let permission = permission.key("ec2:Region", [&self.region]).key("ec2:Vpc", vpc);
        permission.key("ec2:AvailabilityZone", self.zone.as_ref())
    }
}

/// The groups that are named, or the VPC's own.
async fn group_ids(
    site: &mut Site,
    subnet: Option<&Subnet>,
    input: &api::CreateNetworkInterfaceRequest,
) -> Result<Vec<String>, Failure> {
    let given = input.groups.clone().unwrap_or_default();
    let Some(subnet) = subnet.filter(|_| given.is_empty()) else { return Ok(given) };
    let all = site.all::<SecurityGroup>().await?;
    let own = all.into_iter().filter(|group| group.vpc_id == subnet.vpc_id && group.is_default());
    Ok(own.map(|group| group.id).collect())
}

fn validate(
    site: &Site,
    cx: &Cx,
    subnet: Subnet,
    groups: Vec<String>,
    input: api::CreateNetworkInterfaceRequest,
    mut pairs: Vec<(String, String)>,
) -> Result<Wanted, Ec2Error> {
    let address = primary_address(&input)?.map(|text| check_address(site, &subnet, &text)).transpose()?;
    let of_service = service(cx).is_some();
    let count = pairs.len();
    pairs.retain(|(key, value)| !(of_service && key == PUBLIC_ADDRESS_TAG && value == "true"));
    let public = pairs.len() < count;
    let tags = if of_service { tags::check_of_service(pairs) } else { tags::check(pairs) }?;
    let description = input.description.unwrap_or_default();
    let parts = (&subnet.id, address, public, &description, &groups, &tags);
    let digest = Sha256::digest(format!("{parts:?}"));
    Ok(Wanted {
        digest: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        subnet,
        address,
        public,
        description,
        groups,
        tags,
        client_token: input.client_token.filter(|token| !token.is_empty()),
    })
}

/// What AWS would do and this service does not is said, not left out.
fn refuse_unsupported(input: &api::CreateNetworkInterfaceRequest) -> Result<(), Ec2Error> {
    let counted = |count: Option<i32>| count.is_some_and(|count| count > 0);
    fn listed<T>(list: &Option<Vec<T>>) -> bool {
        list.as_ref().is_some_and(|list| !list.is_empty())
    }
    let ipv6 = listed(&input.ipv6_addresses)
        || counted(input.ipv6_address_count)
        || input.enable_primary_ipv6 == Some(true);
    let prefixes = listed(&input.ipv4_prefixes)
        || listed(&input.ipv6_prefixes)
        || counted(input.ipv4_prefix_count)
        || counted(input.ipv6_prefix_count);
    let kind = input.interface_type.as_deref().is_some_and(|kind| kind != "interface");
    for (given, what) in [
        (ipv6, "IPv6 on network interfaces"),
        (prefixes, "Prefix delegation"),
        (counted(input.secondary_private_ip_address_count), "A secondary private address"),
        (kind, "An interface type other than interface"),
        (input.connection_tracking_specification.is_some(), "ConnectionTrackingSpecification"),
        (input.operator.is_some(), "Operator"),
    ] {
        if given {
            return Err(Ec2Error::Unsupported(what));
        }
    }
    Ok(())
}

/// The one address that the request names, in either of the two ways of naming it.
fn primary_address(input: &api::CreateNetworkInterfaceRequest) -> Result<Option<String>, Ec2Error> {
    let list = input.private_ip_addresses.as_deref().unwrap_or_default();
    match (&input.private_ip_address, list) {
        (Some(_), [_, ..]) => Err(Ec2Error::InvalidParameterCombination(
            "privateIpAddress and privateIpAddresses may not be specified together".into(),
        )),
        (address, []) => Ok(address.clone()),
        (None, [one]) => Ok(one.private_ip_address.clone()),
        (None, _) => Err(Ec2Error::Unsupported("A secondary private address")),
    }
}

fn check_address(site: &Site, subnet: &Subnet, text: &str) -> Result<Ipv4Addr, Ec2Error> {
    let address: Ipv4Addr = text.parse().map_err(|_| {
        Ec2Error::InvalidParameterValue(format!("invalid value for parameter address: {text}"))
    })?;
    if subnet.block.offset(address).is_none() {
        let message = "Address does not fall within the subnet's address range";
        return Err(Ec2Error::InvalidParameterValue(message.into()));
    }
    if !site.private_addresses(subnet).usable(address) {
        let message = format!("Address {address} is in subnet's reserved address range");
        return Err(Ec2Error::InvalidParameterValue(message));
    }
    Ok(address)
}

/// The service that calls, if it is one.
pub(super) fn service(cx: &Cx) -> Option<&str> {
    match &cx.caller.principal {
        Principal::Service { name } => Some(name),
        _ => None,
    }
}

async fn made_before(site: &mut Site, cx: &Cx, wanted: &Wanted) -> Result<Option<NetworkInterface>, Failure> {
    let Some(token) = &wanted.client_token else { return Ok(None) };
    let key = client_token_key(cx.account, &cx.region, token);
    let Some(made) = site.tx.get(&CLIENT_TOKENS, &key).await? else {
        return Ok(None);
    };
    if made.request != wanted.digest {
        return Err(Ec2Error::IdempotentParameterMismatch.into());
    }
    site.get(&made.network_interface_id).await
}

async fn write(ec2: &Ec2, site: &mut Site, cx: &Cx, wanted: &Wanted) -> Result<NetworkInterface, Failure> {
    let id = new_id::<NetworkInterface>(&*ec2.ids);
    let pool = site.private_addresses(&wanted.subnet);
    let private_ip = match wanted.address {
        Some(address) if pool.take(&mut site.tx, address, &id).await? => address,
        Some(address) => return Err(Ec2Error::AddressInUse { address }.into()),
        None => {
            let taken = pool.take_any(&mut site.tx, &*ec2.ids, cx.now, &id).await?;
            taken.ok_or(Ec2Error::InsufficientFreeAddresses)?
        }
    };
    let public_ip = match site.public_addresses().filter(|_| wanted.public) {
        None => None,
        Some(pool) => {
            let full = || {
                let message = format!("There are no free public addresses left in {}.", pool.block);
                Ec2Error::InsufficientPublicAddresses(message)
            };
            let taken = pool.take_any(&mut site.tx, &*ec2.ids, cx.now, &id).await?;
            let address = taken.ok_or_else(full)?;
            Some(PublicIp { address, association_id: ec2.ids.ec2("eipassoc"), allocation_id: None })
        }
    };
    let balancer = service(cx) == Some(BALANCERS);
    let of_network_balancer = balancer && wanted.description.starts_with("ELB net/");
    let prefix = if balancer && !of_network_balancer { "eni-attach" } else { "ela-attach" };
    let requester = service(cx)
        .map(|service| Requester { service: service.to_owned(), attachment_id: ec2.ids.ec2(prefix) });
    let interface = NetworkInterface {
        id,
        subnet_id: wanted.subnet.id.clone(),
        private_ip,
        public_ip,
        description: wanted.description.clone(),
        groups: wanted.groups.clone(),
        tags: wanted.tags.clone(),
        created_at: cx.now,
        requester,
        client_token: wanted.client_token.clone(),
        source_dest_check: true,
        interface_type: if of_network_balancer { "network_load_balancer" } else { "interface" }.into(),
    };
    site.put(&interface);
    if let Some(token) = &wanted.client_token {
        let row = ClientToken { network_interface_id: interface.id.clone(), request: wanted.digest.clone() };
        site.tx.put(&CLIENT_TOKENS, &client_token_key(cx.account, &cx.region, token), &row);
    }
    Ok(interface)
}

fn answer(
    places: &Places,
    interface: NetworkInterface,
    client_token: Option<String>,
) -> Result<api::CreateNetworkInterfaceResult, Failure> {
    let placed = places.place(interface)?;
    let mut interface = shown(&placed);
    if placed.interface.requester.is_none() {
        // AWS answers before the interface is ready, and clients wait for `available`.
        interface.status = Some("pending".into());
    }
    Ok(api::CreateNetworkInterfaceResult { network_interface: Some(interface), client_token })
}
