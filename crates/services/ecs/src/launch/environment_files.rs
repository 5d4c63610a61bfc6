//! The variables that a task's containers have from files in S3, fetched by the right of its execution role.

use std::collections::BTreeMap;

use gantry_base::{Arn, Timestamp};
use gantry_ecs_core::TaskSpec;
use gantry_ecs_core::environment_file::{object, together};
use gantry_ecs_core::stop::Stop;
use gantry_objects::ObjectError;
use gantry_service::{Cx, Failure, Permission};

use super::{Actor, NOBODY, Unready};
use crate::Ecs;
use crate::tables::task::Task;

/// The largest file, and the most of all files of a task: what a node is told must fit in a transaction with others.
const MOST_OF_ONE: u64 = 64 * 1024;
const MOST_OF_ALL: usize = 256 * 1024;

/// Names and values.
pub(super) type Variables = Vec<(String, String)>;

/// The variables of each container, in the order of the containers. Every file is fetched once.
pub(super) async fn variables(
    ecs: &Ecs,
    task: &Task,
    spec: &TaskSpec,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<Variables>, Unready> {
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    for arn in spec.containers.iter().flat_map(|one| &one.environment_files) {
        if !files.contains_key(arn.as_str()) {
            let cx = actor.cx(ecs, task, now).ok_or_else(|| failed(NOBODY))?;
            files.insert(arn, fetch(ecs, &cx, arn).await?);
        }
    }
    if files.values().map(String::len).sum::<usize>() > MOST_OF_ALL {
        return Err(failed(&format!("the files of the task have more than {MOST_OF_ALL} bytes together")));
    }
    let of = |arn: &String| files.get(arn.as_str()).map(String::as_str);
    Ok(spec.containers.iter().map(|one| together(one.environment_files.iter().filter_map(of))).collect())
}

fn failed(why: &str) -> Unready {
    Unready::stop(Stop::resource_initialization(&format!(
        "failed to download env files: file download command: non empty error stream: {why}"
    )))
}

async fn fetch(ecs: &Ecs, cx: &Cx, arn: &str) -> Result<String, Unready> {
    let (bucket, key) = object(arn).ok_or_else(|| failed(&format!("{arn} names no object")))?;
    may_read(cx, arn, key).map_err(|failure| match failure {
        Failure::Denied(denial) => failed(&format!("AccessDenied: {denial}")),
        other => Unready::later(format_args!("{other:?}")),
    })?;
    match ecs.buckets.read(bucket, key, MOST_OF_ONE).await {
        Ok(content) => Ok(String::from_utf8_lossy(&content).into_owned()),
        Err(error @ ObjectError::Unavailable(_)) => Err(Unready::later(error)),
        Err(error) => Err(failed(&format!("{arn}: {error}"))),
    }
}

/// What AWS asks of the role: to find the bucket, and to get the object.
fn may_read(cx: &Cx, arn: &str, key: &str) -> Result<(), Failure> {
    let parsed = |text: &str| text.parse::<Arn>().map_err(Failure::internal);
    let bucket = arn.strip_suffix(key).unwrap_or(arn).trim_end_matches('/');
    cx.authorize(Permission::on("s3:GetBucketLocation", &parsed(bucket)?))?;
    cx.authorize(Permission::on("s3:GetObject", &parsed(arn)?))?;
    Ok(())
}
