//! Names and ids of resources.

use gantry_base::Arn;
use gantry_service::Cx;

use crate::error::Ec2Error;
use crate::resource::Kind;

/// `arn:aws:ec2:us-east-1:123456789012:subnet/subnet-0a...`
pub fn arn(cx: &Cx, resource_type: &str, id: &str) -> Arn {
    cx.arn("ec2", format_args!("{resource_type}/{id}"))
}

/// Refuses what can't be an id: the prefix, a hyphen, and hexadecimal digits.
pub fn check_id(id: &str, kind: &'static Kind) -> Result<(), Ec2Error> {
    let digits = id.strip_prefix(kind.prefix).and_then(|rest| rest.strip_prefix('-'));
    let fits = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if digits.is_some_and(fits) { Ok(()) } else { Err(Ec2Error::MalformedId { kind, id: id.to_owned() }) }
}
