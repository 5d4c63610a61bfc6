//! EC2's errors, by their codes.
//!
//! Codes and texts follow <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>.

use std::net::Ipv4Addr;

use gantry_service::Failure;
use gantry_wire::ApiError;

use crate::resource::Kind;

macro_rules! errors {
    ($($variant:ident => $code:literal,)*) => {
        /// What EC2 answers when it does not do what it was asked. A variant with a text carries what the user reads.
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        pub enum Ec2Error {
            #[error("{}", missing(kind, id))]
            NotFound { kind: &'static Kind, id: String },
            #[error("{}", malformed(kind, id))]
            MalformedId { kind: &'static Kind, id: String },
            #[error("The maximum number of filter values specified on a single call is {limit}")]
            FilterLimitExceeded { limit: usize },
            #[error("The specified NextToken is not valid")]
            InvalidNextToken,
            #[error("The specified address {address} is already in use.")]
            AddressInUse { address: Ipv4Addr },
            #[error("The specified subnet does not have enough free addresses to satisfy the request.")]
            InsufficientFreeAddresses,
            #[error("The maximum number of security groups per interface has been reached.")]
            TooManyGroups,
            #[error("You have specified more than {limit} tags for a resource.")]
            TooManyTags { limit: usize },
            #[error("The request uses the same client token as a previous, but non-identical request.")]
            IdempotentParameterMismatch,
            #[error("You do not have permission to access the specified resource.")]
            OperationNotPermitted,
            #[error("The request must contain the parameter {0}")]
            MissingParameter(&'static str),
            #[error("{0} is not supported by Gantry.")]
            Unsupported(&'static str),
            #[error("Request would have succeeded, but DryRun flag is set.")]
            DryRun,
            $(#[error("{0}")] $variant(String),)*
        }

        impl Ec2Error {
            fn code(&self) -> &'static str {
                match self {
                    Ec2Error::NotFound { kind, .. } => kind.missing,
                    Ec2Error::MalformedId { kind, .. } => kind.malformed,
                    Ec2Error::FilterLimitExceeded { .. } => "FilterLimitExceeded",
                    Ec2Error::InvalidNextToken => "InvalidNextToken",
                    Ec2Error::AddressInUse { .. } => "InvalidIPAddress.InUse",
                    Ec2Error::InsufficientFreeAddresses => "InsufficientFreeAddressesInSubnet",
                    Ec2Error::TooManyGroups => "SecurityGroupsPerInterfaceLimitExceeded",
                    Ec2Error::TooManyTags { .. } => "TagLimitExceeded",
                    Ec2Error::IdempotentParameterMismatch => "IdempotentParameterMismatch",
                    Ec2Error::OperationNotPermitted => "OperationNotPermitted",
                    Ec2Error::MissingParameter(_) => "MissingParameter",
                    Ec2Error::Unsupported(_) => "UnsupportedOperation",
                    Ec2Error::DryRun => "DryRunOperation",
                    $(Ec2Error::$variant(_) => $code,)*
                }
            }
        }
    };
}

errors! {
    AddressLimitExceeded => "AddressLimitExceeded",
    AssociationNotFound => "InvalidAssociationID.NotFound",
    CannotDelete => "CannotDelete",
    DefaultSubnetAlreadyExists => "DefaultSubnetAlreadyExistsInAvailabilityZone",
    DefaultVpcAlreadyExists => "DefaultVpcAlreadyExists",
    DefaultVpcDoesNotExist => "DefaultVpcDoesNotExist",
    DependencyViolation => "DependencyViolation",
    GatewayNotAttached => "Gateway.NotAttached",
    InsufficientPublicAddresses => "InsufficientAddressCapacity",
    InternetGatewayLimitExceeded => "InternetGatewayLimitExceeded",
    InvalidAddressInUse => "InvalidIPAddress.InUse",
    InvalidAddressNotFound => "InvalidAddress.NotFound",
    InvalidAttachmentNotFound => "InvalidAttachmentID.NotFound",
    InvalidCidrAssociationNotFound => "InvalidVpcCidrBlockAssociationID.NotFound",
    InvalidEgressGatewayNotFound => "InvalidGatewayID.NotFound",
    InvalidGroupDuplicate => "InvalidGroup.Duplicate",
    InvalidGroupMalformed => "InvalidGroupId.Malformed",
    InvalidGroupMissing => "InvalidGroup.NotFound",
    InvalidGroupReserved => "InvalidGroup.Reserved",
    InvalidId => "InvalidID",
    InvalidInstanceNotFound => "InvalidInstanceID.NotFound",
    InvalidNetworkAclEntryNotFound => "InvalidNetworkAclEntry.NotFound",
    InvalidParameter => "InvalidParameter",
    InvalidParameterCombination => "InvalidParameterCombination",
    InvalidParameterValue => "InvalidParameterValue",
    InvalidPeeringNotFound => "InvalidVpcPeeringConnectionID.NotFound",
    InvalidPermissionDuplicate => "InvalidPermission.Duplicate",
    InvalidPermissionMalformed => "InvalidPermission.Malformed",
    InvalidPermissionNotFound => "InvalidPermission.NotFound",
    InvalidPrefixListNotFound => "InvalidPrefixListID.NotFound",
    InvalidRouteNotFound => "InvalidRoute.NotFound",
    InvalidRuleNotFound => "InvalidSecurityGroupRuleId.NotFound",
    InvalidSubnetConflict => "InvalidSubnet.Conflict",
    InvalidSubnetRange => "InvalidSubnet.Range",
    InvalidVpcEndpointNotFound => "InvalidVpcEndpointId.NotFound",
    InvalidVpcRange => "InvalidVpc.Range",
    NetworkAclEntryAlreadyExists => "NetworkAclEntryAlreadyExists",
    CidrConflict => "CidrConflict",
    CidrLimitExceeded => "CidrLimitExceeded",
    LimitExceeded => "LimitExceeded",
    MissingOneOf => "MissingParameter",
    PrimaryBlock => "OperationNotPermitted",
    ResourceAlreadyAssociated => "Resource.AlreadyAssociated",
    ResourceLimitExceeded => "ResourceLimitExceeded",
    RouteAlreadyExists => "RouteAlreadyExists",
    RulesPerGroupLimitExceeded => "RulesPerSecurityGroupLimitExceeded",
    SecurityGroupLimitExceeded => "SecurityGroupLimitExceeded",
    SubnetLimitExceeded => "SubnetLimitExceeded",
    VpcIdNotSpecified => "VPCIdNotSpecified",
    VpcLimitExceeded => "VpcLimitExceeded",
}

fn missing(kind: &Kind, id: &str) -> String {
    match kind.prefix {
        "nat" => format!("NatGateway {id} was not found"),
        _ => format!("The {} '{id}' does not exist", kind.noun),
    }
}

fn malformed(kind: &Kind, id: &str) -> String {
    match kind.prefix {
        "nat" => format!("Invalid Nat Gateway {id}"),
        prefix => format!("Invalid id: \"{id}\" (expecting \"{prefix}-...\")"),
    }
}

impl Ec2Error {
    /// The resource can't go while others need it.
    pub(crate) fn depended_on(noun: &str, id: &str) -> Ec2Error {
        Ec2Error::DependencyViolation(format!("The {noun} '{id}' has dependencies and cannot be deleted."))
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
