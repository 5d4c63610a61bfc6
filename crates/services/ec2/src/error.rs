//! EC2's errors, by their codes.
//!
//! Codes and texts follow <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>.

use std::net::Ipv4Addr;

use gantry_service::Failure;
use gantry_wire::ApiError;

/// What EC2 answers when it does not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Ec2Error {
    #[error("The vpc ID '{id}' does not exist")]
    VpcNotFound { id: String },
    #[error("The subnet ID '{id}' does not exist")]
    SubnetNotFound { id: String },
    #[error("The security group '{id}' does not exist")]
    GroupNotFound { id: String },
    #[error("The networkInterface ID '{id}' does not exist")]
    NetworkInterfaceNotFound { id: String },
    #[error("Invalid id: \"{id}\" (expecting \"{prefix}-...\")")]
    MalformedId { code: &'static str, id: String, prefix: &'static str },
    #[error("{0}")]
    InvalidParameterValue(String),
    #[error("{0}")]
    InvalidParameterCombination(String),
    #[error("The maximum number of filter values specified on a single call is {limit}")]
    FilterLimitExceeded { limit: usize },
    #[error("The specified NextToken is not valid")]
    InvalidNextToken,
    #[error("The specified address {address} is already in use.")]
    AddressInUse { address: Ipv4Addr },
    #[error("The specified subnet does not have enough free addresses to satisfy the request.")]
    InsufficientFreeAddresses,
    #[error("There are no free public addresses left in {block}.")]
    InsufficientPublicAddresses { block: String },
    #[error("The maximum number of security groups per interface has been reached.")]
    TooManyGroups,
    #[error("You have specified more than {limit} tags for a resource.")]
    TooManyTags { limit: usize },
    #[error("The request uses the same client token as a previous, but non-identical request.")]
    IdempotentParameterMismatch,
    #[error("You do not have permission to access the specified resource.")]
    OperationNotPermitted,
    #[error("{0} is not supported by Gantry.")]
    Unsupported(&'static str),
    #[error("Request would have succeeded, but DryRun flag is set.")]
    DryRun,
}

impl Ec2Error {
    fn code(&self) -> &'static str {
        match self {
            Ec2Error::VpcNotFound { .. } => "InvalidVpcID.NotFound",
            Ec2Error::SubnetNotFound { .. } => "InvalidSubnetID.NotFound",
            Ec2Error::GroupNotFound { .. } => "InvalidGroup.NotFound",
            Ec2Error::NetworkInterfaceNotFound { .. } => "InvalidNetworkInterfaceID.NotFound",
            Ec2Error::MalformedId { code, .. } => code,
            Ec2Error::InvalidParameterValue(_) => "InvalidParameterValue",
            Ec2Error::InvalidParameterCombination(_) => "InvalidParameterCombination",
            Ec2Error::FilterLimitExceeded { .. } => "FilterLimitExceeded",
            Ec2Error::InvalidNextToken => "InvalidNextToken",
            Ec2Error::AddressInUse { .. } => "InvalidIPAddress.InUse",
            Ec2Error::InsufficientFreeAddresses => "InsufficientFreeAddressesInSubnet",
            Ec2Error::InsufficientPublicAddresses { .. } => "InsufficientAddressCapacity",
            Ec2Error::TooManyGroups => "SecurityGroupsPerInterfaceLimitExceeded",
            Ec2Error::TooManyTags { .. } => "TagLimitExceeded",
            Ec2Error::IdempotentParameterMismatch => "IdempotentParameterMismatch",
            Ec2Error::OperationNotPermitted => "OperationNotPermitted",
            Ec2Error::Unsupported(_) => "UnsupportedOperation",
            Ec2Error::DryRun => "DryRunOperation",
        }
    }
}

impl From<Ec2Error> for Failure {
    fn from(error: Ec2Error) -> Failure {
        let answer = ApiError::new(error.code(), error.to_string());
        match error {
            Ec2Error::DryRun => answer.with_status(412).into(),
            _ => answer.into(),
        }
    }
}

/// Ends a dry run, once it is clear that the real one would have been done.
pub(crate) fn end_dry_run(dry_run: Option<bool>) -> Result<(), Ec2Error> {
    if dry_run == Some(true) { Err(Ec2Error::DryRun) } else { Ok(()) }
}
