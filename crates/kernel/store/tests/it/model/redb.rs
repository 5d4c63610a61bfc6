//! The redb engine under test.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gantry_store::{Kv, Options, Redb};

use super::Harness;

/// redb with a clock that is moved by hand.
pub struct RedbHarness {
    redb: Option<Redb>,
    dir: Option<tempfile::TempDir>,
    millis: Arc<AtomicU64>,
    options: Options,
}

impl RedbHarness {
    pub fn new(on_disk: bool, tail_bytes: usize) -> Self {
        let millis = Arc::new(AtomicU64::new(0));
        let shown = millis.clone();
        let time = Arc::new(move || Duration::from_millis(shown.load(Ordering::SeqCst)));
        let options = Options { tail_bytes, time, ..Options::default() };
        let dir = on_disk.then(|| tempfile::tempdir().unwrap());
        let redb = match &dir {
            Some(dir) => Redb::open_with(dir.path(), options.clone()).unwrap(),
            None => Redb::in_memory_with(options.clone()).unwrap(),
        };
        RedbHarness { redb: Some(redb), dir, millis, options }
    }
}

#[async_trait::async_trait]
impl Harness for RedbHarness {
    fn kv(&self) -> &dyn Kv {
        self.redb.as_ref().unwrap()
    }
    async fn advance(&self, time: Duration) {
        self.millis.fetch_add(time.as_millis() as u64, Ordering::SeqCst);
        self.redb.as_ref().unwrap().expire_leases().await.unwrap();
    }
    async fn reopen(&mut self) -> bool {
        let Some(dir) = &self.dir else { return false };
        self.redb = None;
        self.redb = Some(Redb::open_with(dir.path(), self.options.clone()).unwrap());
        true
    }
}
