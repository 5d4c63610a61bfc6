//! RSA keys and keys on elliptic curves. What is signed is held against another implementation.

use gantry_api_kms as api;
use ring::signature::{self as oracle, UnparsedPublicKey};

use crate::world::World;

async fn pair(world: &World, spec: &str, usage: &str) -> api::KeyMetadata {
    let input = api::CreateKeyRequest {
        key_spec: Some(spec.into()),
        key_usage: Some(usage.into()),
        ..Default::default()
    };
    world.ok::<api::CreateKey>(input).await.key_metadata.unwrap()
}

fn sign(id: &str, algorithm: &str, message: &[u8]) -> api::SignRequest {
    api::SignRequest {
        key_id: id.into(),
        signing_algorithm: algorithm.into(),
        message: message.to_vec().into(),
        ..Default::default()
    }
}

fn verify(id: &str, algorithm: &str, message: &[u8], signature: &[u8]) -> api::VerifyRequest {
    api::VerifyRequest {
        key_id: id.into(),
        signing_algorithm: algorithm.into(),
        message: message.to_vec().into(),
        signature: signature.to_vec().into(),
        ..Default::default()
    }
}

async fn public(world: &World, id: &str) -> Vec<u8> {
    let input = api::GetPublicKeyRequest { key_id: id.into(), ..Default::default() };
    world.ok::<api::GetPublicKey>(input).await.public_key.unwrap().to_vec()
}

