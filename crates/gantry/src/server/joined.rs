//! How `gantry node join` makes this machine a node of another Gantry.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use gantry_node::join::{self, Ticket, server_url};
use gantry_node_proto::tls::Material;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::node::{self, Runs};
use super::{Told, install_tls, remove_record};
use crate::cli::Join;
use crate::control;
use crate::instance::{Instance, process_start};
use crate::layout::{Layout, write_private};
use crate::pki::Authority;

/// How long the agent may take over its last steps.
const LAST_STEPS: Duration = Duration::from_secs(15);

/// Who this machine is to the Gantry that it joined.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Identity {
    node_id: String,
    server: String,
    ca: String,
    certificate: String,
    key: String,
}

impl Identity {
    fn read(layout: &Layout) -> Result<Option<Identity>> {
        let file = layout.joined();
        match std::fs::read_to_string(&file) {
            Ok(text) => {
                let read = serde_json::from_str(&text);
                read.map(Some).with_context(|| format!("{} is damaged", file.display()))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("{} can't be read", file.display())),
        }
    }

    fn write(&self, layout: &Layout) -> Result<()> {
        write_private(&layout.joined(), &serde_json::to_vec_pretty(self)?)
    }

    fn material(&self) -> Material {
        Material {
            ca_pem: self.ca.clone(),
            certificate_pem: self.certificate.clone(),
            key_pem: self.key.clone(),
        }
    }
}

/// Who this machine is, or becomes by its token. With an identity a token is of no use, and a server's new address is
/// taken note of.
async fn identity(layout: &Layout, options: &Join) -> Result<Identity> {
    let server = options.server.as_deref().map(server_url).transpose()?;
    if let Some(mut known) = Identity::read(layout)? {
        if let Some(server) = server.filter(|server| *server != known.server) {
            known.server = server;
            known.write(layout)?;
        }
        return Ok(known);
    }
    if layout.store().exists() {
        bail!("{} is a Gantry of its own; join with another --data-dir", layout.data().display());
    }
    let (Some(ticket), Some(server)) = (ticket(options), server) else {
        bail!(
            "this machine has not joined yet: it takes --token and --server, which gantry node token prints on the \
             machine of the other Gantry"
        );
    };
    let joined = enrol(&server, &ticket).await?;
    joined.write(layout)?;
    Ok(joined)
}

/// What the machine comes with, if it does.
fn ticket(options: &Join) -> Option<Ticket> {
    if let Some(token) = &options.token {
        return Some(Ticket::Invitation(token.clone()));
    }
    Some(Ticket::Activation {
        id: options.activation_id.clone()?,
        code: options.activation_code.clone()?,
        cluster: options.cluster.clone(),
        authority: options.authority.clone()?.to_ascii_lowercase(),
    })
}

async fn enrol(server: &str, ticket: &Ticket) -> Result<Identity> {
    let (key, request) = Authority::request()?;
    let answer = join::join(server, ticket, &node::hostname()?, &request).await?;
    Ok(Identity {
        node_id: answer.node_id,
        server: server.to_owned(),
        ca: answer.ca_pem,
        certificate: answer.certificate_pem,
        key,
    })
}

