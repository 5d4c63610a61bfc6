//! The operations that are served. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::shapes;

gantry_wire::operations! {
    "ec2";
    CreateNetworkInterface(shapes::CreateNetworkInterfaceRequest) -> shapes::CreateNetworkInterfaceResult;
    DeleteNetworkInterface(shapes::DeleteNetworkInterfaceRequest) -> gantry_wire::Unit;
    DescribeAvailabilityZones(shapes::DescribeAvailabilityZonesRequest) -> shapes::DescribeAvailabilityZonesResult;
    DescribeNetworkInterfaces(shapes::DescribeNetworkInterfacesRequest) -> shapes::DescribeNetworkInterfacesResult;
    DescribeSecurityGroups(shapes::DescribeSecurityGroupsRequest) -> shapes::DescribeSecurityGroupsResult;
    DescribeSubnets(shapes::DescribeSubnetsRequest) -> shapes::DescribeSubnetsResult;
    DescribeVpcs(shapes::DescribeVpcsRequest) -> shapes::DescribeVpcsResult;
}
