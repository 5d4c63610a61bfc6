//! Tags by which a service asks for what AWS's API has no field for.
//!
//! - `gantry:redeploy-on-push` (`true`): a tag that its tasks' images are named by, and that is pushed anew to this
//!   Gantry's registry, begins a deployment.
//! - `gantry:max-task-lifetime` (`90m`, `12h`, `7d`): older tasks are replaced within the deployment's percentages.
//! - `gantry:stop-timeout` (seconds): how long containers of new tasks have to end, beyond AWS's two minutes.
//! - `gantry:scale-to-zero-after` (`15m`, `2h`): without a request for so long it has no tasks, until the next one.

use std::time::Duration;

use gantry_base::Tags;

use crate::error::EcsError;

const REDEPLOY: &str = "gantry:redeploy-on-push";
const LIFETIME: &str = "gantry:max-task-lifetime";
const STOP_TIMEOUT: &str = "gantry:stop-timeout";
const SLEEP: &str = "gantry:scale-to-zero-after";
/// What tags of that kind begin with.
const PREFIX: &str = "gantry:";

/// Bounds of times and stop timeouts.
const LEAST: Duration = Duration::from_secs(60);
const MOST: Duration = Duration::from_secs(366 * 86_400);
const MOST_STOP_SECONDS: u32 = 86_400;

/// Refuses wishes that nobody understands.
pub(crate) fn check(tags: &Tags) -> Result<(), EcsError> {
    for (key, value) in tags.iter().filter(|(key, _)| key.starts_with(PREFIX)) {
        let (known, form) = match key {
            REDEPLOY => (matches!(value, "true" | "false"), "true or false"),
            LIFETIME => (span(value).is_some(), "a time from 1m to 366d, such as 90m, 12h or 7d"),
            STOP_TIMEOUT => (seconds(value).is_some(), "a number of seconds up to 86400"),
            SLEEP => (span(value).is_some(), "a time from 1m to 366d, such as 15m, 2h or 1d"),
            _ => {
                return Err(EcsError::invalid(format!(
                    "The tag {key} means nothing to Gantry. Known are {REDEPLOY}, {LIFETIME}, {STOP_TIMEOUT} and \
                     {SLEEP}."
                )));
            }
        };
        if !known {
            return Err(EcsError::invalid(format!("The tag {key} must be {form}, and is {value}.")));
        }
    }
    Ok(())
}

/// Whether a pushed image begins a deployment.
pub(crate) fn redeploys(tags: &Tags) -> bool {
    value(tags, REDEPLOY) == Some("true")
}

/// How old tasks may become.
pub(crate) fn lifetime(tags: &Tags) -> Option<Duration> {
    value(tags, LIFETIME).and_then(span)
}

/// How long nobody must have asked for anything before the service sleeps.
pub(crate) fn sleeps_after(tags: &Tags) -> Option<Duration> {
    value(tags, SLEEP).and_then(span)
}

/// The same as the user wrote it.
pub(crate) fn sleeps_after_text(tags: &Tags) -> &str {
    value(tags, SLEEP).unwrap_or_default()
}

/// How long containers have to end, in seconds.
pub(crate) fn stop_timeout(tags: &Tags) -> Option<u32> {
    value(tags, STOP_TIMEOUT).and_then(seconds)
}

fn value<'a>(tags: &'a Tags, key: &str) -> Option<&'a str> {
    tags.iter().find(|(known, _)| *known == key).map(|(_, value)| value)
}

fn seconds(text: &str) -> Option<u32> {
    text.parse().ok().filter(|seconds| (1..=MOST_STOP_SECONDS).contains(seconds))
}

/// `90s`, `90m`, `12h`, `7d`.
fn span(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit: u64 = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    let number: u32 = number.parse().ok()?;
    let span = Duration::from_secs(u64::from(number) * unit);
    (LEAST..=MOST).contains(&span).then_some(span)
}

/// When a task is too old: up to a tenth of its lifetime earlier, so that those that began together do not end
/// together. `id` is hexadecimal digits.
pub(crate) fn lives_for(lifetime: Duration, id: &str) -> Duration {
    let spread = u32::from_str_radix(id.get(..4).unwrap_or("0"), 16).unwrap_or(0);
    lifetime - lifetime.mul_f64(0.1 * f64::from(spread) / 65_535.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        Tags::parse(pairs.iter().map(|(key, value)| (key.to_string(), value.to_string()))).unwrap()
    }

    #[test]
    fn wishes_are_read_and_others_refused() {
        let good = tags(&[
            (REDEPLOY, "true"),
            (LIFETIME, "12h"),
            (STOP_TIMEOUT, "600"),
            (SLEEP, "15m"),
            ("team", "shop"),
        ]);
        assert!(check(&good).is_ok());
        assert!(redeploys(&good) && !redeploys(&tags(&[(REDEPLOY, "false")])));
        assert_eq!(lifetime(&good), Some(Duration::from_secs(12 * 3600)));
        assert_eq!(stop_timeout(&good), Some(600));
        assert_eq!(sleeps_after(&good), Some(Duration::from_secs(15 * 60)));
        assert_eq!(sleeps_after_text(&good), "15m");
        for bad in [
            (REDEPLOY, "yes"),
            (LIFETIME, "12"),
            (LIFETIME, "0h"),
            (LIFETIME, "59s"),
            (LIFETIME, "400d"),
            (LIFETIME, "é"),
            (STOP_TIMEOUT, "0"),
            (STOP_TIMEOUT, "90000"),
            (SLEEP, "30s"),
            (SLEEP, "true"),
            ("gantry:max-lifetime", "1h"),
        ] {
            assert!(check(&tags(&[bad])).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn lifetimes_are_spread_over_a_tenth() {
        let hour = Duration::from_secs(3600);
        assert_eq!(lives_for(hour, "0000ab"), hour);
        assert_eq!(lives_for(hour, "ffffab"), Duration::from_secs(3240));
    }
}
