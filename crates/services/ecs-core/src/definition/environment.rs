//! What a container finds in its environment: variables, files of them, secrets.

use std::collections::HashSet;

use super::container::wrong;
use super::{Invalid, document};
use crate::environment_file;
use crate::secret::may_name;
use crate::spec::ContainerSpec;

/// Most `environmentFiles` of a task.
const MAX_FILES: usize = 10;

pub(super) fn variables(container: &str, pairs: &[document::Pair]) -> Result<Vec<(String, String)>, Invalid> {
    let mut all = Vec::with_capacity(pairs.len());
    for pair in pairs {
        match pair.name.as_deref() {
            Some(name) if !name.is_empty() && !name.contains(['=', '\0']) => {
                all.push((name.to_owned(), pair.value.clone().unwrap_or_default()));
            }
            _ => return Err(wrong(container, "An environment variable needs a name without '='.")),
        }
    }
    Ok(all)
}

/// Refuses more files than AWS takes, over all containers.
pub(crate) fn check_files(containers: &[ContainerSpec]) -> Result<(), Invalid> {
    match containers.iter().map(|one| one.environment_files.len()).sum::<usize>() {
        ..=MAX_FILES => Ok(()),
        _ => Err(Invalid::new(
            "The maximum number of environment files was exceeded. Specify ten or less and try again.",
        )),
    }
}

/// The ARNs of the files. AWS takes files of S3 whose names end with `.env`.
pub(crate) fn files(container: &str, given: &[document::EnvironmentFile]) -> Result<Vec<String>, Invalid> {
    let mut all = Vec::with_capacity(given.len());
    for file in given {
        if file.kind.as_deref() != Some("s3") {
            return Err(wrong(container, "The type of an environment file must be 's3'."));
        }
        let arn = file.value.as_deref().unwrap_or_default();
        if !arn.starts_with("arn:") {
            return Err(Invalid::new("Invalid arn syntax."));
        }
        if environment_file::object(arn).is_none() {
            return Err(Invalid::new("Invalid S3 ARN for the environment file, it must name an object."));
        }
        if !arn.ends_with(".env") {
            return Err(wrong(container, format_args!("The environment file '{arn}' must end with '.env'.")));
        }
        all.push(arn.to_owned());
    }
    Ok(all)
}

pub(super) fn secrets(
    container: &str,
    given: &document::Container,
) -> Result<Vec<(String, String)>, Invalid> {
    let mut seen: HashSet<&str> = given.environment.iter().filter_map(|pair| pair.name.as_deref()).collect();
    let mut all = Vec::with_capacity(given.secrets.len());
    for secret in &given.secrets {
        if secret.name.is_empty() || secret.value_from.is_empty() {
            return Err(wrong(container, "A secret needs a name and a valueFrom."));
        }
        if !may_name(&secret.value_from) {
            return Err(Invalid::new(format!(
                "The Systems Manager parameter name specified for secret {} is invalid.",
                secret.name
            )));
        }
        if !seen.insert(&secret.name) {
            return Err(Invalid::new(format!(
                "The secret name must be unique and not shared with any new or existing environment variables set on \
                 the container, such as '{}'.",
                secret.name
            )));
        }
        all.push((secret.name.clone(), secret.value_from.clone()));
    }
    Ok(all)
}
