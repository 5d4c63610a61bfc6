//! The shapes that served operations reach. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::MODEL;
#[allow(unused_imports)]
use gantry_wire::generated::*;

gantry_wire::shape! {
    pub struct AccessPointDescription = "AccessPointDescription" {
        0 client_token: Option<String>,
        1 name: Option<String>,
        2 tags: Option<Vec<Tag>>,
        3 access_point_id: Option<String>,
        4 access_point_arn: Option<String>,
        5 file_system_id: Option<String>,
        6 posix_user: Option<PosixUser>,
        7 root_directory: Option<RootDirectory>,
        8 owner_id: Option<String>,
        9 life_cycle_state: Option<String>,
    }
    pub struct BackupPolicy = "BackupPolicy" {
        0 status: String,
    }
    pub struct BackupPolicyDescription = "BackupPolicyDescription" {
        0 backup_policy: Option<BackupPolicy>,
    }
    pub struct CreateAccessPointRequest = "CreateAccessPointRequest" {
        0 client_token: String,
        1 tags: Option<Vec<Tag>>,
        2 file_system_id: String,
        3 posix_user: Option<PosixUser>,
        4 root_directory: Option<RootDirectory>,
    }
    pub struct CreateFileSystemRequest = "CreateFileSystemRequest" {
        0 creation_token: String,
        1 performance_mode: Option<String>,
        2 encrypted: Option<bool>,
        3 kms_key_id: Option<String>,
        4 throughput_mode: Option<String>,
        5 provisioned_throughput_in_mibps: Option<f64>,
        6 availability_zone_name: Option<String>,
        7 backup: Option<bool>,
        8 tags: Option<Vec<Tag>>,
    }
    pub struct CreateMountTargetRequest = "CreateMountTargetRequest" {
        0 file_system_id: String,
        1 subnet_id: String,
        2 ip_address: Option<String>,
        3 ipv6_address: Option<String>,
        4 ip_address_type: Option<String>,
        5 security_groups: Option<Vec<String>>,
    }
    pub struct CreateTagsRequest = "CreateTagsRequest" {
        0 file_system_id: String,
        1 tags: Vec<Tag>,
    }
    pub struct CreationInfo = "CreationInfo" {
        0 owner_uid: i64,
        1 owner_gid: i64,
        2 permissions: String,
    }
    pub struct DeleteAccessPointRequest = "DeleteAccessPointRequest" {
        0 access_point_id: String,
    }
    pub struct DeleteFileSystemPolicyRequest = "DeleteFileSystemPolicyRequest" {
        0 file_system_id: String,
    }
    pub struct DeleteFileSystemRequest = "DeleteFileSystemRequest" {
        0 file_system_id: String,
    }
    pub struct DeleteMountTargetRequest = "DeleteMountTargetRequest" {
        0 mount_target_id: String,
    }
    pub struct DeleteTagsRequest = "DeleteTagsRequest" {
        0 file_system_id: String,
        1 tag_keys: Vec<String>,
    }
    pub struct DescribeAccessPointsRequest = "DescribeAccessPointsRequest" {
        0 max_results: Option<i32>,
        1 next_token: Option<String>,
        2 access_point_id: Option<String>,
        3 file_system_id: Option<String>,
    }
    pub struct DescribeAccessPointsResponse = "DescribeAccessPointsResponse" {
        0 access_points: Option<Vec<AccessPointDescription>>,
        1 next_token: Option<String>,
    }
    pub struct DescribeAccountPreferencesRequest = "DescribeAccountPreferencesRequest" {
        0 next_token: Option<String>,
        1 max_results: Option<i32>,
    }
    pub struct DescribeAccountPreferencesResponse = "DescribeAccountPreferencesResponse" {
        0 resource_id_preference: Option<ResourceIdPreference>,
        1 next_token: Option<String>,
    }
    pub struct DescribeBackupPolicyRequest = "DescribeBackupPolicyRequest" {
        0 file_system_id: String,
    }
    pub struct DescribeFileSystemPolicyRequest = "DescribeFileSystemPolicyRequest" {
        0 file_system_id: String,
    }
    pub struct DescribeFileSystemsRequest = "DescribeFileSystemsRequest" {
        0 max_items: Option<i32>,
        1 marker: Option<String>,
        2 creation_token: Option<String>,
        3 file_system_id: Option<String>,
    }
    pub struct DescribeFileSystemsResponse = "DescribeFileSystemsResponse" {
        0 marker: Option<String>,
        1 file_systems: Option<Vec<FileSystemDescription>>,
        2 next_marker: Option<String>,
    }
    pub struct DescribeLifecycleConfigurationRequest = "DescribeLifecycleConfigurationRequest" {
        0 file_system_id: String,
    }
    pub struct DescribeMountTargetSecurityGroupsRequest = "DescribeMountTargetSecurityGroupsRequest" {
        0 mount_target_id: String,
    }
    pub struct DescribeMountTargetSecurityGroupsResponse = "DescribeMountTargetSecurityGroupsResponse" {
        0 security_groups: Vec<String>,
    }
    pub struct DescribeMountTargetsRequest = "DescribeMountTargetsRequest" {
        0 max_items: Option<i32>,
        1 marker: Option<String>,
        2 file_system_id: Option<String>,
        3 mount_target_id: Option<String>,
        4 access_point_id: Option<String>,
    }
    pub struct DescribeMountTargetsResponse = "DescribeMountTargetsResponse" {
        0 marker: Option<String>,
        1 mount_targets: Option<Vec<MountTargetDescription>>,
        2 next_marker: Option<String>,
    }
    pub struct DescribeTagsRequest = "DescribeTagsRequest" {
        0 max_items: Option<i32>,
        1 marker: Option<String>,
        2 file_system_id: String,
    }
    pub struct DescribeTagsResponse = "DescribeTagsResponse" {
        0 marker: Option<String>,
        1 tags: Vec<Tag>,
        2 next_marker: Option<String>,
    }
    pub struct FileSystemDescription = "FileSystemDescription" {
        0 owner_id: String,
        1 creation_token: String,
        2 file_system_id: String,
        3 file_system_arn: Option<String>,
        4 creation_time: Timestamp,
        5 life_cycle_state: String,
        6 name: Option<String>,
        7 number_of_mount_targets: i32,
        8 size_in_bytes: FileSystemSize,
        9 performance_mode: String,
        10 encrypted: Option<bool>,
        11 kms_key_id: Option<String>,
        12 throughput_mode: Option<String>,
        13 provisioned_throughput_in_mibps: Option<f64>,
        14 availability_zone_name: Option<String>,
        15 availability_zone_id: Option<String>,
        16 tags: Vec<Tag>,
        17 file_system_protection: Option<FileSystemProtectionDescription>,
    }
    pub struct FileSystemPolicyDescription = "FileSystemPolicyDescription" {
        0 file_system_id: Option<String>,
        1 policy: Option<String>,
    }
    pub struct FileSystemProtectionDescription = "FileSystemProtectionDescription" {
        0 replication_overwrite_protection: Option<String>,
    }
    pub struct FileSystemSize = "FileSystemSize" {
        0 value: i64,
        1 timestamp: Option<Timestamp>,
        2 value_in_ia: Option<i64>,
        3 value_in_standard: Option<i64>,
        4 value_in_archive: Option<i64>,
    }
    pub struct LifecycleConfigurationDescription = "LifecycleConfigurationDescription" {
        0 lifecycle_policies: Option<Vec<LifecyclePolicy>>,
    }
    pub struct LifecyclePolicy = "LifecyclePolicy" {
        0 transition_to_ia: Option<String>,
        1 transition_to_primary_storage_class: Option<String>,
        2 transition_to_archive: Option<String>,
    }
    pub struct ListTagsForResourceRequest = "ListTagsForResourceRequest" {
        0 resource_id: String,
        1 max_results: Option<i32>,
        2 next_token: Option<String>,
    }
    pub struct ListTagsForResourceResponse = "ListTagsForResourceResponse" {
        0 tags: Option<Vec<Tag>>,
        1 next_token: Option<String>,
    }
    pub struct ModifyMountTargetSecurityGroupsRequest = "ModifyMountTargetSecurityGroupsRequest" {
        0 mount_target_id: String,
        1 security_groups: Option<Vec<String>>,
    }
    pub struct MountTargetDescription = "MountTargetDescription" {
        0 owner_id: Option<String>,
        1 mount_target_id: String,
        2 file_system_id: String,
        3 subnet_id: String,
        4 life_cycle_state: String,
        5 ip_address: Option<String>,
        6 ipv6_address: Option<String>,
        7 network_interface_id: Option<String>,
        8 availability_zone_id: Option<String>,
        9 availability_zone_name: Option<String>,
        10 vpc_id: Option<String>,
    }
    pub struct PosixUser = "PosixUser" {
        0 uid: i64,
        1 gid: i64,
        2 secondary_gids: Option<Vec<i64>>,
    }
    pub struct PutAccountPreferencesRequest = "PutAccountPreferencesRequest" {
        0 resource_id_type: String,
    }
    pub struct PutAccountPreferencesResponse = "PutAccountPreferencesResponse" {
        0 resource_id_preference: Option<ResourceIdPreference>,
    }
    pub struct PutBackupPolicyRequest = "PutBackupPolicyRequest" {
        0 file_system_id: String,
        1 backup_policy: BackupPolicy,
    }
    pub struct PutFileSystemPolicyRequest = "PutFileSystemPolicyRequest" {
        0 file_system_id: String,
        1 policy: String,
        2 bypass_policy_lockout_safety_check: Option<bool>,
    }
    pub struct PutLifecycleConfigurationRequest = "PutLifecycleConfigurationRequest" {
        0 file_system_id: String,
        1 lifecycle_policies: Vec<LifecyclePolicy>,
    }
    pub struct ResourceIdPreference = "ResourceIdPreference" {
        0 resource_id_type: Option<String>,
        1 resources: Option<Vec<String>>,
    }
    pub struct RootDirectory = "RootDirectory" {
        0 path: Option<String>,
        1 creation_info: Option<CreationInfo>,
    }
    pub struct Tag = "Tag" {
        0 key: String,
        1 value: String,
    }
    pub struct TagResourceRequest = "TagResourceRequest" {
        0 resource_id: String,
        1 tags: Vec<Tag>,
    }
    pub struct UntagResourceRequest = "UntagResourceRequest" {
        0 resource_id: String,
        1 tag_keys: Vec<String>,
    }
    pub struct UpdateFileSystemProtectionRequest = "UpdateFileSystemProtectionRequest" {
        0 file_system_id: String,
        1 replication_overwrite_protection: Option<String>,
    }
    pub struct UpdateFileSystemRequest = "UpdateFileSystemRequest" {
        0 file_system_id: String,
        1 throughput_mode: Option<String>,
        2 provisioned_throughput_in_mibps: Option<f64>,
    }
}
