//! `CreatePolicy`: a managed policy with its first version.

use gantry_api_iam::{self as api, CreatePolicyRequest, CreatePolicyResponse};
use gantry_base::AccountId;
use gantry_iam_core::Kind;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::{Scan, Tx, key};

use crate::document::read;
use crate::error::{already_exists, limit_exceeded};
use crate::iam::{Iam, arn, kept, may_tag, moment, unique_id};
use crate::policy::customer_shape;
use crate::shape;
use crate::tables::grants::counted_size;
use crate::tables::policy::{ManagedPolicy, POLICIES, Version};

/// The most managed policies of an account.
const POLICIES_PER_ACCOUNT: usize = 1500;
/// The most characters of a managed policy.
const POLICY_SIZE: usize = 6144;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: CreatePolicyRequest,
) -> Result<CreatePolicyResponse, Failure> {
    let path = shape::path(input.path)?;
    let tags = shape::read_tags(input.tags)?;
    let policy_arn = arn(&cx, format_args!("policy{path}{}", input.policy_name));
    let permit = cx.authorize(Permission::on("iam:CreatePolicy", &policy_arn).request_tags(tags.iter()))?;
    may_tag(&cx, "iam:TagPolicy", &policy_arn, &tags)?;

    read_document(&input.policy_document)?;
    let mut tx = iam.db.begin();
    refuse_taken(&mut tx, cx.account, &input.policy_name).await?;
    let policy = ManagedPolicy {
        name: input.policy_name,
        path,
        arn: kept(&policy_arn),
        id: unique_id(&*iam.ids, "ANPA"),
        description: input.description,
        versions: vec![Version { number: 1, document: input.policy_document, created: moment(cx.now) }],
        default_version: 1,
        last_version: 1,
        tags,
        created: moment(cx.now),
        updated: moment(cx.now),
    };
    tx.put(&POLICIES, &ManagedPolicy::key(cx.account, &policy.name), &policy);
    let shown = api::Policy { description: None, ..customer_shape(&mut tx, &cx, policy).await? };
    iam.commit(tx, &permit).await?;
    Ok(CreatePolicyResponse { policy: Some(shown) })
}

/// Checks a document: its grammar and its size.
pub(crate) fn read_document(document: &str) -> Result<(), Failure> {
    read(Kind::Managed, document)?;
    if counted_size(document) > POLICY_SIZE {
        return Err(limit_exceeded(format!("Cannot exceed quota for PolicySize: {POLICY_SIZE}")));
    }
    Ok(())
}

async fn refuse_taken(tx: &mut Tx, account: AccountId, name: &str) -> Result<(), Failure> {
    if tx.get(&POLICIES, &ManagedPolicy::key(account, name)).await?.is_some() {
        return Err(already_exists(format!(
            "A policy called {name} already exists. Duplicate names are not allowed."
        )));
    }
    let policies = tx.peek_scan(&POLICIES, &key!(account), Scan::first(POLICIES_PER_ACCOUNT)).await?;
    if policies.len() >= POLICIES_PER_ACCOUNT {
        let quota = format!("Cannot exceed quota for PoliciesPerAccount: {POLICIES_PER_ACCOUNT}");
        return Err(limit_exceeded(quota));
    }
    Ok(())
}
