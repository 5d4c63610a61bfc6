//! Bytes to events: one for each line.

use gantry_node_proto::MAX_LOG_EVENT_BYTES;

/// Something that was said, and when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub timestamp_ms: i64,
    pub message: String,
    /// Where it ends in its output.
    pub end_offset: u64,
}

/// Splits what is read of a stream. Offsets count from the stream's first byte.
#[derive(Debug, Default)]
pub struct Lines {
    /// Read, and not yet ended by a newline.
    rest: Vec<u8>,
    /// Where `rest` begins.
    offset: u64,
}

impl Lines {
    pub fn from(offset: u64) -> Self {
        Self { rest: Vec::new(), offset }
    }

    /// Everything before it was said in events.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Where the next byte belongs.
    pub fn read_offset(&self) -> u64 {
        self.offset + self.rest.len() as u64
    }

    /// Hands the messages that `bytes` complete to `event`, each with where it ends. A line that is longer than an event
    /// may be is cut into several.
    pub fn add(&mut self, bytes: &[u8], event: &mut impl FnMut(&str, u64)) {
        // What is there already has no newline.
        let mut looked = self.rest.len();
        self.rest.extend_from_slice(bytes);
        let mut done = 0;
        loop {
            let open = &self.rest[done..];
            let window = &open[..open.len().min(MAX_LOG_EVENT_BYTES + 1)];
            let from = looked.saturating_sub(done).min(window.len());
            let (line, next) = match memchr::memchr(b'\n', &window[from..]).map(|at| from + at) {
                Some(end) => (&open[..end], done + end + 1),
                None if window.len() > MAX_LOG_EVENT_BYTES => {
                    let end = boundary(&open[..MAX_LOG_EVENT_BYTES]);
                    (&open[..end], done + end)
                }
                None => break,
            };
            push(line, self.offset + next as u64, event);
            done = next;
            looked = looked.max(done);
        }
        self.rest.drain(..done);
        self.offset += done as u64;
    }

    /// The stream has ended: what is left is a line too.
    pub fn end(&mut self, event: &mut impl FnMut(&str, u64)) {
        let end = self.read_offset();
        push(&self.rest, end, event);
        self.rest.clear();
        self.offset = end;
    }
}

/// The longest beginning that does not cut a character in two.
fn boundary(bytes: &[u8]) -> usize {
    let back = bytes.iter().rev().take(4).position(|byte| byte & 0xc0 != 0x80).unwrap_or(0);
    match std::str::from_utf8(&bytes[bytes.len() - 1 - back..]) {
        Ok(_) => bytes.len(),
        Err(_) if bytes.len() > back + 1 => bytes.len() - 1 - back,
        Err(_) => bytes.len(),
    }
}

/// An empty line is no event: CloudWatch Logs has none.
fn push(line: &[u8], end_offset: u64, event: &mut impl FnMut(&str, u64)) {
    let text = String::from_utf8_lossy(line);
    let mut text = text.as_ref();
    // What is no text grows when it is made text.
    while !text.is_empty() {
        let mut cut = text.len().min(MAX_LOG_EVENT_BYTES);
        while !text.is_char_boundary(cut) {
            cut -= 1;
        }
        let (message, rest) = text.split_at(cut);
        event(message, end_offset);
        text = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(chunks: &[&[u8]], end: bool) -> Vec<(String, u64)> {
        let mut lines = Lines::from(100);
        let mut events = Vec::new();
        let mut event = |message: &str, end_offset| events.push((message.to_owned(), end_offset));
        for chunk in chunks {
            lines.add(chunk, &mut event);
        }
        if end {
            lines.end(&mut event);
        }
        events
    }

    #[test]
    fn lines_and_offsets() {
        let line = |text: &str, at| (text.to_owned(), at);
        assert_eq!(check(&[b"a\nbc\n"], false), [line("a", 102), line("bc", 105)]);
        assert_eq!(check(&[b"a", b"b\nc"], false), [line("ab", 103)]);
        assert_eq!(check(&[b"a\n\nc"], true), [line("a", 102), line("c", 104)]);
        assert_eq!(check(&[b"\n\n"], true), []);
        assert_eq!(check(&[b"\xff\n"], false), [line("\u{fffd}", 102)]);
    }

    #[test]
    fn a_long_line_is_cut_between_characters() {
        let long = "é".repeat(MAX_LOG_EVENT_BYTES);
        let events = check(&[long.as_bytes(), b"\n"], false);
        assert!(events.len() >= 2);
        let text: String = events.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(text, long);
        assert!(events.iter().all(|(text, _)| text.len() <= MAX_LOG_EVENT_BYTES));
        let garbage = vec![0xff; MAX_LOG_EVENT_BYTES];
        let events = check(&[&garbage], true);
        assert!(events.iter().all(|(text, _)| text.len() <= MAX_LOG_EVENT_BYTES));
    }

    #[test]
    fn exactly_the_limit_is_one_event() {
        let exact = vec![b'x'; MAX_LOG_EVENT_BYTES];
        assert_eq!(check(&[&exact, b"\n"], false).len(), 1);
    }
}
