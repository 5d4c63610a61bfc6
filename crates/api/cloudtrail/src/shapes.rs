//! The shapes that served operations reach. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::MODEL;
#[allow(unused_imports)]
use gantry_wire::generated::*;

gantry_wire::shape! {
    pub struct Event = "Event" {
        0 event_id: Option<String>,
        1 event_name: Option<String>,
        2 read_only: Option<String>,
        3 access_key_id: Option<String>,
        4 event_time: Option<Timestamp>,
        5 event_source: Option<String>,
        6 username: Option<String>,
        7 resources: Option<Vec<Resource>>,
        8 cloud_trail_event: Option<String>,
    }
    pub struct LookupAttribute = "LookupAttribute" {
        0 attribute_key: String,
        1 attribute_value: String,
    }
    pub struct LookupEventsRequest = "LookupEventsRequest" {
        0 lookup_attributes: Option<Vec<LookupAttribute>>,
        1 start_time: Option<Timestamp>,
        2 end_time: Option<Timestamp>,
        3 event_category: Option<String>,
        4 max_results: Option<i32>,
        5 next_token: Option<String>,
    }
    pub struct LookupEventsResponse = "LookupEventsResponse" {
        0 events: Option<Vec<Event>>,
        1 next_token: Option<String>,
    }
    pub struct Resource = "Resource" {
        0 resource_type: Option<String>,
        1 resource_name: Option<String>,
    }
}
