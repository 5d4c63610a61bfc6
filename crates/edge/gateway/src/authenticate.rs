//! Who calls: from a signature to a caller.

use std::sync::Arc;

use async_trait::async_trait;
use gantry_base::{AccountId, Region, Timestamp};
use gantry_iam_core::Caller;
use gantry_sigv4::{Body, Claim, Head, Rules, SignatureError};

/// What an access key stands for.
#[derive(Clone)]
pub struct Identity {
    /// The key's secret.
    pub secret: String,
    /// Who holds it, with the policies that apply now.
    pub caller: Arc<Caller>,
}

/// Why an access key stands for nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// There is no such key, it is inactive, or its session token is not the right one.
    Invalid,
    /// The session has ended.
    Expired,
    /// It can't be said now; the text is for the log.
    Broken(String),
}

/// Where access keys are looked up. The identity service is behind it.
#[async_trait]
pub trait Identities: Send + Sync {
    /// Who holds the key; `session_token` is what came with a temporary one.
    async fn find(
        &self,
        access_key: &str,
        session_token: Option<&str>,
        now: Timestamp,
    ) -> Result<Identity, Unknown>;

    /// Takes note that a request was let in to a service, by the name that signatures give it.
    fn used(&self, access_key: &str, caller: &Caller, service: &str, region: &Region, now: Timestamp);
}

/// Why a request is not let in.
#[derive(Debug)]
pub enum Refused {
    /// The signature or the key is wrong.
    Signature(SignatureError),
    /// The session token has run out.
    Expired,
    /// It can't be said now; the text is for the log.
    Broken(String),
}

impl From<SignatureError> for Refused {
    fn from(error: SignatureError) -> Self {
        Refused::Signature(error)
    }
}

/// How requests are let in.
pub struct Door {
    /// Where keys are looked up.
    pub identities: Arc<dyn Identities>,
    /// In development, the account of keys that nobody knows; such keys are let in as root.
    pub development: Option<AccountId>,
}

impl Door {
    /// The caller who signed the request with this head and body for `service`.
    pub async fn enter(
        &self,
        head: &Head<'_>,
        claim: &Claim,
        body: &[u8],
        service: &str,
        now: Timestamp,
    ) -> Result<Arc<Caller>, Refused> {
        let found = self.identities.find(&claim.access_key, claim.session_token.as_deref(), now).await;
        let identity = match (found, self.development) {
            (Ok(identity), _) => identity,
            (Err(Unknown::Broken(why)), _) => return Err(Refused::Broken(why)),
            (Err(_), Some(account)) => return Ok(Arc::new(guest(&claim.access_key, account))),
            (Err(Unknown::Expired), None) => return Err(Refused::Expired),
            (Err(Unknown::Invalid), None) => return Err(SignatureError::InvalidClientTokenId.into()),
        };
        claim.check_scope(service, None)?;
        claim.check_time(now)?;
        claim.verify(head, &identity.secret, Body::Bytes(body), Rules::of(service))?;
        Ok(identity.caller)
    }
}

/// Whom an unknown key stands for in development: twelve digits name an account, all else is the default one's.
pub fn guest(access_key: &str, default: AccountId) -> Caller {
    Caller::root(access_key.parse().unwrap_or(default))
}
