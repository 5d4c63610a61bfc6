//! The operations that are served. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::shapes;

gantry_wire::operations! {
    "efs";
    CreateAccessPoint(shapes::CreateAccessPointRequest) -> shapes::AccessPointDescription;
    CreateFileSystem(shapes::CreateFileSystemRequest) -> shapes::FileSystemDescription;
    CreateMountTarget(shapes::CreateMountTargetRequest) -> shapes::MountTargetDescription;
    CreateTags(shapes::CreateTagsRequest) -> gantry_wire::Unit;
    DeleteAccessPoint(shapes::DeleteAccessPointRequest) -> gantry_wire::Unit;
    DeleteFileSystem(shapes::DeleteFileSystemRequest) -> gantry_wire::Unit;
    DeleteFileSystemPolicy(shapes::DeleteFileSystemPolicyRequest) -> gantry_wire::Unit;
    DeleteMountTarget(shapes::DeleteMountTargetRequest) -> gantry_wire::Unit;
    DeleteTags(shapes::DeleteTagsRequest) -> gantry_wire::Unit;
    DescribeAccessPoints(shapes::DescribeAccessPointsRequest) -> shapes::DescribeAccessPointsResponse;
    DescribeAccountPreferences(shapes::DescribeAccountPreferencesRequest) -> shapes::DescribeAccountPreferencesResponse;
    DescribeBackupPolicy(shapes::DescribeBackupPolicyRequest) -> shapes::BackupPolicyDescription;
    DescribeFileSystemPolicy(shapes::DescribeFileSystemPolicyRequest) -> shapes::FileSystemPolicyDescription;
    DescribeFileSystems(shapes::DescribeFileSystemsRequest) -> shapes::DescribeFileSystemsResponse;
    DescribeLifecycleConfiguration(shapes::DescribeLifecycleConfigurationRequest) -> shapes::LifecycleConfigurationDescription;
    DescribeMountTargetSecurityGroups(shapes::DescribeMountTargetSecurityGroupsRequest) -> shapes::DescribeMountTargetSecurityGroupsResponse;
    DescribeMountTargets(shapes::DescribeMountTargetsRequest) -> shapes::DescribeMountTargetsResponse;
    DescribeTags(shapes::DescribeTagsRequest) -> shapes::DescribeTagsResponse;
    ListTagsForResource(shapes::ListTagsForResourceRequest) -> shapes::ListTagsForResourceResponse;
    ModifyMountTargetSecurityGroups(shapes::ModifyMountTargetSecurityGroupsRequest) -> gantry_wire::Unit;
    PutAccountPreferences(shapes::PutAccountPreferencesRequest) -> shapes::PutAccountPreferencesResponse;
    PutBackupPolicy(shapes::PutBackupPolicyRequest) -> shapes::BackupPolicyDescription;
    PutFileSystemPolicy(shapes::PutFileSystemPolicyRequest) -> shapes::FileSystemPolicyDescription;
    PutLifecycleConfiguration(shapes::PutLifecycleConfigurationRequest) -> shapes::LifecycleConfigurationDescription;
    TagResource(shapes::TagResourceRequest) -> gantry_wire::Unit;
    UntagResource(shapes::UntagResourceRequest) -> gantry_wire::Unit;
    UpdateFileSystem(shapes::UpdateFileSystemRequest) -> shapes::FileSystemDescription;
    UpdateFileSystemProtection(shapes::UpdateFileSystemProtectionRequest) -> shapes::FileSystemProtectionDescription;
}
