//! Who may do what with a key.
//!
//! The key's policy is the root of access
//! ([AWS](https://docs.aws.amazon.com/kms/latest/developerguide/control-access.html)): without a statement of it, or
//! a grant, nobody may, whatever the account's own policies say. A grant counts as a statement of the key's policy
//! that names its grantee.

use gantry_base::{AccountId, Arn};
use gantry_iam_core::Principal;
use gantry_service::{Cx, Failure, Permission, Permit};
use gantry_store::{Scan, Tx};
use serde_json::{Value, json};

use crate::cipher::Context;
use crate::key_id::Found;
use crate::policy;
use crate::tables::{ALIASES, Constraints, GRANTEES, Grant, KeyRow, aliases_key, grantee_key};

/// What somebody wants to do with a key.
pub struct Wish<'a> {
    /// `kms:Decrypt`
    action: &'static str,
    /// What the request encrypts or decrypts within.
    context: Option<&'a Context>,
    alias: Option<&'a str>,
    /// What a grant that is to be made would be constrained to.
    child: Option<&'a Constraints>,
    keys: Vec<(String, Vec<String>)>,
}

impl<'a> Wish<'a> {
    /// An action.
    pub fn to(action: &'static str) -> Self {
        Wish { action, context: None, alias: None, child: None, keys: Vec::new() }
    }

    /// Within an encryption context.
    pub fn within(mut self, context: &'a Context) -> Self {
        self.context = Some(context);
        self
    }

    /// By the name that was given.
    pub fn by(mut self, alias: Option<&'a str>) -> Self {
        self.alias = alias;
        self
    }

    /// To make a grant with these constraints.
    pub fn grant(mut self, constraints: &'a Constraints) -> Self {
        self.child = Some(constraints);
        self
    }

    /// With a condition key.
    pub fn key(
        mut self,
        name: impl Into<String>,
        values: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.keys.push((name.into(), values.into_iter().map(Into::into).collect()));
        self
    }
}

/// Proves that the caller may, or says why not.
pub async fn allow(tx: &mut Tx, cx: &Cx, key: &KeyRow, wish: Wish<'_>) -> Result<Permit, Failure> {
    let statements = granted(tx, cx, key, &wish).await?;
    let policy = policy::with_grants(key, statements)?;
    let wish = match asks_for_aliases(cx, &policy) {
        true => wish.key(RESOURCE_ALIASES, aliases(tx, key).await?),
        false => wish,
    };
    decide(cx, key, wish, &policy)
}

/// The condition key of all aliases that a key has.
const RESOURCE_ALIASES: &str = "kms:ResourceAliases";

/// Whether any policy that decides looks at the key's aliases; looking them up is left out where none does.
fn asks_for_aliases(cx: &Cx, of_key: &gantry_iam_core::Policy) -> bool {
    let policies = &cx.caller.policies;
    let own = policies.identity.iter().chain(&policies.boundary).chain(&policies.session);
    own.map(|policy| &**policy)
        .chain([of_key])
        .any(|policy| policy.context_keys().iter().any(|name| name.eq_ignore_ascii_case(RESOURCE_ALIASES)))
}

async fn aliases(tx: &mut Tx, key: &KeyRow) -> Result<Vec<String>, Failure> {
    let all = tx.peek_scan(&ALIASES, &aliases_key(key.account, &key.region), Scan::all()).await?;
    Ok(all.into_iter().filter(|(_, alias)| alias.target == key.id).map(|(_, alias)| alias.name).collect())
}

/// The same for a key that was found by a name.
pub async fn allow_found(tx: &mut Tx, cx: &Cx, found: &Found, wish: Wish<'_>) -> Result<Permit, Failure> {
    allow(tx, cx, &found.key, wish.by(found.alias.as_deref())).await
}

/// Proves that the caller may retire this grant.
pub fn allow_retiring(cx: &Cx, key: &KeyRow, grant: &Grant) -> Result<Permit, Failure> {
    let mut statements = Vec::new();
    let grantee = Some(&grant.grantee).filter(|_| grant.operations.iter().any(|name| name == "RetireGrant"));
    for principal in grant.retiring.iter().chain(grantee) {
        statements.push(statement(principal, "kms:RetireGrant", None));
    }
    let policy = policy::with_grants(key, statements)?;
    decide(cx, key, Wish::to("kms:RetireGrant"), &policy)
}

