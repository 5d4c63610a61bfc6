//! What all Describe operations do: permission, ids, filters, pages.

use std::ops::Deref;

use gantry_api_ec2 as api;
use gantry_base::{AccountId, Region};
use gantry_service::{Cx, Failure, Permission};

use crate::arns;
use crate::error::{Ec2Error, end_dry_run};
use crate::filter::{Attribute, Filters};
use crate::page::Page;
use crate::resource::Resource;
use crate::site::Site;

/// What a listing may be asked for.
#[derive(Default)]
pub struct Asked {
    /// The name of the member that names rows, and what it holds.
    pub ids: (&'static str, Option<Vec<String>>),
    pub filters: Option<Vec<api::Filter>>,
    pub next_token: Option<String>,
    pub max_results: Option<i32>,
    pub dry_run: Option<bool>,
}

/// What can be listed: a resource with what its filters need.
pub trait Row: 'static {
    type Of: Resource;

    fn of(&self) -> &Self::Of;
}

/// A resource and whose it is.
pub struct Owned<R> {
    pub owner: AccountId,
    pub region: Region,
    pub row: R,
}

impl<R: Resource> Row for Owned<R> {
    type Of = R;

    fn of(&self) -> &R {
        &self.row
    }
}

impl<R> Deref for Owned<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.row
    }
}

/// All of a kind in the caller's account and region.
pub async fn owned<R: Resource>(site: &mut Site, cx: &Cx) -> Result<Vec<Owned<R>>, Failure> {
    let rows = site.all::<R>().await?.into_iter();
    Ok(rows.map(|row| Owned { owner: cx.account, region: cx.region.clone(), row }).collect())
}

/// A listing that is allowed and makes sense.
pub struct Wanted<W: Row> {
    pub ids: Vec<String>,
    filters: Filters<W>,
    page: Page,
}

impl<W: Row> Wanted<W> {
    /// Has the action allowed and reads what is asked for.
    pub fn parse(
        cx: &Cx,
        action: &'static str,
        asked: Asked,
        attributes: &'static [Attribute<W>],
    ) -> Result<Self, Failure> {
        cx.authorize(listing(cx, action))?;
        let (name, ids) = asked.ids;
        let ids = ids.unwrap_or_default();
        let given = (name, !ids.is_empty());
        let page = Page::parse(cx, action, asked.next_token.as_deref(), asked.max_results, given)?;
        let filters = Filters::parse(asked.filters, attributes)?;
        end_dry_run(asked.dry_run)?;
        Ok(Wanted { ids, filters, page })
    }

    /// The rows that were asked for, of which each that is named must be there, and how to go on.
    pub fn select(&self, rows: Vec<W>) -> Result<(Vec<W>, Option<String>), Ec2Error> {
        for id in &self.ids {
            arns::check_id(id, W::Of::KIND)?;
            if !rows.iter().any(|row| row.of().id() == id) {
                return Err(Ec2Error::NotFound { kind: W::Of::KIND, id: id.clone() });
            }
        }
        let mut rows = rows;
        rows.retain(|row| {
            let named = self.ids.is_empty() || self.ids.iter().any(|id| id == row.of().id());
            named && self.filters.pass(row, row.of().tags())
        });
        Ok(self.page.cut(rows, |row| row.of().id()))
    }
}

/// The permission for an action that lists, which EC2 knows for no single resource.
pub fn listing<'a>(cx: &Cx, action: &'static str) -> Permission<'a> {
    Permission::of(action).key("ec2:Region", [cx.region.as_str()])
}
