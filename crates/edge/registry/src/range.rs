//! Parts of content, as headers name them.

use gantry_ecr_core::ByteRange;

/// What a `Range` header asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// All of it: there is no header, or one that may be ignored, such as several ranges.
    All,
    /// A part.
    Part(ByteRange),
    /// A part that the content does not have.
    Unsatisfiable,
}

/// What the `Range` header asks for of content of that size.
pub fn asked(header: Option<&str>, size: u64) -> Asked {
    let Some((first, last)) = header.and_then(parse) else { return Asked::All };
    let range = match (first, last) {
        (Some(first), Some(last)) if first > last => return Asked::All,
        (Some(first), last) => {
            ByteRange { start: first, end: last.map_or(size, |last| last.saturating_add(1).min(size)) }
        }
        (None, Some(suffix)) => ByteRange { start: size.saturating_sub(suffix), end: size },
        (None, None) => return Asked::All,
    };
    if range.start >= range.end { Asked::Unsatisfiable } else { Asked::Part(range) }
}

fn parse(header: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (first, last) = header.trim().strip_prefix("bytes=")?.split_once('-')?;
    Some((number_or_none(first)?, number_or_none(last)?))
}

fn number_or_none(text: &str) -> Option<Option<u64>> {
    let text = text.trim();
    if text.is_empty() { Some(None) } else { number(text).map(Some) }
}

/// Digits and nothing else; Rust's own reading would take a `+`.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// The first and the last byte of a piece of an upload: `0-1023`, or as HTTP has it `bytes 0-1023/*`.
pub fn content_range(header: &str) -> Option<ByteRange> {
    let range = header.trim();
    let range = range.strip_prefix("bytes ").unwrap_or(range);
    let range = range.split('/').next()?;
    let (first, last) = range.split_once('-')?;
    let (start, end) = (number(first.trim())?, number(last.trim())?.checked_add(1)?);
    (start < end).then_some(ByteRange { start, end })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(start: u64, end: u64) -> Asked {
        Asked::Part(ByteRange { start, end })
    }

    #[test]
    fn ranges_are_read_as_http_has_them() {
        for (header, asked_for) in [
            ("bytes=0-0", part(0, 1)),
            ("bytes=2-5", part(2, 6)),
            ("bytes=5-", part(5, 10)),
            ("bytes=5-999", part(5, 10)),
            ("bytes=-3", part(7, 10)),
            ("bytes=-30", part(0, 10)),
            ("bytes=10-", Asked::Unsatisfiable),
            ("bytes=10-20", Asked::Unsatisfiable),
            ("bytes=-0", Asked::Unsatisfiable),
            ("bytes=0-18446744073709551615", part(0, 10)),
            ("bytes=0-99999999999999999999999", Asked::All),
            ("bytes=5-2", Asked::All),
            ("bytes=-", Asked::All),
            ("bytes=0-1,4-5", Asked::All),
            ("bytes=+1-2", Asked::All),
            ("lines=1-2", Asked::All),
            ("bytes=a-b", Asked::All),
        ] {
            assert_eq!(asked(Some(header), 10), asked_for, "{header}");
        }
        assert_eq!(asked(None, 10), Asked::All);
        assert_eq!(asked(Some("bytes=0-"), 0), Asked::Unsatisfiable);
    }

    #[test]
    fn pieces_of_uploads_are_read_in_both_forms() {
        let range = Some(ByteRange { start: 5, end: 10 });
        assert_eq!(content_range("5-9"), range);
        assert_eq!(content_range("bytes 5-9/*"), range);
        assert_eq!(content_range("bytes 5-9/20"), range);
        for bad in ["", "-", "9-5", "a-b", "5", "5-18446744073709551615", "-5-9", "5--9", "bytes */5"] {
            assert_eq!(content_range(bad), None, "{bad}");
        }
    }
}
