//! How `gantry up` wires the rooms of one machine together, and how it ends. `replica` does so for one of
//! several control planes.

mod backup;
mod carried;
mod door;
mod joined;
mod load_balancing;
mod looking;
mod master_key;
mod node;
mod nodes;
#[cfg(test)]
mod permissions;
mod reach;
mod replica;
mod reserve;
mod reset;
mod services;
mod siblings;
mod sleepers;
mod state;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use gantry_base::AccountId;
use gantry_exec::DataChannels;
use gantry_gateway::authenticate::Door;
use gantry_gateway::metrics::Metrics;
use gantry_gateway::{Gateway, Health, Large, Listener, Local, Part, Throttle};
use gantry_wire::Router;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::cli::Up;
use crate::control;
use crate::instance::{Administrator, Instance, endpoint, process_start};
use crate::layout::Layout;
use crate::pki;

pub use backup::{backup_at_rest, restore};
pub use joined::joined;
use load_balancing::LoadBalancing;
use node::Node;
pub use node::left;
pub use replica::replica;
use reserve::Reserve;
use services::{Outside, Services};
use state::State;

/// How long tasks have to stop when Gantry ends with `--stop-tasks`.
const STOP_TASKS: Duration = Duration::from_secs(120);

/// Serves until it is told to end; `ready` is called once everything is,
/// and is told why this machine can't run tasks, if it can't.
pub async fn serve(layout: &Layout, options: &Up, ready: impl FnOnce(&Instance, Option<&str>)) -> Result<()> {
    install_tls()?;
    let ended = CancellationToken::new();
    // Told to end while it starts, it ends as soon as it has started.
    let mut told = Told::listen()?;
    let (plain, secure) = listen(options).await?;
    Reserve::begin(layout.reserve(), ended.clone());
    let state = State::open(layout, &options.master_key).await?;
    let listening = Listening { plain: plain.local_addr()?, secure: secure.local_addr()? };
    let authority = Arc::new(pki::Authority::open(&layout.pki())?);
    state.check_master_key().await?;

    let public = node::public_range(layout).await?;
    let images = services::images(layout, options)?;
    images.clear_staging().await?;
    let outside = Outside { public: Some(public), images, issuer: load_balancing::issuer(&authority) };
    let services = Services::start(&state, layout, options, &listening, outside, None)?;
    services.begin_loops(&state, &ended);
    services.keep_uses(&ended);
    let load_balancing = LoadBalancing::start(layout, &services)?;
    administrator(layout, options, &services, &state, listening.plain).await?;
    let node = Arc::new(Node::start(layout, options, &services, &authority, &listening, &ended).await?);
    load_balancing.within(node.networks());

    let gateway = Arc::new(gateway(options, &state, &services, node.clone()));
    let listeners = listeners(plain, secure, &listening, &authority, options).await?;
    let serving = tokio::spawn(gantry_gateway::serve(gateway.clone(), listeners, ended.clone()));

    let nodes = nodes::Nodes::new(options, &state, &services, &authority)?;
    let answering = answer_commands(layout, options, &state, &services, Some((&node, nodes)), &gateway)?;
    let instance = record(layout, &state, &listening)?;
    let is_ready = async {
        match node.unable() {
            None => wait_ready(&gateway).await,
            Some(_) => Ok(()),
        }
    };
    let told_already = tokio::select! {
        is_ready = is_ready => is_ready.map(|()| false)?,
        () = told.end() => true,
    };
    if !told_already {
        tracing::info!(endpoint = %instance.endpoint(), version = %instance.version, "ready");
        ready(&instance, node.unable());
        told.end().await;
    }
    tracing::info!("ending");
    // Tasks that do not stop are ended with containerd; that they did not is said at the end.
    let stopped = match options.stop_tasks {
        true => node.stop_tasks(&services, STOP_TASKS).await,
        false => Ok(()),
    };
    answering.abort();
    services.data_channels.end().await;
    ended.cancel();
    serving.await.context("the endpoint ended badly")?;
    load_balancing.end().await;
    node.end().await;
    services.end().await;
    let left = match options.stop_tasks || node.is_to_clear() {
        true => node.clear(layout).await,
        false => Vec::new(),
    };
    if (options.stop_tasks || node.is_to_clear()) && left.is_empty() {
        // containerd leaves sockets that nobody answers at any more.
        remove_all(&layout.run().join("containerd"))?;
    }
    remove_record(layout)?;
    stopped?;
    if !left.is_empty() {
        bail!("left on this machine: {}", left.join(", "));
    }
    Ok(())
}

