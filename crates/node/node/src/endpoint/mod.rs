//! What containers find at 169.254.170.2: metadata and credentials on port 80, Gantry's endpoint on port 4566; and what
//! the names of Service Connect lead to.
//!
//! The sockets are in the task's namespace, so that only its own containers reach them. A task in the host's network
//! finds metadata and credentials on a port of loopback that is its own, and Gantry's endpoint where the host finds it.

mod balance;
mod clock;
mod connect;
mod counts;
mod credentials;
mod forward;
pub mod introspection;
mod metadata;
mod protection;
mod requests;
mod serve;
mod stats;
mod way;

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};

use gantry_net::{CONNECT, GANTRY, Label, METADATA, NetError, TASK_ENDPOINT};
use gantry_runtime::Engine;
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use counts::Counts;
use introspection::Views;
pub use metadata::docker_name;
pub use protection::Protection;

use crate::known::Known;
use crate::network::Network;
use crate::wish::Task;
use way::FromTask;

/// A task as it is now.
#[derive(Debug, Clone)]
pub struct View {
    pub task: Task,
    pub known: Known,
    /// The container whose process is being started: it may run already, and ask, before that is known.
    pub starting: Option<usize>,
}

pub struct Endpoints {
    network: Arc<dyn Network>,
    engine: Arc<dyn Engine>,
    gantry: SocketAddr,
    protection: Protection,
    pub views: Views,
    /// What was asked by Service Connect.
    pub counts: Counts,
    open: Mutex<HashMap<Label, Vec<AbortOnDropHandle<()>>>>,
}

impl Endpoints {
    pub fn new(
        network: Arc<dyn Network>,
        engine: Arc<dyn Engine>,
        gantry: SocketAddr,
        protection: Protection,
    ) -> Self {
        let (views, counts) = (Views::default(), Counts::default());
        Self { network, engine, gantry, protection, views, counts, open: Mutex::default() }
    }

    /// Serves the task in this network of its own until [`Endpoints::close`]; what is served already goes on.
    pub async fn open(&self, label: &Label, view: watch::Receiver<View>) -> Result<(), NetError> {
        if self.opened().contains_key(label) {
            return Ok(());
        }
        self.views.add(view.clone());
        let connects = view.clone();
        let at = |port| SocketAddrV4::new(TASK_ENDPOINT, port);
        let metadata = self.network.listen(label, at(METADATA.taken)).await?;
        let gantry = self.network.listen(label, at(GANTRY.taken)).await?;
        let is_alone = connects.borrow().task.sent.upstreams.is_empty();
        let names = match is_alone {
            true => None,
            false => self.network.listen(label, CONNECT).await?,
        };
        let mut serving = Vec::new();
        if let Some(listener) = metadata {
            let served = serve::serve(listener, view, Arc::clone(&self.engine), self.protection.clone());
            serving.push(AbortOnDropHandle::new(tokio::spawn(served)));
        }
        if let Some(listener) = names {
            let from = FromTask { network: Arc::clone(&self.network), label: label.clone() };
            let served = connect::serve(listener, from, self.counts.clone(), connects);
            serving.push(AbortOnDropHandle::new(tokio::spawn(served)));
        }
        if let Some(listener) = gantry {
            let served = forward::serve(listener, self.gantry);
            serving.push(AbortOnDropHandle::new(tokio::spawn(served)));
        }
        self.opened().insert(label.clone(), serving);
        Ok(())
    }

    /// Serves a task in the host's network on a port of loopback: `port` if it has one already, for its containers know
    /// it. Answers the port.
    pub fn open_on_host(
        &self,
        task: &Task,
        port: Option<u16>,
        view: watch::Receiver<View>,
    ) -> std::io::Result<u16> {
        if let Some(port) = port
            && self.opened().contains_key(&task.label)
        {
            return Ok(port);
        }
        self.views.add(view.clone());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0)))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let served = serve::serve(listener, view, Arc::clone(&self.engine), self.protection.clone());
        let serving = vec![AbortOnDropHandle::new(tokio::spawn(served))];
        self.opened().insert(task.label.clone(), serving);
        Ok(port)
    }

    pub fn close(&self, task: &Label) {
        self.opened().remove(task);
    }

    fn opened(&self) -> std::sync::MutexGuard<'_, HashMap<Label, Vec<AbortOnDropHandle<()>>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
