//! Manifests: read, stored, deleted.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use gantry_ecr_core::{Bytestream, Manifest, ManifestError, Reference, Refusal, RepositoryName, Want};
use http::{Method, StatusCode, header};

use crate::Call;
use crate::answer::{self, Answer, CONTENT_DIGEST, Fault, SUBJECT};

/// How long the body of a manifest may take.
const TIMEOUT: Duration = Duration::from_secs(60);

/// `/v2/NAME/manifests/REFERENCE`
pub async fn manifest(
    call: &Call<'_>,
    repository: &RepositoryName,
    reference: &Reference,
    body: Bytestream,
) -> Result<Answer, Fault> {
    match call.head.method {
        Method::GET => get(call, repository, reference, Want::Content).await,
        Method::HEAD => get(call, repository, reference, Want::Existence).await,
        Method::PUT => put(call, repository, reference, body).await,
        Method::DELETE => delete(call, repository, reference).await,
        _ => Err(Fault::method("GET, HEAD, PUT, DELETE")),
    }
}

async fn get(
    call: &Call<'_>,
    repository: &RepositoryName,
    reference: &Reference,
    want: Want,
) -> Result<Answer, Fault> {
    let manifest = call.repositories.manifest(&call.cx, repository, reference, want).await?;
    let etag = format!("\"{}\"", manifest.digest);
    let mut answer = if call.header(header::IF_NONE_MATCH) == Some(&etag) {
        answer::empty(StatusCode::NOT_MODIFIED)
    } else {
        let mut answer = answer::whole(StatusCode::OK, manifest.media_type.as_str(), manifest.body);
        answer::set(&mut answer, header::CONTENT_LENGTH, manifest.size);
        answer
    };
    answer::set(&mut answer, CONTENT_DIGEST, manifest.digest);
    answer::set(&mut answer, header::ETAG, etag);
    Ok(answer)
}

async fn put(
    call: &Call<'_>,
    repository: &RepositoryName,
    reference: &Reference,
    body: Bytestream,
) -> Result<Answer, Fault> {
    let media_type = call.header(header::CONTENT_TYPE).and_then(|text| text.split(';').next()).map(str::trim);
    let media_type = media_type.filter(|text| !text.is_empty());
    let body = tokio::time::timeout(TIMEOUT, read(body)).await;
    let body = body.map_err(|_| Refusal::BodyBrokeOff("it took too long".to_owned()))??;
    let pushed = call.repositories.put_manifest(&call.cx, repository, reference, media_type, body).await?;
    let mut answer = answer::empty(StatusCode::CREATED);
    answer::set(&mut answer, header::LOCATION, format_args!("/v2/{repository}/manifests/{}", pushed.digest));
    answer::set(&mut answer, CONTENT_DIGEST, pushed.digest);
    if let Some(subject) = pushed.subject {
        answer::set(&mut answer, SUBJECT, subject);
    }
    Ok(answer)
}

async fn read(mut body: Bytestream) -> Result<Bytes, Refusal> {
    let mut whole = BytesMut::new();
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|error| Refusal::BodyBrokeOff(error.to_string()))?;
        let size = whole.len() + piece.len();
        if size > Manifest::MAX_BYTES {
            return Err(ManifestError::TooLarge { size }.into());
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.freeze())
}

async fn delete(
    call: &Call<'_>,
    repository: &RepositoryName,
    reference: &Reference,
) -> Result<Answer, Fault> {
    call.repositories.delete_manifest(&call.cx, repository, reference).await?;
    Ok(answer::empty(StatusCode::ACCEPTED))
}
