//! LookupEvents: the calls of the last 90 days in this account and region, newest first.

use gantry_api_cloudtrail as api;
use gantry_base::PageToken;
use gantry_service::{Cx, Failure, Permission};
use serde_json::Value;

use crate::error::LookupError;
use crate::event::user_name;
use crate::lookup::{Asked, Places, Trails};

const LARGEST_PAGE: i32 = 50;

/// Looks events up by at most one attribute.
pub async fn run(
    trails: &Trails,
    cx: Cx,
    input: api::LookupEventsRequest,
) -> Result<api::LookupEventsResponse, Failure> {
    cx.authorize(Permission::of("cloudtrail:LookupEvents"))?;
    let size = input.max_results.unwrap_or(LARGEST_PAGE);
    if !(1..=LARGEST_PAGE).contains(&size) {
        return Err(LookupError::InvalidMaxResults.into());
    }
    if let (Some(start), Some(end)) = (input.start_time, input.end_time)
        && start > end
    {
        return Err(LookupError::InvalidTimeRange.into());
    }
    if let Some(category) = input.event_category.filter(|category| category != "management") {
        return Err(LookupError::InvalidEventCategory(category).into());
    }
    let attribute = attribute(input.lookup_attributes.unwrap_or_default())?;
    let scope = format!("LookupEvents/{}/{}/{attribute:?}", cx.account, cx.region);
    let before = input.next_token.map(|token| {
        let places = PageToken::decode(&scope, &token).ok().and_then(|places| Places::decode(&places));
        places.ok_or(LookupError::InvalidNextToken)
    });
    let asked = Asked {
        account: cx.account,
        region: cx.region.clone(),
        attribute,
        from: input.start_time,
        until: input.end_time,
        limit: size.unsigned_abs() as usize,
    };
    let (events, next) = trails.page(&asked, before.transpose()?).await.map_err(Failure::internal)?;
    let events = events.iter().map(shown).collect();
    let next_token = next.map(|places| PageToken::encode(&scope, &places.encode()));
    Ok(api::LookupEventsResponse { events: Some(events), next_token })
}

/// Key and value of what is looked for.
fn attribute(given: Vec<api::LookupAttribute>) -> Result<Option<(String, String)>, LookupError> {
    let mut given = given.into_iter();
    let Some(first) = given.next() else { return Ok(None) };
    if given.next().is_some() {
        let message = "You can only specify one lookup attribute.";
        return Err(LookupError::InvalidLookupAttributes(message.to_owned()));
    }
    if first.attribute_value.is_empty() || first.attribute_value.chars().count() > 2000 {
        let message = "The value of a lookup attribute has 1 to 2000 characters.";
        return Err(LookupError::InvalidLookupAttributes(message.to_owned()));
    }
    Ok(Some((first.attribute_key, first.attribute_value)))
}

fn shown(event: &Value) -> api::Event {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let resources = event["resources"].as_array().into_iter().flatten();
    api::Event {
        event_id: text(&event["eventID"]),
        event_name: text(&event["eventName"]),
        read_only: event["readOnly"].as_bool().map(|reads| reads.to_string()),
        access_key_id: text(&event["userIdentity"]["accessKeyId"]),
        event_time: event["eventTime"].as_str().and_then(gantry_base::Timestamp::from_rfc3339),
        event_source: text(&event["eventSource"]),
        username: user_name(event),
        resources: Some(
            resources
                .map(|resource| api::Resource {
                    resource_type: text(&resource["type"]),
                    resource_name: text(&resource["ARN"]),
                })
                .collect(),
        ),
        cloud_trail_event: Some(event.to_string()),
    }
}
