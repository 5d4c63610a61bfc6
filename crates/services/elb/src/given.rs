//! AWS's shapes become our own types: actions, conditions, transforms, tags, attributes.

use gantry_api_elbv2 as api;
use gantry_base::Tags;
use gantry_elb_core::action::{
    Action, FixedResponse, Forward, GroupStickiness, Redirect, Weighted, What, wrong_weight,
};
use gantry_elb_core::condition::{Condition, QueryPair, unknown_field};
use gantry_elb_core::transform::{Kind, Rewrite, Transform};

use crate::error::ElbError;

/// The actions of a rule or listener, in the order that they are to be done in.
pub fn actions(given: Vec<api::Action>) -> Result<Vec<Action>, ElbError> {
    let mut actions = given.into_iter().map(action).collect::<Result<Vec<_>, _>>()?;
    actions.sort_by_key(|action| action.order);
    Ok(actions)
}

fn action(given: api::Action) -> Result<Action, ElbError> {
    let order = given.order;
    let what = match given.r#type.as_str() {
        "forward" => What::Forward(forward(given.target_group_arn, given.forward_config)?),
        "redirect" => {
            let config = given.redirect_config.ok_or_else(|| missing("redirect", "RedirectConfig"))?;
            What::Redirect(redirect(config))
        }
        "fixed-response" => {
            let config = given
                .fixed_response_config
                .ok_or_else(|| missing("fixed-response", "FixedResponseConfig"))?;
            What::FixedResponse(FixedResponse {
                status: config.status_code.parse().unwrap_or(0),
                content_type: config.content_type.filter(|kind| !kind.is_empty()),
                body: config.message_body,
            })
        }
        other => return Err(ElbError::not_served(format_args!("An action of the type '{other}'"))),
    };
    Ok(Action { order, what })
}

fn missing(kind: &str, member: &str) -> ElbError {
    ElbError::new(
        "InvalidLoadBalancerAction",
        format!("For actions of type '{kind}', you must specify the following fields: '{member}'"),
    )
}

fn forward(arn: Option<String>, config: Option<api::ForwardActionConfig>) -> Result<Forward, ElbError> {
    let Some(config) = config else {
        let arn = arn.ok_or_else(|| ElbError::validation("A target group ARN must be specified"))?;
        return Ok(Forward::to(arn));
    };
    let mut target_groups = Vec::new();
    let given = config.target_groups.unwrap_or_default();
    let several = given.len() > 1;
    for group in given {
        let Some(arn) = group.target_group_arn else {
            return Err(ElbError::validation("A target group ARN must be specified"));
        };
        let weight = match group.weight {
            None if several => return Err(wrong_weight().into()),
            None => 1,
            Some(weight) => u32::try_from(weight).map_err(|_| wrong_weight())?,
        };
        target_groups.push(Weighted { arn, weight });
    }
    if let Some(arn) = arn {
        let same = matches!(target_groups.as_slice(), [one] if one.arn == arn);
        if target_groups.is_empty() {
            target_groups.push(Weighted { arn, weight: 1 });
        } else if !same {
            return Err(ElbError::validation(
                "You can specify both a target group list and a top-level target group ARN only if the ARNs match",
            ));
        }
    }
    let stickiness = config.target_group_stickiness_config.map(|config| GroupStickiness {
        enabled: config.enabled == Some(true),
        duration_seconds: config.duration_seconds.map(|seconds| u32::try_from(seconds).unwrap_or(0)),
    });
    Ok(Forward { target_groups, stickiness })
}

fn redirect(config: api::RedirectActionConfig) -> Redirect {
    let or = |given: Option<String>, default: &str| given.unwrap_or_else(|| default.to_owned());
    Redirect {
        protocol: or(config.protocol, "#{protocol}"),
        host: or(config.host, "#{host}"),
        port: or(config.port, "#{port}"),
        path: or(config.path, "/#{path}"),
        query: or(config.query, "#{query}"),
        permanent: config.status_code == "HTTP_301",
    }
}

/// The conditions of a rule.
pub fn conditions(given: Vec<api::RuleCondition>) -> Result<Vec<Condition>, ElbError> {
    given.into_iter().map(condition).collect()
}

