//! Queries over a few events, and what they answer.

use std::sync::Arc;

use super::{Bounds, Record, Row, Run, Source, parse};
use crate::chunks::Event;

const NOW: i64 = 1_767_312_000_000;

/// What a query answers on messages that come a second apart, as `field=value` without `@ptr`.
fn ask(query: &str, messages: &[&str]) -> Vec<String> {
    let parsed = parse(query).unwrap_or_else(|error| panic!("{query}: {error:?}"));
    let mut run = Run::new(&parsed, Bounds { rows: 1000, bytes: 1 << 20 });
    let source =
        Arc::new(Source { log: "000000000000:g".into(), group: "g".into(), stream: "s".into(), rank: 7 });
    for (at, message) in (0..).zip(messages) {
        let event = Event {
            timestamp: NOW + at * 1000,
            ingestion: NOW + at * 1000 + 5,
            ordinal: at as u64,
            message: (*message).into(),
        };
        run.take(Record::of_event(source.clone(), event)).unwrap();
    }
    let text = |row: Row| {
        let fields = row.into_iter().filter(|(name, _)| name != "@ptr");
        fields.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    };
    run.finish().into_iter().map(text).collect()
}

const REQUESTS: [&str; 6] = [
    r#"{"path":"/a","status":200,"ms":10,"ok":true,"user":{"id":1,"roles":["x","y"]}}"#,
    r#"{"path":"/b","status":404,"ms":20,"ok":false,"user":{"id":2,"roles":["z"]}}"#,
    r#"{"path":"/a","status":200,"ms":30,"ok":true,"user":{"id":1}}"#,
    r#"{"path":"/c","status":500,"ms":40.5,"ok":false,"a.b":"dotted"}"#,
    "no json at all",
    r#"{"path":"/b","status":200,"ms":"50"}"#,
];

#[track_caller]
fn check(query: &str, expected: &[&str]) {
    assert_eq!(ask(query, &REQUESTS), expected, "{query}");
}

#[test]
fn fields_are_shown_the_latest_first() {
    check("fields path, ms | limit 2", &["path=/b ms=50", ""]);
    check("fields @timestamp | limit 1", &["@timestamp=2026-01-02 00:00:05.000"]);
    check(
        "limit 1",
        &["@timestamp=2026-01-02 00:00:05.000 @message={\"path\":\"/b\",\"status\":200,\"ms\":\"50\"}"],
    );
    check(
        "fields @logStream, @log, @ingestionTime | limit 1",
        &["@logStream=s @log=000000000000:g @ingestionTime=2026-01-02 00:00:05.005"],
    );
    check(
        "filter ms > 0 | fields path as p, ms * 2 + 1 as twice | sort ms | limit 1 | display twice",
        &["twice=21"],
    );
    check("filter ispresent(path) | fields ms/4 | sort ms asc | limit 2", &["ms/4=2.5", "ms/4=5"]);
    check("fields path | fields status | filter status = 500", &["path=/c status=500"]);
}

#[test]
fn filters_know_comparisons_lists_and_patterns() {
    let count =
        |condition: &str| ask(&format!("filter {condition} | stats count(*) as n"), &REQUESTS).join("");
    for (condition, expected) in [
        ("status = 200", "n=3"),
        ("status != 200", "n=3"),
        ("status >= 404 and ms < 40", "n=1"),
        ("status = 404 or path = '/a'", "n=3"),
        ("not (status = 200)", "n=3"),
        ("path in ['/a', \"/c\"]", "n=3"),
        ("path not in ['/a']", "n=4"),
        ("path like 'a'", "n=2"),
        ("path like /^.[ab]$/", "n=4"),
        ("path not like /a/", "n=4"),
        ("@message =~ /(?i)NO JSON/", "n=1"),
        ("ms > 19 and ms <= 40.5", "n=3"),
        ("ok = true", "n=2"),
        ("ok = 0", "n=2"),
        ("user.id = 1", "n=2"),
        ("user.roles.1 = 'y'", "n=1"),
        ("`a.b` = 'dotted'", "n=1"),
        ("ispresent(user.roles.0)", "n=2"),
        ("strcontains(path, 'b')", "n=2"),
        ("ms = 50", "n=1"),
        ("status = 1", ""),
    ] {
        assert_eq!(count(condition), expected, "{condition}");
    }
}

#[test]
fn parse_takes_texts_apart() {
    let lines = ["[INFO] user=ann took 12 ms", "[WARN] user=bob took 7 ms", "nothing"];
    let glob = "parse @message '[*] user=* took * ms' as level, user, took | filter ispresent(user) | sort took | \
                display level, user, took";
    assert_eq!(ask(glob, &lines), ["level=WARN user=bob took=7", "level=INFO user=ann took=12"]);
    let regex =
        r"parse @message /user=(?<user>\w+) took (?<took>\d+)/ | stats sum(took) as all by user | sort all";
    assert_eq!(ask(regex, &lines), ["", "user=bob all=7", "user=ann all=12"]);
    assert_eq!(
        ask("parse '* user=*' as head, tail | limit 2 | display tail", &lines),
        ["", "tail=bob took 7 ms"]
    );
    assert_eq!(ask(r"parse @message /a(\w+)/ as x | filter x = 'nn' | display x", &lines), ["x=nn"]);
}

