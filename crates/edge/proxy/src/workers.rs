//! Threads that carry traffic, one for each core. What belongs to a client's connection stays on its thread, the
//! connections to targets that it uses as well, so that no request wakes another thread.

use std::cell::Cell;

use tokio::runtime::{Builder, Handle};
use tokio_util::sync::CancellationToken;

/// More would only wake each other: all of them hear of each new connection.
const MOST: usize = 8;

thread_local! {
    static OWN: Cell<usize> = const { Cell::new(0) };
}

/// The number of the thread among the workers; 0 for any other.
pub fn own() -> usize {
    OWN.get()
}

/// How many workers there are.
pub fn count() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(MOST)
}

/// The threads. They end with this.
pub struct Workers {
    handles: Vec<Handle>,
    ended: CancellationToken,
}

impl Workers {
    /// Starts them. Where no thread can be had, all is done by the runtime of the caller.
    pub fn start() -> Workers {
        let ended = CancellationToken::new();
        let mut handles: Vec<Handle> =
            (0..count()).filter_map(|number| begin(number, ended.clone())).collect();
        if handles.is_empty() {
            handles.push(Handle::current());
        }
        Workers { handles, ended }
    }

    /// All of them.
    pub fn all(&self) -> &[Handle] {
        &self.handles
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.ended.cancel();
    }
}

fn begin(number: usize, ended: CancellationToken) -> Option<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.inspect_err(|error| tracing::warn!(%error, "a core carries no traffic of its own"));
    let runtime = runtime.ok()?;
    let handle = runtime.handle().clone();
    let thread = std::thread::Builder::new().name(format!("proxy-{number}")).spawn(move || {
        OWN.set(number);
        runtime.block_on(ended.cancelled());
        // What could not end by itself by now is cut off.
        runtime.shutdown_background();
    });
    thread.inspect_err(|error| tracing::warn!(%error, "a core carries no traffic of its own")).ok()?;
    Some(handle)
}
