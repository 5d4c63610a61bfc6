//! PutParameter: a parameter, or a new version of one.

use gantry_api_ssm as api;
use gantry_base::Tags;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::{Key, Tx};
use regex::Regex;

use super::on_parameter;
use crate::Secrets;
use crate::sealed::Sealed;
use crate::ssm::error::ParameterError;
use crate::ssm::name;
use crate::ssm::table::{
    Kind, MAX_VERSIONS, PARAMETERS, Parameter, Tier, VERSIONS, Version, context, parameter_key, version_key,
};

/// How large a compiled `AllowedPattern` may become.
const MAX_PATTERN_BYTES: usize = 256 * 1024;

/// Makes a parameter, or overwrites the one that is there where that is asked for.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::PutParameterRequest,
) -> Result<api::PutParameterResult, Failure> {
    let overwrite = input.overwrite == Some(true);
    let given_name = name::parse(&cx, &input.name).filter(|wanted| wanted.selector.is_none());
    let parameter_name = given_name.map_or(input.name.clone(), |wanted| wanted.name);
    let key = parameter_key(cx.account, &cx.region, &parameter_name);
    let mut tx = secrets.db.begin();
    let existing = tx.get(&PARAMETERS, &key).await?;

    let arn = name::arn(&cx, &parameter_name);
    let pairs: Vec<_> =
        input.tags.iter().flatten().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect();
    if !pairs.is_empty() {
        cx.authorize(Permission::on("ssm:AddTagsToResource", &arn).request_tags(pairs.iter().copied()))?;
    }
    let permit = cx.authorize(
        on_parameter("ssm:PutParameter", &arn, existing.as_ref())
            .key("ssm:Overwrite", [overwrite.to_string()])
            .request_tags(pairs),
    )?;

    name::check_new(&cx, &parameter_name)?;
    refuse_unsupported(&input)?;
    let tags = tags(&input, overwrite)?;
    let parameter = match existing {
        None => create(secrets, &cx, parameter_name, input, tags)?,
        Some(_) if !overwrite => return Err(ParameterError::AlreadyExists.into()),
        Some(existing) => {
            retire(&mut tx, &key, &existing);
            next_version(secrets, &cx, existing, input)?
        }
    };
    tx.put(&PARAMETERS, &key, &parameter);
    tx.commit(&permit).await?;
    Ok(api::PutParameterResult {
        version: Some(i64::try_from(parameter.current.version).unwrap_or(i64::MAX)),
        tier: Some(parameter.tier.as_str().into()),
    })
}

fn refuse_unsupported(input: &api::PutParameterRequest) -> Result<(), ParameterError> {
    if input.policies.as_deref().is_some_and(|policies| !matches!(policies.trim(), "" | "[]" | "{}")) {
        return Err(ParameterError::PoliciesUnsupported);
    }
    match input.data_type.as_deref() {
        None | Some("" | "text") => Ok(()),
        Some(other) => Err(ParameterError::Validation(format!(
            "The following data type is not supported: {other} (Data type names are all lowercase.)"
        ))),
    }
}

fn tags(input: &api::PutParameterRequest, overwrite: bool) -> Result<Tags, ParameterError> {
    let given = input.tags.clone().unwrap_or_default();
    if overwrite && !given.is_empty() {
        return Err(ParameterError::Validation(
            "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please \
             remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or \
             RemoveTagsFromResource."
                .into(),
        ));
    }
    Tags::parse(given.into_iter().map(|tag| (tag.key, tag.value)))
        .map_err(|error| ParameterError::Validation(error.to_string()))
}

fn create(
    secrets: &Secrets,
    cx: &Cx,
    name: String,
    input: api::PutParameterRequest,
    tags: Tags,
) -> Result<Parameter, ParameterError> {
    let kind = kind(&input)?;
    let kind = kind.ok_or_else(|| {
        ParameterError::Validation("A parameter type is required when you create a parameter.".into())
    })?;
    let tier = tier(&input, None)?;
    check_value(&input.value, input.allowed_pattern.as_deref(), kind)?;
    let incarnation = secrets.ids.hex(16);
    let current = version(secrets, cx, (&incarnation, &name, 1), kind, &input.value);
    Ok(Parameter {
        name,
        description: input.description,
        allowed_pattern: input.allowed_pattern,
        key_id: input.key_id,
        tier,
        tags,
        incarnation,
        current,
    })
}

