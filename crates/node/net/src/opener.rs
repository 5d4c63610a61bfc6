//! One thread that opens sockets in the namespaces of tasks: what a socket does later happens in the namespace that it was
//! opened in, whoever does it.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

use nix::sched::{CloneFlags, setns};

use crate::error::{NetError, Result};
use crate::name::Label;
use crate::namespace::Namespace;

/// Begins with the first socket, and ends with this.
#[derive(Default)]
pub(crate) struct Opener(Mutex<Option<Sender<Job>>>);

struct Job {
    task: Label,
    path: PathBuf,
    /// Told whether the thread is in the namespace.
    work: Box<dyn FnOnce(Result<()>) + Send>,
}

impl Opener {
    /// Runs `open` in the namespace at `path`, which is the task's. It must not take long.
    pub async fn open<T: Send + 'static>(
        &self,
        task: &Label,
        path: PathBuf,
        open: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, wait) = tokio::sync::oneshot::channel();
        let work = Box::new(move |entered: Result<()>| {
            let opened = entered.and_then(|()| open().map_err(NetError::kernel("open a socket")));
            // The one who waits may have gone.
            let _ = answer.send(opened);
        });
        self.give(Job { task: task.clone(), path, work })?;
        wait.await.map_err(|_| NetError::Lost)?
    }

    fn give(&self, job: Job) -> Result<()> {
        let mut sender = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = match sender.take() {
            Some(known) => known,
            None => begin()?,
        };
        known.send(job).map_err(|_| NetError::Lost)?;
        *sender = Some(known);
        Ok(())
    }
}

fn begin() -> Result<Sender<Job>> {
    let (sender, jobs) = channel();
    std::thread::Builder::new()
        .name("net-opener".to_owned())
        .stack_size(256 * 1024)
        .spawn(move || run(&jobs))
        .map_err(NetError::kernel("start a thread"))?;
    Ok(sender)
}

fn run(jobs: &Receiver<Job>) {
    let Ok(host) = File::open("/proc/thread-self/ns/net") else { return };
    for Job { task, path, work } in jobs {
        let found = Namespace::open(&path).and_then(|found| found.ok_or(NetError::UnknownTask(task)));
        work(found.and_then(|namespace| namespace.enter()));
        // A namespace that is removed lasts as long as a thread is in it.
        if setns(host.as_fd(), CloneFlags::CLONE_NEWNET).is_err() {
            return;
        }
    }
}
