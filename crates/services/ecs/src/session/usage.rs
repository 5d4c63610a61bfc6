//! What running containers use, as their nodes say when somebody looks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::join_all;
use gantry_node_proto::v1::{self, control_message};
use tokio::sync::Notify;

use crate::Ecs;

/// How long nodes may take to be asked, and to answer.
const ASKED: Duration = Duration::from_secs(1);
const ANSWERED: Duration = Duration::from_secs(5);

/// The newest answer of each node.
#[derive(Default)]
pub(crate) struct Usages {
    state: Mutex<State>,
    told: Notify,
}

#[derive(Default)]
struct State {
    /// Counts answers.
    count: u64,
    newest: HashMap<String, (u64, Arc<v1::Usage>)>,
}

/// What the tasks of a node use.
#[derive(Debug, Clone)]
pub struct NodeUsage {
    pub node: String,
    /// None: it has not answered in time.
    pub usage: Option<Arc<v1::Usage>>,
}

impl Usages {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A node has answered.
    pub(super) fn told(&self, node: &str, usage: v1::Usage) {
        let mut state = self.state();
        state.count += 1;
        let count = state.count;
        state.newest.insert(node.to_owned(), (count, Arc::new(usage)));
        drop(state);
        self.told.notify_waiters();
    }

    /// The node's answer, if one came after so many.
    fn after(&self, node: &str, count: u64) -> Option<Arc<v1::Usage>> {
        let state = self.state();
        let (of, usage) = state.newest.get(node)?;
        (*of > count).then(|| Arc::clone(usage))
    }
}

impl Ecs {
    /// What the running containers of all nodes use now. It is measured when this is asked, so two who look at once may
    /// be told the same.
    pub async fn usage(&self) -> Vec<NodeUsage> {
        let usages = self.usages();
        let nodes = self.connected().open();
        let before = usages.state().count;
        let ask = |node: &String| {
            let node = node.clone();
            async move {
                let message = control_message::Message::Measure(v1::Measure {});
                // One that can't be asked does not answer.
                let _ = tokio::time::timeout(ASKED, self.connected().tell(&node, message)).await;
            }
        };
        join_all(nodes.iter().map(ask)).await;
        let all = async {
            loop {
                let told = usages.told.notified();
                tokio::pin!(told);
                // Enrolled before it is looked, so that no answer between the two is missed.
                told.as_mut().enable();
                if nodes.iter().all(|node| usages.after(node, before).is_some()) {
                    return;
                }
                told.await;
            }
        };
        // Who has not answered by then is left out.
        let _ = tokio::time::timeout(ANSWERED, all).await;
        let answered =
            nodes.iter().map(|node| NodeUsage { node: node.clone(), usage: usages.after(node, before) });
        let answered = answered.collect();
        usages.state().newest.retain(|node, _| nodes.contains(node));
        answered
    }
}