/// Keeps the version that is overwritten, and forgets the oldest where there are too many.
fn retire(tx: &mut Tx, key: &Key, existing: &Parameter) {
    let version = existing.current.version;
    tx.put(&VERSIONS, &version_key(key, version), &existing.current);
    if let Some(oldest) = (version + 1).checked_sub(MAX_VERSIONS).filter(|oldest| *oldest > 0) {
        tx.delete(&VERSIONS, &version_key(key, oldest));
    }
}

fn next_version(
    secrets: &Secrets,
    cx: &Cx,
    existing: Parameter,
    input: api::PutParameterRequest,
) -> Result<Parameter, ParameterError> {
    let had = existing.current.kind;
    let kind = kind(&input)?.unwrap_or(had);
    if kind != had {
        return Err(ParameterError::TypeChanged {
            name: existing.name,
            from: had.as_str(),
            to: kind.as_str(),
        });
    }
    let tier = tier(&input, Some(existing.tier))?;
    let allowed_pattern = input.allowed_pattern.or(existing.allowed_pattern);
    check_value(&input.value, allowed_pattern.as_deref(), kind)?;
    let place = (existing.incarnation.as_str(), existing.name.as_str(), existing.current.version + 1);
    let current = version(secrets, cx, place, kind, &input.value);
    Ok(Parameter {
        description: input.description.or(existing.description),
        allowed_pattern,
        key_id: input.key_id.or(existing.key_id),
        tier,
        current,
        name: existing.name,
        tags: existing.tags,
        incarnation: existing.incarnation,
    })
}

fn kind(input: &api::PutParameterRequest) -> Result<Option<Kind>, ParameterError> {
    let parsed = input
        .r#type
        .as_ref()
        .map(|text| Kind::parse(text).ok_or_else(|| ParameterError::UnsupportedType { given: text.clone() }));
    parsed.transpose()
}

/// The tier of the parameter with this value; one that is advanced stays so.
fn tier(input: &api::PutParameterRequest, had: Option<Tier>) -> Result<Tier, ParameterError> {
    let fits = input.value.len() <= Tier::Standard.value_bytes();
    let tier = match (input.tier.as_deref(), had) {
        (Some("Advanced"), _) | (None, Some(Tier::Advanced)) => Tier::Advanced,
        (Some("Intelligent-Tiering"), Some(Tier::Advanced)) => Tier::Advanced,
        (Some("Intelligent-Tiering"), _) if !fits => Tier::Advanced,
        (Some("Standard"), Some(Tier::Advanced)) => {
            return Err(ParameterError::Validation(
                "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the \
                 advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced \
                 parameter and recreate it as a standard parameter."
                    .into(),
            ));
        }
        _ => Tier::Standard,
    };
    if input.value.len() > tier.value_bytes() {
        let limit = tier.value_bytes();
        return Err(ParameterError::Validation(match tier {
            Tier::Standard => format!(
                "Standard tier parameters support a maximum parameter value of {limit} characters. To create a larger \
                 parameter value, upgrade the parameter to use the advanced-parameter tier."
            ),
            Tier::Advanced => {
                format!("Advanced tier parameters support a maximum parameter value of {limit} characters.")
            }
        }));
    }
    Ok(tier)
}

fn check_value(value: &str, pattern: Option<&str>, kind: Kind) -> Result<(), ParameterError> {
    if value.is_empty() {
        return Err(ParameterError::Validation("Parameter value can't be empty.".into()));
    }
    if value.contains("{{") {
        return Err(ParameterError::Validation(
            "Parameter value can't nest another parameter. Do not use \"{{}}\" in the value.".into(),
        ));
    }
    let Some(pattern) = pattern.filter(|pattern| !pattern.is_empty()) else { return Ok(()) };
    let regex = regex::RegexBuilder::new(&format!("^(?:{pattern})$")).size_limit(MAX_PATTERN_BYTES).build();
    let regex: Regex =
        regex.map_err(|_| ParameterError::InvalidAllowedPattern { pattern: pattern.to_owned() })?;
    let fits = match kind {
        Kind::StringList => value.split(',').all(|item| regex.is_match(item)),
        Kind::String | Kind::SecureString => regex.is_match(value),
    };
    if fits { Ok(()) } else { Err(ParameterError::PatternMismatch { pattern: pattern.to_owned() }) }
}

/// A version with its value sealed for its place: incarnation, name and version.
fn version(secrets: &Secrets, cx: &Cx, place: (&str, &str, u64), kind: Kind, value: &str) -> Version {
    let (incarnation, name, version) = place;
    Version {
        version,
        kind,
        data_type: "text".into(),
        value: Sealed::seal(&secrets.sealer, value.as_bytes(), &context(incarnation, name, version)),
        modified_at: cx.now,
        modified_by: cx.caller.principal.arn(),
    }
}
