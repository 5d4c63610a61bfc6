//! The door: attach, detach, and sockets inside.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::future::Future;
use std::io;
use std::net::{SocketAddrV4, TcpListener, UdpSocket};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::socket::sockopt::IpTransparent;
use nix::sys::socket::{self, AddressFamily, SockFlag, SockType, SockaddrIn, setsockopt};
use tokio::net::TcpSocket;
use tokio::sync::Mutex;
use tracing::{Instrument, debug_span, warn};

use crate::bridge::Bridge;
use crate::error::{NetError, Result};
use crate::name::{Instance, Label};
use crate::namespace::{Namespace, apart};
use crate::opener::Opener;
use crate::router::{self, Router};
use crate::{Attachment, Overlay, Vpc, firewall, host, rules, task};

/// How long it takes at most until a foreign change is noticed.
const LOOK: std::time::Duration = std::time::Duration::from_secs(5);

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
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub config: Config,
    routers: Mutex<HashMap<Label, Arc<Router>>>,
    /// The VPCs that are on other nodes as well.
    pub overlays: std::sync::Mutex<BTreeMap<Label, Arc<Overlay>>>,
    /// The host passes on for routers.
    routed: AtomicBool,
    pub bridge: std::sync::Mutex<Bridge>,
    pub making_bridge: Mutex<()>,
    /// The host's rules that are in force, as far as that is known. Held while they are changed, so that those who wait
    /// share the next change.
    host_rules: Mutex<Option<rules::Host>>,
    work: tokio::sync::Semaphore,
    opener: Opener,
}

impl Net {
    /// Nothing is changed yet but that the host forwards; call [`Net::retain`] to remove what an earlier run left.
    pub async fn open(config: Config) -> Result<Self> {
        fs::create_dir_all(&config.run_dir).map_err(NetError::file(&config.run_dir))?;
        apart("net-open", host::forward).await?;
        let bridge = Bridge::read(&config.run_dir)?;
        Ok(Self {
            shared: Arc::new(Shared {
                config,
                routers: Mutex::default(),
                overlays: std::sync::Mutex::default(),
                routed: AtomicBool::new(false),
                bridge: std::sync::Mutex::new(bridge),
                making_bridge: Mutex::default(),
                host_rules: Mutex::default(),
                work: tokio::sync::Semaphore::new(AT_ONCE),
                opener: Opener::default(),
            }),
        })
    }

    /// Where the namespace of a task is mounted, whether it is there or not.
    pub fn namespace_of(&self, task: &Label) -> PathBuf {
        task::path(&self.shared.config.run_dir, task)
    }

