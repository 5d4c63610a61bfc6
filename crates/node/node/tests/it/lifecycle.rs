//! From desired to running to stopped.

use std::time::Duration;

use gantry_node_proto::v1::{ContainerStatus, ReasonCode, RestartPolicy, TaskStatus};
use gantry_runtime::{EngineError, ExecOutput, PullError, Script};

use crate::world::{World, arn, stopped, task};

#[tokio::test]
async fn a_task_runs_stops_and_is_forgotten() {
    let world = World::start().await;
    world.plane.desire([task("1", &["web"])]);
    let running = world.plane.until_status(&arn("1"), TaskStatus::Running).await;
    let web = &running.containers[0];
    assert_eq!(web.status(), ContainerStatus::Running);
    assert!(web.image_digest.starts_with("sha256:"));
    assert!(web.runtime_id.starts_with("1-"));
    assert!(running.pull_stopped_at_ms >= running.pull_started_at_ms);

    world.plane.desire([stopped(task("1", &["web"]))]);
    let over = world.plane.until_status(&arn("1"), TaskStatus::Stopped).await;
    assert_eq!(over.containers[0].exit_code, Some(143));
    assert_eq!(over.reason.unwrap().code(), ReasonCode::StopDesired);
    assert!(over.stopped_at_ms >= over.stopping_at_ms);
    assert!(world.engine.specs().is_empty());
    assert!(world.engine.tasks().is_empty());

    let statuses: Vec<TaskStatus> =
        world.plane.reports(&arn("1")).iter().map(|report| report.status()).collect();
    assert!(statuses.is_sorted(), "{statuses:?}");
}

#[tokio::test]
async fn what_running_containers_use_is_measured_when_it_is_asked_for() {
    let world = World::start().await;
    world.plane.desire([task("1", &["web", "side"]), task("2", &["web"])]);
    for id in ["1", "2"] {
        world.plane.until_status(&arn(id), TaskStatus::Running).await;
    }
    assert_eq!(world.calls("stats"), 0, "nobody has looked");
    let mut usage = world.plane.measure().await;
    usage.tasks.sort_by(|a, b| a.task_arn.cmp(&b.task_arn));
    let named: Vec<(&str, Vec<&str>)> = usage
        .tasks
        .iter()
        .map(|task| {
            let names = task.containers.iter().map(|one| one.name.as_str()).collect();
            (task.task_arn.as_str(), names)
        })
        .collect();
    assert_eq!(named, [(arn("1").as_str(), vec!["web", "side"]), (arn("2").as_str(), vec!["web"])]);
    let web = &usage.tasks[0].containers[0];
    assert_eq!((web.memory_bytes, web.processes), (1 << 20, 1));

    world.plane.desire([stopped(task("1", &["web", "side"])), task("2", &["web"])]);
    world.plane.until_status(&arn("1"), TaskStatus::Stopped).await;
    let usage = world.plane.measure().await;
    assert_eq!(usage.tasks.len(), 1, "what has stopped uses nothing");
}

#[tokio::test]
async fn a_task_that_is_not_named_any_more_stops() {
    let world = World::start().await;
    world.plane.desire([task("1", &["web"]), task("2", &["web"])]);
    world.plane.until_status(&arn("1"), TaskStatus::Running).await;
    world.plane.until_status(&arn("2"), TaskStatus::Running).await;
    world.plane.desire([task("2", &["web"])]);
    world.plane.until_status(&arn("1"), TaskStatus::Stopped).await;
    assert_eq!(world.engine.specs().len(), 1);
}

#[tokio::test]
async fn an_essential_container_takes_the_others_with_it() {
    let world = World::start().await;
    let script = Script { exits: Some((Duration::from_millis(50), 3)), ..Script::default() };
    world.engine.script("job", script);
    world.plane.desire([task("1", &["web", "job"])]);
    let over = world.plane.until_status(&arn("1"), TaskStatus::Stopped).await;
    let reason = over.reason.unwrap();
    assert_eq!(reason.code(), ReasonCode::EssentialContainerExited);
    assert_eq!(reason.container, "job");
    assert_eq!(over.containers[0].exit_code, Some(143));
    assert_eq!(over.containers[1].exit_code, Some(3));
    assert!(over.execution_stopped_at_ms > 0);
}

