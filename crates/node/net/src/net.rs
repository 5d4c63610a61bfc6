//! The door: attach, detach, and sockets inside.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::net::{SocketAddrV4, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Mutex;

use crate::error::{NetError, Result};
use crate::name::{Instance, Label};
use crate::namespace::{Namespace, apart};
use crate::netlink::{Change, Netlink};
use crate::router::{self, Router};
use crate::{Attachment, Cidr, Vpc, firewall, host, rules, task};

/// How many namespaces are worked on at once.
const AT_ONCE: usize = 8;

#[derive(Debug, Clone)]
pub struct Config {
    pub instance: Instance,
    /// Where the namespaces have their files; owned by this instance alone.
    pub run_dir: PathBuf,
}

/// The networks of one instance on this host. Cheap to clone.
#[derive(Clone)]
pub struct Net {
    shared: Arc<Shared>,
}

struct Shared {
    config: Config,
    routers: Mutex<HashMap<Label, Arc<Router>>>,
    work: tokio::sync::Semaphore,
}

impl Net {
    /// Nothing is changed yet but that the host forwards; call [`Net::retain`] to remove what an earlier run left.
    pub async fn open(config: Config) -> Result<Self> {
        fs::create_dir_all(&config.run_dir).map_err(NetError::file(&config.run_dir))?;
        apart("net-open", host::forward).await?;
        Ok(Self {
            shared: Arc::new(Shared {
                config,
                routers: Mutex::default(),
                work: tokio::sync::Semaphore::new(AT_ONCE),
            }),
        })
    }

    /// Where the namespace of a task is mounted, whether it is there or not.
    pub fn namespace_of(&self, task: &Label) -> PathBuf {
        task::path(&self.shared.config.run_dir, task)
    }

    /// Makes the task's network as it shall be; its rules are in force when this returns. Also brings the rules and
    /// the public address of an attached task up to date.
    pub async fn attach(&self, wanted: Attachment) -> Result<PathBuf> {
        let router = self.router(&wanted.vpc).await?;
        let file = self.namespace_of(&wanted.task);
        let wanted = Arc::new(wanted);
        let before = router.task(&wanted.task);
        router.want(Arc::clone(&wanted));
        let moved = before.as_ref().is_none_or(|before| before.private_ipv4 != wanted.private_ipv4);
        let plugged = async {
            if !moved && file.exists() {
                return Ok(());
            }
            let run_dir = self.shared.config.run_dir.clone();
            let (router, wanted) = (Arc::clone(&router), Arc::clone(&wanted));
            let _turn = self.turn().await;
            apart("net-attach", move || task::ensure(&run_dir, &router, &wanted)).await
        };
        let (plugged, ruled) = tokio::join!(plugged, router.apply_rules());
        plugged?;
        ruled?;
        let old = before.and_then(|before| before.public_ipv4);
        if old != wanted.public_ipv4 {
            self.route_public(&router, old, wanted.public_ipv4).await?;
        }
        Ok(file)
    }

    /// A namespace with loopback only.
    pub async fn attach_lone(&self, task: &Label) -> Result<PathBuf> {
        let run_dir = self.shared.config.run_dir.clone();
        let label = task.clone();
        let _turn = self.turn().await;
        apart("net-attach", move || task::ensure_lone(&run_dir, &label)).await?;
        Ok(self.namespace_of(task))
    }

    /// Removes the task's network. What is not there is fine.
    pub async fn detach(&self, task: &Label) -> Result<()> {
        let routers: Vec<Arc<Router>> = self.shared.routers.lock().await.values().cloned().collect();
        for router in &routers {
            if let Some(gone) = router.forget(task) {
                if gone.public_ipv4.is_some() {
                    self.route_public(router, gone.public_ipv4, None).await?;
                }
                router.apply_rules().await?;
            }
        }
        let _turn = self.turn().await;
        self.remove(task.clone()).await
    }

    /// Removes the networks of all tasks but these, and the routers that then have no task.
    pub async fn retain(&self, tasks: &HashSet<Label>) -> Result<()> {
        let mut removals = tokio::task::JoinSet::new();
        for task in self.named("t-")? {
            if !tasks.contains(&task) {
                let net = self.clone();
                removals.spawn(async move { net.detach(&task).await });
            }
        }
        while let Some(removed) = removals.join_next().await {
            removed.map_err(|_| NetError::Lost)??;
        }
        if tasks.is_empty() {
            self.remove_idle_routers().await?;
        }
        Ok(())
    }

    /// Removes every router that has no task, and with the last the host's table. Call it when no task is being
    /// attached.
    pub async fn remove_idle_routers(&self) -> Result<()> {
        let mut routers = self.shared.routers.lock().await;
        let lone = self.named("t-")?.is_empty();
        for vpc in self.named("r-")? {
            // A router that this run does not know may have tasks that have not been attached again yet.
            let idle = match routers.get(&vpc) {
                Some(router) => router.tasks().is_empty(),
                None => lone,
            };
            if !idle {
                continue;
            }
            routers.remove(&vpc);
            let config = self.shared.config.clone();
            apart("net-remove", move || Router::remove(&config.instance, &config.run_dir, &vpc)).await?;
        }
        match self.named("r-")?.is_empty() {
            true => self.apply_host_rules(false).await,
            false => Ok(()),
        }
    }

