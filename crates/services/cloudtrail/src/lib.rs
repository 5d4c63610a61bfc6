//! CloudTrail: the record of every call that was let in, kept for 90 days in bounded space.
//!
//! A call becomes an [`event`] in CloudTrail's form, and is written to the [`trail`] before it is answered, so
//! that a `kill -9` loses no record of an answered call; the disk is synced every second, so that a power cut
//! loses a second at most. The trail lies in files beside the store: a flood of calls never slows the store.
//!
//! This crate never keeps what AWS's models call sensitive, never keeps more than its space, and never loses
//! records silently: what it could not write or had to remove early is in the log.
//!
//! Read in this order: [`event`], [`trail`], [`lookup`], [`ops`].

pub mod error;
pub mod event;
pub mod lookup;
pub mod ops;
pub mod trail;

use std::sync::Arc;

use async_trait::async_trait;
use gantry_api_cloudtrail as api;
use gantry_base::{Clock, Ids};
use gantry_service::{Audit, Finished, Registry};

pub use lookup::Trails;
pub use trail::{Limits, Trail};

/// Serves the operations of CloudTrail over what the trails hold.
pub fn register(registry: &mut Registry, trails: &Arc<Trails>) {
    let trails = trails.clone();
    registry.on::<api::LookupEvents, _, _, _>(move |cx, input| {
        let trails = trails.clone();
        async move { ops::lookup_events::run(&trails, cx, input).await }
    });
}

/// Writes calls to a trail.
pub struct Recorder {
    pub trail: Arc<Trail>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

impl Trails {
    /// One trail, of a Gantry that is alone.
    pub fn alone(own: Arc<Trail>) -> Arc<Trails> {
        Arc::new(Trails { name: String::new(), own, others: None })
    }
}

/// Data, not management: their number is without bounds, and CloudTrail leaves them out as well.
const LEFT_OUT: &[(&str, &str)] = &[("logs", "PutLogEvents")];

#[async_trait]
impl Audit for Recorder {
    async fn record(&self, call: Finished<'_>) {
        if LEFT_OUT.contains(&(call.service, call.operation)) {
            return;
        }
        let recipients = event::recipients(&call);
        let shared = (recipients.len() > 1).then(|| self.ids.uuid());
        for recipient in recipients {
            let event = event::of(&call, &self.ids.uuid(), recipient, shared.as_deref());
            self.trail.append(self.clock.now(), &event).await;
        }
    }
}
