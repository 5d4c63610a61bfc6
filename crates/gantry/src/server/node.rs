//! This machine's node: containerd, the network, the agent, and the control plane's side of its session.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use gantry_base::SystemClock;
use gantry_ec2::Ipv4Block;
use gantry_ecs::session::Door;
use gantry_gateway::Part;
use gantry_net::{Instance, Net};
use gantry_node::{Agent, Capacity, Config};
use gantry_node_proto::tls::{CONTROL_NAME, Material};
use gantry_runtime::{Containerd, Health, OciRuntime, Options};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Listening;
use super::services::Services;
use crate::cli::{NodeOptions, Up};
use crate::layout::Layout;
use crate::pki::Authority;

/// How long the agent may take over its last steps.
const LAST_STEPS: Duration = Duration::from_secs(15);
/// How long sessions of other machines have to end by themselves.
const FAREWELL: Duration = Duration::from_millis(250);

/// The node of a Gantry that is all on one machine.
pub struct Node {
    id: String,
    services: Services,
    control: JoinHandle<()>,
    runs: Result<Runs, String>,
    clears: AtomicBool,
}

/// What runs tasks. Without it the APIs are served all the same, and say what is missing.
pub(super) struct Runs {
    pub containerd: Arc<Containerd>,
    pub net: Arc<Net>,
    agent: JoinHandle<()>,
    /// Mends networks.
    keeper: JoinHandle<()>,
}

impl Runs {
    /// Whether nobody changes tasks or networks any more: what is cleared away before that might be mended again.
    pub fn has_ended(&self) -> bool {
        self.agent.is_finished() && self.keeper.is_finished()
    }

    /// Cuts off what has not ended.
    pub fn abort(&self) {
        self.agent.abort();
        self.keeper.abort();
    }

    /// How containerd is.
    pub fn containerd(&self) -> Part {
        let (ready, state) = match &*self.containerd.health().borrow() {
            Health::Up { .. } => (true, "running".to_owned()),
            Health::Down { why } => (false, format!("down: {why}")),
            Health::Stopped => (false, "stopped".to_owned()),
        };
        Part { name: "containerd", ready, state }
    }
}