/// Whether the caller could do an action under a policy that the key does not have yet.
pub fn would_allow(cx: &Cx, key: &KeyRow, action: &'static str, policy: &gantry_iam_core::Policy) -> bool {
    decide(cx, key, Wish::to(action), policy).is_ok()
}

/// What concerns no key: the account's own policies decide.
pub fn without_key(cx: &Cx, action: &'static str) -> Result<Permit, Failure> {
    cx.authorize(Permission::of(action).key("kms:CallerAccount", [caller_account(cx).as_str()]))
}

/// What is not there, or is no key, has no policy: the account's own policies decide.
pub fn nowhere(cx: &Cx, action: &'static str, arn: &Arn) -> Result<Permit, Failure> {
    let permission = Permission::on(action, arn).key("kms:CallerAccount", [caller_account(cx).as_str()]);
    cx.authorize(permission)
}

fn caller_account(cx: &Cx) -> AccountId {
    cx.caller.principal.account().unwrap_or(cx.account)
}

fn decide(
    cx: &Cx,
    key: &KeyRow,
    wish: Wish<'_>,
    policy: &gantry_iam_core::Policy,
) -> Result<Permit, Failure> {
    let arn = key.arn();
    let mut permission = Permission::on(wish.action, &arn)
        .resource_policy(Some(policy))
        .resource_tags(key.tags.iter())
        .key("kms:CallerAccount", [caller_account(cx).as_str()])
        .key("kms:ViaService", cx.origin.via.map(|service| policy::via_service(service, &cx.region)))
        .key("kms:KeySpec", [key.spec.as_str()])
        .key("kms:KeyUsage", [key.usage().as_str()])
        .key("kms:KeyOrigin", ["AWS_KMS"])
        .key("kms:MultiRegion", ["false"])
        .key("kms:RequestAlias", wish.alias);
    if let Some(context) = wish.context {
        permission = permission.key("kms:EncryptionContextKeys", context.keys());
        for (name, value) in context {
            permission = permission.key(format!("kms:EncryptionContext:{name}"), [value]);
        }
    }
    for (name, values) in wish.keys {
        permission = permission.key(name, values);
    }
    cx.authorize(permission)
}

/// The statements of the grants that give the caller what is wished.
async fn granted(tx: &mut Tx, cx: &Cx, key: &KeyRow, wish: &Wish<'_>) -> Result<Vec<Value>, Failure> {
    let Some(operation) = wish.action.strip_prefix("kms:") else { return Ok(Vec::new()) };
    let mut statements = Vec::new();
    for grantee in names(&cx.caller.principal, cx) {
        // Grants that are made or revoked meanwhile may count or not: nothing is written because of them.
        let prefix = grantee_key(&key.row_key(), &grantee);
        for (_, grant) in tx.peek_scan(&GRANTEES, &prefix, Scan::all()).await? {
            let named = grant.operations.iter().any(|name| name == operation);
            let constrained = match (wish.context, wish.child) {
                (Some(context), _) => grant.constraints.hold(context),
                // Who may hand on may hand on no more than they have.
                (None, Some(child)) => child.narrow(&grant.constraints),
                (None, None) => true,
            };
            if named && constrained {
                let hand_on = (operation == "CreateGrant").then_some(grant.operations.as_slice());
                statements.push(statement(&grant.grantee, wish.action, hand_on));
            }
        }
    }
    Ok(statements)
}

/// The names by which a grant may mean a principal.
fn names(principal: &Principal, cx: &Cx) -> Vec<String> {
    let mut names = vec![principal.arn()];
    names.extend(principal.principal_arn());
    if let Some(account) = principal.account() {
        names.push(format!("arn:{}:iam::{account}:root", cx.partition()));
    }
    names.sort();
    names.dedup();
    names
}

fn statement(principal: &str, action: &str, hand_on: Option<&[String]>) -> Value {
    let kind = if principal.starts_with("arn:") { "AWS" } else { "Service" };
    let mut statement = json!({
        "Effect": "Allow", "Principal": { kind: principal }, "Action": action, "Resource": "*",
    });
    if let Some(operations) = hand_on {
        statement["Condition"] =
            json!({ "ForAllValues:StringEquals": { "kms:GrantOperations": operations } });
    }
    statement
}
