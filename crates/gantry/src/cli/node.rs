//! What can be typed about nodes.

use std::net::{Ipv4Addr, SocketAddr};

use clap::{Args, Subcommand, ValueEnum};
use gantry_base::{AccountId, Region};
use gantry_node::PullBehavior;
use gantry_node::join::Invitation;
use serde::{Deserialize, Serialize};

#[derive(Subcommand, Debug)]
pub enum Node {
    /// Make a token by which a machine may join this Gantry
    Token(NodeToken),
    /// Make this machine a node of another Gantry, and run its tasks, in the foreground unless told otherwise. A machine
    /// that joined once needs no token any more
    Join(Box<Join>),
    /// Print the digest of this Gantry's authority, for machines that join with an activation
    Authority,
    /// List the nodes of this Gantry
    Ls,
    /// Remove a node from this Gantry: its tasks are lost, and it can't come back without a new token
    Rm(NodeRemoval),
    /// Make this machine, which joined, no node any more: its tasks end
    Leave,
}

/// For which tasks a machine is.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum For {
    /// A container instance for the launch type EC2
    #[value(name = "EC2", alias = "ec2")]
    Ec2,
    /// A container instance for the launch type EXTERNAL
    #[value(name = "EXTERNAL", alias = "external")]
    External,
    /// A part of the pool for the launch type FARGATE
    #[value(name = "FARGATE", alias = "fargate")]
    Fargate,
}

#[derive(Args, Debug, Clone, Serialize, Deserialize)]
pub struct NodeToken {
    /// The tasks that machines with the token are for
    #[arg(long, value_enum, default_value = "EC2")]
    pub launch_type: For,

    /// The cluster whose container instances they become
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub cluster: String,

    /// The availability zone that they are in [default: the region's first]
    #[arg(long, value_name = "ZONE")]
    pub zone: Option<String>,

    /// An attribute that they have, for placement
    #[arg(long = "attribute", value_name = "NAME=VALUE")]
    pub attributes: Vec<String>,

    /// The account of the cluster [default: the account of the first start]
    #[arg(long, value_name = "ID")]
    pub account: Option<AccountId>,

    /// The region of the cluster [default: the one of gantry up]
    #[arg(long, value_name = "NAME")]
    pub region: Option<Region>,

    /// The capacity provider whose tasks they are for, for the launch type EC2
    #[arg(long, value_name = "NAME")]
    #[serde(default)]
    pub capacity_provider: Option<String>,

    /// How many machines may join with it
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub uses: u32,

    /// For how many hours it is good
    #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=8760))]
    pub hours: u32,
}

#[derive(Args, Debug, Clone)]
pub struct Join {
    /// Return when the machine is a node, and leave it one in the background, until gantry node leave or gantry down
    #[arg(long)]
    pub detach: bool,

    /// A token from `gantry node token`
    #[arg(
        long,
        value_name = "TOKEN",
        env = "GANTRY_NODE_TOKEN",
        hide_env_values = true,
        requires = "server"
    )]
    pub token: Option<Invitation>,

    /// An activation of Systems Manager in place of a token (aws ssm create-activation), for a container instance for
    /// EXTERNAL
    #[arg(
        long,
        value_name = "ID",
        conflicts_with = "token",
        requires = "activation_code",
        requires = "server",
        requires = "authority"
    )]
    pub activation_id: Option<String>,

    /// The activation's code
    #[arg(long, value_name = "CODE", env = "GANTRY_ACTIVATION_CODE", hide_env_values = true)]
    pub activation_code: Option<String>,

    /// The cluster, with an activation
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub cluster: String,

    /// The digest of that Gantry's authority, with an activation; gantry node authority prints it
    #[arg(long, value_name = "DIGEST")]
    pub authority: Option<String>,

    /// Where that Gantry lets machines join: https://HOST:PORT
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,

    /// Where other nodes reach this machine [default: the address by which it reaches the server]
    #[arg(long, value_name = "ADDR")]
    pub node_address: Option<Ipv4Addr>,

    /// Where this machine has that Gantry's endpoint, for its containers and for programs on it
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:4566")]
    pub listen: SocketAddr,

    /// How many times its cores this machine offers to tasks; their shares are kept when it is busy
    #[arg(long, value_name = "TIMES", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub overcommit_cpu: u32,

    /// How many times its memory this machine offers to tasks; 1 promises each task all of its own
    #[arg(long, value_name = "TIMES", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub overcommit_memory: u32,

    #[command(flatten)]
    pub node: NodeOptions,
}

#[derive(Args, Debug, Clone)]
pub struct NodeRemoval {
    /// Its id, as gantry node ls shows it
    pub node: String,
}

/// How this machine runs tasks.
#[derive(Args, Debug, Clone)]
pub struct NodeOptions {
    /// When a task's images are asked for anew: `default` asks the registry and takes what is present when it does not
    /// answer, `always` needs its answer, `once` and `prefer-cached` take what is present without asking
    #[arg(long, value_name = "BEHAVIOR", default_value = "default")]
    pub image_pull_behavior: PullBehavior,

    /// How many GiB the images may have that no task uses; the ones that were unused for longest go first
    #[arg(long, value_name = "GIB", default_value_t = 20)]
    pub image_cache_gib: u32,

    /// What makes containers: runc, crun, youki, runsc (gVisor), kata, or the path of a program that is called as runc is
    #[arg(long, value_name = "NAME", default_value = "runc")]
    pub oci_runtime: String,

    /// The port of loopback at which programs on this machine may ask what runs on it, as AWS's agent answers at 51678 (which
    /// is the default with the usual data directory); 0 is none
    #[arg(long, value_name = "PORT")]
    pub introspection_port: Option<u16>,
}

impl Default for NodeOptions {
    fn default() -> Self {
        NodeOptions {
            image_pull_behavior: PullBehavior::default(),
            image_cache_gib: 20,
            oci_runtime: "runc".to_owned(),
            introspection_port: None,
        }
    }
}