#[test]
fn json_that_was_read_is_read_into_and_its_lists_become_rows() {
    let lines = [
        r#"{"s":"v","accounts":[{"id":1,"type":"internal"},{"id":2,"type":"other"},{"id":3,"type":"internal"}]}"#,
        r#"{"s":"w","accounts":[],"deep":{"er":[7]}}"#,
    ];
    assert_eq!(ask("fields jsonParse(@message) as js | display js.s", &lines), ["js.s=w", "js.s=v"]);
    let filter = r#"fields jsonParse(@message) as js | filter js.s = "w" | display js.deep.er.0"#;
    assert_eq!(ask(filter, &lines), ["js.deep.er.0=7"]);
    let unnest = r#"fields jsonParse(@message) as js | unnest js.accounts into account
                    | filter account.type = "internal" | display js.s, account.id"#;
    assert_eq!(ask(unnest, &lines), ["js.s=v account.id=1", "js.s=v account.id=3"]);
    let counted =
        "fields jsonParse(@message) as js | unnest js.accounts into a | stats count(*) as n by a.type";
    assert_eq!(ask(counted, &lines), ["a.type=internal n=2", "a.type=other n=1"]);
    let late = "fields jsonParse(@message) as js | limit 2 | unnest js.deep.er into e | display e";
    assert_eq!(ask(late, &lines), ["e=7"]);
    assert!(parse("unnest a as b").is_err());
}

#[test]
fn stats_group_and_count() {
    check("stats count(*)", &["count(*)=6"]);
    check(
        "stats count(ms), count_distinct(path), sum(ms), avg(ms), min(ms), max(ms)",
        &["count(ms)=5 count_distinct(path)=3 sum(ms)=150.5 avg(ms)=30.1 min(ms)=10 max(ms)=50"],
    );
    check(
        "stats count(*) as n by path | sort n desc, path asc",
        &["path=/a n=2", "path=/b n=2", "n=1", "path=/c n=1"],
    );
    check(
        "stats count(*) by bin(2s)",
        &[
            "bin(2s)=2026-01-02 00:00:00.000 count(*)=2",
            "bin(2s)=2026-01-02 00:00:02.000 count(*)=2",
            "bin(2s)=2026-01-02 00:00:04.000 count(*)=2",
        ],
    );
    check("stats pct(ms, 50) as p50, pct(ms, 100) as p100, stddev(ms) as s", &["p50=30 p100=50 s=14.2141"]);
    check(
        "stats earliest(path), latest(path), sortsFirst(path), sortsLast(path)",
        &["earliest(path)=/a latest(path)=/b sortsFirst(path)=/a sortsLast(path)=/c"],
    );
    check("stats sum(ms) / count(ms) as mean, max(ms) - min(ms) as range", &["mean=30.1 range=40"]);
    check("stats count(*) as n by path | stats max(n) as most, sum(n) as all", &["most=2 all=6"]);
    check(
        "filter ispresent(path) | stats count(*) by path | sort count(*) desc, path desc | limit 1",
        &["path=/b count(*)=2"],
    );
    check(
        "stats avg(ms) by status >= 400 as bad | sort bad",
        &["avg(ms)=30", "bad=1 avg(ms)=30.25"]
            .map(|row| if row == "avg(ms)=30" { "bad=0 avg(ms)=30" } else { row }),
    );
    check("filter status = 7 | stats count(*)", &[]);
}

#[test]
fn dedup_keeps_the_first_of_each() {
    check(
        "fields path, ms | sort ms asc | dedup path",
        &["", "path=/a ms=10", "path=/b ms=20", "path=/c ms=40.5"],
    );
    check("fields path | dedup path | limit 2", &["path=/b", ""]);
}

