//! Whose access keys an operation is about, and where their ids are listed.

use gantry_base::Arn;
use gantry_service::{Cx, Failure, Permission, Permit, Principal};
use gantry_store::{Tx, key};

use crate::error::validation;
use crate::iam::{Wish, permitted_user, put_user};
use crate::tables::access_key::Holder;
use crate::tables::account::{ACCOUNTS, Account};
use crate::tables::user::User;

/// Whose keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeyOwner {
    Root,
    User(String),
}

/// The named user, or without a name whoever calls.
pub(crate) fn key_owner(cx: &Cx, user_name: Option<String>) -> Result<KeyOwner, Failure> {
    match (user_name, &cx.caller.principal) {
        (Some(name), _) => Ok(KeyOwner::User(name)),
        (None, Principal::User { name, .. }) => Ok(KeyOwner::User(name.clone())),
        (None, Principal::Root { .. }) => Ok(KeyOwner::Root),
        (None, _) => Err(validation("Must specify userName when calling with non-User credentials")),
    }
}

/// The row that lists the keys' ids.
pub(crate) enum KeyRing {
    Root(Account),
    User(Box<User>),
}

impl KeyRing {
    /// Reads it, with the proof that the caller may do the action with it.
    pub async fn permitted(
        tx: &mut Tx,
        cx: &Cx,
        action: &'static str,
        owner: &KeyOwner,
    ) -> Result<(KeyRing, Permit), Failure> {
        match owner {
            KeyOwner::User(name) => {
                let (user, permit) = permitted_user(tx, cx, Wish::new(action, name)).await?;
                Ok((KeyRing::User(Box::new(user)), permit))
            }
            KeyOwner::Root => {
                let root: Arn = Principal::Root { account: cx.account, partition: cx.partition() }
                    .arn()
                    .parse()
                    .map_err(|error| Failure::internal(format_args!("a root's ARN: {error}")))?;
                let permit = cx.authorize(Permission::on(action, &root))?;
                let account = tx.get(&ACCOUNTS, &key!(cx.account)).await?;
                let new = || Account { created: cx.now, ..Account::default() };
                Ok((KeyRing::Root(account.unwrap_or_else(new)), permit))
            }
        }
    }

    /// The keys' ids, oldest first.
    pub fn ids(&mut self) -> &mut Vec<String> {
        match self {
            KeyRing::Root(account) => &mut account.access_keys,
            KeyRing::User(user) => &mut user.access_keys,
        }
    }

    /// Whose keys they are, as a key's row tells it.
    pub fn holder(&self) -> Holder {
        match self {
            KeyRing::Root(_) => Holder::Root,
            KeyRing::User(user) => Holder::User { name: user.name.clone(), id: user.id.clone() },
        }
    }

    /// The user's name; nothing for the root.
    pub fn name(&self) -> &str {
        match self {
            KeyRing::Root(_) => "",
            KeyRing::User(user) => &user.name,
        }
    }

    /// Writes the row back.
    pub fn put(&self, tx: &mut Tx, cx: &Cx) {
        match self {
            KeyRing::Root(account) => tx.put(&ACCOUNTS, &key!(cx.account), account),
            KeyRing::User(user) => put_user(tx, cx.account, user),
        }
    }
}
