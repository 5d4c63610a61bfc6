//! Key Management Service: keys that never leave, and what is done with them.
//!
//! A key's material is sealed under the instance's master key and bound to its row. Ciphertexts name their key
//! and the material that made them, so that they open without being told the key, also after a rotation.
//!
//! This crate never answers with a key's own material, never writes it in the clear, and never lets anybody to a
//! key whose policy (or a grant) does not let them in: identity policies count only where the key's policy names
//! the account.
//!
//! Read in this order: [`tables`] (what is kept), [`key_id`] (how a key is named), [`access`] (who may),
//! [`cipher`] (ciphertexts and codes), [`pair`] (RSA and elliptic curves), [`managed`] (keys made on behalf of services), `ops`, [`loops`].

pub mod access;
pub mod answer;
pub mod cipher;
pub mod error;
pub mod key_id;
pub mod loops;
pub mod managed;
pub mod ops;
pub mod page;
pub mod pair;
pub mod policy;
pub mod spec;
pub mod tables;

use std::sync::Arc;

use gantry_api_kms as api;
use gantry_base::Ids;
use gantry_service::{Registry, Sealer};
use gantry_store::Db;

/// What the operations work with.
#[derive(Clone)]
pub struct Kms {
    pub(crate) db: Db,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) sealer: Sealer,
}

impl Kms {
    /// Keys in this store, with this randomness, sealed under this master key.
    pub fn new(db: Db, ids: Arc<dyn Ids>, sealer: Sealer) -> Kms {
        Kms { db, ids, sealer }
    }
}

/// Serves the operations of KMS. The loops of [`loops::spawn`] must run beside them.
pub fn register(registry: &mut Registry, db: Db, ids: Arc<dyn Ids>, sealer: Sealer) {
    let kms = Arc::new(Kms::new(db, ids, sealer));
    macro_rules! serve {
        ($($operation:ident: $module:ident),* $(,)?) => {$(
            let service = kms.clone();
            registry.on::<api::$operation, _, _, _>(move |cx, input| {
                let kms = service.clone();
                async move { ops::$module::run(&kms, cx, input).await }
            });
        )*};
    }
    serve! {
        CancelKeyDeletion: cancel_key_deletion,
        CreateAlias: create_alias,
        CreateGrant: create_grant,
        CreateKey: create_key,
        Decrypt: decrypt,
        DeleteAlias: delete_alias,
        DeleteImportedKeyMaterial: delete_imported_key_material,
        DeriveSharedSecret: derive_shared_secret,
        DescribeKey: describe_key,
        DisableKey: disable_key,
        DisableKeyRotation: disable_key_rotation,
        EnableKey: enable_key,
        EnableKeyRotation: enable_key_rotation,
        Encrypt: encrypt,
        GenerateDataKey: generate_data_key,
        GenerateDataKeyPair: generate_data_key_pair,
        GenerateDataKeyPairWithoutPlaintext: generate_data_key_pair_without_plaintext,
        GenerateDataKeyWithoutPlaintext: generate_data_key_without_plaintext,
        GenerateMac: generate_mac,
        GenerateRandom: generate_random,
        GetKeyPolicy: get_key_policy,
        GetKeyRotationStatus: get_key_rotation_status,
        GetParametersForImport: get_parameters_for_import,
        GetPublicKey: get_public_key,
        ImportKeyMaterial: import_key_material,
        ListAliases: list_aliases,
        ListGrants: list_grants,
        ListKeyPolicies: list_key_policies,
        ListKeyRotations: list_key_rotations,
        ListKeys: list_keys,
        ListResourceTags: list_resource_tags,
        ListRetirableGrants: list_retirable_grants,
        PutKeyPolicy: put_key_policy,
        ReEncrypt: re_encrypt,
        RetireGrant: retire_grant,
        RevokeGrant: revoke_grant,
        RotateKeyOnDemand: rotate_key_on_demand,
        ScheduleKeyDeletion: schedule_key_deletion,
        Sign: sign,
        TagResource: tag_resource,
        UntagResource: untag_resource,
        UpdateAlias: update_alias,
        UpdateKeyDescription: update_key_description,
        Verify: verify,
        VerifyMac: verify_mac,
    }
}
