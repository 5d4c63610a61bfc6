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
use gantry_gateway::Part;
use gantry_net::{Instance, Net};
use gantry_node::{Agent, Capacity, Config, PullBehavior};
use gantry_node_proto::tls::{CONTROL_NAME, Material};
use gantry_runtime::{Containerd, Health, OciRuntime, Options};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Listening;
use super::services::Services;
use crate::cli::Up;
use crate::layout::Layout;
use crate::pki::Authority;

/// How long the agent may take over its last steps.
const LAST_STEPS: Duration = Duration::from_secs(15);

/// The node of a Gantry that is all on one machine.
pub struct Node {
    id: String,
    services: Services,
    control: JoinHandle<()>,
    runs: Result<Runs, String>,
    clears: AtomicBool,
}

/// What runs tasks. Without it the APIs are served all the same, and say what is missing.
struct Runs {
    containerd: Arc<Containerd>,
    agent: JoinHandle<()>,
}

impl Node {
    /// Starts containerd, or adopts the one that runs, and the agent. Both go on until `ended`.
    pub async fn start(
        layout: &Layout,
        options: &Up,
        services: &Services,
        authority: &Authority,
        listening: &Listening,
        ended: &CancellationToken,
    ) -> Result<Node> {
        let id = services.node_id.clone();
        let (control, url) = control(services, authority, ended).await?;
        let config = Config {
            capacity: capacity(options)?,
            image_pull_behavior: options.node.image_pull_behavior,
            image_cache_bytes: u64::from(options.node.image_cache_gib) << 30,
            ..config_of(&id, layout, url, authority, listening)?
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
            Err(why) => (false, why.clone()),
            Ok(runs) => match &*runs.containerd.health().borrow() {
                Health::Up { .. } => (true, "running".to_owned()),
                Health::Down { why } => (false, format!("down: {why}")),
                Health::Stopped => (false, "stopped".to_owned()),
            },
        };
        let connected = self.services.ecs.connected().open().contains(&self.id);
        let session = if connected { "connected" } else { "not connected" };
        let part = |name, (ready, state)| Part { name, ready, state };
        vec![part("containerd", containerd), part("node", (connected, session.to_owned()))]
    }

    /// Why this machine can't run tasks, if it can't.
    pub fn unable(&self) -> Option<&str> {
        self.runs.as_ref().err().map(String::as_str)
    }

    /// Stops all tasks and waits until they have stopped.
    pub async fn stop_tasks(&self, services: &Services, within: Duration) -> Result<()> {
        services.stop_tasks("Gantry is stopped with all its tasks").await?;
        let deadline = tokio::time::Instant::now() + within;
        loop {
            let left = services.unfinished_tasks().await?;
            if left == 0 {
                return Ok(());
            }
            if tokio::time::Instant::now() > deadline {
                bail!("{left} tasks have not stopped within {within:?}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
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

    /// Waits for the agent's last steps. Containers and containerd go on.
    pub async fn end(&self) {
        let deadline = tokio::time::Instant::now() + LAST_STEPS;
        let agent = self.runs.as_ref().ok().map(|runs| &runs.agent);
        while agent.is_some_and(|agent| !agent.is_finished()) || !self.control.is_finished() {
            if tokio::time::Instant::now() > deadline {
                tracing::warn!("the agent's last steps were cut off");
                agent.inspect(|agent| agent.abort());
                self.control.abort();
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl super::Parts for Node {
    fn parts(&self) -> Vec<Part> {
        self.state_of_parts()
    }
}

/// Starts containerd, or adopts the one that runs, and the agent.
async fn runs(layout: &Layout, config: Config, runtime: &str, ended: &CancellationToken) -> Result<Runs> {
    let options = Options { runtime: OciRuntime::named(runtime), ..engine_options(layout) };
    searchable(layout)?;
    let containerd = Arc::new(Containerd::start(options).await.context("containerd did not start")?);
    let net = Net::open(net_config(layout)).await;
    let net = Arc::new(net.context("the network can't be set up")?);
    let (kept, ends) = (net.clone(), ended.clone());
    tokio::spawn(async move { kept.keep(ends.cancelled_owned()).await });
    let (engine, ended) = (containerd.clone(), ended.clone());
    let agent = tokio::spawn(async move {
        if let Err(error) = Agent::run(config, engine, net, Arc::new(SystemClock), ended).await {
            tracing::error!(%error, "the agent ended");
        }
    });
    Ok(Runs { containerd, agent })
}

fn engine_options(layout: &Layout) -> Options {
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

fn net_config(layout: &Layout) -> gantry_net::Config {
    gantry_net::Config { instance: Instance::of(layout.data()), run_dir: layout.run().join("net") }
}

/// What the node of this data directory has on the machine: processes, networks, mounts, groups.
pub fn left(layout: &Layout) -> Vec<String> {
    let mut left = gantry_runtime::left(&engine_options(layout));
    left.extend(gantry_net::left(&net_config(layout)));
    left
}

/// The control plane's side of sessions, on a port of loopback that the system chooses.
async fn control(
    services: &Services,
    authority: &Authority,
    ended: &CancellationToken,
) -> Result<(JoinHandle<()>, String)> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("no port for nodes' sessions")?;
    let url = format!("https://{}", listener.local_addr()?);
    let material = material(authority, CONTROL_NAME)?;
    let (ecs, ended) = (services.ecs.clone(), ended.clone());
    let serving = tokio::spawn(async move {
        if let Err(error) = gantry_ecs::session::serve(&ecs, listener, &material, ended).await {
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

fn config_of(
    id: &str,
    layout: &Layout,
    control: String,
    authority: &Authority,
    listening: &Listening,
) -> Result<Config> {
    Ok(Config {
        node_id: id.to_owned(),
        hostname: nix::unistd::gethostname()
            .map_err(|error| anyhow!("this machine has no name: {error}"))?
            .to_string_lossy()
            .into_owned(),
        address: Ipv4Addr::LOCALHOST.to_string(),
        data_dir: layout.node(),
        control,
        tls: Some(material(authority, id)?),
        endpoint: reachable(listening.plain),
        capacity: Capacity::default(),
        attributes: attributes(),
        versions: BTreeMap::from([("gantry".to_owned(), env!("CARGO_PKG_VERSION").to_owned())]),
        log_backlog_bytes: gantry_node::LOG_BACKLOG_BYTES,
        image_pull_behavior: PullBehavior::default(),
        image_cache_bytes: gantry_node::IMAGE_CACHE_BYTES,
    })
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
fn capacity(options: &Up) -> Result<Capacity> {
    let cores = std::thread::available_parallelism().context("the number of cores is unknown")?;
    let memory = std::fs::read_to_string("/proc/meminfo").context("the size of memory is unknown")?;
    let kib = memory
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.split_whitespace().next()?.parse().ok());
    let kib: u64 = kib.context("the size of memory is unknown")?;
    Ok(Capacity {
        cpu_units: u32::try_from(cores.get())?.saturating_mul(1024).saturating_mul(options.overcommit_cpu),
        memory_bytes: kib.saturating_mul(1024).saturating_mul(options.overcommit_memory.into()),
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
