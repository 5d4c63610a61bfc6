//! `gantry env`: shell lines that point AWS's clients at this Gantry.

use anyhow::{Result, bail};

use crate::instance::{Administrator, Instance};
use crate::layout::Layout;

pub fn run(layout: &Layout, json: bool) -> Result<()> {
    let Some(administrator) = Administrator::read(layout)? else {
        bail!("there is no Gantry in {} yet: start one with gantry up", layout.data().display());
    };
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
