//! The way into the registries of a task's images.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use gantry_api_ecr as ecr;
use gantry_base::{Region, Timestamp};
use gantry_ecs_core::TaskSpec;
use gantry_ecs_core::image::{self, OwnNames, Registry};
use gantry_ecs_core::stop::Stop;
use gantry_node_proto::v1;
use gantry_service::Cx;

use super::{Actor, Unready};
use crate::Ecs;
use crate::tables::task::Task;

/// The images of the task's containers, in their order, as nodes pull them.
pub(super) async fn access(
    ecs: &Ecs,
    task: &Task,
    spec: &TaskSpec,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<v1::Image>, Unready> {
    let own = OwnNames { domain: &ecs.config.domain, local_ports: &ecs.config.registry_ports };
    let mut images = Vec::with_capacity(spec.containers.len());
    let mut known: HashMap<Region, Option<v1::BasicAuth>> = HashMap::new();
    for container in &spec.containers {
        let Some(parsed) = image::parse(&container.image) else {
            return Err(Unready::later(format_args!("the image {} is not valid", container.image)));
        };
        let mut message = v1::Image {
            reference: container.image.clone(),
            repository: parsed.repository.clone(),
            tag: parsed.tag.clone().unwrap_or_default(),
            digest: parsed.digest.clone().unwrap_or_default(),
            ..Default::default()
        };
        let login = match &container.repository_credentials {
            Some(secret) => Some(super::secrets::login(ecs, task, actor, secret, now).await?),
            None => None,
        };
        match parsed.registry(&own) {
            Registry::Other { url } => {
                message.registry_url = url;
                message.auth = login;
            }
            Registry::Own { place } => {
                let home = &task.place().account;
                let region =
                    place.as_ref().map_or_else(|| task.place().region.clone(), |(_, region)| region.clone());
                // Nodes reach the registry by one name; the password tells whose it is, and for others the host does.
                if let Some((account, region)) = place.filter(|(account, _)| account != home) {
                    message.registry_host = format!("{account}.dkr.ecr.{region}.{}", ecs.config.domain);
                }
                if !known.contains_key(&region) {
                    known.insert(region.clone(), authorization(ecs, task, actor, &region, now).await?);
                }
                message.registry_url.clone_from(&ecs.config.registry_url);
                message.auth = known.get(&region).cloned().flatten();
            }
        }
        images.push(message);
    }
    Ok(images)
}

/// A password for Gantry's registry; none where nobody acts for the task.
async fn authorization(
    ecs: &Ecs,
    task: &Task,
    actor: &Actor,
    region: &Region,
    now: Timestamp,
) -> Result<Option<v1::BasicAuth>, Unready> {
    let Some(cx) = actor.cx(ecs, task, now) else { return Ok(None) };
    let cx = Cx { region: region.clone(), ..cx };
    let say = |why: &str| {
        Stop::resource_initialization(&format!(
            "unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr \
             registry auth: service call has been retried 1 time(s): {why}"
        ))
    };
    let input = ecr::GetAuthorizationTokenRequest::default();
    let given = ecs.siblings.call::<ecr::GetAuthorizationToken>(&cx, input).await;
    let given = given.map_err(|failure| Unready::of(failure, say))?;
    let token =
        given.authorization_data.unwrap_or_default().into_iter().find_map(|one| one.authorization_token);
    let token = token.ok_or_else(|| Unready::later("ECR gave no authorization token"))?;
    let text = BASE64.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let pair = text.as_deref().and_then(|text| text.split_once(':'));
    let (username, password) =
        pair.ok_or_else(|| Unready::later("ECR's token is not a name and a password"))?;
    Ok(Some(v1::BasicAuth { username: username.to_owned(), password: password.to_owned() }))
}
