//! What is done with a request: forwarded, redirected, or answered.

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// An action of a rule or listener, with the place that the user gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    pub order: Option<i32>,
    #[serde(flatten)]
    pub what: What,
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum What {
    Forward(Forward),
    Redirect(Redirect),
    FixedResponse(FixedResponse),
}

/// To one of several target groups, by weight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forward {
    pub target_groups: Vec<Weighted>,
    /// Whether a client stays with its group, and for how many seconds.
    pub stickiness: Option<GroupStickiness>,
}

/// A target group and its share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weighted {
    pub arn: String,
    /// 0 to 999; 1 where the user said nothing.
    pub weight: u32,
}

/// Target group stickiness as it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupStickiness {
    pub enabled: bool,
    pub duration_seconds: Option<u32>,
}

/// Where the client is to ask instead. Every part may refer to the request's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redirect {
    pub protocol: String,
    pub host: String,
    pub port: String,
    pub path: String,
    pub query: String,
    pub permanent: bool,
}

/// An answer by the load balancer itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixedResponse {
    pub status: u16,
    pub content_type: Option<String>,
    pub body: Option<String>,
}

/// How many target groups one forward action may have.
pub const MAX_GROUPS: usize = 5;
/// The largest weight of a target group.
const MAX_WEIGHT: u32 = 999;

/// One of several target groups has no weight, or one that is out of bounds.
pub fn wrong_weight() -> Invalid {
    Invalid::validation(format!(
        "The weight for each target group must be between 0 and {MAX_WEIGHT}, inclusive"
    ))
}

/// Content types that a fixed response may have.
pub const CONTENT_TYPES: [&str; 5] =
    ["text/html", "application/json", "application/javascript", "text/css", "text/plain"];

/// Checks the actions of a rule or listener, whose listener has `protocol` and `port`.
pub fn check_all(actions: &[Action], protocol: &str, port: u16) -> Result<(), Invalid> {
    let [action] = actions else {
        return Err(not_one(actions));
    };
    match &action.what {
        What::Forward(forward) => forward.check(),
        What::Redirect(redirect) => redirect.check(protocol, port),
        What::FixedResponse(response) => response.check(),
    }
}

/// What is wrong where there is no action, or more than one: each of those that are served ends a request.
fn not_one(actions: &[Action]) -> Invalid {
    if actions.is_empty() {
        return Invalid::validation("An action must be specified");
    }
    if actions.iter().any(|action| action.order.is_none()) {
        return Invalid::validation(
            "When you specify multiple actions, you must specify an order for each action",
        );
    }
    let kinds: Vec<&str> = actions.iter().map(|action| action.what.kind()).collect();
    if kinds.iter().all(|kind| *kind == kinds[0]) {
        return Invalid {
            code: "TooManyActions",
            message:
                "You cannot specify multiple actions of the types: 'forward', 'redirect', 'fixed-response'"
                    .into(),
        };
    }
    Invalid::validation(format!("Action types '{}' cannot be specified together", kinds.join(",")))
}

impl What {
    /// AWS's name of its type.
    pub fn kind(&self) -> &'static str {
        match self {
            What::Forward(_) => "forward",
            What::Redirect(_) => "redirect",
            What::FixedResponse(_) => "fixed-response",
        }
    }
}

impl Forward {
    /// To one group alone.
    pub fn to(arn: impl Into<String>) -> Forward {
        Forward { target_groups: vec![Weighted { arn: arn.into(), weight: 1 }], stickiness: None }
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.target_groups.is_empty() {
            return Err(Invalid::validation("A target group ARN must be specified"));
        }
        if self.target_groups.len() > MAX_GROUPS {
            return Err(Invalid::validation(format!(
                "You cannot specify more than {MAX_GROUPS} target groups per action"
            )));
        }
        if let [only] = self.target_groups.as_slice()
            && !(1..=MAX_WEIGHT).contains(&only.weight)
        {
            return Err(Invalid::validation(format!(
                "The weight for the target group must be between 1 and {MAX_WEIGHT}, inclusive"
            )));
        }
        for (at, group) in self.target_groups.iter().enumerate() {
            if group.weight > MAX_WEIGHT {
                return Err(wrong_weight());
            }
            if self.target_groups[..at].iter().any(|other| other.arn == group.arn) {
                return Err(Invalid::validation("You cannot specify the same target group more than once"));
            }
        }
        match self.stickiness {
            Some(GroupStickiness { enabled: true, duration_seconds: None }) => {
                Err(Invalid::validation("You must provide a duration when enabling target group stickiness"))
            }
            Some(GroupStickiness { duration_seconds: Some(seconds), .. })
                if !(1..=604_800).contains(&seconds) =>
            {
                Err(Invalid::validation(
                    "Target group stickiness duration must be between 1 and 604800 seconds",
                ))
            }
            _ => Ok(()),
        }
    }
}

