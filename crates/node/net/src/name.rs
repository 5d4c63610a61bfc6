//! The names that this instance gives to things on the host.
//!
//! An interface's name has at most 15 bytes, so ids are hashed into it; files and tables carry the ids themselves.

use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::str::FromStr;

use crate::ParseError;

/// One Gantry on this host: six hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Instance(String);

impl Instance {
    /// The same for the same data directory, also after a restart.
    pub fn of(data_dir: &Path) -> Self {
        Self(hash(data_dir.as_os_str().as_bytes(), 6))
    }
}

impl fmt::Display for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A task's or VPC's id, safe as a file name: letters, digits and hyphens, at most 64.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(String);

impl Label {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Label {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let fine = !text.is_empty()
            && text.len() <= 64
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if fine {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseError::new(text, "an id of letters, digits and hyphens"))
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The host's end of a VPC's uplink.
pub(crate) fn uplink(instance: &Instance, vpc: &Label) -> String {
    format!("{}{}", uplinks(instance), hash(vpc.0.as_bytes(), 6))
}

/// What the names of all uplinks of an instance begin with.
pub(crate) fn uplinks(instance: &Instance) -> String {
    format!("g{instance}v")
}

/// The bridge of tasks without an interface of their own.
pub(crate) fn bridge(instance: &Instance) -> String {
    format!("g{instance}b")
}

/// The bridge's port for the address at this place of its range.
pub(crate) fn bridge_port(instance: &Instance, offset: u32) -> String {
    format!("{}{offset:x}", bridge_ports(instance))
}

/// What the names of all ports of the bridge begin with.
pub(crate) fn bridge_ports(instance: &Instance) -> String {
    format!("g{instance}p")
}

/// Whether an interface has a name as [`uplink`] gives, of whatever instance.
pub(crate) fn is_uplink(name: &str) -> bool {
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts = name.strip_prefix('g').and_then(|rest| rest.split_at_checked(6));
    parts.is_some_and(|(instance, rest)| hex(instance) && rest.strip_prefix('v').is_some_and(hex))
}

/// The router's end of a task's interface.
pub(crate) fn port(task: &Label) -> String {
    format!("t{}", hash(task.0.as_bytes(), 12))
}

/// The nft table of an instance on the host.
pub(crate) fn host_table(instance: &Instance) -> String {
    format!("gantry_{instance}")
}

/// FNV-1a, 64 bits, the first `digits` hexadecimal digits after folding: stable over versions, which `Hash` is not.
pub(crate) fn hash(bytes: &[u8], digits: usize) -> String {
    let mut text = format!("{:016x}", fnv(bytes));
    text.truncate(digits);
    text
}

pub(crate) fn fnv(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in bytes {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    // The last bytes reach the high digits only through a final mix.
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0xd6e8_feb8_6659_fd93);
    hash ^ (hash >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interface_names_fit() {
        let instance = Instance::of(Path::new("/var/lib/gantry"));
        let vpc: Label = "vpc-0123456789abcdef0".parse().unwrap();
        assert!(uplink(&instance, &vpc).len() <= 15);
        assert!(is_uplink(&uplink(&instance, &vpc)));
        assert!(!is_uplink("eth0") && !is_uplink("gre0") && !is_uplink("docker0"));
        assert!(port(&vpc).len() <= 15);
        assert_ne!(uplink(&instance, &vpc), uplink(&instance, &"vpc-0123456789abcdef1".parse().unwrap()));
        assert_ne!(instance.to_string(), Instance::of(Path::new("/var/lib/gantry2")).to_string());
    }

    #[test]
    fn a_label_cannot_leave_its_directory() {
        for text in ["", ".", "..", "a/b", "a.b", "a b", "a\n"] {
            assert!(text.parse::<Label>().is_err(), "{text:?}");
        }
    }
}
