//! What the containers of a service, a family or a task say.

use std::collections::HashMap;
use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use gantry_base::Timestamp;
use serde_json::{Value, json};

use super::source::{Line, Source};
use crate::cli::Logs;
use crate::commands::api::Api;
use crate::commands::find::{self, Target};
use crate::commands::table::{all, text};
use crate::layout::Layout;

/// Most containers that are listened to.
const MOST: usize = 100;
/// How often it is looked for new lines, and for new tasks.
const LINES: Duration = Duration::from_millis(500);
const TASKS: Duration = Duration::from_secs(3);
/// How long after its end a task's last lines may come.
const LAST_LINES: Duration = Duration::from_secs(4);

pub fn run(layout: &Layout, options: &Logs, what: &str, as_json: bool) -> Result<()> {
    let whereabouts = &options.whereabouts;
    let api = Api::of(layout, whereabouts.account, whereabouts.region.clone())?;
    let runtime = crate::commands::runtime()?;
    runtime.block_on(async {
        let target = find::target(&api, what, whereabouts.cluster.as_deref()).await?;
        let showing = Showing { layout, api: &api, options, as_json, target };
        showing.run().await
    })
}

struct Showing<'a> {
    layout: &'a Layout,
    api: &'a Api,
    options: &'a Logs,
    as_json: bool,
    target: Target,
}

/// Whom it is listened to.
#[derive(Default)]
struct Listening {
    sources: Vec<Source>,
    /// By the ARN of their tasks: since when they have ended.
    ended: HashMap<String, Instant>,
    /// By the ARN of definitions: their containers.
    definitions: HashMap<String, Value>,
    tasks: Vec<String>,
}

