//! Everything real but the control plane: containerd, runc, namespaces, rules, resolver, endpoints.

use std::sync::Arc;

use gantry_base::SystemClock;
use gantry_net::{Instance, Net};
use gantry_node::{Agent, Capacity, Config, IMAGE_CACHE_BYTES, LOG_BACKLOG_BYTES, PullBehavior};
use gantry_node_proto::v1::{self, TaskStatus};
use gantry_runtime::{Containerd, Engine, Health, Started, State};
use tokio_util::sync::CancellationToken;

use crate::control::{Plane, Served};
use crate::engine_world::{Cleanup, World};
use crate::registry::Registry;
use crate::world::{stopped, task};

/// What stands where Gantry's endpoint would be.
const ENDPOINT_SAYS: &str = "the endpoint";

pub struct Real {
    pub plane: Plane,
    served: Served,
    pub dir: Cleanup,
    image: String,
    engine: Arc<Containerd>,
    net: Net,
    pub registry: Registry,
    agent: Option<(CancellationToken, tokio::task::JoinHandle<()>)>,
    endpoint: std::net::SocketAddr,
}

impl Real {
    pub async fn start() -> Self {
        let World { engine, registry, dir, .. } = World::new().await;
        let image = registry.put_busybox();
        let plane = Plane::default();
        let served = plane.serve().await;
        let net = Net::open(gantry_net::Config {
            instance: Instance::of(dir.path()),
            run_dir: dir.path().join("netns"),
        })
        .await
        .unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = listener.local_addr().unwrap();
        let app = axum::Router::new().fallback(|| async { ENDPOINT_SAYS });
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let mut real = Self {
            plane,
            served,
            dir,
            image,
            engine: Arc::new(engine),
            net,
            registry,
            agent: None,
            endpoint,
        };
        real.begin();
        real
    }

    fn begin(&mut self) {
        let config = Config {
            node_id: "node-1".to_owned(),
            hostname: "host".to_owned(),
            address: "127.0.0.1".to_owned(),
            data_dir: self.dir.path().join("data"),
            control: self.served.url.clone(),
            tls: None,
            endpoint: self.endpoint,
            capacity: Capacity::default(),
            attributes: Default::default(),
            versions: Default::default(),
            log_backlog_bytes: LOG_BACKLOG_BYTES,
            image_pull_behavior: PullBehavior::default(),
            image_cache_bytes: IMAGE_CACHE_BYTES,
            connected: Default::default(),
            introspection: None,
        };
        let stop = CancellationToken::new();
        let (plane, token) = (self.plane.clone(), stop.clone());
        let (engine, net) = (self.engine.clone(), Arc::new(self.net.clone()));
        let agent = tokio::spawn(async move {
            let ended = Agent::run(config, engine, net, Arc::new(SystemClock), token).await;
            plane.node_ended(ended.err());
        });
        self.agent = Some((stop, agent));
    }

    /// A task with an interface that runs this in a shell.
    pub fn shell(&self, number: u8, script: &str) -> v1::DesiredTask {
        let mut task = task(&format!("{number:02x}aa"), &["main"]);
        let main = &mut task.containers[0];
        main.image = Some(v1::Image {
            reference: self.image.clone(),
            pull_behavior: v1::PullBehavior::PreferCached.into(),
            ..v1::Image::default()
        });
        main.entry_point = vec!["sh".to_owned(), "-c".to_owned()];
        main.command = vec![script.to_owned()];
        main.stop_timeout_seconds = Some(2);
        let log = main.log_configuration.as_mut().unwrap();
        log.stream = format!("stream/{number}");
        let everyone = v1::Rule {
            protocol: "-1".to_owned(),
            from_port: -1,
            to_port: -1,
            ipv4_cidrs: vec!["0.0.0.0/0".to_owned()],
            member_ipv4: Vec::new(),
        };
        task.network = Some(v1::Network {
            mode: v1::NetworkMode::Awsvpc.into(),
            interface: Some(v1::Interface {
                vpc_id: "vpc-1".to_owned(),
                vpc_cidr: "10.98.0.0/16".to_owned(),
                subnet_id: "subnet-1".to_owned(),
                subnet_cidr: "10.98.16.0/20".to_owned(),
                gateway: "10.98.16.1".to_owned(),
                eni_id: format!("eni-{number}"),
                mac: format!("02:00:00:00:00:{number:02x}"),
                private_ipv4: format!("10.98.16.{number}"),
                hostname: format!("ip-10-98-16-{number}.ec2.internal"),
                search_domains: vec!["ec2.internal".to_owned()],
                security_groups: vec![v1::SecurityGroup {
                    id: "sg-1".to_owned(),
                    ingress: Vec::new(),
                    egress: vec![everyone],
                }],
                ..v1::Interface::default()
            }),
        });
        task.task_role = Some(v1::Credentials {
            id: format!("role-{number}"),
            role_arn: "arn:aws:iam::000000000000:role/r".to_owned(),
            access_key_id: format!("ASIA{number}"),
            ..v1::Credentials::default()
        });
        task
    }

