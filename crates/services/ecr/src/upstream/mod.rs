//! Registries whose images are pulled through this one.
//!
//! A rule names another registry: one of the public ones that AWS knows, or another account's or region's of this
//! Gantry. What is pulled under the rule's prefix is fetched from there once and kept; a tag is compared with the
//! other registry's once a day. Where the other registry does not answer, what is kept is served.

mod client;
mod fetch;
mod own;

use std::time::Duration;

use gantry_base::{AccountId, Region};
use gantry_ecr_core::{Prefix, Reference, Refusal, RepositoryName};
use gantry_service::{Cx, Permission, Permit};
use gantry_store::{Scan, StoreError, Tx};

use crate::Ecr;
use crate::access::{allowed, repository_arn};
use crate::error::EcrError;
use crate::images::find;
use crate::tables::{
    AppliedFor, CACHE_RULES, CACHE_RULES_AT_MOST, COMPARED, CacheRule, Compared, Needed, REPOSITORIES,
    Repository, RepositoryId, make_needed, repositories_of, repository_key, tag_key, template_for,
};
use crate::tries::Tries;

pub use client::Upstreams;
pub use fetch::{BadSecret, login};

/// How long a tag is served without a look at the other registry.
const FRESH: Duration = Duration::from_secs(24 * 60 * 60);

/// The registries that AWS lets images be pulled through from: a host or its end, and AWS's word for it.
const KNOWN: [(&str, &str); 8] = [
    ("public.ecr.aws", "ecr-public"),
    ("quay.io", "quay"),
    ("registry.k8s.io", "k8s"),
    ("registry-1.docker.io", "docker-hub"),
    ("ghcr.io", "github-container-registry"),
    (".azurecr.io", "azure-container-registry"),
    ("registry.gitlab.com", "gitlab-container-registry"),
    ("cgr.dev", "chainguard"),
];

/// The kinds whose registries let nobody in without a name and a password.
const CLOSED: [&str; 5] = [
    "docker-hub",
    "github-container-registry",
    "azure-container-registry",
    "gitlab-container-registry",
    "chainguard",
];

/// What a rule's other registry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Another account's or region's of this Gantry.
    Own(AccountId, Region),
    /// One of AWS's list, by AWS's word.
    Known(&'static str),
}

impl Kind {
    /// Tells the kind by the host; none if it is not one that AWS takes.
    pub fn of(url: &str) -> Option<Kind> {
        let host = host(url);
        if let Some((account, rest)) = host.split_once(".dkr.ecr.") {
            let region = rest.split('.').next()?.parse().ok()?;
            return Some(Kind::Own(account.parse().ok()?, region));
        }
        let known = KNOWN.iter().find(|(known, _)| match known.starts_with('.') {
            true => host.len() > known.len() && host.ends_with(known),
            false => host == *known,
        });
        known.map(|(_, word)| Kind::Known(word))
    }

    /// AWS's word.
    pub fn word(&self) -> &'static str {
        match self {
            Kind::Own(..) => "ecr",
            Kind::Known(word) => word,
        }
    }

    /// Whether the registry lets nobody in without a name and a password.
    pub fn needs_credential(&self) -> bool {
        matches!(self, Kind::Known(word) if CLOSED.contains(word))
    }
}

/// The host of a registry's URL, which may come without a scheme.
pub fn host(url: &str) -> &str {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    after_scheme.split('/').next().unwrap_or_default()
}

/// Why nothing came from the other registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfetched {
    /// It has no such image.
    NotFound,
    /// It does not answer, or not as it should. The text is for the user.
    Failed(String),
}

/// A pull that is to be led to another registry.
struct Through<'a> {
    cx: &'a Cx,
    registry: AccountId,
    name: &'a RepositoryName,
    reference: &'a Reference,
    rule: CacheRule,
    /// The repository there.
    source: String,
}