impl Showing<'_> {
    async fn run(&self) -> Result<()> {
        let mut listening = Listening::default();
        let tasks = self.tasks().await?;
        if tasks.is_empty() && !self.options.follow {
            bail!(
                "{} has no tasks that can still be described",
                self.options.what.as_deref().unwrap_or_default()
            );
        }
        self.listen(&mut listening, &tasks).await?;
        let unseen: Vec<String> = listening.sources.iter().filter_map(Source::unseen).collect();
        if !unseen.is_empty() && unseen.len() == listening.sources.len() && !self.options.follow {
            bail!("{}", unseen.join("\n"));
        }
        for why in unseen {
            eprintln!("gantry: {why}");
        }
        self.show(&mut listening, Some(self.options.lines)).await?;
        if !self.options.follow {
            return Ok(());
        }
        let mut looked = Instant::now();
        loop {
            if listening.is_over(&self.target) {
                return Ok(());
            }
            tokio::time::sleep(LINES).await;
            if looked.elapsed() > TASKS {
                let tasks = self.tasks().await?;
                self.listen(&mut listening, &tasks).await?;
                looked = Instant::now();
            }
            self.show(&mut listening, None).await?;
        }
    }

    /// The tasks as they are: of a service those that are to run, or that ran last.
    async fn tasks(&self) -> Result<Vec<Value>> {
        let api = self.api;
        match &self.target {
            Target::Task { cluster, arn } => find::described(api, cluster, std::slice::from_ref(arn)).await,
            Target::Family { cluster, family } => {
                let arns = find::of_family(api, cluster, family).await?;
                find::described(api, cluster, &arns).await
            }
            Target::Service { cluster, name } => {
                let mut arns = find::list(api, cluster, json!({ "serviceName": name })).await?;
                if arns.is_empty() {
                    let stopped = json!({ "serviceName": name, "desiredStatus": "STOPPED" });
                    arns = find::list(api, cluster, stopped).await?;
                }
                find::described(api, cluster, &arns).await
            }
        }
    }

    /// Listens to the containers of tasks that are new, and notes which have ended.
    async fn listen(&self, listening: &mut Listening, tasks: &[Value]) -> Result<()> {
        let now = Instant::now();
        for task in tasks {
            let arn = text(&task["taskArn"]);
            if task["lastStatus"] == "STOPPED" {
                listening.ended.entry(arn.clone()).or_insert(now);
            }
            if listening.tasks.contains(&arn) {
                continue;
            }
            let containers = self.definition(listening, &text(&task["taskDefinitionArn"])).await?;
            for defined in all(&containers) {
                let is_wanted =
                    self.options.container.as_ref().is_none_or(|name| defined["name"] == name.as_str());
                if is_wanted && listening.sources.len() < MOST {
                    listening.sources.push(Source::of(self.layout, self.api, task, defined));
                } else if is_wanted {
                    eprintln!("gantry: only {MOST} containers are shown; name a task");
                    break;
                }
            }
            listening.tasks.push(arn);
        }
        // Those that are not told of any more have ended as well.
        let told: Vec<String> = tasks.iter().map(|task| text(&task["taskArn"])).collect();
        for arn in listening.tasks.iter().filter(|arn| !told.contains(arn)) {
            listening.ended.entry(arn.clone()).or_insert(now);
        }
        Ok(())
    }

    async fn definition(&self, listening: &mut Listening, arn: &str) -> Result<Value> {
        if let Some(known) = listening.definitions.get(arn) {
            return Ok(known.clone());
        }
        let mut answer = self.api.call("DescribeTaskDefinition", &json!({ "taskDefinition": arn })).await?;
        let containers = answer["taskDefinition"]["containerDefinitions"].take();
        if let Some(name) = &self.options.container
            && !all(&containers).any(|one| one["name"] == name.as_str())
        {
            let names: Vec<String> = all(&containers).map(|one| text(&one["name"])).collect();
            bail!("there is no container {name}; there is {}", names.join(", "));
        }
        listening.definitions.insert(arn.to_owned(), containers.clone());
        Ok(containers)
    }

    /// Shows what is new, in the order in which it was said.
    async fn show(&self, listening: &mut Listening, last: Option<usize>) -> Result<()> {
        let mut lines: Vec<(usize, Line)> = Vec::new();
        for (at, source) in listening.sources.iter_mut().enumerate() {
            let read = source.read(self.api, last).await?;
            lines.extend(read.into_iter().map(|line| (at, line)));
        }
        // Those of one container stay in their order.
        lines.sort_by_key(|(_, line)| line.at_ms.unwrap_or(i64::MAX));
        let several = listening.sources.len() > 1 || !matches!(self.target, Target::Task { .. });
        let mut out = std::io::stdout().lock();
        for (at, line) in &lines {
            writeln!(out, "{}", self.shown(&listening.sources[*at], line, several))?;
        }
        out.flush()?;
        drop(out);
        listening.forget_ended();
        Ok(())
    }

    fn shown(&self, source: &Source, line: &Line, several: bool) -> String {
        let at = line.at_ms.map(Timestamp::from_millis);
        if self.as_json {
            return json!({
                "task_arn": source.task_arn, "container": source.container, "message": line.message,
                "time": at.map(Timestamp::to_rfc3339), "stderr": line.stderr,
            })
            .to_string();
        }
        let mut shown = String::new();
        if several {
            shown = format!("{} | ", source.label());
        }
        if self.options.timestamps {
            shown.push_str(&at.map_or_else(|| "-".to_owned(), Timestamp::to_rfc3339));
            shown.push(' ');
        }
        shown + &line.message
    }
}

impl Listening {
    /// Whether the one task that is listened to has said its last.
    fn is_over(&self, target: &Target) -> bool {
        let Target::Task { arn, .. } = target else { return false };
        self.ended.get(arn).is_some_and(|since| since.elapsed() > LAST_LINES)
    }

    /// Listens no more to tasks that ended a while ago.
    fn forget_ended(&mut self) {
        let over = |arn: &String| self.ended.get(arn).is_some_and(|since| since.elapsed() > 2 * LAST_LINES);
        self.sources.retain(|source| !over(&source.task_arn));
    }
}
