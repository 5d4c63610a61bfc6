//! Tags that were pushed anew, for services that asked to be deployed then.

use std::time::Duration;

use gantry_api_ecr as ecr;
use gantry_base::Timestamp;
use gantry_ecs_core::image::{self, OwnNames, Registry};
use gantry_service::{Cx, Failure};
use gantry_store::Tx;

use super::{LookAgain, tell};
use crate::error::EcsError;
use crate::ops::service::digits;
use crate::ops::service_deployment::deploy;
use crate::tables::service::{Controller, Service, Status};
use crate::{Ecs, wishes};

/// How often the registry is asked.
const EVERY: Duration = Duration::from_secs(10);

/// Begins a deployment where an image's tag leads to another digest than before.
pub(super) async fn follow(
    ecs: &Ecs,
    tx: &mut Tx,
    row: &mut Service,
    next: &mut LookAgain,
    now: Timestamp,
) -> Result<(), EcsError> {
    let wanted =
        wishes::redeploys(&row.tags) && row.status == Status::Active && row.controller == Controller::Ecs;
    let Some(revision) = row.revision.clone().filter(|_| wanted) else {
        row.pushed.clear();
        return Ok(());
    };
    let mut pushed = Vec::new();
    for (_, image) in &revision.images {
        let known = row.pushed.iter().find(|(one, _)| one == image).map(|(_, digest)| digest.clone());
        // A tag that is away for a while is compared once it is back.
        if let Some(digest) = digest(ecs, row, image, now).await?.or(known) {
            pushed.push((image.clone(), digest));
        }
    }
    pushed.sort();
    pushed.dedup();
    next.at_most(Some(now + EVERY));
    if pushed == row.pushed {
        return Ok(());
    }
    let known = |image: &String| row.pushed.iter().find(|(one, _)| one == image).map(|(_, digest)| digest);
    let changed: Vec<String> = pushed
        .iter()
        .filter(|(image, digest)| known(image).is_some_and(|before| before != digest))
        .map(|(image, digest)| format!("{image} ({digest})"))
        .collect();
    row.pushed = pushed;
    if changed.is_empty() {
        return Ok(());
    }
    tell(ecs, row, now, &format!("is deployed anew as its images were pushed: {}.", changed.join(", ")));
    row.revision = Some(crate::tables::service::Revision { id: digits(ecs), created_at: now, ..revision });
    deploy(ecs, tx, row, now).await?;
    Ok(())
}

/// What the tag of an image in this Gantry's registry, in the service's own account, leads to. None for all others.
async fn digest(ecs: &Ecs, row: &Service, image: &str, now: Timestamp) -> Result<Option<String>, EcsError> {
    let own = OwnNames { domain: &ecs.config.domain, local_ports: &ecs.config.registry_ports };
    let Some(parsed) = image::parse(image) else { return Ok(None) };
    let Some(tag) = parsed.tag.clone() else { return Ok(None) };
    let Registry::Own { place } = parsed.registry(&own) else { return Ok(None) };
    let home = &row.name.place;
    if place.as_ref().is_some_and(|(account, _)| *account != home.account) {
        return Ok(None);
    }
    let cx = ecs.as_service(home, now);
    let cx = Cx { region: place.map_or_else(|| home.region.clone(), |(_, region)| region), ..cx };
    let input = ecr::DescribeImagesRequest {
        repository_name: parsed.repository,
        image_ids: Some(vec![ecr::ImageIdentifier { image_tag: Some(tag), ..Default::default() }]),
        ..Default::default()
    };
    match ecs.siblings.call::<ecr::DescribeImages>(&cx, input).await {
        Ok(found) => Ok(found.image_details.unwrap_or_default().into_iter().find_map(|one| one.image_digest)),
        // It is not there now.
        Err(Failure::Answer(_) | Failure::Denied(_)) => Ok(None),
        Err(failure) => Err(failure.into()),
    }
}