fn condition(given: api::RuleCondition) -> Result<Condition, ElbError> {
    let Some(field) = given.field.filter(|field| !field.is_empty()) else {
        return Err(ElbError::validation("A condition field must be specified"));
    };
    let plain = given.values.unwrap_or_default();
    let regexes = given.regex_values.unwrap_or_default();
    let others = given.http_header_config.is_some()
        || given.query_string_config.is_some()
        || given.http_request_method_config.is_some()
        || given.source_ip_config.is_some();
    let (host, path) = (given.host_header_config.is_some(), given.path_pattern_config.is_some());
    let of_another = |own: &str| {
        ElbError::validation(format!(
            "For conditions of type '{field}', you must specify the following fields: 'Values or RegexValues or {own}'"
        ))
    };
    let config_of =
        |config: &str| ElbError::validation(format!("A '{config}' must be specified with '{field}'"));
    if !regexes.is_empty() && matches!(field.as_str(), "http-request-method" | "query-string" | "source-ip") {
        return Err(ElbError::validation(format!(
            "'RegexValues' is not supported for a condition of type '{field}'"
        )));
    }
    Ok(match field.as_str() {
        "host-header" if plain.is_empty() && regexes.is_empty() && !host && (path || others) => {
            return Err(of_another("HostHeaderConfig"));
        }
        "path-pattern" if plain.is_empty() && regexes.is_empty() && !path && (host || others) => {
            return Err(of_another("PathPatternConfig"));
        }
        "host-header" => {
            let config = given.host_header_config.map(|config| (config.values, config.regex_values));
            let (values, regexes) = texts(&field, plain, regexes, config)?;
            Condition::HostHeader { values, regexes }
        }
        "path-pattern" => {
            let config = given.path_pattern_config.map(|config| (config.values, config.regex_values));
            let (values, regexes) = texts(&field, plain, regexes, config)?;
            Condition::PathPattern { values, regexes }
        }
        "http-header" => {
            let config = given.http_header_config.ok_or_else(|| config_of("HttpHeaderConfig"))?;
            Condition::HttpHeader {
                name: config.http_header_name.unwrap_or_default(),
                values: config.values.unwrap_or_default(),
                regexes: config.regex_values.unwrap_or_default(),
            }
        }
        "http-request-method" => {
            let config =
                given.http_request_method_config.ok_or_else(|| config_of("HttpRequestMethodConfig"))?;
            Condition::HttpRequestMethod { values: config.values.unwrap_or_default() }
        }
        "query-string" => {
            let config = given.query_string_config.ok_or_else(|| config_of("QueryStringConfig"))?;
            let pairs = config.values.unwrap_or_default().into_iter();
            let pair = |pair: api::QueryStringKeyValuePair| QueryPair {
                key: pair.key.filter(|key| !key.is_empty()),
                value: pair.value.unwrap_or_default(),
            };
            Condition::QueryString { values: pairs.map(pair).collect() }
        }
        "source-ip" => {
            let config = given.source_ip_config.ok_or_else(|| config_of("SourceIpConfig"))?;
            Condition::SourceIp { values: config.values.unwrap_or_default() }
        }
        other => return Err(unknown_field(other).into()),
    })
}

type Texts = (Vec<String>, Vec<String>);
/// The same as a field's configuration has them.
type Configured = (Option<Vec<String>>, Option<Vec<String>>);

/// Values stand in `Values`, of which there is one at most, or in the field's own configuration.
fn texts(
    field: &str,
    plain: Vec<String>,
    regexes: Vec<String>,
    config: Option<Configured>,
) -> Result<Texts, ElbError> {
    let Some((values, more)) = config else {
        if plain.len() > 1 {
            return Err(ElbError::validation(format!(
                "The '{field}' field contains too many values; the limit is '1'"
            )));
        }
        return Ok((plain, regexes));
    };
    let values = values.unwrap_or_default();
    if !plain.is_empty() && !values.is_empty() && plain != values {
        return Err(ElbError::validation(format!(
            "You cannot specify both 'Values' and a configuration for '{field}'"
        )));
    }
    Ok((if values.is_empty() { plain } else { values }, more.unwrap_or(regexes)))
}

/// The transforms of a rule.
pub fn transforms(given: Option<Vec<api::RuleTransform>>) -> Result<Vec<Transform>, ElbError> {
    let of = |given: api::RuleTransform| {
        let (kind, rewrites) = match given.r#type.as_str() {
            "host-header-rewrite" => {
                (Kind::HostHeaderRewrite, given.host_header_rewrite_config.and_then(|config| config.rewrites))
            }
            "url-rewrite" => (Kind::UrlRewrite, given.url_rewrite_config.and_then(|config| config.rewrites)),
            other => return Err(ElbError::validation(format!("Transform type '{other}' is not valid"))),
        };
        let rewrite = |it: api::RewriteConfig| Rewrite { regex: it.regex, replace: it.replace };
        Ok(Transform { kind, rewrites: rewrites.unwrap_or_default().into_iter().map(rewrite).collect() })
    };
    given.unwrap_or_default().into_iter().map(of).collect()
}

/// Tags as pairs.
pub fn pairs(given: Option<Vec<api::Tag>>) -> Vec<(String, String)> {
    given.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default())).collect()
}

/// Checked tags.
pub fn tags(pairs: Vec<(String, String)>) -> Result<Tags, ElbError> {
    Tags::parse(pairs).map_err(Into::into)
}