/// What a redirect may take over from the request.
pub struct Asked<'a> {
    /// `http` or `https`.
    pub protocol: &'a str,
    pub host: &'a str,
    pub port: u16,
    /// With its leading slash.
    pub path: &'a str,
    pub query: Option<&'a str>,
}

impl Redirect {
    fn check(&self, protocol: &str, port: u16) -> Result<(), Invalid> {
        if !matches!(self.protocol.as_str(), "HTTP" | "HTTPS" | "#{protocol}") {
            return Err(Invalid::action("The redirect protocol must be 'HTTP', 'HTTPS' or '#{protocol}'"));
        }
        if protocol == "HTTPS" && self.protocol == "HTTP" {
            return Err(Invalid::action("You cannot redirect HTTPS to HTTP."));
        }
        if self.port != "#{port}" && self.port.parse::<u16>().ok().is_none_or(|port| port == 0) {
            return Err(Invalid::action(
                "The Port parameter must be either an integer between 1 and 65535 or '#{port}'.",
            ));
        }
        if !is_path(&self.path) {
            return Err(Invalid::action(
                "The Path parameter must be a valid path, should start with a '/', and may contain up to one of each of \
                 these placeholders: '#{path}', '#{host}', '#{port}'.",
            ));
        }
        if self.query.starts_with('?') {
            return Err(Invalid::action("The Query parameter must not start with the '?' character"));
        }
        let same = (self.protocol == "#{protocol}" || self.protocol == protocol)
            && (self.port == "#{port}" || self.port == port.to_string())
            && self.host == "#{host}"
            && self.path == "/#{path}"
            && self.query == "#{query}";
        if same {
            return Err(Invalid::action(
                "The redirect configuration is not valid because it creates a loop.",
            ));
        }
        Ok(())
    }

    /// The `Location` for a request. Reserved words are replaced once, so a request can't bring in others.
    pub fn location(&self, asked: &Asked<'_>) -> String {
        let fill = |text: &str| {
            let mut out = String::with_capacity(text.len() + 32);
            let mut rest = text;
            while let Some(at) = rest.find("#{") {
                out.push_str(&rest[..at]);
                rest = &rest[at..];
                let end = rest.find('}').map_or(rest.len(), |end| end + 1);
                match &rest[..end] {
                    "#{protocol}" => out.push_str(asked.protocol),
                    "#{host}" => out.push_str(asked.host),
                    "#{port}" => out.push_str(&asked.port.to_string()),
                    "#{path}" => out.push_str(asked.path.strip_prefix('/').unwrap_or(asked.path)),
                    "#{query}" => out.push_str(asked.query.unwrap_or_default()),
                    other => out.push_str(other),
                }
                rest = &rest[end..];
            }
            out.push_str(rest);
            out
        };
        let (protocol, query) = (fill(&self.protocol).to_ascii_lowercase(), fill(&self.query));
        let mut location =
            format!("{protocol}://{}:{}{}", fill(&self.host), fill(&self.port), fill(&self.path));
        if !query.is_empty() {
            location.push('?');
            location.push_str(&query);
        }
        location
    }
}

/// Whether a redirect may have this path: each of the placeholders at most once, and no others.
fn is_path(path: &str) -> bool {
    let counts = ["#{path}", "#{host}", "#{port}"].map(|placeholder| path.matches(placeholder).count());
    path.starts_with('/')
        && counts.iter().all(|count| *count <= 1)
        && path.matches("#{").count() == counts.iter().sum::<usize>()
}