impl Ecr {
    /// Brings an image here before it is read, where a rule says so.
    pub(crate) async fn pull_through(
        &self,
        cx: &Cx,
        registry: AccountId,
        name: &RepositoryName,
        reference: &Reference,
    ) -> Result<(), EcrError> {
        let Some((rule, source)) = self.cache_rule_for(registry, &cx.region, name).await? else {
            return Ok(());
        };
        let there = self.kept(cx, registry, name, reference).await?;
        if there == Kept::Fresh {
            return Ok(());
        }
        let through = Through { cx, registry, name, reference, rule, source };
        match self.fetch(&through).await {
            Ok(()) => Ok(()),
            // The pull itself says that there is no such image.
            Err(Unbrought::Unfetched(Unfetched::NotFound)) => Ok(()),
            Err(_) if there == Kept::Stale => Ok(()),
            Err(Unbrought::Unfetched(Unfetched::Failed(why))) => {
                Err(Refusal::Upstream { host: through.rule.upstream, why }.into())
            }
            Err(Unbrought::Failed(error)) => Err(error),
        }
    }

    /// The rule for a repository, and the name that the repository has in the other registry.
    async fn cache_rule_for(
        &self,
        registry: AccountId,
        region: &Region,
        name: &RepositoryName,
    ) -> Result<Option<(CacheRule, String)>, EcrError> {
        let scan = Scan::first(CACHE_RULES_AT_MOST);
        let rows = self.db.begin().peek_scan(&CACHE_RULES, &repositories_of(registry, region), scan).await?;
        let rules: Vec<CacheRule> = rows.into_iter().map(|(_, rule)| rule).collect();
        let Some(rule) = Prefix::closest(name, &rules, |rule| &rule.prefix) else { return Ok(None) };
        let Some(rest) = rule.prefix.rest(name) else { return Ok(None) };
        let source = match rule.upstream_prefix.as_str() {
            "ROOT" => rest.to_owned(),
            prefix => format!("{prefix}/{rest}"),
        };
        Ok(Some((rule.clone(), source)))
    }

    async fn kept(
        &self,
        cx: &Cx,
        registry: AccountId,
        name: &RepositoryName,
        reference: &Reference,
    ) -> Result<Kept, EcrError> {
        let mut tx = self.db.begin();
        let row = repository_key(registry, &cx.region, name.as_str());
        let Some(repository) = tx.peek(&REPOSITORIES, &row).await? else { return Ok(Kept::Not) };
        if find::image(&mut tx, &repository, reference).await?.is_none() {
            return Ok(Kept::Not);
        }
        let Some(tag) = reference.tag() else { return Ok(Kept::Fresh) };
        // A tag that was pushed here, and not pulled through, is nobody else's.
        let compared = tx.peek(&COMPARED, &tag_key(&repository.id, tag)).await?;
        Ok(match compared {
            Some(compared) if cx.now.since(compared.at) >= FRESH => Kept::Stale,
            _ => Kept::Fresh,
        })
    }

    /// Why a rule would bring nothing, if it would not, asked of the other registry.
    pub(crate) async fn try_rule(
        &self,
        cx: &Cx,
        registry: AccountId,
        rule: &CacheRule,
    ) -> Result<Option<String>, EcrError> {
        let tried = match Kind::of(&rule.upstream) {
            Some(Kind::Own(account, _)) => self.try_own(cx, registry, rule, account).await,
            _ => self.try_outside(cx, rule).await,
        };
        match tried {
            Ok(()) | Err(Unbrought::Unfetched(Unfetched::NotFound)) => Ok(None),
            Err(Unbrought::Unfetched(Unfetched::Failed(why))) => Ok(Some(why)),
            Err(Unbrought::Failed(error)) => Err(error),
        }
    }

