//! What can be typed about looking inside a container.

use clap::Args;

use super::Whereabouts;

#[derive(Args, Debug, Clone)]
pub struct Exec {
    /// A task by its id, the beginning of it, or its ARN; or a service or family, of which a running task is taken
    #[arg(value_name = "TASK|SERVICE")]
    pub what: String,

    #[command(flatten)]
    pub whereabouts: Whereabouts,

    /// The container, where the task has several
    #[arg(long, short, value_name = "NAME")]
    pub container: Option<String>,

    /// No terminal, also where this is one: output and errors are apart, and what is read from here ends
    #[arg(long, short = 'T')]
    pub no_terminal: bool,

    /// The command and its arguments [default: /bin/sh]
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}
