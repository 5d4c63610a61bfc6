//! Output: shipped once, in order, also over refusals and restarts; then its files are gone.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use gantry_node_proto::v1::TaskStatus;

use crate::world::{World, arn, stopped, task};

fn write(path: &Path, text: &str) {
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

#[tokio::test]
async fn lines_are_shipped_and_the_rest_at_the_end() {
    let world = World::start().await;
    world.plane.desire([task("1", &["web"])]);
    world.plane.until_status(&arn("1"), TaskStatus::Running).await;
    let path = world.output("1", "web");
    write(&path, "one\ntwo\nthr");
    assert_eq!(world.plane.messages("stream/web", 2).await, ["one", "two"]);
    write(&path, "ee\nfour");
    world.plane.messages("stream/web", 3).await;
    world.plane.desire([stopped(task("1", &["web"]))]);
    let all = world.plane.messages("stream/web", 4).await;
    assert_eq!(all, ["one", "two", "three", "four"]);
    while path.exists() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_over_refusals_and_a_restart() {
    let mut world = World::start().await;
    world.plane.desire([task("1", &["web"])]);
    world.plane.until_status(&arn("1"), TaskStatus::Running).await;
    let path = world.output("1", "web");
    world.plane.fail_logs(2);
    write(&path, "a\nb\n");
    world.plane.messages("stream/web", 2).await;
    world.end().await;
    write(&path, "c\n");
    world.begin();
    let lines: String = (0..2000).map(|n| format!("{n}\n")).collect();
    write(&path, &lines);
    let all = world.plane.messages("stream/web", 2003).await;
    let mut wanted = vec!["a".to_owned(), "b".to_owned(), "c".to_owned()];
    wanted.extend((0..2000).map(|n| n.to_string()));
    assert!(all == wanted, "{} messages", all.len());
}

#[tokio::test]
async fn space_is_given_back_while_the_file_keeps_its_length() {
    use std::os::unix::fs::MetadataExt;
    let world = World::start().await;
    world.plane.desire([task("1", &["web"])]);
    world.plane.until_status(&arn("1"), TaskStatus::Running).await;
    let path = world.output("1", "web");
    let line = "x".repeat(1023);
    let lines: String = (0..4096).map(|_| format!("{line}\n")).collect();
    write(&path, &lines);
    world.plane.messages("stream/web", 4096).await;
    let freed = || {
        let metadata = std::fs::metadata(&path).unwrap();
        metadata.len() == 4 << 20 && metadata.blocks() * 512 < 1 << 20
    };
    for _ in 0..100 {
        if freed() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the space was not given back");
}

#[tokio::test]
async fn output_of_a_container_that_no_row_tells_of_is_shipped_before_it_is_removed() {
    let mut world = World::start().await;
    world.plane.desire([task("1", &["web"])]);
    world.plane.until_status(&arn("1"), TaskStatus::Running).await;
    let container = world.engine.specs()[0].clone();
    world.end().await;
    // The agent died before the row was on disk, and the container ended meanwhile.
    let ledger = redb::Database::open(world.dir.path().join("node/ledger.redb")).unwrap();
    let change = ledger.begin_write().unwrap();
    let output = redb::TableDefinition::<&str, &[u8]>::new("output");
    change.open_table(output).unwrap().retain(|_, _| false).unwrap();
    change.commit().unwrap();
    drop(ledger);
    let path = container.output.stdout.clone();
    write(&path, "last words\n");
    world.engine.exit(&container.id, 0);
    world.begin();
    assert_eq!(world.plane.messages("stream/web", 1).await, ["last words"]);
    while path.exists() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn what_a_full_buffer_does_not_hold_is_dropped_and_counted() {
    let world = World::start().await;
    let mut quick = task("1", &["web"]);
    let log = quick.containers[0].log_configuration.as_mut().unwrap();
    log.options.insert("mode".to_owned(), "non-blocking".to_owned());
    log.options.insert("max-buffer-size".to_owned(), "4m".to_owned());
    world.plane.desire([quick]);
    world.plane.until_status(&arn("1"), TaskStatus::Running).await;
    let path = world.output("1", "web");
    // Nothing is taken until far too much waits.
    world.plane.fail_logs(u32::MAX);
    write(&path, "first\n");
    let line = |at: usize| format!("{at:0>99}\n");
    write(&path, &(0..200_000).map(line).collect::<String>());
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    write(&path, "last\n");
    world.plane.fail_logs(0);
    let all = world.plane.messages_until("stream/web", |all| all.last().is_some_and(|it| it == "last")).await;
    let told = |message: &&String| message.contains("bytes of output were dropped");
    let dropped: usize =
        all.iter().filter(told).map(|it| it.split(' ').next().unwrap().parse::<usize>().unwrap()).sum();
    let said: usize = all.iter().filter(|it| !told(it)).map(|it| it.len() + 1).sum();
    assert!(dropped > 10 << 20, "{dropped}");
    assert_eq!(dropped + said, "first\nlast\n".len() + 200_000 * 100, "each byte was taken or counted");
}
