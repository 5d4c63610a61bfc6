//! Further processes with somebody at their other end.

use std::fs;

use gantry_runtime::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::survival::restarted;
use crate::world::{LIMIT, World, eventually};

fn attach(id: &str, script: &str, terminal: Option<TerminalSize>) -> Attach {
    Attach { id: id.into(), args: vec!["sh".into(), "-c".into(), script.into()], terminal }
}

async fn until(output: &mut (impl tokio::io::AsyncRead + Unpin), wanted: &str) -> String {
    let mut said = String::new();
    let reading = async {
        let mut piece = [0; 1024];
        while !said.contains(wanted) {
            let length = output.read(&mut piece).await.unwrap();
            assert!(length > 0, "it ended with {said:?}");
            said.push_str(&String::from_utf8_lossy(&piece[..length]));
        }
    };
    let read = tokio::time::timeout(LIMIT, reading).await;
    assert!(read.is_ok(), "{wanted:?} is not in {said:?}");
    said
}

fn sessions(world: &World) -> usize {
    fs::read_dir(world.dir.path().join("run/sessions")).map_or(0, Iterator::count)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_at_a_terminal_is_resized_interrupted_and_ends() {
    let (world, image) = World::with_busybox().await;
    let spec = world.shell("c", &image, "echo up; sleep 1000");
    world.run(&spec).await;
    let size = TerminalSize { columns: 101, rows: 37 };
    // A signal that comes before `wait` is no less heard than one within it.
    let script = "busybox stty size; trap 'echo caught; exit 5' INT; trap 'busybox stty size' WINCH
        echo $TERM $FROM_IMAGE; read line; echo got $line; while :; do busybox sleep 1000 & wait; done";
    let mut attached = world.engine.attach(&spec.id, &attach("one", script, Some(size))).await.unwrap();
    assert!(attached.error.is_none());
    let said = until(&mut attached.output, "xterm-256color yes").await;
    assert!(said.starts_with("37 101"), "{said:?}");
    attached.input.write_all(b"words\r").await.unwrap();
    until(&mut attached.output, "got words").await;
    attached.process.resize(TerminalSize { columns: 60, rows: 20 }).await.unwrap();
    until(&mut attached.output, "20 60").await;
    attached.input.write_all(b"\x03").await.unwrap();
    until(&mut attached.output, "caught").await;
    let code = tokio::time::timeout(LIMIT, attached.process.wait()).await.unwrap().unwrap();
    assert_eq!(code, 5);
    attached.process.end().await;
    assert_eq!(sessions(&world), 0);
    world.engine.delete(&spec.id).await.unwrap();
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_errors_are_apart_and_the_input_ends() {
    let (world, image) = World::with_busybox().await;
    let spec = world.shell("c", &image, "sleep 1000");
    world.run(&spec).await;
    let script = "busybox cat; echo over >&2; pwd; exit 3";
    let attached = world.engine.attach(&spec.id, &attach("one", script, None)).await.unwrap();
    let Attached { mut input, mut output, error, process } = attached;
    let sent: Vec<u8> = (0..300_000u32).map(|number| (number % 251) as u8).collect();
    let writing = sent.clone();
    let ending = process.clone();
    tokio::spawn(async move {
        input.write_all(&writing).await.unwrap();
        drop(input);
        ending.end_input().await.unwrap();
    });
    let (mut said, mut complained) = (Vec::new(), String::new());
    let reading = async {
        output.read_to_end(&mut said).await.unwrap();
        error.unwrap().read_to_string(&mut complained).await.unwrap();
        process.wait().await.unwrap()
    };
    let code = tokio::time::timeout(LIMIT, reading).await.expect("its output ends");
    assert_eq!(code, 3);
    assert!(said.starts_with(&sent));
    assert_eq!(&said[sent.len()..], b"/srv\n");
    assert_eq!(complained, "over\n");
    process.end().await;
    let missing = Attach { id: "two".into(), args: vec!["no-such".into()], terminal: None };
    let refused = world.engine.attach(&spec.id, &missing).await;
    assert!(matches!(refused, Err(EngineError::Runtime(_))));
    assert_eq!(sessions(&world), 0);
    world.engine.delete(&spec.id).await.unwrap();
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_is_ended_also_by_the_next_engine() {
    let (world, image) = World::with_busybox().await;
    let spec = world.shell("c", &image, "sleep 1000");
    world.run(&spec).await;
    let size = Some(TerminalSize { columns: 80, rows: 24 });
    let nap = nap();
    let script = format!("trap '' HUP; echo up; busybox sleep {nap} & while :; do busybox sleep {nap}; done");
    let mut given_up = world.engine.attach(&spec.id, &attach("one", &script, size)).await.unwrap();
    until(&mut given_up.output, "up").await;
    eventually("its children run", || sleepers() == 2).await;
    given_up.process.end().await;
    eventually("it and what it started has ended", || sleepers() == 0).await;
    assert_eq!(sessions(&world), 0);
    // It holds its engine.
    drop(given_up);

    let mut left = world.engine.attach(&spec.id, &attach("two", &script, size)).await.unwrap();
    until(&mut left.output, "up").await;
    assert_eq!(sessions(&world), 1);
    drop(left);
    let mut world = world;
    let placeholder = World::new().await;
    drop(std::mem::replace(&mut world.engine, placeholder.engine));
    let engine = restarted(&world.dir.options()).await;
    let other = std::mem::replace(&mut world.engine, engine);
    assert_eq!(sessions(&world), 0);
    let fresh = world.engine.attach(&spec.id, &attach("three", "echo fresh", None)).await.unwrap();
    let (mut said, mut output) = (String::new(), fresh.output);
    tokio::time::timeout(LIMIT, output.read_to_string(&mut said)).await.unwrap().unwrap();
    assert_eq!(said, "fresh\n");
    fresh.process.end().await;
    other.stop().await.unwrap();
    world.engine.delete(&spec.id).await.unwrap();
    world.close().await;
}

/// How long this run's processes sleep, in seconds; no other run's sleep as long.
fn nap() -> u32 {
    100_000 + std::process::id()
}

/// Processes of this test's own command line.
fn sleepers() -> usize {
    let own = format!("busybox\0sleep\0{}\0", nap());
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let lines = entries.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    lines.filter(|line| line == own.as_bytes()).count()
}
