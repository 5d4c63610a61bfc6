//! The etcd engine under test.

use std::time::Duration;

use gantry_store::{Etcd, Kv, Location};

use super::Harness;

/// etcd, whose time can't be moved: leases are made so long that none runs out.
pub struct EtcdHarness {
    etcd: Etcd,
    location: Location,
}

impl EtcdHarness {
    pub async fn new(location: Location) -> Self {
        EtcdHarness { etcd: Etcd::open(&location).await.unwrap(), location }
    }
}

#[async_trait::async_trait]
impl Harness for EtcdHarness {
    fn kv(&self) -> &dyn Kv {
        &self.etcd
    }
    async fn advance(&self, _: Duration) {}
    async fn reopen(&mut self) -> bool {
        self.etcd = Etcd::open(&self.location).await.unwrap();
        true
    }
}
