//! `gantry store move`: the control plane's state from one store into another.

use anyhow::{Context, Result, bail};
use gantry_store::{Etcd, Moved, Redb, copy_store, copy_to_directory};
use serde_json::json;

use crate::claim::Claim;
use crate::cli::{Move, Place};
use crate::layout::Layout;

pub fn run(options: &Move, as_json: bool) -> Result<()> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("another TLS provider was installed before"))?;
    let moved = super::runtime()?.block_on(between(options))?;
    let mut words = format!(
        "moved {} rows and {} log events' chunks, and found each of them again",
        moved.rows.keys, moved.log_events.keys
    );
    if moved.rows.leased > 0 {
        words += &format!(" ({} that ended with their leases stayed behind)", moved.rows.leased);
    }
    words += "\nThe master key, the authority and images are not in a store: take DATA/master.key, DATA/pki and the images along.";
    let fields =
        json!({ "keys": moved.rows.keys, "log_events": moved.log_events.keys, "leased": moved.rows.leased });
    super::say(as_json, &words, fields);
    Ok(())
}

struct Both {
    rows: Moved,
    log_events: Moved,
}

async fn between(options: &Move) -> Result<Both> {
    match (&options.from, &options.to) {
        (Place::Redb(from), Place::Etcd(to)) => {
            let layout = Layout::of(Some(from))?;
            let _claim = at_rest(&layout)?;
            if !layout.store().exists() {
                bail!("there is no Gantry in {}", layout.data().display());
            }
            let rows = Redb::open(layout.store())?;
            let to = Etcd::open(&options.tls.apply(to)).await?;
            let log_events = match layout.logs().exists() {
                true => copy_store(&Redb::open(layout.logs())?, &to.beside("logs")).await?,
                false => Moved::default(),
            };
            // The rows come last: with them it is a store that replicas serve.
            Ok(Both { log_events, rows: copy_store(&rows, &to).await? })
        }
        (Place::Etcd(from), Place::Redb(to)) => {
            let layout = Layout::of(Some(to))?;
            let made = layout.create()?;
            let _claim = at_rest(&layout)?;
            let from = Etcd::open(&options.tls.apply(from)).await?;
            if let Some(leader) = gantry_reconcile::leader::leader(&from).await? {
                bail!("replica {leader} leads on this store: stop all replicas first");
            }
            let log_events = copy_to_directory(&from.beside("logs"), &layout.logs()).await?;
            let rows = copy_to_directory(&from, &layout.store()).await;
            let rows = rows.with_context(|| format!("{} can't be made", layout.store().display()))?;
            made.keep();
            Ok(Both { log_events, rows })
        }
        (Place::Redb(_), Place::Redb(_)) => {
            bail!("from one data directory to another, use gantry backup and gantry restore")
        }
        (Place::Etcd(from), Place::Etcd(to)) => {
            let from = Etcd::open(&options.tls.apply(from)).await?;
            let to = Etcd::open(&options.tls.apply(to)).await?;
            let log_events = copy_store(&from.beside("logs"), &to.beside("logs")).await?;
            Ok(Both { log_events, rows: copy_store(&from, &to).await? })
        }
    }
}

/// Keeps every Gantry from the directory while its state is moved.
fn at_rest(layout: &Layout) -> Result<Claim> {
    layout.create()?.keep();
    Claim::take(layout)
}
