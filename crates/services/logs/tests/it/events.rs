//! Putting, getting and filtering events.

use std::collections::BTreeSet;

use gantry_api_logs as api;

use crate::world::{World, batch, filter, get, texts};

#[tokio::test]
async fn events_come_back_in_the_order_of_their_times() {
    let world = World::with_stream().await;
    world.put("s", &[(30, "b"), (10, "d")]).await;
    world.put("s", &[(40, "a"), (20, "c")]).await;
    world.put("s", &[(10, "e")]).await;
    assert_eq!(world.messages("s").await, ["a", "b", "c", "d", "e"]);
    let page = world.ok::<api::GetLogEvents>(get("s")).await;
    let first = &page.events.as_ref().unwrap()[0];
    assert_eq!((first.timestamp, first.ingestion_time), (Some(world.now() - 40_000), Some(world.now())));
    assert_eq!(texts(page), ["a", "b", "c", "d", "e"]);
    let ranged = api::GetLogEventsRequest {
        start_time: Some(world.now() - 30_000),
        end_time: Some(world.now() - 10_000),
        ..get("s")
    };
    assert_eq!(texts(world.ok::<api::GetLogEvents>(ranged).await), ["b", "c"]);
}

#[tokio::test]
async fn pages_lead_both_ways_and_the_end_gives_the_same_token() {
    let world = World::with_stream().await;
    for at in 0..25i64 {
        world.put("s", &[(100 - at, &format!("m{at:02}"))]).await;
    }
    let limited = |next_token: Option<String>, head| api::GetLogEventsRequest {
        limit: Some(10),
        start_from_head: Some(head),
        next_token,
        ..get("s")
    };
    let latest = world.ok::<api::GetLogEvents>(limited(None, false)).await;
    let back = latest.next_backward_token.clone();
    let forward = latest.next_forward_token.clone();
    assert_eq!(texts(latest), (15..25).map(|at| format!("m{at:02}")).collect::<Vec<_>>());
    let before = world.ok::<api::GetLogEvents>(limited(back, false)).await;
    let (back, again) = (before.next_backward_token.clone(), before.next_forward_token.clone());
    assert_eq!(texts(before), (5..15).map(|at| format!("m{at:02}")).collect::<Vec<_>>());
    assert_eq!(texts(world.ok::<api::GetLogEvents>(limited(again, true)).await)[0], "m15");
    let first = world.ok::<api::GetLogEvents>(limited(back, false)).await;
    let back = first.next_backward_token.clone();
    assert_eq!(texts(first).len(), 5);
    let end = world.ok::<api::GetLogEvents>(limited(back.clone(), false)).await;
    assert_eq!((end.next_backward_token.clone(), texts(end).len()), (back, 0));

    let end = world.ok::<api::GetLogEvents>(limited(forward.clone(), true)).await;
    assert_eq!((end.next_forward_token.clone(), texts(end).len()), (forward.clone(), 0));
    world.put("s", &[(0, "new")]).await;
    assert_eq!(texts(world.ok::<api::GetLogEvents>(limited(forward, true)).await), ["new"]);
    let error = world.refused::<api::GetLogEvents>(limited(Some("x".into()), true)).await;
    assert_eq!(error.to_string(), "InvalidParameterException: The specified nextToken is invalid.");
}

#[tokio::test]
async fn a_page_holds_a_megabyte() {
    let world = World::with_stream().await;
    let large = "x".repeat(400_000);
    for _ in 0..4 {
        world.put("s", &[(1, &large)]).await;
    }
    let input = api::GetLogEventsRequest { start_from_head: Some(true), ..get("s") };
    let page = world.ok::<api::GetLogEvents>(input.clone()).await;
    let next_token = page.next_forward_token.clone();
    assert_eq!(texts(page).len(), 2);
    assert_eq!(
        texts(world.ok::<api::GetLogEvents>(api::GetLogEventsRequest { next_token, ..input }).await).len(),
        2
    );
    let first = world.ok::<api::FilterLogEvents>(filter("")).await;
    assert_eq!((first.events.unwrap().len(), first.next_token.is_some()), (2, true));
}

