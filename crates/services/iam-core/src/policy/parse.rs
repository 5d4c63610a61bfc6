//! From the text of a document to its statements, with the checks and the words of IAM.

use super::json::Json;
use super::{Kind, MalformedPolicy};
use crate::condition::Condition;
use crate::pattern::{ArnPattern, Pattern, Signs};
use crate::principals::{Name, Principals};
use crate::statement::{Effect, Selection, Statement};

const ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

const EFFECTS: [&str; 2] = ["Allow", "Deny"];

type Object = [(String, Json)];

fn malformed<T>(message: impl Into<String>) -> Result<T, MalformedPolicy> {
    Err(MalformedPolicy::new(message))
}

/// IAM's sentence, and what it keeps to itself.
fn syntax<T>(what: impl std::fmt::Display) -> Result<T, MalformedPolicy> {
    let message = "Syntax errors in policy.".to_owned();
    Err(MalformedPolicy { message, detail: Some(what.to_string()) })
}

fn member<'a>(object: &'a Object, name: &str) -> Option<&'a Json> {
    object.iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// Reads all statements of a document.
pub(super) fn statements(kind: Kind, text: &str) -> Result<Vec<Statement>, MalformedPolicy> {
    let (kind, recent) = match kind {
        Kind::Managed => (Kind::Identity, true),
        other => (other, false),
    };
    let document = match Json::parse(text) {
        Ok(Json::Object(document)) => document,
        Ok(_) => return syntax("the document must be a JSON object"),
        Err(error) if kind == Kind::Trust => {
            let message = "This policy contains invalid Json".to_owned();
            return Err(MalformedPolicy { message, detail: Some(error.to_string()) });
        }
        Err(error) => return syntax(error),
    };
    if let Some((unknown, _)) =
        document.iter().find(|(key, _)| !matches!(key.as_str(), "Version" | "Id" | "Statement"))
    {
        return syntax(format_args!("unknown element {unknown:?}"));
    }
    if !matches!(member(&document, "Id"), None | Some(Json::Text(_))) {
        return syntax("Id must be a string");
    }
    let variables = match member(&document, "Version") {
        Some(Json::Text(version)) if version == "2012-10-17" => true,
        Some(Json::Text(version)) if version == "2008-10-17" => false,
        None => false,
        Some(_) => return syntax("Version must be \"2012-10-17\" or \"2008-10-17\""),
    };
    let list = match member(&document, "Statement") {
        Some(Json::List(list)) => list.as_slice(),
        Some(one @ Json::Object(_)) => std::slice::from_ref(one),
        Some(_) => return syntax("Statement must be an object or a list of them"),
        None => return syntax("there is no Statement"),
    };
    if list.is_empty() {
        return syntax("there is no Statement");
    }
    let mut readers = Vec::with_capacity(list.len());
    for (index, item) in list.iter().enumerate() {
        let Json::Object(item) = item else {
            return syntax(format_args!("statement {} is not an object", index + 1));
        };
        readers.push(Reader { kind, variables, place: index + 1, item });
    }
    // IAM goes over the whole document once for each rule, and names the first rule that is broken.
    readers.iter().try_for_each(Reader::check_syntax)?;
    if recent && !variables {
        return malformed("Policy document must be version 2012-10-17 or greater.");
    }
    readers.iter().try_for_each(Reader::check_legacy)?;
    let mut sids =
        readers.iter().filter_map(|reader| reader.sid().transpose()).collect::<Result<Vec<_>, _>>()?;
    sids.sort_unstable();
    if sids.windows(2).any(|pair| pair[0] == pair[1]) {
        return malformed("Statement IDs (SID) in a single policy must be unique.");
    }
    readers.iter().try_for_each(Reader::check_has_actions)?;
    readers.iter().try_for_each(Reader::check_resources)?;
    readers.iter().try_for_each(Reader::check_actions)?;
    readers.iter().map(Reader::statement).collect()
}

/// One statement that is being read.
struct Reader<'a> {
    kind: Kind,
    variables: bool,
    place: usize,
    item: &'a Object,
}

