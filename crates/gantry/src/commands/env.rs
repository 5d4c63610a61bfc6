//! `gantry env`: shell lines that point AWS's clients at this Gantry.

use anyhow::{Context, Result, bail};
use gantry_base::AccountId;

use crate::cli::Env;
use crate::control;
use crate::instance::{Administrator, Instance};
use crate::layout::Layout;

pub fn run(layout: &Layout, options: &Env, json: bool) -> Result<()> {
    let administrator = administrator(layout, options.account)?;
    let endpoint =
        Instance::find(layout).map_or(administrator.endpoint.clone(), |instance| instance.endpoint());
    let values = [
        ("AWS_ENDPOINT_URL", endpoint.as_str()),
        ("AWS_REGION", administrator.region.as_str()),
        ("AWS_DEFAULT_REGION", administrator.region.as_str()),
        // Live Tail's host has a prefix on AWS, which a name of the operator's own does not know.
        ("AWS_DISABLE_HOST_PREFIX_INJECTION", "true"),
        ("AWS_ACCESS_KEY_ID", administrator.access_key_id.as_str()),
        ("AWS_SECRET_ACCESS_KEY", administrator.secret_access_key.as_str()),
    ];
    if json {
        let object: serde_json::Map<String, serde_json::Value> =
            values.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
        println!("{}", serde_json::Value::Object(object));
        return Ok(());
    }
    for (name, value) in values {
        println!("export {name}={}", quoted(value));
    }
    // A session token or profile that is left over from AWS would be sent along and refused.
    println!("unset AWS_SESSION_TOKEN AWS_PROFILE");
    Ok(())
}

/// The administrator of this Gantry, with the key of another account where one is named.
pub fn administrator(layout: &Layout, account: Option<AccountId>) -> Result<Administrator> {
    let Some(mut administrator) = Administrator::read(layout)? else {
        bail!("there is no Gantry in {} yet: start one with gantry up", layout.data().display());
    };
    if let Some(account) = account.filter(|account| *account != administrator.account) {
        let asked = control::Request::Key { account };
        let key = super::runtime()?.block_on(control::ask(&layout.control(), &asked))?;
        let text = |name: &str| key[name].as_str().map(str::to_owned).context("Gantry gave no key");
        administrator.access_key_id = text("access_key_id")?;
        administrator.secret_access_key = text("secret_access_key")?;
        administrator.account = account;
    }
    Ok(administrator)
}

/// Quoted for a POSIX shell where that is needed.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:+=".contains(c);
    if value.chars().all(plain) { value.to_owned() } else { format!("'{}'", value.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_shell_reads_back_what_was_quoted() {
        assert_eq!(quoted("http://localhost:4566"), "http://localhost:4566");
        assert_eq!(quoted("a b'c$d"), r"'a b'\''c$d'");
    }
}
