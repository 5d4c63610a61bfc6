//! Runs `nft`: one rule set in, one transaction.

use std::io::{self, Write};
use std::process::{Command, Stdio};

use rtnetlink::sys::{Socket, SocketAddr, protocols::NETLINK_NETFILTER};

use crate::error::{NetError, Result};

/// Applies `rules` in the namespace that the calling thread is in.
pub(crate) fn apply(rules: &str) -> Result<()> {
    let mut child = Command::new("nft")
        .args(["-f", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(NetError::kernel("run nft"))?;
    let mut input = child.stdin.take().expect("its input is a pipe");
    let written = input.write_all(rules.as_bytes());
    drop(input);
    let output = child.wait_with_output().map_err(NetError::kernel("wait for nft"))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        return Err(NetError::Firewall(text.trim().to_owned()));
    }
    written.map_err(NetError::kernel("write rules to nft"))
}

/// Whether the namespace of the calling thread has the table.
pub(crate) fn has_table(name: &str) -> bool {
    let listed = Command::new("nft").args(["list", "table", "ip", name]).output();
    listed.is_ok_and(|output| output.status.success())
}

/// The kernel's count of changes of rules in the namespace that the calling thread is in: it rises with every change,
/// whoever makes it.
pub(crate) fn generation() -> Result<u32> {
    ask().map_err(NetError::kernel("ask for the generation of the rules"))
}

fn ask() -> io::Result<u32> {
    const GET: u16 = (libc::NFNL_SUBSYS_NFTABLES as u16) << 8 | libc::NFT_MSG_GETGEN as u16;
    /// `NFTA_GEN_ID` of the kernel, in network order.
    const ID: u16 = 1;
    let mut socket = Socket::new(NETLINK_NETFILTER)?;
    socket.bind_auto()?;
    let wait = nix::sys::time::TimeVal::new(10, 0);
    nix::sys::socket::setsockopt(&socket, nix::sys::socket::sockopt::ReceiveTimeout, &wait)?;
    // The header of netlink, then that of netfilter: no family, version 0, no resource.
    let mut request = Vec::with_capacity(20);
    request.extend(20_u32.to_ne_bytes());
    request.extend(GET.to_ne_bytes());
    request.extend((libc::NLM_F_REQUEST as u16).to_ne_bytes());
    request.extend([0; 8]);
    request.extend([0; 4]);
    socket.send_to(&request, &SocketAddr::new(0, 0), 0)?;
    let (answer, _) = socket.recv_from_full()?;
    let short = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let mut attributes = answer.get(20..).ok_or_else(short)?;
    while let [a, b, c, d, rest @ ..] = attributes {
        let length = usize::from(u16::from_ne_bytes([*a, *b]));
        if u16::from_ne_bytes([*c, *d]) == ID {
            let id = rest.first_chunk::<4>().ok_or_else(short)?;
            return Ok(u32::from_be_bytes(*id));
        }
        attributes = attributes.get(length.next_multiple_of(4).max(4)..).ok_or_else(short)?;
    }
    Err(short())
}
