//! The one table of what operations need to be allowed: action, resources and condition keys.
//!
//! The table itself is `actions.txt` beside this file, which says how its lines read.

use std::collections::HashMap;
use std::sync::OnceLock;

/// What one operation needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// As in `models/`: `ecs`.
    pub service: &'static str,
    /// `RunTask`
    pub operation: &'static str,
    /// `ecs:RunTask`; none where anyone with keys may.
    pub action: Option<&'static str>,
    /// The ARNs that it is asked for, with AWS's placeholders. None: the resource is `*`.
    pub resources: Vec<&'static str>,
    /// The condition keys beside the global ones, with AWS's placeholders.
    pub keys: Vec<&'static str>,
}

/// The whole table, in its order.
pub fn all() -> &'static [Action] {
    static ALL: OnceLock<Vec<Action>> = OnceLock::new();
    ALL.get_or_init(|| read(include_str!("actions.txt")).expect("the committed table is well formed"))
}

/// What an operation needs.
pub fn find(service: &str, operation: &str) -> Option<&'static Action> {
    all().iter().find(|action| action.service == service && action.operation == operation)
}

fn read(text: &'static str) -> Result<Vec<Action>, String> {
    let mut arns: HashMap<(&str, &str), &'static str> = HashMap::new();
    let mut all: Vec<Action> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let words: Vec<&'static str> = line.split(' ').collect();
        match words[..] {
            ["resource", service, kind, arn] => {
                arns.insert((service, kind), arn);
            }
            ["action", service, operation, action, resources, ref keys @ ..] if keys.len() < 2 => {
                let resource = |kind: &&'static str| {
                    let arn = arns.get(&(service, *kind)).copied();
                    arn.ok_or_else(|| format!("{line}: there is no resource {kind}"))
                };
                let kinds: Vec<&'static str> = resources.split(',').filter(|kind| *kind != "*").collect();
                if all.iter().any(|known| known.service == service && known.operation == operation) {
                    return Err(format!("{line}: it stands twice"));
                }
                all.push(Action {
                    service,
                    operation,
                    action: Some(action).filter(|action| *action != "-"),
                    resources: kinds.iter().map(resource).collect::<Result<_, _>>()?,
                    keys: keys.iter().flat_map(|keys| keys.split(',')).collect(),
                });
            }
            _ => return Err(format!("{line}: it reads neither as a resource nor as an action")),
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_reads() {
        let run = find("ecs", "RunTask").unwrap();
        assert_eq!(run.action, Some("ecs:RunTask"));
        assert!(
            run.resources[0]
                .ends_with(":task-definition/${TaskDefinitionFamilyName}:${TaskDefinitionRevisionNumber}")
        );
        assert!(run.keys.contains(&"ecs:cluster"));
        assert_eq!(find("sts", "GetCallerIdentity").unwrap().action, None);
        for bad in ["action a B", "action a B a:B x", "resource a b", "action a B a:B *\naction a B a:B *"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
