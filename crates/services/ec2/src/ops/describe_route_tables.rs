//! DescribeRouteTables: the account's route tables in the region.

use std::collections::HashSet;

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use crate::filter::Attribute;
use crate::listing::{Asked, Row, Wanted};
use crate::network::Ipv4Block;
use crate::site::Site;
use crate::tables::internet_gateway::InternetGateway;
use crate::tables::nat_gateway::NatGateway;
use crate::tables::network_interface::NetworkInterface;
use crate::tables::route_table::{Route, RouteTable, Target};
use crate::tables::vpc::Vpc;
use crate::{Ec2, tags};

/// A route table with its local routes, and which of the others lead somewhere.
pub(super) struct Seen {
    table: RouteTable,
    owner: String,
    local: Vec<Ipv4Block>,
    live: HashSet<String>,
}

impl Row for Seen {
    type Of = RouteTable;

    fn of(&self) -> &RouteTable {
        &self.table
    }
}

fn target(route: &Route) -> &str {
    match &route.target {
        Target::InternetGateway(id) | Target::NatGateway(id) | Target::NetworkInterface(id) => id,
    }
}

impl Seen {
    fn state(&self, route: &Route) -> &'static str {
        if self.live.contains(target(route)) { "active" } else { "blackhole" }
    }

    fn gateways(&self) -> Vec<String> {
        let others = self.table.routes.iter().filter_map(|route| match &route.target {
            Target::InternetGateway(id) => Some(id.clone()),
            _ => None,
        });
        self.local.iter().map(|_| "local".to_owned()).chain(others).collect()
    }

    fn destinations(&self) -> Vec<String> {
        let others = self.table.routes.iter().map(|route| &route.destination);
        self.local.iter().chain(others).map(Ipv4Block::to_string).collect()
    }
}

const ATTRIBUTES: &[Attribute<Seen>] = &[
    ("association.gateway-id", |_| Vec::new()),
    ("association.main", |row| {
        row.table.associations.iter().map(|one| one.subnet_id.is_none().to_string()).collect()
    }),
    ("association.route-table-association-id", |row| {
        row.table.associations.iter().map(|one| one.id.clone()).collect()
    }),
    ("association.route-table-id", |row| {
        row.table.associations.iter().map(|_| row.table.id.clone()).collect()
    }),
    ("association.subnet-id", |row| {
        row.table.associations.iter().filter_map(|one| one.subnet_id.clone()).collect()
    }),
    ("owner-id", |row| vec![row.owner.clone()]),
    ("route.destination-cidr-block", Seen::destinations),
    ("route.destination-ipv6-cidr-block", |_| Vec::new()),
    ("route.destination-prefix-list-id", |_| Vec::new()),
    ("route.egress-only-internet-gateway-id", |_| Vec::new()),
    ("route.gateway-id", Seen::gateways),
    ("route.instance-id", |_| Vec::new()),
    ("route.nat-gateway-id", |row| {
        let nat = |route: &Route| match &route.target {
            Target::NatGateway(id) => Some(id.clone()),
            _ => None,
        };
        row.table.routes.iter().filter_map(nat).collect()
    }),
    ("route.origin", |row| {
        let mut origins = vec!["CreateRouteTable".to_owned()];
        origins.extend(row.table.routes.iter().map(|_| "CreateRoute".to_owned()));
        origins
    }),
    ("route.state", |row| {
        let mut states = vec!["active".to_owned()];
        states.extend(row.table.routes.iter().map(|route| row.state(route).to_owned()));
        states
    }),
    ("route.transit-gateway-id", |_| Vec::new()),
    ("route.vpc-peering-connection-id", |_| Vec::new()),
    ("route-table-id", |row| vec![row.table.id.clone()]),
    ("vpc-id", |row| vec![row.table.vpc_id.clone()]),
];

