//! Machines that come with an activation of Systems Manager, for whoever makes nodes of them.

use async_trait::async_trait;
use gantry_base::{AccountId, Region, Timestamp};
use gantry_store::{StoreError, Tx};

/// Where an activation lets a machine in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activated {
    pub account: AccountId,
    pub region: Region,
}

/// Activations by their ids.
#[async_trait]
pub trait Activations: Send + Sync {
    /// Counts one more machine that comes with the activation; none where it or its code is not good (any more).
    async fn redeem(
        &self,
        tx: &mut Tx,
        id: &str,
        code: &str,
        now: Timestamp,
    ) -> Result<Option<Activated>, StoreError>;
}
