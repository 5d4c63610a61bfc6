//! The process of a container that has ended, made anew.

use std::borrow::Cow;

use gantry_containerd_api::services::snapshots::MountsRequest;

use super::Inner;
use super::client;
use super::marks::{Mark, Marked};
use super::output::open_output;
use crate::engine::container::ContainerSpec;
use crate::engine::error::EngineError;
use crate::engine::observed::State;
use crate::spec::user::Accounts;

impl Inner {
    /// Makes the process of a container that has ended anew, on the file system that it left.
    pub(super) async fn make_anew(&self, container: &ContainerSpec, attempt: u32) -> Result<(), EngineError> {
        let id = &container.id;
        let Some(record) = self.records.get(id) else {
            return Err(EngineError::NotFound { what: "container", id: id.to_string() });
        };
        let marked = self.marks.marked(id);
        let made = marked.map_or(0, |it| it.attempt);
        let begun = made == attempt && marked.is_some_and(|it| it.mark == Mark::Renewing);
        if made > attempt || (made == attempt && !begun) {
            return Ok(());
        }
        if !begun {
            if let State::Running(_) = self.state(id, &record).await? {
                return Err(EngineError::State { id: id.to_string(), state: "running", step: "renew" });
            }
            self.marks.put(id, Marked { mark: Mark::Renewing, attempt })?;
        }
        self.delete_process(id).await.map_err(|status| client::failure("delete a task", &status))?;
        let request = MountsRequest { snapshotter: self.runner.snapshotter.clone(), key: id.to_string() };
        let answer = self.client.snapshots().mounts(request).await;
        let found = answer.map_err(|status| client::failure("find a file system", &status))?.into_inner();
        let mut rootfs = found.mounts;
        open_output(container)?;
        // Its record names the places of directories that keep their owners.
        let mut again = Cow::Borrowed(container);
        let kept = self.keep_owners(&mut again);
        let kept = match kept.as_slice() {
            [] => Vec::new(),
            kept => {
                let Some(image) = self.images.get(&container.image).await? else {
                    return Err(EngineError::NotFound { what: "image", id: container.image.clone() });
                };
                let accounts = image.accounts.get_or_init(|| async { Accounts::read(&rootfs) }).await;
                let own = accounts.find(container.user.as_deref().unwrap_or(&image.image.config.user))?;
                self.show_kept(container, kept, &own)?
            }
        };
        let shifted = self.shift_owners(container, &mut rootfs)?;
        let made = self.create_process(container, rootfs).await;
        drop((kept, shifted));
        made?;
        self.marks.put(id, Marked { mark: Mark::Created, attempt })
    }
}