/// Another library's verification, and the length of the plain form of a public key for it, in bytes.
type Oracle = (&'static dyn oracle::VerificationAlgorithm, usize);

#[tokio::test]
async fn elliptic_keys_sign() {
    let world = World::new();
    let curves: [(&str, &str, Option<Oracle>); 4] = [
        ("ECC_NIST_P256", "ECDSA_SHA_256", Some((&oracle::ECDSA_P256_SHA256_ASN1, 65))),
        ("ECC_NIST_P384", "ECDSA_SHA_384", Some((&oracle::ECDSA_P384_SHA384_ASN1, 97))),
        ("ECC_NIST_P521", "ECDSA_SHA_512", None),
        ("ECC_SECG_P256K1", "ECDSA_SHA_256", None),
    ];
    for (spec, algorithm, other) in curves {
        let made = pair(&world, spec, "SIGN_VERIFY").await;
        assert_eq!(made.signing_algorithms, Some(vec![algorithm.to_owned()]), "{spec}");
        assert_eq!((made.encryption_algorithms, made.key_spec.as_deref()), (None, Some(spec)));
        let id = made.key_id;
        let signed = world.ok::<api::Sign>(sign(&id, algorithm, b"hello")).await.signature.unwrap();
        let valid = world.ok::<api::Verify>(verify(&id, algorithm, b"hello", &signed)).await;
        assert_eq!(valid.signature_valid, Some(true));
        let refused = world.refused::<api::Verify>(verify(&id, algorithm, b"hullo", &signed)).await;
        assert_eq!(refused.code, "KMSInvalidSignatureException");
        if let Some((other, length)) = other {
            let der = public(&world, &id).await;
            let point = &der[der.len() - length..];
            UnparsedPublicKey::new(other, point).verify(b"hello", &signed).unwrap();
        }
        let wrong = world.refused::<api::Sign>(sign(&id, "RSASSA_PSS_SHA_256", b"hello")).await;
        assert_eq!(
            (wrong.code.as_ref(), wrong.message),
            (
                "InvalidKeyUsageException",
                format!("Algorithm RSASSA_PSS_SHA_256 is incompatible with key spec {spec}.")
            )
        );
    }
}

#[tokio::test]
async fn rsa_keys_sign_messages_and_digests() {
    let world = World::new();
    let id = pair(&world, "RSA_2048", "SIGN_VERIFY").await.key_id;
    let der = public(&world, &id).await;
    // What stands before the key itself in X.509's form is always the same for this length.
    let key = &der[24..];
    let algorithms: [(&str, &'static dyn oracle::VerificationAlgorithm); 4] = [
        ("RSASSA_PKCS1_V1_5_SHA_256", &oracle::RSA_PKCS1_2048_8192_SHA256),
        ("RSASSA_PKCS1_V1_5_SHA_512", &oracle::RSA_PKCS1_2048_8192_SHA512),
        ("RSASSA_PSS_SHA_256", &oracle::RSA_PSS_2048_8192_SHA256),
        ("RSASSA_PSS_SHA_384", &oracle::RSA_PSS_2048_8192_SHA384),
    ];
    for (algorithm, other) in algorithms {
        let signed = world.ok::<api::Sign>(sign(&id, algorithm, b"hello")).await.signature.unwrap();
        UnparsedPublicKey::new(other, key).verify(b"hello", &signed).unwrap();
        world.ok::<api::Verify>(verify(&id, algorithm, b"hello", &signed)).await;
    }
    let algorithm = "RSASSA_PKCS1_V1_5_SHA_256";
    let digest = ring::digest::digest(&ring::digest::SHA256, b"hello");
    let of_digest =
        api::SignRequest { message_type: Some("DIGEST".into()), ..sign(&id, algorithm, digest.as_ref()) };
    let signed = world.ok::<api::Sign>(of_digest).await.signature.unwrap();
    world.ok::<api::Verify>(verify(&id, algorithm, b"hello", &signed)).await;
    let short = api::SignRequest { message_type: Some("DIGEST".into()), ..sign(&id, algorithm, b"short") };
    assert_eq!(
        world.refused::<api::Sign>(short).await.message,
        "Digest is invalid length for algorithm RSASSA_PKCS1_V1_5_SHA_256."
    );
    let encrypt = api::EncryptRequest {
        key_id: id,
        plaintext: b"x".to_vec().into(),
        encryption_algorithm: Some("RSAES_OAEP_SHA_256".into()),
        ..Default::default()
    };
    assert_eq!(world.refused::<api::Encrypt>(encrypt).await.code, "InvalidKeyUsageException");
}

#[tokio::test]
async fn rsa_keys_encrypt() {
    let world = World::new();
    let made = pair(&world, "RSA_2048", "ENCRYPT_DECRYPT").await;
    let both = vec!["RSAES_OAEP_SHA_1".to_owned(), "RSAES_OAEP_SHA_256".to_owned()];
    assert_eq!((made.encryption_algorithms, made.signing_algorithms), (Some(both.clone()), None));
    let id = made.key_id;
    for algorithm in &both {
        let encrypt = |plain: &[u8]| api::EncryptRequest {
            key_id: id.clone(),
            plaintext: plain.to_vec().into(),
            encryption_algorithm: Some(algorithm.clone()),
            ..Default::default()
        };
        let blob = world.ok::<api::Encrypt>(encrypt(b"hush")).await;
        assert_eq!(blob.encryption_algorithm.as_ref(), Some(algorithm));
        let decrypt = api::DecryptRequest {
            key_id: Some(id.clone()),
            ciphertext_blob: blob.ciphertext_blob,
            encryption_algorithm: Some(algorithm.clone()),
            ..Default::default()
        };
        let opened = world.ok::<api::Decrypt>(decrypt.clone()).await;
        assert_eq!(opened.plaintext.as_deref(), Some(&b"hush"[..]));
        let mut damaged = decrypt.ciphertext_blob.clone().unwrap().to_vec();
        damaged[9] ^= 1;
        let damaged = api::DecryptRequest { ciphertext_blob: Some(damaged.into()), ..decrypt };
        assert_eq!(world.refused::<api::Decrypt>(damaged).await.code, "InvalidCiphertextException");
        assert_eq!(world.refused::<api::Encrypt>(encrypt(&[0; 250])).await.code, "ValidationException");
    }
    let unsaid = api::EncryptRequest { key_id: id, plaintext: b"x".to_vec().into(), ..Default::default() };
    assert_eq!(world.refused::<api::Encrypt>(unsaid).await.code, "InvalidKeyUsageException");
}

#[tokio::test]
async fn a_pair_is_made_for_use_elsewhere() {
    let world = World::new();
    let id = crate::keys::key(&world).await.key_id;
    let input = api::GenerateDataKeyPairRequest {
        key_id: id.clone(),
        key_pair_spec: "ECC_NIST_P256".into(),
        ..Default::default()
    };
    let made = world.ok::<api::GenerateDataKeyPair>(input).await;
    let decrypt =
        api::DecryptRequest { ciphertext_blob: made.private_key_ciphertext_blob, ..Default::default() };
    assert_eq!(world.ok::<api::Decrypt>(decrypt).await.plaintext, made.private_key_plaintext);
    let without = api::GenerateDataKeyPairWithoutPlaintextRequest {
        key_id: id.clone(),
        key_pair_spec: "ECC_SECG_P256K1".into(),
        ..Default::default()
    };
    let made = world.ok::<api::GenerateDataKeyPairWithoutPlaintext>(without).await;
    assert!(made.public_key.is_some() && made.private_key_ciphertext_blob.is_some());
    let public = api::GetPublicKeyRequest { key_id: id, ..Default::default() };
    assert_eq!(world.refused::<api::GetPublicKey>(public).await.code, "UnsupportedOperationException");
}

#[tokio::test]
async fn a_usage_must_be_said_and_fit() {
    let world = World::new();
    for (spec, usage) in [("RSA_2048", None), ("ECC_NIST_P256", Some("ENCRYPT_DECRYPT"))] {
        let input = api::CreateKeyRequest {
            key_spec: Some(spec.into()),
            key_usage: usage.map(str::to_owned),
            ..Default::default()
        };
        assert_eq!(world.refused::<api::CreateKey>(input).await.code, "ValidationException");
    }
    let id = pair(&world, "ECC_NIST_P256", "SIGN_VERIFY").await.key_id;
    let rotate = api::EnableKeyRotationRequest { key_id: id.clone(), ..Default::default() };
    assert_eq!(world.refused::<api::EnableKeyRotation>(rotate).await.code, "UnsupportedOperationException");
    let status = api::GetKeyRotationStatusRequest { key_id: id };
    assert_eq!(world.ok::<api::GetKeyRotationStatus>(status).await.key_rotation_enabled, Some(false));
}

#[tokio::test]
async fn two_pairs_agree_on_a_secret() {
    let world = World::new();
    for spec in ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"] {
        let mut pairs = Vec::new();
        for _ in 0..2 {
            let input = api::CreateKeyRequest {
                key_spec: Some(spec.into()),
                key_usage: Some("KEY_AGREEMENT".into()),
                ..Default::default()
            };
            let made = world.ok::<api::CreateKey>(input).await.key_metadata.unwrap();
            assert_eq!(made.key_agreement_algorithms, Some(vec!["ECDH".into()]));
            assert_eq!(made.signing_algorithms, None);
            let input = api::GetPublicKeyRequest { key_id: made.key_id.clone(), ..Default::default() };
            pairs.push((made.key_id, world.ok::<api::GetPublicKey>(input).await.public_key.unwrap()));
        }
        let derive = |own: usize, other: usize| api::DeriveSharedSecretRequest {
            key_id: pairs[own].0.clone(),
            key_agreement_algorithm: "ECDH".into(),
            public_key: pairs[other].1.clone(),
            ..Default::default()
        };
        let one = world.ok::<api::DeriveSharedSecret>(derive(0, 1)).await;
        let two = world.ok::<api::DeriveSharedSecret>(derive(1, 0)).await;
        assert_eq!(one.shared_secret, two.shared_secret);
        assert_eq!(one.key_origin.as_deref(), Some("AWS_KMS"));
        let mut wrong = derive(0, 1);
        wrong.public_key = b"nonsense".as_slice().to_vec().into();
        assert_eq!(world.refused::<api::DeriveSharedSecret>(wrong).await.code, "ValidationException");
    }
}
