//! Tags that a request gives to what it makes.

use gantry_api_ec2 as api;
use gantry_base::Tags;
use gantry_base::tags::TagError;

use crate::error::Ec2Error;

/// The tags of a request for the one type of resource that it makes.
pub fn given(
    specifications: Option<Vec<api::TagSpecification>>,
    resource_type: &str,
) -> Result<Vec<(String, String)>, Ec2Error> {
    let mut pairs = Vec::new();
    for specification in specifications.unwrap_or_default() {
        let Some(named) = specification.resource_type else {
            let message = "Tag specification resource type must have a value";
            return Err(Ec2Error::InvalidParameter(message.into()));
        };
        if named != resource_type {
            let message = format!("'{named}' is not a valid taggable resource type for this operation.");
            return Err(Ec2Error::InvalidParameterValue(message));
        }
        let tags = specification.tags.unwrap_or_default();
        if tags.is_empty() {
            let message = "Tag specification must have at least one tag";
            return Err(Ec2Error::InvalidParameter(message.into()));
        }
        pairs
            .extend(tags.into_iter().map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default())));
    }
    Ok(pairs)
}

/// Checks a user's tags against AWS's rules.
pub fn check(pairs: Vec<(String, String)>) -> Result<Tags, Ec2Error> {
    Tags::parse(pairs).map_err(refused)
}

/// Checks a service's tags, which may use reserved keys.
pub fn check_of_service(pairs: Vec<(String, String)>) -> Result<Tags, Ec2Error> {
    Tags::parse_of_service(pairs).map_err(refused)
}

/// As EC2 refuses tags.
pub fn refused(error: TagError) -> Ec2Error {
    match error {
        TagError::TooMany { limit, .. } => Ec2Error::TooManyTags { limit },
        TagError::Reserved { .. } => Ec2Error::InvalidParameterValue(
            "Tag keys starting with 'aws:' are reserved for internal use".into(),
        ),
        TagError::Duplicate { key } => {
            Ec2Error::InvalidParameterValue(format!("Duplicate tag key '{key}' specified."))
        }
        other => Ec2Error::InvalidParameterValue(format!("The tag is not valid: {other}")),
    }
}

/// The tags as an answer carries them.
pub fn answer(tags: &Tags) -> Vec<api::Tag> {
    let tag = |(key, value): (&str, &str)| api::Tag { key: Some(key.into()), value: Some(value.into()) };
    tags.iter().map(tag).collect()
}

/// The same, absent where there are none.
pub fn answer_some(tags: &Tags) -> Option<Vec<api::Tag>> {
    (!tags.is_empty()).then(|| answer(tags))
}