    /// Takes note of tasks that an earlier run may have attached: the first rules that are made have theirs as well, so that
    /// nothing of what they do is dropped meanwhile. What has no namespace is passed over.
    pub async fn expect(&self, tasks: Vec<Attachment>) -> Result<()> {
        for task in tasks {
            if self.namespace_of(&task.task).exists() {
                self.router(&task.vpc).await?.expect(Arc::new(task));
            }
        }
        Ok(())
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
        let plugged = plugged.instrument(debug_span!("plug"));
        let ruled = router.apply_rules().instrument(debug_span!("rules"));
        let (plugged, ruled) = tokio::join!(plugged, ruled);
        plugged?;
        ruled?;
        router.lead(false).await?;
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

    /// Removes the network of a task, or of a container on the bridge. What is not there is fine.
    pub async fn detach(&self, task: &Label) -> Result<()> {
        if self.detach_bridged(task).await? {
            return Ok(());
        }
        let routers: Vec<Arc<Router>> = self.shared.routers.lock().await.values().cloned().collect();
        for router in &routers {
            if router.forget(task).is_some() {
                router.lead(false).await?;
                router.apply_rules().await?;
            }
        }
        let _turn = self.turn().await;
        self.remove(task.clone()).await
    }

    /// Removes the networks of all tasks but these, and the routers that then have no task.
    pub async fn retain(&self, tasks: &HashSet<Label>) -> Result<()> {
        let mut removals = tokio::task::JoinSet::new();
        let bridged: HashSet<Label> = self.bridge().records.keys().cloned().collect();
        let named: HashSet<Label> = self.named("t-")?.into_iter().chain(bridged).collect();
        for task in named {
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
                Some(router) => router.is_idle() && !self.is_overlaid(&vpc),
                None => lone,
            };
            if !idle {
                continue;
            }
            routers.remove(&vpc);
            let config = self.shared.config.clone();
            apart("net-remove", move || Router::remove(&config.instance, &config.run_dir, &vpc)).await?;
        }
        self.remove_idle_bridge().await?;
        self.shared.routed.store(!self.named("r-")?.is_empty(), Ordering::Release);
        self.apply_host_rules(false).await
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

    /// A TCP socket in the namespace of a task that is not connected yet; not blocking.
    pub async fn socket(&self, task: &Label) -> Result<TcpSocket> {
        self.shared.opener.open(task, self.namespace_of(task), TcpSocket::new_v4).await
    }

    /// A TCP socket in the namespace of a load balancer that connects as this client; port 0 is any; not blocking. To
    /// connect to whom another connection from there leads fails with [`io::ErrorKind::AddrNotAvailable`].
    pub async fn socket_as(&self, task: &Label, client: SocketAddrV4) -> Result<TcpSocket> {
        let open = move || {
            let socket = TcpSocket::new_v4()?;
            socket.set_reuseaddr(true)?;
            setsockopt(&socket, IpTransparent, &true)?;
            socket.bind(client.into())?;
            Ok(socket)
        };
        self.shared.opener.open(task, self.namespace_of(task), open).await
    }

    /// The same for datagrams. The port is taken here while another socket has it, whoever that talks to: of two with the
    /// same ends one would get all answers.
    pub async fn datagrams_as(&self, task: &Label, client: SocketAddrV4) -> Result<UdpSocket> {
        let open = move || {
            let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
            let socket = socket::socket(AddressFamily::Inet, SockType::Datagram, flags, None)?;
            setsockopt(&socket, IpTransparent, &true)?;
            socket::bind(socket.as_raw_fd(), &SockaddrIn::from(client))?;
            Ok(UdpSocket::from(socket))
        };
        self.shared.opener.open(task, self.namespace_of(task), open).await
    }

    /// A socket for datagrams in the namespace of a task; not blocking.
    pub async fn datagrams(&self, task: &Label, at: SocketAddrV4) -> Result<UdpSocket> {
        let open = move || {
            let socket = UdpSocket::bind(at)?;
            socket.set_nonblocking(true)?;
            Ok(socket)
        };
        self.shared.opener.open(task, self.namespace_of(task), open).await
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

    pub(crate) async fn known_router(&self, vpc: &Label) -> Option<Arc<Router>> {
        self.shared.routers.lock().await.get(vpc).cloned()
    }

    pub(crate) async fn turn(&self) -> tokio::sync::SemaphorePermit<'_> {
        self.shared.work.acquire().await.expect("the semaphore is never closed")
    }

    pub(crate) async fn router(&self, vpc: &Vpc) -> Result<Arc<Router>> {
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
            self.shared.routed.store(true, Ordering::Release);
            self.apply_host_rules(false).await?;
        }
        let router = Arc::new(router);
        routers.insert(vpc.id.clone(), Arc::clone(&router));
        drop(routers);
        self.lay(&router).await?;
        Ok(router)
    }

    /// Brings the host's rules up to date; `anew` also when they are as they were made last.
    pub(crate) async fn apply_host_rules(&self, anew: bool) -> Result<()> {
        let mut applied = self.shared.host_rules.lock().await;
        let routers = self.shared.routed.load(Ordering::Acquire);
        let mut wanted = rules::Host { routers, ..rules::Host::default() };
        self.published(&mut wanted);
        wanted.overlays = self.guarded();
        if !anew && applied.as_ref() == Some(&wanted) {
            return Ok(());
        }
        let text = rules::host(&self.shared.config.instance, &wanted);
        *applied = None;
        apart("net-rules", move || firewall::apply(&text)).await?;
        *applied = Some(wanted);
        Ok(())
    }

