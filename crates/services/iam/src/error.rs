//! IAM's errors, with AWS's codes and texts.

use gantry_service::Failure;
use gantry_wire::ApiError;

use crate::tables::attachment::Entity;

fn answer(code: &'static str, status: u16, message: String) -> Failure {
    Failure::Answer(ApiError::new(code, message).with_status(status))
}

/// What was asked for is not there; the text says what.
pub(crate) fn no_such_entity(message: impl Into<String>) -> Failure {
    answer("NoSuchEntity", 404, message.into())
}

/// A role or user is not there.
pub(crate) fn no_such(entity: Entity, name: &str) -> Failure {
    no_such_entity(format!("The {} with name {name} cannot be found.", entity.word()))
}

/// An inline policy is not there.
pub(crate) fn no_such_inline(entity: Entity, policy: &str) -> Failure {
    no_such_entity(format!("The {} policy with name {policy} cannot be found.", entity.word()))
}

/// The name is taken.
pub(crate) fn already_exists(message: impl Into<String>) -> Failure {
    answer("EntityAlreadyExists", 409, message.into())
}

/// What shall be deleted is still in use.
pub(crate) fn delete_conflict(message: impl Into<String>) -> Failure {
    answer("DeleteConflict", 409, message.into())
}

/// A quota is reached.
pub(crate) fn limit_exceeded(message: impl Into<String>) -> Failure {
    answer("LimitExceeded", 409, message.into())
}

/// A policy document is refused.
pub(crate) fn malformed_policy(message: impl Into<String>) -> Failure {
    answer("MalformedPolicyDocument", 400, message.into())
}

/// A value is not what it must be.
pub(crate) fn validation(message: impl Into<String>) -> Failure {
    answer("ValidationError", 400, message.into())
}

/// Tags are refused.
pub(crate) fn invalid_input(message: impl Into<String>) -> Failure {
    answer("InvalidInput", 400, message.into())
}

/// IAM or STS refuses for a reason that no policy gives.
pub(crate) fn access_denied(message: impl Into<String>) -> Failure {
    answer("AccessDenied", 403, message.into())
}

/// AWS alone changes it.
pub(crate) fn unmodifiable(role: &str) -> Failure {
    let message = format!(
        "Cannot perform the operation on the protected role '{role}' - this role is only modifiable by AWS"
    );
    answer("UnmodifiableEntity", 400, message)
}
