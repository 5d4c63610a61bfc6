//! What can be typed.

mod buckets;
mod exec;
mod look;
mod node;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use gantry_base::{AccountId, Region};
use gantry_store::{Location, Tls};

pub use buckets::Buckets;
pub use exec::Exec;
pub use look::{Explain, Logs, Open, Ps, Top, Whereabouts};
pub use node::{For, Join, Node, NodeOptions, NodeToken};

/// After how many seconds of silence a machine's tasks are lost.
const LOST_AFTER: u32 = gantry_ecs::loops::loss::LOST_AFTER.as_secs() as u32;

/// The container services of AWS, on your own machines.
///
/// Start with `gantry up`, then point the AWS CLI at it with `eval "$(gantry env)"`.
#[derive(Parser, Debug)]
#[command(name = "gantry", version, propagate_version = true)]
pub struct Arguments {
    /// Where this Gantry keeps its state; two directories are two Gantries [default: /var/lib/gantry]
    #[arg(long, global = true, value_name = "DIR", env = "GANTRY_DATA_DIR")]
    pub data_dir: Option<PathBuf>,

    /// Print JSON for programs
    #[arg(long, global = true)]
    pub json: bool,

    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Start Gantry here, in the foreground unless told otherwise
    Up(Box<Up>),
    /// Stop Gantry; tasks go on unless told otherwise
    Down(Down),
    /// Show whether Gantry runs, and what runs on it
    Status,
    /// Look for what could keep Gantry from working on this machine
    Doctor,
    /// Print shell lines that point AWS's clients at this Gantry, as its administrator or as another account's
    Env(Env),
    /// Show the tasks of all clusters, where they run and how they are
    Ps(Ps),
    /// Show what running tasks use of processors, memory and network, again and again
    Top(Top),
    /// Show what a service's or a task's containers say, or Gantry's own log
    Logs(Logs),
    /// Print where a service is reached, and show it in a browser where there is one
    Open(Open),
    /// Say why a service's tasks are not placed, what its deployment waits for, or why a task stopped
    Explain(Explain),
    /// Run a command in a running container, with this terminal or with pipes: a shell where none is named
    Exec(Exec),
    /// Show who called what, newest first: the calls of the last 90 days that were let in, but PutLogEvents
    Audit(Audit),
    /// Write a consistent copy of the control plane's state to a file, while Gantry runs or not;
    /// images and what containers said are not in it
    Backup(Backup),
    /// Make a new data directory from a backup
    Restore(Restore),
    /// Machines that run tasks for this Gantry, and this machine as one of another's
    #[command(subcommand)]
    Node(Node),
    /// Serve the APIs as one of several replicas over one etcd, without running tasks
    Server(Box<Server>),
    /// Move the control plane's state from one store to another
    #[command(subcommand)]
    Store(Store),
    /// Write what a container says to its files, and have it wait while too much of it waits there
    #[command(hide = true)]
    WriteOutput { told: String },
    /// Show the version
    Version,
}

impl Command {
    /// Whether it is this process that serves from then on.
    pub fn serves(&self) -> bool {
        match self {
            Command::Up(options) => !options.detach,
            Command::Node(Node::Join(options)) => !options.detach,
            Command::Server(_) => true,
            _ => false,
        }
    }
}

#[derive(Args, Debug, Clone)]
pub struct Env {
    /// The account whose administrator's key is printed; any twelve digits. The first time makes the key, for which
    /// Gantry must run [default: the account of the first start]
    #[arg(long, value_name = "ID")]
    pub account: Option<AccountId>,
}

#[derive(Args, Debug, Clone)]
pub struct Server {
    /// Where the state is that all replicas share: etcd://HOST:PORT,HOST:PORT[/PREFIX]
    #[arg(long, value_name = "URL")]
    pub store: Location,

    #[command(flatten)]
    pub tls: StoreTls,

    /// What this replica is called among the others [default: its host's name and port]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,

    /// Where the other replicas find this one [default: what it listens on, or its host's name and that port]
    #[arg(long, value_name = "HOST:PORT")]
    pub advertise: Option<String>,

