//! Encryption, data keys, codes and rotation.

use std::collections::BTreeMap;

use gantry_api_kms as api;
use gantry_reconcile::Next;

use crate::keys::{encrypt, key};
use crate::world::World;

fn context(pairs: &[(&str, &str)]) -> Option<BTreeMap<String, String>> {
    Some(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

fn decrypt(blob: &[u8]) -> api::DecryptRequest {
    api::DecryptRequest { ciphertext_blob: Some(blob.to_vec().into()), ..Default::default() }
}

#[tokio::test]
async fn what_is_encrypted_opens_within_its_context_only() {
    let world = World::new();
    let id = key(&world).await.key_id;
    let within = context(&[("table", "users"), ("row", "7")]);
    let input = api::EncryptRequest { encryption_context: within.clone(), ..encrypt(&id, "hunter2-hunter2") };
    let made = world.ok::<api::Encrypt>(input.clone()).await;
    let blob = made.ciphertext_blob.unwrap();
    assert_ne!(
        world.ok::<api::Encrypt>(input).await.ciphertext_blob.unwrap(),
        blob,
        "each one has its own nonce"
    );
    let right = api::DecryptRequest { encryption_context: within.clone(), ..decrypt(&blob) };
    let opened = world.ok::<api::Decrypt>(right.clone()).await;
    assert_eq!((opened.plaintext.as_deref(), opened.key_id), (Some(&b"hunter2-hunter2"[..]), made.key_id));
    let named = api::DecryptRequest { key_id: Some(id.clone()), ..right.clone() };
    world.ok::<api::Decrypt>(named).await;
    for wrong in [None, context(&[("table", "users")]), context(&[("table", "users"), ("row", "8")])] {
        let input = api::DecryptRequest { encryption_context: wrong, ..decrypt(&blob) };
        assert_eq!(world.refused::<api::Decrypt>(input).await.code, "InvalidCiphertextException");
    }
    let other = key(&world).await.key_id;
    let named = api::DecryptRequest { key_id: Some(other.clone()), ..right.clone() };
    assert_eq!(world.refused::<api::Decrypt>(named).await.code, "IncorrectKeyException");
    for at in [0, 5, 20, 31, 40, blob.len() - 1] {
        let mut damaged = blob.to_vec();
        damaged[at] ^= 1;
        let input = api::DecryptRequest { encryption_context: within.clone(), ..decrypt(&damaged) };
        assert_eq!(
            world.refused::<api::Decrypt>(input).await.code,
            "InvalidCiphertextException",
            "byte {at}"
        );
    }
    let input = api::ReEncryptRequest {
        ciphertext_blob: Some(blob),
        source_encryption_context: within,
        destination_key_id: other.clone(),
        ..Default::default()
    };
    let anew = world.ok::<api::ReEncrypt>(input).await;
    let opened = world.ok::<api::Decrypt>(decrypt(&anew.ciphertext_blob.unwrap())).await;
    assert_eq!(opened.plaintext.as_deref(), Some(&b"hunter2-hunter2"[..]));
    assert!(opened.key_id.unwrap().ends_with(&other));
    assert!(!world.stored("hunter2").await);
}

#[tokio::test]
async fn the_largest_plaintext_fits_a_ciphertext() {
    let world = World::new();
    let id = key(&world).await.key_id;
    let blob = world.ok::<api::Encrypt>(encrypt(&id, &"x".repeat(4096))).await.ciphertext_blob.unwrap();
    assert!(blob.len() <= 6144, "AWS's limit of ciphertexts");
    assert_eq!(world.ok::<api::Decrypt>(decrypt(&blob)).await.plaintext.unwrap().len(), 4096);
}

#[tokio::test]
async fn data_keys_come_in_the_clear_and_sealed() {
    let world = World::new();
    let id = key(&world).await.key_id;
    let asked = |spec: Option<&str>, bytes| api::GenerateDataKeyRequest {
        key_id: id.clone(),
        key_spec: spec.map(Into::into),
        number_of_bytes: bytes,
        ..Default::default()
    };
    for (spec, bytes, length) in
        [(Some("AES_256"), None, 32), (Some("AES_128"), None, 16), (None, Some(64), 64)]
    {
        let made = world.ok::<api::GenerateDataKey>(asked(spec, bytes)).await;
        let plain = made.plaintext.unwrap();
        assert_eq!(plain.len(), length);
        let opened = world.ok::<api::Decrypt>(decrypt(&made.ciphertext_blob.unwrap())).await;
        assert_eq!(opened.plaintext.unwrap(), plain);
    }
    for (spec, bytes) in [(None, None), (Some("AES_256"), Some(32)), (None, Some(1025))] {
        assert_eq!(
            world.refused::<api::GenerateDataKey>(asked(spec, bytes)).await.code,
            "ValidationException"
        );
    }
    let input = api::GenerateDataKeyWithoutPlaintextRequest {
        key_id: id.clone(),
        key_spec: Some("AES_256".into()),
        ..Default::default()
    };
    let blob = world.ok::<api::GenerateDataKeyWithoutPlaintext>(input).await.ciphertext_blob.unwrap();
    assert_eq!(world.ok::<api::Decrypt>(decrypt(&blob)).await.plaintext.unwrap().len(), 32);
    let dry = api::GenerateDataKeyRequest { dry_run: Some(true), ..asked(Some("AES_256"), None) };
    assert_eq!(world.refused::<api::GenerateDataKey>(dry).await.code, "DryRunOperationException");
    let random = api::GenerateRandomRequest { number_of_bytes: Some(1024), ..Default::default() };
    assert_eq!(world.ok::<api::GenerateRandom>(random).await.plaintext.unwrap().len(), 1024);
}

#[tokio::test]
async fn codes_are_verified() {
    let world = World::new();
    let input = api::CreateKeyRequest {
        key_spec: Some("HMAC_512".into()),
        key_usage: Some("GENERATE_VERIFY_MAC".into()),
        ..Default::default()
    };
    let made = world.ok::<api::CreateKey>(input).await.key_metadata.unwrap();
    assert_eq!(made.mac_algorithms.as_deref(), Some(&["HMAC_SHA_512".to_owned()][..]));
    let id = made.key_id;
    let generate = |algorithm: &str| api::GenerateMacRequest {
        message: "hello".to_owned().into(),
        key_id: id.clone(),
        mac_algorithm: algorithm.into(),
        ..Default::default()
    };
    let code = world.ok::<api::GenerateMac>(generate("HMAC_SHA_512")).await.mac.unwrap();
    assert_eq!(code.len(), 64);
    let wrong = world.refused::<api::GenerateMac>(generate("HMAC_SHA_256")).await;
    assert_eq!(wrong.code, "InvalidKeyUsageException");
    let verify = |message: &str, mac: bytes::Bytes| api::VerifyMacRequest {
        message: message.to_owned().into(),
        key_id: id.clone(),
        mac_algorithm: "HMAC_SHA_512".into(),
        mac,
        ..Default::default()
    };
    assert_eq!(world.ok::<api::VerifyMac>(verify("hello", code.clone())).await.mac_valid, Some(true));
    assert_eq!(world.refused::<api::VerifyMac>(verify("hallo", code)).await.code, "KMSInvalidMacException");
    assert_eq!(world.refused::<api::Encrypt>(encrypt(&id, "x")).await.code, "InvalidKeyUsageException");
    let rotate = api::RotateKeyOnDemandRequest { key_id: id };
    assert_eq!(world.refused::<api::RotateKeyOnDemand>(rotate).await.code, "UnsupportedOperationException");
}

#[tokio::test]
async fn old_ciphertexts_open_after_rotations() {
    let world = World::new();
    let id = key(&world).await.key_id;
    let old = world.ok::<api::Encrypt>(encrypt(&id, "old")).await.ciphertext_blob.unwrap();
    let first = world.ok::<api::Decrypt>(decrypt(&old)).await.key_material_id.unwrap();
    world.ok::<api::RotateKeyOnDemand>(api::RotateKeyOnDemandRequest { key_id: id.clone() }).await;
    let new = world.ok::<api::Encrypt>(encrypt(&id, "new")).await.ciphertext_blob.unwrap();
    let opened = world.ok::<api::Decrypt>(decrypt(&old)).await;
    assert_eq!(
        (opened.plaintext.as_deref(), opened.key_material_id),
        (Some(&b"old"[..]), Some(first.clone()))
    );
    assert_ne!(world.ok::<api::Decrypt>(decrypt(&new)).await.key_material_id, Some(first));

    let status =
        || world.ok::<api::GetKeyRotationStatus>(api::GetKeyRotationStatusRequest { key_id: id.clone() });
    assert_eq!(status().await.key_rotation_enabled, Some(false));
    let enable = |days| api::EnableKeyRotationRequest { key_id: id.clone(), rotation_period_in_days: days };
    assert_eq!(world.refused::<api::EnableKeyRotation>(enable(Some(89))).await.code, "ValidationException");
    world.ok::<api::EnableKeyRotation>(enable(Some(90))).await;
    let said = status().await;
    assert_eq!((said.key_rotation_enabled, said.rotation_period_in_days), (Some(true), Some(90)));
    world.advance_days(89);
    assert!(matches!(world.rotate_due().await, Next::After(_)));
    world.advance_days(1);
    world.rotate_due().await;
    let list = |all: bool| api::ListKeyRotationsRequest {
        key_id: id.clone(),
        include_key_material: all.then(|| "ALL_KEY_MATERIAL".into()),
        ..Default::default()
    };
    let rotations = world.ok::<api::ListKeyRotations>(list(false)).await.rotations.unwrap();
    let kinds: Vec<_> = rotations.iter().map(|entry| entry.rotation_type.clone().unwrap()).collect();
    assert_eq!(kinds, ["ON_DEMAND", "AUTOMATIC"]);
    let all = world.ok::<api::ListKeyRotations>(list(true)).await.rotations.unwrap();
    let states: Vec<_> = all.iter().map(|entry| entry.key_material_state.clone().unwrap()).collect();
    assert_eq!(states, ["NON_CURRENT", "NON_CURRENT", "CURRENT"]);
    for blob in [&old, &new] {
        world.ok::<api::Decrypt>(decrypt(blob)).await;
    }
    world.ok::<api::DisableKeyRotation>(api::DisableKeyRotationRequest { key_id: id.clone() }).await;
    world.advance_days(91);
    assert_eq!(world.rotate_due().await, Next::Wait);
    assert_eq!(world.ok::<api::ListKeyRotations>(list(false)).await.rotations.unwrap().len(), 2);
    for _ in 1..25 {
        world.ok::<api::RotateKeyOnDemand>(api::RotateKeyOnDemandRequest { key_id: id.clone() }).await;
    }
    let more = api::RotateKeyOnDemandRequest { key_id: id.clone() };
    assert_eq!(world.refused::<api::RotateKeyOnDemand>(more).await.code, "LimitExceededException");
}
