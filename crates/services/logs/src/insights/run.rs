//! A query at work: events go in one by one, rows come out at the end.
//!
//! Commands up to the first that needs all rows (`stats`, `limit`, `dedup`) work on each event alone. What that one
//! keeps is bounded, and commands behind it work on what it made.

use std::collections::{HashMap, HashSet};

use super::aggregate::State;
use super::ast::{Column, Command, Order, Parse, Query, Stats};
use super::record::{Record, items};
use super::value::Value;

/// How many rows may be made of the lists of one event.
const MAX_UNNESTED: usize = 100_000;

/// What a query may hold.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// How many rows it answers at most.
    pub rows: usize,
    /// About how many bytes of memory it takes at most.
    pub bytes: usize,
}

/// A query would take more memory than it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the query takes more memory than a query may")]
pub struct Exceeded;

/// A row of a query's results: fields and their values.
pub type Row = Vec<(String, String)>;

/// A query at work.
pub struct Run<'q> {
    query: &'q Query,
    bounds: Bounds,
    /// How many commands work on each event alone, or sort.
    alone: usize,
    keeper: Keeper<'q>,
    bytes: usize,
    /// How many events fulfilled all conditions.
    pub matched: u64,
}

enum Keeper<'q> {
    Groups { stats: &'q Stats, groups: HashMap<Vec<String>, Group>, order: usize },
    Rows { rows: Vec<Kept>, sort: Option<&'q [Order]>, dedup: Option<&'q [Column]>, limit: usize },
}

struct Group {
    by: Vec<Value>,
    states: Vec<State>,
    /// Which group it was by its first event.
    order: usize,
}

struct Kept {
    record: Record,
    keys: Vec<Value>,
    size: usize,
}