impl Reader<'_> {
    fn statement(&self) -> Result<Statement, MalformedPolicy> {
        Ok(Statement {
            sid: self.sid()?.map(str::to_owned),
            place: self.place,
            effect: self.effect()?,
            principals: self.principals()?,
            actions: self.actions()?,
            resources: self.resources()?,
            conditions: self.conditions()?,
        })
    }

    fn syntax<T>(&self, what: impl std::fmt::Display) -> Result<T, MalformedPolicy> {
        syntax(format_args!("statement {}: {what}", self.place))
    }

    /// What is there has the form that it must have.
    fn check_syntax(&self) -> Result<(), MalformedPolicy> {
        if let Some((unknown, _)) = self.item.iter().find(|(key, _)| !ELEMENTS.contains(&key.as_str())) {
            return self.syntax(format_args!("unknown element {unknown:?}"));
        }
        if !matches!(member(self.item, "Sid"), None | Some(Json::Text(_))) {
            return self.syntax("Sid must be a string");
        }
        match member(self.item, "Effect") {
            Some(Json::Text(effect)) if EFFECTS.iter().any(|known| known.eq_ignore_ascii_case(effect)) => {}
            Some(_) => return self.syntax("Effect must be \"Allow\" or \"Deny\""),
            None => return self.syntax("there is no Effect"),
        }
        self.selection("Action")?;
        self.selection("Resource")?;
        for (operator, keys) in self.condition_operators()? {
            let Json::Object(keys) = keys else {
                return self.syntax(format_args!("Condition {operator} must hold an object of keys"));
            };
            if !keys.is_empty() && !Condition::is_operator(operator) {
                return self.syntax(format_args!("there is no condition operator {operator:?}"));
            }
            for (key, value) in keys {
                self.condition_values(key, value)?;
            }
        }
        Ok(())
    }

    /// What an older reader of IAM's, which still has a say, stumbles over.
    fn check_legacy(&self) -> Result<(), MalformedPolicy> {
        const LEGACY: &str = "The policy failed legacy parsing";
        if !matches!(member(self.item, "Effect"), Some(Json::Text(effect)) if EFFECTS.contains(&effect.as_str()))
        {
            return malformed(LEGACY);
        }
        if let Some((_, names)) = self.selection("Resource")?
            && names.iter().any(|name| is_cut_short(name))
        {
            return malformed(LEGACY);
        }
        for (operator, keys) in self.condition_operators()? {
            let Json::Object(keys) = keys else { continue };
            for (key, value) in keys {
                let values = self.condition_values(key, value)?;
                if !values.iter().all(|value| Condition::may_be_date(operator, value)) {
                    return malformed(LEGACY);
                }
            }
        }
        Ok(())
    }

    fn check_has_actions(&self) -> Result<(), MalformedPolicy> {
        match self.selection("Action")? {
            Some((_, names)) if !names.is_empty() => Ok(()),
            _ => malformed("Policy statement must contain actions."),
        }
    }

    fn check_resources(&self) -> Result<(), MalformedPolicy> {
        if self.kind == Kind::Trust {
            return Ok(());
        }
        let names = self.selection("Resource")?.map(|(_, names)| names);
        names.unwrap_or_default().iter().try_for_each(|name| check_resource(name))
    }

    fn check_actions(&self) -> Result<(), MalformedPolicy> {
        let names = self.selection("Action")?.map(|(_, names)| names);
        names.unwrap_or_default().iter().try_for_each(|name| self.check_action(name))
    }

    fn sid(&self) -> Result<Option<&str>, MalformedPolicy> {
        match member(self.item, "Sid") {
            None => Ok(None),
            Some(Json::Text(sid)) if sid.is_empty() => Ok(None),
            Some(Json::Text(sid)) => {
                // Policies on resources are free in their words; IAM's own are not.
                if self.kind != Kind::Resource && !sid.bytes().all(|b| b.is_ascii_alphanumeric()) {
                    return malformed(
                        "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
                    );
                }
                Ok(Some(sid))
            }
            Some(_) => self.syntax("Sid must be a string"),
        }
    }

    fn effect(&self) -> Result<Effect, MalformedPolicy> {
        match member(self.item, "Effect") {
            Some(Json::Text(effect)) if effect == "Deny" => Ok(Effect::Deny),
            Some(Json::Text(effect)) if effect == "Allow" => Ok(Effect::Allow),
            _ => self.syntax("Effect must be \"Allow\" or \"Deny\", in this spelling"),
        }
    }

    /// An element's strings, under its name or its `Not` name.
    fn selection(&self, name: &str) -> Result<Option<(bool, Vec<String>)>, MalformedPolicy> {
        let inverse = format!("Not{name}");
        let (not, value) = match (member(self.item, name), member(self.item, &inverse)) {
            (Some(_), Some(_)) => {
                return self.syntax(format_args!("{name} and {inverse} exclude each other"));
            }
            (Some(value), None) => (false, value),
            (None, Some(value)) => (true, value),
            (None, None) => return Ok(None),
        };
        let texts = match value {
            Json::Text(text) => vec![text.clone()],
            Json::List(list) => {
                let mut texts = Vec::with_capacity(list.len());
                for item in list {
                    match item {
                        Json::Text(text) => texts.push(text.clone()),
                        // Templates leave such behind; IAM takes a list as if they were not there.
                        Json::Null if name == "Resource" => {}
                        _ => return self.syntax(format_args!("{name} must hold strings")),
                    }
                }
                texts
            }
            _ => return self.syntax(format_args!("{name} must be a string or a list of strings")),
        };
        Ok(Some((not, texts)))
    }

    fn actions(&self) -> Result<Selection<Pattern>, MalformedPolicy> {
        let (not, names) = self.selection("Action")?.unwrap_or_default();
        let signs = Signs { wildcards: true, variables: false };
        let patterns = names.iter().map(|name| Pattern::parse(name, signs).map_err(MalformedPolicy::new));
        Ok(Selection { not, patterns: patterns.collect::<Result<_, _>>()? })
    }

    fn check_action(&self, name: &str) -> Result<(), MalformedPolicy> {
        if name == "*" {
            return Ok(());
        }
        let Some((vendor, action)) = name.split_once(':') else {
            return malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
        };
        if action.contains(':') {
            return malformed("Actions/Condition can contain only one colon.");
        }
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.');
        if vendor.is_empty() || !(vendor == "*" || vendor.bytes().all(fits)) {
            return malformed(format!("Vendor {vendor} is not valid"));
        }
        if action.is_empty() {
            return self.syntax(format_args!("the action {name:?} has no name"));
        }
        if self.kind == Kind::Trust && !vendor.eq_ignore_ascii_case("sts") {
            return malformed("AssumeRole policy may only specify STS AssumeRole actions.");
        }
        Ok(())
    }

    fn resources(&self) -> Result<Option<Selection<ArnPattern>>, MalformedPolicy> {
        let Some((not, names)) = self.selection("Resource")? else {
            if self.kind == Kind::Identity {
                return malformed("Policy statement must contain resources.");
            }
            return Ok(None);
        };
        if self.kind == Kind::Trust {
            return malformed(if not {
                "Has prohibited field NotResource"
            } else {
                "Has prohibited field Resource"
            });
        }
        if names.is_empty() {
            return malformed("Policy statement must contain resources.");
        }
        let signs = Signs { wildcards: true, variables: self.variables };
        let patterns = names.iter().map(|name| ArnPattern::parse(name, signs).map_err(MalformedPolicy::new));
        Ok(Some(Selection { not, patterns: patterns.collect::<Result<_, _>>()? }))
    }

    fn condition_operators(&self) -> Result<&[(String, Json)], MalformedPolicy> {
        match member(self.item, "Condition") {
            None => Ok(&[]),
            Some(Json::Object(operators)) => Ok(operators),
            Some(_) => self.syntax("Condition must be an object"),
        }
    }

    fn conditions(&self) -> Result<Vec<Condition>, MalformedPolicy> {
        let mut conditions = Vec::new();
        for (operator, keys) in self.condition_operators()? {
            let Json::Object(keys) = keys else { continue };
            for (key, value) in keys {
                let values = self.condition_values(key, value)?;
                let condition = Condition::parse(operator, key, &values, self.variables);
                conditions.push(condition.map_err(MalformedPolicy::new)?);
            }
        }
        Ok(conditions)
    }

    fn condition_values(&self, key: &str, value: &Json) -> Result<Vec<String>, MalformedPolicy> {
        let list = match value {
            Json::List(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        let mut values = Vec::with_capacity(list.len());
        for item in list {
            let (Json::Text(text) | Json::Bare(text)) = item else {
                return self.syntax(format_args!("the values of condition key {key} must be strings"));
            };
            values.push(text.clone());
        }
        Ok(values)
    }

    fn principals(&self) -> Result<Principals, MalformedPolicy> {
        let (not, value) = match (member(self.item, "Principal"), member(self.item, "NotPrincipal")) {
            (Some(_), Some(_)) => return self.syntax("Principal and NotPrincipal exclude each other"),
            (None, None) if self.kind == Kind::Identity => return Ok(Principals::Carrier),
            (None, None) => return malformed("Missing required field Principal"),
            _ if self.kind == Kind::Identity => {
                return malformed("Policy document should not specify a principal.");
            }
            (Some(value), None) => (false, value),
            (None, Some(value)) => (true, value),
        };
        if not && self.kind == Kind::Trust {
            return malformed("AssumeRole policy must not contain NotPrincipal");
        }
        let names = self.names(value)?;
        if names.is_empty() {
            return malformed("Missing required field Principal cannot be empty!");
        }
        Ok(if not { Principals::AllBut(names) } else { Principals::Only(names) })
    }

    fn names(&self, value: &Json) -> Result<Vec<Name>, MalformedPolicy> {
        let types = match value {
            Json::Text(text) if text == "*" => return Ok(vec![Name::Everybody]),
            Json::Text(text) => return malformed(format!("Invalid principal in policy: {text:?}")),
            Json::Object(types) => types,
            _ => return self.syntax("Principal must be \"*\" or an object"),
        };
        let mut names = Vec::new();
        for (of, value) in types {
            let list = match value {
                Json::List(list) => list.as_slice(),
                one => std::slice::from_ref(one),
            };
            for item in list {
                let Json::Text(text) = item else {
                    return self.syntax(format_args!("the principals under {of} must be strings"));
                };
                let name = match of.as_str() {
                    "AWS" => Name::aws(text),
                    "Service" => {
                        (text.contains('.') && !text.contains('*')).then(|| Name::Service(text.clone()))
                    }
                    "Federated" => (!text.is_empty()).then(|| Name::Federated(text.clone())),
                    "CanonicalUser" => Some(Name::Nobody),
                    _ => None,
                };
                let name = name.ok_or_else(|| {
                    let of = of.to_ascii_uppercase();
                    MalformedPolicy::new(format!("Invalid principal in policy: {of:?}:{text:?}"))
                })?;
                names.push(name);
            }
        }
        Ok(names)
    }
}

/// An ARN, in a partition that there is, of which fields are missing in the middle.
fn is_cut_short(name: &str) -> bool {
    let mut fields = name.split(':').skip(1);
    let partition = fields.next().and_then(gantry_base::Partition::from_name);
    let short = fields.next() == Some("") || (name.contains("::") && name.matches(':').count() < 5);
    partition.is_some() && short
}

/// What the resources of IAM begin with.
const IAM_PATHS: [&str; 13] = [
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];

/// A resource is `*` or the beginning of an ARN in a known partition.
fn check_resource(name: &str) -> Result<(), MalformedPolicy> {
    if name == "*" {
        return Ok(());
    }
    let Some((scheme, rest)) = name.split_once(':') else {
        return malformed(format!("Resource {name} must be in ARN format or \"*\"."));
    };
    let mut fields = rest.splitn(5, ':');
    let partition = fields.next().unwrap_or_default();
    if partition != "*" && gantry_base::Partition::from_name(partition).is_none() {
        let mut rest: Vec<&str> = fields.collect();
        rest.resize(4, "*");
        return malformed(format!(
            "Partition \"{partition}\" is not valid for resource \"arn:{partition}:{}\".",
            rest.join(":")
        ));
    }
    if scheme != "arn" {
        return malformed(format!("Resource {name} must be in ARN format or \"*\"."));
    }
    let vendor = fields.next().filter(|vendor| !vendor.is_empty());
    let (region, account, resource) = (fields.next(), fields.next(), fields.next());
    let has_region = region.is_some_and(|region| !matches!(region, "" | "*"));
    match vendor {
        None => malformed("Resource vendor must be fully qualified and cannot contain regexes."),
        Some("iam") if has_region => {
            malformed(format!("IAM resource {name} cannot contain region information."))
        }
        Some("iam") if resource.is_some_and(|resource| !is_in_iam(resource)) => malformed(format!(
            "IAM resource path must either be \"*\" or start with {}.",
            IAM_PATHS.join(", ")
        )),
        // Buckets have no region; what has an account, as access points do, may have one.
        Some("s3") if has_region && account.is_none_or(str::is_empty) => {
            malformed(format!("Resource {name} can not contain region information."))
        }
        Some(_) => Ok(()),
    }
}

/// Whether a resource of IAM may be named so: by one of its paths, or by a pattern or variable that may become one.
fn is_in_iam(resource: &str) -> bool {
    let fixed = resource.find(['*', '?', '$']).map_or(resource, |end| &resource[..end]);
    if fixed.len() < resource.len() {
        return IAM_PATHS.iter().any(|path| path.starts_with(fixed) || fixed.starts_with(path));
    }
    resource == "root" || IAM_PATHS.iter().any(|path| resource.starts_with(path))
}
