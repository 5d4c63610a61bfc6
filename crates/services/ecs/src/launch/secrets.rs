//! The values of a task's secrets, fetched as its execution role.

use std::collections::{BTreeMap, HashMap};

use gantry_api_secretsmanager as secretsmanager;
use gantry_api_ssm as ssm;
use gantry_base::Timestamp;
use gantry_ecs_core::TaskSpec;
use gantry_ecs_core::secret::SecretSource;
use gantry_ecs_core::spec::ContainerSpec;
use gantry_ecs_core::stop::Stop;
use gantry_node_proto::v1;
use gantry_service::Cx;
use serde::Deserialize;
use serde_json::Value;

use super::{Actor, NOBODY, Unready};
use crate::Ecs;
use crate::tables::task::Task;

/// The value of each `valueFrom` of the task.
pub(super) type Values = HashMap<String, String>;

/// Fetches every secret once.
pub(super) async fn values<'a>(
    ecs: &Ecs,
    task: &Task,
    spec: &'a TaskSpec,
    actor: &Actor,
    now: Timestamp,
) -> Result<Values, Unready> {
    let of = |container: &'a ContainerSpec| {
        let options = container.log.iter().flat_map(|log| &log.secret_options);
        container.secrets.iter().chain(options).map(|(_, from)| from)
    };
    let mut wanted: Vec<&String> = spec.containers.iter().flat_map(of).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut values = Values::new();
    if wanted.is_empty() {
        return Ok(values);
    }
    let cx = actor
        .cx(ecs, task, now)
        .ok_or_else(|| Unready::stop(failed(&format!("execution resource retrieval failed: {NOBODY}"))))?;
    // Parameters of one region go in one request each ten, as in AWS.
    let mut parameters: BTreeMap<String, Vec<(String, &String)>> = BTreeMap::new();
    for from in wanted {
        let source = SecretSource::parse(from).map_err(|error| Unready::stop(asm(&error.to_string())))?;
        match source {
            SecretSource::SecretsManager { .. } => {
                let value = secret(ecs, &cx, &source).await?;
                values.insert(from.clone(), value);
            }
            SecretSource::Parameter { name, region } => {
                let region = region.unwrap_or_else(|| task.place().region.to_string());
                parameters.entry(region).or_default().push((name, from));
            }
        }
    }
    for (region, named) in parameters {
        for some in named.chunks(MOST_PARAMETERS) {
            fetch_parameters(ecs, &in_region(&cx, &region)?, some, &mut values).await?;
        }
    }
    Ok(values)
}

/// The name and password that a secret has for a registry: `{"username": ..., "password": ...}`. The secret is told
/// by its ARN, or by its name in the task's region.
pub(super) async fn login(
    ecs: &Ecs,
    task: &Task,
    actor: &Actor,
    secret_id: &str,
    now: Timestamp,
) -> Result<v1::BasicAuth, Unready> {
    #[derive(Deserialize)]
    struct Login {
        username: String,
        password: String,
    }
    let cx = actor
        .cx(ecs, task, now)
        .ok_or_else(|| Unready::stop(failed(&format!("execution resource retrieval failed: {NOBODY}"))))?;
    let source = match SecretSource::parse(secret_id) {
        Ok(source @ SecretSource::SecretsManager { .. }) => source,
        Ok(SecretSource::Parameter { .. }) => SecretSource::SecretsManager {
            arn: secret_id.to_owned(),
            region: task.place().region.to_string(),
            json_key: None,
            version_stage: None,
            version_id: None,
        },
        Err(error) => return Err(Unready::stop(asm(&error.to_string()))),
    };
    let text = secret(ecs, &cx, &source).await?;
    let login: Login = serde_json::from_str(&text).map_err(|_| {
        Unready::stop(asm(&format!(
            "the secret {secret_id} is not a JSON object with the members username and password"
        )))
    })?;
    Ok(v1::BasicAuth { username: login.username, password: login.password })
}

/// Most names in one GetParameters.
const MOST_PARAMETERS: usize = 10;

fn failed(why: &str) -> Stop {
    Stop::resource_initialization(&format!("unable to pull secrets or registry auth: {why}"))
}

fn asm(why: &str) -> Stop {
    failed(&format!("execution resource retrieval failed: unable to retrieve secret from asm: {why}"))
}

fn from_ssm(why: &str) -> Stop {
    failed(&format!(
        "execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 1 \
         time(s): {why}"
    ))
}

fn in_region(cx: &Cx, region: &str) -> Result<Cx, Unready> {
    let region = region.parse().map_err(|error| Unready::stop(failed(&format!("{error}"))))?;
    Ok(Cx { region, ..cx.clone() })
}

async fn secret(ecs: &Ecs, cx: &Cx, source: &SecretSource) -> Result<String, Unready> {
    let SecretSource::SecretsManager { arn, region, json_key, version_stage, version_id } = source else {
        return Err(Unready::later("not a secret of Secrets Manager"));
    };
    let input = secretsmanager::GetSecretValueRequest {
        secret_id: arn.clone(),
        version_id: version_id.clone(),
        version_stage: version_stage.clone(),
    };
    let say = |why: &str| {
        asm(&format!(
            "service call has been retried 1 time(s): failed to fetch secret {arn} from secrets manager: {why}"
        ))
    };
    let cx = in_region(cx, region)?;
    let found = ecs.siblings.call::<secretsmanager::GetSecretValue>(&cx, input).await;
    let found = found.map_err(|failure| Unready::of(failure, say))?;
    let Some(text) = found.secret_string else {
        return Err(Unready::stop(asm(&format!("the secret {arn} is binary, and a variable holds text"))));
    };
    let Some(json_key) = json_key else { return Ok(text) };
    let member = serde_json::from_str::<Value>(&text).ok().and_then(|json| json.get(json_key).cloned());
    match member {
        Some(Value::String(value)) => Ok(value),
        Some(other) if !other.is_null() => Ok(other.to_string()),
        _ => Err(Unready::stop(asm(&format!(
            "retrieved secret from Secrets Manager did not contain json key {json_key}"
        )))),
    }
}

async fn fetch_parameters(
    ecs: &Ecs,
    cx: &Cx,
    named: &[(String, &String)],
    values: &mut Values,
) -> Result<(), Unready> {
    let mut names: Vec<String> = named.iter().map(|(name, _)| name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    let input = ssm::GetParametersRequest { names, with_decryption: Some(true) };
    let found = ecs.siblings.call::<ssm::GetParameters>(cx, input).await;
    let found = found.map_err(|failure| Unready::of(failure, from_ssm))?;
    // A name of one level is the same with and without a slash before it, and comes back as it was made.
    let bare = |name: &str| name.trim_start_matches('/').to_owned();
    let found: HashMap<String, String> = found
        .parameters
        .unwrap_or_default()
        .into_iter()
        .filter_map(|one| Some((bare(&one.name?), one.value?)))
        .collect();
    let missing: Vec<&str> =
        named.iter().map(|(name, _)| name.as_str()).filter(|name| !found.contains_key(&bare(name))).collect();
    if !missing.is_empty() {
        return Err(Unready::stop(from_ssm(&format!("invalid ssm parameters: {}", missing.join(", ")))));
    }
    for (name, from) in named {
        if let Some(value) = found.get(&bare(name)) {
            values.insert((*from).clone(), value.clone());
        }
    }
    Ok(())
}
