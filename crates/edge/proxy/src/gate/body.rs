//! Chunks, by the letter.

/// The longest line of a chunk's size with its extensions, or of a trailer.
const MAX_LINE: usize = 4096;
/// The longest section of trailers.
const MAX_TRAILERS: usize = 16 * 1024;

/// How far a chunked body has come.
#[derive(Debug, Default)]
pub struct Chunks {
    at: At,
    trailers: usize,
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

impl Chunks {
    /// Whether the whole body was seen.
    pub fn is_done(&self) -> bool {
        self.at == At::Done
    }

    /// How many bytes from the start of `raw` belong to the body for sure. Call it again with the rest and more.
    pub fn take(&mut self, raw: &[u8]) -> Result<usize, Broken> {
        let mut taken = 0;
        self.walk(raw, &mut taken).map(|()| taken)
    }

    /// The same, where what comes before a break counts as well.
    pub fn walk(&mut self, raw: &[u8], taken: &mut usize) -> Result<(), Broken> {
        loop {
            let rest = &raw[*taken..];
            match self.at {
                At::Done => return Ok(()),
                At::Data(left) => {
                    let part = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
                    *taken += part;
                    self.at = match left - part as u64 {
                        0 => At::DataEnd,
                        left => At::Data(left),
                    };
                    if part == 0 && rest.is_empty() {
                        return Ok(());
                    }
                }
                At::DataEnd => match rest {
                    [b'\r', b'\n', ..] => {
                        *taken += 2;
                        self.at = At::Size;
                    }
                    [] | [b'\r'] => return Ok(()),
                    _ => return Err(Broken),
                },
                At::Size | At::Trailer => {
                    let Some(line) = line(rest)? else { return Ok(()) };
                    self.at = match (self.at, line) {
                        (At::Size, line) => match size(line)? {
                            0 => At::Trailer,
                            size => At::Data(size),
                        },
                        (_, []) => At::Done,
                        (_, line) => {
                            self.trailers += line.len();
                            let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
                            let token = !name.is_empty() && name.iter().all(|b| b.is_ascii_graphic());
                            if self.trailers > MAX_TRAILERS || !token || name.len() == line.len() {
                                return Err(Broken);
                            }
                            At::Trailer
                        }
                    };
                    *taken += line.len() + 2;
                }
            }
        }
    }
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

fn size(line: &[u8]) -> Result<u64, Broken> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (number, extension) = line.split_at(digits);
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

    #[test]
    fn chunks_end_where_they_say() {
        let body = b"5;x=y\r\nhello\r\n0\r\nA: b\r\n\r\n";
        let mut chunks = Chunks::default();
        assert_eq!(chunks.take(&[body.as_slice(), b"GET"].concat()), Ok(body.len()));
        assert!(chunks.is_done());
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
            assert_eq!(Chunks::default().take(body.as_bytes()), Err(Broken), "{body:?}");
        }
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
            let (mut held, mut seen) = (Vec::new(), 0);
            for piece in body.as_bytes().chunks(cut) {
                held.extend_from_slice(piece);
                let taken = chunks.take(&held).unwrap();
                held.drain(..taken);
                seen += taken;
            }
            prop_assert!(chunks.is_done());
            prop_assert_eq!(seen, body.len());
        }
    }
}
