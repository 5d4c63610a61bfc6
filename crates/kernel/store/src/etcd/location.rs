//! Where a cluster is: `etcd://HOST:PORT,HOST:PORT[/PREFIX]`.

use std::path::PathBuf;
use std::str::FromStr;

/// The members of a cluster, and where in it the store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// `HOST:PORT` of each member.
    pub members: Vec<String>,
    /// What all keys begin with.
    pub prefix: String,
    /// How the members are spoken to, if by TLS.
    pub tls: Option<Tls>,
}

/// Files in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The authority that signed the members' certificates.
    pub authority: PathBuf,
    /// Our own certificate and its key, where members ask for one.
    pub identity: Option<(PathBuf, PathBuf)>,
}

/// Where keys are unless the URL says otherwise.
const PREFIX: &str = "gantry";

impl FromStr for Location {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        let wanted = "etcd://HOST:PORT,HOST:PORT/PREFIX";
        let rest =
            url.strip_prefix("etcd://").ok_or_else(|| format!("{url:?} is not of the form {wanted}"))?;
        let (members, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let members: Vec<String> = members.split(',').map(str::to_owned).collect();
        for member in &members {
            let port = member.rsplit_once(':').filter(|(host, _)| !host.is_empty()).map(|(_, port)| port);
            if port.and_then(|port| port.parse::<u16>().ok()).is_none() {
                return Err(format!("{member:?} is not HOST:PORT; the form is {wanted}"));
            }
        }
        let prefix = prefix.trim_matches('/');
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        if !prefix.chars().all(plain) || prefix.len() > 200 {
            return Err(format!("the prefix {prefix:?} may have letters, digits and -_./ only"));
        }
        let prefix = if prefix.is_empty() { PREFIX } else { prefix }.to_owned();
        Ok(Location { members, prefix, tls: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_members_and_a_prefix() {
        let one: Location = "etcd://127.0.0.1:2379".parse().unwrap();
        assert_eq!(
            (one.members.as_slice(), one.prefix.as_str()),
            (&["127.0.0.1:2379".to_owned()][..], "gantry")
        );
        let three: Location = "etcd://a:1,b:2,[::1]:3/teams/one/".parse().unwrap();
        assert_eq!((three.members.len(), three.prefix.as_str()), (3, "teams/one"));
        for wrong in [
            "http://a:1",
            "etcd://",
            "etcd://a",
            "etcd://a:x",
            "etcd://:1",
            "etcd://a:1,,b:2",
            "etcd://a:1/p q",
        ] {
            assert!(wrong.parse::<Location>().is_err(), "{wrong}");
        }
    }
}
