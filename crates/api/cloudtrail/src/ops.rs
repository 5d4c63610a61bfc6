//! The operations that are served. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::shapes;

gantry_wire::operations! {
    "cloudtrail";
    LookupEvents(shapes::LookupEventsRequest) -> shapes::LookupEventsResponse;
}
