//! The part of [`Net`] that is about VPCs over several nodes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, MutexGuard, PoisonError};

use tracing::warn;

use crate::error::Result;
use crate::name::Label;
use crate::namespace::apart;
use crate::overlay::{self, Guarded};
use crate::router::Router;
use crate::{Net, Overlay};

impl Net {
    fn overlays(&self) -> MutexGuard<'_, BTreeMap<Label, Arc<Overlay>>> {
        self.shared.overlays.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn overlay_of(&self, vpc: &Label) -> Option<Arc<Overlay>> {
        self.overlays().get(vpc).cloned()
    }

    /// Whether the VPC's router is wanted without tasks.
    pub(crate) fn is_overlaid(&self, vpc: &Label) -> bool {
        self.overlay_of(vpc).is_some_and(|overlay| overlay.wanted)
    }

    /// These are the VPCs that are on other nodes as well, and no others. All ways are there when this returns.
    pub async fn spread(&self, wanted: Vec<Overlay>) -> Result<()> {
        let wanted: BTreeMap<Label, Arc<Overlay>> =
            wanted.into_iter().map(|one| (one.vpc.id.clone(), Arc::new(one))).collect();
        let before = std::mem::replace(&mut *self.overlays(), wanted.clone());
        if before == wanted {
            return Ok(());
        }
        // Who may send is known before anything is taken.
        self.apply_host_rules(false).await?;
        for (vpc, overlay) in &wanted {
            if before.get(vpc) == Some(overlay) {
                continue;
            }
            let router = match overlay.wanted {
                true => Some(self.router(&overlay.vpc).await?),
                false => self.known_router(vpc).await,
            };
            if let Some(router) = router {
                self.lay(&router).await?;
            }
        }
        for vpc in before.keys().filter(|vpc| !wanted.contains_key(vpc)) {
            let Some(router) = self.known_router(vpc).await else { continue };
            router.elsewhere(Vec::new());
            router.apply_rules().await?;
            router.lead(false).await?;
            apart("net-overlay", move || overlay::lift(&router)).await?;
        }
        Ok(())
    }

    /// Makes the ways from a router to other nodes, if there are any.
    pub(crate) async fn lay(&self, router: &Arc<Router>) -> Result<()> {
        let Some(wanted) = self.overlay_of(&router.vpc.id) else { return Ok(()) };
        let (laid, of) = (Arc::clone(router), Arc::clone(&wanted));
        apart("net-overlay", move || overlay::lay(&laid, &of)).await?;
        router.elsewhere(wanted.nodes.clone());
        router.apply_rules().await?;
        // An address that somebody else has on this host is no reason to be without the way between nodes.
        if let Err(error) = router.lead(false).await {
            warn!(vpc = %router.vpc.id, %error, "a public address on another node is not led to from this host");
        }
        Ok(())
    }

    /// Makes the ways of a router anew if some are missing: an address may have moved while its old interface was here.
    pub(crate) async fn mend_overlay(&self, router: &Arc<Router>) -> Result<()> {
        let Some(wanted) = self.overlay_of(&router.vpc.id) else { return Ok(()) };
        let looked = Arc::clone(router);
        if apart("net-mend", move || overlay::is_laid(&looked, &wanted)).await? {
            return Ok(());
        }
        warn!(vpc = %router.vpc.id, "ways to other nodes were missing; they are there again");
        self.lay(router).await
    }

    /// Who may send packets of which network.
    pub(crate) fn guarded(&self) -> BTreeMap<u32, Guarded> {
        let of = |overlay: &Arc<Overlay>| {
            let peers: BTreeSet<_> = overlay.nodes.iter().map(|node| node.address).collect();
            (overlay.vni, Guarded { port: overlay.port, peers })
        };
        self.overlays().values().map(of).collect()
    }
}
