use super::*;

fn sent(containers: Vec<v1::Container>) -> v1::DesiredTask {
    v1::DesiredTask {
        task_arn: "arn:aws:ecs:us-east-1:000000000000:task/default/0f".to_owned(),
        task_id: "0f".to_owned(),
        containers,
        network: Some(v1::Network { mode: v1::NetworkMode::None.into(), interface: None }),
        ..v1::DesiredTask::default()
    }
}

fn container(name: &str, on: &[&str]) -> v1::Container {
    v1::Container {
        name: name.to_owned(),
        depends_on: on
            .iter()
            .map(|on| v1::Dependency {
                container: (*on).to_owned(),
                condition: v1::dependency::Condition::Start.into(),
            })
            .collect(),
        ..v1::Container::default()
    }
}

#[track_caller]
fn refused(sent: v1::DesiredTask, code: Code, words: &str) {
    let reason = Task::parse(Arc::new(sent)).unwrap_err();
    assert_eq!(reason.code, code);
    assert!(reason.detail.contains(words), "{}", reason.detail);
}

#[test]
fn what_makes_no_sense_is_refused() {
    use Code::ResourceInitialization;
    refused(sent(vec![]), ResourceInitialization, "no containers");
    let unknown = vec![container("a", &["b"])];
    refused(sent(unknown), ResourceInitialization, "b, which");
    let circle = vec![container("a", &["b"]), container("b", &["c"]), container("c", &["a"])];
    refused(sent(circle), ResourceInitialization, "circle");
    let mut bad = sent(vec![container("a", &[])]);
    bad.task_id = "../0f".to_owned();
    refused(bad, ResourceInitialization, "../0f");
    let mut bare = sent(vec![container("a", &[])]);
    bare.network = None;
    refused(bare, ResourceInitialization, "network mode");
}

#[test]
fn what_is_not_done_here_is_refused() {
    let mut gpu = container("a", &[]);
    gpu.gpus = 1;
    refused(sent(vec![gpu]), Code::NotSupported, "GPU");
    let mut splunk = container("a", &[]);
    splunk.log_configuration =
        Some(v1::LogConfiguration { driver: "splunk".to_owned(), ..v1::LogConfiguration::default() });
    refused(sent(vec![splunk]), Code::NotSupported, "splunk");
}

#[test]
fn health_checks() {
    let check = |command: &[&str]| {
        health_check(&v1::HealthCheck {
            command: command.iter().map(|it| (*it).to_owned()).collect(),
            ..v1::HealthCheck::default()
        })
    };
    assert_eq!(check(&["NONE"]), None);
    assert_eq!(check(&[]), None);
    let run = check(&["CMD", "curl", "localhost"]).unwrap();
    assert_eq!(run.args, ["curl", "localhost"]);
    assert_eq!((run.interval.as_secs(), run.retries), (30, 3));
    let shell = check(&["CMD-SHELL", "exit 0"]).unwrap();
    assert_eq!(shell.args, ["/bin/sh", "-c", "exit 0"]);
}

#[test]
fn a_container_keeps_its_id() {
    let id = |task: &str, name: &str| container_id(task, name).unwrap().to_string();
    assert_eq!(id("0f", "web"), id("0f", "web"));
    assert_ne!(id("0f", "web"), id("0f", "db"));
    assert_ne!(id("0e", "web")[3..], id("0f", "web")[3..]);
    assert_eq!(id("0f", "web").len(), "0f-".len() + 10);
}

#[test]
fn an_interface() {
    let interface = v1::Interface {
        vpc_id: "vpc-1".to_owned(),
        vpc_cidr: "172.31.0.0/16".to_owned(),
        subnet_cidr: "172.31.16.0/20".to_owned(),
        gateway: "172.31.16.1".to_owned(),
        mac: "02:00:00:00:00:01".to_owned(),
        private_ipv4: "172.31.16.9".to_owned(),
        security_groups: vec![v1::SecurityGroup {
            id: "sg-1".to_owned(),
            ingress: vec![v1::Rule {
                protocol: "tcp".to_owned(),
                from_port: 80,
                to_port: 90,
                ipv4_cidrs: vec!["10.0.0.0/8".to_owned()],
                member_ipv4: vec!["172.31.16.10".to_owned()],
            }],
            egress: vec![],
        }],
        ..v1::Interface::default()
    };
    let label: Label = "0f".parse().unwrap();
    let parsed = parse_interface(&interface, &label).unwrap();
    let rule = &parsed.attachment.groups[0].ingress[0];
    assert_eq!(rule.protocol, Protocol::Tcp(Ports { from: 80, to: 90 }));
    assert_eq!(rule.peers.len(), 2);
    let port = v1::Interface { mac: "none".to_owned(), ..interface };
    assert!(parse_interface(&port, &label).is_err());
}
