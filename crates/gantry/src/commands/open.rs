//! `gantry open`: where a service is reached.

use std::io::IsTerminal;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::api::{Api, is_refused};
use super::find::{self, Target};
use super::table::{all, text};
use crate::cli::Open;
use crate::control::{self, Request};
use crate::layout::Layout;

/// What shows a URL on desktops.
const BROWSER: &str = "xdg-open";
/// The code for a target group that is not there.
pub const NO_GROUP: &str = "TargetGroupNotFound";
/// Most tasks whose addresses are looked for.
const MOST: usize = 10;

pub fn run(layout: &Layout, options: &Open, as_json: bool) -> Result<()> {
    let whereabouts = &options.whereabouts;
    let api = Api::of(layout, whereabouts.account, whereabouts.region.clone())?;
    let urls = super::runtime()?.block_on(async {
        let target = find::target(&api, &options.what, whereabouts.cluster.as_deref()).await?;
        let urls = urls(layout, &api, &target).await?;
        if urls.is_empty() {
            bail!("{} is reached nowhere: {}", options.what, why_not(&api, &target).await?);
        }
        Ok(urls)
    })?;
    if as_json {
        println!("{}", json!({ "urls": urls }));
        return Ok(());
    }
    for url in &urls {
        println!("{url}");
    }
    let for_browsers = urls.iter().find(|url| url.starts_with("http"));
    if let Some(url) = for_browsers.filter(|_| !options.print && has_browser()) {
        let mut browser = Command::new(BROWSER);
        browser.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // Whether somebody sees it is the desktop's affair.
        browser.status().with_context(|| format!("{BROWSER} can't be started"))?;
    }
    Ok(())
}

fn has_browser() -> bool {
    let has_desktop = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::env::split_paths(&path);
    std::io::stdout().is_terminal() && has_desktop && folders.any(|folder| folder.join(BROWSER).exists())
}

/// Where it is reached, the best first: by load balancers, else by its tasks.
pub async fn urls(layout: &Layout, api: &Api, target: &Target) -> Result<Vec<String>> {
    if let Target::Service { cluster, name } = target {
        let services = find::services(api, cluster, std::slice::from_ref(name)).await?;
        let groups = services.iter().flat_map(target_groups).collect::<Vec<_>>();
        let mut urls = Vec::new();
        for group in &groups {
            for url in of_target_group(api, group).await? {
                if !urls.contains(&url) {
                    urls.push(url);
                }
            }
        }
        if !urls.is_empty() {
            return Ok(urls);
        }
    }
    let mut urls = Vec::new();
    for task in &running(api, target).await? {
        urls.extend(of_task(layout, api, task).await?);
    }
    Ok(urls)
}

/// Its running tasks, some of them where there are many.
async fn running(api: &Api, target: &Target) -> Result<Vec<Value>> {
    let (cluster, tasks) = match target {
        Target::Service { cluster, name } => {
            (cluster, find::list(api, cluster, json!({ "serviceName": name })).await?)
        }
        Target::Family { cluster, family } => {
            (cluster, find::list(api, cluster, json!({ "family": family })).await?)
        }
        Target::Task { cluster, arn } => (cluster, vec![arn.clone()]),
    };
    let mut described = find::described(api, cluster, &tasks).await?;
    described.retain(|task| task["lastStatus"] == "RUNNING");
    described.truncate(MOST);
    Ok(described)
}

/// What it would take for it to be reached.
async fn why_not(api: &Api, target: &Target) -> Result<String> {
    let running = running(api, target).await?;
    let balanced = match target {
        Target::Service { .. } => "it has no load balancer with a listener, and ",
        Target::Family { .. } | Target::Task { .. } => "",
    };
    let mut attachments = running.iter().flat_map(|task| all(&task["attachments"]));
    let with_address = attachments.any(|one| one["type"] == "ElasticNetworkInterface");
    let what = match (running.is_empty(), with_address) {
        (true, _) => "no task of it runs",
        (false, true) => {
            "its running tasks have addresses of their own, and their containers name no port (portMappings)"
        }
        (false, false) => "none of its running tasks has a port of its host (portMappings)",
    };
    Ok(format!("{balanced}{what}"))
}

