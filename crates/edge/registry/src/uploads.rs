//! Uploads: begun, added to in pieces or in one, finished, given up; and blobs taken over from elsewhere.

use gantry_ecr_core::{Bytestream, Digest, Part, Refusal, RepositoryName, UploadId};
use http::{Method, StatusCode, header};

use crate::Call;
use crate::answer::{self, Answer, CONTENT_DIGEST, Code, Fault, UPLOAD_UUID};
use crate::range::content_range;
use crate::route;

/// `/v2/NAME/blobs/uploads/`
pub async fn new_upload(
    call: &Call<'_>,
    repository: &RepositoryName,
    body: Bytestream,
) -> Result<Answer, Fault> {
    if call.head.method != Method::POST {
        return Err(Fault::method("POST"));
    }
    if let Some(mount) = call.query("mount") {
        let digest = route::digest(&mount)?;
        // Without a source there is none to look in; one that can't be a name holds nothing.
        let from = call.query("from").and_then(|from| from.parse::<RepositoryName>().ok());
        if let Some(from) = from
            && call.repositories.mount_layer(&call.cx, repository, digest, &from).await?
        {
            return Ok(stored(repository, digest));
        }
    }
    let digest = call.query("digest").map(|digest| route::digest(&digest)).transpose()?;
    let upload = call.repositories.begin_upload(&call.cx, repository).await?;
    match digest {
        None => Ok(under_way(StatusCode::ACCEPTED, repository, &upload, 0)),
        Some(digest) => {
            let completed = complete(call, repository, &upload, body, digest).await;
            if completed.is_err()
                && let Err(refusal) = call.repositories.cancel_upload(&call.cx, repository, &upload).await
            {
                // The sweeper finds it, if it is there at all.
                tracing::debug!(%refusal, %upload, "a failed upload was left behind");
            }
            completed
        }
    }
}

/// `/v2/NAME/blobs/uploads/ID`
pub async fn upload(
    call: &Call<'_>,
    repository: &RepositoryName,
    upload: &UploadId,
    body: Bytestream,
) -> Result<Answer, Fault> {
    match call.head.method {
        Method::GET => {
            let received = call.repositories.upload_size(&call.cx, repository, upload).await?;
            Ok(under_way(StatusCode::NO_CONTENT, repository, upload, received))
        }
        Method::PATCH => {
            let part = part(call, body)?;
            let added = call.repositories.upload_part(&call.cx, repository, upload, part).await;
            let received = added.map_err(|refusal| told_where(refusal, repository, upload))?;
            Ok(under_way(StatusCode::ACCEPTED, repository, upload, received))
        }
        Method::PUT => {
            let digest = call.query("digest").ok_or_else(|| {
                Fault::new(Code::DigestInvalid, "The digest of the layer is missing: add ?digest=sha256:...")
            })?;
            complete(call, repository, upload, body, route::digest(&digest)?).await
        }
        Method::DELETE => {
            call.repositories.cancel_upload(&call.cx, repository, upload).await?;
            Ok(answer::empty(StatusCode::NO_CONTENT))
        }
        _ => Err(Fault::method("GET, PATCH, PUT, DELETE")),
    }
}

async fn complete(
    call: &Call<'_>,
    repository: &RepositoryName,
    upload: &UploadId,
    body: Bytestream,
    digest: Digest,
) -> Result<Answer, Fault> {
    let last = part(call, body)?;
    let completed = call.repositories.complete_upload(&call.cx, repository, upload, last, digest).await;
    completed.map_err(|refusal| told_where(refusal, repository, upload))?;
    Ok(stored(repository, digest))
}

/// The piece that the request brings.
fn part(call: &Call<'_>, content: Bytestream) -> Result<Part, Fault> {
    let Some(header) = call.header(header::CONTENT_RANGE) else {
        return Ok(Part { start: None, length: None, content });
    };
    let range = content_range(header).ok_or_else(|| {
        Fault::new(Code::RangeInvalid, "Content-Range must be the first and the last byte, such as 0-1023")
            .with_status(StatusCode::BAD_REQUEST)
    })?;
    Ok(Part { start: Some(range.start), length: Some(range.end - range.start), content })
}

/// A piece out of order is answered with where the upload is, so that the client can go on from there.
fn told_where(refusal: Refusal, repository: &RepositoryName, upload: &UploadId) -> Fault {
    let received = match &refusal {
        Refusal::PartOutOfOrder { received, .. } => Some(*received),
        _ => None,
    };
    let fault = Fault::from(refusal);
    match received {
        None => fault,
        Some(received) => fault
            .with(header::LOCATION, &location(repository, upload))
            .with(header::RANGE, &received_range(received))
            .with(UPLOAD_UUID, upload.as_str()),
    }
}

fn location(repository: &RepositoryName, upload: &UploadId) -> String {
    format!("/v2/{repository}/blobs/uploads/{upload}")
}

/// The first and the last byte that are there; `0-0` also stands for none.
fn received_range(received: u64) -> String {
    format!("0-{}", received.saturating_sub(1))
}

fn under_way(status: StatusCode, repository: &RepositoryName, upload: &UploadId, received: u64) -> Answer {
    let mut answer = answer::empty(status);
    answer::set(&mut answer, header::LOCATION, location(repository, upload));
    answer::set(&mut answer, header::RANGE, received_range(received));
    answer::set(&mut answer, UPLOAD_UUID, upload);
    answer
}

fn stored(repository: &RepositoryName, digest: Digest) -> Answer {
    let mut answer = answer::empty(StatusCode::CREATED);
    answer::set(&mut answer, header::LOCATION, format_args!("/v2/{repository}/blobs/{digest}"));
    answer::set(&mut answer, CONTENT_DIGEST, digest);
    answer
}
