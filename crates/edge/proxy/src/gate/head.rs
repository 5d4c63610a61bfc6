//! What a request's head says of where the request ends, and whether anybody could read it otherwise.

use gantry_elb_core::configuration::Desync;

/// The longest request line and the longest header, as AWS has them.
const MAX_LINE: usize = 16 * 1024;

/// Where a request's body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    None,
    Length(u64),
    Chunked,
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Pass(Passed),
    /// With this status.
    Refuse(u16),
}

/// A request that goes through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    pub framing: Framing,
    /// It asks to leave HTTP.
    pub changes_protocol: bool,
    /// It is ambiguous, and nothing may follow it on its connections.
    pub close_after: bool,
}

/// AWS's classes but the one of what is severe, which is refused in every mode: there is no one way to pass it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Compliant,
    Acceptable,
    Ambiguous,
}

/// Where the head ends, if it does; it is known that it does not before `from`. A head with a lone line feed ends there,
/// and is refused for it.
pub fn end(raw: &[u8], from: usize) -> Option<usize> {
    let mut from = from.min(raw.len());
    while let Some(at) = memchr::memchr(b'\n', &raw[from..]) {
        let at = from + at;
        if at == 0 || raw[at - 1] != b'\r' {
            return Some((at + 1).max(2));
        }
        if at >= 3 && &raw[at - 3..=at] == b"\r\n\r\n" {
            return Some(at + 1);
        }
        from = at + 1;
    }
    None
}

/// Judges a whole head.
pub fn inspect(head: &[u8], mode: Desync) -> Verdict {
    match read(head) {
        Err(status) => Verdict::Refuse(status),
        Ok((class, _)) if mode == Desync::Strictest && class > Class::Compliant => Verdict::Refuse(400),
        Ok((class, mut passed)) => {
            passed.close_after = class == Class::Ambiguous && mode != Desync::Monitor;
            Verdict::Pass(passed)
        }
    }
}

/// Which bytes names of headers and methods have.
const TOKEN: [bool; 256] = letters_and(b"!#$%&'*+-.^_`|~");
/// Which bytes no reader takes for the end of a host.
const HOST: [bool; 256] = letters_and(b"!$%&'()*+-.:;=[]_~");