/// The target groups that lead to a service.
pub fn target_groups(service: &Value) -> Vec<String> {
    let sets = all(&service["taskSets"]).flat_map(|set| all(&set["loadBalancers"]));
    let mut groups: Vec<String> =
        all(&service["loadBalancers"]).chain(sets).map(|one| text(&one["targetGroupArn"])).collect();
    groups.retain(|group| !group.is_empty());
    groups.sort();
    groups.dedup();
    groups
}

/// What listeners of load balancers lead to the group.
async fn of_target_group(api: &Api, group: &str) -> Result<Vec<String>> {
    let asked = [("TargetGroupArns.member.1", group)];
    let answer = match api.query("elbv2", "DescribeTargetGroups", &asked).await {
        // Somebody has deleted it, and nothing leads to it any more.
        Err(error) if is_refused(&error, NO_GROUP) => return Ok(Vec::new()),
        answer => answer?,
    };
    let mut urls = Vec::new();
    for arn in all(&answer["targetGroups"][0]["loadBalancerArns"]).map(text) {
        let asked = [("LoadBalancerArns.member.1", arn.as_str())];
        let answer = api.query("elbv2", "DescribeLoadBalancers", &asked).await?;
        let name = text(&answer["loadBalancers"][0]["dNSName"]);
        let answer = api.query("elbv2", "DescribeListeners", &[("LoadBalancerArn", arn.as_str())]).await?;
        for listener in all(&answer["listeners"]) {
            let base = base(&text(&listener["protocol"]), &name, listener["port"].as_u64().unwrap_or(0));
            if all(&listener["defaultActions"]).any(|action| leads_to(action, group)) {
                urls.push(base.clone() + "/");
                continue;
            }
            if !text(&listener["protocol"]).starts_with("HTTP") {
                continue;
            }
            let listener = text(&listener["listenerArn"]);
            let answer = api.query("elbv2", "DescribeRules", &[("ListenerArn", listener.as_str())]).await?;
            let rules = all(&answer["rules"]);
            let ours = rules.filter(|rule| all(&rule["actions"]).any(|action| leads_to(action, group)));
            urls.extend(ours.map(|rule| of_rule(&base, rule)));
        }
    }
    Ok(urls.into_iter().map(|url| if url.starts_with("http") { url } else { bare(url) }).collect())
}

/// Only HTTP has paths.
fn bare(url: String) -> String {
    url.trim_end_matches('/').to_owned()
}

/// Whether the action forwards to the group.
fn leads_to(action: &Value, group: &str) -> bool {
    let mut shared = all(&action["forwardConfig"]["targetGroups"]);
    action["targetGroupArn"] == group || shared.any(|one| one["targetGroupArn"] == group)
}

/// `http://NAME:PORT`, without the port that browsers take by themselves.
fn base(protocol: &str, name: &str, port: u64) -> String {
    match (protocol, port) {
        ("HTTP", 80) => format!("http://{name}"),
        ("HTTPS", 443) => format!("https://{name}"),
        _ => format!("{}://{name}:{port}", protocol.to_ascii_lowercase()),
    }
}

/// The URL of a rule: the first of its paths up to its first wildcard, and whom to ask for where it wants a host.
fn of_rule(base: &str, rule: &Value) -> String {
    let first = |field: &str, config: &str| {
        let condition = all(&rule["conditions"]).find(|one| one["field"] == field)?;
        let values = all(&condition[config]["values"]).chain(all(&condition["values"]));
        values.map(text).next()
    };
    let path = first("path-pattern", "pathPatternConfig").unwrap_or_else(|| "/".to_owned());
    let path: String = path.chars().take_while(|one| !"*?".contains(*one)).collect();
    match first("host-header", "hostHeaderConfig") {
        Some(host) => format!("{base}{path} (with the header Host: {host})"),
        None => format!("{base}{path}"),
    }
}

