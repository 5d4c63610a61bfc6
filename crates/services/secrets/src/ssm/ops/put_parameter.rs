//! PutParameter: a parameter, or a new version of one.

use std::collections::BTreeMap;

use gantry_api_ssm as api;
use gantry_base::{Arn, TagError, Tags};
use gantry_service::{Cx, Failure, Permission};
use gantry_store::{Key, Tx};
use regex::Regex;

use super::{named, on_parameter};
use crate::Secrets;
use crate::loops::PARAMETER_POLICIES;
use crate::sealed::Sealed;
use crate::ssm::error::ParameterError;
use crate::ssm::table::{
    Due, Kind, MAX_VERSIONS, PARAMETERS, POLICY_DUES, Parameter, Then, Tier, VERSIONS, Version, context,
    due_key, parameter_key, version_key,
};
use crate::ssm::{answer, name, policy};
use crate::vault::Under;

/// How large a compiled `AllowedPattern` may become.
const MAX_PATTERN_BYTES: usize = 256 * 1024;

/// Makes a parameter, or overwrites the one that is there where that is asked for.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::PutParameterRequest,
) -> Result<api::PutParameterResult, Failure> {
    let overwrite = input.overwrite == Some(true);
    let mut tx = secrets.db.begin();
    let (parameter_name, found) = named(&mut tx, &cx, &input.name).await?;
    let (key, existing) = match found {
        Some((key, existing)) => (key, Some(existing)),
        None => (parameter_key(cx.account, &cx.region, &parameter_name), None),
    };

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
    let data_type = data_type(&input)?;
    let policies = input.policies.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let policies = policies.map(policy::parse).transpose()?;
    let tags = tags(&input, overwrite)?;
    let plain = input.value.clone();
    let mut parameter = match existing {
        None => create(secrets, &cx, parameter_name, input, tags, data_type)?,
        Some(_) if !overwrite => return Err(ParameterError::AlreadyExists.into()),
        Some(existing) => {
            retire(&mut tx, &key, &existing)?;
            next_version(secrets, &cx, existing, input, data_type)?
        }
    };
    if let Some(policies) = policies {
        parameter.policies = policies;
    }
    if !parameter.policies.is_empty() && parameter.tier != Tier::Advanced {
        return Err(ParameterError::PoliciesNeedAdvanced.into());
    }
    schedule(&mut tx, &key, &arn, &parameter);
    secure(&cx, &mut parameter, &plain).await?;
    tx.put(&PARAMETERS, &key, &parameter);
    tx.commit(&permit).await?;
    Ok(api::PutParameterResult {
        version: Some(i64::try_from(parameter.current.version).unwrap_or(i64::MAX)),
        tier: Some(parameter.tier.as_str().into()),
    })
}

/// A SecureString is KMS's to encrypt: a standard one by itself, an advanced one under a key of its own.
async fn secure(cx: &Cx, parameter: &mut Parameter, plain: &str) -> Result<(), Failure> {
    if parameter.current.kind != Kind::SecureString {
        return Ok(());
    }
    let key = answer::key_arn(cx, parameter.key_id.as_deref());
    let vault = answer::vault(cx, &parameter.name, &key);
    let place = parameter.context(parameter.current.version);
    let sealed = match parameter.tier {
        Tier::Standard => vault.encrypt(cx, plain.as_bytes()).await,
        Tier::Advanced => vault.seal(cx, plain.as_bytes(), &place).await,
    };
    (parameter.current.value, parameter.current.under) =
        sealed.map_err(|failure| answer::unusable(&key, failure))?;
    Ok(())
}

/// Has the loop look when a policy is due. What an older version's policies left is known by its number.
fn schedule(tx: &mut Tx, key: &Key, arn: &Arn, parameter: &Parameter) {
    for (policy, at) in policy::dues(&parameter.policies, parameter.current.modified_at) {
        let due = Due {
            at,
            parameter: key.as_str().to_owned(),
            arn: arn.to_string(),
            incarnation: parameter.incarnation.clone(),
            version: parameter.current.version,
            policy,
        };
        tx.put(&POLICY_DUES, &due_key(&due), &due);
        tx.wake(PARAMETER_POLICIES);
    }
}