#[tokio::test]
async fn filters_search_all_streams_in_one_order() {
    let world = World::with_stream().await;
    world.stream("t").await;
    world.stream("empty").await;
    world.put("s", &[(40, "ERROR one"), (20, "fine")]).await;
    world.put("t", &[(30, "ERROR two"), (10, r#"{"level":"ERROR","code":7}"#)]).await;
    assert_eq!(world.find(filter("")).await.len(), 4);
    assert_eq!(world.find(filter("ERROR -two")).await, ["s: ERROR one", r#"t: {"level":"ERROR","code":7}"#]);
    assert_eq!(world.find(filter("{ $.code = 7 }")).await.len(), 1);
    let of =
        |name: &str| api::FilterLogEventsRequest { log_stream_names: Some(vec![name.into()]), ..filter("") };
    assert_eq!(world.find(of("t")).await[0], "t: ERROR two");
    assert_eq!(world.refused::<api::FilterLogEvents>(of("none")).await.code, "ResourceNotFoundException");
    let prefixed = api::FilterLogEventsRequest { log_stream_name_prefix: Some("s".into()), ..filter("") };
    assert_eq!(world.find(prefixed.clone()).await.len(), 2);
    let both = api::FilterLogEventsRequest { log_stream_names: Some(vec!["s".into()]), ..prefixed };
    assert_eq!(world.refused::<api::FilterLogEvents>(both).await.code, "InvalidParameterException");
    let ranged = api::FilterLogEventsRequest {
        start_time: Some(world.now() - 30_000),
        end_time: Some(world.now() - 20_000),
        ..filter("")
    };
    assert_eq!(world.find(ranged).await, ["t: ERROR two", "s: fine"]);
    assert_eq!(
        world.refused::<api::FilterLogEvents>(filter("{ $.x")).await.code,
        "InvalidParameterException"
    );
    let by_arn = |arn: &str| api::FilterLogEventsRequest {
        log_group_name: None,
        log_group_identifier: Some(arn.into()),
        ..filter("")
    };
    let arn = "arn:aws:logs:us-east-1:000000000000:log-group:g";
    assert_eq!(world.find(by_arn(arn)).await.len(), 4);
    let named_twice = api::FilterLogEventsRequest { log_group_identifier: Some(arn.into()), ..filter("") };
    assert_eq!(
        world.refused::<api::FilterLogEvents>(named_twice).await.to_string(),
        "ValidationException: LogGroup name and LogGroup ARN are mutually exclusive parameters."
    );
    let error = world.refused::<api::FilterLogEvents>(by_arn(&format!("{arn}:*"))).await;
    assert_eq!(error.code, "InvalidParameterException");
    assert!(
        error.message.starts_with("1 validation error detected: Value at 'logGroupIdentifier'"),
        "{error}"
    );
}

#[tokio::test]
async fn filtered_pages_neither_lose_nor_repeat() {
    let world = World::with_stream().await;
    for stream in ["a", "b", "c"] {
        world.stream(stream).await;
    }
    for at in 0..60i64 {
        let stream = ["s", "a", "b", "c"][at as usize % 4];
        world.put(stream, &[(100 - at / 3, &format!("m{at:02}"))]).await;
    }
    let mut input = api::FilterLogEventsRequest { limit: Some(7), ..filter("") };
    let (mut ids, mut times) = (BTreeSet::new(), Vec::new());
    loop {
        let page = world.ok::<api::FilterLogEvents>(input.clone()).await;
        for event in page.events.unwrap() {
            let id = event.event_id.unwrap();
            assert_eq!(id.len(), 56);
            assert!(ids.insert(id));
            times.push(event.timestamp.unwrap());
        }
        input.next_token = page.next_token;
        if input.next_token.is_none() {
            break;
        }
    }
    assert_eq!(ids.len(), 60);
    assert!(times.is_sorted());
    let foreign = api::FilterLogEventsRequest { next_token: Some("x".into()), ..filter("") };
    assert_eq!(world.refused::<api::FilterLogEvents>(foreign).await.code, "InvalidParameterException");
}

/// What `aws logs tail --follow` does: ask from the last time on, and leave out the ids it has shown.
#[tokio::test]
async fn following_shows_every_event_once() {
    let world = World::with_stream().await;
    world.stream("t").await;
    let (mut shown, mut from) = (Vec::new(), world.now() - 600_000);
    let mut seen = BTreeSet::new();
    for round in 0..20 {
        for at in 0..3 {
            let stream = if at == 1 { "t" } else { "s" };
            world.put(stream, &[(0, &format!("{round}-{at}"))]).await;
        }
        if round % 5 == 0 {
            world.merge().await;
        }
        let input =
            api::FilterLogEventsRequest { start_time: Some(from), interleaved: Some(true), ..filter("") };
        for event in world.ok::<api::FilterLogEvents>(input).await.events.unwrap() {
            if seen.insert(event.event_id.unwrap()) {
                shown.push(event.message.unwrap());
            }
            from = from.max(event.timestamp.unwrap());
        }
        if round % 2 == 0 {
            world.advance(1);
        }
    }
    let mut sorted = shown.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!((shown.len(), sorted.len()), (60, 60));
}

#[tokio::test]
async fn what_is_out_of_time_is_rejected_and_the_rest_kept() {
    let world = World::with_stream().await;
    let day = 24 * 3600;
    let answer = world.put("s", &[(20 * day, "old"), (60, "fine"), (0, "too"), (-3 * 3600, "new")]).await;
    let info = answer.rejected_log_events_info.unwrap();
    assert_eq!((info.too_old_log_event_end_index, info.too_new_log_event_start_index), (Some(1), Some(3)));
    assert_eq!(info.expired_log_event_end_index, None);
    assert!(answer.next_sequence_token.is_some());
    assert_eq!(world.messages("s").await, ["fine", "too"]);
    let unordered = vec![
        api::InputLogEvent { timestamp: world.now(), message: "b".into() },
        api::InputLogEvent { timestamp: world.now() - 1, message: "a".into() },
    ];
    let error = world.refused::<api::PutLogEvents>(batch("s", unordered)).await;
    assert_eq!(error.message, "Log events in a single PutLogEvents request must be in chronological order.");
    assert!(world.put("s", &[(0, "x")]).await.rejected_log_events_info.is_none());
}

#[tokio::test]
async fn output_within_is_taken_exactly_once_and_a_token_from_outside_means_nothing() {
    use gantry_service::{Failure, OutputPut};

    let world = World::with_stream().await;
    let stored = OutputPut::Stored { out_of_time: 0 };
    assert_eq!(world.put_output("c", 0..4, &[(0, "one")]).await.unwrap(), stored);
    assert_eq!(world.put_output("c", 0..4, &[(0, "one")]).await.unwrap(), OutputPut::Elsewhere(4));
    assert_eq!(world.put_output("d", 0..2, &[(0, "other")]).await.unwrap(), stored);
    assert_eq!(world.put_output("c", 4..8, &[(0, "two")]).await.unwrap(), stored);
    let token = api::PutLogEventsRequest {
        log_group_name: "g".into(),
        log_stream_name: "s".into(),
        log_events: vec![api::InputLogEvent { timestamp: world.now(), message: "three".into() }],
        sequence_token: Some("gantry-source:c:0:4".into()),
        ..Default::default()
    };
    world.ok::<api::PutLogEvents>(token).await;
    assert_eq!(world.messages("s").await, ["one", "other", "two", "three"]);
    // Merging keeps it in mind.
    world.merge().await;
    assert_eq!(world.put_output("c", 4..8, &[(0, "two")]).await.unwrap(), OutputPut::Elsewhere(8));
    // What is out of time is left out, and is done with.
    let late = world.put_output("c", 8..12, &[(-15 * 24 * 3_600_000, "old"), (0, "four")]).await;
    assert_eq!(late.unwrap(), OutputPut::Stored { out_of_time: 1 });
    assert_eq!(world.messages("s").await.last().unwrap(), "four");

    // It needs the right to PutLogEvents.
    let arn = "arn:aws:logs:us-east-1:000000000000:log-group:g:log-stream:s";
    let allowed = world.limited("logs:PutLogEvents", arn);
    let denied = world.limited("logs:CreateLogStream", arn);
    assert!(world.put_output_as(&allowed, "c", 12..13, &[(0, "x")]).await.is_ok());
    assert!(matches!(world.put_output_as(&denied, "c", 13..14, &[(0, "x")]).await, Err(Failure::Denied(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn output_of_many_sources_at_once_is_whole_and_in_order() {
    let world = std::sync::Arc::new(World::with_stream().await);
    let long = "x".repeat(500);
    let says = (0..4).map(|source| {
        let (world, long) = (world.clone(), long.clone());
        tokio::spawn(async move {
            let name = format!("s{source}");
            for part in 0..6u64 {
                // More than PutLogEvents takes at once.
                let texts: Vec<String> = (0..3000).map(|at| format!("{source} {part} {at} {long}")).collect();
                let events: Vec<_> = texts.iter().map(|text| (0, text.as_str())).collect();
                let put = world.put_output(&name, part * 10..part * 10 + 10, &events).await.unwrap();
                assert_eq!(put, gantry_service::OutputPut::Stored { out_of_time: 0 });
            }
        })
    });
    for said in says.collect::<Vec<_>>() {
        said.await.unwrap();
    }
    let mut counts = [0; 4];
    for message in world.all_messages("s").await {
        let numbers: Vec<usize> = message.split(' ').take(3).map(|it| it.parse().unwrap()).collect();
        assert_eq!(counts[numbers[0]], numbers[1] * 3000 + numbers[2], "each source in its order");
        counts[numbers[0]] += 1;
    }
    assert_eq!(counts, [18_000; 4]);
}

#[tokio::test(start_paused = true)]
async fn live_tail_shows_what_arrives_and_what_is_wanted() {
    use futures::StreamExt;
    use gantry_wire::{Operation, Take, ValueSink};

    let world = World::with_stream().await;
    world.stream("t").await;
    let start = |arn: &str| api::StartLiveTailRequest {
        log_group_identifiers: vec![arn.into()],
        log_stream_names: Some(vec!["s".into()]),
        log_event_filter_pattern: Some("ERROR".into()),
        ..Default::default()
    };
    let begin = |cx: gantry_service::Cx, input: api::StartLiveTailRequest| {
        let decode = move || {
            let mut sink = ValueSink::default();
            gantry_wire::Put::put(&input, &mut sink);
            Ok(sink.finish().unwrap())
        };
        let handlers = world.handlers.clone();
        async move { handlers.stream(&cx, "logs", api::StartLiveTail::NAME, decode).await.unwrap() }
    };
    let arn = "arn:aws:logs:us-east-1:000000000000:log-group:g";
    let mut session = begin(world.root(), start(arn)).await.unwrap();
    let read = |answer: gantry_service::handlers::Answer| {
        let mut sink = ValueSink::default();
        answer.put(&mut sink);
        let mut bad = Default::default();
        api::StartLiveTailResponseStream::take(sink.finish().unwrap(), &mut bad)
    };
    let first = read(session.next().await.unwrap().unwrap());
    assert_eq!(first.session_start.unwrap().log_group_identifiers.unwrap(), [arn]);
    world.put("s", &[(1, "ERROR one"), (0, "fine")]).await;
    world.put("t", &[(0, "ERROR elsewhere")]).await;
    let update = read(session.next().await.unwrap().unwrap()).session_update.unwrap();
    let found = update.session_results.unwrap();
    assert_eq!((found.len(), found[0].message.as_deref()), (1, Some("ERROR one")));
    assert_eq!(update.session_metadata.unwrap().sampled, Some(false));
    // A second without events is an update, too; one with too many is sampled.
    let update = read(session.next().await.unwrap().unwrap()).session_update.unwrap();
    assert!(update.session_results.unwrap().is_empty());
    let many = vec![api::InputLogEvent { timestamp: world.now(), message: "ERROR".into() }; 600];
    world.ok::<api::PutLogEvents>(batch("s", many)).await;
    let update = read(session.next().await.unwrap().unwrap()).session_update.unwrap();
    assert_eq!(update.session_results.unwrap().len(), 500);
    assert_eq!(update.session_metadata.unwrap().sampled, Some(true));

    // It ends after three hours.
    tokio::time::advance(std::time::Duration::from_secs(3 * 3600)).await;
    let error = session.next().await.unwrap().err().unwrap();
    assert_eq!(error.code, "SessionTimeoutException");
    assert!(session.next().await.is_none());

    // An account has so many places, and they are free again.
    drop(session);
    let mut sessions = Vec::new();
    for _ in 0..15 {
        sessions.push(begin(world.root(), start(arn)).await.unwrap());
    }
    let refused = begin(world.root(), start(arn)).await.err().unwrap();
    assert!(format!("{refused:?}").contains("LimitExceededException"), "{refused:?}");
    sessions.pop();
    drop(begin(world.root(), start(arn)).await.unwrap());
    let none = begin(world.root(), start(&format!("{arn}x"))).await.err().unwrap();
    assert!(format!("{none:?}").contains("ResourceNotFoundException"), "{none:?}");
    let denied =
        begin(world.limited("logs:StartLiveTail", &format!("{arn}x:*")), start(arn)).await.err().unwrap();
    assert!(format!("{denied:?}").contains("Denied"), "{denied:?}");
    let allowed = begin(world.limited("logs:StartLiveTail", &format!("{arn}:*")), start(arn)).await;
    assert!(allowed.is_ok());
}
