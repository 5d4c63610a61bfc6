//! Names of parameters, and what requests add to them.
//!
//! The rules are those of
//! <https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html>.

use gantry_base::Arn;
use gantry_service::Cx;

use super::error::ParameterError;

/// How many levels a hierarchy may have.
const MAX_LEVELS: usize = 15;

/// The longest ARN of a parameter.
const MAX_ARN: usize = 1011;

/// The ARN of a parameter, or of a path of parameters.
pub fn arn(cx: &Cx, name: &str) -> Arn {
    cx.arn("ssm", format_args!("parameter/{}", name.strip_prefix('/').unwrap_or(name)))
}

/// Checks a path that parameters are looked for under.
pub fn check_path(path: &str, what: &str) -> Result<(), ParameterError> {
    let first = path.trim_start_matches('/').to_ascii_lowercase();
    if path.starts_with('/') && (first.starts_with("aws") || first.starts_with("ssm")) {
        return Err(ParameterError::Validation(format!(
            "{what} can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). When using global parameters, \
             please specify within a global namespace."
        )));
    }
    let levels = path.strip_prefix('/').map(|rest| rest.strip_suffix('/').unwrap_or(rest));
    let character = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    let fits = |level: &str| !level.is_empty() && level.bytes().all(character);
    if path == "/" || levels.is_some_and(|levels| levels.split('/').all(fits)) {
        return Ok(());
    }
    Err(ParameterError::Validation(
        "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward \
         slash \"/\". It can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). It must use only letters, \
         numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not \
         allowed. All sub-paths, if specified, must use the forward slash symbol \"/\". Valid example: \
         /get/parameters2-/by1./path0_."
            .into(),
    ))
}

/// Checks the name of a parameter that is to be made.
pub fn check_new(cx: &Cx, name: &str) -> Result<(), ParameterError> {
    let first = name.trim_start_matches('/').to_ascii_lowercase();
    if !name.contains('/') && (first.starts_with("aws") || first.starts_with("ssm")) {
        return Err(ParameterError::Validation(
            "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive).".into(),
        ));
    }
    if first.starts_with("aws") {
        return Err(ParameterError::ReservedName { name: name.to_owned() });
    }
    let characters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-/".contains(&byte));
    let empty_level = name.trim_start_matches('/').split('/').any(str::is_empty) || name.starts_with("//");
    if first.starts_with("ssm") || first.is_empty() || !characters || empty_level {
        return Err(ParameterError::Validation(
            "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of \
             sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the \
             following 3 symbols .-_"
                .into(),
        ));
    }
    if name.contains('/') && !name.starts_with('/') {
        return Err(ParameterError::Validation("Parameter name must be a fully qualified name.".into()));
    }
    if name.trim_start_matches('/').split('/').count() > MAX_LEVELS {
        return Err(ParameterError::TooDeep { name: name.to_owned(), limit: MAX_LEVELS });
    }
    if arn(cx, name).as_str().len() > MAX_ARN {
        return Err(ParameterError::Validation("The parameter name is too long.".into()));
    }
    Ok(())
}

/// What a request for a value names.
#[derive(Debug, PartialEq, Eq)]
pub struct Wanted {
    pub name: String,
    pub selector: Option<Selector>,
    /// An ARN of one level means the plain name, and as well the name that begins with a slash.
    pub or_slashed: bool,
}

/// Which version of a parameter.
#[derive(Debug, PartialEq, Eq)]
pub enum Selector {
    Version(u64),
    Label(String),
}

impl Selector {
    /// The selector as a client wrote it, without the colon.
    pub fn text(&self) -> String {
        match self {
            Selector::Version(version) => version.to_string(),
            Selector::Label(label) => label.clone(),
        }
    }
}

/// Reads a name or an ARN, with a version or a label behind a colon. An ARN of elsewhere names nothing here.
pub fn parse(cx: &Cx, text: &str) -> Option<Wanted> {
    let (name, selector, or_slashed) = match text.strip_prefix("arn:") {
        None => {
            let (name, selector) =
                text.split_once(':').map_or((text, None), |(name, rest)| (name, Some(rest)));
            (name.to_owned(), selector, false)
        }
        Some(_) => {
            let arn: Arn = text.parse().ok()?;
            let here = arn.service() == "ssm"
                && arn.region() == cx.region.as_str()
                && arn.account() == cx.account.as_str();
            if !here {
                return None;
            }
            let at = text.len() - arn.resource().len() + "parameter".len();
            let rest = arn.resource().strip_prefix("parameter").and(text.get(at..))?;
            let (path, selector) = rest.split_once(':').map_or((rest, None), |(path, s)| (path, Some(s)));
            // The slash of a plain name is the ARN's own.
            let bare = path.strip_prefix('/')?;
            let name = if bare.contains('/') { path } else { bare };
            (name.to_owned(), selector, !bare.contains('/'))
        }
    };
    if selector.is_some_and(|selector| selector.contains(':')) {
        return None;
    }
    let selector = selector
        .map(|text| text.parse().map_or_else(|_| Selector::Label(text.to_owned()), Selector::Version));
    Some(Wanted { name, selector, or_slashed })
}