    /// A listening TCP socket in the namespace of a task; not blocking.
    pub async fn listen(&self, task: &Label, at: SocketAddrV4) -> Result<TcpListener> {
        let namespace = self.task_namespace(task)?;
        inside(namespace, format!("listen at {at}"), move || {
            let listener = TcpListener::bind(at)?;
            listener.set_nonblocking(true)?;
            Ok(listener)
        })
        .await
    }

    /// Sockets in the router of a VPC for its resolver: one for UDP and one for TCP at each of its two addresses.
    pub async fn resolver_sockets(&self, vpc: &Vpc) -> Result<(Vec<UdpSocket>, Vec<TcpListener>)> {
        let router = self.router(vpc).await?;
        router.apply_rules().await?;
        let addresses = [vpc.resolver(), crate::LINK_LOCAL_RESOLVER];
        inside(Arc::clone(&router.namespace), "open the resolver's sockets".to_owned(), move || {
            let mut udp = Vec::new();
            let mut tcp = Vec::new();
            for address in addresses {
                let at = SocketAddrV4::new(address, 53);
                let socket = UdpSocket::bind(at)?;
                socket.set_nonblocking(true)?;
                udp.push(socket);
                let listener = TcpListener::bind(at)?;
                listener.set_nonblocking(true)?;
                tcp.push(listener);
            }
            Ok((udp, tcp))
        })
        .await
    }

    fn task_namespace(&self, task: &Label) -> Result<Arc<Namespace>> {
        Namespace::open(&self.namespace_of(task))?
            .map(Arc::new)
            .ok_or_else(|| NetError::UnknownTask(task.clone()))
    }

    async fn turn(&self) -> tokio::sync::SemaphorePermit<'_> {
        self.shared.work.acquire().await.expect("the semaphore is never closed")
    }

    async fn router(&self, vpc: &Vpc) -> Result<Arc<Router>> {
        let mut routers = self.shared.routers.lock().await;
        if let Some(router) = routers.get(&vpc.id) {
            if router.vpc.cidr.network() != vpc.cidr.network() {
                return Err(NetError::VpcChanged {
                    vpc: vpc.id.clone(),
                    known: router.vpc.cidr,
                    given: vpc.cidr,
                });
            }
            return Ok(Arc::clone(router));
        }
        let config = self.shared.config.clone();
        let wanted = vpc.clone();
        let router =
            apart("net-router", move || Router::ensure(&config.instance, &config.run_dir, wanted)).await?;
        if routers.is_empty() {
            // The first of this run; an earlier one may have left the table or not.
            self.apply_host_rules(true).await?;
        }
        let router = Arc::new(router);
        routers.insert(vpc.id.clone(), Arc::clone(&router));
        Ok(router)
    }

    async fn apply_host_rules(&self, routers: bool) -> Result<()> {
        let text = rules::host(&self.shared.config.instance, routers);
        apart("net-rules", move || firewall::apply(&text)).await
    }

    async fn route_public(
        &self,
        router: &Router,
        old: Option<std::net::Ipv4Addr>,
        new: Option<std::net::Ipv4Addr>,
    ) -> Result<()> {
        let (uplink, via) = (router.uplink, router.gateway_of_host());
        apart("net-public", move || {
            let mut netlink = Netlink::open().map_err(NetError::kernel("open a netlink socket"))?;
            if let Some(old) = old {
                let gone = Change::delete_route(uplink, Cidr::host(old), Some(via));
                netlink.apply(vec![gone])?;
            }
            let Some(new) = new.map(Cidr::host) else {
                return Ok(());
            };
            match host::route_if_free(&mut netlink, uplink, new, via)? {
                None => Ok(()),
                Some(by) => Err(NetError::RouteTaken { address: new, by }),
            }
        })
        .await
    }

    /// Takes the port out of whatever router has it, and removes the namespace.
    async fn remove(&self, task: Label) -> Result<()> {
        let run_dir = self.shared.config.run_dir.clone();
        let vpcs = self.named("r-")?;
        apart("net-detach", move || {
            for vpc in vpcs {
                if let Some(router) = Namespace::open(&router::path(&run_dir, &vpc))? {
                    task::unplug(&router, &task)?;
                }
            }
            Namespace::remove(&task::path(&run_dir, &task))
        })
        .await
    }

    /// Ids in the names of files that begin with `kind`. A file that this crate did not name is passed over.
    fn named(&self, kind: &str) -> Result<Vec<Label>> {
        let dir: &Path = &self.shared.config.run_dir;
        let mut found = Vec::new();
        for entry in fs::read_dir(dir).map_err(NetError::file(dir))? {
            let name = entry.map_err(NetError::file(dir))?.file_name();
            let label = name.to_str().and_then(|name| name.strip_prefix(kind));
            if let Some(Ok(label)) = label.map(str::parse) {
                found.push(label);
            }
        }
        Ok(found)
    }
}

async fn inside<T: Send + 'static>(
    namespace: Arc<Namespace>,
    what: String,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T> {
    apart("net-socket", move || {
        namespace.enter()?;
        work().map_err(NetError::kernel(what))
    })
    .await
}
