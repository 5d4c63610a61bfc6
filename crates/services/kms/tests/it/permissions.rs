//! Every operation takes its own permission.

use gantry_api_kms as api;
use gantry_service::Failure;
use gantry_wire::Operation;

use crate::keys::key;
use crate::world::World;

/// Holds that exactly this action is needed, whatever else comes of the call.
async fn check<O: Operation>(world: &World, action: &str, input: O::Input)
where
    O::Input: Clone,
{
    for (actions, expected) in [(vec![action], false), (vec!["kms:Nothing"], true)] {
        let cx = world.user("ann", &actions);
        let answer = world.call::<O>(&cx, input.clone()).await.map(|_| ());
        assert!(!matches!(answer, Err(Failure::Internal(_) | Failure::Conflict)), "{answer:?}");
        assert_eq!(
            matches!(answer, Err(Failure::Denied(_))),
            expected,
            "{} with {actions:?}: {answer:?}",
            O::NAME
        );
    }
}

#[tokio::test]
async fn each_operation_takes_its_own() {
    let world = World::new();
    let world = &world;
    let key_id = key(world).await.key_id;
    macro_rules! check {
        ($($operation:ident($request:ident { $($field:ident: $value:expr),* }));* $(;)?) => {$(
            #[allow(clippy::needless_update)]
            let input = api::$request { $($field: $value,)* ..Default::default() };
            check::<api::$operation>(world, concat!("kms:", stringify!($operation)), input).await;
        )*};
    }
    check! {
        CreateKey(CreateKeyRequest {});
        DescribeKey(DescribeKeyRequest { key_id: key_id.clone() });
        ListKeys(ListKeysRequest {});
        ListAliases(ListAliasesRequest {});
        GenerateRandom(GenerateRandomRequest { number_of_bytes: Some(1) });
        EnableKey(EnableKeyRequest { key_id: key_id.clone() });
        UpdateKeyDescription(UpdateKeyDescriptionRequest { key_id: key_id.clone(), description: "x".into() });
        CreateAlias(CreateAliasRequest { alias_name: "alias/a".into(), target_key_id: key_id.clone() });
        UpdateAlias(UpdateAliasRequest { alias_name: "alias/a".into(), target_key_id: key_id.clone() });
        DeleteAlias(DeleteAliasRequest { alias_name: "alias/a".into() });
        Encrypt(EncryptRequest { key_id: key_id.clone(), plaintext: "x".into() });
        Decrypt(DecryptRequest { key_id: Some(key_id.clone()), ciphertext_blob: Some("x".into()) });
        GenerateDataKey(GenerateDataKeyRequest { key_id: key_id.clone(), key_spec: Some("AES_256".into()) });
        GenerateDataKeyWithoutPlaintext(GenerateDataKeyWithoutPlaintextRequest { key_id: key_id.clone() });
        GenerateMac(GenerateMacRequest { key_id: key_id.clone() });
        VerifyMac(VerifyMacRequest { key_id: key_id.clone() });
        GetKeyPolicy(GetKeyPolicyRequest { key_id: key_id.clone() });
        PutKeyPolicy(PutKeyPolicyRequest { key_id: key_id.clone(), policy: "{".into() });
        ListKeyPolicies(ListKeyPoliciesRequest { key_id: key_id.clone() });
        TagResource(TagResourceRequest { key_id: key_id.clone() });
        UntagResource(UntagResourceRequest { key_id: key_id.clone() });
        ListResourceTags(ListResourceTagsRequest { key_id: key_id.clone() });
        EnableKeyRotation(EnableKeyRotationRequest { key_id: key_id.clone() });
        GetKeyRotationStatus(GetKeyRotationStatusRequest { key_id: key_id.clone() });
        RotateKeyOnDemand(RotateKeyOnDemandRequest { key_id: key_id.clone() });
        ListKeyRotations(ListKeyRotationsRequest { key_id: key_id.clone() });
        DisableKeyRotation(DisableKeyRotationRequest { key_id: key_id.clone() });
        CreateGrant(CreateGrantRequest { key_id: key_id.clone(), grantee_principal: Some("x".into()) });
        ListGrants(ListGrantsRequest { key_id: key_id.clone() });
        ListRetirableGrants(ListRetirableGrantsRequest { retiring_principal: Some("x".into()) });
        RevokeGrant(RevokeGrantRequest { key_id: key_id.clone(), grant_id: "x".into() });
        RetireGrant(RetireGrantRequest { key_id: Some(key_id.clone()), grant_id: Some("x".into()) });
        DisableKey(DisableKeyRequest { key_id: key_id.clone() });
        ScheduleKeyDeletion(ScheduleKeyDeletionRequest { key_id: key_id.clone() });
        CancelKeyDeletion(CancelKeyDeletionRequest { key_id: key_id.clone() });
    }
}
