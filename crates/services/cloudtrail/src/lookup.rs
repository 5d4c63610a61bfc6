//! Looking through the trails of all replicas as if they were one.
//!
//! Each replica keeps the calls that it took. Whoever is asked for events asks the others for theirs, and merges what
//! they say, newest first. A replica that does not answer is left out, which the log says.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use futures::future::join_all;
use gantry_base::{AccountId, Region, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::event::user_name;
use crate::trail::search::{Fits, Place};
use crate::trail::{Entry, Page, Query, Trail};

/// What is looked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Asked {
    pub account: AccountId,
    pub region: Region,
    /// Key and value, as LookupEvents names them.
    pub attribute: Option<(String, String)>,
    /// The first and the last moment.
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
    pub limit: usize,
}

/// The other replicas.
#[async_trait]
pub trait Others: Send + Sync + 'static {
    /// What they are called.
    async fn names(&self) -> Result<Vec<String>, String>;
    /// One page of the trail of the one with that name; the error is for the log.
    async fn page(&self, name: &str, asked: &Asked, before: Option<Place>) -> Result<Page, String>;
}

/// The trails of all replicas.
pub struct Trails {
    /// What this replica is called; of one that is alone it does not matter.
    pub name: String,
    /// What it keeps.
    pub own: Arc<Trail>,
    /// The others, if there are any.
    pub others: Option<Arc<dyn Others>>,
}

/// Where to go on in the trail of each replica: none is its beginning. One that is not named has no more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Places(BTreeMap<String, Option<Place>>);

impl Places {
    pub fn encode(&self) -> String {
        json!(self).to_string()
    }
    pub fn decode(text: &str) -> Option<Places> {
        serde_json::from_str(text).ok()
    }
}

impl Asked {
    /// The question to one trail.
    pub fn query(&self, before: Option<Place>) -> Query {
        let account = self.account.to_string();
        let region = self.region.to_string();
        let mut has = vec![field("recipientAccountId", &account), field("awsRegion", &region)];
        if let Some((_, value)) = self.attribute.as_ref().filter(|(key, _)| key != "ReadOnly") {
            let quoted = Value::from(value.as_str()).to_string();
            has.push(quoted.trim_matches('"').to_owned());
        }
        let attribute = self.attribute.clone();
        let fits = move |event: &Value| {
            event["recipientAccountId"] == *account
                && event["awsRegion"] == *region
                && attribute.as_ref().is_none_or(|(key, value)| has_attribute(event, key, value))
        };
        let (from, until) = (self.from, self.until);
        Query { from, until, has, fits: Fits(Arc::new(fits)), before, limit: self.limit }
    }
}

fn field(name: &str, value: &str) -> String {
    format!("{}:{}", json!(name), json!(value))
}

/// Whether an event has the attribute, as LookupEvents names it.
pub fn has_attribute(event: &Value, key: &str, value: &str) -> bool {
    let resources = || event["resources"].as_array().into_iter().flatten();
    match key {
        "EventId" => event["eventID"] == value,
        "EventName" => event["eventName"] == value,
        "ReadOnly" => event["readOnly"].as_bool().is_some_and(|reads| reads.to_string() == value),
        "Username" => user_name(event).as_deref() == Some(value),
        "EventSource" => event["eventSource"] == value,
        "AccessKeyId" => event["userIdentity"]["accessKeyId"] == value,
        "ResourceType" => resources().any(|resource| resource["type"] == value),
        "ResourceName" => resources().any(|resource| {
            // A secret is found by its name as well, which its ARN has between a word and a random end.
            let ends = || resource["ARN"].as_str()?.split(":secret:").nth(1)?.rsplit_once('-');
            resource["ARN"] == value || ends().is_some_and(|(name, _)| name == value)
        }),
        _ => false,
    }
}

impl Trails {
    /// One page of the events that fit, newest first, and where to go on.
    pub async fn page(
        &self,
        asked: &Asked,
        before: Option<Places>,
    ) -> io::Result<(Vec<Value>, Option<Places>)> {
        let before = match before {
            Some(before) => before,
            None => self.beginning().await,
        };
        let asking = before.0.iter().map(|(name, place)| async move {
            let page = match &self.others {
                Some(others) if *name != self.name => match others.page(name, asked, *place).await {
                    Ok(page) => page,
                    Err(error) => {
                        tracing::warn!(replica = name, error, "a replica's calls are left out of an answer");
                        Page::default()
                    }
                },
                _ => self.own.search(asked.query(*place)).await?,
            };
            Ok((name.clone(), *place, page))
        });
        let pages: io::Result<Vec<_>> = join_all(asking).await.into_iter().collect();
        Ok(merge(pages?, asked.limit))
    }