impl Node {
    /// Starts containerd, or adopts the one that runs, and the agent. Both go on until `ended`.
    pub async fn start(
        layout: &Layout,
        options: &Up,
        services: &Services,
        authority: &Arc<Authority>,
        listening: &Listening,
        ended: &CancellationToken,
    ) -> Result<Node> {
        let id = services.node_id.clone();
        let endpoint = reachable(listening.plain);
        let (control, url) = control(options, services, authority, endpoint, ended).await?;
        let config = Config {
            address: own_address(options).to_string(),
            capacity: capacity(options.overcommit_cpu, options.overcommit_memory)?,
            ..config_of(&id, layout, url, material(authority, &id)?, endpoint, &options.node)?
        };
        let runs = match runs(layout, config, &options.node.oci_runtime, ended).await {
            Ok(runs) => Ok(runs),
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "this machine can't run tasks");
                Err(format!("{error:#}"))
            }
        };
        Ok(Node { id, services: services.clone(), control, runs, clears: AtomicBool::new(false) })
    }

    /// How the parts of the node are.
    fn state_of_parts(&self) -> Vec<Part> {
        let containerd = match &self.runs {
            Err(why) => Part { name: "containerd", ready: false, state: why.clone() },
            Ok(runs) => runs.containerd(),
        };
        let connected = self.services.ecs.connected().open().contains(&self.id);
        let session = if connected { "connected" } else { "not connected" };
        vec![containerd, Part { name: "node", ready: connected, state: session.to_owned() }]
    }

    /// Why this machine can't run tasks, if it can't.
    pub fn unable(&self) -> Option<&str> {
        self.runs.as_ref().err().map(String::as_str)
    }

    /// The networks of this machine, if it can have any.
    pub fn networks(&self) -> Option<Arc<Net>> {
        self.runs.as_ref().ok().map(|runs| runs.net.clone())
    }

    /// The images that are being pulled, and how far that has come.
    pub fn pulls(&self) -> Vec<serde_json::Value> {
        let pulls = self.runs.as_ref().map(|runs| runs.containerd.pulls()).unwrap_or_default();
        let tell = |it: gantry_runtime::PullProgress| serde_json::json!({ "image": it.reference, "done_bytes": it.done_bytes, "bytes": it.bytes });
        pulls.into_iter().map(tell).collect()
    }

    /// Stops all tasks and waits until they have stopped.
    pub async fn stop_tasks(&self, services: &Services, within: Duration) -> Result<()> {
        let deadline = tokio::time::Instant::now() + within;
        for turn in 0.. {
            // Again now and then: somebody may run one meanwhile.
            if turn % 20 == 0 {
                services.stop_tasks("Gantry is stopped with all its tasks", within + LAST_STEPS).await?;
            }
            let left = services.unfinished_tasks().await?;
            if left == 0 {
                return Ok(());
            }
            if tokio::time::Instant::now() > deadline {
                bail!("{left} tasks have not stopped within {within:?}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        unreachable!("the deadline ends it")
    }

    /// Has containerd, and all there is of tasks, end with Gantry.
    pub fn clear_at_the_end(&self) {
        self.clears.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked for that.
    pub fn is_to_clear(&self) -> bool {
        self.clears.load(Ordering::Relaxed)
    }

    /// Ends containerd and whatever still runs on it, and leaves the machine without networks, processes, mounts and
    /// groups of ours. Answers what is left all the same. Call it after [`Node::end`].
    pub async fn clear(&self, layout: &Layout) -> Vec<String> {
        let mut left = match &self.runs {
            Ok(runs) => runs.containerd.clear().await,
            Err(_) => gantry_runtime::left(&engine_options(layout)),
        };
        left.extend(gantry_net::clear(net_config(layout)).await);
        left
    }

    /// Waits for the agent's last steps, and for what is being mended. Containers and containerd go on.
    pub async fn end(&self) {
        let deadline = tokio::time::Instant::now() + LAST_STEPS;
        let look = || tokio::time::sleep(Duration::from_millis(5));
        while let Some(runs) = self.runs.as_ref().ok().filter(|runs| !runs.has_ended()) {
            if tokio::time::Instant::now() > deadline {
                tracing::warn!("the agent's last steps were cut off");
                runs.abort();
                break;
            }
            look().await;
        }
        // Other machines' sessions would go on for ever. They begin anew with the next process.
        self.services.ecs.connected().end_all();
        let deadline = tokio::time::Instant::now() + FAREWELL;
        while !self.control.is_finished() && tokio::time::Instant::now() < deadline {
            look().await;
        }
        self.control.abort();
    }
}

impl super::Parts for Node {
    fn parts(&self) -> Vec<Part> {
        self.state_of_parts()
    }
}

/// Starts containerd, or adopts the one that runs, and the agent.
pub(super) async fn runs(
    layout: &Layout,
    config: Config,
    runtime: &str,
    ended: &CancellationToken,
) -> Result<Runs> {
    let options = Options { runtime: OciRuntime::named(runtime), ..engine_options(layout) };
    searchable(layout)?;
    let containerd = Arc::new(Containerd::start(options).await.context("containerd did not start")?);
    let net = Net::open(net_config(layout)).await;
    let net = Arc::new(net.context("the network can't be set up")?);
    let (kept, ends) = (net.clone(), ended.clone());
    let keeper = tokio::spawn(async move { kept.keep(ends.cancelled_owned()).await });
    let (engine, own, ended) = (containerd.clone(), net.clone(), ended.clone());
    let agent = tokio::spawn(async move {
        if let Err(error) = Agent::run(config, engine, own, Arc::new(SystemClock), ended).await {
            tracing::error!(%error, "the agent ended");
        }
    });
    Ok(Runs { containerd, net, agent, keeper })
}

pub(super) fn engine_options(layout: &Layout) -> Options {
    let instance = Instance::of(layout.data());
    Options {
        output_writer: std::env::current_exe().ok(),
        ..Options::new(layout.containerd(), engine_run_dir(layout, &instance), instance.to_string())
    }
}

/// Where containerd has its sockets and the file systems of containers. A task with users of its own looks for them as
/// nobody, who can't pass through a data directory, which is its owner's alone.
fn engine_run_dir(layout: &Layout, instance: &Instance) -> PathBuf {
    match layout.is_default() {
        true => layout.run().join("containerd"),
        false => PathBuf::from(format!("/run/gantry-{instance}")),
    }
}

/// Lets others pass through the run directory, by names that they know. What lies there is its owner's alone.
fn searchable(layout: &Layout) -> Result<()> {
    if layout.is_default() {
        std::fs::set_permissions(layout.run(), std::fs::Permissions::from_mode(0o711))
            .with_context(|| format!("{} can't be opened to tasks", layout.run().display()))?;
    }
    Ok(())
}

pub(super) fn net_config(layout: &Layout) -> gantry_net::Config {
    gantry_net::Config { instance: Instance::of(layout.data()), run_dir: layout.run().join("net") }
}

/// What the node of this data directory has on the machine: processes, networks, mounts, groups.
pub fn left(layout: &Layout) -> Vec<String> {
    let mut left = gantry_runtime::left(&engine_options(layout));
    left.extend(gantry_net::left(&net_config(layout)));
    left
}

/// The control plane's side of sessions: where machines may join, or on a port of loopback that the system chooses.
async fn control(
    options: &Up,
    services: &Services,
    authority: &Arc<Authority>,
    endpoint: SocketAddr,
    ended: &CancellationToken,
) -> Result<(JoinHandle<()>, String)> {
    let at = options.listen_nodes.unwrap_or(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0));
    let listener = TcpListener::bind(at).await;
    let listener = listener.with_context(|| format!("nodes can't be listened for at {at}"))?;
    let url = format!("https://{}", reachable(listener.local_addr()?));
    let material = material(authority, CONTROL_NAME)?;
    let signing = Arc::clone(authority);
    let door = options.listen_nodes.map(|_| Door {
        signer: Arc::new(move |request, node| {
            signing.sign(request, node).map_err(|error| format!("{error:#}"))
        }),
        ca_pem: authority.certificate.clone(),
        endpoint,
    });
    let (ecs, ended) = (services.ecs.clone(), ended.clone());
    let serving = tokio::spawn(async move {
        if let Err(error) = gantry_ecs::session::serve(&ecs, listener, &material, door, ended).await {
            tracing::error!(%error, "nodes' sessions are not served any more");
        }
    });
    Ok((serving, url))
}

fn material(authority: &Authority, name: &str) -> Result<Material> {
    let identity = authority.issue(name, &[name.to_owned()], &[])?;
    Ok(Material {
        ca_pem: authority.certificate.clone(),
        certificate_pem: identity.certificate,
        key_pem: identity.key,
    })
}

/// Where other nodes reach this machine; loopback where none join.
fn own_address(options: &Up) -> Ipv4Addr {
    match (options.node_address, options.listen_nodes.map(|at| at.ip())) {
        (Some(address), _) => address,
        (None, Some(IpAddr::V4(address))) if !address.is_unspecified() => address,
        // Documentation's own range: nothing is sent, the system only says from where it would be.
        (None, Some(_)) => source_towards("192.0.2.1:9").unwrap_or(Ipv4Addr::LOCALHOST),
        (None, None) => Ipv4Addr::LOCALHOST,
    }
}

/// The address from which this machine would send there.
pub(super) fn source_towards(to: impl std::net::ToSocketAddrs) -> Option<Ipv4Addr> {
    let socket = std::net::UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect(to).ok()?;
    match socket.local_addr().ok()?.ip() {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    }
}

/// The name of this machine.
pub(super) fn hostname() -> Result<String> {
    let name = nix::unistd::gethostname().map_err(|error| anyhow!("this machine has no name: {error}"))?;
    Ok(name.to_string_lossy().into_owned())
}

pub(super) fn config_of(
    id: &str,
    layout: &Layout,
    control: String,
    material: Material,
    endpoint: SocketAddr,
    options: &NodeOptions,
) -> Result<Config> {
    Ok(Config {
        node_id: id.to_owned(),
        hostname: hostname()?,
        address: Ipv4Addr::LOCALHOST.to_string(),
        data_dir: layout.node(),
        control,
        tls: Some(material),
        endpoint,
        capacity: Capacity::default(),
        attributes: attributes(),
        versions: BTreeMap::from([("gantry".to_owned(), env!("CARGO_PKG_VERSION").to_owned())]),
        log_backlog_bytes: gantry_node::LOG_BACKLOG_BYTES,
        image_pull_behavior: options.image_pull_behavior,
        image_cache_bytes: u64::from(options.image_cache_gib) << 30,
        connected: Arc::default(),
        introspection: introspection(options, layout),
    })
}

/// Where AWS's agent answers on its hosts. Of several Gantries on a machine the one with the usual data directory does so,
/// unless another is told to.
fn introspection(options: &NodeOptions, layout: &Layout) -> Option<SocketAddr> {
    const PORT: u16 = 51678;
    let port = options.introspection_port.or(layout.is_default().then_some(PORT));
    port.filter(|port| *port > 0).map(|port| SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port))
}

/// An address that listens on all of them is reached by loopback.
pub fn reachable(listen: SocketAddr) -> SocketAddr {
    match listen.ip() {
        ip if !ip.is_unspecified() => listen,
        IpAddr::V4(_) => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), listen.port()),
        IpAddr::V6(_) => SocketAddr::new(std::net::Ipv6Addr::LOCALHOST.into(), listen.port()),
    }
}

