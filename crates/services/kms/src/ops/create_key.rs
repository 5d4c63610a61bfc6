//! CreateKey: a key, enabled from the start.

use gantry_api_kms as api;
use gantry_iam_core::policy::spelling::accounts_by_root;
use gantry_service::principals::ids_of;
use gantry_service::{Cx, Failure, Permission};

use crate::error::KmsError;
use crate::spec::Spec;
use crate::tables::{KEYS, KeyRow, Manager, Origin, State};
use crate::{Kms, answer, cipher, policy};

/// Makes a key.
pub async fn run(kms: &Kms, cx: Cx, input: api::CreateKeyRequest) -> Result<api::CreateKeyResponse, Failure> {
    let spec = input.key_spec.as_deref().or(input.customer_master_key_spec.as_deref());
    let spec = Spec::asked(spec, input.key_usage.as_deref());
    let bypass = input.bypass_policy_lockout_safety_check == Some(true);
    let given: Vec<(&str, &str)> =
        input.tags.iter().flatten().map(|tag| (tag.tag_key.as_str(), tag.tag_value.as_str())).collect();
    // The key has no name yet that a policy could be about.
    let any = cx.arn("kms", "key/*");
    let permission = |action| {
        Permission::on(action, &any)
            .key("kms:KeySpec", spec.as_ref().ok().map(|(spec, _)| spec.as_str()))
            .key("kms:KeyUsage", spec.as_ref().ok().map(|(_, usage)| usage.as_str()))
            .key("kms:KeyOrigin", [input.origin.as_deref().unwrap_or("AWS_KMS")])
            .key("kms:MultiRegion", [(input.multi_region == Some(true)).to_string()])
            .key("kms:BypassPolicyLockoutSafetyCheck", [bypass.to_string()])
            .key("kms:CallerAccount", [cx.account.as_str()])
            .request_tags(given.iter().copied())
    };
    let permit = cx.authorize(permission("kms:CreateKey"))?;
    if !given.is_empty() {
        cx.authorize(permission("kms:TagResource"))?;
    }
    let (spec, usage) = spec?;
    refuse_unserved(&input)?;
    let origin = match input.origin.as_deref() {
        Some("EXTERNAL") => Origin::External,
        _ => Origin::Drawn,
    };
    let tags = answer::tags(input.tags.unwrap_or_default())?;
    let mut key = KeyRow {
        id: kms.ids.uuid(),
        account: cx.account,
        region: cx.region.clone(),
        description: input.description.unwrap_or_default(),
        spec,
        usage: Some(usage).filter(|_| spec.usages().len() > 1),
        manager: Manager::Customer,
        state: match origin {
            Origin::Drawn => State::Enabled,
            Origin::External => State::PendingImport,
        },
        created_at: cx.now,
        policy: None,
        policy_ids: Default::default(),
        tags,
        materials: Vec::new(),
        rotation: None,
        origin,
        valid_to: None,
    };
    if let Some(text) = input.policy {
        let policy = policy::parse(&text)?;
        super::refuse_lockout(&cx, &key, &policy, bypass)?;
        key.policy_ids = ids_of(&cx, &policy, |_| policy::names_nobody()).await?;
        key.policy = Some(accounts_by_root(&text, cx.partition()));
    }
    let drawn = match origin {
        Origin::Drawn => Some(cipher::draw(kms, spec).await?),
        Origin::External => None,
    };
    let mut tx = kms.db.begin();
    if let Some(material) = drawn {
        cipher::put_material(kms, &mut tx, &mut key, &material, None);
    }
    tx.put(&KEYS, &key.row_key(), &key);
    tx.commit(&permit).await?;
    Ok(api::CreateKeyResponse { key_metadata: Some(answer::metadata(&key)) })
}

fn refuse_unserved(input: &api::CreateKeyRequest) -> Result<(), KmsError> {
    let elsewhere = input.custom_key_store_id.is_some() || input.xks_key_id.is_some();
    for (asked, what) in [
        (
            input.origin.as_deref().is_some_and(|origin| !matches!(origin, "AWS_KMS" | "EXTERNAL")),
            "Key material of a custom key store",
        ),
        (elsewhere, "A custom key store"),
        (input.multi_region == Some(true), "A multi-Region key"),
    ] {
        if asked {
            return Err(KmsError::Unsupported(format!("{what} is not served by Gantry.")));
        }
    }
    Ok(())
}
