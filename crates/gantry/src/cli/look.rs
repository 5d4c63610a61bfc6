//! What can be typed about looking at what runs.

use clap::Args;
use gantry_base::{AccountId, Region};

/// Where is looked.
#[derive(Args, Debug, Clone)]
pub struct Whereabouts {
    /// The cluster where to look [default: all]
    #[arg(long, value_name = "NAME")]
    pub cluster: Option<String>,

    /// The account where to look [default: the account of the first start]
    #[arg(long, value_name = "ID")]
    pub account: Option<AccountId>,

    /// The region where to look [default: the region of the first start]
    #[arg(long, value_name = "NAME")]
    pub region: Option<Region>,
}

#[derive(Args, Debug, Clone)]
pub struct Ps {
    /// Show only tasks of this service or family
    #[arg(value_name = "SERVICE")]
    pub what: Option<String>,

    #[command(flatten)]
    pub whereabouts: Whereabouts,

    /// Show tasks that have stopped as well, for as long as they can be described
    #[arg(long, short)]
    pub all: bool,
}

#[derive(Args, Debug, Clone)]
pub struct Top {
    #[command(flatten)]
    pub whereabouts: Whereabouts,

    /// Show it once, and end; so it is as well where the output is no terminal
    #[arg(long)]
    pub once: bool,

    /// How many seconds lie between two looks
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=60))]
    pub interval: u32,

    /// Show each container on its own
    #[arg(long)]
    pub containers: bool,
}

#[derive(Args, Debug, Clone)]
pub struct Logs {
    /// A service, a family, or a task by its id, the beginning of it, or its ARN [default: Gantry itself]
    #[arg(value_name = "SERVICE|TASK")]
    pub what: Option<String>,

    /// Go on showing what is added
    #[arg(long, short)]
    pub follow: bool,

    /// How many of the last lines to show, of a service's of each container
    #[arg(long, short = 'n', value_name = "LINES", default_value_t = 100)]
    pub lines: usize,

    /// Show only this container
    #[arg(long, short, value_name = "NAME", requires = "what")]
    pub container: Option<String>,

    /// Show when each line was said
    #[arg(long, short, requires = "what")]
    pub timestamps: bool,

    #[command(flatten)]
    pub whereabouts: Whereabouts,
}

#[derive(Args, Debug, Clone)]
pub struct Open {
    /// A service, a family, or a task
    #[arg(value_name = "SERVICE")]
    pub what: String,

    #[command(flatten)]
    pub whereabouts: Whereabouts,

    /// Only print where it is, also where there is a browser
    #[arg(long)]
    pub print: bool,
}

#[derive(Args, Debug, Clone)]
pub struct Explain {
    /// A service, a family, or a task by its id, the beginning of it, or its ARN
    #[arg(value_name = "SERVICE|TASK")]
    pub what: String,

    #[command(flatten)]
    pub whereabouts: Whereabouts,
}