impl<'q> Run<'q> {
    /// A query that has seen nothing yet.
    pub fn new(query: &'q Query, bounds: Bounds) -> Run<'q> {
        let commands = &query.commands;
        let mut sort = None;
        let mut dedup = None;
        let mut limit = bounds.rows;
        let mut alone = commands.len();
        for (at, command) in commands.iter().enumerate() {
            match command {
                Command::Sort(orders) => sort = Some(orders.as_slice()),
                Command::Stats(stats) => {
                    let keeper = Keeper::Groups { stats, groups: HashMap::new(), order: 0 };
                    return Run { query, bounds, alone: at, keeper, bytes: 0, matched: 0 };
                }
                Command::Dedup(columns) => {
                    dedup = Some(columns.as_slice());
                    alone = alone.min(at);
                }
                Command::Limit(most) => {
                    limit = limit.min(*most);
                    alone = alone.min(at);
                    break;
                }
                Command::Fields(_)
                | Command::Display(_)
                | Command::Filter(_)
                | Command::Parse(_)
                | Command::Unnest(_) => {}
            }
        }
        let keeper = Keeper::Rows { rows: Vec::new(), sort, dedup, limit };
        Run { query, bounds, alone, keeper, bytes: 0, matched: 0 }
    }

    /// Takes an event.
    pub fn take(&mut self, record: Record) -> Result<(), Exceeded> {
        let mut left = MAX_UNNESTED;
        self.pass(0, record, &mut left)
    }

    /// Takes a row from a command on, which may make several of it; `left` says how many.
    fn pass(&mut self, from: usize, mut record: Record, left: &mut usize) -> Result<(), Exceeded> {
        let query = self.query;
        let commands = &query.commands[..self.alone];
        for (at, command) in commands.iter().enumerate().skip(from) {
            let Command::Unnest(unnest) = command else {
                if apply(command, &mut record) {
                    continue;
                }
                return Ok(());
            };
            for item in items(unnest.of.evaluate(&record, &[])) {
                *left = left.checked_sub(1).ok_or(Exceeded)?;
                let mut one = record.again();
                one.set(&unnest.into, item);
                self.pass(at + 1, one, left)?;
            }
            return Ok(());
        }
        self.keep(record)
    }

    fn keep(&mut self, mut record: Record) -> Result<(), Exceeded> {
        self.matched += 1;
        match &mut self.keeper {
            Keeper::Groups { stats, groups, order } => self.bytes += group(stats, groups, order, &record),
            Keeper::Rows { rows, sort, dedup, limit } => {
                let keys = keys(*sort, &record);
                record.shrink();
                let size = record.size() + keys.iter().map(Value::size).sum::<usize>();
                self.bytes += size;
                rows.push(Kept { record, keys, size });
                if rows.len() >= 2 * (*limit).max(512) || self.bytes > self.bounds.bytes {
                    settle(rows, *sort, *dedup, *limit);
                    self.bytes = rows.iter().map(|kept| kept.size).sum();
                }
            }
        }
        if self.bytes > self.bounds.bytes { Err(Exceeded) } else { Ok(()) }
    }

    /// The rows that the query has found so far, with what it was asked to show.
    pub fn finish(self) -> Vec<Row> {
        let commands = &self.query.commands;
        let (mut records, behind) = match self.keeper {
            Keeper::Groups { stats, groups, .. } => (rows(stats, groups), self.alone + 1),
            Keeper::Rows { mut rows, sort, dedup, limit } => {
                settle(&mut rows, sort, dedup, limit);
                let kept = rows.into_iter().map(|kept| kept.record).collect();
                let limited = commands.iter().position(|command| matches!(command, Command::Limit(_)));
                (kept, limited.map_or(commands.len(), |at| at + 1))
            }
        };
        for command in &commands[behind..] {
            records = all_at_once(command, records, self.bounds.bytes);
        }
        records.truncate(self.bounds.rows);
        let shown = shown(commands);
        records.iter().map(|record| show(record, &shown)).collect()
    }
}

/// Applies a command to a row alone; false where the row is left out.
fn apply(command: &Command, record: &mut Record) -> bool {
    match command {
        Command::Fields(columns) | Command::Display(columns) => compute(columns, record),
        Command::Filter(condition) => return condition.evaluate(record, &[]).holds(),
        Command::Parse(parse) => take_apart(parse, record),
        Command::Unnest(_) | Command::Sort(_) | Command::Stats(_) | Command::Limit(_) | Command::Dedup(_) => {
        }
    }
    true
}

fn compute(columns: &[Column], record: &mut Record) {
    for column in columns {
        let plain = matches!(&column.expression, super::ast::Expression::Field(name) if *name == column.name);
        if !plain {
            let value = column.expression.evaluate(record, &[]);
            record.set(&column.name, value);
        }
    }
}

fn take_apart(parse: &Parse, record: &mut Record) {
    let Some(text) = parse.of.evaluate(record, &[]).text() else { return };
    let Some(found) = parse.regex.captures(&text) else { return };
    for (group, name) in &parse.fields {
        if let Some(part) = found.get(*group) {
            record.set(name, Value::Text(part.as_str().to_owned()));
        }
    }
}

/// Adds a record to its group. Returns how many bytes of memory that took.
fn group(
    stats: &Stats,
    groups: &mut HashMap<Vec<String>, Group>,
    order: &mut usize,
    record: &Record,
) -> usize {
    let by: Vec<Value> = stats.by.iter().map(|column| column.expression.evaluate(record, &[])).collect();
    let key: Vec<String> = by.iter().map(|value| value.text().unwrap_or_default()).collect();
    let mut size = 0;
    let group = groups.entry(key).or_insert_with_key(|key| {
        size += key.iter().map(|text| 2 * text.len() + 80).sum::<usize>() + 64 * stats.aggregates.len() + 64;
        *order += 1;
        let states = stats.aggregates.iter().map(|aggregate| State::new(aggregate.kind)).collect();
        Group { by, states, order: *order }
    });
    let states = group.states.iter_mut().zip(&stats.aggregates);
    size + states.map(|(state, aggregate)| state.add(aggregate, record)).sum::<usize>()
}

/// One row for each group, in the order in which their first events came.
fn rows(stats: &Stats, groups: HashMap<Vec<String>, Group>) -> Vec<Record> {
    let mut groups: Vec<Group> = groups.into_values().collect();
    groups.sort_by_key(|group| group.order);
    let row = |group: Group| {
        let kinds = stats.aggregates.iter().map(|aggregate| aggregate.kind);
        let values: Vec<Value> =
            group.states.into_iter().zip(kinds).map(|(state, kind)| state.finish(kind)).collect();
        let names = stats.by.iter().map(|column| column.name.clone());
        let mut record = Record::of_row(names.zip(group.by).collect());
        for column in &stats.columns {
            let value = column.expression.evaluate(&record, &values);
            record.set(&column.name, value);
        }
        record
    };
    groups.into_iter().map(row).collect()
}

fn keys(sort: Option<&[Order]>, record: &Record) -> Vec<Value> {
    sort.unwrap_or_default().iter().map(|order| order.by.evaluate(record, &[])).collect()
}

/// Sorts rows, and lets go of those that can't be among the first.
fn settle(rows: &mut Vec<Kept>, sort: Option<&[Order]>, dedup: Option<&[Column]>, limit: usize) {
    rows.sort_by(|one, two| compare(sort, one, two));
    if let Some(columns) = dedup {
        let mut seen = HashSet::new();
        rows.retain(|kept| first_of_its_kind(columns, &kept.record, &mut seen));
    }
    rows.truncate(limit);
}

/// Whether no row before it had the same values. One that lacks a value is not like any other.
fn first_of_its_kind(columns: &[Column], record: &Record, seen: &mut HashSet<Vec<String>>) -> bool {
    let values: Option<Vec<String>> =
        columns.iter().map(|column| column.expression.evaluate(record, &[]).text()).collect();
    values.is_none_or(|values| seen.insert(values))
}

fn compare(sort: Option<&[Order]>, one: &Kept, two: &Kept) -> std::cmp::Ordering {
    let pairs = sort.unwrap_or_default().iter().zip(one.keys.iter().zip(&two.keys));
    for (order, (left, right)) in pairs {
        let found = left.sort_order(right);
        if found.is_ne() {
            return if order.descending { found.reverse() } else { found };
        }
    }
    // Without an order the latest come first, as in AWS.
    let latest = two.record.timestamp().cmp(&one.record.timestamp());
    latest.then_with(|| two.record.place().cmp(&one.record.place()))
}

/// Applies a command to rows that are all there, and may become more of up to so many bytes.
fn all_at_once(command: &Command, mut records: Vec<Record>, bytes: usize) -> Vec<Record> {
    match command {
        Command::Unnest(unnest) => {
            let mut all = Vec::new();
            let mut taken = 0;
            for record in records {
                for item in items(unnest.of.evaluate(&record, &[])) {
                    let mut one = record.again();
                    one.set(&unnest.into, item);
                    taken += one.size();
                    if taken > bytes {
                        return all;
                    }
                    all.push(one);
                }
            }
            all
        }
        Command::Stats(stats) => {
            let (mut groups, mut order) = (HashMap::new(), 0);
            for record in &records {
                group(stats, &mut groups, &mut order, record);
            }
            rows(stats, groups)
        }
        Command::Sort(orders) => {
            let keyed = records.into_iter().map(|record| {
                let keys = keys(Some(orders), &record);
                Kept { record, keys, size: 0 }
            });
            let mut kept: Vec<Kept> = keyed.collect();
            kept.sort_by(|one, two| compare(Some(orders), one, two));
            kept.into_iter().map(|kept| kept.record).collect()
        }
        Command::Limit(limit) => {
            records.truncate(*limit);
            records
        }
        Command::Dedup(columns) => {
            let mut seen = HashSet::new();
            records.retain(|record| first_of_its_kind(columns, record, &mut seen));
            records
        }
        alone => {
            records.retain_mut(|record| apply(alone, record));
            records
        }
    }
}

/// The columns that a query shows.
fn shown(commands: &[Command]) -> Vec<&str> {
    let mut shown: Vec<&str> = Vec::new();
    let mut grouped = false;
    let mut displayed = false;
    let mut parsed: Vec<&str> = Vec::new();
    for command in commands {
        let columns = match command {
            Command::Fields(columns) if !displayed => columns,
            Command::Display(columns) => {
                (shown, displayed) = (Vec::new(), true);
                columns
            }
            Command::Stats(stats) => {
                (shown, grouped, displayed) = (Vec::new(), true, false);
                parsed.clear();
                shown.extend(stats.by.iter().chain(&stats.columns).map(|column| column.name.as_str()));
                continue;
            }
            Command::Unnest(unnest) => {
                parsed.push(&unnest.into);
                continue;
            }
            Command::Parse(parse) => {
                parsed.extend(parse.fields.iter().map(|(_, name)| name.as_str()));
                continue;
            }
            _ => continue,
        };
        for column in columns {
            if !shown.contains(&column.name.as_str()) {
                shown.push(&column.name);
            }
        }
    }
    if shown.is_empty() && !grouped {
        shown = vec!["@timestamp", "@message"];
    }
    if !displayed {
        parsed.retain(|name| !shown.contains(name));
        shown.extend(parsed);
    }
    shown
}

fn show(record: &Record, shown: &[&str]) -> Row {
    let columns = shown.iter().filter(|name| **name != "@ptr");
    let mut row: Row =
        columns.filter_map(|name| Some(((*name).to_owned(), record.get(name).text()?))).collect();
    if let Some(pointer) = record.pointer() {
        row.push(("@ptr".to_owned(), pointer));
    }
    row
}
