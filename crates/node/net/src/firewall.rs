//! Runs `nft`: one rule set in, one transaction.

use std::io::Write;
use std::process::{Command, Stdio};

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
