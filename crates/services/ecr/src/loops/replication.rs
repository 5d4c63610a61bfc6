//! What was pushed is copied to where its registry wants it.

use async_trait::async_trait;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_service::Failure;
use gantry_store::{Key, Scan, StoreError, key};

use super::{REPLICATION as NAME, unless_conflict};
use crate::Ecr;
use crate::error::EcrError;
use crate::tables::{COPIED, COPIES, Copied, Copying};

/// How many copies one pass makes.
const AT_ONCE: usize = 50;

/// Makes copies.
pub struct Replication(pub Ecr);

impl Replication {
    async fn make(&self, by: &Pass, row: &Key, copy: &Copying) -> Result<(), PassError> {
        let digest = row.parts().get(1).and_then(|digest| digest.parse().ok());
        let failure = match digest {
            None => Some("ImageNotFound"),
            Some(digest) => match self.0.copy(by, copy, digest).await {
                Ok(made) => made.err(),
                Err(EcrError::Failed(Failure::Conflict)) => return Err(StoreError::Conflict.into()),
                Err(error) => return Err(format!("{error:?}").into()),
            },
        };
        if let Some(why) = failure {
            tracing::warn!(
                why, repository = %copy.repository, registry = %copy.to.registry, region = %copy.to.region,
                "an image can't be replicated"
            );
        }
        let mut tx = self.0.db.begin();
        // Pushed again meanwhile, perhaps under another tag, it is copied again.
        let Some(now) = tx.get(&COPIES, row).await? else { return Ok(()) };
        if now.tag != copy.tag {
            return Ok(());
        }
        tx.delete(&COPIES, row);
        let failure = failure.map(str::to_owned);
        tx.put(&COPIED, row, &Copied { to: copy.to.clone(), failure, over: true });
        unless_conflict(tx.commit(by).await)?;
        Ok(())
    }
}

#[async_trait]
impl Loop for Replication {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        let copies = self.0.db.begin().peek_scan(&COPIES, &key!(), Scan::first(AT_ONCE)).await?;
        for (row, copy) in &copies {
            self.make(by, row, copy).await?;
        }
        Ok(if copies.len() == AT_ONCE { Next::Again } else { Next::Wait })
    }
}
