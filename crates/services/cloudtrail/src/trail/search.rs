//! Looking through the trail, newest first, in bounded steps.

use std::io;
use std::path::Path;

use gantry_base::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::segment::{Segment, list};

/// How many bytes of lines one page looks at before it says how far it came.
const STEP: usize = 64 << 20;
/// By how much a clock may have been set back while the trail was written.
const SLACK: i64 = 60_000;

/// What is looked for.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// The first and the last moment.
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// Texts that a line must have, as JSON writes them: `"eventName":"RunTask"`. They only spare reading what
    /// cannot fit; `fits` decides.
    pub has: Vec<String>,
    /// Which events fit.
    pub fits: Fits,
    /// Where to go on: only what is older than this place.
    pub before: Option<Place>,
    pub limit: usize,
}

/// A test of an event.
#[derive(Clone)]
pub struct Fits(pub std::sync::Arc<dyn Fn(&Value) -> bool + Send + Sync>);

impl Default for Fits {
    fn default() -> Self {
        Fits(std::sync::Arc::new(|_| true))
    }
}

impl std::fmt::Debug for Fits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fits")
    }
}

/// A line of the trail: its segment, and how many lines of it come before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub segment: i64,
    pub line: usize,
}

/// An event of the trail.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    /// When it was written.
    pub moment: Timestamp,
    /// Where it stands; what is older is before it.
    pub place: Place,
    pub event: Value,
}

/// Events that fit, newest first, and where to go on. A page may be empty and yet not the last.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Page {
    pub events: Vec<Entry>,
    pub next: Option<Place>,
}

/// One page of the trail in `folder`.
pub fn page(folder: &Path, query: &Query) -> io::Result<Page> {
    let segments = list(folder)?;
    let mut page = Page::default();
    let mut seen = 0;
    for (at, segment) in segments.iter().enumerate().rev() {
        let beyond = query.before.is_some_and(|before| segment.name > before.segment);
        let too_new = query.until.is_some_and(|until| segment.name > until.as_millis().saturating_add(SLACK));
        if beyond || too_new {
            continue;
        }
        let ends = segments.get(at + 1).map_or(i64::MAX, |next| next.name);
        if query.from.is_some_and(|from| ends < from.as_millis().saturating_sub(SLACK)) {
            break;
        }
        if seen >= STEP {
            page.next = Some(Place { segment: segment.name, line: usize::MAX });
            return Ok(page);
        }
        let Some(text) = there(segment.read(folder))? else { continue };
        seen += text.len();
        if look(segment, &text, query, &mut page) {
            return Ok(page);
        }
    }
    Ok(page)
}

/// A segment that was removed since it was listed has nothing.
fn there(read: io::Result<Vec<u8>>) -> io::Result<Option<Vec<u8>>> {
    match read {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Adds what fits of one segment; true when the page is full and there is more.
fn look(segment: &Segment, text: &[u8], query: &Query, page: &mut Page) -> bool {
    let text = String::from_utf8_lossy(text);
    let lines: Vec<&str> = text.lines().collect();
    let end = match query.before {
        Some(before) if before.segment == segment.name => before.line.min(lines.len()),
        _ => lines.len(),
    };
    for (at, line) in lines[..end].iter().enumerate().rev() {
        let Some((moment, event)) = line.split_once(' ') else { continue };
        let Ok(moment) = moment.parse().map(Timestamp::from_millis) else { continue };
        let outside =
            query.from.is_some_and(|from| moment < from) || query.until.is_some_and(|until| moment > until);
        if outside || !query.has.iter().all(|part| event.contains(part.as_str())) {
            continue;
        }
        let Ok(event) = serde_json::from_str::<Value>(event) else { continue };
        if !(query.fits.0)(&event) {
            continue;
        }
        if page.events.len() == query.limit {
            page.next = Some(Place { segment: segment.name, line: at + 1 });
            return true;
        }
        page.events.push(Entry { moment, place: Place { segment: segment.name, line: at }, event });
    }
    false
}
