//! Who a container's process runs as.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use gantry_containerd_api::types;

use crate::engine::error::EngineError;

/// Larger files are no lists of people.
const FILE_BYTES: u64 = 1 << 20;

/// What an image's `/etc/passwd` and `/etc/group` say.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Accounts {
    users: Vec<User>,
    groups: Vec<Group>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct User {
    name: String,
    uid: u32,
    gid: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    name: String,
    gid: u32,
    members: Vec<String>,
}

/// A user by numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub uid: u32,
    pub gid: u32,
    pub additional_gids: Vec<u32>,
}

impl Accounts {
    pub(crate) fn parse(passwd: &str, group: &str) -> Self {
        let users = passwd.lines().filter_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next().filter(|name| !name.is_empty())?.to_owned();
            let uid = fields.nth(1)?.parse().ok()?;
            let gid = fields.next()?.parse().ok()?;
            Some(User { name, uid, gid })
        });
        let groups = group.lines().filter_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next().filter(|name| !name.is_empty())?.to_owned();
            let gid = fields.nth(1)?.parse().ok()?;
            let members = fields.next().unwrap_or_default().split(',');
            let members = members.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
            Some(Group { name, gid, members: members.collect() })
        });
        Self { users: users.collect(), groups: groups.collect() }
    }

    /// Reads the files where the snapshot with these mounts has them, without mounting it.
    pub(crate) fn read(mounts: &[types::Mount]) -> Self {
        let layers = layers(mounts);
        let text = |name: &str| layers.iter().find_map(|layer| read_in(layer, name)).unwrap_or_default();
        Self::parse(&text("passwd"), &text("group"))
    }

    /// `user`, `user:group`, each by name or number; empty is root.
    pub(crate) fn find(&self, wanted: &str) -> Result<Identity, EngineError> {
        let (user, group) = match wanted.split_once(':') {
            Some((user, group)) => (user, Some(group)),
            None => (wanted, None),
        };
        let user = if user.is_empty() { "0" } else { user };
        let number = user.parse::<u32>().ok();
        let entry = self
            .users
            .iter()
            .find(|it| it.name == user)
            .or_else(|| self.users.iter().find(|it| Some(it.uid) == number));
        let uid = match (entry, number) {
            (Some(entry), _) => entry.uid,
            (None, Some(number)) => number,
            (None, None) => {
                let why = format!("unable to find user {user}: no matching entries in passwd file");
                return Err(EngineError::Invalid(why));
            }
        };
        let gid = match group.filter(|group| !group.is_empty()) {
            None => entry.map_or(0, |it| it.gid),
            Some(group) => {
                let number = group.parse::<u32>().ok();
                let named = self.groups.iter().find(|it| it.name == group).map(|it| it.gid);
                named.or(number).ok_or_else(|| {
                    let why = format!("unable to find group {group}: no matching entries in group file");
                    EngineError::Invalid(why)
                })?
            }
        };
        // The primary one is among them, so that a process cannot get rid of what it is denied as its member.
        let mut additional = BTreeSet::from([gid]);
        // Whoever names a group wants that one alone.
        if let (None, Some(entry)) = (group, entry) {
            let member = |it: &&Group| it.members.contains(&entry.name);
            additional.extend(self.groups.iter().filter(member).map(|it| it.gid));
        }
        Ok(Identity { uid, gid, additional_gids: additional.into_iter().collect() })
    }
}

/// The directories that a snapshot is made of, the uppermost first.
fn layers(mounts: &[types::Mount]) -> Vec<PathBuf> {
    let Some(mount) = mounts.first() else { return Vec::new() };
    if mount.r#type != "overlay" {
        return vec![PathBuf::from(&mount.source)];
    }
    let option = |name: &str| mount.options.iter().find_map(|it| it.strip_prefix(name));
    let upper = option("upperdir=").map(PathBuf::from);
    let lower = option("lowerdir=").into_iter().flat_map(|it| it.split(':')).map(PathBuf::from);
    upper.into_iter().chain(lower).collect()
}

/// `etc/NAME` in a layer, if that is a plain file in a plain directory. A layer cannot lead us elsewhere.
fn read_in(layer: &Path, name: &str) -> Option<String> {
    let etc = layer.join("etc");
    if !fs::symlink_metadata(&etc).ok()?.is_dir() {
        return None;
    }
    let path = etc.join(name);
    let meta = fs::symlink_metadata(&path).ok()?;
    if !meta.is_file() || meta.len() > FILE_BYTES {
        return None;
    }
    fs::read(&path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accounts() -> Accounts {
        Accounts::parse(
            "root:x:0:0:root:/root:/bin/sh\nweb:x:33:34::/var/www:/bin/false\n1000:x:7:8::/:/\nbroken\n",
            "root:x:0:\nwheel:x:10:root,web\nweb:x:34:\nlogs:x:50:web, root\n",
        )
    }

    fn check(wanted: &str, uid: u32, gid: u32, additional: &[u32]) {
        let identity = accounts().find(wanted).unwrap();
        assert_eq!((identity.uid, identity.gid), (uid, gid), "{wanted}");
        assert_eq!(identity.additional_gids, additional, "{wanted}");
    }

    #[test]
    fn users_as_docker_reads_them() {
        check("", 0, 0, &[0, 10, 50]);
        check("web", 33, 34, &[10, 34, 50]);
        check("33", 33, 34, &[10, 34, 50]);
        check("web:logs", 33, 50, &[50]);
        check("web:99", 33, 99, &[99]);
        check("4242", 4242, 0, &[0]);
        check("4242:4343", 4242, 4343, &[4343]);
        check("1000", 7, 8, &[8]);
        assert!(accounts().find("nobody").unwrap_err().to_string().contains("user nobody"));
        assert!(accounts().find("web:none").unwrap_err().to_string().contains("group none"));
        assert_eq!(Accounts::default().find("").unwrap().uid, 0);
    }

    #[test]
    fn a_layer_leads_nowhere_else() {
        let dir = tempfile::tempdir().unwrap();
        let (upper, lower) = (dir.path().join("u"), dir.path().join("l"));
        fs::create_dir_all(upper.join("etc")).unwrap();
        fs::create_dir_all(lower.join("etc")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", upper.join("etc/passwd")).unwrap();
        fs::write(lower.join("etc/passwd"), "me:x:5:6:::\n").unwrap();
        let mount = types::Mount {
            r#type: "overlay".into(),
            options: vec![format!("lowerdir={}:{}", upper.display(), lower.display())],
            ..types::Mount::default()
        };
        assert_eq!(Accounts::read(&[mount]).find("me").unwrap().uid, 5);
    }
}
