//! CreateRouteTable: a route table that no subnet uses yet.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use super::describe_route_tables::{answer, see};
use crate::Ec2;
use crate::client_token::{MadeBy, made_before};
use crate::error::{Ec2Error, end_dry_run};
use crate::resource::{Resource, Whereabouts};
use crate::site::{Making, Site, allow, allow_making_in, new_id};
use crate::tables::route_table::RouteTable;
use crate::tables::vpc::Vpc;

const ACTION: &str = "ec2:CreateRouteTable";
/// AWS's quota for a VPC.
const MOST: usize = 200;

/// Makes a table with the VPC's own routes.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    mut input: api::CreateRouteTableRequest,
) -> Result<api::CreateRouteTableResult, Failure> {
    let client_token = input.client_token.take();
    let dry_run = input.dry_run.take();
    let made_by = MadeBy::of(client_token.as_deref(), &input);
    let place = Whereabouts { vpc: Some(&input.vpc_id), zone: None };
    let (kind, tags) = (RouteTable::KIND, input.tag_specifications);
    let Making { permit, tags } = allow_making_in(&cx, "CreateRouteTable", ACTION, kind, tags, place)?;
    let mut site = Site::open(ec2, &cx).await?;
    let found: Option<Vpc> = site.get(&input.vpc_id).await?;
    allow(&cx, ACTION, Vpc::KIND, &input.vpc_id, found.as_ref().map(Vpc::tags))?;
    let vpc = found.ok_or_else(|| Ec2Error::NotFound { kind: Vpc::KIND, id: input.vpc_id.clone() })?;
    let all = site.all_guarded::<RouteTable>().await?;
    if let Some(made) = made_before(&all, made_by.as_ref(), |table| table.made_by.as_ref())? {
        end_dry_run(dry_run)?;
        let seen = see(&mut site, &cx, vec![made.clone()]).await?;
        return Ok(api::CreateRouteTableResult { route_table: seen.first().map(answer), client_token });
    }
    if all.iter().filter(|one| one.vpc_id == vpc.id).count() >= MOST {
        let message = "The maximum number of route tables has been reached.";
        return Err(Ec2Error::LimitExceeded(message.into()).into());
    }
    end_dry_run(dry_run)?;
    let table = RouteTable {
        id: new_id::<RouteTable>(&*ec2.ids),
        vpc_id: vpc.id,
        associations: Vec::new(),
        routes: Vec::new(),
        tags,
        made_by,
    };
    site.put(&table);
    let seen = see(&mut site, &cx, vec![table]).await?;
    site.commit(&permit).await?;
    Ok(api::CreateRouteTableResult { route_table: seen.first().map(answer), client_token })
}