fn remove_all(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} can't be removed", folder.display()))
        }
        _ => Ok(()),
    }
}

fn install_tls() -> Result<()> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("another TLS provider was installed before"))
}

/// The sockets of the endpoint.
async fn listeners(
    plain: TcpListener,
    secure: TcpListener,
    listening: &Listening,
    authority: &pki::Authority,
    options: &Up,
) -> Result<Vec<Listener>> {
    let tls = endpoint_tls(authority, options)?;
    let also = other_loopback(listening).await;
    let mut listeners =
        vec![Listener { socket: plain, tls: None }, Listener { socket: secure, tls: Some(tls.clone()) }];
    listeners.extend(also.plain.map(|socket| Listener { socket, tls: None }));
    listeners.extend(also.secure.map(|socket| Listener { socket, tls: Some(tls) }));
    Ok(listeners)
}

/// What says how its parts are.
trait Parts: Send + Sync + 'static {
    fn parts(&self) -> Vec<Part>;
}

/// Where the endpoint listens.
#[derive(Clone)]
pub struct Listening {
    pub plain: SocketAddr,
    pub secure: SocketAddr,
}

async fn listen(options: &Up) -> Result<(TcpListener, TcpListener)> {
    let bind = async |address: SocketAddr| {
        let bound = TcpListener::bind(address).await;
        bound.with_context(|| format!("{address} can't be listened on; choose another with --listen"))
    };
    let plain = bind(options.listen).await?;
    let secure = match options.listen_tls {
        Some(address) => bind(address).await?,
        // One port higher; any free one where the plain port was left to the system too.
        None => {
            let port = if options.listen.port() == 0 { 0 } else { options.listen.port().saturating_add(1) };
            bind(SocketAddr::new(options.listen.ip(), port)).await?
        }
    };
    Ok((plain, secure))
}

/// The same ports on IPv6's loopback.
struct OtherLoopback {
    plain: Option<TcpListener>,
    secure: Option<TcpListener>,
}

/// `localhost` is `::1` as well, and some clients try nothing else. Where that port is taken or there is no
/// IPv6, they are left to find 127.0.0.1.
async fn other_loopback(listening: &Listening) -> OtherLoopback {
    let bind = async |address: SocketAddr| {
        if address.ip() != std::net::Ipv4Addr::LOCALHOST {
            return None;
        }
        let other = SocketAddr::new(std::net::Ipv6Addr::LOCALHOST.into(), address.port());
        TcpListener::bind(other)
            .await
            .inspect_err(|error| tracing::info!(%error, %other, "not listened on"))
            .ok()
    };
    OtherLoopback { plain: bind(listening.plain).await, secure: bind(listening.secure).await }
}

fn endpoint_tls(authority: &pki::Authority, options: &Up) -> Result<Arc<rustls::ServerConfig>> {
    let names = ["localhost", "*.localhost", "gantry.internal"].map(str::to_owned);
    let mut names = names.to_vec();
    let region = &options.region;
    names.push(format!("*.dkr.ecr.{region}.{}", options.domain));
    let mut addresses = vec!["127.0.0.1".parse()?, "::1".parse()?, "169.254.170.2".parse()?];
    if !options.listen.ip().is_unspecified() && !addresses.contains(&options.listen.ip()) {
        addresses.push(options.listen.ip());
    }
    pki::server_config(&authority.issue("Gantry endpoint", &names, &addresses)?)
}