    /// The S3 store of the images, which all replicas share. Its key is read from the environment:
    /// GANTRY_S3_ACCESS_KEY_ID and GANTRY_S3_SECRET_ACCESS_KEY
    #[arg(
        long,
        value_name = "s3://BUCKET/PREFIX?endpoint=URL&region=NAME",
        required_unless_present = "images_dir"
    )]
    pub images: Option<gantry_objects::S3>,

    #[command(flatten)]
    pub buckets: Buckets,

    /// A folder for the images instead, which all replicas share
    #[arg(long, value_name = "DIR", conflicts_with = "images")]
    pub images_dir: Option<PathBuf>,

    /// Address and port of the endpoint for AWS's APIs and the registry
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:4566")]
    pub listen: SocketAddr,

    /// Address and port of the endpoint with TLS [default: the same address, one port higher]
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen_tls: Option<SocketAddr>,

    /// The account of the administrator that the first start makes
    #[arg(long, value_name = "ID", default_value_t = AccountId::DEFAULT)]
    pub account: AccountId,

    /// The region where clients name none
    #[arg(long, value_name = "NAME", default_value_t = Region::default())]
    pub region: Region,

    /// The domain of repository URIs: ACCOUNT.dkr.ecr.REGION.DOMAIN:PORT/NAME
    #[arg(long, value_name = "DOMAIN", default_value = "localhost")]
    pub domain: String,

    /// Requests a second that this replica takes from each user, role or root in the long run, and five times
    /// as many at once; 0 is no limit
    #[arg(long, value_name = "NUMBER", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub request_rate: u32,

    /// How many hours a stopped task can be described
    #[arg(long, value_name = "HOURS", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=168))]
    pub keep_stopped_tasks: u32,

    #[command(flatten)]
    pub master_key: MasterKey,

    #[command(flatten)]
    pub issuers: TokenIssuers,

    #[command(flatten)]
    pub upstreams: UpstreamRegistries,
}

impl Server {
    /// What `gantry up` would be told to serve the same.
    pub fn serving(&self) -> Up {
        Up {
            detach: false,
            listen: self.listen,
            listen_tls: self.listen_tls,
            account: self.account,
            region: self.region.clone(),
            domain: self.domain.clone(),
            images: self.images.clone(),
            buckets: self.buckets.clone(),
            overcommit_cpu: 1,
            overcommit_memory: 1,
            request_rate: self.request_rate,
            keep_stopped_tasks: self.keep_stopped_tasks,
            lost_after: LOST_AFTER,
            node: NodeOptions::default(),
            master_key: self.master_key.clone(),
            issuers: self.issuers.clone(),
            upstreams: self.upstreams.clone(),
            dev: false,
            stop_tasks: false,
            listen_nodes: None,
            node_address: None,
        }
    }
}

/// Where the master key comes from, under which secrets are sealed. Without either it is `master.key` in the data
/// directory, which the first start makes.
#[derive(Args, Debug, Clone, Default)]
pub struct MasterKey {
    /// Take the master key from a file of your own, which only its owner may read: 32 bytes, or their
    /// hexadecimal or base64 form
    #[arg(long, value_name = "FILE", conflicts_with = "master_key_command")]
    pub master_key_file: Option<PathBuf>,

    /// Take the master key from what a command of your own prints; it runs in a shell at each start
    #[arg(long, value_name = "COMMAND")]
    pub master_key_command: Option<String>,
}

impl MasterKey {
    /// Whether the operator keeps the key.
    pub fn is_operators(&self) -> bool {
        self.master_key_file.is_some() || self.master_key_command.is_some()
    }
}

/// Whom issuers of web identity tokens are known by.
#[derive(Args, Debug, Clone, Default)]
pub struct TokenIssuers {
    /// Certificates in PEM that are trusted beside this machine's when the keys of an OpenID Connect provider are
    /// fetched, for AssumeRoleWithWebIdentity
    #[arg(long, value_name = "FILE")]
    pub oidc_ca: Option<PathBuf>,
}

