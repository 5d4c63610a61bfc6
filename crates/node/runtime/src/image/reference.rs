//! `[registry/]repository[:tag][@digest]`.

use crate::engine::error::PullError;

const DOCKER_HUB: &str = "docker.io";

/// A parsed reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// Host and port.
    pub registry: String,
    pub repository: String,
    pub tag: Option<String>,
    pub digest: Option<String>,
}

impl Reference {
    pub(crate) fn parse(text: &str) -> Result<Self, PullError> {
        let bad = |why| PullError::InvalidReference { reference: text.to_owned(), why };
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) if is_digest(digest) => (rest, Some(digest.to_owned())),
            Some(_) => return Err(bad("the digest is not sha256: and 64 hexadecimal digits")),
            None => (text, None),
        };
        let (registry, rest) = match rest.split_once('/') {
            Some((first, rest)) if is_registry(first) => (first, rest),
            _ => (DOCKER_HUB, rest),
        };
        let (repository, tag) = match rest.rsplit_once(':') {
            Some((repository, tag)) if is_tag(tag) => (repository, Some(tag.to_owned())),
            Some(_) => return Err(bad("the tag has characters that a tag cannot have")),
            None => (rest, None),
        };
        if !is_repository(repository) {
            return Err(bad("the repository's name is empty or has characters that it cannot have"));
        }
        let repository = match repository.contains('/') {
            false if registry == DOCKER_HUB => format!("library/{repository}"),
            _ => repository.to_owned(),
        };
        let tag = tag.or_else(|| digest.is_none().then(|| "latest".to_owned()));
        Ok(Self { registry: registry.to_owned(), repository, tag, digest })
    }

    /// What to ask the registry for: the digest if there is one.
    pub(crate) fn wanted(&self) -> &str {
        self.digest.as_deref().or(self.tag.as_deref()).expect("parsed with one of them")
    }

    /// Where the registry is when nothing else is said.
    pub(crate) fn base(&self) -> String {
        if self.registry == DOCKER_HUB {
            return "https://registry-1.docker.io".to_owned();
        }
        let host = self.registry.rsplit_once(':').map_or(self.registry.as_str(), |(host, _)| host);
        let local = host == "localhost" || host.starts_with("127.") || host == "[::1]";
        format!("{}://{}", if local { "http" } else { "https" }, self.registry)
    }
}

pub(crate) fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:")
        .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f')))
}

fn is_registry(text: &str) -> bool {
    (text.contains(['.', ':']) || text == "localhost")
        && text.bytes().all(|c| c.is_ascii_alphanumeric() || b".-:[]".contains(&c))
}

fn is_tag(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && !text.starts_with(['.', '-'])
        && text.bytes().all(|c| c.is_ascii_alphanumeric() || b"._-".contains(&c))
}

fn is_repository(text: &str) -> bool {
    text.len() <= 255
        && text.split('/').all(|part| {
            let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
            edge(part.chars().next())
                && edge(part.chars().last())
                && part.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || b"._-".contains(&c))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, registry: &str, repository: &str, wanted: &str, base: &str) {
        let it = Reference::parse(text).unwrap();
        assert_eq!(
            (it.registry.as_str(), it.repository.as_str(), it.wanted(), it.base().as_str()),
            (registry, repository, wanted, base),
            "{text}"
        );
    }

    #[test]
    fn names_as_docker_reads_them() {
        let hub = "https://registry-1.docker.io";
        check("busybox", "docker.io", "library/busybox", "latest", hub);
        check("grafana/loki:3", "docker.io", "grafana/loki", "3", hub);
        check("localhost:4566/a/b", "localhost:4566", "a/b", "latest", "http://localhost:4566");
        check("127.0.0.1:1/a:x", "127.0.0.1:1", "a", "x", "http://127.0.0.1:1");
        let ecr = "000000000000.dkr.ecr.us-east-1.amazonaws.com";
        check(&format!("{ecr}/app:v1"), ecr, "app", "v1", &format!("https://{ecr}"));
        let digest = format!("sha256:{}", "a".repeat(64));
        check(&format!("quay.io/x/y:t@{digest}"), "quay.io", "x/y", &digest, "https://quay.io");
    }

    #[test]
    fn names_that_are_none() {
        for text in ["", "UPPER", "a b", "a:", "a@sha256:12", "a//b", "a/-b", "x.io/", "a:b:c"] {
            let answer = Reference::parse(text);
            assert!(matches!(answer, Err(PullError::InvalidReference { .. })), "{text}");
        }
    }
}
