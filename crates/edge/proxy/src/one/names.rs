//! Headers as they are written. Names are the same in any case, but there are programs that do not know it; so a name
//! goes on as it was spelled.

use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, Method, StatusCode};
use memchr::memchr;

/// How many lines are looked through for the spelling of a name.
const SEARCH: usize = 64;

/// The head of a message as it came: so its names were spelled.
#[derive(Clone)]
pub struct Names {
    head: Bytes,
    lengths: Lengths,
}

/// How long a message's names are, modulo 64: most that it does not have are told by that.
#[derive(Clone, Copy, Default)]
pub struct Lengths(u64);

impl Lengths {
    /// One is so long.
    pub fn add(&mut self, length: usize) {
        self.0 |= 1 << (length % 64);
    }

    fn have(self, length: usize) -> bool {
        self.0 & (1 << (length % 64)) != 0
    }
}

impl Names {
    /// Those of a whole head.
    pub fn of(head: Bytes, lengths: Lengths) -> Names {
        Names { head, lengths }
    }

    /// The words after an answer's status.
    fn reason(&self) -> &[u8] {
        let line = memchr(b'\n', &self.head).map_or(&self.head[..], |end| &self.head[..end]);
        line.splitn(3, |byte| *byte == b' ').nth(2).unwrap_or_default().trim_ascii()
    }

    fn lines(&self) -> &[u8] {
        memchr(b'\n', &self.head).map_or(&[], |end| &self.head[end + 1..])
    }
}

/// How names are spelled.
pub enum Spelling<'a> {
    /// As they came, and `Like-This` where they did not.
    As(&'a Names),
    /// `Like-This`
    Title,
    /// `like-this`
    Lower,
}

/// Looks names up in about the order in which they came.
struct Search<'a> {
    all: &'a [u8],
    rest: &'a [u8],
    lengths: Lengths,
}

impl<'a> Search<'a> {
    fn find(&mut self, name: &str) -> Option<&'a [u8]> {
        if !self.lengths.have(name.len()) {
            return None;
        }
        let (mut at, mut again) = (self.rest, true);
        for _ in 0..SEARCH {
            let Some((line, rest)) = first(at) else {
                if !std::mem::take(&mut again) {
                    return None;
                }
                at = self.all;
                continue;
            };
            // No name has a colon: it is this one's, or the line is another's.
            if let Some((spelled, [b':', ..])) = line.split_at_checked(name.len())
                && spelled.eq_ignore_ascii_case(name.as_bytes())
            {
                self.rest = rest;
                return Some(spelled);
            }
            at = rest;
        }
        None
    }
}

/// The first of some lines, and the lines after it; none where the empty one is next.
fn first(lines: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr(b'\n', lines).filter(|end| *end > 1)?;
    Some((&lines[..end], &lines[end + 1..]))
}

fn title(out: &mut BytesMut, name: &str) {
    let from = out.len();
    out.put_slice(name.as_bytes());
    let mut first = true;
    for byte in &mut out[from..] {
        if first {
            byte.make_ascii_uppercase();
        }
        first = *byte == b'-';
    }
}

/// Writes headers, each with its line's end.
pub fn write(out: &mut BytesMut, headers: &HeaderMap, spelling: &Spelling<'_>) {
    let (lines, lengths) = match spelling {
        Spelling::As(names) => (names.lines(), names.lengths),
        Spelling::Title | Spelling::Lower => (&[][..], Lengths::default()),
    };
    let mut search = Search { all: lines, rest: lines, lengths };
    for (name, value) in headers {
        match (spelling, search.find(name.as_str())) {
            (Spelling::Lower, _) => out.put_slice(name.as_str().as_bytes()),
            (_, Some(spelled)) => out.put_slice(spelled),
            (_, None) => title(out, name.as_str()),
        }
        out.put_slice(b": ");
        out.put_slice(value.as_bytes());
        out.put_slice(b"\r\n");
    }
}

/// The first line of a request.
pub fn request_line(out: &mut BytesMut, method: &Method, target: &str) {
    out.put_slice(method.as_str().as_bytes());
    out.put_u8(b' ');
    out.put_slice(target.as_bytes());
    out.put_slice(b" HTTP/1.1\r\n");
}

/// The first line of an answer; its reason as it came, where it did.
pub fn status_line(out: &mut BytesMut, status: StatusCode, names: Option<&Names>) {
    out.put_slice(b"HTTP/1.1 ");
    out.put_slice(status.as_str().as_bytes());
    out.put_u8(b' ');
    match names {
        Some(names) => out.put_slice(names.reason()),
        None => out.put_slice(status.canonical_reason().unwrap_or_default().as_bytes()),
    }
    out.put_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    #[test]
    fn names_go_on_as_they_were_spelled() {
        let head = "GET /x HTTP/1.1\r\nhOST: a\r\nX-b: 1\r\nx-B: 2\r\nUSER-AGENT: c\r\n\r\n";
        let (mut headers, mut lengths) = (HeaderMap::new(), Lengths::default());
        ["host", "x-b", "user-agent"].iter().for_each(|name| lengths.add(name.len()));
        for (name, value) in
            [("x-b", "1"), ("x-b", "2"), ("host", "a"), ("x-new-one", "y"), ("user-agent", "c")]
        {
            headers.append(HeaderName::from_static(name), value.parse().unwrap());
        }
        let written = |spelling: &Spelling<'_>, headers: &HeaderMap| {
            let mut out = BytesMut::new();
            write(&mut out, headers, spelling);
            String::from_utf8(out.to_vec()).unwrap()
        };
        let names = Names::of(Bytes::from(head), lengths);
        let all = written(&Spelling::As(&names), &headers);
        assert_eq!(all, "X-b: 1\r\nx-B: 2\r\nhOST: a\r\nX-New-One: y\r\nUSER-AGENT: c\r\n");
        headers.clear();
        headers.insert("host", "a".parse().unwrap());
        headers.insert("user-agent", "c".parse().unwrap());
        assert_eq!(written(&Spelling::Title, &headers), "Host: a\r\nUser-Agent: c\r\n");
        assert_eq!(written(&Spelling::Lower, &headers), "host: a\r\nuser-agent: c\r\n");
    }

    #[test]
    fn an_answer_s_reason_goes_on_as_it_came() {
        let mut out = BytesMut::new();
        let names = Names::of(Bytes::from("HTTP/1.1 200 Fine by me\r\n\r\n"), Lengths::default());
        status_line(&mut out, StatusCode::OK, Some(&names));
        status_line(&mut out, StatusCode::NOT_FOUND, None);
        assert_eq!(out, "HTTP/1.1 200 Fine by me\r\nHTTP/1.1 404 Not Found\r\n");
    }
}
