//! `gantry explain`: why tasks are not placed, what a deployment waits for, why a task stopped.

mod service;
mod task;

use anyhow::{Result, bail};
use gantry_base::{Clock, SystemClock, Timestamp};
use serde_json::{Value, json};

use super::api::Api;
use super::find::{self, Target};
use super::table::{all, text};
use crate::cli::Explain;
use crate::control::{self, Request};
use crate::layout::Layout;

pub fn run(layout: &Layout, options: &Explain, as_json: bool) -> Result<()> {
    let whereabouts = &options.whereabouts;
    let api = Api::of(layout, whereabouts.account, whereabouts.region.clone())?;
    let asking = Asking { layout, api: &api, now: SystemClock.now() };
    let explained = super::runtime()?.block_on(async {
        match find::target(&api, &options.what, whereabouts.cluster.as_deref()).await? {
            Target::Service { cluster, name } => service::explain(&asking, &cluster, &name).await,
            Target::Task { cluster, arn } => task::explain(&asking, &cluster, &arn).await,
            Target::Family { cluster, family } => {
                let arns = find::of_family(&api, &cluster, &family).await?;
                let mut tasks = find::described(&api, &cluster, &arns).await?;
                tasks.sort_by(|a, b| created(b).total_cmp(&created(a)));
                let Some(newest) = tasks.first() else {
                    bail!("no task of {family} can be described any more")
                };
                task::explain(&asking, &cluster, &text(&newest["taskArn"])).await
            }
        }
    })?;
    if as_json {
        println!("{}", explained.shown());
    } else {
        print!("{}", explained.written());
    }
    Ok(())
}

fn created(task: &Value) -> f64 {
    task["createdAt"].as_f64().unwrap_or_default()
}

/// Who is asked, and when.
struct Asking<'a> {
    layout: &'a Layout,
    api: &'a Api,
    now: Timestamp,
}

impl Asking<'_> {
    /// What nodes say to a task, or to one more of a service.
    async fn verdicts(&self, arn: &str) -> Result<Section> {
        let asked = Request::Verdicts { of: arn.to_owned() };
        let verdicts = control::ask(&self.layout.control(), &asked).await?;
        let lines: Vec<String> = all(&verdicts).map(verdict).collect();
        let lines = match lines.is_empty() {
            true => vec![
                "there is no node for it: a cluster's container instances come with the first task that is run there, or \
                 join by a token (gantry node token)"
                    .to_owned(),
            ],
            false => lines,
        };
        Ok(Section { heading: "What nodes say to one more task".to_owned(), lines })
    }
}

/// One node's answer.
fn verdict(one: &Value) -> String {
    let (node, host) = (text(&one["node"]), text(&one["hostname"]));
    let named = if host.is_empty() || host == node { node } else { format!("{node} ({host})") };
    let instance = match one["instance"].as_str() {
        Some(id) => format!(", container instance {id}"),
        None => String::new(),
    };
    match one["refusal"].as_str() {
        Some(why) => format!("{named}{instance}: {why}"),
        None => format!("{named}{instance}: would take it"),
    }
}

/// What is said.
struct Explained {
    title: String,
    sections: Vec<Section>,
}

struct Section {
    heading: String,
    lines: Vec<String>,
}

impl Explained {
    fn new(title: String) -> Explained {
        Explained { title, sections: Vec::new() }
    }

    /// Says more, where there is something to say.
    fn say(&mut self, heading: &str, lines: Vec<String>) {
        self.add(Section { heading: heading.to_owned(), lines });
    }

    fn add(&mut self, section: Section) {
        if !section.lines.is_empty() {
            self.sections.push(section);
        }
    }

    fn written(&self) -> String {
        let mut written = format!("{}\n", self.title);
        for section in &self.sections {
            written.push_str(&format!("\n{}:\n", section.heading));
            for line in &section.lines {
                written.push_str(&format!("  {line}\n"));
            }
        }
        written
    }

    fn shown(&self) -> Value {
        let section = |one: &Section| json!({ "heading": one.heading, "lines": one.lines });
        json!({ "title": self.title, "sections": self.sections.iter().map(section).collect::<Vec<_>>() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_answer_one_by_one() {
        let full = json!({ "node": "i-1", "hostname": "beta", "instance": "0a", "refusal": "is draining" });
        assert_eq!(verdict(&full), "i-1 (beta), container instance 0a: is draining");
        let free = json!({ "node": "node-1", "hostname": "node-1", "instance": null, "refusal": null });
        assert_eq!(verdict(&free), "node-1: would take it");
    }

    #[test]
    fn what_has_nothing_to_say_is_left_out() {
        let mut explained = Explained::new("service web".to_owned());
        explained.say("Events", Vec::new());
        explained.say("Tasks", vec!["one".to_owned()]);
        assert_eq!(explained.written(), "service web\n\nTasks:\n  one\n");
        assert_eq!(explained.shown()["sections"][0]["lines"][0], "one");
    }
}