/// Where registries are reached that images are pulled through from.
#[derive(Args, Debug, Clone, Default)]
pub struct UpstreamRegistries {
    /// Where a registry is asked that pull through cache rules name, in place of its own address: a mirror, such as
    /// quay.io=https://mirror.example
    #[arg(long = "upstream", value_name = "HOST=URL")]
    pub upstreams: Vec<Upstream>,
}

/// A registry and where it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    pub host: String,
    pub url: String,
}

impl std::str::FromStr for Upstream {
    type Err = String;

    fn from_str(text: &str) -> Result<Upstream, String> {
        let (host, url) = text.split_once('=').ok_or("it must be HOST=URL")?;
        if host.is_empty()
            || host.contains('/')
            || !(url.starts_with("http://") || url.starts_with("https://"))
        {
            return Err("it must be a host, = and a URL that begins with http:// or https://".to_owned());
        }
        Ok(Upstream { host: host.to_owned(), url: url.to_owned() })
    }
}

/// How etcd's members are spoken to by TLS.
#[derive(Args, Debug, Clone)]
pub struct StoreTls {
    /// The authority that signed the certificates of etcd's members, in PEM; with it they are spoken to by TLS
    #[arg(long, value_name = "FILE")]
    pub store_ca: Option<PathBuf>,

    /// Our certificate, for members that ask for one
    #[arg(long, value_name = "FILE", requires = "store_ca", requires = "store_key")]
    pub store_cert: Option<PathBuf>,

    /// The certificate's key
    #[arg(long, value_name = "FILE", requires = "store_cert")]
    pub store_key: Option<PathBuf>,
}

impl StoreTls {
    /// The location with this TLS, if it is wanted.
    pub fn apply(&self, location: &Location) -> Location {
        let identity = self.store_cert.clone().zip(self.store_key.clone());
        let tls = self.store_ca.clone().map(|authority| Tls { authority, identity });
        Location { tls, ..location.clone() }
    }
}

#[derive(Subcommand, Debug)]
pub enum Store {
    /// Copy everything from one store to another, which must be empty, and compare them afterwards.
    /// Nothing may be running on either
    Move(Move),
}

#[derive(Args, Debug, Clone)]
pub struct Move {
    /// redb:DIR (the data directory of a Gantry), or etcd://HOST:PORT,HOST:PORT[/PREFIX]
    #[arg(long, value_name = "URL")]
    pub from: Place,

    /// The same
    #[arg(long, value_name = "URL")]
    pub to: Place,

    #[command(flatten)]
    pub tls: StoreTls,
}

/// Where a store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a data directory.
    Redb(PathBuf),
    /// In a cluster.
    Etcd(Location),
}

impl std::str::FromStr for Place {
    type Err = String;
    fn from_str(url: &str) -> Result<Self, String> {
        match url.strip_prefix("redb:") {
            Some(dir) if !dir.is_empty() => Ok(Place::Redb(dir.trim_start_matches("//").into())),
            Some(_) => Err("redb: names no directory".to_owned()),
            None if url.starts_with("etcd://") => url.parse().map(Place::Etcd),
            None => Err(format!("{url:?} is neither redb:DIR nor etcd://HOST:PORT,HOST:PORT[/PREFIX]")),
        }
    }
}

#[derive(Args, Debug, Clone)]
pub struct Up {
    /// Return when Gantry is ready, and leave it running in the background
    #[arg(long)]
    pub detach: bool,

    /// Address and port of the endpoint for AWS's APIs and the registry
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:4566")]
    pub listen: SocketAddr,

    /// Address and port of the endpoint with TLS [default: the same address, one port higher]
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen_tls: Option<SocketAddr>,

    /// The account of the administrator that the first start makes
    #[arg(long, value_name = "ID", default_value_t = AccountId::DEFAULT)]
    pub account: AccountId,

    /// The region where clients name none
    #[arg(long, value_name = "NAME", default_value_t = Region::default())]
    pub region: Region,

    /// The domain of repository URIs: ACCOUNT.dkr.ecr.REGION.DOMAIN:PORT/NAME
    #[arg(long, value_name = "DOMAIN", default_value = "localhost")]
    pub domain: String,