    async fn started(&self) -> Vec<Started> {
        let seen = self.engine.observe().await.unwrap();
        seen.into_iter()
            .filter_map(|it| match it.state {
                State::Running(started) => Some(started),
                _ => None,
            })
            .collect()
    }

    pub async fn close(mut self, tasks: Vec<v1::DesiredTask>) {
        self.plane.desire([]);
        for task in tasks {
            let arn = task.task_arn;
            self.plane.until_status(&arn, TaskStatus::Stopped).await;
        }
        let (stop, agent) = self.agent.take().unwrap();
        stop.cancel();
        agent.await.unwrap();
        let left = std::fs::read_dir(self.dir.path().join("netns")).unwrap();
        assert_eq!(left.count(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_sees_its_network_names_metadata_credentials_and_the_endpoint() {
    let real = Real::start().await;
    let script = r#"
        b() { busybox "$@" 2>&1; }
        b hostname
        b ip -o -4 addr show eth0
        b nslookup ip-10-98-16-9.ec2.internal 10.98.0.2
        b wget -qO- "$ECS_CONTAINER_METADATA_URI_V4"; echo
        b wget -qO- "$ECS_CONTAINER_METADATA_URI_V4/task"; echo
        b wget -qO- "http://169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"; echo
        b wget -qO- http://169.254.170.2/v2/credentials/other; echo
        b wget -qO- http://169.254.170.2:4566/; echo
        b cat /etc/resolv.conf /etc/hosts
        echo all said
        exit 7
    "#;
    let task = real.shell(9, script);
    real.plane.desire([task.clone()]);
    let arn = task.task_arn.clone();
    let over = real.plane.until_status(&arn, TaskStatus::Stopped).await;
    let said =
        real.plane.messages_until("stream/9", |said| said.last().is_some_and(|it| it == "all said")).await;
    let said = said.join("\n");
    assert_eq!(over.containers[0].exit_code, Some(7), "{said}");
    for wanted in [
        "ip-10-98-16-9.ec2.internal",
        "inet 10.98.16.9/20",
        "Address: 10.98.16.9",
        "\"Name\":\"main\"",
        "\"KnownStatus\":\"RUNNING\"",
        "\"MACAddress\":\"02:00:00:00:00:09\"",
        &format!("\"TaskARN\":\"{arn}\""),
        "\"AccessKeyId\":\"ASIA9\"",
        "400 Bad Request",
        ENDPOINT_SAYS,
        "nameserver 10.98.0.2",
        "search ec2.internal",
        "10.98.16.9 ip-10-98-16-9.ec2.internal",
    ] {
        assert!(said.contains(wanted), "{wanted} is not in:\n{said}");
    }
    let network = over.network.unwrap();
    assert_eq!(network.private_ipv4, "10.98.16.9");
    real.close(vec![]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_tasks_live_through_the_agent_and_containerd() {
    let mut real = Real::start().await;
    let tasks: Vec<_> = (20..40)
        .map(|number| real.shell(number, "trap 'exit 3' TERM; while :; do sleep 0.1; done"))
        .collect();
    real.plane.desire(tasks.clone());
    for task in &tasks {
        real.plane.until_status(&task.task_arn, TaskStatus::Running).await;
    }
    let mut before = real.started().await;
    assert_eq!(before.len(), 20);

    // The agent goes in the middle of whatever it does, and comes again.
    let (_, agent) = real.agent.take().unwrap();
    agent.abort();
    let _ = agent.await;
    let Health::Up { pid, .. } = *real.engine.health().borrow() else { panic!("it is up") };
    // SAFETY: kill takes two integers.
    unsafe { libc::kill(pid.try_into().unwrap(), libc::SIGKILL) };
    real.begin();
    let removed = tasks[0].clone();
    real.plane.desire(
        tasks.iter().cloned().map(
            |task| {
                if task.task_arn == removed.task_arn { stopped(task) } else { task }
            },
        ),
    );
    let over = real.plane.until_status(&removed.task_arn, TaskStatus::Stopped).await;
    assert_eq!(over.containers[0].exit_code, Some(3));
    let mut after = real.started().await;
    let key = |started: &Started| started.pid;
    before.sort_by_key(key);
    after.sort_by_key(key);
    assert_eq!(after.len(), 19, "all others run, none doubled");
    assert!(after.iter().all(|started| before.contains(started)));
    for task in &tasks[1..] {
        let reports = real.plane.reports(&task.task_arn);
        assert!(reports.iter().all(|report| report.status() <= TaskStatus::Running));
    }
    let rest = tasks[1..].to_vec();
    real.close(rest).await;
}
