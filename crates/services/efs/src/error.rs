//! EFS's errors. Each carries its code once more, as `ErrorCode`.

use gantry_service::Failure;
use gantry_wire::ApiError;

/// What EFS answers when it does not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EfsError {
    #[error("{0}")]
    BadRequest(String),
    #[error("File system '{id}' already exists with creation token '{token}'")]
    FileSystemAlreadyExists { id: String, token: String },
    #[error("File system '{0}' does not exist.")]
    FileSystemNotFound(String),
    #[error("You have reached the limit of {0} file systems.")]
    FileSystemLimitExceeded(usize),
    #[error(
        "The file system '{0}' has mount targets or access points. Delete them before you delete the file system."
    )]
    FileSystemInUse(String),
    #[error("Mount target '{0}' does not exist.")]
    MountTargetNotFound(String),
    #[error("mount target already exists in this AZ")]
    MountTargetConflict,
    #[error("{0}")]
    MountTargetElsewhere(String),
    #[error("The subnet ID '{0}' does not exist")]
    SubnetNotFound(String),
    #[error("The security group '{0}' does not exist")]
    SecurityGroupNotFound(String),
    #[error("The maximum number of security groups per interface has been reached.")]
    SecurityGroupLimitExceeded,
    #[error("The address {0} is in use.")]
    IpAddressInUse(String),
    #[error("The subnet {0} has no free addresses.")]
    NoFreeAddressesInSubnet(String),
    #[error("Access point '{id}' already exists with this client token.")]
    AccessPointAlreadyExists { id: String },
    #[error("Access Point {0} does not exist.")]
    AccessPointNotFound(String),
    #[error("You have reached the limit of {0} access points of a file system.")]
    AccessPointLimitExceeded(usize),
    #[error("Invalid Availability Zone Name provided.")]
    UnsupportedZone,
    #[error("{0}")]
    PolicyNotFound(String),
    #[error("{0}")]
    InvalidPolicy(String),
    #[error("{0}")]
    Validation(String),
    #[error("You can change a file system's throughput at most once in 24 hours.")]
    TooManyRequests,
}

impl EfsError {
    /// A BadRequest.
    pub fn bad(message: impl Into<String>) -> EfsError {
        EfsError::BadRequest(message.into())
    }

    fn code(&self) -> &'static str {
        match self {
            EfsError::BadRequest(_) => "BadRequest",
            EfsError::FileSystemAlreadyExists { .. } => "FileSystemAlreadyExists",
            EfsError::FileSystemNotFound(_) => "FileSystemNotFound",
            EfsError::FileSystemLimitExceeded(_) => "FileSystemLimitExceeded",
            EfsError::FileSystemInUse(_) => "FileSystemInUse",
            EfsError::MountTargetNotFound(_) => "MountTargetNotFound",
            EfsError::MountTargetConflict | EfsError::MountTargetElsewhere(_) => "MountTargetConflict",
            EfsError::SubnetNotFound(_) => "SubnetNotFound",
            EfsError::SecurityGroupNotFound(_) => "SecurityGroupNotFound",
            EfsError::SecurityGroupLimitExceeded => "SecurityGroupLimitExceeded",
            EfsError::IpAddressInUse(_) => "IpAddressInUse",
            EfsError::NoFreeAddressesInSubnet(_) => "NoFreeAddressesInSubnet",
            EfsError::AccessPointAlreadyExists { .. } => "AccessPointAlreadyExists",
            EfsError::AccessPointNotFound(_) => "AccessPointNotFound",
            EfsError::AccessPointLimitExceeded(_) => "AccessPointLimitExceeded",
            EfsError::UnsupportedZone => "UnsupportedAvailabilityZone",
            EfsError::PolicyNotFound(_) => "PolicyNotFound",
            EfsError::InvalidPolicy(_) => "InvalidPolicyException",
            EfsError::Validation(_) => "ValidationException",
            EfsError::TooManyRequests => "TooManyRequests",
        }
    }
}

impl From<EfsError> for Failure {
    fn from(error: EfsError) -> Failure {
        let answer = ApiError::new(error.code(), error.to_string()).with_field("ErrorCode", error.code());
        match error {
            EfsError::FileSystemAlreadyExists { id, .. } => answer.with_field("FileSystemId", id).into(),
            EfsError::AccessPointAlreadyExists { id } => answer.with_field("AccessPointId", id).into(),
            _ => answer.into(),
        }
    }
}