fn data_type(input: &api::PutParameterRequest) -> Result<String, ParameterError> {
    match input.data_type.as_deref() {
        None | Some("" | "text") => Ok("text".into()),
        Some("aws:ec2:image") if is_image(&input.value) => Ok("aws:ec2:image".into()),
        Some("aws:ec2:image") => {
            Err(ParameterError::Validation(format!("{} is not the id of a machine image.", input.value)))
        }
        Some(other) => Err(ParameterError::Validation(format!(
            "The following data type is not supported: {other} (Data type names are all lowercase.)"
        ))),
    }
}

fn is_image(value: &str) -> bool {
    let digits = value.strip_prefix("ami-").unwrap_or_default();
    matches!(digits.len(), 8 | 17) && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
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
    Tags::parse(given.into_iter().map(|tag| (tag.key, tag.value))).map_err(|error| match error {
        TagError::TooMany { .. } => ParameterError::TooManyTags,
        other => ParameterError::Validation(other.to_string()),
    })
}

fn create(
    secrets: &Secrets,
    cx: &Cx,
    name: String,
    input: api::PutParameterRequest,
    tags: Tags,
    data_type: String,
) -> Result<Parameter, ParameterError> {
    let kind = kind(&input)?;
    let kind = kind.ok_or_else(|| {
        ParameterError::Validation("A parameter type is required when you create a parameter.".into())
    })?;
    if kind != Kind::SecureString && input.key_id.is_some() {
        return Err(ParameterError::Validation(
            "KeyId is required for SecureString type parameter only.".into(),
        ));
    }
    let tier = tier(&input, None)?;
    check_value(&input.value, input.allowed_pattern.as_deref(), kind)?;
    let incarnation = secrets.ids.hex(16);
    let place = (incarnation.as_str(), name.as_str(), 1);
    let mut current = version(secrets, cx, place, kind, &input.value, data_type);
    current.then = Some(Then {
        description: input.description.clone(),
        allowed_pattern: input.allowed_pattern.clone(),
        key_id: input.key_id.clone(),
        tier,
    });
    Ok(Parameter {
        name,
        description: input.description,
        allowed_pattern: input.allowed_pattern,
        key_id: input.key_id,
        tier,
        tags,
        incarnation,
        current,
        labels: BTreeMap::new(),
        policies: Vec::new(),
    })
}

/// Keeps the version that is overwritten, and forgets the oldest where there are too many.
fn retire(tx: &mut Tx, key: &Key, existing: &Parameter) -> Result<(), ParameterError> {
    let version = existing.current.version;
    tx.put(&VERSIONS, &version_key(key, version), &existing.current);
    if let Some(oldest) = (version + 1).checked_sub(MAX_VERSIONS).filter(|oldest| *oldest > 0) {
        if existing.labels.values().any(|on| *on == oldest) {
            return Err(ParameterError::MaxVersions { name: existing.name.clone(), version: oldest });
        }
        tx.delete(&VERSIONS, &version_key(key, oldest));
    }
    Ok(())
}

fn next_version(
    secrets: &Secrets,
    cx: &Cx,
    existing: Parameter,
    input: api::PutParameterRequest,
    data_type: String,
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
    let mut current = version(secrets, cx, place, kind, &input.value, data_type);
    let key_id = input.key_id.or(existing.key_id);
    let description = input.description.or(existing.description);
    current.then = Some(Then {
        description: description.clone(),
        allowed_pattern: allowed_pattern.clone(),
        key_id: key_id.clone(),
        tier,
    });
    Ok(Parameter {
        description,
        allowed_pattern,
        key_id,
        tier,
        current,
        labels: existing.labels,
        policies: existing.policies,
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
        return Err(ParameterError::Validation("1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length \
             greater than or equal to 1."
                .into(),
        ));
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
fn version(
    secrets: &Secrets,
    cx: &Cx,
    place: (&str, &str, u64),
    kind: Kind,
    value: &str,
    data_type: String,
) -> Version {
    let (incarnation, name, version) = place;
    Version {
        version,
        kind,
        data_type,
        value: Sealed::seal(&secrets.sealer, value.as_bytes(), &context(incarnation, name, version)),
        modified_at: cx.now,
        modified_by: cx.caller.principal.arn(),
        under: Under::MasterKey,
        then: None,
    }
}