/// Makes the administrator's key at the first start, and keeps it for `gantry env`.
async fn administrator(
    layout: &Layout,
    options: &Up,
    services: &Services,
    state: &State,
    listen: SocketAddr,
) -> Result<()> {
    let kept = Administrator::read(layout)?;
    // The first start decides whose Gantry this is; later ones only move the endpoint.
    let account = kept.as_ref().map_or(options.account, |kept| kept.account);
    if options.account != account && options.account != AccountId::DEFAULT {
        bail!(
            "{} belongs to account {account} since its first start; a key of account {} is made by \
             gantry env --account {1}",
            layout.data().display(),
            options.account
        );
    }
    let key = services.iam.first_key(account, state.clock.now()).await;
    let key = key.map_err(|failure| {
        let why = services::reason(&failure);
        anyhow::anyhow!(
            "the administrator's key can't be read: {why}. Is {} the master key of this data directory?",
            layout.master_key().display()
        )
    })?;
    let Some(key) = key else { return Ok(()) };
    Administrator {
        access_key_id: key.access_key_id,
        secret_access_key: key.secret_access_key,
        account,
        region: options.region.clone(),
        endpoint: endpoint(listen),
    }
    .write(layout)
}

fn gateway(options: &Up, state: &State, services: &Services, more: Arc<impl Parts>) -> Gateway {
    let iam = services.iam.clone();
    let stores = [("store", state.engine.clone()), ("log events", state.log_events.clone())];
    let parts = move || {
        let stores = stores.iter().map(|(name, engine)| match engine.trouble() {
            None => Part { name, ready: true, state: "writing".to_owned() },
            Some(why) => Part { name, ready: false, state: format!("can't write: {why}") },
        });
        stores.chain(more.parts()).collect()
    };
    Gateway {
        router: Router::new(&gantry_api_catalog::all()),
        handlers: services.handlers.clone(),
        door: Door {
            identities: services.identities.clone(),
            development: options.dev.then_some(options.account),
        },
        registry: services.registry.clone(),
        data_channels: data_channels(services.data_channels.clone()),
        replicas: services.replicas.clone(),
        clock: state.clock.clone(),
        ids: state.ids.clone(),
        region: options.region.clone(),
        health: Box::new(move || Health { parts: parts() }),
        reset: options.dev.then(|| reset::reset(state.db.clone(), services.clone())),
        metrics: {
            let carried = services.carried.clone();
            Metrics::with(move || carried.text())
        },
        throttle: Throttle::new(options.request_rate),
        large: Large::default(),
        encode_denial: Box::new(move |denial| iam.encode_denial(denial)),
        audit: services.audit.clone(),
    }
}

fn data_channels(channels: DataChannels) -> Local {
    Arc::new(move |request, _origin| {
        let answer = channels.answer(request);
        Box::pin(async move { answer.map(|body| body.map_err(|never| match never {}).boxed_unsync()) })
    })
}

