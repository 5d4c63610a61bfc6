//! Image references, and whose registry they name.

use gantry_base::{AccountId, Region};

/// A reference taken apart: `[registry/]repository[:tag][@digest]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageReference {
    /// Host and port as written; none means Docker Hub.
    pub registry: Option<String>,
    pub repository: String,
    /// Set unless there is a digest; `latest` where none is written.
    pub tag: Option<String>,
    pub digest: Option<String>,
}

/// Where an image is pulled from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registry {
    /// Gantry's own, with the account and region that the reference names, if it does.
    Own { place: Option<(AccountId, Region)> },
    /// Any other, by scheme, host and port.
    Other { url: String },
}

/// What names Gantry's own registry, beside AWS's domains.
#[derive(Debug, Clone)]
pub struct OwnNames<'a> {
    /// The domain that Gantry was told to serve, such as `gantry.internal`.
    pub domain: &'a str,
    /// Ports of this machine at which Gantry's registry answers.
    pub local_ports: &'a [u16],
}

/// Reads a reference by Docker's rules.
pub fn parse(text: &str) -> Option<ImageReference> {
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (text, None),
    };
    if let Some(digest) = digest {
        let (algorithm, hex) = digest.split_once(':')?;
        let length = match algorithm {
            "sha256" => 64,
            "sha512" => 128,
            _ => return None,
        };
        if hex.len() != length || !hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
    }
    let (registry, path) = match rest.split_once('/') {
        Some((first, path)) if first.contains(['.', ':']) || first == "localhost" => (Some(first), path),
        _ => (None, rest),
    };
    let (repository, tag) = match path.rsplit_once(':') {
        Some((repository, tag)) => (repository, Some(tag)),
        None => (path, None),
    };
    if !repository.split('/').all(is_component) || registry.is_some_and(|host| !is_host(host)) {
        return None;
    }
    if let Some(tag) = tag {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
        if tag.is_empty() || tag.len() > 128 || !tag.bytes().all(fits) || tag.starts_with(['.', '-']) {
            return None;
        }
    }
    let hub = registry.is_none() || registry == Some("docker.io");
    let repository = if hub && !repository.contains('/') {
        format!("library/{repository}")
    } else {
        repository.to_owned()
    };
    let tag = match (tag, digest) {
        (_, Some(_)) => None,
        (Some(tag), None) => Some(tag.to_owned()),
        (None, None) => Some("latest".to_owned()),
    };
    Some(ImageReference {
        registry: registry.filter(|host| *host != "docker.io").map(str::to_owned),
        repository,
        tag,
        digest: digest.map(str::to_owned),
    })
}

fn is_component(text: &str) -> bool {
    let alphanumeric = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    !text.is_empty()
        && text.bytes().all(|b| alphanumeric(b) || b"._-".contains(&b))
        && text.bytes().next().is_some_and(alphanumeric)
        && text.bytes().last().is_some_and(alphanumeric)
}

fn is_host(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    !host.is_empty()
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b))
        && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

impl ImageReference {
    /// Whose registry the reference names.
    pub fn registry(&self, own: &OwnNames<'_>) -> Registry {
        let Some(host_and_port) = self.registry.as_deref() else {
            return Registry::Other { url: "https://registry-1.docker.io".to_owned() };
        };
        let (host, port) = match host_and_port.rsplit_once(':') {
            Some((host, port)) => (host, port.parse::<u16>().ok()),
            None => (host_and_port, None),
        };
        if let Some(place) = ecr_place(host, own.domain) {
            return Registry::Own { place: Some(place) };
        }
        let local = host == "localhost" || host == "127.0.0.1";
        if local && port.is_some_and(|port| own.local_ports.contains(&port)) {
            return Registry::Own { place: None };
        }
        let scheme = if local { "http" } else { "https" };
        Registry::Other { url: format!("{scheme}://{host_and_port}") }
    }
}

/// Domains under which ECR's registries stand, one for each kind of partition.
const ECR_DOMAINS: [&str; 7] = [
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "c2s.ic.gov",
    "sc2s.sgov.gov",
    "cloud.adc-e.uk",
    "csp.hci.ic.gov",
];

/// `ACCOUNT.dkr.ecr.REGION.DOMAIN`, or nothing.
fn ecr_place(host: &str, own_domain: &str) -> Option<(AccountId, Region)> {
    let (account, rest) = host.split_once('.')?;
    let account: AccountId = account.parse().ok()?;
    let rest = rest.strip_prefix("dkr.ecr.").or_else(|| rest.strip_prefix("dkr.ecr-fips."))?;
    let (region, domain) = rest.split_once('.')?;
    if domain != own_domain && !ECR_DOMAINS.contains(&domain) {
        return None;
    }
    Some((account, region.parse().ok()?))
}

/// Whether AWS would say that the image is in ECR, whatever the domain.
pub fn looks_like_ecr(image: &str) -> bool {
    let Some((account, rest)) = image.split_once('.') else { return false };
    account.parse::<AccountId>().is_ok() && rest.starts_with("dkr.ecr")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: OwnNames<'static> = OwnNames { domain: "gantry.test", local_ports: &[4566] };

    fn registry(text: &str) -> Registry {
        parse(text).unwrap().registry(&OWN)
    }

    #[test]
    fn references_come_apart_as_docker_has_them() {
        let one = parse("nginx").unwrap();
        assert_eq!(
            (one.registry, one.repository.as_str(), one.tag.as_deref()),
            (None, "library/nginx", Some("latest"))
        );
        let one = parse("localhost:4566/team/app:v1.2").unwrap();
        assert_eq!((one.registry.as_deref(), one.repository.as_str()), (Some("localhost:4566"), "team/app"));
        assert_eq!(one.tag.as_deref(), Some("v1.2"));
        let digest = format!("sha256:{}", "0a".repeat(32));
        let one = parse(&format!("public.ecr.aws/x/y:tag@{digest}")).unwrap();
        assert_eq!((one.tag, one.digest.as_deref()), (None, Some(digest.as_str())));
        assert_eq!(parse("docker.io/nginx").unwrap().repository, "library/nginx");
        for bad in ["", "/x", "x/", "UPPER", "a:b:c", "x@sha256:12", "x@md5:00", "a//b", "x: y", "x:.t", "-a"]
        {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn own_registries_are_known_by_name() {
        let place = Some(("123456789012".parse().unwrap(), "eu-west-1".parse().unwrap()));
        for host in [
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
            "123456789012.dkr.ecr.eu-west-1.gantry.test:4566",
            "123456789012.dkr.ecr-fips.eu-west-1.amazonaws.com",
        ] {
            assert_eq!(registry(&format!("{host}/app")), Registry::Own { place: place.clone() }, "{host}");
        }
        assert_eq!(registry("localhost:4566/app"), Registry::Own { place: None });
        assert_eq!(registry("localhost:5000/app"), Registry::Other { url: "http://localhost:5000".into() });
        assert_eq!(registry("quay.io/app"), Registry::Other { url: "https://quay.io".into() });
        let stranger = registry("123456789012.dkr.ecr.eu-west-1.evil.test/app");
        assert!(matches!(stranger, Registry::Other { .. }));
        assert_eq!(registry("busybox"), Registry::Other { url: "https://registry-1.docker.io".into() });
    }
}
