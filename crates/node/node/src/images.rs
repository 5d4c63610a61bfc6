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
    /// The images to remove now: unused for long enough, the longest first.
    fn due(&mut self, present: &[String], used: &HashSet<String>, now: Instant) -> Vec<String> {
        self.since.retain(|image, _| present.contains(image) && !used.contains(image));
        for image in present.iter().filter(|image| !used.contains(*image)) {
            self.since.entry(image.clone()).or_insert(now);
        }
        let mut due: Vec<(Instant, String)> = self
            .since
            .iter()
            .filter(|(_, since)| now.duration_since(**since) >= KEPT)
            .map(|(image, since)| (*since, image.clone()))
            .collect();
        due.sort();
        due.into_iter().take(MOST).map(|(_, image)| image).collect()
    }
}

/// Looks again and again; `used` answers the references of all tasks that the node holds.
pub async fn keep(engine: Arc<dyn Engine>, used: impl Fn() -> HashSet<String> + Send + 'static) {
    let mut unused = Unused::default();
    let mut rounds = tokio::time::interval(ROUND);
    loop {
        rounds.tick().await;
        let present = match engine.images().await {
            Ok(images) => images.into_iter().map(|image| image.reference).collect::<Vec<_>>(),
            Err(error) => {
                warn!(%error, "images can't be listed now");
                continue;
            }
        };
        for image in unused.due(&present, &used(), Instant::now()) {
            match engine.remove_image(&image).await {
                Ok(()) => info!(%image, "an image that no task used for a day was removed"),
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
        let present = ["a".to_owned(), "b".to_owned()];
        let used = |images: &[&str]| images.iter().map(|it| (*it).to_owned()).collect();
        let mut due = |images: &[&str], at| unused.due(&present, &used(images), start + at);
        assert!(due(&["a"], Duration::ZERO).is_empty());
        assert!(due(&["a"], KEPT - ROUND).is_empty());
        assert_eq!(due(&["a"], KEPT), ["b"]);
        assert!(due(&["a", "b"], KEPT).is_empty(), "used again");
        assert!(due(&["a"], KEPT + ROUND).is_empty(), "its time begins anew");
    }
}
