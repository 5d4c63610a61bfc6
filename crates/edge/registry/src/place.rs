//! Whose registry is meant: the host says it.

use gantry_base::{AccountId, Region};

/// A registry: an account in a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
}

impl Place {
    /// The registry that a host names: `ACCOUNT.dkr.ecr.REGION.DOMAIN`, whatever the domain and port, or the
    /// other forms that AWS has: `ACCOUNT.dkr.ecr-fips.REGION.DOMAIN` and `ACCOUNT.dkr-ecr.REGION.DOMAIN`. None
    /// if it names no registry, such as `localhost:4566`.
    pub fn of_host(host: &str) -> Option<Place> {
        let mut labels = host.split(':').next()?.split('.');
        let account = labels.next()?.parse().ok()?;
        match labels.next()? {
            "dkr" if matches!(labels.next()?, "ecr" | "ecr-fips") => {}
            "dkr-ecr" | "dkr-ecr-fips" => {}
            _ => return None,
        }
        let region = labels.next()?.parse().ok()?;
        labels.next()?;
        Some(Place { account, region })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_every_form_name_a_registry() {
        let place =
            Some(Place { account: "123456789012".parse().unwrap(), region: "eu-west-1".parse().unwrap() });
        for host in [
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
            "123456789012.dkr.ecr.eu-west-1.localhost:4566",
            "123456789012.dkr.ecr-fips.eu-west-1.amazonaws.com",
            "123456789012.dkr-ecr.eu-west-1.on.aws",
        ] {
            assert_eq!(Place::of_host(host), place, "{host}");
        }
        for host in [
            "",
            "localhost:4566",
            "127.0.0.1:4566",
            "[::1]:4566",
            "123.dkr.ecr.eu-west-1.x",
            "123456789012.dkr.ecr.eu-west-1",
            "123456789012.dkr.ecr.nowhere.x",
            "123456789012.s3.eu-west-1.x",
        ] {
            assert_eq!(Place::of_host(host), None, "{host}");
        }
    }
}
