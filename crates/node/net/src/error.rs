use std::io;
use std::path::PathBuf;

/// Why something about the network could not be done.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The kernel refused; `what` says what was asked of it.
    #[error("{what}: {source}")]
    Kernel { what: String, source: io::Error },
    #[error("{path}: {source}")]
    File { path: PathBuf, source: io::Error },
    /// `nft` refused a rule set.
    #[error("nft refused the rules: {0}")]
    Firewall(String),
    /// The port of the host is another container's (no source), or another program's.
    #[error("Bind for 0.0.0.0:{port} failed: {}", taken(.source.as_ref()))]
    PortTaken { transport: crate::Transport, port: u16, source: Option<io::Error> },
    #[error("no free {} port is left on this host", .0.as_str())]
    NoFreePort(crate::Transport),
    #[error("no free link subnet is left in {0}")]
    NoFreeRange(crate::Cidr),
    /// The address is routed elsewhere on this host.
    #[error("{address} cannot be routed from this host: {by} already is")]
    RouteTaken { address: crate::Cidr, by: crate::Cidr },
    #[error("task {0} has no network here")]
    UnknownTask(crate::Label),
    #[error("VPC {vpc} is known here with the range {known}, and now comes with {given}")]
    VpcChanged { vpc: crate::Label, known: crate::Cidr, given: crate::Cidr },
    /// A thread that worked in a namespace ended without an answer.
    #[error("the work in a network namespace did not finish")]
    Lost,
}

fn taken(source: Option<&io::Error>) -> String {
    source.map_or_else(|| "port is already allocated".to_owned(), io::Error::to_string)
}

impl NetError {
    pub(crate) fn kernel(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Kernel { what, source }
    }

    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}

pub(crate) type Result<T> = std::result::Result<T, NetError>;