    async fn beginning(&self) -> Places {
        let mut places = BTreeMap::from([(self.name.clone(), None)]);
        if let Some(others) = &self.others {
            match others.names().await {
                Ok(names) => places.extend(names.into_iter().map(|name| (name, None))),
                Err(error) => tracing::warn!(error, "the other replicas' calls are left out of an answer"),
            }
        }
        Places(places)
    }
}

/// Merges one page of each replica, newest first. What is older than the end of a page that is not its trail's last
/// has to wait: there may be events between.
fn merge(pages: Vec<(String, Option<Place>, Page)>, limit: usize) -> (Vec<Value>, Option<Places>) {
    let unfinished = pages.iter().filter(|(_, _, page)| page.next.is_some());
    let ends = unfinished.map(|(_, _, page)| page.events.last().map(|last| last.moment));
    // A page with nothing in it says nothing of how far it came, so all others wait for the next one.
    let floor = ends.map(|end| end.unwrap_or(Timestamp::from_millis(i64::MAX))).max();
    let mut next = BTreeMap::new();
    let mut events: Vec<(usize, Entry)> = Vec::new();
    for (at, (_, _, page)) in pages.iter().enumerate() {
        events.extend(page.events.iter().map(|entry| (at, entry.clone())));
    }
    events.sort_by_key(|(_, entry)| std::cmp::Reverse(entry.moment));
    events.retain(|(_, entry)| floor.is_none_or(|floor| entry.moment >= floor));
    events.truncate(limit);
    for (at, (name, before, page)) in pages.into_iter().enumerate() {
        let taken = events.iter().filter(|(from, _)| *from == at).count();
        let place = match page.events.len() {
            all if all == taken => page.next.map(Some),
            _ => match taken.checked_sub(1) {
                Some(last) => Some(Some(page.events[last].place)),
                None => Some(before),
            },
        };
        if let Some(place) = place {
            next.insert(name, place);
        }
    }
    let next = (!next.is_empty()).then_some(Places(next));
    (events.into_iter().map(|(_, entry)| entry.event).collect(), next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trail(moments: &[i64], next: Option<i64>, offset: i64) -> Page {
        let entry = |moment: &i64| Entry {
            moment: Timestamp::from_millis(*moment),
            place: Place { segment: *moment, line: offset as usize },
            event: json!(moment),
        };
        let next = next.map(|segment| Place { segment, line: 0 });
        Page { events: moments.iter().map(entry).collect(), next }
    }

    fn merged(pages: Vec<(&str, Page)>, limit: usize) -> (Vec<i64>, Vec<(String, Option<i64>)>) {
        let pages = pages.into_iter().map(|(name, page)| (name.to_owned(), None, page)).collect();
        let (events, next) = merge(pages, limit);
        let next = next.unwrap_or_default().0.into_iter();
        let next = next.map(|(name, place)| (name, place.map(|place| place.segment)));
        (events.iter().filter_map(Value::as_i64).collect(), next.collect())
    }

    #[test]
    fn pages_are_merged_newest_first_and_go_on_where_each_was_left() {
        let pages = vec![("a", trail(&[9, 5, 1], None, 0)), ("b", trail(&[8, 7, 2], Some(2), 0))];
        let (events, next) = merged(pages, 4);
        assert_eq!(events, [9, 8, 7, 5]);
        assert_eq!(next, [("a".to_owned(), Some(5)), ("b".to_owned(), Some(7))]);
        let (events, next) = merged(vec![("a", trail(&[3], None, 0)), ("b", trail(&[2], None, 0))], 4);
        assert_eq!((events, next), (vec![3, 2], vec![]));
    }

    #[test]
    fn nothing_is_told_before_what_may_be_newer() {
        let pages = vec![("a", trail(&[9, 5, 1], None, 0)), ("b", trail(&[7], Some(7), 0))];
        let (events, next) = merged(pages, 10);
        assert_eq!(events, [9, 7]);
        assert_eq!(next, [("a".to_owned(), Some(9)), ("b".to_owned(), Some(7))]);
        let pages = vec![("a", trail(&[9], None, 0)), ("b", trail(&[], Some(4), 0))];
        let (events, next) = merged(pages, 10);
        assert_eq!(events, [0i64; 0]);
        assert_eq!(next, [("a".to_owned(), None), ("b".to_owned(), Some(4))]);
    }
}