fn record(layout: &Layout, state: &State, listening: &Listening) -> Result<Instance> {
    let pid = std::process::id();
    let instance = Instance {
        pid,
        process_start: process_start(pid).context("/proc does not know this process")?,
        listen: listening.plain,
        listen_tls: listening.secure,
        started_at: state.clock.now().as_millis(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    crate::layout::write_private(&layout.instance(), &serde_json::to_vec_pretty(&instance)?)?;
    Ok(instance)
}

fn remove_record(layout: &Layout) -> Result<()> {
    for file in [layout.instance(), layout.control(), layout.said()] {
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("{} can't be removed", file.display()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Waits until every part is ready. A part that never is says why in `gantry status`.
async fn wait_ready(gateway: &Gateway) -> Result<()> {
    const PATIENCE: Duration = Duration::from_secs(45);
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let health = (gateway.health)();
        if health.ready() {
            return Ok(());
        }
        if tokio::time::Instant::now() > deadline {
            let missing: Vec<String> = health
                .parts
                .iter()
                .filter(|part| !part.ready)
                .map(|part| format!("{}: {}", part.name, part.state))
                .collect();
            bail!("not ready after {PATIENCE:?}: {}", missing.join("; "));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// What this process is told by signals.
struct Told {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Told {
    /// Hears what is said from now on.
    fn listen() -> Result<Told> {
        let hear = |kind| signal(kind).context("signals can't be watched");
        Ok(Told {
            terminate: hear(SignalKind::terminate())?,
            interrupt: hear(SignalKind::interrupt())?,
            hangup: hear(SignalKind::hangup())?,
        })
    }

    /// Waits until it is told to end.
    async fn end(&mut self) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                // A terminal that goes away is no reason to end.
                _ = self.hangup.recv() => {}
            }
        }
    }
}

fn answer_commands(
    layout: &Layout,
    options: &Up,
    state: &State,
    services: &Services,
    node: Option<(&Arc<Node>, nodes::Nodes)>,
    gateway: &Arc<Gateway>,
) -> Result<tokio::task::JoinHandle<()>> {
    let account = Administrator::read(layout)?.map_or(options.account, |kept| kept.account);
    let about = json!({
        "version": env!("CARGO_PKG_VERSION"), "pid": std::process::id(), "account": account,
        "region": options.region, "data_dir": layout.data(), "development": options.dev,
    });
    let (state, services) = (state.clone(), services.clone());
    let (node, nodes) = node.map(|(node, nodes)| (node.clone(), nodes)).unzip();
    let gateway = gateway.clone();
    control::listen(&layout.control(), move |request| {
        let (state, services) = (state.clone(), services.clone());
        let (node, nodes, gateway, about) = (node.clone(), nodes.clone(), gateway.clone(), about.clone());
        async move {
            match request {
                control::Request::Status => status(about, &services, node.as_deref(), &gateway).await,
                control::Request::Key { account } => key_of(&services, &state, account).await,
                control::Request::Backup { file } => backup::backup(&state, file).await,
                control::Request::NodeToken(asked) => known(&nodes)?.token(&asked, account).await,
                control::Request::Nodes => known(&nodes)?.list().await,
                control::Request::RemoveNode { node } => known(&nodes)?.remove(&node).await,
                control::Request::Locate { tasks } => looking::locate(&services, &tasks).await,
                control::Request::Verdicts { of } => looking::verdicts(&services, &of).await,
                control::Request::Usage { prefix } => looking::usage(&services, &prefix).await,
                control::Request::Leave => bail!("this machine did not join another Gantry"),
                control::Request::StopTasks { seconds } => {
                    let node =
                        node.as_ref().context("this Gantry runs no tasks; end it without --stop-tasks")?;
                    node.clear_at_the_end();
                    node.stop_tasks(&services, Duration::from_secs(seconds)).await?;
                    Ok(Value::Null)
                }
            }
        }
    })
}

/// The nodes, where there may be some.
fn known(nodes: &Option<nodes::Nodes>) -> Result<&nodes::Nodes> {
    nodes.as_ref().context("nodes can't join a replicated control plane yet")
}

/// The key of the root of an account of this Gantry's, made when it is asked for first.
async fn key_of(services: &Services, state: &State, account: AccountId) -> Result<Value> {
    let key = services.iam.first_key(account, state.clock.now()).await;
    let key = key.map_err(|failure| anyhow::anyhow!("{}", services::reason(&failure)))?;
    let key = key.with_context(|| format!("the first key of account {account} was deleted"))?;
    Ok(json!({ "access_key_id": key.access_key_id, "secret_access_key": key.secret_access_key }))
}

async fn status(
    mut about: Value,
    services: &Services,
    node: Option<&Node>,
    gateway: &Gateway,
) -> Result<Value> {
    let health = (gateway.health)().to_json();
    about["running"] = true.into();
    about["ready"] = health["ready"].clone();
    about["parts"] = health["parts"].clone();
    about["unable"] = node.and_then(Node::unable).into();
    about["pulls"] = node.map(Node::pulls).unwrap_or_default().into();
    about["tasks"] = services.task_counts().await?;
    Ok(about)
}
