//! ECS's errors: AWS's codes, and what is ours to mend.

use gantry_ecs_core::Invalid;
use gantry_ecs_core::reference::BadReference;
use gantry_iam_core::Denial;
use gantry_service::Failure;
use gantry_store::StoreError;
use gantry_wire::ApiError;

/// Why an operation of ECS has no answer.
#[derive(Debug, thiserror::Error)]
pub enum EcsError {
    #[error("{0}")]
    Client(String),
    #[error("{0}")]
    InvalidParameter(String),
    #[error("Cluster not found.")]
    ClusterNotFound,
    #[error("The referenced cluster was inactive.")]
    ClusterInactive,
    #[error("The Cluster cannot be deleted while Tasks are active.")]
    ClusterContainsTasks,
    #[error("The Cluster cannot be deleted while Container Instances are active or draining.")]
    ClusterContainsContainerInstances,
    #[error("The Cluster cannot be deleted while Services are active.")]
    ClusterContainsServices,
    #[error("Service not found.")]
    ServiceNotFound,
    #[error("Service was not ACTIVE.")]
    ServiceNotActive,
    #[error("{0}")]
    ServiceDeploymentNotFound(String),
    #[error("The specified task set does not exist.")]
    TaskSetNotFound,
    #[error("{0}")]
    TargetNotFound(String),
    /// AWS says no more of it.
    #[error("The execute command failed due to an internal error. Try again later.")]
    TargetNotConnected,
    #[error("{0}")]
    AttributeLimitExceeded(String),
    #[error("{0}")]
    LimitExceeded(String),
    #[error("{0}")]
    ResourceInUse(String),
    #[error("There is no update available for your container agent.")]
    NoUpdateAvailable,
    #[error("{0}")]
    ResourceNotFound(String),
    #[error("{message}")]
    Conflict { message: String, resource_ids: Vec<String> },
    #[error("{0}")]
    PlatformUnknown(String),
    #[error("{0}")]
    PlatformTaskDefinitionIncompatible(String),
    /// AWS has it and Gantry has not.
    #[error("{0}")]
    Unsupported(String),
    /// A sibling service or the policy engine has said why.
    #[error("{0:?}")]
    Other(Failure),
}

impl EcsError {
    /// A request that can't be met as it is.
    pub fn client(message: impl Into<String>) -> Self {
        EcsError::Client(message.into())
    }
    /// A parameter that is wrong.
    pub fn invalid(message: impl Into<String>) -> Self {
        EcsError::InvalidParameter(message.into())
    }
    /// What Gantry does not do, by the names of the fields that ask for it.
    pub fn unsupported(fields: &[String]) -> Self {
        EcsError::Unsupported(format!("Gantry does not support: {}", fields.join(", ")))
    }
    /// Something of ours is broken; the text is for the log.
    pub fn internal(what: impl std::fmt::Display) -> Self {
        EcsError::Other(Failure::internal(what))
    }
}

impl From<EcsError> for Failure {
    fn from(error: EcsError) -> Failure {
        let message = error.to_string();
        let code = match error {
            EcsError::Other(failure) => return failure,
            EcsError::Conflict { resource_ids, .. } => {
                return ApiError::new("ConflictException", message)
                    .with_field("resourceIds", resource_ids)
                    .into();
            }
            EcsError::Client(_) => "ClientException",
            EcsError::InvalidParameter(_) => "InvalidParameterException",
            EcsError::ClusterNotFound | EcsError::ClusterInactive => "ClusterNotFoundException",
            EcsError::ClusterContainsTasks => "ClusterContainsTasksException",
            EcsError::ClusterContainsContainerInstances => "ClusterContainsContainerInstancesException",
            EcsError::ClusterContainsServices => "ClusterContainsServicesException",
            EcsError::ServiceNotFound => "ServiceNotFoundException",
            EcsError::ServiceNotActive => "ServiceNotActiveException",
            EcsError::ServiceDeploymentNotFound(_) => "ServiceDeploymentNotFoundException",
            EcsError::TaskSetNotFound => "TaskSetNotFoundException",
            EcsError::TargetNotFound(_) => "TargetNotFoundException",
            EcsError::TargetNotConnected => "TargetNotConnectedException",
            EcsError::AttributeLimitExceeded(_) => "AttributeLimitExceededException",
            EcsError::LimitExceeded(_) => "LimitExceededException",
            EcsError::ResourceInUse(_) => "ResourceInUseException",
            EcsError::NoUpdateAvailable => "NoUpdateAvailableException",
            EcsError::ResourceNotFound(_) => "ResourceNotFoundException",
            EcsError::PlatformUnknown(_) => "PlatformUnknownException",
            EcsError::PlatformTaskDefinitionIncompatible(_) => {
                "PlatformTaskDefinitionIncompatibilityException"
            }
            EcsError::Unsupported(_) => "UnsupportedFeatureException",
        };
        ApiError::new(code, message).into()
    }
}

impl From<Failure> for EcsError {
    fn from(failure: Failure) -> Self {
        EcsError::Other(failure)
    }
}

impl From<Denial> for EcsError {
    fn from(denial: Denial) -> Self {
        EcsError::Other(denial.into())
    }
}

impl From<StoreError> for EcsError {
    fn from(error: StoreError) -> Self {
        EcsError::Other(error.into())
    }
}

impl From<Invalid> for EcsError {
    fn from(invalid: Invalid) -> Self {
        EcsError::Client(invalid.message)
    }
}

impl From<BadReference> for EcsError {
    fn from(bad: BadReference) -> Self {
        EcsError::InvalidParameter(bad.0)
    }
}
