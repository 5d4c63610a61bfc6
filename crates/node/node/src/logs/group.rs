//! Several lines in one event: awslogs' `awslogs-multiline-pattern` and `awslogs-datetime-format`.
//!
//! <https://docs.docker.com/engine/logging/drivers/awslogs/#awslogs-multiline-pattern>

use std::collections::HashMap;

use gantry_node_proto::MAX_LOG_EVENT_BYTES;
use regex::Regex;

use super::lines::Event;

/// What the first line of an event looks like; `None` if every line is one.
pub fn beginning(options: &HashMap<String, String>) -> Result<Option<Regex>, String> {
    let option = |name: &str| options.get(name).filter(|value| !value.is_empty());
    let pattern = match (option("awslogs-multiline-pattern"), option("awslogs-datetime-format")) {
        (Some(pattern), _) => pattern.clone(),
        (None, Some(format)) => of_format(format),
        (None, None) => return Ok(None),
    };
    let compiled = Regex::new(&pattern);
    compiled.map(Some).map_err(|error| format!("the log pattern {pattern:?} can't be used: {error}"))
}

/// A pattern for what `strftime` writes with this format.
fn of_format(format: &str) -> String {
    let mut pattern = String::new();
    let mut rest = format.chars();
    while let Some(char) = rest.next() {
        if char != '%' {
            pattern.push_str(&regex::escape(&char.to_string()));
            continue;
        }
        let Some(letter) = rest.next() else { break };
        pattern.push_str(match letter {
            'A' => "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day",
            'a' => "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)",
            'B' => {
                "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
            }
            'b' | 'h' => "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)",
            'd' | 'H' | 'I' | 'M' | 'm' | 'S' | 'y' | 'U' => r"\d{2}",
            'e' | 'k' | 'l' => r"[ \d]\d",
            'F' => r"\d{4}-\d{2}-\d{2}",
            'f' => r"\d{6}",
            'j' | 'L' => r"\d{3}",
            'p' => "[AP]M",
            'T' => r"\d{2}:\d{2}:\d{2}",
            'w' => r"\d",
            'Y' => r"\d{4}",
            'z' => r"[+-]\d{4}",
            'Z' => "[A-Z]{1,4}T",
            '%' => "%",
            _ => ".*",
        });
    }
    pattern
}

/// Joins lines to events: each begins with a line that matches. The last event may go on; it is left out unless
/// `complete`.
pub fn join(lines: Vec<Event>, beginning: &Regex, complete: bool) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for line in lines {
        match events.last_mut() {
            Some(open)
                if !beginning.is_match(&line.message)
                    && open.message.len() + 1 + line.message.len() <= MAX_LOG_EVENT_BYTES =>
            {
                open.message.push('\n');
                open.message.push_str(&line.message);
                open.end_offset = line.end_offset;
            }
            _ => events.push(line),
        }
    }
    if !complete {
        events.pop();
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(name: &str, value: &str) -> HashMap<String, String> {
        HashMap::from([(name.to_owned(), value.to_owned())])
    }

    fn check(option: (&str, &str), lines: &[&str], complete: bool) -> Vec<String> {
        let beginning = beginning(&options(option.0, option.1)).unwrap().unwrap();
        let line = |(at, text): (usize, &&str)| Event {
            message: (*text).to_owned(),
            end_offset: at as u64 + 1,
            timestamp_ms: 0,
        };
        let lines = lines.iter().enumerate().map(line).collect();
        join(lines, &beginning, complete)
            .into_iter()
            .map(|it| format!("{}@{}", it.message, it.end_offset))
            .collect()
    }

    #[test]
    fn lines_become_events() {
        let pattern = ("awslogs-multiline-pattern", "^INFO");
        let lines = ["INFO a", " b", "INFO c", " d"];
        assert_eq!(check(pattern, &lines, true), ["INFO a\n b@2", "INFO c\n d@4"]);
        assert_eq!(check(pattern, &lines, false), ["INFO a\n b@2"]);
        assert_eq!(check(pattern, &["x", "INFO"], true), ["x@1", "INFO@2"]);
        let format = ("awslogs-datetime-format", r"[%b %d, %Y %H:%M:%S]");
        let lines = ["[Jan 02, 2026 03:04:05] a", "b", "[Jan 02, 2026 03:04:06] c"];
        assert_eq!(check(format, &lines, true).len(), 2);
    }

    #[test]
    fn no_pattern_and_a_bad_one() {
        assert!(beginning(&HashMap::new()).unwrap().is_none());
        assert!(beginning(&options("awslogs-multiline-pattern", "(")).is_err());
    }
}
