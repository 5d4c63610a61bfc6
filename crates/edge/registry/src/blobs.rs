//! Blobs: looked for and read, as a whole or in part.

use gantry_base::Timestamp;
use gantry_ecr_core::{ByteRange, Digest, Layer, Repositories, RepositoryName};
use gantry_service::Cx;
use http::request::Parts;
use http::{Method, Response, StatusCode, header};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};

use crate::Call;
use crate::answer::{self, Answer, CONTENT_DIGEST, Code, Fault};
use crate::range::{Asked, asked};

/// `/v2/NAME/blobs/DIGEST`
pub async fn blob(call: &Call<'_>, repository: &RepositoryName, digest: Digest) -> Result<Answer, Fault> {
    let answer = match call.head.method {
        Method::HEAD => {
            let size = call.repositories.layer_size(&call.cx, repository, digest).await?;
            let mut answer = answer::empty(StatusCode::OK);
            answer::set(&mut answer, header::CONTENT_LENGTH, size);
            answer
        }
        Method::GET => {
            let etag = etag(digest);
            let range = match header_of(&call.head, header::IF_RANGE) {
                Some(known) if known != etag => None,
                _ => header_of(&call.head, header::RANGE),
            };
            let part = part_of(range);
            let layer = call.repositories.open_layer(&call.cx, repository, digest, &part).await?;
            content(layer, range)?
        }
        _ => return Err(Fault::method("GET, HEAD")),
    };
    Ok(about(answer, digest))
}

/// `/v2/_layers/LINK`, for whoever holds the link.
pub async fn linked(
    repositories: &dyn Repositories<Cx>,
    head: &Parts,
    link: &str,
    now: Timestamp,
    encrypted: bool,
) -> Result<Answer, Fault> {
    if !matches!(head.method, Method::GET | Method::HEAD) {
        return Err(Fault::method("GET, HEAD"));
    }
    let range = header_of(head, header::RANGE);
    let (digest, layer) = repositories.open_linked(link, now, encrypted, &part_of(range)).await?;
    Ok(about(content(layer, range)?, digest))
}

fn header_of(head: &Parts, name: header::HeaderName) -> Option<&str> {
    head.headers.get(name)?.to_str().ok()
}

fn etag(digest: Digest) -> String {
    format!("\"{digest}\"")
}

/// What all answers with a blob tell of it.
fn about(mut answer: Answer, digest: Digest) -> Answer {
    answer::set(&mut answer, header::CONTENT_TYPE, "application/octet-stream");
    answer::set(&mut answer, CONTENT_DIGEST, digest);
    answer::set(&mut answer, header::ACCEPT_RANGES, "bytes");
    answer::set(&mut answer, header::ETAG, etag(digest));
    // What a digest names never changes.
    answer::set(&mut answer, header::CACHE_CONTROL, "max-age=31536000");
    answer
}

/// The part of a blob that a `Range` header chooses from its size.
fn part_of(header: Option<&str>) -> impl Fn(u64) -> Option<ByteRange> + Send + Sync {
    move |size| match asked(header, size) {
        Asked::All => None,
        Asked::Part(range) => Some(range),
        Asked::Unsatisfiable => Some(ByteRange { start: size, end: size }),
    }
}

fn content(layer: Layer, header: Option<&str>) -> Result<Answer, Fault> {
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
