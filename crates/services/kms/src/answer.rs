//! From what is stored to AWS's shapes, and checks that several operations make.

use gantry_api_kms as api;
use gantry_base::Tags;
use gantry_base::tags::TagError;
use gantry_service::{Failure, Permit};
use gantry_store::Tx;

use crate::error::KmsError;
use crate::key_id::Found;
use crate::spec::{Spec, Usage};
use crate::tables::{Grant, KeyRow, Manager, Origin, State};

/// How long a key that is to be deleted waits, for those who ask.
const DAY_SECONDS: u64 = 24 * 3600;

/// All about a key but its material.
pub fn metadata(key: &KeyRow) -> api::KeyMetadata {
    let symmetric = key.spec == Spec::SymmetricDefault;
    let algorithms = |usage, names: &[&str]| {
        (key.usage() == usage).then(|| names.iter().map(|name| (*name).to_owned()).collect())
    };
    let has_import =
        key.origin == Origin::External && !key.materials.is_empty() && key.state != State::PendingImport;
    api::KeyMetadata {
        aws_account_id: Some(key.account.to_string()),
        key_id: key.id.clone(),
        arn: Some(key.arn().to_string()),
        creation_date: Some(key.created_at),
        enabled: Some(key.state == State::Enabled),
        description: Some(key.description.clone()),
        key_usage: Some(key.usage().as_str().into()),
        key_state: Some(state(key.state).into()),
        deletion_date: match key.state {
            State::PendingDeletion { due } => Some(due),
            _ => None,
        },
        origin: Some(key.origin.as_str().into()),
        expiration_model: has_import.then(|| match key.valid_to {
            Some(_) => "KEY_MATERIAL_EXPIRES".into(),
            None => "KEY_MATERIAL_DOES_NOT_EXPIRE".into(),
        }),
        valid_to: key.valid_to.filter(|_| has_import),
        key_manager: Some(match key.manager {
            Manager::Customer => "CUSTOMER".into(),
            Manager::Service(_) => "AWS".into(),
        }),
        customer_master_key_spec: Some(key.spec.as_str().into()),
        key_spec: Some(key.spec.as_str().into()),
        encryption_algorithms: algorithms(Usage::EncryptDecrypt, key.spec.encryption_algorithms()),
        signing_algorithms: algorithms(Usage::SignVerify, key.spec.signing_algorithms()),
        key_agreement_algorithms: algorithms(Usage::KeyAgreement, key.spec.agreement_algorithms()),
        mac_algorithms: key.spec.mac_algorithm().map(|name| vec![name.into()]),
        multi_region: Some(false),
        current_key_material_id: key
            .materials
            .last()
            .filter(|_| symmetric)
            .map(|material| material.id.clone()),
        ..Default::default()
    }
}

/// AWS's name of a state.
pub fn state(state: State) -> &'static str {
    match state {
        State::Enabled => "Enabled",
        State::Disabled => "Disabled",
        State::PendingImport => "PendingImport",
        State::PendingDeletion { .. } => "PendingDeletion",
    }
}

/// A key's ARN, as most answers give it.
pub fn arn(key: &KeyRow) -> Option<String> {
    Some(key.arn().to_string())
}

/// One grant in a listing.
pub fn grant(key_arn: &str, grant: Grant) -> api::GrantListEntry {
    let service = |name: &str| !name.starts_with("arn:");
    let (grantee, grantee_service) = apart(grant.grantee, service);
    let (retiring, retiring_service) = grant.retiring.map_or((None, None), |name| apart(name, service));
    let constraints = &grant.constraints;
    let constrained = constraints.equals.is_some() || constraints.subset.is_some();
    api::GrantListEntry {
        key_id: Some(key_arn.to_owned()),
        grant_id: Some(grant.id),
        name: grant.name,
        creation_date: Some(grant.created_at),
        grantee_principal: grantee,
        retiring_principal: retiring,
        issuing_account: Some(grant.issuer),
        operations: Some(grant.operations),
        constraints: constrained.then(|| api::GrantConstraints {
            encryption_context_subset: constraints.subset.clone(),
            encryption_context_equals: constraints.equals.clone(),
            source_arn: None,
        }),
        grantee_service_principal: grantee_service,
        retiring_service_principal: retiring_service,
    }
}

fn apart(name: String, service: impl Fn(&str) -> bool) -> (Option<String>, Option<String>) {
    if service(&name) { (None, Some(name)) } else { (Some(name), None) }
}

/// Tags as a request gives them.
pub fn tags(given: Vec<api::Tag>) -> Result<Tags, KmsError> {
    Tags::parse(given.into_iter().map(|tag| (tag.tag_key, tag.tag_value))).map_err(tag_error)
}

/// What is wrong with tags.
pub fn tag_error(error: TagError) -> KmsError {
    match error {
        TagError::TooMany { .. } => KmsError::LimitExceeded("A KMS key can have at most 50 tags.".into()),
        TagError::Reserved { .. } => KmsError::Tag("Tags beginning with aws: are reserved".into()),
        TagError::Duplicate { .. } => KmsError::Tag("Duplicate tag keys".into()),
        other => KmsError::Tag(other.to_string()),
    }
}

/// Refuses a key that can't be used now.
pub fn usable(key: &KeyRow) -> Result<(), KmsError> {
    match key.state {
        State::Enabled => Ok(()),
        State::Disabled => Err(KmsError::Disabled { arn: key.arn().to_string() }),
        State::PendingImport => Err(KmsError::PendingImport { arn: key.arn().to_string() }),
        State::PendingDeletion { .. } => Err(KmsError::PendingDeletion { arn: key.arn().to_string() }),
    }
}

/// Refuses a key that is about to go.
pub fn stays(key: &KeyRow) -> Result<(), KmsError> {
    match key.state {
        State::PendingDeletion { .. } => Err(KmsError::PendingDeletion { arn: key.arn().to_string() }),
        State::Enabled | State::Disabled | State::PendingImport => Ok(()),
    }
}

/// Refuses a key that has no material yet.
pub fn imported(key: &KeyRow) -> Result<(), KmsError> {
    match key.state {
        State::PendingImport => Err(KmsError::PendingImport { arn: key.arn().to_string() }),
        _ => Ok(()),
    }
}

/// Refuses a key that is for something else.
pub fn meant_for(key: &KeyRow, usage: &'static str, operation: &'static str) -> Result<(), KmsError> {
    if key.usage().as_str() == usage {
        return Ok(());
    }
    Err(KmsError::InvalidKeyUsage { arn: key.arn().to_string(), usage: key.usage().as_str(), operation })
}

/// Refuses answers encrypted for an enclave.
pub fn no_recipient(recipient: Option<&api::RecipientInfo>) -> Result<(), KmsError> {
    match recipient {
        None => Ok(()),
        Some(_) => Err(KmsError::Unsupported(
            "Answers encrypted for a Nitro enclave are not served by Gantry.".into(),
        )),
    }
}

/// A request that only asks whether it would succeed ends here.
pub fn dry_run(asked: Option<bool>) -> Result<(), KmsError> {
    if asked == Some(true) { Err(KmsError::DryRun) } else { Ok(()) }
}

/// Writes a managed key that this request brought about.
pub async fn keep(tx: Tx, found: &Found, permit: &Permit) -> Result<(), Failure> {
    if found.fresh {
        tx.commit(permit).await?;
    }
    Ok(())
}

/// Days as a duration.
pub fn days(days: u32) -> std::time::Duration {
    std::time::Duration::from_secs(u64::from(days) * DAY_SECONDS)
}
