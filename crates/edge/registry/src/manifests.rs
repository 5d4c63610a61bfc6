//! Manifests: read, stored, deleted.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use gantry_ecr_core::translation::translate;
use gantry_ecr_core::{
    Bytestream, Digest, Manifest, ManifestError, ManifestType, Reference, Refusal, RepositoryName,
    StoredManifest, Want,
};
use http::{Method, StatusCode, header};

use crate::Call;
use crate::answer::{self, Answer, CONTENT_DIGEST, Code, Fault, SUBJECT};

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
    let kept = call.repositories.manifest(&call.cx, repository, reference, want).await?;
    let manifest = match accepted(&call.head.headers) {
        Accepted::These(types) if !types.iter().any(|one| one == kept.media_type.as_str()) => {
            translated(call, repository, reference, kept, &types).await?
        }
        _ => kept,
    };
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

/// The forms of manifests that a client takes.
#[derive(Debug, PartialEq, Eq)]
enum Accepted {
    Any,
    These(Vec<String>),
}

/// What the client's `Accept` headers say. Without one it takes everything.
fn accepted(headers: &http::HeaderMap) -> Accepted {
    let mut types = Vec::new();
    let given = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    for one in given.flat_map(|value| value.split(',')) {
        let mut parts = one.split(';').map(str::trim);
        let media_type = parts.next().unwrap_or_default().to_ascii_lowercase();
        let refused = parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
        match media_type.as_str() {
            _ if refused => {}
            "*/*" | "application/*" => return Accepted::Any,
            "" => {}
            _ => types.push(media_type),
        }
    }
    if types.is_empty() { Accepted::Any } else { Accepted::These(types) }
}

/// The manifest in another form that the client takes, if it is asked for by tag and there is one.
async fn translated(
    call: &Call<'_>,
    repository: &RepositoryName,
    reference: &Reference,
    kept: StoredManifest,
    types: &[String],
) -> Result<StoredManifest, Fault> {
    let others: Vec<ManifestType> = types.iter().filter_map(|one| one.parse().ok()).collect();
    if reference.tag().is_some() && !others.is_empty() {
        let by_digest = kept.digest.into();
        let whole = call.repositories.manifest(&call.cx, repository, &by_digest, Want::Content).await?;
        for other in others {
            if let Some(body) = translate(&whole.body, whole.media_type, other) {
                let (digest, size) = (Digest::of(&body), body.len() as u64);
                return Ok(StoredManifest { digest, media_type: other, size, body: body.into() });
            }
        }
    }
    let (kind, plural) = match kept.media_type {
        ManifestType::OciIndex => ("OCI index", "OCI indexes"),
        ManifestType::OciImage => ("OCI manifest", "OCI manifests"),
        ManifestType::DockerList => ("Manifest list", "manifest lists"),
        ManifestType::DockerImage => ("Schema 2 manifest", "schema 2 manifests"),
    };
    let message = format!("{kind} found, but accept header does not support {plural}");
    Err(Fault::new(Code::ManifestUnknown, message))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_takes_what_it_says() {
        let said = |values: &[&'static str]| {
            let mut headers = http::HeaderMap::new();
            for value in values {
                headers.append(header::ACCEPT, http::HeaderValue::from_static(value));
            }
            accepted(&headers)
        };
        let these = |types: &[&str]| Accepted::These(types.iter().map(|one| (*one).to_owned()).collect());
        assert_eq!(said(&[]), Accepted::Any);
        assert_eq!(said(&["a/b, c/d;q=0.5", "E/F"]), these(&["a/b", "c/d", "e/f"]));
        assert_eq!(said(&["a/b", "*/*;q=0.1"]), Accepted::Any);
        assert_eq!(said(&["a/b, c/d; q=0"]), these(&["a/b"]));
        assert_eq!(said(&["application/*"]), Accepted::Any);
    }
}
