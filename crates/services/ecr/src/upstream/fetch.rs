//! Fetching an image from a registry outside: its manifests and all its blobs, before the manifest can be seen.

use std::sync::Arc;

use gantry_api_secretsmanager as secrets;
use gantry_ecr_core::{Digest, Manifest, Part, Reference, RepositoryName};
use gantry_iam_core::{Caller, Policy};
use gantry_service::{Cx, Failure};
use serde::Deserialize;

use super::client::{Fetched, Login, Remote};
use super::{Through, Unbrought, Unfetched};
use crate::Ecr;
use crate::error::EcrError;
use crate::images::put::{Again, NewImage};
use crate::tables::{CacheRule, LAYERS, in_repository};

/// The most images that one pull brings: those of a list, and of the lists in it.
const IMAGES_AT_MOST: usize = 200;

/// What ECR itself may read to let itself in elsewhere, as AWS's service-linked role has it.
const SERVICE_POLICY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow",
    "Action":["secretsmanager:GetSecretValue","secretsmanager:DescribeSecret","kms:Decrypt"],"Resource":"*"}}"#;

/// Who ECR is to its siblings.
const SERVICE: &str = "pullthroughcache.ecr.amazonaws.com";

/// Why a rule's secret can't be used, by AWS's code for it.
pub enum BadSecret {
    NotFound,
    Inaccessible,
    Unreadable,
}

impl Ecr {
    pub(super) async fn download(&self, through: &Through<'_>) -> Result<(), Unbrought> {
        let login = login_of(through.cx, &through.rule).await?;
        let _turn = self.imports.acquire().await.map_err(EcrError::internal)?;
        let remote = self.upstreams.repository(&through.rule.upstream, &through.source, login).await?;
        // What is brought is the registry's own: the caller has the right to have it brought.
        let cx = Cx {
            account: through.registry,
            caller: Arc::new(Caller::root(through.registry).in_partition(through.cx.partition())),
            ..through.cx.clone()
        };
        let top = remote.manifest(&wanted(through.reference)).await?;
        let mut order = Vec::new();
        let mut waiting = vec![top];
        while let Some(fetched) = waiting.pop() {
            let manifest = Manifest::parse(&fetched.body, fetched.media_type.as_deref());
            let manifest =
                manifest.map_err(|error| Unfetched::Failed(format!("it gave a bad manifest: {error}")))?;
            if order.len() + waiting.len() >= IMAGES_AT_MOST {
                return Err(Unfetched::Failed(format!("the image lists more than {IMAGES_AT_MOST}")).into());
            }
            for child in manifest.children() {
                waiting.push(remote.manifest(&child.to_string()).await?);
            }
            order.push((fetched, manifest));
        }
        self.cache_repository(through).await?;
        // Those that are listed come before the lists.
        for (at, (fetched, manifest)) in order.iter().enumerate().rev() {
            for blob in manifest.blobs() {
                self.bring_blob(&cx, through.name, &remote, blob).await?;
            }
            let tag = through.reference.tag().filter(|_| at == 0);
            self.bring_manifest(&cx, through, fetched, tag).await?;
        }
        Ok(())
    }

    /// Asks the registry whether it lets the rule in.
    pub(super) async fn try_outside(&self, cx: &Cx, rule: &CacheRule) -> Result<(), Unbrought> {
        let login = login_of(cx, rule).await?;
        let remote = self.upstreams.repository(&rule.upstream, "", login).await?;
        Ok(remote.knock().await?)
    }

    async fn bring_manifest(
        &self,
        cx: &Cx,
        through: &Through<'_>,
        fetched: &Fetched,
        tag: Option<&gantry_ecr_core::Tag>,
    ) -> Result<(), EcrError> {
        let new = NewImage {
            registry: through.registry,
            repository: through.name,
            tag,
            digest: Some(fetched.digest),
            media_type: fetched.media_type.as_deref(),
            body: fetched.body.clone(),
            again: Again::Fine,
        };
        self.put(cx, new).await.map(drop)
    }

    async fn bring_blob(
        &self,
        cx: &Cx,
        name: &RepositoryName,
        remote: &Remote<'_>,
        digest: Digest,
    ) -> Result<(), Unbrought> {
        let repository = self.may(cx, cx.account, name, "ecr:InitiateLayerUpload").await?.repository;
        let row = in_repository(&repository.id, digest);
        if self.db.begin().peek(&LAYERS, &row).await.map_err(EcrError::from)?.is_some() {
            return Ok(());
        }
        let content = remote.blob(digest).await?;
        let upload = self.begin(cx, name).await?;
        let part = Part { start: None, length: None, content };
        if let Err(error) = self.complete(cx, name, &upload, part, digest).await {
            if let Err(left) = self.cancel(cx, name, &upload).await {
                // The sweeper finds it.
                tracing::debug!(?left, %upload, "a fetch that failed left its upload behind");
            }
            return Err(error.into());
        }
        Ok(())
    }
}

async fn login_of(cx: &Cx, rule: &CacheRule) -> Result<Option<Login>, Unfetched> {
    match &rule.credential {
        None => Ok(None),
        Some(secret) => match login(cx, secret).await {
            Ok(login) => Ok(Some(login)),
            Err(_) => Err(Unfetched::Failed(
                "the rule's secret has no username and accessToken that can be read".to_owned(),
            )),
        },
    }
}

fn wanted(reference: &Reference) -> String {
    match reference {
        Reference::Digest(digest) => digest.to_string(),
        Reference::Tag(tag) => tag.to_string(),
    }
}

/// The name and password of a rule's secret.
pub async fn login(cx: &Cx, secret: &str) -> Result<Login, BadSecret> {
    #[derive(Deserialize)]
    struct Pair {
        username: String,
        #[serde(rename = "accessToken")]
        access_token: String,
    }
    let policy = Policy::parse(gantry_iam_core::Kind::Identity, SERVICE_POLICY)
        .expect("the service's own policy is well formed");
    let service = cx.as_caller(Caller::service(SERVICE, vec![Arc::new(policy)]));
    let input = secrets::GetSecretValueRequest { secret_id: secret.to_owned(), ..Default::default() };
    let found =
        cx.siblings.call::<secrets::GetSecretValue>(&service, input).await.map_err(
            |failure| match failure {
                Failure::Answer(error) if error.code == "ResourceNotFoundException" => BadSecret::NotFound,
                _ => BadSecret::Inaccessible,
            },
        )?;
    let pair: Pair =
        found.secret_string.and_then(|text| serde_json::from_str(&text).ok()).ok_or(BadSecret::Unreadable)?;
    Ok(Login { name: pair.username, password: pair.access_token })
}