/// The range of this Gantry's public addresses: chosen once, where nothing on the host was, and kept.
pub async fn public_range(layout: &Layout) -> Result<Ipv4Block> {
    let kept = layout.node().join("public-range");
    let text = match std::fs::read_to_string(&kept) {
        Ok(text) => text,
        Err(_) => {
            let chosen = gantry_net::free_public_range(&Instance::of(layout.data())).await;
            let text = chosen.context("there is no free range for public addresses")?.to_string();
            std::fs::create_dir_all(layout.node())?;
            crate::layout::write_private(&kept, text.as_bytes())?;
            text
        }
    };
    text.trim().parse().map_err(|_| anyhow!("{} is damaged: {text:?}", kept.display()))
}

/// What the machine offers to tasks, with 1024 CPU units to a core. Most tasks use little of what they ask for,
/// so a machine offers more than it has unless it is told not to: a task's share of the processors is kept when
/// they are busy, and its memory is limited to its own size.
pub(super) fn capacity(overcommit_cpu: u32, overcommit_memory: u32) -> Result<Capacity> {
    let cores = std::thread::available_parallelism().context("the number of cores is unknown")?;
    let memory = std::fs::read_to_string("/proc/meminfo").context("the size of memory is unknown")?;
    let kib = memory
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.split_whitespace().next()?.parse().ok());
    let kib: u64 = kib.context("the size of memory is unknown")?;
    Ok(Capacity {
        cpu_units: u32::try_from(cores.get())?.saturating_mul(1024).saturating_mul(overcommit_cpu),
        memory_bytes: kib.saturating_mul(1024).saturating_mul(overcommit_memory.into()),
        ..Capacity::default()
    })
}

fn attributes() -> BTreeMap<String, String> {
    let architecture = match std::env::consts::ARCH {
        "aarch64" => "arm64",
        other => other,
    };
    [("ecs.os-type", "linux"), ("ecs.cpu-architecture", architecture), ("ecs.os-family", "LINUX")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}
