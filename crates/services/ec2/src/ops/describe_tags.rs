//! DescribeTags: the tags of all resources in the region.

use gantry_api_ec2 as api;
use gantry_base::Tags;
use gantry_service::{Cx, Failure};

use super::tagging;
use crate::Ec2;
use crate::error::end_dry_run;
use crate::filter::{Attribute, Filters};
use crate::listing::listing;
use crate::page::Page;
use crate::site::Site;

const ACTION: &str = "ec2:DescribeTags";

struct Row {
    /// By which rows are ordered and paged.
    place: String,
    kind: &'static str,
    resource: String,
    key: String,
    value: String,
}

const ATTRIBUTES: &[Attribute<Row>] = &[
    ("key", |row| vec![row.key.clone()]),
    ("resource-id", |row| vec![row.resource.clone()]),
    ("resource-type", |row| vec![row.kind.to_owned()]),
    ("value", |row| vec![row.value.clone()]),
];

/// Lists tags by filter.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::DescribeTagsRequest,
) -> Result<api::DescribeTagsResult, Failure> {
    cx.authorize(listing(&cx, ACTION))?;
    let page = Page::parse(&cx, ACTION, input.next_token.as_deref(), input.max_results, ("ids", false))?;
    let filters = Filters::parse(input.filters, ATTRIBUTES)?;
    end_dry_run(input.dry_run)?;
    let mut site = Site::open(ec2, &cx).await?;
    let mut rows = Vec::new();
    for (kind, resource, tags) in tagging::all(&mut site).await? {
        for (key, value) in tags.iter() {
            let row = Row {
                place: format!("{resource}/{key}"),
                kind: kind.name,
                resource: resource.clone(),
                key: key.to_owned(),
                value: value.to_owned(),
            };
            let own = Tags::parse([(key.to_owned(), value.to_owned())]).unwrap_or_default();
            if filters.pass(&row, &own) {
                rows.push(row);
            }
        }
    }
    let (rows, next_token) = page.cut(rows, |row| &row.place);
    let tags = rows.into_iter().map(|row| api::TagDescription {
        key: Some(row.key),
        resource_id: Some(row.resource),
        resource_type: Some(row.kind.to_owned()),
        value: Some(row.value),
    });
    Ok(api::DescribeTagsResult { next_token, tags: Some(tags.collect()) })
}
