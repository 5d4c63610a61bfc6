//! CreateGrant: somebody may use a key in some ways.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};
use gantry_store::Scan;

use super::token;
use crate::access::{Wish, allow};
use crate::error::KmsError;
use crate::key_id::find_by_id;
use crate::spec::Spec;
use crate::tables::{Constraints, GRANTEES, GRANTS, Grant, KeyRow, grant_key, grantee_key};
use crate::{Kms, answer};

/// AWS's quota of grants of one key.
const MOST: usize = 50_000;

/// Makes a grant; the same one under the same name is made once.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::CreateGrantRequest,
) -> Result<api::CreateGrantResponse, Failure> {
    let grantee = input.grantee_principal.or(input.grantee_service_principal);
    let grantee = grantee.ok_or_else(|| KmsError::Validation("A grant needs a grantee principal.".into()))?;
    let retiring = input.retiring_principal.or(input.retiring_service_principal);
    let given = input.constraints.unwrap_or_default();
    let constraints =
        Constraints { equals: given.encryption_context_equals, subset: given.encryption_context_subset };
    let mut operations = input.operations;
    operations.sort();
    operations.dedup();

    let mut tx = kms.db.begin();
    let key = find_by_id(kms, &mut tx, &cx, "kms:CreateGrant", &input.key_id).await?;
    let kind = match (&constraints.equals, &constraints.subset) {
        (Some(_), _) => Some("EncryptionContextEquals"),
        (None, Some(_)) => Some("EncryptionContextSubset"),
        (None, None) => None,
    };
    let wish = Wish::to("kms:CreateGrant")
        .grant(&constraints)
        .key("kms:GrantOperations", &operations)
        .key("kms:GranteePrincipal", [&grantee])
        .key("kms:RetiringPrincipal", retiring.as_ref())
        .key("kms:GrantConstraintType", kind)
        .key("kms:GrantIsForAWSResource", [cx.origin.via.is_some().to_string()]);
    let permit = allow(&mut tx, &cx, &key, wish).await?;
    answer::usable(&key)?;
    if given.source_arn.is_some() {
        return Err(KmsError::Unsupported("The SourceArn constraint is not served by Gantry.".into()).into());
    }
    check(&key, &operations, &constraints)?;
    for principal in [Some(&grantee), retiring.as_ref()].into_iter().flatten() {
        super::check_principal(principal)?;
    }
    answer::dry_run(input.dry_run)?;

    let row = key.row_key();
    let existing = tx.scan(&GRANTEES, &grantee_key(&row, &grantee), Scan::all()).await?;
    let same = |grant: &Grant| {
        input.name.is_some()
            && grant.name == input.name
            && grant.retiring == retiring
            && grant.operations == operations
            && grant.constraints == constraints
    };
    if let Some((_, grant)) = existing.iter().find(|(_, grant)| same(grant)) {
        let token = token::make(kms, &key, &grant.id)?;
        return Ok(api::CreateGrantResponse { grant_token: Some(token), grant_id: Some(grant.id.clone()) });
    }
    if existing.len() >= MOST {
        return Err(KmsError::LimitExceeded(format!("A key can have at most {MOST} grants.")).into());
    }
    let issuer = cx.caller.principal.account().unwrap_or(cx.account);
    let grant = Grant {
        id: kms.ids.hex(64),
        name: input.name,
        grantee,
        retiring,
        operations,
        constraints,
        created_at: cx.now,
        issuer: format!("arn:{}:iam::{issuer}:root", cx.partition()),
    };
    tx.put(&GRANTS, &grant_key(&row, &grant.id), &grant);
    tx.put(&GRANTEES, &grantee_key(&row, &grant.grantee).with(&grant.id), &grant);
    tx.commit(&permit).await?;
    let token = token::make(kms, &key, &grant.id)?;
    Ok(api::CreateGrantResponse { grant_token: Some(token), grant_id: Some(grant.id) })
}

fn check(key: &KeyRow, operations: &[String], constraints: &Constraints) -> Result<(), KmsError> {
    if operations.is_empty() {
        return Err(KmsError::Validation("A grant needs an operation.".into()));
    }
    let able = key.spec.grant_operations(key.usage());
    if let Some(unable) = operations.iter().find(|name| !able.contains(&name.as_str())) {
        return Err(KmsError::Validation(format!(
            "The operation {unable} is not one of a {} key.",
            key.spec.as_str()
        )));
    }
    let constrained = constraints.equals.is_some() || constraints.subset.is_some();
    if constrained && key.spec != Spec::SymmetricDefault {
        return Err(KmsError::Validation(
            "Only grants of symmetric encryption keys have encryption contexts.".into(),
        ));
    }
    Ok(())
}
