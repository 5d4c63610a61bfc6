//! Logs Insights: queries in the background, their results, and queries that are kept.

use std::time::Duration;

use gantry_api_logs as api;
use gantry_wire::ApiError;

use crate::world::{World, group};

fn query(text: &str, world: &World) -> api::StartQueryRequest {
    api::StartQueryRequest {
        log_group_name: Some("g".into()),
        start_time: world.now() / 1000 - 3600,
        end_time: world.now() / 1000,
        query_string: text.into(),
        ..Default::default()
    }
}

async fn ended(world: &World, id: &str) -> api::GetQueryResultsResponse {
    for _ in 0..2000 {
        let input = api::GetQueryResultsRequest { query_id: id.into(), ..Default::default() };
        let found = world.ok::<api::GetQueryResults>(input).await;
        if found.status.as_deref() != Some("Running") {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("query {id} did not end")
}

async fn ask(world: &World, text: &str) -> Vec<Vec<(String, String)>> {
    let id = world.ok::<api::StartQuery>(query(text, world)).await.query_id.unwrap();
    let found = ended(world, &id).await;
    assert_eq!(found.status.as_deref(), Some("Complete"));
    let row = |row: Vec<api::ResultField>| {
        row.into_iter().map(|field| (field.field.unwrap(), field.value.unwrap())).collect()
    };
    found.results.unwrap().into_iter().map(row).collect()
}

#[tokio::test]
async fn a_query_reads_the_events_of_its_time_and_says_what_it_looked_at() {
    let world = World::with_stream().await;
    world.stream("t").await;
    world.put("s", &[(7200, "before"), (60, r#"{"level":"ERROR","n":1}"#)]).await;
    world.put("t", &[(30, r#"{"level":"INFO","n":2}"#), (0, r#"{"level":"ERROR","n":3}"#)]).await;
    let text = "filter level = 'ERROR' | fields @logStream, n | sort n desc";
    let rows = ask(&world, text).await;
    let shown =
        |row: &[(String, String)]| row.iter().take(2).map(|(_, value)| value.clone()).collect::<Vec<_>>();
    assert_eq!([shown(&rows[0]), shown(&rows[1])], [["t", "3"], ["s", "1"]]);

    let id = world.ok::<api::StartQuery>(query(text, &world)).await.query_id.unwrap();
    let found = ended(&world, &id).await;
    let looked = found.statistics.unwrap();
    assert_eq!((looked.records_matched, looked.records_scanned), (Some(2.0), Some(3.0)));
    assert_eq!(looked.bytes_scanned, Some(68.0));
    let input =
        api::GetQueryResultsRequest { query_id: id.clone(), max_items: Some(1), ..Default::default() };
    let first = world.ok::<api::GetQueryResults>(input.clone()).await;
    assert_eq!((first.results.unwrap().len(), first.next_token.is_some()), (1, true));
    let rest = api::GetQueryResultsRequest { next_token: first.next_token, ..input };
    let rest = world.ok::<api::GetQueryResults>(rest).await;
    assert_eq!((rest.results.unwrap().len(), rest.next_token), (1, None));

    let (name, pointer) = rows[0].last().unwrap();
    assert_eq!(name, "@ptr");
    let input = api::GetLogRecordRequest { log_record_pointer: pointer.clone(), ..Default::default() };
    let record = world.ok::<api::GetLogRecord>(input).await.log_record.unwrap();
    assert_eq!((record["level"].as_str(), record["n"].as_str()), ("ERROR", "3"));
    assert_eq!((record["@log"].as_str(), record["@logStream"].as_str()), ("000000000000:g", "t"));
    assert_eq!(record["@timestamp"], world.now().to_string());
    let input = api::GetLogRecordRequest { log_record_pointer: "x".into(), ..Default::default() };
    assert_eq!(world.refused::<api::GetLogRecord>(input).await.code, "InvalidParameterException");

    let input = api::DescribeQueriesRequest { log_group_name: Some("g".into()), ..Default::default() };
    let queries = world.ok::<api::DescribeQueries>(input).await.queries.unwrap();
    assert_eq!(queries.len(), 2);
    assert!(queries.iter().all(|query| query.status.as_deref() == Some("Complete")));
    let (from, until) = (world.now() / 1000 - 3600, world.now() / 1000);
    let shown = format!("SOURCE \"g\" START={from}000 END={until}999 | {text}");
    assert_eq!(queries[0].query_string.as_deref(), Some(shown.as_str()));
    let input = api::ListLogGroupsForQueryRequest { query_id: id, ..Default::default() };
    let groups = world.ok::<api::ListLogGroupsForQuery>(input).await.log_group_identifiers.unwrap();
    assert_eq!(groups, ["arn:aws:logs:us-east-1:000000000000:log-group:g"]);

    let fields = api::GetLogGroupFieldsRequest { log_group_name: Some("g".into()), ..Default::default() };
    let fields = world.ok::<api::GetLogGroupFields>(fields).await.log_group_fields.unwrap();
    let percent =
        |name: &str| fields.iter().find(|field| field.name.as_deref() == Some(name)).unwrap().percent;
    assert_eq!((percent("@message"), percent("level")), (Some(100), Some(100)));
}

#[tokio::test]
async fn a_query_that_makes_no_sense_is_refused() {
    let world = World::with_stream().await;
    let error: ApiError = world.refused::<api::StartQuery>(query("fields @message | nonsense", &world)).await;
    assert_eq!(error.code, "MalformedQueryException");
    assert_eq!(error.message, "unexpected symbol found nonsense at line 1 and position 18");
    let place = &error.fields[0].1["location"];
    assert_eq!((place["startCharOffset"].as_u64(), place["endCharOffset"].as_u64()), (Some(18), Some(26)));
    let none = api::StartQueryRequest { log_group_name: Some("none".into()), ..query("limit 1", &world) };
    let error = world.refused::<api::StartQuery>(none).await;
    assert_eq!(error.to_string(), "ResourceNotFoundException: The specified log group does not exist.");
    let both = api::StartQueryRequest { log_group_names: Some(vec!["g".into()]), ..query("limit 1", &world) };
    assert_eq!(world.refused::<api::StartQuery>(both).await.code, "InvalidParameterException");
    let nothing = api::StartQueryRequest { log_group_name: None, ..query("limit 1", &world) };
    assert_eq!(world.refused::<api::StartQuery>(nothing).await.code, "InvalidParameterException");
    let sql = api::StartQueryRequest { query_language: Some("SQL".into()), ..query("limit 1", &world) };
    assert_eq!(world.refused::<api::StartQuery>(sql).await.code, "InvalidParameterException");
    let unknown = api::GetQueryResultsRequest { query_id: "x".into(), ..Default::default() };
    assert_eq!(world.refused::<api::GetQueryResults>(unknown).await.code, "ResourceNotFoundException");
    let delivered = api::CreateLogGroupRequest { log_group_class: Some("DELIVERY".into()), ..group("d") };
    world.ok::<api::CreateLogGroup>(delivered).await;
    let of_delivery = api::StartQueryRequest { log_group_name: Some("d".into()), ..query("limit 1", &world) };
    assert_eq!(world.refused::<api::StartQuery>(of_delivery).await.code, "InvalidParameterException");
}

#[tokio::test]
async fn a_query_that_ended_is_not_stopped_and_one_that_nobody_runs_has_failed() {
    let world = World::with_stream().await;
    let id = world.ok::<api::StartQuery>(query("limit 1", &world)).await.query_id.unwrap();
    ended(&world, &id).await;
    let stop = api::StopQueryRequest { query_id: id.clone() };
    assert_eq!(world.refused::<api::StopQuery>(stop).await.code, "InvalidParameterException");

    // On one thread the query does not begin before this test waits.
    let other = world.ok::<api::StartQuery>(query("limit 1", &world)).await.query_id.unwrap();
    let stopped = world.ok::<api::StopQuery>(api::StopQueryRequest { query_id: other.clone() }).await;
    assert_eq!(stopped.success, Some(true));
    assert_eq!(ended(&world, &other).await.status.as_deref(), Some("Cancelled"));

    // A week later nothing of them is left.
    world.advance(8 * 24 * 3600);
    world.forget_queries().await;
    let gone = api::GetQueryResultsRequest { query_id: id, ..Default::default() };
    assert_eq!(world.refused::<api::GetQueryResults>(gone).await.code, "ResourceNotFoundException");
    assert_eq!(world.keys("l/q/").await, 0);
}

#[tokio::test]
async fn queries_are_kept_under_names() {
    let world = World::new();
    let put = |name: &str, id: Option<String>| api::PutQueryDefinitionRequest {
        name: name.into(),
        query_string: "fields @message".into(),
        log_group_names: Some(vec!["g".into()]),
        query_definition_id: id,
        ..Default::default()
    };
    let id = world.ok::<api::PutQueryDefinition>(put("slow/a", None)).await.query_definition_id.unwrap();
    world.ok::<api::PutQueryDefinition>(put("fast", None)).await;
    let again = world.ok::<api::PutQueryDefinition>(put("slow/b", Some(id.clone()))).await;
    assert_eq!(again.query_definition_id.as_ref(), Some(&id));
    let unknown = world.refused::<api::PutQueryDefinition>(put("x", Some("none".into()))).await;
    assert_eq!(unknown.code, "ResourceNotFoundException");
    let by = api::DescribeQueryDefinitionsRequest {
        query_definition_name_prefix: Some("slow".into()),
        ..Default::default()
    };
    let found = world.ok::<api::DescribeQueryDefinitions>(by.clone()).await.query_definitions.unwrap();
    assert_eq!((found.len(), found[0].name.as_deref()), (1, Some("slow/b")));
    let delete = api::DeleteQueryDefinitionRequest { query_definition_id: id };
    assert_eq!(world.ok::<api::DeleteQueryDefinition>(delete.clone()).await.success, Some(true));
    assert_eq!(world.refused::<api::DeleteQueryDefinition>(delete).await.code, "ResourceNotFoundException");
    assert!(world.ok::<api::DescribeQueryDefinitions>(by).await.query_definitions.unwrap().is_empty());
}