    async fn fetch(&self, through: &Through<'_>) -> Result<(), Unbrought> {
        self.may_bring(&mut self.db.begin(), through).await?;
        match Kind::of(&through.rule.upstream) {
            Some(Kind::Own(account, region)) => self.take_over(through, account, region).await?,
            _ => self.download(through).await?,
        }
        if let Some(tag) = through.reference.tag() {
            let mut tx = self.db.begin();
            let (permit, repository) = self.may_bring(&mut tx, through).await?;
            if let Some(repository) = repository {
                tx.put(&COMPARED, &tag_key(&repository.id, tag), &Compared { at: through.cx.now });
            }
            match tx.commit(&permit).await {
                // The next pull looks again.
                Ok(_) | Err(StoreError::Conflict) => {}
                Err(error) => return Err(EcrError::from(error).into()),
            }
        }
        Ok(())
    }

    /// The proof that the caller may have an image brought here, and the repository for it, if it is there; if it is
    /// not, that the caller may make it.
    async fn may_bring(
        &self,
        tx: &mut Tx,
        through: &Through<'_>,
    ) -> Result<(Permit, Option<Repository>), EcrError> {
        let Through { cx, registry, name, .. } = *through;
        match allowed(cx, tx, registry, name, "ecr:BatchImportUpstreamImage").await {
            Ok(allowed) => Ok((allowed.permit, Some(allowed.repository))),
            Err(EcrError::Refused(Refusal::RepositoryNotFound { .. })) => {
                let arn = repository_arn(cx, registry, name.as_str());
                Ok((cx.authorize(Permission::on("ecr:CreateRepository", &arn))?, None))
            }
            Err(error) => Err(error),
        }
    }

    /// The repository that is to keep the image, made if it is not there.
    async fn cache_repository(&self, through: &Through<'_>) -> Result<Repository, EcrError> {
        let mut tries = Tries::default();
        loop {
            let made = self.try_cache_repository(through).await;
            if !tries.again(&made).await {
                return made;
            }
        }
    }

    async fn try_cache_repository(&self, through: &Through<'_>) -> Result<Repository, EcrError> {
        let Through { cx, registry, name, .. } = *through;
        let mut tx = self.db.begin();
        let permit = match self.may_bring(&mut tx, through).await? {
            (_, Some(repository)) => return Ok(repository),
            (permit, None) => permit,
        };
        let id = RepositoryId::new(self.ids.uuid());
        let template =
            template_for(&mut tx, registry, &cx.region, name, AppliedFor::PullThroughCache).await?;
        let needed = Needed { registry, region: &cx.region, name, id, now: cx.now };
        let made = make_needed(&mut tx, needed, template);
        tx.commit(&permit).await?;
        Ok(made)
    }
}

/// Whether an image is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    Not,
    /// It may have become another one in the other registry.
    Stale,
    Fresh,
}

/// Why an image was not brought here.
enum Unbrought {
    Unfetched(Unfetched),
    Failed(EcrError),
}

impl From<EcrError> for Unbrought {
    fn from(error: EcrError) -> Unbrought {
        Unbrought::Failed(error)
    }
}

impl From<Unfetched> for Unbrought {
    fn from(why: Unfetched) -> Unbrought {
        Unbrought::Unfetched(why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_are_told_by_their_hosts() {
        let word = |url: &str| Kind::of(url).map(|kind| kind.word());
        assert_eq!(word("public.ecr.aws"), Some("ecr-public"));
        assert_eq!(word("https://registry-1.docker.io"), Some("docker-hub"));
        assert_eq!(word("mine.azurecr.io"), Some("azure-container-registry"));
        assert_eq!(word("222222222222.dkr.ecr.eu-west-1.amazonaws.com"), Some("ecr"));
        for bad in
            ["", "docker.io.evil.example", ".azurecr.io", "x.dkr.ecr.y.amazonaws.com", "localhost:5000"]
        {
            assert_eq!(word(bad), None, "{bad}");
        }
        assert!(Kind::of("ghcr.io").unwrap().needs_credential());
        assert!(!Kind::of("quay.io").unwrap().needs_credential());
    }
}
