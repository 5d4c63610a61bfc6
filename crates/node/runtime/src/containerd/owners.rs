//! What is made of a container's file system for a task with users of its own.

use std::borrow::Cow;

use gantry_containerd_api::types;

use super::Inner;
use super::users::{self, Shifted};
use crate::engine::container::{ContainerSpec, Mount};
use crate::engine::error::EngineError;

impl Inner {
    /// With users of the task's own, shows it directories that keep their owners as they are within it. What is answered
    /// is needed until the process is made.
    pub(super) fn keep_owners(
        &self,
        container: &mut Cow<'_, ContainerSpec>,
    ) -> Result<Vec<Shifted>, EngineError> {
        let mut all = Vec::new();
        if container.users.is_none() || !container.mounts.iter().any(|it| matches!(it, Mount::Kept { .. })) {
            return Ok(all);
        }
        let (task, id) = (container.task.clone(), container.id.clone());
        for (at, mount) in container.to_mut().mounts.iter_mut().enumerate() {
            let Mount::Kept { source, .. } = mount else { continue };
            let shifted = self.users.shift(&task, source, &format!("{id}.{at}"));
            let shifted =
                shifted.map_err(|error| EngineError::internal("show a directory to a task", error))?;
            source.clone_from(&shifted.at);
            all.push(shifted);
        }
        Ok(all)
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