/// Runs the other Gantry's tasks until it is told to end; `ready` is called once the machine can, with its name as a
/// node and where the other Gantry is.
pub async fn joined(
    layout: &Layout,
    options: &Join,
    ready: impl FnOnce(&Instance, &str, &str),
) -> Result<()> {
    install_tls()?;
    let ended = CancellationToken::new();
    let mut told = Told::listen()?;
    let listener = TcpListener::bind(options.listen).await;
    let listener = listener
        .with_context(|| format!("{} can't be listened on; choose another with --listen", options.listen))?;
    let listen = listener.local_addr()?;
    let identity = identity(layout, options).await?;
    let (server, node_id) = (identity.server.clone(), identity.node_id.clone());

    let (url, id, material, until) = (server.clone(), node_id.clone(), identity.material(), ended.clone());
    tokio::spawn(async move {
        if let Err(error) = gantry_node::lead(listener, &url, &id, &material, until).await {
            tracing::error!(%error, "the endpoint is not led to");
        }
    });
    let address = match options.node_address {
        Some(address) => address,
        None => node::source_towards(server.trim_start_matches("https://"))
            .with_context(|| format!("this machine has no way to {server}; say --node-address"))?,
    };
    let connected = Arc::new(AtomicBool::new(false));
    let config = gantry_node::Config {
        address: address.to_string(),
        connected: connected.clone(),
        capacity: node::capacity(options.overcommit_cpu, options.overcommit_memory)?,
        ..node::config_of(&node_id, layout, server.clone(), identity.material(), listen, &options.node)?
    };
    let runs = node::runs(layout, config, &options.node.oci_runtime, &ended).await?;
    let runs = Arc::new(runs);
    let machine = Machine {
        layout: layout.clone(),
        identity,
        runs: runs.clone(),
        connected,
        clears: Arc::default(),
        leaves: CancellationToken::new(),
    };
    let answering = answer(&machine)?;
    let instance = record(layout, listen)?;
    tracing::info!(node_id, server, "this machine is a node");
    ready(&instance, &node_id, &server);

    tokio::select! {
        () = told.end() => {}
        () = machine.leaves.cancelled() => {}
    }
    tracing::info!("ending");
    answering.abort();
    ended.cancel();
    let deadline = tokio::time::Instant::now() + LAST_STEPS;
    while !runs.has_ended() && tokio::time::Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    runs.abort();
    let mut left = Vec::new();
    if machine.clears.load(Ordering::Relaxed) {
        left = runs.containerd.clear().await;
        left.extend(gantry_net::clear(node::net_config(layout)).await);
        super::remove_all(&layout.run().join("containerd"))?;
    }
    remove_record(layout)?;
    if !left.is_empty() {
        bail!("left on this machine: {}", left.join(", "));
    }
    Ok(())
}

/// What commands are answered from.
#[derive(Clone)]
struct Machine {
    layout: Layout,
    identity: Identity,
    runs: Arc<Runs>,
    connected: Arc<AtomicBool>,
    /// Whether tasks end with this process.
    clears: Arc<AtomicBool>,
    leaves: CancellationToken,
}

impl Machine {
    fn status(&self) -> Value {
        let connected = self.connected.load(Ordering::Relaxed);
        let containerd = self.runs.containerd();
        let session = if connected { "connected" } else { "not connected" };
        json!({
            "running": true,
            "ready": connected && containerd.ready,
            "version": env!("CARGO_PKG_VERSION"),
            "pid": std::process::id(),
            "data_dir": self.layout.data(),
            "node": self.identity.node_id,
            "server": self.identity.server,
            "parts": [
                { "name": containerd.name, "ready": containerd.ready, "state": containerd.state },
                { "name": "session", "ready": connected, "state": session },
            ],
        })
    }

    /// Tells the other Gantry, forgets who this machine was, and ends with all tasks.
    async fn leave(&self) -> Result<Value> {
        let Identity { server, node_id, .. } = &self.identity;
        join::leave(server, node_id, &self.identity.material()).await?;
        forget(&self.layout.joined())?;
        self.clears.store(true, Ordering::Relaxed);
        self.leaves.cancel();
        Ok(Value::Null)
    }
}

fn forget(file: &Path) -> Result<()> {
    std::fs::remove_file(file).with_context(|| format!("{} can't be removed", file.display()))
}

fn answer(machine: &Machine) -> Result<tokio::task::JoinHandle<()>> {
    let socket = machine.layout.control();
    let machine = machine.clone();
    control::listen(&socket, move |request| {
        let machine = machine.clone();
        async move {
            match request {
                control::Request::Status => Ok(machine.status()),
                control::Request::Leave => machine.leave().await,
                control::Request::StopTasks { .. } => {
                    machine.clears.store(true, Ordering::Relaxed);
                    Ok(Value::Null)
                }
                _ => bail!("this machine is a node of the Gantry at {}; ask there", machine.identity.server),
            }
        }
    })
}

fn record(layout: &Layout, listen: std::net::SocketAddr) -> Result<Instance> {
    let pid = std::process::id();
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let instance = Instance {
        pid,
        process_start: process_start(pid).context("/proc does not know this process")?,
        listen,
        listen_tls: listen,
        started_at: i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    write_private(&layout.instance(), &serde_json::to_vec_pretty(&instance)?)?;
    Ok(instance)
}
