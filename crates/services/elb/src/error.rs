//! ELB's errors, with AWS's codes and texts.

use gantry_base::tags::TagError;
use gantry_elb_core::Invalid;
use gantry_service::Failure;
use gantry_wire::ApiError;

/// What ELB answers when it does not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ElbError {
    code: &'static str,
    message: String,
}

impl ElbError {
    /// Any of AWS's codes.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        ElbError { code, message: message.into() }
    }

    /// A value is not what it must be.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationError", message)
    }

    /// A combination that can't be.
    pub fn configuration(message: impl Into<String>) -> Self {
        Self::new("InvalidConfigurationRequest", message)
    }

    /// An action that the listener can't have.
    pub fn action(message: impl Into<String>) -> Self {
        Self::new("InvalidLoadBalancerAction", message)
    }

    /// What AWS does and Gantry does not.
    pub fn not_served(what: impl std::fmt::Display) -> Self {
        Self::new("OperationNotPermitted", format!("{what} is not served by Gantry"))
    }

    /// A load balancer is not there.
    pub fn no_load_balancer(arn: &str) -> Self {
        Self::new("LoadBalancerNotFound", format!("Load balancer '{arn}' not found"))
    }

    /// A target group is not there.
    pub fn no_target_group(arn: &str) -> Self {
        Self::new("TargetGroupNotFound", format!("Target group '{arn}' not found"))
    }

    /// A listener is not there.
    pub fn no_listener(arn: &str) -> Self {
        Self::new("ListenerNotFound", format!("Listener '{arn}' not found"))
    }

    /// A rule is not there.
    pub fn no_rule(arn: &str) -> Self {
        Self::new("RuleNotFound", format!("Rule '{arn}' not found"))
    }

    /// A certificate is not there.
    pub fn no_certificate(arn: &str) -> Self {
        Self::new("CertificateNotFound", format!("Certificate '{arn}' not found"))
    }
}

impl From<Invalid> for ElbError {
    fn from(invalid: Invalid) -> Self {
        ElbError { code: invalid.code, message: invalid.message }
    }
}

impl From<TagError> for ElbError {
    fn from(error: TagError) -> Self {
        match error {
            TagError::TooMany { .. } => Self::new(
                "TooManyTags",
                "The quota for the number of tags that can be assigned to a load balancer has been reached",
            ),
            TagError::Duplicate { key } => {
                Self::new("DuplicateTagKeys", format!("Tag key was specified more than once: {key}"))
            }
            other => Self::validation(format!("The tag is not valid: {other}")),
        }
    }
}

impl From<ElbError> for Failure {
    fn from(error: ElbError) -> Self {
        Failure::Answer(ApiError::new(error.code, error.message))
    }
}

/// A core's refusal on its way to the user.
pub fn refused(invalid: Invalid) -> Failure {
    ElbError::from(invalid).into()
}
