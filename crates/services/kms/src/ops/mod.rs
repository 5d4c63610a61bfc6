//! The operations, one file each, and what several of them share.

pub mod cancel_key_deletion;
pub mod create_alias;
pub mod create_grant;
pub mod create_key;
pub mod decrypt;
pub mod delete_alias;
pub mod delete_imported_key_material;
pub mod derive_shared_secret;
pub mod describe_key;
pub mod disable_key;
pub mod disable_key_rotation;
pub mod enable_key;
pub mod enable_key_rotation;
pub mod encrypt;
pub mod generate_data_key;
pub mod generate_data_key_pair;
pub mod generate_data_key_pair_without_plaintext;
pub mod generate_data_key_without_plaintext;
pub mod generate_mac;
pub mod generate_random;
pub mod get_key_policy;
pub mod get_key_rotation_status;
pub mod get_parameters_for_import;
pub mod get_public_key;
pub mod import_key_material;
mod import_token;
pub mod list_aliases;
pub mod list_grants;
pub mod list_key_policies;
pub mod list_key_rotations;
pub mod list_keys;
pub mod list_resource_tags;
pub mod list_retirable_grants;
mod mac;
mod pair;
pub mod put_key_policy;
pub mod re_encrypt;
pub mod retire_grant;
pub mod revoke_grant;
pub mod rotate_key_on_demand;
pub mod schedule_key_deletion;
pub mod sign;
pub mod tag_resource;
mod token;
pub mod untag_resource;
pub mod update_alias;
pub mod update_key_description;
pub mod verify;
pub mod verify_mac;

use gantry_iam_core::{Kind, Policy};
use gantry_service::{Cx, Failure};
use gantry_store::Tx;
use serde_json::json;

use crate::cipher::Header;
use crate::error::KmsError;
use crate::key_id::{Found, Managed, find};
use crate::spec::Spec;
use crate::tables::{
    GRANTEES, GRANTS, Grant, KEYS, KeyRow, Origin, ROTATIONS, due_key, grant_key, grantee_key, row_key,
};
use crate::{Kms, access};

/// The one name that a key's policy has.
const POLICY_NAME: &str = "default";

/// Refuses names that aliases can't have.
fn check_alias(name: &str) -> Result<(), KmsError> {
    let rest = name.strip_prefix("alias/").filter(|rest| !rest.is_empty());
    let Some(rest) = rest else {
        return Err(KmsError::Validation(
            "Alias must start with the prefix \"alias/\". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html".to_owned(),
        ));
    };
    if rest.starts_with("aws/") {
        return Err(KmsError::ReservedAlias);
    }
    if rest.contains(':') {
        return Err(KmsError::Validation(format!("{name} contains invalid characters for an alias")));
    }
    Ok(())
}

fn check_policy_name(name: Option<&str>) -> Result<(), KmsError> {
    match name {
        None | Some(POLICY_NAME) => Ok(()),
        Some(_) => Err(KmsError::NoSuchPolicy),
    }
}

/// Refuses a policy under which the caller could not change it again.
fn refuse_lockout(cx: &Cx, key: &KeyRow, policy: &Policy, bypass: bool) -> Result<(), KmsError> {
    if bypass || access::would_allow(cx, key, "kms:PutKeyPolicy", policy) {
        return Ok(());
    }
    Err(KmsError::MalformedPolicy(
        "The new key policy will not allow you to update the key policy in the future.".into(),
    ))
}

/// Refuses what a policy could not name: grants name users, roles, sessions, accounts and services.
fn check_principal(name: &str) -> Result<(), KmsError> {
    let kind = if name.starts_with("arn:") { "AWS" } else { "Service" };
    let service = kind == "Service" && !name.contains('.');
    let document = json!({
        "Version": "2012-10-17",
        "Statement": { "Effect": "Allow", "Principal": { kind: name }, "Action": "kms:Decrypt", "Resource": "*" },
    });
    match Policy::parse(Kind::Resource, &document.to_string()) {
        Ok(_) if !service => Ok(()),
        _ => Err(KmsError::InvalidArn { given: name.to_owned() }),
    }
}

/// Only symmetric keys rotate.
fn can_rotate(key: &KeyRow) -> Result<(), KmsError> {
    if key.origin == Origin::External {
        return Err(KmsError::Unsupported(format!(
            "{} origin is EXTERNAL which is not valid for this operation.",
            key.arn()
        )));
    }
    match key.spec {
        Spec::SymmetricDefault => Ok(()),
        other => Err(KmsError::Unsupported(format!(
            "{} is a {} key, and such keys do not rotate.",
            key.arn(),
            other.as_str()
        ))),
    }
}

fn forget_rotation(tx: &mut Tx, key: &KeyRow) {
    if let Some(rotation) = key.rotation {
        tx.delete(&ROTATIONS, &due_key(&key.due(rotation.next_at)));
    }
}

fn forget_grant(tx: &mut Tx, key: &KeyRow, grant: &Grant) {
    let row = key.row_key();
    tx.delete(&GRANTS, &grant_key(&row, &grant.id));
    tx.delete(&GRANTEES, &grantee_key(&row, &grant.grantee).with(&grant.id));
}

/// The key that a ciphertext is to be decrypted with: the one it names, or the one that is asked for.
async fn key_of(
    kms: &Kms,
    tx: &mut Tx,
    cx: &Cx,
    action: &'static str,
    blob: &[u8],
    given: Option<&str>,
) -> Result<Found, Failure> {
    if let Some(given) = given {
        return find(kms, tx, cx, action, given, Managed::MustBeThere).await;
    }
    let (header, _) = Header::read(blob).ok_or(KmsError::InvalidCiphertext)?;
    let row = row_key(header.account, &cx.region, &header.key_id);
    let key = tx.get(&KEYS, &row).await?.ok_or(KmsError::InvalidCiphertext)?;
    Ok(Found { key, alias: None, fresh: false })
}
