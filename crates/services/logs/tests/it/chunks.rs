//! The readers against a sorted list.

use std::collections::BTreeSet;
use std::sync::Arc;

use gantry_base::Authority;
use gantry_logs::Chunks;
use gantry_logs::chunks::{Backward, Event, Forward, Incoming, MAX_SPAN_MILLIS, Position, StreamId, Window};
use gantry_store::Redb;
use proptest::prelude::*;

struct Test;

impl Authority for Test {
    fn describe(&self) -> String {
        "a test".into()
    }
}

#[derive(Debug, Clone)]
enum Step {
    Append(Vec<i64>),
    Merge,
    Expire(i64),
}

const START: i64 = 1_800_000_000_000;

fn times() -> impl Strategy<Value = Vec<i64>> {
    let near = prop::collection::vec(0..2000i64, 1..6);
    let far = prop::collection::vec(0..4 * MAX_SPAN_MILLIS, 1..6);
    prop_oneof![4 => near, 1 => far]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        30 => times().prop_map(Step::Append),
        1 => Just(Step::Merge),
        1 => (0..3000i64).prop_map(Step::Expire),
    ];
    prop::collection::vec(step, 0..80)
}

async fn run(steps: Vec<Step>, from: i64, until: i64, at: usize) {
    let chunks = Chunks::new(Arc::new(Redb::in_memory().unwrap()));
    let id = StreamId { group: "0".repeat(16), stream: "00000000000000ff".into() };
    let mut cutoff = 0;
    let mut added = Vec::new();
    for (number, step) in steps.into_iter().enumerate() {
        match step {
            Step::Append(mut times) => {
                times.sort_unstable();
                let incoming =
                    |time: &i64| Incoming { timestamp: START + time, message: format!("{number}-{time}") };
                let events: Vec<_> = times.iter().map(incoming).collect();
                chunks.append(&Test, &id, &events, None, &[], START + number as i64).await.unwrap();
                added.extend(events);
            }
            Step::Merge => {
                chunks.merge(&Test, &id).await.unwrap();
            }
            Step::Expire(time) => {
                cutoff = cutoff.max(START + time);
                while chunks.expire(&Test, &id, cutoff, 7).await.unwrap() {}
            }
        }
    }
    let all = forward(&chunks, &id, Window { from: 0, until: i64::MAX }, None).await;
    assert!(all.is_sorted_by(|a, b| a.0 < b.0), "in order, none twice");
    let shown: BTreeSet<_> = all.iter().map(|(_, event)| event.message.as_str()).collect();
    assert!(added.iter().all(|event| event.timestamp < cutoff || shown.contains(event.message.as_str())));
    assert!(cutoff > 0 || all.len() == added.len());
    let window = Window { from: START + from, until: START + until };
    let in_window: Vec<_> =
        all.iter().filter(|(p, _)| (window.from..window.until).contains(&p.timestamp)).cloned().collect();
    assert_eq!(forward(&chunks, &id, window, None).await, in_window);
    let reversed: Vec<_> = in_window.iter().rev().cloned().collect();
    assert_eq!(backward(&chunks, &id, window, None).await, reversed);
    if let Some((place, _)) = in_window.get(at % in_window.len().max(1)) {
        let behind: Vec<_> = in_window.iter().filter(|(p, _)| p > place).cloned().collect();
        assert_eq!(forward(&chunks, &id, window, Some(*place)).await, behind);
        let ahead: Vec<_> = in_window.iter().rev().filter(|(p, _)| p < place).cloned().collect();
        assert_eq!(backward(&chunks, &id, window, Some(*place)).await, ahead);
    }
}

async fn forward(
    chunks: &Chunks,
    id: &StreamId,
    window: Window,
    after: Option<Position>,
) -> Vec<(Position, Event)> {
    let mut reader = Forward::new(chunks.snapshot().await.unwrap(), id.clone(), window, after);
    let mut found = Vec::new();
    while let Some(event) = reader.next().await.unwrap() {
        found.push(event);
    }
    found
}

async fn backward(
    chunks: &Chunks,
    id: &StreamId,
    window: Window,
    before: Option<Position>,
) -> Vec<(Position, Event)> {
    let mut reader = Backward::new(chunks.snapshot().await.unwrap(), id.clone(), window, before);
    let mut found = Vec::new();
    while let Some(event) = reader.next().await.unwrap() {
        found.push(event);
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn readers_show_what_a_sorted_list_would(
        steps in steps(),
        from in 0..3000i64,
        length in prop_oneof![0..3000i64, 0..4 * MAX_SPAN_MILLIS],
        at in any::<usize>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(steps, from, from + length, at));
    }
}

#[tokio::test]
async fn nothing_is_lost_over_many_pages_of_the_index() {
    let chunks = Chunks::new(Arc::new(Redb::in_memory().unwrap()));
    let id = StreamId { group: "0".repeat(16), stream: "0".repeat(16) };
    for at in 0..600i64 {
        // Runs of chunks that end at the same time, longer than a page of the index.
        let timestamp = START + (at / 300) * 10;
        chunks
            .append(&Test, &id, &[Incoming { timestamp, message: at.to_string() }], None, &[], START)
            .await
            .unwrap();
    }
    let window = Window { from: 0, until: i64::MAX };
    let found = forward(&chunks, &id, window, None).await;
    assert_eq!(
        found.iter().map(|(_, e)| e.message.parse::<i64>().unwrap()).collect::<Vec<_>>(),
        (0..600).collect::<Vec<_>>()
    );
    assert_eq!(backward(&chunks, &id, window, None).await.len(), 600);
    while chunks.merge(&Test, &id).await.unwrap().0 > 0 {}
    assert_eq!(forward(&chunks, &id, window, None).await, found);
}