/// Letters, digits and these signs.
const fn letters_and(signs: &[u8]) -> [bool; 256] {
    let mut all = [false; 256];
    let mut byte = 0u8;
    while byte < 128 {
        all[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    let mut at = 0;
    while at < signs.len() {
        all[signs[at] as usize] = true;
        at += 1;
    }
    all
}

fn is_token(byte: u8) -> bool {
    TOKEN[usize::from(byte)]
}

/// Whether bytes are in a message's head that end a line for some readers and not for others.
fn has_odd_ends(head: &[u8]) -> bool {
    let odd = |byte: u8| (byte < 0x20 && !matches!(byte, b'\t' | b'\r' | b'\n')) || byte == 0x7f;
    // All of them are looked at, as that is done for many at once.
    if head.iter().fold(false, |found, byte| found | odd(*byte)) {
        return true;
    }
    let feeds = || memchr::memchr_iter(b'\n', head);
    // Each has a return before it, and there are no other returns.
    feeds().any(|at| at == 0 || head[at - 1] != b'\r')
        || feeds().count() != memchr::memchr_iter(b'\r', head).count()
}

#[derive(Default)]
struct Found {
    lengths: Vec<u64>,
    chunked: usize,
    hosts: usize,
    websocket: bool,
    other_upgrade: bool,
    connection_upgrade: bool,
    odd: bool,
    high_bytes: bool,
}

fn read(head: &[u8]) -> Result<(Class, Passed), u16> {
    let body = head.strip_suffix(b"\r\n\r\n").ok_or(400u16)?;
    if has_odd_ends(body) {
        return Err(400);
    }
    let mut lines = lines(body);
    let (get, old) = request_line(lines.next().unwrap_or_default())?;
    let mut found = Found::default();
    for line in lines {
        header(line, &mut found)?;
    }
    frame(get, old, &found)
}

/// Lines, each without its end.
fn lines(mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut over = false;
    std::iter::from_fn(move || {
        if over {
            return None;
        }
        let line = match memchr::memchr(b'\n', rest) {
            Some(end) => {
                let line = &rest[..end];
                rest = &rest[end + 1..];
                line
            }
            None => {
                over = true;
                rest
            }
        };
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    })
}

/// Whether it is GET or HEAD, and whether it is HTTP/1.0.
fn request_line(line: &[u8]) -> Result<(bool, bool), u16> {
    if line.len() > MAX_LINE {
        return Err(414);
    }
    let mut parts = line.split(|byte| *byte == b' ');
    let (method, target, version) = (parts.next(), parts.next(), parts.next());
    let (Some(method), Some(target), Some(version), None) = (method, target, version, parts.next()) else {
        return Err(400);
    };
    if method.is_empty() || !method.iter().all(|byte| is_token(*byte)) {
        return Err(400);
    }
    if matches!(method, b"CONNECT" | b"TRACE") {
        return Err(405);
    }
    if !(target.starts_with(b"/") || target == b"*" || is_absolute(target))
        || !target.iter().all(|b| (0x21..0x7f).contains(b))
    {
        return Err(400);
    }
    match version {
        b"HTTP/1.1" => Ok((matches!(method, b"GET" | b"HEAD"), false)),
        b"HTTP/1.0" => Ok((matches!(method, b"GET" | b"HEAD"), true)),
        version if version.starts_with(b"HTTP/") => Err(505),
        _ => Err(400),
    }
}

/// Whether it is a URL of HTTP, with a host and without a user.
fn is_absolute(target: &[u8]) -> bool {
    let after = |scheme: &[u8]| {
        let (start, rest) = target.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    };
    let rest = after(b"http://").or_else(|| after(b"https://"));
    let authority = rest.and_then(|rest| rest.split(|byte| b"/?#".contains(byte)).next());
    authority.is_some_and(is_host)
}

/// Whether no reader could take a host for something else, as a user or a path. It may be empty only where it is a
/// header's.
fn is_host(host: &[u8]) -> bool {
    let port = |rest: &[u8]| rest.iter().all(u8::is_ascii_digit);
    let named = match host.strip_prefix(b"[") {
        Some(rest) => {
            let mut parts = rest.splitn(2, |byte| *byte == b']');
            let (inner, after) = (parts.next().unwrap_or_default(), parts.next());
            let address = inner.iter().all(|byte| byte.is_ascii_hexdigit() || b":.".contains(byte));
            address
                && after.is_some_and(|after| after.is_empty() || after.strip_prefix(b":").is_some_and(port))
        }
        None => host.iter().position(|byte| *byte == b':').is_none_or(|colon| port(&host[colon + 1..])),
    };
    named && !host.is_empty() && host.iter().all(|byte| HOST[usize::from(*byte)])
}

fn header(line: &[u8], found: &mut Found) -> Result<(), u16> {
    if line.len() > MAX_LINE {
        return Err(400);
    }
    let colon = line.iter().position(|byte| *byte == b':').ok_or(400u16)?;
    let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
    // A folded line begins with a blank, and a name with a blank before its colon is no token either.
    if name.is_empty() || !name.iter().all(|byte| is_token(*byte)) {
        return Err(400);
    }
    found.high_bytes |= value.iter().any(|byte| *byte >= 0x80);
    let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
    // Only names of these lengths mean anything here.
    match name.len() {
        14 if is("content-length") => {
            let digits = !value.is_empty() && value.len() <= 18 && value.iter().all(u8::is_ascii_digit);
            let number =
                std::str::from_utf8(value).ok().filter(|_| digits).and_then(|text| text.parse().ok());
            found.lengths.push(number.ok_or(400u16)?);
        }
        17 if is("transfer-encoding") => {
            if !value.eq_ignore_ascii_case(b"chunked") {
                return Err(400);
            }
            found.chunked += 1;
        }
        4 if is("host") => {
            if !value.is_empty() && !is_host(value) {
                return Err(400);
            }
            found.hosts += 1;
        }
        7 if is("upgrade") => match value.eq_ignore_ascii_case(b"websocket") {
            true => found.websocket = true,
            false => found.other_upgrade = true,
        },
        10 if is("connection") => {
            let options = value.split(|byte| *byte == b',');
            found.connection_upgrade |=
                options.into_iter().any(|option| option.trim_ascii().eq_ignore_ascii_case(b"upgrade"));
        }
        // Names that a careless reader takes for one of those that frame.
        14 => found.odd |= looks_like(name, b"content-length"),
        17 => found.odd |= looks_like(name, b"transfer-encoding"),
        _ => {}
    }
    Ok(())
}

/// Whether two names of the same length differ in their case and their signs alone.
fn looks_like(name: &[u8], known: &[u8]) -> bool {
    let plain = |byte: u8| if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b'-' };
    name.iter().map(|byte| plain(*byte)).eq(known.iter().copied())
}

fn frame(get: bool, old: bool, found: &Found) -> Result<(Class, Passed), u16> {
    let hosts = if old { found.hosts <= 1 } else { found.hosts == 1 };
    let agree = found.lengths.windows(2).all(|pair| pair[0] == pair[1]);
    if !hosts || !agree || found.chunked > 1 || (old && found.chunked > 0) {
        return Err(400);
    }
    let length = found.lengths.first().copied();
    let framing = match (found.chunked, length) {
        (0, None) => Framing::None,
        (0, Some(length)) => Framing::Length(length),
        _ => Framing::Chunked,
    };
    let has_body = !matches!(framing, Framing::None | Framing::Length(0));
    let ambiguous =
        found.odd || found.lengths.len() > 1 || (found.chunked > 0 && length.is_some()) || (get && has_body);
    let class = match (ambiguous, found.high_bytes || (get && length.is_some())) {
        (true, _) => Class::Ambiguous,
        (false, true) => Class::Acceptable,
        (false, false) => Class::Compliant,
    };
    // To no other protocol: what follows would pass by all rules.
    let websocket = found.websocket && !found.other_upgrade;
    let changes_protocol = websocket && found.connection_upgrade && !has_body;
    Ok((class, Passed { framing, changes_protocol, close_after: false }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn judged(head: &str, mode: Desync) -> Verdict {
        inspect(head.as_bytes(), mode)
    }

    fn refused(head: &str) -> bool {
        matches!(judged(head, Desync::Defensive), Verdict::Refuse(_))
            && matches!(judged(head, Desync::Monitor), Verdict::Refuse(_))
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        for head in [
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET / HTTP/1.1\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
            "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
            "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
            "G(T / HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /\r\n\r\n",
            " GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /a#b@c HTTP/1.1 \r\nHost: a\r\n\r\n",
            "GET http://a@b/ HTTP/1.1\r\nHost: b\r\n\r\n",
            "GET http:///x HTTP/1.1\r\nHost: b\r\n\r\n",
            "GET ftp://b/ HTTP/1.1\r\nHost: b\r\n\r\n",
            "GET b:80 HTTP/1.1\r\nHost: b\r\n\r\n",
            "CONNECT b:80 HTTP/1.1\r\nHost: b\r\n\r\n",
            "TRACE / HTTP/1.1\r\nHost: b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: [::1]a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n",
            "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: \u{7f}\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5 5\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;x=y\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0bchunked\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n",
        ] {
            assert!(refused(head), "{head:?}");
        }
    }

    #[test]
    fn what_is_ambiguous_goes_through_alone_or_not_at_all() {
        for head in [
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent_Length: 5\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer.Encoding: chunked\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n",
        ] {
            let closes = |mode| match judged(head, mode) {
                Verdict::Pass(passed) => Some(passed.close_after),
                Verdict::Refuse(_) => None,
            };
            assert_eq!(closes(Desync::Monitor), Some(false), "{head:?}");
            assert_eq!(closes(Desync::Defensive), Some(true), "{head:?}");
            assert_eq!(closes(Desync::Strictest), None, "{head:?}");
        }
        let plain = "POST /x?y HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n";
        let passed = Passed { framing: Framing::Length(5), changes_protocol: false, close_after: false };
        assert_eq!(judged(plain, Desync::Strictest), Verdict::Pass(passed));
    }

    #[test]
    fn what_is_plain_goes_through() {
        for head in [
            "GET HTTP://a:80/x HTTP/1.1\r\nHost: a:80\r\n\r\n",
            "GET http://a:80/x?y=@ HTTP/1.1\r\nHost: a:80\r\n\r\n",
            "GET //a@b/x HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\nHost: a_b.c\r\n\r\n",
            "POST / HTTP/1.1\r\nhOST: a\r\ntRANSFER-eNCODING: \tChunked \t\r\n\r\n",
            "GET / HTTP/1.0\r\n\r\n",
        ] {
            assert!(matches!(judged(head, Desync::Strictest), Verdict::Pass(_)), "{head:?}");
        }
    }

    #[test]
    fn a_head_ends_at_its_empty_line() {
        assert_eq!(end(b"GET / HTTP/1.1\r\nHost: a\r\n", 0), None);
        assert_eq!(end(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nX", 25), Some(27));
        assert_eq!(end(b"GET / HTTP/1.1\n", 0), Some(15));
    }

    proptest! {
        #[test]
        fn any_bytes_are_judged_without_a_panic(head in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Some(end) = end(&head, 0) {
                inspect(&head[..end.min(head.len())], Desync::Defensive);
            }
        }
    }
}
