//! Where bodies end.

use bytes::{BufMut, Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, TRAILER, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, header};

use super::names::{self, Spelling};
use crate::gate::body::{Broken, Chunks, Next};

/// How far a body has been read.
#[derive(Debug)]
pub enum Reading {
    Over,
    /// So many bytes are left.
    Length(u64),
    Chunked(Box<Chunks>),
    /// It ends with its connection.
    UntilEnd,
}

impl Reading {
    /// Takes what comes next out of `raw`.
    pub fn next(&mut self, raw: &mut BytesMut) -> Result<Next, Broken> {
        match self {
            Reading::Over => Ok(Next::End(HeaderMap::new())),
            Reading::Length(_) | Reading::UntilEnd if raw.is_empty() => Ok(Next::More),
            Reading::Length(left) => {
                let part = usize::try_from(*left).unwrap_or(usize::MAX).min(raw.len());
                *left -= part as u64;
                if *left == 0 {
                    *self = Reading::Over;
                }
                Ok(Next::Data(raw.split_to(part).freeze()))
            }
            Reading::UntilEnd => Ok(Next::Data(raw.split().freeze())),
            Reading::Chunked(chunks) => {
                let next = chunks.next(raw);
                if matches!(next, Ok(Next::End(_))) {
                    *self = Reading::Over;
                }
                next
            }
        }
    }

    /// Whether all of it was read.
    pub fn is_over(&self) -> bool {
        matches!(self, Reading::Over)
    }
}

/// How a body is written.
#[derive(Debug)]
pub enum Writing {
    /// As it is: its length was told, or it ends with its connection.
    Plain,
    /// In chunks, with trailers of these names at the end.
    Chunked(Vec<HeaderName>),
}

impl Writing {
    /// In chunks, with the trailers that a message says it has.
    pub fn chunked(headers: &HeaderMap) -> Writing {
        let named = headers.get_all(TRAILER).iter().filter_map(|value| value.to_str().ok());
        let names = named.flat_map(|text| text.split(',')).filter_map(|name| name.trim().parse().ok());
        Writing::Chunked(names.filter(may_trail).collect())
    }

    /// Writes a part.
    pub fn data(&self, out: &mut BytesMut, data: &Bytes) {
        match self {
            Writing::Plain => out.put_slice(data),
            // An empty chunk would be the end.
            Writing::Chunked(_) if data.is_empty() => {}
            Writing::Chunked(_) => {
                out.put_slice(format!("{:x}\r\n", data.len()).as_bytes());
                out.put_slice(data);
                out.put_slice(b"\r\n");
            }
        }
    }

    /// Writes the end.
    pub fn end(&self, out: &mut BytesMut, trailers: Option<HeaderMap>) {
        let Writing::Chunked(named) = self else { return };
        out.put_slice(b"0\r\n");
        if let Some(mut trailers) = trailers {
            let others: Vec<HeaderName> =
                trailers.keys().filter(|name| !named.contains(name)).cloned().collect();
            others.into_iter().for_each(|name| drop(trailers.remove(name)));
            names::write(out, &trailers, &Spelling::Title);
        }
        out.put_slice(b"\r\n");
    }
}

/// Whether a header means nothing to whoever has read the head already.
fn may_trail(name: &HeaderName) -> bool {
    let never = [
        CONTENT_LENGTH,
        TRANSFER_ENCODING,
        TRAILER,
        header::HOST,
        header::TE,
        header::CONNECTION,
        header::UPGRADE,
        header::AUTHORIZATION,
        header::COOKIE,
        header::SET_COOKIE,
        header::CACHE_CONTROL,
        header::CONTENT_ENCODING,
        header::CONTENT_TYPE,
        header::CONTENT_RANGE,
        header::MAX_FORWARDS,
    ];
    !never.contains(name)
}
