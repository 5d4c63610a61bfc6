//! What can be typed about looking inside a container.

use clap::Args;
use gantry_base::{AccountId, Region};

#[derive(Args, Debug, Clone)]
pub struct Exec {
    /// A task by its id, the beginning of it, or its ARN; or a service or family, of which a running task is taken
    #[arg(value_name = "TASK|SERVICE")]
    pub what: String,

    /// The cluster where to look [default: all]
    #[arg(long, value_name = "NAME")]
    pub cluster: Option<String>,

    /// The container, where the task has several
    #[arg(long, short, value_name = "NAME")]
    pub container: Option<String>,

    /// The account where to look [default: the account of the first start]
    #[arg(long, value_name = "ID")]
    pub account: Option<AccountId>,

    /// The region where to look [default: the region of the first start]
    #[arg(long, value_name = "NAME")]
    pub region: Option<Region>,

    /// No terminal, also where this is one: output and errors are apart, and what is read from here ends
    #[arg(long, short = 'T')]
    pub no_terminal: bool,

    /// The command and its arguments [default: /bin/sh]
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}
