//! Emptying everything, in development only.

use std::sync::Arc;

use gantry_base::Authority;
use gantry_gateway::gateway::Reset;
use gantry_store::{Db, Op, Order, Range};

use super::services::Services;

/// Tables that say what there is outside of the store: the nodes and how far they have come. Without them the
/// next desired set would look older than what nodes have.
const KEPT: &[&str] = &["t/ecs.node/"];
/// Rows deleted in one transaction.
const BATCH: usize = 1000;

/// Whoever started Gantry with `--dev` lets everybody empty it.
struct Development;

impl Authority for Development {
    fn describe(&self) -> String {
        "development: everything is emptied".to_owned()
    }
}

/// Deletes every row but the nodes'; nodes then remove what they are not told to run.
pub fn reset(db: Db, services: Services) -> Reset {
    let services = Arc::new(services);
    Box::new(move || {
        let (db, services) = (db.clone(), services.clone());
        Box::pin(async move {
            tracing::info!(by = Development.describe(), "reset");
            delete_rows(&db).await.map_err(|error| error.to_string())?;
            services.clear_file_systems().await.map_err(|error| error.to_string())?;
            let mut tx = db.begin();
            tx.wake("load_balancing");
            tx.commit(&Development).await.map_err(|error| error.to_string())?;
            services.audit.trail.clear().await.map_err(|error| error.to_string())?;
            services
                .log_events
                .redb()
                .map_err(|error| error.to_string())?
                .clear()
                .await
                .map_err(|error| error.to_string())?;
            services.ecs.tell_nodes(&Development).await.map_err(|failure| format!("{failure:?}"))
        })
    })
}

async fn delete_rows(db: &Db) -> Result<(), gantry_store::StoreError> {
    let kv = db.kv();
    for prefix in ["t/", "o/"] {
        let mut range = Range::prefix(prefix);
        loop {
            let page = kv.range(range.clone(), BATCH, Order::Ascending).await?;
            let kept = |key: &[u8]| KEPT.iter().any(|kept| key.starts_with(kept.as_bytes()));
            let Some(last) = page.kvs.last().map(|kv| kv.key.clone()) else { break };
            let ops: Vec<Op> = page
                .kvs
                .into_iter()
                .filter(|kv| !kept(&kv.key))
                .map(|kv| Op::Delete { key: kv.key })
                .collect();
            if !ops.is_empty() {
                kv.txn(Vec::new(), ops).await?;
            }
            if !page.more {
                break;
            }
            range.start = gantry_store::kv::successor(&last);
        }
    }
    Ok(())
}
