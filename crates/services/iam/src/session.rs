//! Sessions of roles and users. A session is not kept anywhere: its token holds all of it, sealed, so it outlives a
//! restart and costs no write. It ends when its time is over or its role or user is gone.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use gantry_base::{AccountId, Arn, Timestamp};
use gantry_service::Failure;
use serde::{Deserialize, Serialize};

use crate::iam::{Iam, access_key_id, secret};
use crate::tables::access_key::Holder;
use crate::tables::role::Role;

/// The longest token that is read.
const LONGEST_TOKEN: usize = 64 * 1024;

/// What a session's token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    pub account: AccountId,
    #[serde(flatten)]
    pub whose: Whose,
    pub issued: Timestamp,
    pub expires: Timestamp,
    #[serde(default, skip_serializing_if = "Terms::is_empty")]
    pub terms: Terms,
}

/// Whose session it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Whose {
    /// A role's.
    Role {
        role_name: String,
        role_arn: Arn,
        /// A later role of the same name is another one.
        role_id: String,
        session_name: String,
    },
    /// A guest of a user or root, by the name that they gave it.
    Guest { guest_name: String, holder: Holder },
    /// A user's or root's own.
    Own { holder: Holder },
}

/// What whoever opened the session laid down for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Terms {
    /// The session policy's document.
    pub policy: Option<String>,
    /// ARNs of managed policies that narrow it.
    pub policy_arns: Vec<String>,
    pub tags: Vec<(String, String)>,
    /// Which of the tags go on to the sessions that this one opens.
    pub transitive: Vec<String>,
    pub source_identity: Option<String>,
    /// Condition keys that a token of another identity provider brought along.
    pub keys: Vec<(String, Vec<String>)>,
}

impl Terms {
    fn is_empty(&self) -> bool {
        *self == Terms::default()
    }
}

/// A session's keys.
#[derive(Clone)]
pub(crate) struct Keys {
    pub access_key: String,
    pub secret: String,
    pub token: String,
}

impl Whose {
    /// A role's session of that name.
    pub fn role(role: &Role, session_name: &str) -> Whose {
        Whose::Role {
            role_name: role.name.clone(),
            role_arn: role.arn.clone(),
            role_id: role.id.clone(),
            session_name: session_name.to_owned(),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    secret: String,
    session: Session,
}

fn seal_context(access_key: &str) -> String {
    format!("sts.session/{access_key}")
}

impl Session {
    /// A session from `now` on.
    pub fn of(account: AccountId, whose: Whose, now: Timestamp, lifetime: Duration) -> Session {
        // Whole seconds, as the answer shows it.
        let expires = Timestamp::from_secs((now + lifetime).as_secs());
        Session { account, whose, issued: now, expires, terms: Terms::default() }
    }

    /// New keys for the session.
    pub fn keys(&self, iam: &Iam) -> Result<Keys, Failure> {
        let (access_key, secret) = (access_key_id(&*iam.ids, "ASIA", self.account), secret(&*iam.ids));
        let sealed = Sealed { secret: secret.clone(), session: self.clone() };
        let plain = serde_json::to_vec(&sealed).map_err(Failure::internal)?;
        let token = BASE64.encode(iam.sealer.seal(&plain, &seal_context(&access_key)));
        Ok(Keys { access_key, secret, token })
    }

    /// The session and its secret, if the token is the one that was made with this access key. Whether it has
    /// ended is another question.
    pub fn open(iam: &Iam, access_key: &str, token: &str) -> Option<(Session, String)> {
        if token.len() > LONGEST_TOKEN {
            return None;
        }
        let sealed = BASE64.decode(token).ok()?;
        let plain = iam.sealer.open(&sealed, &seal_context(access_key)).ok()?;
        let Sealed { secret, session } = serde_json::from_slice(&plain).ok()?;
        Some((session, secret))
    }
}