    /// Looks at the networks every few seconds and mends what somebody else has changed or taken away, until `ended`.
    pub async fn keep(&self, ended: impl Future<Output = ()>) {
        let mut ended = std::pin::pin!(ended);
        loop {
            tokio::select! {
                () = &mut ended => return,
                () = tokio::time::sleep(LOOK) => {}
            }
            if let Err(error) = self.mend().await {
                warn!(%error, "a network that somebody changed could not be mended yet");
            }
        }
    }

    /// Mends what is not as it shall be; what is, is only looked at.
    pub async fn mend(&self) -> Result<()> {
        let routers: Vec<Arc<Router>> = self.shared.routers.lock().await.values().cloned().collect();
        for router in routers {
            if !self.mend_uplink(&router).await? {
                continue;
            }
            if router.mend_rules().await? {
                warn!(vpc = %router.vpc.id, "somebody changed the rules of a VPC; they are as they were");
            }
            if let Err(error) = self.mend_overlay(&router).await {
                warn!(vpc = %router.vpc.id, %error, "a VPC has no way to other nodes yet");
            }
            let looked = Arc::clone(&router);
            for task in apart("net-mend", move || looked.unplugged()).await? {
                let run_dir = self.shared.config.run_dir.clone();
                let (mended, wanted) = (Arc::clone(&router), Arc::clone(&task));
                apart("net-mend", move || task::ensure(&run_dir, &mended, &wanted)).await?;
                if router.task(&task.task).is_none() {
                    // It was detached meanwhile.
                    self.remove(task.task.clone()).await?;
                    continue;
                }
                warn!(task = %task.task, "the interface of a task was gone; it is there again");
            }
        }
        self.mend_bridge().await?;
        self.mend_host().await
    }

    /// The way between host and router: the interfaces, and the host's routes. False if the router is gone.
    async fn mend_uplink(&self, router: &Arc<Router>) -> Result<bool> {
        let (config, vpc) = (self.shared.config.clone(), router.vpc.clone());
        let uplink = router.uplink;
        let there = apart("net-mend", move || host::has_uplink(&config.instance, &vpc.id, uplink)).await?;
        if there {
            if router.is_led_to() {
                router.lead(true).await?;
            }
            return Ok(true);
        }
        // Held until the router is there again: one that is being removed loses its uplink first, and shall not get it
        // back.
        let mut routers = self.shared.routers.lock().await;
        if routers.get(&router.vpc.id).is_none_or(|known| !Arc::ptr_eq(known, router)) {
            return Ok(false);
        }
        let (config, vpc) = (self.shared.config.clone(), router.vpc.clone());
        let new = apart("net-mend", move || Router::ensure(&config.instance, &config.run_dir, vpc)).await?;
        for task in router.tasks() {
            new.want(task);
        }
        let new = Arc::new(new);
        self.lay(&new).await?;
        new.apply_rules().await?;
        new.lead(true).await?;
        routers.insert(router.vpc.id.clone(), Arc::clone(&new));
        // What came or went meanwhile.
        for task in router.tasks() {
            new.want(task);
        }
        for task in new.tasks() {
            if router.task(&task.task).is_none() {
                new.forget(&task.task);
            }
        }
        drop(routers);
        new.apply_rules().await?;
        warn!(vpc = %router.vpc.id, "the interface between this host and a VPC was gone; it is there again");
        Ok(true)
    }

    async fn mend_host(&self) -> Result<()> {
        let any = !self.shared.routers.lock().await.is_empty() || self.bridge().range.is_some();
        let instance = self.shared.config.instance.clone();
        let fine =
            apart("net-mend", move || Ok(!any || firewall::has_table(&crate::name::host_table(&instance))))
                .await?;
        if fine {
            return Ok(());
        }
        warn!("somebody removed the host's rules; they are as they were");
        self.apply_host_rules(true).await
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
