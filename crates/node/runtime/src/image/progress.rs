//! How far pulls have come.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::manifest::Descriptor;
use crate::engine::image::PullProgress;

/// What is being pulled. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Progress(Arc<Mutex<Under>>);

#[derive(Default)]
struct Under {
    /// The layers that each pull waits for, by its image's reference.
    pulls: HashMap<String, Vec<(String, u64)>>,
    /// How many bytes have come of a blob, by its digest; kept while anything is pulled.
    blobs: HashMap<String, Arc<AtomicU64>>,
}

/// A pull that is told of as long as this lives.
pub(crate) struct Told {
    progress: Progress,
    reference: String,
}

impl Progress {
    fn under(&self) -> MutexGuard<'_, Under> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn begin(&self, reference: &str, layers: &[Descriptor]) -> Told {
        let layers = layers.iter().map(|it| (it.digest.clone(), it.size)).collect();
        self.under().pulls.insert(reference.to_owned(), layers);
        Told { progress: self.clone(), reference: reference.to_owned() }
    }

    /// Where it is counted what has come of a blob.
    pub(crate) fn of(&self, digest: &str) -> Arc<AtomicU64> {
        Arc::clone(self.under().blobs.entry(digest.to_owned()).or_default())
    }

    /// All pulls, by their images' references.
    pub(crate) fn look(&self) -> Vec<PullProgress> {
        let under = self.under();
        let done = |(digest, size): &(String, u64)| {
            under.blobs.get(digest).map_or(0, |it| it.load(Ordering::Relaxed)).min(*size)
        };
        let of = |(reference, layers): (&String, &Vec<(String, u64)>)| PullProgress {
            reference: reference.clone(),
            done_bytes: layers.iter().map(done).sum(),
            bytes: layers.iter().map(|(_, size)| size).sum(),
        };
        let mut all: Vec<PullProgress> = under.pulls.iter().map(of).collect();
        all.sort_by(|a, b| a.reference.cmp(&b.reference));
        all
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        let mut under = self.progress.under();
        under.pulls.remove(&self.reference);
        if under.pulls.is_empty() {
            under.blobs.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_that_pulls_share_count_for_each() {
        let progress = Progress::default();
        let layer = |digest: &str, size| Descriptor {
            digest: digest.into(),
            size,
            media_type: String::new(),
            platform: None,
        };
        let a = progress.begin("a", &[layer("1", 10), layer("2", 20)]);
        let b = progress.begin("b", &[layer("1", 10)]);
        progress.of("1").store(7, Ordering::Relaxed);
        let seen = progress.look();
        let numbers = |at: usize| (seen[at].reference.as_str(), seen[at].done_bytes, seen[at].bytes);
        assert_eq!((numbers(0), numbers(1)), (("a", 7, 30), ("b", 7, 10)));
        drop((a, b));
        assert!(progress.look().is_empty());
    }
}