    /// Keep images in an S3 store instead of the data directory. Its key is read from the environment:
    /// GANTRY_S3_ACCESS_KEY_ID and GANTRY_S3_SECRET_ACCESS_KEY; without, the machine's own role is used
    #[arg(long, value_name = "s3://BUCKET[/PREFIX][?endpoint=URL][&region=NAME]")]
    pub images: Option<gantry_objects::S3>,

    #[command(flatten)]
    pub buckets: Buckets,

    /// How many times its cores this machine offers to tasks; their shares are kept when it is busy
    #[arg(long, value_name = "TIMES", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub overcommit_cpu: u32,

    /// How many times its memory this machine offers to tasks; 1 promises each task all of its own
    #[arg(long, value_name = "TIMES", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub overcommit_memory: u32,

    /// Requests a second that each user, role or root may make in the long run, and five times as many at once;
    /// 0 is no limit
    #[arg(long, value_name = "NUMBER", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub request_rate: u32,

    /// How many hours a stopped task can be described
    #[arg(long, value_name = "HOURS", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=168))]
    pub keep_stopped_tasks: u32,

    /// How many seconds after another machine was last heard its tasks are lost: those of services begin elsewhere then,
    /// and a machine that is back ends them
    #[arg(long, value_name = "SECONDS", default_value_t = LOST_AFTER, value_parser = clap::value_parser!(u32).range(21..=86_400))]
    pub lost_after: u32,

    /// Let other machines join, at this address and port (say 0.0.0.0:4568); without it none can
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen_nodes: Option<SocketAddr>,

    /// Where other nodes reach this machine, for the networks of tasks [default: the address of --listen-nodes, or the
    /// one by which this machine reaches others]
    #[arg(long, value_name = "ADDR", requires = "listen_nodes")]
    pub node_address: Option<Ipv4Addr>,

    #[command(flatten)]
    pub node: NodeOptions,

    #[command(flatten)]
    pub master_key: MasterKey,

    #[command(flatten)]
    pub issuers: TokenIssuers,

    #[command(flatten)]
    pub upstreams: UpstreamRegistries,

    /// For tests only: let any access key in and serve POST /_gantry/reset; loopback only
    #[arg(long)]
    pub dev: bool,

    /// Stop all tasks when Gantry ends
    #[arg(long)]
    pub stop_tasks: bool,
}

#[derive(Args, Debug, Clone)]
pub struct Down {
    /// Stop all tasks first, and the containerd that Gantry started
    #[arg(long)]
    pub stop_tasks: bool,

    /// Stop all tasks first, and then remove all that Gantry keeps: its state, images, logs and keys
    #[arg(long)]
    pub purge: bool,

    /// How long to wait for it to end, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub timeout: u64,
}

#[derive(Args, Debug, Clone)]
pub struct Audit {
    /// Show only calls since then: 90s, 15m, 2h, 7d, or a moment such as 2026-01-31T12:00:00Z
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,

    /// Show only calls until then
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,

    /// Show only calls in this account
    #[arg(long, value_name = "ID")]
    pub account: Option<AccountId>,

    /// Show only calls of this user, session, key id or ARN
    #[arg(long, value_name = "NAME")]
    pub who: Option<String>,

    /// Show only calls of this service or operation: ecs, RunTask, ecs:RunTask
    #[arg(long, value_name = "NAME")]
    pub what: Option<String>,

    /// Show only calls that failed
    #[arg(long)]
    pub failed: bool,

    /// How many calls to show
    #[arg(long, short = 'n', value_name = "CALLS", default_value_t = 100)]
    pub lines: usize,
}

#[derive(Args, Debug, Clone)]
pub struct Backup {
    /// The file to write; it must not exist
    pub file: PathBuf,
}

#[derive(Args, Debug, Clone)]
pub struct Restore {
    /// The file that `gantry backup` wrote
    pub file: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn global_options_stand_anywhere() {
        let arguments = Arguments::parse_from(["gantry", "env", "--data-dir", "/x", "--json"]);
        assert_eq!(arguments.data_dir, Some(PathBuf::from("/x")));
        assert!(arguments.json && matches!(arguments.command, Command::Env(_)));
        assert!(Arguments::try_parse_from(["gantry", "up", "--account", "12"]).is_err());
    }
}
