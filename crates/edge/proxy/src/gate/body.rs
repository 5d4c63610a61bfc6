//! Chunks, by the letter.

use bytes::{Buf, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue};

/// The longest line of a chunk's size with its extensions, or of a trailer.
const MAX_LINE: usize = 4096;
/// The longest section of trailers.
const MAX_TRAILERS: usize = 16 * 1024;

/// How far a chunked body has come.
#[derive(Debug, Default)]
pub struct Chunks {
    at: At,
    /// Blanks may follow a size. Some servers write them; of a client they are refused.
    blanks: bool,
    size: usize,
    trailers: HeaderMap,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum At {
    #[default]
    Size,
    Data(u64),
    /// The end of a line that every chunk has.
    DataEnd,
    Trailer,
    Done,
}

/// What came is no chunk.
#[derive(Debug, PartialEq, Eq)]
pub struct Broken;

/// What comes next of a body.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    Data(Bytes),
    /// Its end, with its trailers.
    End(HeaderMap),
    /// More has to be read first.
    More,
}

impl Chunks {
    /// Of a target, which may put blanks after sizes.
    pub fn of_target() -> Chunks {
        Chunks { blanks: true, ..Chunks::default() }
    }

    /// Takes what comes next out of `raw`.
    pub fn next(&mut self, raw: &mut BytesMut) -> Result<Next, Broken> {
        loop {
            match self.at {
                At::Done => return Ok(Next::End(std::mem::take(&mut self.trailers))),
                At::Data(_) if raw.is_empty() => return Ok(Next::More),
                At::Data(left) => {
                    let part = usize::try_from(left).unwrap_or(usize::MAX).min(raw.len());
                    self.at = match left - part as u64 {
                        0 => At::DataEnd,
                        left => At::Data(left),
                    };
                    return Ok(Next::Data(raw.split_to(part).freeze()));
                }
                At::DataEnd => match &raw[..] {
                    [b'\r', b'\n', ..] => {
                        raw.advance(2);
                        self.at = At::Size;
                    }
                    [] | [b'\r'] => return Ok(Next::More),
                    _ => return Err(Broken),
                },
                At::Size | At::Trailer => {
                    let Some(line) = line(raw)? else { return Ok(Next::More) };
                    let length = line.len() + 2;
                    self.at = match self.at {
                        At::Size => match size(line, self.blanks)? {
                            0 => At::Trailer,
                            size => At::Data(size),
                        },
                        _ if line.is_empty() => At::Done,
                        _ => {
                            self.size += length;
                            if self.size > MAX_TRAILERS {
                                return Err(Broken);
                            }
                            let (name, value) = trailer(line)?;
                            self.trailers.append(name, value);
                            At::Trailer
                        }
                    };
                    raw.advance(length);
                }
            }
        }
    }
}

fn trailer(line: &[u8]) -> Result<(HeaderName, HeaderValue), Broken> {
    let colon = line.iter().position(|byte| *byte == b':').ok_or(Broken)?;
    let name = HeaderName::from_bytes(&line[..colon]).map_err(|_| Broken)?;
    let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).map_err(|_| Broken)?;
    Ok((name, value))
}

/// A line without its end; none where it has not ended yet.
fn line(rest: &[u8]) -> Result<Option<&[u8]>, Broken> {
    let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
        let lone = rest.iter().position(|byte| *byte == b'\r').is_some_and(|at| at + 1 < rest.len());
        return if rest.len() > MAX_LINE || lone { Err(Broken) } else { Ok(None) };
    };
    let line = rest[..end].strip_suffix(b"\r").ok_or(Broken)?;
    let fits = |byte: &u8| *byte == b'\t' || (*byte >= 0x20 && *byte != 0x7f);
    if line.len() > MAX_LINE || !line.iter().all(fits) {
        return Err(Broken);
    }
    Ok(Some(line))
}

fn size(line: &[u8], blanks: bool) -> Result<u64, Broken> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (number, extension) = line.split_at(digits);
    let extension = if blanks { extension.trim_ascii_start() } else { extension };
    if !matches!(digits, 1..=15) || !(extension.is_empty() || extension.starts_with(b";")) {
        return Err(Broken);
    }
    let text = std::str::from_utf8(number).map_err(|_| Broken)?;
    u64::from_str_radix(text, 16).map_err(|_| Broken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Data and trailers of a body, if it is whole.
    fn read(mut chunks: Chunks, raw: &mut BytesMut) -> Result<Option<(Vec<u8>, HeaderMap)>, Broken> {
        let mut data = Vec::new();
        loop {
            match chunks.next(raw)? {
                Next::Data(part) => data.extend_from_slice(&part),
                Next::End(trailers) => return Ok(Some((data, trailers))),
                Next::More => return Ok(None),
            }
        }
    }

    #[test]
    fn chunks_end_where_they_say() {
        let mut raw = BytesMut::from("5;x=y\r\nhello\r\n0\r\nA: b\r\n\r\nGET");
        let (data, trailers) = read(Chunks::default(), &mut raw).unwrap().unwrap();
        assert_eq!((data.as_slice(), &trailers["a"]), (b"hello".as_slice(), &HeaderValue::from_static("b")));
        assert_eq!(raw, "GET");
    }

    #[test]
    fn what_is_no_chunk_is_refused() {
        for body in [
            "5\nhello\r\n",
            "5\r\nhelloX\r\n",
            "5 \r\nhello\r\n",
            "+5\r\nhello\r\n",
            "0x5\r\nhello\r\n",
            "\r\n",
            "5;a\rb\r\nhello\r\n",
            "fffffffffffffffff\r\n",
            "0\r\nno colon\r\n\r\n",
            "5\r\nhello\n0\r\n\r\n",
        ] {
            assert_eq!(read(Chunks::default(), &mut BytesMut::from(body)), Err(Broken), "{body:?}");
        }
        let blanks = &mut BytesMut::from("5  \r\nhello\r\n0 \r\n\r\n");
        assert_eq!(read(Chunks::of_target(), blanks).unwrap().unwrap().0, b"hello");
    }

    proptest! {
        #[test]
        fn it_does_not_matter_in_which_pieces_they_come(
            parts in proptest::collection::vec("[a-z\r\n]{1,20}", 0..5), cut in 1usize..7,
        ) {
            let mut body = String::new();
            for part in &parts {
                body.push_str(&format!("{:x}\r\n{part}\r\n", part.len()));
            }
            body.push_str("0\r\n\r\n");
            let mut chunks = Chunks::default();
            let (mut raw, mut data, mut ended) = (BytesMut::new(), Vec::new(), false);
            for piece in body.as_bytes().chunks(cut) {
                raw.extend_from_slice(piece);
                loop {
                    match chunks.next(&mut raw).unwrap() {
                        Next::Data(part) => data.extend_from_slice(&part),
                        Next::More => break,
                        Next::End(_) => {
                            ended = true;
                            break;
                        }
                    }
                }
            }
            prop_assert!(ended && raw.is_empty());
            prop_assert_eq!(data, parts.concat().into_bytes());
        }
    }
}
