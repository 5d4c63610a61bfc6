//! Blobs: looked for and read, as a whole or in part.

use gantry_ecr_core::{ByteRange, Digest, RepositoryName};
use http::{Method, Response, StatusCode, header};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};

use crate::Call;
use crate::answer::{self, Answer, CONTENT_DIGEST, Code, Fault};
use crate::range::{Asked, asked};

/// `/v2/NAME/blobs/DIGEST`
pub async fn blob(call: &Call<'_>, repository: &RepositoryName, digest: Digest) -> Result<Answer, Fault> {
    let etag = format!("\"{digest}\"");
    let mut answer = match call.head.method {
        Method::HEAD => {
            let size = call.repositories.layer_size(&call.cx, repository, digest).await?;
            let mut answer = answer::empty(StatusCode::OK);
            answer::set(&mut answer, header::CONTENT_LENGTH, size);
            answer
        }
        Method::GET => get(call, repository, digest, &etag).await?,
        _ => return Err(Fault::method("GET, HEAD")),
    };
    answer::set(&mut answer, header::CONTENT_TYPE, "application/octet-stream");
    answer::set(&mut answer, CONTENT_DIGEST, digest);
    answer::set(&mut answer, header::ACCEPT_RANGES, "bytes");
    answer::set(&mut answer, header::ETAG, etag);
    // What a digest names never changes.
    answer::set(&mut answer, header::CACHE_CONTROL, "max-age=31536000");
    Ok(answer)
}

async fn get(
    call: &Call<'_>,
    repository: &RepositoryName,
    digest: Digest,
    etag: &str,
) -> Result<Answer, Fault> {
    let header = match call.header(header::IF_RANGE) {
        Some(known) if known != etag => None,
        _ => call.header(header::RANGE),
    };
    let part = |size| match asked(header, size) {
        Asked::All => None,
        Asked::Part(range) => Some(range),
        Asked::Unsatisfiable => Some(ByteRange { start: size, end: size }),
    };
    let layer = call.repositories.open_layer(&call.cx, repository, digest, &part).await?;
    let range = asked(header, layer.size);
    if range == Asked::Unsatisfiable {
        return Err(Fault::new(Code::RangeInvalid, "The layer does not have the part that is asked for")
            .with(header::CONTENT_RANGE, &format!("bytes */{}", layer.size)));
    }
    let content = futures::StreamExt::map(layer.content, |piece| piece.map(Frame::data));
    let mut answer = Response::new(BodyExt::boxed_unsync(StreamBody::new(content)));
    answer::set(&mut answer, header::CONTENT_LENGTH, layer.range.end - layer.range.start);
    if let Asked::Part(ByteRange { start, end }) = range {
        *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
        let range = format_args!("bytes {start}-{}/{}", end - 1, layer.size);
        answer::set(&mut answer, header::CONTENT_RANGE, range);
    }
    Ok(answer)
}
