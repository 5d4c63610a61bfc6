//! Transforms: a rule may rewrite the host and the URL before it forwards.

use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::Invalid;
use crate::condition::compile;

/// What is rewritten, how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transform {
    pub kind: Kind,
    pub rewrites: Vec<Rewrite>,
}

/// What is rewritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    HostHeaderRewrite,
    /// Path and query together.
    UrlRewrite,
}

impl Kind {
    /// AWS's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::HostHeaderRewrite => "host-header-rewrite",
            Kind::UrlRewrite => "url-rewrite",
        }
    }
}

/// The first match of the expression becomes the replacement, in which `$1` is the first group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rewrite {
    pub regex: String,
    pub replace: String,
}

/// Refuses what AWS refuses: two of one kind, more than one rewrite in each, what does not compile.
pub fn check_all(transforms: &[Transform]) -> Result<(), Invalid> {
    for (at, transform) in transforms.iter().enumerate() {
        let kind = transform.kind.as_str();
        if transforms[..at].iter().any(|other| other.kind == transform.kind) {
            return Err(Invalid::validation(format!(
                "You can specify only one '{kind}' transform for a rule"
            )));
        }
        let [rewrite] = transform.rewrites.as_slice() else {
            return Err(Invalid::validation(format!("A '{kind}' transform must have exactly one rewrite")));
        };
        if rewrite.regex.len() > 1024 || rewrite.replace.len() > 1024 {
            return Err(Invalid::validation("The 'Regex' and 'Replace' values have at most 1024 characters"));
        }
        if compile(&rewrite.regex, false).is_err() {
            return Err(Invalid::validation(format!("The regex '{}' is not valid", rewrite.regex)));
        }
    }
    Ok(())
}

/// Transforms that are ready to be used.
#[derive(Debug, Default)]
pub struct Compiled {
    host: Option<(Regex, String)>,
    url: Option<(Regex, String)>,
}

impl Compiled {
    /// Makes checked transforms ready.
    pub fn new(transforms: &[Transform]) -> Compiled {
        let of = |kind| {
            let rewrite = transforms.iter().find(|transform| transform.kind == kind)?.rewrites.first()?;
            Some((compile(&rewrite.regex, false).ok()?, replacement(&rewrite.replace)))
        };
        Compiled { host: of(Kind::HostHeaderRewrite), url: of(Kind::UrlRewrite) }
    }

    /// The host to send on, where it is another one.
    pub fn host(&self, host: &str) -> Option<String> {
        apply(self.host.as_ref()?, host)
    }

    /// Path and query to send on, where they are others.
    pub fn url(&self, path_and_query: &str) -> Option<String> {
        apply(self.url.as_ref()?, path_and_query)
    }
}

fn apply((regex, replace): &(Regex, String), text: &str) -> Option<String> {
    regex.is_match(text).then(|| regex.replace(text, replace.as_str()).into_owned())
}

/// `$1x` is group 1 and an x, not a group named `1x`; any other dollar is itself.
fn replacement(given: &str) -> String {
    let mut out = String::with_capacity(given.len() + 8);
    let mut chars = given.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('$', Some(digit)) if digit.is_ascii_digit() => {
                out.push_str("${");
                out.push(*digit);
                out.push('}');
                chars.next();
            }
            ('$', _) => out.push_str("$$"),
            (other, _) => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: Kind, regex: &str, replace: &str) -> Transform {
        Transform { kind, rewrites: vec![Rewrite { regex: regex.into(), replace: replace.into() }] }
    }

    #[test]
    fn groups_go_where_they_are_named() {
        let transforms = [
            of(Kind::UrlRewrite, r"^/api/(\w+)/(\d+)", "/$2x/$1?price=$"),
            of(Kind::HostHeaderRewrite, r"^(\w+)\.example\.com$", "$1.internal"),
        ];
        check_all(&transforms).unwrap();
        let compiled = Compiled::new(&transforms);
        assert_eq!(compiled.url("/api/users/7/more").as_deref(), Some("/7x/users?price=$/more"));
        assert_eq!(compiled.url("/other"), None);
        assert_eq!(compiled.host("shop.example.com").as_deref(), Some("shop.internal"));
    }

    #[test]
    fn one_of_each_kind() {
        let one = of(Kind::UrlRewrite, "a", "b");
        assert!(check_all(&[one.clone(), one]).is_err());
        assert!(check_all(&[of(Kind::UrlRewrite, "(", "b")]).is_err());
    }
}
