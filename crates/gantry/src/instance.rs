//! Finding the Gantry of a data directory, and its administrator's key.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use gantry_base::{AccountId, Region};
use serde::{Deserialize, Serialize};

use crate::layout::Layout;

/// The record that a running Gantry leaves in its run directory.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Instance {
    /// The process.
    pub pid: u32,
    /// When the kernel says the process began, so that a reused pid is not taken for it.
    pub process_start: u64,
    /// Where AWS's APIs and the registry are.
    pub listen: SocketAddr,
    /// The same with TLS.
    pub listen_tls: SocketAddr,
    /// Milliseconds since the epoch.
    pub started_at: i64,
    /// Its version.
    pub version: String,
}

impl Instance {
    /// The running Gantry of a data directory, if there is one.
    pub fn find(layout: &Layout) -> Option<Instance> {
        let text = std::fs::read_to_string(layout.instance()).ok()?;
        let instance: Instance = serde_json::from_str(&text).ok()?;
        instance.runs().then_some(instance)
    }

    /// Whether the process still is the one that wrote the record.
    pub fn runs(&self) -> bool {
        process_start(self.pid) == Some(self.process_start)
    }

    /// The endpoint as clients on this machine reach it.
    pub fn endpoint(&self) -> String {
        endpoint(self.listen)
    }
}

/// `http://localhost:4566` or the like: loopback by its name, every other address as it is.
pub fn endpoint(listen: SocketAddr) -> String {
    let ip = listen.ip();
    if ip.is_loopback() || ip.is_unspecified() {
        format!("http://localhost:{}", listen.port())
    } else {
        format!("http://{listen}")
    }
}

/// When a process began, in clock ticks since boot; None if there is no such process.
pub fn process_start(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold spaces; after it come the state and then the fields from the fourth.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    if fields.first() == Some(&"Z") {
        return None;
    }
    fields.get(19)?.parse().ok()
}

/// The administrator's access key, as it is kept in the data directory.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Administrator {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub account: AccountId,
    pub region: Region,
    /// The endpoint at the last start, for `gantry env` while Gantry is down.
    pub endpoint: String,
}

impl Administrator {
    /// Reads the key; None before the first start.
    pub fn read(layout: &Layout) -> Result<Option<Administrator>> {
        let file = layout.administrator();
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("{} can't be read", file.display())),
        };
        let read = serde_json::from_str(&text).with_context(|| format!("{} is damaged", file.display()))?;
        Ok(Some(read))
    }

    /// Keeps the key, with mode 0600.
    pub fn write(&self, layout: &Layout) -> Result<()> {
        let text = serde_json::to_vec_pretty(self).context("an administrator is plain data")?;
        crate::layout::write_private(&layout.administrator(), &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_pid_and_start() {
        let me = std::process::id();
        let start = process_start(me).expect("this process runs");
        let mut instance = Instance {
            pid: me,
            process_start: start,
            listen: "127.0.0.1:4566".parse().unwrap(),
            listen_tls: "127.0.0.1:4567".parse().unwrap(),
            started_at: 0,
            version: String::new(),
        };
        assert!(instance.runs());
        instance.process_start += 1;
        assert!(!instance.runs());
    }

    #[test]
    fn loopback_goes_by_its_name() {
        assert_eq!(endpoint("127.0.0.1:4566".parse().unwrap()), "http://localhost:4566");
        assert_eq!(endpoint("0.0.0.0:80".parse().unwrap()), "http://localhost:80");
        assert_eq!(endpoint("192.0.2.7:4566".parse().unwrap()), "http://192.0.2.7:4566");
    }
}
