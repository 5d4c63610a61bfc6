//! What is written is there, whole, within the limits, and can be paged through.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use gantry_base::Timestamp;
use gantry_cloudtrail::trail::search::{self, Fits};
use gantry_cloudtrail::trail::{Page, Query};
use gantry_cloudtrail::{Limits, Trail};
use serde_json::{Value, json};

const DAY: i64 = 24 * 3600;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

async fn append(trail: &Trail, seconds: i64, number: i64) {
    trail.append(Timestamp::from_secs(seconds), &json!({ "n": number, "pad": "x".repeat(100) })).await;
}

fn numbers(page: &Page) -> Vec<i64> {
    page.events.iter().map(|entry| entry.event["n"].as_i64().unwrap()).collect()
}

fn all(limit: usize) -> Query {
    Query { limit, ..Query::default() }
}

#[tokio::test]
async fn pages_go_back_over_all_segments() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { segment: 1000, ..Limits::default() };
    let trail = Trail::open(folder.path(), limits).unwrap();
    for number in 0..100 {
        append(&trail, 1000, number).await;
    }
    assert!(files(folder.path()).len() > 5, "it has several segments");
    let mut seen = Vec::new();
    let mut query = all(7);
    loop {
        let page = trail.search(query.clone()).await.unwrap();
        seen.extend(numbers(&page));
        if page.next.is_none() {
            break;
        }
        assert_eq!(page.events.len(), 7);
        query.before = page.next;
    }
    assert_eq!(seen, (0..100).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn what_comes_between_two_pages_moves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let trail = Trail::open(folder.path(), Limits { segment: 1000, ..Limits::default() }).unwrap();
    for number in 0..10 {
        append(&trail, 1, number).await;
    }
    let first = trail.search(all(4)).await.unwrap();
    for number in 10..40 {
        append(&trail, 2, number).await;
    }
    let second = trail.search(Query { before: first.next, ..all(100) }).await.unwrap();
    assert_eq!([numbers(&first), numbers(&second)].concat(), (0..10).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn times_and_tests_narrow() {
    let folder = tempfile::tempdir().unwrap();
    let trail = Trail::open(folder.path(), Limits { segment: 1000, ..Limits::default() }).unwrap();
    for number in 0..60 {
        append(&trail, number * 3600, number).await;
    }
    let even = Fits(Arc::new(|event: &Value| event["n"].as_i64().unwrap() % 2 == 0));
    let between = Query {
        from: Some(Timestamp::from_secs(10 * 3600)),
        until: Some(Timestamp::from_secs(20 * 3600)),
        fits: even,
        ..all(100)
    };
    assert_eq!(numbers(&trail.search(between).await.unwrap()), [20, 18, 16, 14, 12, 10]);
    let one = Query { has: vec!["\"n\":33,".to_owned()], ..all(100) };
    assert_eq!(numbers(&trail.search(one).await.unwrap()), [33]);
}

#[tokio::test]
async fn old_events_go_and_so_do_those_without_space() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { segment: 1000, space: 1 << 20, age: Duration::from_secs(90 * 24 * 3600) };
    let trail = Trail::open(folder.path(), limits).unwrap();
    for number in 0..200 {
        append(&trail, number * DAY, number).await;
    }
    let kept = numbers(&trail.search(all(1000)).await.unwrap());
    let oldest = *kept.last().unwrap();
    assert!((80..=109).contains(&oldest), "{oldest}: at least 90 days, and no more than a segment beyond");

    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { segment: 1000, space: 4000, ..Limits::default() };
    let trail = Trail::open(folder.path(), limits).unwrap();
    for number in 0..1000 {
        append(&trail, 1, number).await;
    }
    let space: u64 = files(folder.path()).iter().map(|file| file.metadata().unwrap().len()).sum();
    assert!(space < 4000 + 200, "{space}");
    assert_eq!(numbers(&trail.search(all(1)).await.unwrap()), [999]);
}

#[tokio::test]
async fn a_crash_leaves_whole_lines() {
    let folder = tempfile::tempdir().unwrap();
    {
        let trail = Trail::open(folder.path(), Limits::default()).unwrap();
        append(&trail, 1, 1).await;
        // What was appended is there for others before the trail is closed.
        assert_eq!(numbers(&search::page(folder.path(), &all(10)).unwrap()), [1]);
    }
    let file = files(folder.path()).pop().unwrap();
    OpenOptions::new().append(true).open(&file).unwrap().write_all(b"2000 {\"n\":2").unwrap();
    let trail = Trail::open(folder.path(), Limits::default()).unwrap();
    append(&trail, 3, 3).await;
    assert_eq!(numbers(&trail.search(all(10)).await.unwrap()), [3, 1]);
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text.lines().count(), 2, "{text}");
}

#[tokio::test]
async fn a_crash_while_a_segment_is_packed_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let trail = Trail::open(folder.path(), Limits { segment: 100, ..Limits::default() }).unwrap();
    append(&trail, 1, 1).await;
    append(&trail, 2, 2).await;
    drop(trail);
    let packed = files(folder.path()).into_iter().find(|file| file.extension().unwrap() == "zst").unwrap();
    let text = zstd::stream::decode_all(std::fs::File::open(&packed).unwrap()).unwrap();
    let open = packed.with_extension("");
    std::fs::write(&open, text).unwrap();
    std::fs::write(packed.with_extension("tmp"), b"half").unwrap();
    let trail = Trail::open(folder.path(), Limits { segment: 100, ..Limits::default() }).unwrap();
    assert_eq!(numbers(&trail.search(all(10)).await.unwrap()), [2, 1]);
    assert!(!open.exists());
}

#[tokio::test]
async fn it_can_be_emptied() {
    let folder = tempfile::tempdir().unwrap();
    let trail = Trail::open(folder.path(), Limits { segment: 100, ..Limits::default() }).unwrap();
    append(&trail, 1, 1).await;
    append(&trail, 1, 2).await;
    trail.clear().await.unwrap();
    assert!(trail.search(all(10)).await.unwrap().events.is_empty());
    append(&trail, 1, 3).await;
    assert_eq!(numbers(&trail.search(all(10)).await.unwrap()), [3]);
}