/// Lists route tables by id and filter.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::DescribeRouteTablesRequest,
) -> Result<api::DescribeRouteTablesResult, Failure> {
    let asked = Asked {
        ids: ("routeTableIds", input.route_table_ids),
        filters: input.filters,
        next_token: input.next_token,
        max_results: input.max_results,
        dry_run: input.dry_run,
    };
    let wanted = Wanted::parse(&cx, "ec2:DescribeRouteTables", asked, ATTRIBUTES)?;
    let mut site = Site::open(ec2, &cx).await?;
    let tables = site.all::<RouteTable>().await?;
    let rows = see(&mut site, &cx, tables).await?;
    let (rows, next_token) = wanted.select(rows)?;
    Ok(api::DescribeRouteTablesResult { route_tables: Some(rows.iter().map(answer).collect()), next_token })
}

/// Adds what other resources say of route tables.
pub(super) async fn see(site: &mut Site, cx: &Cx, tables: Vec<RouteTable>) -> Result<Vec<Seen>, Failure> {
    let vpcs = site.all::<Vpc>().await?;
    let gateways = site.all::<InternetGateway>().await?;
    let mut live: HashSet<String> =
        gateways.into_iter().filter(|gateway| gateway.vpc_id.is_some()).map(|gateway| gateway.id).collect();
    let nats = site.all::<NatGateway>().await?;
    live.extend(nats.into_iter().filter(|nat| nat.deleted_at.is_none()).map(|nat| nat.id));
    let mut rows = Vec::new();
    for table in tables {
        let vpc = vpcs.iter().find(|vpc| vpc.id == table.vpc_id);
        let mut live = live.clone();
        for route in &table.routes {
            if let Target::NetworkInterface(id) = &route.target
                && site.get::<NetworkInterface>(id).await?.is_some_and(|one| one.requester.is_some())
            {
                live.insert(id.clone());
            }
        }
        rows.push(Seen {
            local: vpc.map(|vpc| vpc.blocks.iter().map(|one| one.block).collect()).unwrap_or_default(),
            owner: cx.account.to_string(),
            table,
            live,
        });
    }
    Ok(rows)
}

/// A route table as answers show it.
pub(super) fn answer(row: &Seen) -> api::RouteTable {
    let table = &row.table;
    let associations = table.associations.iter().map(|one| api::RouteTableAssociation {
        main: Some(one.subnet_id.is_none()),
        route_table_association_id: Some(one.id.clone()),
        route_table_id: Some(table.id.clone()),
        subnet_id: one.subnet_id.clone(),
        association_state: Some(associated()),
        ..Default::default()
    });
    let local = row.local.iter().map(|block| api::Route {
        destination_cidr_block: Some(block.to_string()),
        gateway_id: Some("local".into()),
        origin: Some("CreateRouteTable".into()),
        state: Some("active".into()),
        ..Default::default()
    });
    let others = table.routes.iter().map(|route| {
        let mut shown = api::Route {
            destination_cidr_block: Some(route.destination.to_string()),
            origin: Some("CreateRoute".into()),
            state: Some(row.state(route).into()),
            ..Default::default()
        };
        let id = Some(target(route).to_owned());
        match route.target {
            Target::InternetGateway(_) => shown.gateway_id = id,
            Target::NatGateway(_) => shown.nat_gateway_id = id,
            Target::NetworkInterface(_) => shown.network_interface_id = id,
        }
        shown
    });
    api::RouteTable {
        associations: Some(associations.collect()),
        propagating_vgws: Some(Vec::new()),
        route_table_id: Some(table.id.clone()),
        routes: Some(local.chain(others).collect()),
        tags: Some(tags::answer(&table.tags)),
        vpc_id: Some(table.vpc_id.clone()),
        owner_id: Some(row.owner.clone()),
    }
}

/// The state of an association that is in force.
pub(super) fn associated() -> api::RouteTableAssociationState {
    api::RouteTableAssociationState { state: Some("associated".into()), status_message: None }
}