impl FixedResponse {
    fn check(&self) -> Result<(), Invalid> {
        if self.content_type.as_deref().is_some_and(|given| !CONTENT_TYPES.contains(&given)) {
            let types: Vec<String> = CONTENT_TYPES.iter().map(|name| format!("'{name}'")).collect();
            return Err(Invalid::action(format!("The ContentType must be one of:{}", types.join(", "))));
        }
        if !matches!(self.status, 200..=299 | 400..=599) {
            return Err(Invalid::validation(format!(
                "The status code '{}' must be 2XX, 4XX or 5XX",
                self.status
            )));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn redirect() -> Redirect {
        Redirect {
            protocol: "HTTPS".into(),
            host: "#{host}".into(),
            port: "443".into(),
            path: "/#{path}".into(),
            query: "#{query}".into(),
            permanent: true,
        }
    }

    fn asked<'a>(path: &'a str, query: Option<&'a str>) -> Asked<'a> {
        Asked { protocol: "http", host: "a.example", port: 80, path, query }
    }

    #[test]
    fn a_redirect_takes_over_what_it_names() {
        assert_eq!(redirect().location(&asked("/x/y", Some("q=1"))), "https://a.example:443/x/y?q=1");
        assert_eq!(redirect().location(&asked("/", None)), "https://a.example:443/");
        let other = Redirect {
            host: "www.#{host}".into(),
            path: "/new/#{path}/end".into(),
            query: "from=#{port}&#{query}".into(),
            ..redirect()
        };
        assert_eq!(
            other.location(&asked("/#{host}", Some("z"))),
            "https://www.a.example:443/new/#{host}/end?from=80&z"
        );
    }

    #[test]
    fn a_redirect_to_itself_is_refused() {
        let same = Redirect { protocol: "HTTP".into(), port: "80".into(), ..redirect() };
        let action = |redirect| [Action { order: None, what: What::Redirect(redirect) }];
        assert!(check_all(&action(same.clone()), "HTTP", 80).unwrap_err().message.contains("loop"));
        assert!(check_all(&action(same), "HTTP", 8080).is_ok());
        assert!(check_all(&action(redirect()), "HTTP", 80).is_ok());
        let down = Redirect { protocol: "HTTP".into(), port: "80".into(), ..redirect() };
        let refused = check_all(&action(down), "HTTPS", 443).unwrap_err();
        assert_eq!(refused.message, "You cannot redirect HTTPS to HTTP.");
    }

    #[test]
    fn a_path_has_each_placeholder_once() {
        let check = |path: &str| {
            let what = What::Redirect(Redirect { path: path.into(), ..redirect() });
            check_all(&[Action { order: None, what }], "HTTP", 80)
        };
        assert!(check("/#{host}/#{path}").is_ok());
        for bad in ["x", "/#{path}#{path}", "/#{query}"] {
            assert_eq!(check(bad).unwrap_err().code, "InvalidLoadBalancerAction", "{bad}");
        }
    }

    #[test]
    fn one_action_and_no_more() {
        let forward = Action { order: None, what: What::Forward(Forward::to("tg")) };
        assert!(check_all(std::slice::from_ref(&forward), "HTTP", 80).is_ok());
        let two = |second: &What, orders: [Option<i32>; 2]| {
            let both = [
                Action { order: orders[0], ..forward.clone() },
                Action { order: orders[1], what: second.clone() },
            ];
            check_all(&both, "HTTP", 80).unwrap_err()
        };
        assert_eq!(two(&forward.what, [Some(1), Some(2)]).code, "TooManyActions");
        assert_eq!(
            two(&forward.what, [Some(1), None]).message,
            "When you specify multiple actions, you must specify an order for each action"
        );
        assert_eq!(
            two(&What::Redirect(redirect()), [Some(1), Some(2)]).message,
            "Action types 'forward,redirect' cannot be specified together"
        );
        let fixed = |status, kind: &str| {
            let what = FixedResponse { status, content_type: Some(kind.into()), body: None };
            check_all(&[Action { order: None, what: What::FixedResponse(what) }], "HTTP", 80)
        };
        assert!(fixed(404, "text/plain").is_ok() && fixed(302, "text/plain").is_err());
        assert_eq!(fixed(200, "Fake content type").unwrap_err().code, "InvalidLoadBalancerAction");
    }

    #[test]
    fn weights_have_their_bounds() {
        let check = |weights: &[u32]| {
            let group = |(at, weight): (usize, &u32)| Weighted { arn: at.to_string(), weight: *weight };
            let target_groups = weights.iter().enumerate().map(group).collect();
            let what = What::Forward(Forward { target_groups, stickiness: None });
            check_all(&[Action { order: None, what }], "HTTP", 80).map_err(|invalid| invalid.message)
        };
        assert!(check(&[1]).is_ok() && check(&[0, 999]).is_ok());
        assert_eq!(
            check(&[1000]).unwrap_err(),
            "The weight for the target group must be between 1 and 999, inclusive"
        );
        assert_eq!(check(&[1, 1000]).unwrap_err(), wrong_weight().message);
        assert_eq!(check(&[1; 6]).unwrap_err(), "You cannot specify more than 5 target groups per action");
    }

    proptest! {
        #[test]
        fn any_template_is_filled_without_a_panic(path in ".{0,40}", query in ".{0,40}") {
            let redirect = Redirect { path, query, ..redirect() };
            redirect.location(&asked("/p", Some("q")));
        }
    }
}
