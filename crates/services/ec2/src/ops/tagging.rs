//! What CreateTags, DeleteTags and DescribeTags share: resources of any kind, found by their ids.

use gantry_base::Tags;
use gantry_service::{Cx, Failure};

use crate::error::Ec2Error;
use crate::resource::{Kind, Resource};
use crate::site::Site;
use crate::tables::dhcp_options::DhcpOptions;
use crate::tables::elastic_address::ElasticAddress;
use crate::tables::internet_gateway::InternetGateway;
use crate::tables::nat_gateway::NatGateway;
use crate::tables::network_acl::NetworkAcl;
use crate::tables::network_interface::NetworkInterface;
use crate::tables::route_table::RouteTable;
use crate::tables::security_group::SecurityGroup;
use crate::tables::subnet::Subnet;
use crate::tables::vpc::Vpc;

/// Kinds of resources, each with what follows for it.
macro_rules! by_prefix {
    ($prefix:expr, $run:ident, $none:expr) => {
        match $prefix {
            "acl" => $run!(NetworkAcl),
            "dopt" => $run!(DhcpOptions),
            "eipalloc" => $run!(ElasticAddress),
            "eni" => $run!(NetworkInterface),
            "igw" => $run!(InternetGateway),
            "nat" => $run!(NatGateway),
            "rtb" => $run!(RouteTable),
            "sg" => $run!(SecurityGroup),
            "subnet" => $run!(Subnet),
            "vpc" => $run!(Vpc),
            _ => $none,
        }
    };
}

/// The kind of rules, which are parts of their groups.
pub const RULE: Kind = Kind {
    name: "security-group-rule",
    prefix: "sgr",
    noun: "security group rule ID",
    missing: "InvalidSecurityGroupRuleId.NotFound",
    malformed: "InvalidSecurityGroupRuleId.Malformed",
    id_key: "ec2:SecurityGroupRuleID",
};

fn prefix(id: &str) -> &str {
    id.rsplit_once('-').map_or(id, |(prefix, _)| prefix)
}

/// The kind of resource that an id is of.
pub fn kind(id: &str) -> Option<&'static Kind> {
    macro_rules! kind {
        ($row:ty) => {
            Some(<$row>::KIND)
        };
    }
    match prefix(id) {
        "sgr" => Some(&RULE),
        prefix => by_prefix!(prefix, kind, None),
    }
}

/// The tags of a resource, if there is one.
pub async fn read(site: &mut Site, id: &str) -> Result<Option<Tags>, Failure> {
    macro_rules! read {
        ($row:ty) => {
            Ok(site.get::<$row>(id).await?.map(|row| row.tags().clone()))
        };
    }
    match prefix(id) {
        "sgr" => {
            let groups = site.all::<SecurityGroup>().await?;
            let mut rules = groups.into_iter().flat_map(|group| group.rules);
            Ok(rules.find(|rule| rule.id == id).map(|rule| rule.tags))
        }
        prefix => by_prefix!(prefix, read, Ok(None)),
    }
}

/// Gives a resource other tags.
pub async fn write(site: &mut Site, id: &str, tags: Tags) -> Result<(), Failure> {
    macro_rules! write {
        ($row:ty) => {{
            if let Some(mut row) = site.get::<$row>(id).await? {
                *row.tags_mut() = tags;
                site.put(&row);
            }
            Ok(())
        }};
    }
    match prefix(id) {
        "sgr" => {
            for mut group in site.all::<SecurityGroup>().await? {
                if let Some(rule) = group.rules.iter_mut().find(|rule| rule.id == id) {
                    rule.tags = tags;
                    site.put(&group);
                    break;
                }
            }
            Ok(())
        }
        prefix => by_prefix!(prefix, write, Ok(())),
    }
}

/// All resources with tags: kind, id and tags.
pub async fn all(site: &mut Site) -> Result<Vec<(&'static Kind, String, Tags)>, Failure> {
    let mut found = Vec::new();
    macro_rules! add {
        ($($row:ty),*) => {$(
            let rows = site.all::<$row>().await?.into_iter();
            found.extend(rows.map(|row| (<$row>::KIND, row.id().to_owned(), row.tags().clone())));
        )*};
    }
    add!(NetworkAcl, DhcpOptions, ElasticAddress, NetworkInterface, InternetGateway, NatGateway);
    add!(RouteTable, SecurityGroup, Subnet, Vpc);
    for group in site.all::<SecurityGroup>().await? {
        found.extend(group.rules.into_iter().map(|rule| (&RULE, rule.id, rule.tags)));
    }
    found.retain(|(.., tags)| !tags.is_empty());
    Ok(found)
}

/// Refuses what is no id of a resource.
pub fn missing(id: &str) -> Ec2Error {
    match kind(id) {
        Some(kind) => Ec2Error::NotFound { kind, id: id.to_owned() },
        None => Ec2Error::InvalidId(format!("The ID '{id}' is not valid")),
    }
}

/// Has the tagging of a resource allowed, be there one or not.
pub fn allow(
    cx: &Cx,
    action: &'static str,
    id: &str,
    tags: Option<&Tags>,
    keys: impl Fn(gantry_service::Permission<'_>) -> gantry_service::Permission<'_>,
) -> Result<gantry_service::Permit, Failure> {
    let name = kind(id).map_or("unknown", |kind| kind.name);
    let arn = crate::arns::arn(cx, name, id);
    let permission = crate::site::permission(cx, action, &arn, kind(id).unwrap_or(&RULE), tags);
    cx.authorize(keys(permission))
}
