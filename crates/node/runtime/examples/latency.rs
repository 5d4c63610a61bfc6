//! How long each step of a container's life takes here: `cargo run --release -p gantry-runtime --example latency [ROUNDS]`.

#![allow(clippy::unwrap_used, reason = "a measurement that cannot be made has no answer")]

#[allow(dead_code, reason = "the tests use the rest of it")]
#[path = "../tests/it/registry.rs"]
mod registry;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures::StreamExt;
use gantry_runtime::*;

#[tokio::main]
async fn main() {
    let rounds: usize = std::env::args().nth(1).map_or(20, |it| it.parse().unwrap());
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let dir = tempfile::Builder::new().prefix("gantry").tempdir().unwrap();
    let options = Options::new(dir.path().join("data"), dir.path().join("run"), "latency");
    let mut times: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    let mut took = |what, since: Instant| times.entry(what).or_default().push(since.elapsed());

    let since = Instant::now();
    let engine = Containerd::start(options).await.unwrap();
    took("0 containerd to answering", since);
    let registry = registry::Registry::start().await;
    let image = registry.put_busybox();
    let since = Instant::now();
    engine.pull(&Pull::new(&image)).await.unwrap();
    took("0 pull of two layers", since);
    for round in 0..rounds {
        let task = TaskId::new(format!("t{round}")).unwrap();
        let since = Instant::now();
        engine
            .prepare_task(&TaskSpec {
                id: task.clone(),
                limits: Limits::default(),
                users: None,
                shares: Default::default(),
            })
            .await
            .unwrap();
        took("1 prepare_task", since);
        let mut ids = Vec::new();
        for (create, start, name) in [
            ("2 create", "3 start", "a"),
            ("4 create, second of the task", "5 start, second of the task", "b"),
        ] {
            let file = dir.path().join("log");
            let id = ContainerId::new(format!("t{round}-{name}")).unwrap();
            let output = Output { stdout: file.clone(), stderr: file };
            let mut spec = ContainerSpec::new(id.clone(), task.clone(), &image, output);
            spec.entrypoint = Some(vec!["sleep".into(), "1000".into()]);
            spec.security.seccomp_unconfined = std::env::var_os("NO_SECCOMP").is_some();
            let since = Instant::now();
            engine.create(&spec).await.unwrap();
            took(create, since);
            let since = Instant::now();
            engine.start(&id).await.unwrap();
            took(start, since);
            ids.push(id);
        }
        let since = Instant::now();
        engine.observe().await.unwrap();
        took("6 observe two", since);
        for (kill, delete, id) in [
            ("7 kill and wait", "8 delete", &ids[0]),
            ("7 kill and wait", "9 delete, last of the task", &ids[1]),
        ] {
            let since = Instant::now();
            engine.signal(id, Signal::KILL).await.unwrap();
            engine.wait(id).await.unwrap();
            took(kill, since);
            let since = Instant::now();
            engine.delete(id).await.unwrap();
            took(delete, since);
        }
        let since = Instant::now();
        engine.remove_task(&task).await.unwrap();
        took("a remove_task", since);
    }
    let burst = (0..50).map(|number| {
        let (engine, image, file) = (&engine, &image, dir.path().join("log"));
        async move {
            let task = TaskId::new(format!("burst{number}")).unwrap();
            engine
                .prepare_task(&TaskSpec {
                    id: task.clone(),
                    limits: Limits::default(),
                    users: None,
                    shares: Default::default(),
                })
                .await
                .unwrap();
            let id = ContainerId::new(format!("burst{number}-a")).unwrap();
            let output = Output { stdout: file.clone(), stderr: file };
            let mut spec = ContainerSpec::new(id.clone(), task.clone(), image, output);
            spec.entrypoint = Some(vec!["sleep".into(), "1000".into()]);
            engine.create(&spec).await.unwrap();
            engine.start(&id).await.unwrap();
        }
    });
    let since = Instant::now();
    futures::stream::iter(burst).buffer_unordered(8).collect::<Vec<_>>().await;
    took("b 50 tasks at once", since);
    let since = Instant::now();
    let all = engine.observe().await.unwrap();
    took("c observe 50", since);
    let since = Instant::now();
    let deletions = all.iter().map(|it| engine.delete(&it.id));
    futures::stream::iter(deletions).buffer_unordered(8).collect::<Vec<_>>().await;
    took("d delete 50 running at once", since);
    for it in all {
        engine.remove_task(&it.task).await.unwrap();
    }
    engine.stop().await.unwrap();
    for (what, mut times) in times {
        times.sort();
        let ms = |it: Duration| it.as_secs_f64() * 1e3;
        let (least, most) = (times[0], times[times.len() - 1]);
        println!(
            "{what:32} least {:7.1}   median {:7.1}   most {:7.1} ms",
            ms(least),
            ms(times[times.len() / 2]),
            ms(most)
        );
    }
}
