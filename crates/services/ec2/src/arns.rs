//! Names and ids of resources.

use gantry_base::Arn;
use gantry_service::Cx;

use crate::error::Ec2Error;

/// `arn:aws:ec2:us-east-1:123456789012:subnet/subnet-0a...`
pub fn arn(cx: &Cx, resource_type: &str, id: &str) -> Arn {
    cx.arn("ec2", format_args!("{resource_type}/{id}"))
}

/// Refuses what can't be an id: the prefix, a hyphen, and eight or seventeen hexadecimal digits.
pub fn check_id(id: &str, prefix: &'static str, code: &'static str) -> Result<(), Ec2Error> {
    let digits = id.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-'));
    let fits = |digits: &str| {
        matches!(digits.len(), 8 | 17) && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    if digits.is_some_and(fits) {
        Ok(())
    } else {
        Err(Ec2Error::MalformedId { code, id: id.to_owned(), prefix })
    }
}
