//! Images that no task uses any more are removed, so that the disk does not fill with every version there ever was.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use gantry_runtime::Engine;
use tokio::time::Instant;
use tracing::{info, warn};

/// How often is looked, and how long an image stays after its last task.
const ROUND: Duration = Duration::from_secs(30 * 60);
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// At once, so that nothing else has to wait long.
const MOST: usize = 5;

/// When each image was last seen in use, as far as this run of the agent knows.
#[derive(Debug, Default)]
pub struct Unused {
    since: HashMap<String, Instant>,
}

impl Unused {
    /// The images to remove now, the longest unused first: those that were unused for long enough, and those that are
    /// more than `most_bytes` of unused ones. `present` has each image's size.
    fn due(
        &mut self,
        present: &HashMap<String, u64>,
        used: &HashSet<String>,
        most_bytes: u64,
        now: Instant,
    ) -> Vec<String> {
        self.since.retain(|image, _| present.contains_key(image) && !used.contains(image));
        for image in present.keys().filter(|image| !used.contains(*image)) {
            self.since.entry(image.clone()).or_insert(now);
        }
        let mut unused: Vec<(Instant, &String)> =
            self.since.iter().map(|(image, since)| (*since, image)).collect();
        unused.sort();
        let size = |image: &String| present.get(image).copied().unwrap_or(0);
        let mut bytes: u64 = unused.iter().map(|(_, image)| size(image)).sum();
        let mut due = Vec::new();
        for (since, image) in unused {
            if now.duration_since(since) < KEPT && bytes <= most_bytes {
                break;
            }
            bytes = bytes.saturating_sub(size(image));
            due.push(image.clone());
        }
        due.truncate(MOST);
        due
    }
}

/// Looks again and again; `used` answers the references of all tasks that the node holds.
pub async fn keep(
    engine: Arc<dyn Engine>,
    most_bytes: u64,
    used: impl Fn() -> HashSet<String> + Send + 'static,
) {
    let mut unused = Unused::default();
    let mut rounds = tokio::time::interval(ROUND);
    loop {
        rounds.tick().await;
        let present = match engine.images().await {
            Ok(images) => {
                images.into_iter().map(|image| (image.reference, image.size_bytes)).collect::<HashMap<_, _>>()
            }
            Err(error) => {
                warn!(%error, "images can't be listed now");
                continue;
            }
        };
        for image in unused.due(&present, &used(), most_bytes, Instant::now()) {
            match engine.remove_image(&image).await {
                Ok(()) => info!(%image, "an image that no task uses was removed"),
                Err(error) => warn!(%image, %error, "an unused image stays for now"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_image_goes_when_it_was_unused_for_long() {
        let start = Instant::now();
        let mut unused = Unused::default();
        let present = HashMap::from([("a".to_owned(), 10), ("b".to_owned(), 20)]);
        let used = |images: &[&str]| images.iter().map(|it| (*it).to_owned()).collect();
        let mut due = |images: &[&str], at| unused.due(&present, &used(images), 100, start + at);
        assert!(due(&["a"], Duration::ZERO).is_empty());
        assert!(due(&["a"], KEPT - ROUND).is_empty());
        assert_eq!(due(&["a"], KEPT), ["b"]);
        assert!(due(&["a", "b"], KEPT).is_empty(), "used again");
        assert!(due(&["a"], KEPT + ROUND).is_empty(), "its time begins anew");
    }

    #[tokio::test]
    async fn what_is_unused_has_a_bounded_size() {
        let start = Instant::now();
        let mut unused = Unused::default();
        let mut present = HashMap::from([("old".to_owned(), 60)]);
        assert!(unused.due(&present, &HashSet::new(), 100, start).is_empty());
        present.insert("new".to_owned(), 60);
        present.insert("used".to_owned(), 1000);
        let used = HashSet::from(["used".to_owned()]);
        assert_eq!(unused.due(&present, &used, 100, start + ROUND), ["old"]);
    }
}
