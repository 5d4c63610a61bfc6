//! CreateNetworkInterface: an interface in a subnet, with an address of its own.
//!
//! A service that calls manages the interface that it gets: it is attached from the start, and only the
//! service can delete it.

use std::net::Ipv4Addr;

use gantry_api_ec2 as api;
use gantry_base::{Arn, Tags};
use gantry_service::{Cx, Failure, Permission, Permit, Principal};
use gantry_store::{Tx, key};
use sha2::{Digest, Sha256};

use crate::addresses::Pool;
use crate::answer::{self, Placed};
use crate::error::{Ec2Error, end_dry_run};
use crate::network::{RESERVED_AT_START, Subnet, Vpc, default_vpc};
use crate::tables::address::{ADDRESSES, PUBLIC_ADDRESSES, subnet_key};
use crate::tables::network_interface::{
    CLIENT_TOKENS, ClientToken, NETWORK_INTERFACES, NetworkInterface, PublicIp, Requester, client_token_key,
    network_interface_key,
};
use crate::{Ec2, PUBLIC_ADDRESS_TAG, arns, tags};

/// AWS's quota of security groups for an interface.
const MAX_GROUPS: usize = 5;

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
    let vpc = default_vpc(cx.account, &cx.region);
    let pairs = tags::given(input.tag_specifications.clone(), "network-interface")?;
    let permit = authorize(&cx, &vpc, &input, &pairs)?;
    let dry_run = input.dry_run;
    let wanted = validate(ec2, &cx, &vpc, input, pairs)?;
    end_dry_run(dry_run)?;

    let mut tx = ec2.db.begin();
    if let Some(made) = made_before(&mut tx, &cx, &wanted).await? {
        let placed = Placed::find(cx.account, &cx.region, &vpc, made)?;
        return Ok(answer(&placed, wanted.client_token));
    }
    let interface = write(ec2, &mut tx, &cx, &wanted).await?;
    tx.commit(&permit).await?;
    Ok(answer(&Placed::find(cx.account, &cx.region, &vpc, interface)?, wanted.client_token))
}

/// The action is allowed on all that it touches: the interface to be, its subnet and its groups.
fn authorize(
    cx: &Cx,
    vpc: &Vpc,
    input: &api::CreateNetworkInterfaceRequest,
    pairs: &[(String, String)],
) -> Result<Permit, Failure> {
    const ACTION: &str = "ec2:CreateNetworkInterface";
    let place = Place::of(cx, vpc, &input.subnet_id);
    let subnet_arn = arns::arn(cx, "subnet", &input.subnet_id);
    cx.authorize(place.keys(Permission::on(ACTION, &subnet_arn)).key("ec2:SubnetID", [&input.subnet_id]))?;
    for group in group_ids(vpc, input) {
        let group_arn = arns::arn(cx, "security-group", &group);
        cx.authorize(place.keys(Permission::on(ACTION, &group_arn)).key("ec2:SecurityGroupID", [&group]))?;
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
    vpc_arn: Arn,
    zone: Option<String>,
}

impl Place {
    fn of(cx: &Cx, vpc: &Vpc, subnet_id: &str) -> Place {
        let subnet = vpc.subnets.iter().find(|subnet| subnet.id == subnet_id);
        Place {
            region: cx.region.to_string(),
            vpc_arn: arns::arn(cx, "vpc", &vpc.id),
            zone: subnet.map(|subnet| subnet.zone.name.clone()),
        }
    }

    fn keys<'p>(&self, permission: Permission<'p>) -> Permission<'p> {
        let permission = permission.key("ec2:Region", [&self.region]).key("ec2:Vpc", [self.vpc_arn.as_str()]);
        permission.key("ec2:AvailabilityZone", self.zone.as_ref())
    }
}

fn group_ids(vpc: &Vpc, input: &api::CreateNetworkInterfaceRequest) -> Vec<String> {
    let given = input.groups.clone().unwrap_or_default();
    if given.is_empty() { vec![vpc.default_group.id.clone()] } else { given }
}