/// A task's own address with the ports of its containers, or the ports of its host.
async fn of_task(layout: &Layout, api: &Api, task: &Value) -> Result<Vec<String>> {
    let bindings: Vec<u64> = all(&task["containers"])
        .flat_map(|one| all(&one["networkBindings"]))
        .filter(|one| one["protocol"] != "udp")
        .filter_map(|one| one["hostPort"].as_u64())
        .collect();
    let details: Vec<&Value> = all(&task["attachments"]).flat_map(|one| all(&one["details"])).collect();
    let detail = |name: &str| details.iter().find(|one| one["name"] == name).map(|one| text(&one["value"]));
    let Some(private) = detail("privateIPv4Address") else {
        let host = host(layout, &text(&task["taskArn"])).await?;
        return Ok(bindings.iter().map(|port| format!("http://{host}:{port}/")).collect());
    };
    let mut address = private;
    if let Some(interface) = detail("networkInterfaceId") {
        let answer = api
            .query("ec2", "DescribeNetworkInterfaces", &[("NetworkInterfaceId.1", interface.as_str())])
            .await?;
        if let Some(public) = answer["networkInterfaces"][0]["association"]["publicIp"].as_str() {
            address = public.to_owned();
        }
    }
    let definition = json!({ "taskDefinition": task["taskDefinitionArn"] });
    let answer = api.call("DescribeTaskDefinition", &definition).await?;
    let containers = all(&answer["taskDefinition"]["containerDefinitions"]);
    let mappings =
        containers.flat_map(|one| all(&one["portMappings"])).filter(|one| one["protocol"] != "udp");
    let ports = mappings.filter_map(|one| one["containerPort"].as_u64());
    Ok(ports.map(|port| base("HTTP", &address, port) + "/").collect())
}

/// The machine that a task is on, as it is called from here.
async fn host(layout: &Layout, arn: &str) -> Result<String> {
    let asked = Request::Locate { tasks: vec![arn.to_owned()] };
    let places = control::ask(&layout.control(), &asked).await?;
    let host = text(&places[arn]["hostname"]);
    let own = std::fs::read_to_string(Path::new("/proc/sys/kernel/hostname")).unwrap_or_default();
    Ok(if host.is_empty() || host == own.trim() { "localhost".to_owned() } else { host })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_listeners_and_rules() {
        assert_eq!(base("HTTP", "web.localhost", 80), "http://web.localhost");
        assert_eq!(base("HTTPS", "web.localhost", 8443), "https://web.localhost:8443");
        assert_eq!(base("TCP", "web.localhost", 5432), "tcp://web.localhost:5432");
        let rule = json!({ "conditions": [{ "field": "path-pattern", "pathPatternConfig": { "values": ["/api/*"] } }] });
        assert_eq!(of_rule("http://web", &rule), "http://web/api/");
        let rule = json!({ "conditions": [{ "field": "host-header", "values": ["shop.test"] }] });
        assert_eq!(of_rule("http://web", &rule), "http://web/ (with the header Host: shop.test)");
    }

    #[test]
    fn actions_lead_to_groups() {
        assert!(leads_to(&json!({ "targetGroupArn": "g" }), "g"));
        assert!(leads_to(&json!({ "forwardConfig": { "targetGroups": [{ "targetGroupArn": "g" }] } }), "g"));
        assert!(!leads_to(&json!({ "type": "redirect" }), "g"));
        let service = json!({ "loadBalancers": [{ "targetGroupArn": "b" }, { "loadBalancerName": "classic" }],
            "taskSets": [{ "loadBalancers": [{ "targetGroupArn": "a" }] }] });
        assert_eq!(target_groups(&service), ["a", "b"]);
    }
}
