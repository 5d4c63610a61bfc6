//! Account settings: AWS's names, the values that each takes, and what counts where nobody has chosen.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html>

/// One setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    pub name: &'static str,
    pub values: &'static [&'static str],
    pub default: &'static str,
    /// Only shown: another service of AWS sets it.
    pub managed: bool,
}

const ENABLED: &[&str] = &["enabled", "disabled"];
const ON: &[&str] = &["on", "off"];

const fn chosen(name: &'static str, values: &'static [&'static str], default: &'static str) -> Setting {
    Setting { name, values, default, managed: false }
}

/// Container Insights of clusters that are created without a word about it.
pub const CONTAINER_INSIGHTS: Setting =
    chosen("containerInsights", &["enabled", "disabled", "enhanced"], "disabled");
/// Whether `ecs:TagResource` is needed to create something with tags.
pub const TAG_RESOURCE_AUTHORIZATION: Setting = chosen("tagResourceAuthorization", ON, "on");
/// How a container's log driver waits where its options don't say.
pub const DEFAULT_LOG_DRIVER_MODE: Setting =
    chosen("defaultLogDriverMode", &["blocking", "non-blocking"], "non-blocking");

/// All of them, in the order in which they are listed. The long ARN formats can be put either way and change nothing:
/// AWS has had no other format since April 2021.
pub const ALL: &[Setting] = &[
    chosen("awsvpcTrunking", ENABLED, "disabled"),
    CONTAINER_INSIGHTS,
    chosen("containerInstanceLongArnFormat", ENABLED, "enabled"),
    DEFAULT_LOG_DRIVER_MODE,
    chosen("fargateEventWindows", ENABLED, "disabled"),
    chosen("fargateFIPSMode", ENABLED, "disabled"),
    chosen("fargateTaskRetirementWaitPeriod", &["0", "7", "14"], "7"),
    Setting { name: "guardDutyActivate", values: ON, default: "off", managed: true },
    chosen("serviceLongArnFormat", ENABLED, "enabled"),
    TAG_RESOURCE_AUTHORIZATION,
    chosen("taskLongArnFormat", ENABLED, "enabled"),
];

/// The setting of that name.
pub fn find(name: &str) -> Option<&'static Setting> {
    ALL.iter().find(|setting| setting.name == name)
}

impl Setting {
    /// Checks a value that somebody chooses; the text is for the user.
    pub fn check(&self, value: &str) -> Result<(), String> {
        if self.managed {
            return Err(format!("The account setting {} is managed by AWS and can't be changed.", self.name));
        }
        match self.values.contains(&value) {
            true => Ok(()),
            false => {
                let values = self.values.join(", ");
                Err(format!("Invalid value for {}: {value}. Valid values are [{values}].", self.name))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_default_is_a_value_and_names_are_in_order() {
        assert!(ALL.iter().all(|one| one.values.contains(&one.default)));
        assert!(ALL.is_sorted_by_key(|one| one.name));
        assert!(CONTAINER_INSIGHTS.check("enhanced").is_ok() && CONTAINER_INSIGHTS.check("on").is_err());
        assert!(find("guardDutyActivate").unwrap().check("on").is_err());
    }
}
