//! Keys whose material their owner made.

use std::sync::Arc;
use std::time::Duration;

use gantry_api_kms as api;
use gantry_base::{OsIds, Timestamp};
use gantry_kms::pair::Drawn;
use rsa::pkcs8::DecodePublicKey;

use crate::world::World;

const MATERIAL: [u8; 32] = [42; 32];

async fn external(world: &World) -> String {
    let input = api::CreateKeyRequest { origin: Some("EXTERNAL".into()), ..Default::default() };
    let made = world.ok::<api::CreateKey>(input).await.key_metadata.unwrap();
    assert_eq!(made.key_state.as_deref(), Some("PendingImport"));
    assert_eq!((made.origin.as_deref(), made.enabled), (Some("EXTERNAL"), Some(false)));
    assert_eq!(made.expiration_model, None);
    made.key_id
}

async fn wrapped(world: &World, key_id: &str, plain: &[u8]) -> api::ImportKeyMaterialRequest {
    let input = api::GetParametersForImportRequest {
        key_id: key_id.into(),
        wrapping_algorithm: "RSAES_OAEP_SHA_256".into(),
        wrapping_key_spec: "RSA_2048".into(),
    };
    let parameters = world.ok::<api::GetParametersForImport>(input).await;
    let public = rsa::PublicKey::from_public_key_der(&parameters.public_key.unwrap()).unwrap();
    let mut drawn = Drawn(Arc::new(OsIds));
    let encrypted = public.encrypt(&mut drawn, rsa::Oaep::<sha2::Sha256>::new(), plain).unwrap();
    api::ImportKeyMaterialRequest {
        key_id: key_id.into(),
        import_token: parameters.import_token.unwrap(),
        encrypted_key_material: encrypted.into(),
        expiration_model: Some("KEY_MATERIAL_DOES_NOT_EXPIRE".into()),
        ..Default::default()
    }
}

fn encrypt(key_id: &str) -> api::EncryptRequest {
    api::EncryptRequest {
        key_id: key_id.into(),
        plaintext: b"secret".as_slice().to_vec().into(),
        ..Default::default()
    }
}

async fn state(world: &World, key_id: &str) -> String {
    let input = api::DescribeKeyRequest { key_id: key_id.into(), ..Default::default() };
    world.ok::<api::DescribeKey>(input).await.key_metadata.unwrap().key_state.unwrap()
}

#[tokio::test]
async fn a_material_is_imported_deleted_and_imported_again() {
    let world = World::new();
    let key = external(&world).await;
    let error = world.refused::<api::Encrypt>(encrypt(&key)).await;
    assert_eq!(&*error.code, "KMSInvalidStateException");
    assert!(error.message.ends_with("is pending import."), "{}", error.message);

    let import = wrapped(&world, &key, &MATERIAL).await;
    let id = world.ok::<api::ImportKeyMaterial>(import).await.key_material_id;
    assert_eq!(state(&world, &key).await, "Enabled");
    let sealed = world.ok::<api::Encrypt>(encrypt(&key)).await.ciphertext_blob;
    let delete = api::DeleteImportedKeyMaterialRequest { key_id: key.clone(), ..Default::default() };
    for _ in 0..2 {
        let deleted = world.ok::<api::DeleteImportedKeyMaterial>(delete.clone()).await;
        assert_eq!(deleted.key_material_id, id);
    }
    assert_eq!(state(&world, &key).await, "PendingImport");
    let decrypt = api::DecryptRequest { ciphertext_blob: sealed, ..Default::default() };
    let error = world.refused::<api::Decrypt>(decrypt.clone()).await;
    assert_eq!(&*error.code, "KMSInvalidStateException");

    let other = wrapped(&world, &key, &[7; 32]).await;
    let error = world.refused::<api::ImportKeyMaterial>(other).await;
    assert_eq!(&*error.code, "IncorrectKeyMaterialException");
    let import = wrapped(&world, &key, &MATERIAL).await;
    assert_eq!(world.ok::<api::ImportKeyMaterial>(import).await.key_material_id, id);
    assert_eq!(world.ok::<api::Decrypt>(decrypt).await.plaintext.as_deref(), Some(&b"secret"[..]));
}

#[tokio::test]
async fn a_material_goes_when_its_time_is_over() {
    let world = World::new();
    let key = external(&world).await;
    let mut import = wrapped(&world, &key, &MATERIAL).await;
    import.expiration_model = None;
    let error = world.refused::<api::ImportKeyMaterial>(import.clone()).await;
    assert_eq!(&*error.code, "ValidationException");
    import.valid_to = Some(Timestamp::from_secs(1_800_000_000) + Duration::from_secs(3 * 24 * 3600));
    world.ok::<api::ImportKeyMaterial>(import).await;
    world.expire_due().await;
    assert_eq!(state(&world, &key).await, "Enabled");
    world.advance_days(4);
    world.expire_due().await;
    assert_eq!(state(&world, &key).await, "PendingImport");
}

#[tokio::test]
async fn what_does_not_fit_is_refused() {
    let world = World::new();
    let (one, two) = (external(&world).await, external(&world).await);
    let short = wrapped(&world, &one, &[1; 16]).await;
    let error = world.refused::<api::ImportKeyMaterial>(short).await;
    assert_eq!(&*error.code, "IncorrectKeyMaterialException");
    let mut strange = wrapped(&world, &one, &MATERIAL).await;
    strange.key_id = two;
    let error = world.refused::<api::ImportKeyMaterial>(strange).await;
    assert_eq!(&*error.code, "InvalidImportTokenException");
    let late = wrapped(&world, &one, &MATERIAL).await;
    world.advance_days(2);
    let error = world.refused::<api::ImportKeyMaterial>(late).await;
    assert_eq!(&*error.code, "ExpiredImportTokenException");

    let rotate = api::EnableKeyRotationRequest { key_id: one, ..Default::default() };
    assert_eq!(&*world.refused::<api::EnableKeyRotation>(rotate).await.code, "UnsupportedOperationException");
    let own = world.ok::<api::CreateKey>(Default::default()).await.key_metadata.unwrap().key_id;
    let input = api::DeleteImportedKeyMaterialRequest { key_id: own, ..Default::default() };
    let error = world.refused::<api::DeleteImportedKeyMaterial>(input).await;
    assert!(error.message.ends_with("origin is AWS_KMS which is not valid for this operation."));
}