#[test]
fn functions_answer() {
    for (expression, expected) in [
        ("abs(-2)", "2"),
        ("ceil(1.2)", "2"),
        ("floor(1.8)", "1"),
        ("greatest(1, 3, 2)", "3"),
        ("least(3, 1, 2)", "1"),
        ("sqrt(16)", "4"),
        ("log(1)", "0"),
        ("2 ^ 3 ^ 2", "512"),
        ("7 % 4", "3"),
        ("(1 + 2) * 3", "9"),
        ("1 + 2 * 3", "7"),
        ("-3 + 1", "-2"),
        ("1.5e2", "150"),
        ("toupper('abc')", "ABC"),
        ("tolower('ABC')", "abc"),
        ("strlen('äbc')", "3"),
        ("substr('hello', 1, 3)", "ell"),
        ("substr('hello', 3)", "lo"),
        ("trim('  x ')", "x"),
        ("ltrim('xxay', 'x')", "ay"),
        ("rtrim('ayy', 'y')", "a"),
        ("replace('a-b-c', '-', '+')", "a+b+c"),
        ("concat('a', 1, 'b')", "a1b"),
        ("coalesce(nothing, 'there')", "there"),
        ("isempty('')", "1"),
        ("isblank(' ')", "1"),
        ("strcontains('hello', 'ell')", "1"),
        ("isValidIp('::1')", "1"),
        ("isValidIpv4('10.0.0.256')", "0"),
        ("isIpInSubnet('10.1.2.3', '10.0.0.0/8')", "1"),
        ("isIpv4InSubnet('11.1.2.3', '10.0.0.0/8')", "0"),
        ("isIpv6InSubnet('fd00::1', 'fd00::/8')", "1"),
        ("fromMillis(1767312000000)", "2026-01-02 00:00:00.000"),
        ("toMillis(@timestamp)", "1767312000000"),
        ("datefloor(@timestamp, 1d)", "2026-01-02 00:00:00.000"),
        ("dateceil(@timestamp, 1 month)", "2026-02-01 00:00:00.000"),
    ] {
        let found = ask(&format!("fields {expression} as x"), &["m"]);
        assert_eq!(found, [format!("x={expected}")], "{expression}");
    }
}

#[test]
fn comments_lines_and_case_do_not_matter() {
    let query = "# what is slow\nFIELDS path, ms # both\n| FILTER ms > 30\n| SORT ms DESC\n| LIMIT 1";
    check(query, &["path=/b ms=50"]);
}

#[test]
fn what_is_not_understood_is_refused_with_its_place() {
    for (query, message, at) in [
        ("sdf", "unexpected symbol found sdf at line 1 and position 0", 0..3),
        ("fields @timestamp | foo", "unexpected symbol found foo at line 1 and position 20", 20..23),
        ("fields @timestamp,", "unexpected symbol found <EOF> at line 1 and position 18", 18..18),
        ("fields a\n| filter b ==", "unexpected symbol found <EOF> at line 2 and position 13", 22..22),
        ("filter (a = 1", "unexpected symbol found <EOF> at line 1 and position 13", 13..13),
        ("limit x", "unexpected symbol found x at line 1 and position 6", 6..7),
        ("limit 10001", "the limit can be at most 10000", 6..11),
        ("fields nope(a)", "unknown function nope", 7..11),
        ("fields sum(a)", "the function sum can be used in stats only", 7..10),
        ("stats sum(avg(a))", "the function avg can be used in stats only", 10..13),
        ("unmask @message", "the command unmask is not supported by Gantry", 0..6),
        ("fields @message | pattern @message", "the command pattern is not supported by Gantry", 18..25),
        ("filter a like /(/", "invalid regular expression (", 14..17),
        ("stats count(*) by bin(5x)", "5x is not a period of time", 22..24),
        ("parse @message 'a*b*' as x", "the number of wildcards and of aliases must be the same", 15..21),
        ("fields strlen(a, b)", "the function strlen has the wrong number of arguments", 7..19),
        ("dedup a | fields b", "only limit may follow dedup", 10..18),
        ("fields 'open", "unexpected symbol found ' at line 1 and position 7", 7..8),
        ("", "unexpected symbol found <EOF> at line 1 and position 0", 0..0),
    ] {
        let malformed = parse(query).expect_err(query);
        assert_eq!((malformed.message.as_str(), malformed.at), (message, at), "{query}");
    }
    let deep = format!("fields {}a{}", "(".repeat(500), ")".repeat(500));
    assert!(parse(&deep).unwrap_err().message.contains("nested too deep"));
}

#[test]
fn memory_is_bounded() {
    let query = parse("stats count(*) by @message").unwrap();
    let mut run = Run::new(&query, Bounds { rows: 10, bytes: 10_000 });
    let source =
        Arc::new(Source { log: String::new(), group: String::new(), stream: String::new(), rank: 0 });
    let event = |at: i64| Event { timestamp: at, ingestion: at, ordinal: 0, message: at.to_string() };
    let refused = (0..1000).find(|at| run.take(Record::of_event(source.clone(), event(*at))).is_err());
    assert!(refused.is_some_and(|at| at > 10));

    let query = parse("sort @timestamp asc").unwrap();
    let mut run = Run::new(&query, Bounds { rows: 3, bytes: 1 << 20 });
    (0..10_000).for_each(|at| run.take(Record::of_event(source.clone(), event(at))).unwrap());
    assert_eq!((run.matched, run.finish().len()), (10_000, 3));
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(query in "[a-z @|(),'\"/=<>*`0-9.äö#\n-]{0,60}", message in ".{0,30}") {
        if let Ok(query) = parse(&query) {
            let mut run = Run::new(&query, Bounds { rows: 10, bytes: 1 << 20 });
            let source =
                Arc::new(Source { log: String::new(), group: String::new(), stream: String::new(), rank: 0 });
            let event = Event { timestamp: 1, ingestion: 2, ordinal: 3, message };
            let _ = run.take(Record::of_event(source, event));
            run.finish();
        }
    }
}