#[tokio::test]
async fn a_container_that_takes_no_notice_is_killed() {
    let world = World::start().await;
    let script = Script { on_term: None, ..Script::default() };
    world.engine.script("deaf", script);
    let mut deaf = task("1", &["deaf"]);
    deaf.containers[0].stop_timeout_seconds = Some(2);
    world.plane.desire([deaf.clone()]);
    world.plane.until_status(&arn("1"), TaskStatus::Running).await;
    world.plane.desire([stopped(deaf)]);
    let over = world.plane.until_status(&arn("1"), TaskStatus::Stopped).await;
    assert_eq!(over.containers[0].exit_code, Some(137));
    assert!(over.stopped_at_ms - over.stopping_at_ms >= 2000);
}

#[tokio::test]
async fn an_image_that_cannot_be_pulled() {
    let world = World::start().await;
    let script = Script {
        pull_fails: Some(PullError::NotFound { reference: "nothing:1".to_owned() }),
        ..Script::default()
    };
    world.engine.script("nothing", script);
    world.plane.desire([task("1", &["nothing"])]);
    let over = world.plane.until_status(&arn("1"), TaskStatus::Stopped).await;
    let reason = over.reason.unwrap();
    assert_eq!(reason.code(), ReasonCode::CannotPullContainer);
    assert_eq!(
        reason.detail,
        "pull image manifest has been retried 1 time(s): failed to resolve ref nothing: nothing:1: not found"
    );
    assert_eq!(over.containers[0].exit_code, None);
    assert_eq!(over.containers[0].status(), ContainerStatus::Stopped);
}