fn validate(
    ec2: &Ec2,
    cx: &Cx,
    vpc: &Vpc,
    input: api::CreateNetworkInterfaceRequest,
    mut pairs: Vec<(String, String)>,
) -> Result<Wanted, Ec2Error> {
    refuse_unsupported(&input)?;
    let subnet = vpc.subnets.iter().find(|subnet| subnet.id == input.subnet_id).cloned();
    let subnet = subnet.ok_or_else(|| Ec2Error::SubnetNotFound { id: input.subnet_id.clone() })?;
    let mut groups = group_ids(vpc, &input);
    groups.sort();
    groups.dedup();
    for id in &groups {
        arns::check_id(id, "sg", "InvalidGroupId.Malformed")?;
        if *id != vpc.default_group.id {
            return Err(Ec2Error::GroupNotFound { id: id.clone() });
        }
    }
    if groups.len() > MAX_GROUPS {
        return Err(Ec2Error::TooManyGroups);
    }
    let address = primary_address(&input)?.map(|text| check_address(ec2, cx, &subnet, &text)).transpose()?;
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

fn check_address(ec2: &Ec2, cx: &Cx, subnet: &Subnet, text: &str) -> Result<Ipv4Addr, Ec2Error> {
    let address: Ipv4Addr = text.parse().map_err(|_| {
        Ec2Error::InvalidParameterValue(format!("invalid value for parameter address: {text}"))
    })?;
    if subnet.block.offset(address).is_none() {
        let message = format!("Address {address} does not fall within the subnet's address range");
        return Err(Ec2Error::InvalidParameterValue(message));
    }
    if !ec2.private_addresses(cx, subnet).usable(address) {
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

async fn made_before(tx: &mut Tx, cx: &Cx, wanted: &Wanted) -> Result<Option<NetworkInterface>, Failure> {
    let Some(token) = &wanted.client_token else { return Ok(None) };
    let Some(made) = tx.get(&CLIENT_TOKENS, &client_token_key(cx.account, &cx.region, token)).await? else {
        return Ok(None);
    };
    if made.request != wanted.digest {
        return Err(Ec2Error::IdempotentParameterMismatch.into());
    }
    let key = network_interface_key(cx.account, &cx.region, &made.network_interface_id);
    Ok(tx.get(&NETWORK_INTERFACES, &key).await?)
}

async fn write(ec2: &Ec2, tx: &mut Tx, cx: &Cx, wanted: &Wanted) -> Result<NetworkInterface, Failure> {
    let id = ec2.ids.ec2("eni");
    let pool = ec2.private_addresses(cx, &wanted.subnet);
    let private_ip = match wanted.address {
        Some(address) if pool.take(tx, address, &id).await? => address,
        Some(address) => return Err(Ec2Error::AddressInUse { address }.into()),
        None => {
            let taken = pool.take_any(tx, &*ec2.ids, cx.now, &id).await?;
            taken.ok_or(Ec2Error::InsufficientFreeAddresses)?
        }
    };
    let public_ip = match ec2.public_addresses().filter(|_| wanted.public) {
        None => None,
        Some(pool) => {
            let block = pool.block.to_string();
            let taken = pool.take_any(tx, &*ec2.ids, cx.now, &id).await?;
            let address = taken.ok_or(Ec2Error::InsufficientPublicAddresses { block })?;
            Some(PublicIp { address, association_id: ec2.ids.ec2("eipassoc") })
        }
    };
    let requester = service(cx)
        .map(|service| Requester { service: service.to_owned(), attachment_id: ec2.ids.ec2("ela-attach") });
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
    };
    tx.put(&NETWORK_INTERFACES, &network_interface_key(cx.account, &cx.region, &interface.id), &interface);
    if let Some(token) = &wanted.client_token {
        let row = ClientToken { network_interface_id: interface.id.clone(), request: wanted.digest.clone() };
        tx.put(&CLIENT_TOKENS, &client_token_key(cx.account, &cx.region, token), &row);
    }
    Ok(interface)
}

fn answer(placed: &Placed, client_token: Option<String>) -> api::CreateNetworkInterfaceResult {
    let mut interface = answer::network_interface(placed);
    if placed.interface.requester.is_none() {
        // AWS answers before the interface is ready, and clients wait for `available`.
        interface.status = Some("pending".into());
    }
    api::CreateNetworkInterfaceResult { network_interface: Some(interface), client_token }
}

impl Ec2 {
    /// The addresses of a subnet.
    pub(crate) fn private_addresses(&self, cx: &Cx, subnet: &Subnet) -> Pool<'static> {
        Pool {
            table: &ADDRESSES,
            prefix: subnet_key(cx.account, &cx.region, &subnet.id),
            block: subnet.block,
            usable: RESERVED_AT_START..subnet.block.size() - 1,
        }
    }

    /// The public addresses, where there are any.
    pub(crate) fn public_addresses(&self) -> Option<Pool<'static>> {
        let block = self.public?;
        Some(Pool { table: &PUBLIC_ADDRESSES, prefix: key!(), block, usable: 0..block.size() })
    }
}
