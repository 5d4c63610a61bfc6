//! OIDC providers, to be looked at or changed.

use gantry_base::{AccountId, Arn};
use gantry_service::{Cx, Failure, Permit};
use gantry_store::Tx;

use crate::error::{invalid_input, no_such_entity};
use crate::iam::{Wish, tagged};
use crate::tables::oidc_provider::{OidcProvider, PROVIDERS};

/// The most audiences of a provider.
pub(crate) const CLIENT_IDS: usize = 100;

/// The most certificates of a provider.
const THUMBPRINTS: usize = 5;

/// Refuses too many certificates.
pub(crate) fn check_thumbprints(thumbprints: &[String]) -> Result<(), Failure> {
    match thumbprints.len() {
        ..=THUMBPRINTS => Ok(()),
        _ => Err(invalid_input("Thumbprint list must contain fewer than 5 entries.")),
    }
}

/// The provider of the ARN that the wish names, and the proof that the caller may do with it what it wishes.
pub(crate) async fn permitted_provider(
    tx: &mut Tx,
    cx: &Cx,
    wish: Wish<'_>,
) -> Result<(OidcProvider, Permit), Failure> {
    let (text, action) = (wish.name, wish.action);
    let arn: Arn = text.parse().map_err(|_| invalid_input(format!("Invalid ARN: {text}")))?;
    let Some(url) = arn.resource().strip_prefix("oidc-provider/").filter(|_| arn.service() == "iam") else {
        return Err(invalid_input(format!("Invalid ARN: {text}")));
    };
    let own = arn.account() == cx.account.as_str();
    let found = match own {
        true => tx.get(&PROVIDERS, &OidcProvider::key(cx.account, url)).await?,
        false => None,
    };
    let permission = match &found {
        Some(provider) => tagged(wish.on(&arn), &provider.tags),
        None => wish.on(&arn),
    };
    let permit = cx.authorize(permission)?;
    let missing = || {
        no_such_entity(match action {
            "iam:DeleteOpenIDConnectProvider" => format!("OpenId connect Provider {text} cannot be found."),
            _ => format!("OpenIDConnect Provider not found for arn {text}"),
        })
    };
    Ok((found.ok_or_else(missing)?, permit))
}

/// Writes a provider back.
pub(crate) fn put_provider(tx: &mut Tx, account: AccountId, provider: &OidcProvider) {
    tx.put(&PROVIDERS, &OidcProvider::key(account, &provider.url), provider);
}