#[tokio::test]
async fn a_container_that_cannot_start() {
    let world = World::start().await;
    let script = Script {
        start_fails: Some(EngineError::Runtime("exec: \"no\": not found".to_owned())),
        ..Script::default()
    };
    world.engine.script("no", script);
    world.plane.desire([task("1", &["no"])]);
    let over = world.plane.until_status(&arn("1"), TaskStatus::Stopped).await;
    assert_eq!(over.reason.unwrap().code(), ReasonCode::CannotStartContainer);
    let reason = over.containers[0].reason.clone().unwrap();
    assert_eq!(reason.code(), ReasonCode::CannotStartContainer);
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_pull() {
    let world = World::start().await;
    let script = Script { pull_takes: Duration::from_secs(3600), ..Script::default() };
    world.engine.script("large", script);
    world.plane.desire([task("1", &["large"])]);
    world.plane.until(&arn("1"), |report| report.pull_started_at_ms > 0).await;
    world.plane.desire([stopped(task("1", &["large"]))]);
    world.plane.until_status(&arn("1"), TaskStatus::Stopped).await;
}

#[tokio::test]
async fn out_of_memory_is_said() {
    let world = World::start().await;
    world.plane.desire([task("1", &["web"])]);
    world.plane.until_status(&arn("1"), TaskStatus::Running).await;
    let id = world.engine.specs()[0].id.clone();
    world.engine.run_out_of_memory(&id);
    let over = world.plane.until_status(&arn("1"), TaskStatus::Stopped).await;
    assert_eq!(over.containers[0].exit_code, Some(137));
    let reason = over.containers[0].reason.clone().unwrap();
    assert_eq!(reason.code(), ReasonCode::OutOfMemory);
}

#[tokio::test]
async fn what_is_not_supported_is_refused_and_then_forgotten() {
    let world = World::start().await;
    let mut odd = task("1", &["web"]);
    odd.containers[0].gpus = 1;
    world.plane.desire([odd]);
    let over = world.plane.until_status(&arn("1"), TaskStatus::Stopped).await;
    assert_eq!(over.reason.unwrap().code(), ReasonCode::NotSupported);
    assert_eq!(world.calls("create"), 0);
}

#[tokio::test]
async fn health_decides_who_starts() {
    let world = World::start().await;
    let script = Script { exec: ExecOutput { code: 0, output: Vec::new() }, ..Script::default() };
    world.engine.script("db", script);
    let mut both = task("1", &["web", "db"]);
    both.containers[1].health_check = Some(gantry_node_proto::v1::HealthCheck {
        command: vec!["CMD".to_owned(), "check".to_owned()],
        interval_seconds: 1,
        ..Default::default()
    });
    both.containers[0].depends_on = vec![gantry_node_proto::v1::Dependency {
        container: "db".to_owned(),
        condition: gantry_node_proto::v1::dependency::Condition::Healthy.into(),
    }];
    world.plane.desire([both]);
    let running = world.plane.until_status(&arn("1"), TaskStatus::Running).await;
    assert_eq!(running.health(), gantry_node_proto::v1::HealthStatus::Healthy);
    assert!(running.containers[0].started_at_ms - running.containers[1].started_at_ms >= 1000);
}

#[tokio::test]
async fn an_engine_that_does_not_answer_is_asked_again() {
    let world = World::start().await;
    for method in ["prepare_task", "pull", "create", "start", "inspect"] {
        let gone = EngineError::Unavailable("restarting".to_owned());
        world.engine.fail_next(method, gone);
    }
    world.plane.desire([task("1", &["web"])]);
    world.plane.until_status(&arn("1"), TaskStatus::Running).await;
    assert_eq!(world.engine.specs().len(), 1);
}

#[tokio::test]
async fn in_the_hosts_network_the_endpoint_is_on_loopback() {
    use gantry_node_proto::v1;
    let mut world = World::start().await;
    let mut host = task("1", &["web"]);
    host.network = Some(v1::Network { mode: v1::NetworkMode::Host.into(), interface: None });
    host.task_role = Some(v1::Credentials {
        id: "role-1".to_owned(),
        access_key_id: "ASIA1".to_owned(),
        ..v1::Credentials::default()
    });
    world.plane.desire([host]);
    world.plane.until_status(&arn("1"), TaskStatus::Running).await;
    let environment = world.engine.specs()[0].environment.clone();
    let uri = |name: &str| environment.iter().find(|(it, _)| it == name).unwrap().1.clone();
    let metadata = get(&uri("ECS_CONTAINER_METADATA_URI_V4")).await;
    assert!(metadata.contains("\"Name\":\"web\""), "{metadata}");
    world.end().await;
    world.begin();
    // The container still knows the same address.
    let mut credentials = String::new();
    while !credentials.contains("ASIA1") {
        credentials = get(&uri("AWS_CONTAINER_CREDENTIALS_FULL_URI")).await;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The answer to a GET; empty if nobody listens.
async fn get(uri: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (host, path) = uri.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let Ok(mut stream) = tokio::net::TcpStream::connect(host).await else {
        return String::new();
    };
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_restart_policy_starts_a_container_again_and_the_task_runs_on() {
    let mut world = World::start().await;
    let script = Script { exits: Some((Duration::from_millis(50), 3)), ..Script::default() };
    world.engine.script("job", script);
    let mut wanted = task("1", &["web", "job"]);
    wanted.containers[1].restart_policy =
        Some(RestartPolicy { ignored_exit_codes: vec![0], attempt_period_seconds: 0 });
    world.plane.desire([wanted.clone()]);
    let plane = world.plane.clone();
    let restarted = |count: u32| {
        let plane = plane.clone();
        async move {
            loop {
                let most = plane.reports(&arn("1")).iter().map(|it| it.containers[1].restart_count).max();
                if most >= Some(count) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), restarted(2)).await.unwrap();
    world.end().await;
    world.begin();
    tokio::time::timeout(Duration::from_secs(20), restarted(4)).await.unwrap();
    let seen = world.plane.reports(&arn("1"));
    assert!(seen.iter().all(|report| report.status() <= TaskStatus::Running));
    assert!(seen.iter().all(|report| report.containers[1].exit_code.is_none()));
    // With an exit code that ends it, it is over.
    let script = Script { exits: Some((Duration::from_millis(50), 0)), ..Script::default() };
    world.engine.script("job", script);
    let over = world.plane.until_status(&arn("1"), TaskStatus::Stopped).await;
    assert_eq!(over.containers[1].exit_code, Some(0));
    assert_eq!(over.reason.unwrap().code(), ReasonCode::EssentialContainerExited);
}
