//! What is made of a container's file system for a task with users of its own, and of directories in which its users
//! are others than they are in the container.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;

use gantry_containerd_api::types;

use super::Inner;
use super::users::{self, IdMap, Shifted};
use crate::engine::container::{Acting, ContainerSpec, Mount};
use crate::engine::error::EngineError;
use crate::spec::user::Identity;

/// A directory whose owners the container sees otherwise than they are on disk.
pub(super) struct Kept {
    source: PathBuf,
    /// Of its mount.
    name: String,
    acting: Acting,
}

/// Nobody, where root is not root.
const NOBODY: u32 = 65_534;

/// Root is nobody, and the container's own user or group is who it is.
fn squashed(first: u32, own: u32) -> Vec<IdMap> {
    let mut map = vec![IdMap { disk: NOBODY, seen: first, count: 1 }];
    if own != 0 && own != NOBODY {
        map.push(IdMap { disk: own, seen: first + own, count: 1 });
    }
    map
}

impl Inner {
    /// Names in the container the places where such directories will be shown, and answers them.
    pub(super) fn keep_owners(&self, container: &mut Cow<'_, ContainerSpec>) -> Vec<Kept> {
        let mut all = Vec::new();
        let own_users = container.users.is_some();
        let other = |it: &Mount| match it {
            Mount::Kept { acting, .. } => own_users || *acting != Acting::Themselves,
            _ => false,
        };
        if !container.mounts.iter().any(other) {
            return all;
        }
        let id = container.id.clone();
        for (at, mount) in container.to_mut().mounts.iter_mut().enumerate().filter(|(_, it)| other(it)) {
            let Mount::Kept { source, acting, .. } = mount else { continue };
            let name = format!("{id}.{at}");
            let shown = self.users.place(&name);
            all.push(Kept { source: std::mem::replace(source, shown), name, acting: *acting });
        }
        all
    }

    /// Shows those directories. What is answered is needed until the process is made. `own` is the container's own user.
    pub(super) fn show_kept(
        &self,
        container: &ContainerSpec,
        kept: &[Kept],
        own: &Identity,
    ) -> Result<Vec<Shifted>, EngineError> {
        let show = |it: &Kept| -> io::Result<Shifted> {
            let first = container.users.unwrap_or(0);
            let (uids, gids) = match it.acting {
                Acting::Themselves => return self.users.shift(&container.task, &it.source, &it.name),
                Acting::As { uid, gid } => (
                    vec![IdMap { disk: uid, seen: first + own.uid, count: 1 }],
                    vec![IdMap { disk: gid, seen: first + own.gid, count: 1 }],
                ),
                // Root could do with the files of whoever is in the map as it likes; so nobody is but who must be.
                Acting::RootAsNobody => (squashed(first, own.uid), squashed(first, own.gid)),
            };
            self.users.show(&it.source, &it.name, &uids, &gids)
        };
        kept.iter()
            .map(show)
            .collect::<io::Result<_>>()
            .map_err(|error| EngineError::internal("show a directory to a task", error))
    }

    /// With users of the task's own, makes its file system theirs. What is answered is needed until it is mounted.
    pub(super) fn shift_owners(
        &self,
        container: &ContainerSpec,
        rootfs: &mut [types::Mount],
    ) -> Result<Option<Shifted>, EngineError> {
        let Some(first) = container.users else { return Ok(None) };
        let mut shift = || {
            let shifted = self.users.shift(&container.task, &self.layers, container.id.as_str())?;
            users::shift_layers(rootfs, &self.layers, &shifted.at, first)?;
            Ok(Some(shifted))
        };
        shift().map_err(|error: std::io::Error| EngineError::internal("make a file system a task's", error))
    }
}
