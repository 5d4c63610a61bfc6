//! The shapes that served operations reach. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::MODEL;
#[allow(unused_imports)]
use gantry_wire::generated::*;

gantry_wire::shape! {
    pub struct Attribute = "Attribute" {
        0 key: String,
        1 value: Option<String>,
    }
    pub struct AuthorizationData = "AuthorizationData" {
        0 authorization_token: Option<String>,
        1 expires_at: Option<Timestamp>,
        2 proxy_endpoint: Option<String>,
    }
    pub struct AwsEcrContainerImageDetails = "AwsEcrContainerImageDetails" {
        0 architecture: Option<String>,
        1 author: Option<String>,
        2 image_hash: Option<String>,
        3 image_tags: Option<Vec<String>>,
        4 platform: Option<String>,
        5 pushed_at: Option<Timestamp>,
        6 last_in_use_at: Option<Timestamp>,
        7 in_use_count: Option<i64>,
        8 registry: Option<String>,
        9 repository_name: Option<String>,
    }
    pub struct BatchCheckLayerAvailabilityRequest = "BatchCheckLayerAvailabilityRequest" {
        0 registry_id: Option<String>,
        1 repository_name: String,
        2 layer_digests: Vec<String>,
    }
    pub struct BatchCheckLayerAvailabilityResponse = "BatchCheckLayerAvailabilityResponse" {
        0 layers: Option<Vec<Layer>>,
        1 failures: Option<Vec<LayerFailure>>,
    }
    pub struct BatchDeleteImageRequest = "BatchDeleteImageRequest" {
        0 registry_id: Option<String>,
        1 repository_name: String,
        2 image_ids: Vec<ImageIdentifier>,
    }
    pub struct BatchDeleteImageResponse = "BatchDeleteImageResponse" {
        0 image_ids: Option<Vec<ImageIdentifier>>,
        1 failures: Option<Vec<ImageFailure>>,
    }
    pub struct BatchGetImageRequest = "BatchGetImageRequest" {
        0 registry_id: Option<String>,
        1 repository_name: String,
        2 image_ids: Vec<ImageIdentifier>,
        3 accepted_media_types: Option<Vec<String>>,
    }
    pub struct BatchGetImageResponse = "BatchGetImageResponse" {
        0 images: Option<Vec<Image>>,
        1 failures: Option<Vec<ImageFailure>>,
    }
    pub struct BatchGetRepositoryScanningConfigurationRequest = "BatchGetRepositoryScanningConfigurationRequest" {
        0 repository_names: Vec<String>,
    }
    pub struct BatchGetRepositoryScanningConfigurationResponse = "BatchGetRepositoryScanningConfigurationResponse" {
        0 scanning_configurations: Option<Vec<RepositoryScanningConfiguration>>,
        1 failures: Option<Vec<RepositoryScanningConfigurationFailure>>,
    }
    pub struct CompleteLayerUploadRequest = "CompleteLayerUploadRequest" {
        0 registry_id: Option<String>,
        1 repository_name: String,
        2 upload_id: String,
        3 layer_digests: Vec<String>,
    }
    pub struct CompleteLayerUploadResponse = "CompleteLayerUploadResponse" {
        0 registry_id: Option<String>,
        1 repository_name: Option<String>,
        2 upload_id: Option<String>,
        3 layer_digest: Option<String>,
    }
    pub struct CreatePullThroughCacheRuleRequest = "CreatePullThroughCacheRuleRequest" {
        0 ecr_repository_prefix: String,
        1 upstream_registry_url: String,
        2 registry_id: Option<String>,
        3 upstream_registry: Option<String>,
        4 credential_arn: Option<String>,
        5 custom_role_arn: Option<String>,
        6 upstream_repository_prefix: Option<String>,
    }
    pub struct CreatePullThroughCacheRuleResponse = "CreatePullThroughCacheRuleResponse" {
        0 ecr_repository_prefix: Option<String>,
        1 upstream_registry_url: Option<String>,
        2 created_at: Option<Timestamp>,
        3 registry_id: Option<String>,
        4 upstream_registry: Option<String>,
        5 credential_arn: Option<String>,
        6 custom_role_arn: Option<String>,
        7 upstream_repository_prefix: Option<String>,
    }
    pub struct CreateRepositoryCreationTemplateRequest = "CreateRepositoryCreationTemplateRequest" {
        0 prefix: String,
        1 description: Option<String>,
        2 encryption_configuration: Option<EncryptionConfigurationForRepositoryCreationTemplate>,
        3 resource_tags: Option<Vec<Tag>>,
        4 image_tag_mutability: Option<String>,
        5 image_tag_mutability_exclusion_filters: Option<Vec<ImageTagMutabilityExclusionFilter>>,
        6 repository_policy: Option<String>,
        7 lifecycle_policy: Option<String>,
        8 applied_for: Vec<String>,
        9 custom_role_arn: Option<String>,
    }
    pub struct CreateRepositoryCreationTemplateResponse = "CreateRepositoryCreationTemplateResponse" {
        0 registry_id: Option<String>,
        1 repository_creation_template: Option<RepositoryCreationTemplate>,
    }
    pub struct CreateRepositoryRequest = "CreateRepositoryRequest" {
        0 registry_id: Option<String>,
        1 repository_name: String,
        2 tags: Option<Vec<Tag>>,
        3 image_tag_mutability: Option<String>,
        4 image_tag_mutability_exclusion_filters: Option<Vec<ImageTagMutabilityExclusionFilter>>,
        5 image_scanning_configuration: Option<ImageScanningConfiguration>,
        6 encryption_configuration: Option<EncryptionConfiguration>,
    }
    pub struct CreateRepositoryResponse = "CreateRepositoryResponse" {
        0 repository: Option<Repository>,
    }
    pub struct CvssScore = "CvssScore" {
        0 base_score: Option<f64>,
        1 scoring_vector: Option<String>,
        2 source: Option<String>,
        3 version: Option<String>,
    }
    pub struct CvssScoreAdjustment = "CvssScoreAdjustment" {
        0 metric: Option<String>,
        1 reason: Option<String>,
    }
    pub struct CvssScoreDetails = "CvssScoreDetails" {
        0 adjustments: Option<Vec<CvssScoreAdjustment>>,
        1 score: Option<f64>,
        2 score_source: Option<String>,
        3 scoring_vector: Option<String>,
        4 version: Option<String>,
    }
    pub struct DeleteLifecyclePolicyRequest = "DeleteLifecyclePolicyRequest" {
        0 registry_id: Option<String>,
        1 repository_name: String,
    }
    pub struct DeleteLifecyclePolicyResponse = "DeleteLifecyclePolicyResponse" {
        0 registry_id: Option<String>,
        1 repository_name: Option<String>,
        2 lifecycle_policy_text: Option<String>,
        3 last_evaluated_at: Option<Timestamp>,
    }
    pub struct DeletePullThroughCacheRuleRequest = "DeletePullThroughCacheRuleRequest" {
        0 ecr_repository_prefix: String,
        1 registry_id: Option<String>,
    }
    pub struct DeletePullThroughCacheRuleResponse = "DeletePullThroughCacheRuleResponse" {
        0 ecr_repository_prefix: Option<String>,
        1 upstream_registry_url: Option<String>,
        2 created_at: Option<Timestamp>,
        3 registry_id: Option<String>,
        4 credential_arn: Option<String>,
        5 custom_role_arn: Option<String>,
        6 upstream_repository_prefix: Option<String>,
    }
    pub struct DeleteRegistryPolicyRequest = "DeleteRegistryPolicyRequest" {
    }
    pub struct DeleteRegistryPolicyResponse = "DeleteRegistryPolicyResponse" {
        0 registry_id: Option<String>,
        1 policy_text: Option<String>,
    }
    pub struct DeleteReplication = "DeleteReplication" {
        0 enabled: bool,
    }
    pub struct DeleteRepositoryCreationTemplateRequest = "DeleteRepositoryCreationTemplateRequest" {
        0 prefix: String,
    }
    pub struct DeleteRepositoryCreationTemplateResponse = "DeleteRepositoryCreationTemplateResponse" {
        0 registry_id: Option<String>,
        1 repository_creation_template: Option<RepositoryCreationTemplate>,
    }
    pub struct DeleteRepositoryPolicyRequest = "DeleteRepositoryPolicyRequest" {
        0 registry_id: Option<String>,
        1 repository_name: String,
    }
    pub struct DeleteRepositoryPolicyResponse = "DeleteRepositoryPolicyResponse" {
        0 registry_id: Option<String>,
        1 repository_name: Option<String>,
        2 policy_text: Option<String>,
    }
    pub struct DeleteRepositoryRequest = "DeleteRepositoryRequest" {
        0 registry_id: Option<String>,
        1 repository_name: String,
        2 force: Option<bool>,
    }
    pub struct DeleteRepositoryResponse = "DeleteRepositoryResponse" {
        0 repository: Option<Repository>,
    }
    pub struct DeregisterPullTimeUpdateExclusionRequest = "DeregisterPullTimeUpdateExclusionRequest" {
        0 principal_arn: String,
    }
    pub struct DeregisterPullTimeUpdateExclusionResponse = "DeregisterPullTimeUpdateExclusionResponse" {
        0 principal_arn: Option<String>,
    }
    pub struct DescribeImageReplicationStatusRequest = "DescribeImageReplicationStatusRequest" {
        0 repository_name: String,
        1 image_id: ImageIdentifier,
        2 registry_id: Option<String>,
    }
    pub struct DescribeImageReplicationStatusResponse = "DescribeImageReplicationStatusResponse" {
        0 repository_name: Option<String>,
        1 image_id: Option<ImageIdentifier>,
        2 replication_statuses: Option<Vec<ImageReplicationStatus>>,
    }
    pub struct DescribeImageScanFindingsRequest = "DescribeImageScanFindingsRequest" {
        0 registry_id: Option<String>,
        1 repository_name: String,
        2 image_id: ImageIdentifier,
        3 next_token: Option<String>,
        4 max_results: Option<i32>,
    }
    pub struct DescribeImageScanFindingsResponse = "DescribeImageScanFindingsResponse" {
        0 registry_id: Option<String>,
        1 repository_name: Option<String>,
        2 image_id: Option<ImageIdentifier>,
        3 image_scan_status: Option<ImageScanStatus>,
        4 image_scan_findings: Option<ImageScanFindings>,
        5 next_token: Option<String>,
    }
    pub struct DescribeImagesFilter = "DescribeImagesFilter" {
        0 tag_status: Option<String>,
        1 image_status: Option<String>,
    }
    pub struct DescribeImagesRequest = "DescribeImagesRequest" {
        0 registry_id: Option<String>,
        1 repository_name: String,
        2 image_ids: Option<Vec<ImageIdentifier>>,
        3 next_token: Option<String>,
        4 max_results: Option<i32>,
        5 filter: Option<DescribeImagesFilter>,
    }
    pub struct DescribeImagesResponse = "DescribeImagesResponse" {
        0 image_details: Option<Vec<ImageDetail>>,
        1 next_token: Option<String>,
    }
    pub struct DescribePullThroughCacheRulesRequest = "DescribePullThroughCacheRulesRequest" {
        0 registry_id: Option<String>,
        1 ecr_repository_prefixes: Option<Vec<String>>,
        2 next_token: Option<String>,
        3 max_results: Option<i32>,
    }
    pub struct DescribePullThroughCacheRulesResponse = "DescribePullThroughCacheRulesResponse" {
        0 pull_through_cache_rules: Option<Vec<PullThroughCacheRule>>,
        1 next_token: Option<String>,
    }
    pub struct DescribeRegistryRequest = "DescribeRegistryRequest" {
    }
    pub struct DescribeRegistryResponse = "DescribeRegistryResponse" {
        0 registry_id: Option<String>,
        1 replication_configuration: Option<ReplicationConfiguration>,
    }
    pub struct DescribeRepositoriesRequest = "DescribeRepositoriesRequest" {
        0 registry_id: Option<String>,
        1 repository_names: Option<Vec<String>>,
        2 next_token: Option<String>,
        3 max_results: Option<i32>,
    }
    pub struct DescribeRepositoriesResponse = "DescribeRepositoriesResponse" {
        0 repositories: Option<Vec<Repository>>,
        1 next_token: Option<String>,
    }
    pub struct DescribeRepositoryCreationTemplatesRequest = "DescribeRepositoryCreationTemplatesRequest" {
        0 prefixes: Option<Vec<String>>,
        1 next_token: Option<String>,
        2 max_results: Option<i32>,
    }
    pub struct DescribeRepositoryCreationTemplatesResponse = "DescribeRepositoryCreationTemplatesResponse" {
        0 registry_id: Option<String>,
        1 repository_creation_templates: Option<Vec<RepositoryCreationTemplate>>,
        2 next_token: Option<String>,
    }
    pub struct EncryptionConfiguration = "EncryptionConfiguration" {
        0 encryption_type: String,
        1 kms_key: Option<String>,
    }
    pub struct EncryptionConfigurationForRepositoryCreationTemplate = "EncryptionConfigurationForRepositoryCreationTemplate" {
        0 encryption_type: String,
        1 kms_key: Option<String>,
    }
    pub struct EnhancedImageScanFinding = "EnhancedImageScanFinding" {
        0 aws_account_id: Option<String>,
        1 description: Option<String>,
        2 finding_arn: Option<String>,
        3 first_observed_at: Option<Timestamp>,
        4 last_observed_at: Option<Timestamp>,
        5 package_vulnerability_details: Option<PackageVulnerabilityDetails>,
        6 remediation: Option<Remediation>,
        7 resources: Option<Vec<Resource>>,
        8 score: Option<f64>,
        9 score_details: Option<ScoreDetails>,
        10 severity: Option<String>,
        11 status: Option<String>,
        12 title: Option<String>,
        13 r#type: Option<String>,
        14 updated_at: Option<Timestamp>,
        15 fix_available: Option<String>,
        16 exploit_available: Option<String>,
    }
    pub struct GetAccountSettingRequest = "GetAccountSettingRequest" {
        0 name: String,
    }
    pub struct GetAccountSettingResponse = "GetAccountSettingResponse" {
        0 name: Option<String>,
        1 value: Option<String>,
    }
    pub struct GetAuthorizationTokenRequest = "GetAuthorizationTokenRequest" {
        0 registry_ids: Option<Vec<String>>,
    }
    pub struct GetAuthorizationTokenResponse = "GetAuthorizationTokenResponse" {
        0 authorization_data: Option<Vec<AuthorizationData>>,
    }
    pub struct GetDownloadUrlForLayerRequest = "GetDownloadUrlForLayerRequest" {
        0 registry_id: Option<String>,
        1 repository_name: String,
        2 layer_digest: String,
    }
    pub struct GetDownloadUrlForLayerResponse = "GetDownloadUrlForLayerResponse" {
        0 download_url: Option<String>,
        1 layer_digest: Option<String>,
    }
    pub struct GetLifecyclePolicyPreviewRequest = "GetLifecyclePolicyPreviewRequest" {
        0 registry_id: Option<String>,
        1 repository_name: String,
        2 image_ids: Option<Vec<ImageIdentifier>>,
        3 next_token: Option<String>,
        4 max_results: Option<i32>,
        5 filter: Option<LifecyclePolicyPreviewFilter>,
    }
    pub struct GetLifecyclePolicyPreviewResponse = "GetLifecyclePolicyPreviewResponse" {
        0 registry_id: Option<String>,
        1 repository_name: Option<String>,
        2 lifecycle_policy_text: Option<String>,
        3 status: Option<String>,
        4 next_token: Option<String>,
        5 preview_results: Option<Vec<LifecyclePolicyPreviewResult>>,
        6 summary: Option<LifecyclePolicyPreviewSummary>,
    }
    pub struct GetLifecyclePolicyRequest = "GetLifecyclePolicyRequest" {
        0 registry_id: Option<String>,
        1 repository_name: String,
    }
    pub struct GetLifecyclePolicyResponse = "GetLifecyclePolicyResponse" {
        0 registry_id: Option<String>,
        1 repository_name: Option<String>,
        2 lifecycle_policy_text: Option<String>,
        3 last_evaluated_at: Option<Timestamp>,
    }
    pub struct GetRegistryPolicyRequest = "GetRegistryPolicyRequest" {
    }
    pub struct GetRegistryPolicyResponse = "GetRegistryPolicyResponse" {
        0 registry_id: Option<String>,
        1 policy_text: Option<String>,
    }
    pub struct GetRegistryScanningConfigurationRequest = "GetRegistryScanningConfigurationRequest" {
    }
    pub struct GetRegistryScanningConfigurationResponse = "GetRegistryScanningConfigurationResponse" {
        0 registry_id: Option<String>,
        1 scanning_configuration: Option<RegistryScanningConfiguration>,
    }
    pub struct GetRepositoryPolicyRequest = "GetRepositoryPolicyRequest" {
        0 registry_id: Option<String>,
        1 repository_name: String,
    }
    pub struct GetRepositoryPolicyResponse = "GetRepositoryPolicyResponse" {
        0 registry_id: Option<String>,
        1 repository_name: Option<String>,
        2 policy_text: Option<String>,
    }
    pub struct Image = "Image" {
        0 registry_id: Option<String>,
        1 repository_name: Option<String>,
        2 image_id: Option<ImageIdentifier>,
        3 image_manifest: Option<String>,
        4 image_manifest_media_type: Option<String>,
    }
    pub struct ImageDetail = "ImageDetail" {
        0 registry_id: Option<String>,
        1 repository_name: Option<String>,
        2 image_digest: Option<String>,
        3 image_tags: Option<Vec<String>>,
        4 image_size_in_bytes: Option<i64>,
        5 image_pushed_at: Option<Timestamp>,
        6 image_scan_status: Option<ImageScanStatus>,
        7 image_scan_findings_summary: Option<ImageScanFindingsSummary>,
        8 image_manifest_media_type: Option<String>,
        9 artifact_media_type: Option<String>,
        10 last_recorded_pull_time: Option<Timestamp>,
        11 subject_manifest_digest: Option<String>,
        12 image_status: Option<String>,
        13 last_archived_at: Option<Timestamp>,
        14 last_activated_at: Option<Timestamp>,
    }
    pub struct ImageFailure = "ImageFailure" {
        0 image_id: Option<ImageIdentifier>,
        1 failure_code: Option<String>,
        2 failure_reason: Option<String>,
    }
    pub struct ImageIdentifier = "ImageIdentifier" {
        0 image_digest: Option<String>,
        1 image_tag: Option<String>,
    }
    pub struct ImageReferrer = "ImageReferrer" {
        0 digest: String,
        1 media_type: String,
        2 artifact_type: Option<String>,
        3 size: i64,
        4 annotations: Option<BTreeMap<String, String>>,
        5 artifact_status: Option<String>,
    }
    pub struct ImageReplicationStatus = "ImageReplicationStatus" {
        0 region: Option<String>,
        1 registry_id: Option<String>,
        2 status: Option<String>,
        3 failure_code: Option<String>,
    }
    pub struct ImageScanFinding = "ImageScanFinding" {
        0 name: Option<String>,
        1 description: Option<String>,
        2 uri: Option<String>,
        3 severity: Option<String>,
        4 attributes: Option<Vec<Attribute>>,
    }
    pub struct ImageScanFindings = "ImageScanFindings" {
        0 image_scan_completed_at: Option<Timestamp>,
        1 vulnerability_source_updated_at: Option<Timestamp>,
        2 finding_severity_counts: Option<BTreeMap<String, i32>>,
        3 findings: Option<Vec<ImageScanFinding>>,
        4 enhanced_findings: Option<Vec<EnhancedImageScanFinding>>,
    }
    pub struct ImageScanFindingsSummary = "ImageScanFindingsSummary" {
        0 image_scan_completed_at: Option<Timestamp>,
        1 vulnerability_source_updated_at: Option<Timestamp>,
        2 finding_severity_counts: Option<BTreeMap<String, i32>>,
    }
    pub struct ImageScanStatus = "ImageScanStatus" {
        0 status: Option<String>,
        1 description: Option<String>,
    }
    pub struct ImageScanningConfiguration = "ImageScanningConfiguration" {
        0 scan_on_push: Option<bool>,
    }
    pub struct ImageTagMutabilityExclusionFilter = "ImageTagMutabilityExclusionFilter" {
        0 filter_type: String,
        1 filter: String,
    }
    pub struct InitiateLayerUploadRequest = "InitiateLayerUploadRequest" {
        0 registry_id: Option<String>,
        1 repository_name: String,
    }
    pub struct InitiateLayerUploadResponse = "InitiateLayerUploadResponse" {
        0 upload_id: Option<String>,
        1 part_size: Option<i64>,
    }
    pub struct Layer = "Layer" {
        0 layer_digest: Option<String>,
        1 layer_availability: Option<String>,
        2 layer_size: Option<i64>,
        3 media_type: Option<String>,
    }
    pub struct LayerFailure = "LayerFailure" {
        0 layer_digest: Option<String>,
        1 failure_code: Option<String>,
        2 failure_reason: Option<String>,
    }
    pub struct LifecyclePolicyPreviewFilter = "LifecyclePolicyPreviewFilter" {
        0 tag_status: Option<String>,
    }
    pub struct LifecyclePolicyPreviewResult = "LifecyclePolicyPreviewResult" {
        0 image_tags: Option<Vec<String>>,
        1 image_digest: Option<String>,
        2 image_pushed_at: Option<Timestamp>,
        3 action: Option<LifecyclePolicyRuleAction>,
        4 applied_rule_priority: Option<i32>,
        5 storage_class: Option<String>,
    }
    pub struct LifecyclePolicyPreviewSummary = "LifecyclePolicyPreviewSummary" {
        0 expiring_image_total_count: Option<i32>,
        1 transitioning_image_total_counts: Option<Vec<TransitioningImageTotalCount>>,
    }
    pub struct LifecyclePolicyRuleAction = "LifecyclePolicyRuleAction" {
        0 r#type: Option<String>,
        1 target_storage_class: Option<String>,
    }
    pub struct ListImageReferrersFilter = "ListImageReferrersFilter" {
        0 artifact_types: Option<Vec<String>>,
        1 artifact_status: Option<String>,
    }
    pub struct ListImageReferrersRequest = "ListImageReferrersRequest" {
        0 registry_id: Option<String>,
        1 repository_name: String,
        2 subject_id: SubjectIdentifier,
        3 filter: Option<ListImageReferrersFilter>,
        4 next_token: Option<String>,
        5 max_results: Option<i32>,
    }
    pub struct ListImageReferrersResponse = "ListImageReferrersResponse" {
        0 referrers: Option<Vec<ImageReferrer>>,
        1 next_token: Option<String>,
    }
    pub struct ListImagesFilter = "ListImagesFilter" {
        0 tag_status: Option<String>,
        1 image_status: Option<String>,
    }
    pub struct ListImagesRequest = "ListImagesRequest" {
        0 registry_id: Option<String>,
        1 repository_name: String,
        2 next_token: Option<String>,
        3 max_results: Option<i32>,
        4 filter: Option<ListImagesFilter>,
    }
    pub struct ListImagesResponse = "ListImagesResponse" {
        0 image_ids: Option<Vec<ImageIdentifier>>,
        1 next_token: Option<String>,
    }
    pub struct ListPullTimeUpdateExclusionsRequest = "ListPullTimeUpdateExclusionsRequest" {
        0 max_results: Option<i32>,
        1 next_token: Option<String>,
    }
    pub struct ListPullTimeUpdateExclusionsResponse = "ListPullTimeUpdateExclusionsResponse" {
        0 pull_time_update_exclusions: Option<Vec<String>>,
        1 next_token: Option<String>,
    }
    pub struct ListTagsForResourceRequest = "ListTagsForResourceRequest" {
        0 resource_arn: String,
    }
    pub struct ListTagsForResourceResponse = "ListTagsForResourceResponse" {
        0 tags: Option<Vec<Tag>>,
    }
    pub struct PackageVulnerabilityDetails = "PackageVulnerabilityDetails" {
        0 cvss: Option<Vec<CvssScore>>,
        1 reference_urls: Option<Vec<String>>,
        2 related_vulnerabilities: Option<Vec<String>>,
        3 source: Option<String>,
        4 source_url: Option<String>,
        5 vendor_created_at: Option<Timestamp>,
        6 vendor_severity: Option<String>,
        7 vendor_updated_at: Option<Timestamp>,
        8 vulnerability_id: Option<String>,
        9 vulnerable_packages: Option<Vec<VulnerablePackage>>,
    }
    pub struct PullThroughCacheRule = "PullThroughCacheRule" {
        0 ecr_repository_prefix: Option<String>,
        1 upstream_registry_url: Option<String>,
        2 created_at: Option<Timestamp>,
        3 registry_id: Option<String>,
        4 credential_arn: Option<String>,
        5 custom_role_arn: Option<String>,
        6 upstream_repository_prefix: Option<String>,
        7 upstream_registry: Option<String>,
        8 updated_at: Option<Timestamp>,
    }
    pub struct PutAccountSettingRequest = "PutAccountSettingRequest" {
        0 name: String,
        1 value: String,
    }
    pub struct PutAccountSettingResponse = "PutAccountSettingResponse" {
        0 name: Option<String>,
        1 value: Option<String>,
    }
    pub struct PutImageRequest = "PutImageRequest" {
        0 registry_id: Option<String>,
        1 repository_name: String,
        2 image_manifest: String,
        3 image_manifest_media_type: Option<String>,
        4 image_tag: Option<String>,
        5 image_digest: Option<String>,
    }
    pub struct PutImageResponse = "PutImageResponse" {
        0 image: Option<Image>,
    }
    pub struct PutImageScanningConfigurationRequest = "PutImageScanningConfigurationRequest" {
        0 registry_id: Option<String>,
        1 repository_name: String,
        2 image_scanning_configuration: ImageScanningConfiguration,
    }
    pub struct PutImageScanningConfigurationResponse = "PutImageScanningConfigurationResponse" {
        0 registry_id: Option<String>,
        1 repository_name: Option<String>,
        2 image_scanning_configuration: Option<ImageScanningConfiguration>,
    }
    pub struct PutImageTagMutabilityRequest = "PutImageTagMutabilityRequest" {
        0 registry_id: Option<String>,
        1 repository_name: String,
        2 image_tag_mutability: String,
        3 image_tag_mutability_exclusion_filters: Option<Vec<ImageTagMutabilityExclusionFilter>>,
    }
    pub struct PutImageTagMutabilityResponse = "PutImageTagMutabilityResponse" {
        0 registry_id: Option<String>,
        1 repository_name: Option<String>,
        2 image_tag_mutability: Option<String>,
        3 image_tag_mutability_exclusion_filters: Option<Vec<ImageTagMutabilityExclusionFilter>>,
    }
    pub struct PutLifecyclePolicyRequest = "PutLifecyclePolicyRequest" {
        0 registry_id: Option<String>,
        1 repository_name: String,
        2 lifecycle_policy_text: String,
    }
    pub struct PutLifecyclePolicyResponse = "PutLifecyclePolicyResponse" {
        0 registry_id: Option<String>,
        1 repository_name: Option<String>,
        2 lifecycle_policy_text: Option<String>,
    }
    pub struct PutRegistryPolicyRequest = "PutRegistryPolicyRequest" {
        0 policy_text: String,
    }
    pub struct PutRegistryPolicyResponse = "PutRegistryPolicyResponse" {
        0 registry_id: Option<String>,
        1 policy_text: Option<String>,
    }
    pub struct PutRegistryScanningConfigurationRequest = "PutRegistryScanningConfigurationRequest" {
        0 scan_type: Option<String>,
        1 rules: Option<Vec<RegistryScanningRule>>,
    }
    pub struct PutRegistryScanningConfigurationResponse = "PutRegistryScanningConfigurationResponse" {
        0 registry_scanning_configuration: Option<RegistryScanningConfiguration>,
    }
    pub struct PutReplicationConfigurationRequest = "PutReplicationConfigurationRequest" {
        0 replication_configuration: ReplicationConfiguration,
    }
    pub struct PutReplicationConfigurationResponse = "PutReplicationConfigurationResponse" {
        0 replication_configuration: Option<ReplicationConfiguration>,
    }
    pub struct Recommendation = "Recommendation" {
        0 url: Option<String>,
        1 text: Option<String>,
    }
    pub struct RegisterPullTimeUpdateExclusionRequest = "RegisterPullTimeUpdateExclusionRequest" {
        0 principal_arn: String,
    }
    pub struct RegisterPullTimeUpdateExclusionResponse = "RegisterPullTimeUpdateExclusionResponse" {
        0 principal_arn: Option<String>,
        1 created_at: Option<Timestamp>,
    }
    pub struct RegistryScanningConfiguration = "RegistryScanningConfiguration" {
        0 scan_type: Option<String>,
        1 rules: Option<Vec<RegistryScanningRule>>,
    }
    pub struct RegistryScanningRule = "RegistryScanningRule" {
        0 scan_frequency: String,
        1 repository_filters: Vec<ScanningRepositoryFilter>,
    }
    pub struct Remediation = "Remediation" {
        0 recommendation: Option<Recommendation>,
    }
    pub struct ReplicationConfiguration = "ReplicationConfiguration" {
        0 rules: Vec<ReplicationRule>,
    }
    pub struct ReplicationDestination = "ReplicationDestination" {
        0 region: String,
        1 registry_id: String,
    }
    pub struct ReplicationRule = "ReplicationRule" {
        0 destinations: Vec<ReplicationDestination>,
        1 repository_filters: Option<Vec<RepositoryFilter>>,
        2 delete_replication: Option<DeleteReplication>,
    }
    pub struct Repository = "Repository" {
        0 repository_arn: Option<String>,
        1 registry_id: Option<String>,
        2 repository_name: Option<String>,
        3 repository_uri: Option<String>,
        4 created_at: Option<Timestamp>,
        5 image_tag_mutability: Option<String>,
        6 image_tag_mutability_exclusion_filters: Option<Vec<ImageTagMutabilityExclusionFilter>>,
        7 image_scanning_configuration: Option<ImageScanningConfiguration>,
        8 encryption_configuration: Option<EncryptionConfiguration>,
    }
    pub struct RepositoryCreationTemplate = "RepositoryCreationTemplate" {
        0 prefix: Option<String>,
        1 description: Option<String>,
        2 encryption_configuration: Option<EncryptionConfigurationForRepositoryCreationTemplate>,
        3 resource_tags: Option<Vec<Tag>>,
        4 image_tag_mutability: Option<String>,
        5 image_tag_mutability_exclusion_filters: Option<Vec<ImageTagMutabilityExclusionFilter>>,
        6 repository_policy: Option<String>,
        7 lifecycle_policy: Option<String>,
        8 applied_for: Option<Vec<String>>,
        9 custom_role_arn: Option<String>,
        10 created_at: Option<Timestamp>,
        11 updated_at: Option<Timestamp>,
    }
    pub struct RepositoryFilter = "RepositoryFilter" {
        0 filter: String,
        1 filter_type: String,
    }
    pub struct RepositoryScanningConfiguration = "RepositoryScanningConfiguration" {
        0 repository_arn: Option<String>,
        1 repository_name: Option<String>,
        2 scan_on_push: Option<bool>,
        3 scan_frequency: Option<String>,
        4 applied_scan_filters: Option<Vec<ScanningRepositoryFilter>>,
    }
    pub struct RepositoryScanningConfigurationFailure = "RepositoryScanningConfigurationFailure" {
        0 repository_name: Option<String>,
        1 failure_code: Option<String>,
        2 failure_reason: Option<String>,
    }
    pub struct Resource = "Resource" {
        0 details: Option<ResourceDetails>,
        1 id: Option<String>,
        2 tags: Option<BTreeMap<String, String>>,
        3 r#type: Option<String>,
    }
    pub struct ResourceDetails = "ResourceDetails" {
        0 aws_ecr_container_image: Option<AwsEcrContainerImageDetails>,
    }
    pub struct ScanningRepositoryFilter = "ScanningRepositoryFilter" {
        0 filter: String,
        1 filter_type: String,
    }
    pub struct ScoreDetails = "ScoreDetails" {
        0 cvss: Option<CvssScoreDetails>,
    }
    pub struct SetRepositoryPolicyRequest = "SetRepositoryPolicyRequest" {
        0 registry_id: Option<String>,
        1 repository_name: String,
        2 policy_text: String,
        3 force: Option<bool>,
    }
    pub struct SetRepositoryPolicyResponse = "SetRepositoryPolicyResponse" {
        0 registry_id: Option<String>,
        1 repository_name: Option<String>,
        2 policy_text: Option<String>,
    }
    pub struct StartImageScanRequest = "StartImageScanRequest" {
        0 registry_id: Option<String>,
        1 repository_name: String,
        2 image_id: ImageIdentifier,
    }
    pub struct StartImageScanResponse = "StartImageScanResponse" {
        0 registry_id: Option<String>,
        1 repository_name: Option<String>,
        2 image_id: Option<ImageIdentifier>,
        3 image_scan_status: Option<ImageScanStatus>,
    }
    pub struct StartLifecyclePolicyPreviewRequest = "StartLifecyclePolicyPreviewRequest" {
        0 registry_id: Option<String>,
        1 repository_name: String,
        2 lifecycle_policy_text: Option<String>,
    }
    pub struct StartLifecyclePolicyPreviewResponse = "StartLifecyclePolicyPreviewResponse" {
        0 registry_id: Option<String>,
        1 repository_name: Option<String>,
        2 lifecycle_policy_text: Option<String>,
        3 status: Option<String>,
    }
    pub struct SubjectIdentifier = "SubjectIdentifier" {
        0 image_digest: String,
    }
    pub struct Tag = "Tag" {
        0 key: String,
        1 value: String,
    }
    pub struct TagResourceRequest = "TagResourceRequest" {
        0 resource_arn: String,
        1 tags: Vec<Tag>,
    }
    pub struct TagResourceResponse = "TagResourceResponse" {
    }
    pub struct TransitioningImageTotalCount = "TransitioningImageTotalCount" {
        0 target_storage_class: Option<String>,
        1 image_total_count: Option<i32>,
    }
    pub struct UntagResourceRequest = "UntagResourceRequest" {
        0 resource_arn: String,
        1 tag_keys: Vec<String>,
    }
    pub struct UntagResourceResponse = "UntagResourceResponse" {
    }
    pub struct UpdateImageStorageClassRequest = "UpdateImageStorageClassRequest" {
        0 registry_id: Option<String>,
        1 repository_name: String,
        2 image_id: ImageIdentifier,
        3 target_storage_class: String,
    }
    pub struct UpdateImageStorageClassResponse = "UpdateImageStorageClassResponse" {
        0 registry_id: Option<String>,
        1 repository_name: Option<String>,
        2 image_id: Option<ImageIdentifier>,
        3 image_status: Option<String>,
    }
    pub struct UpdatePullThroughCacheRuleRequest = "UpdatePullThroughCacheRuleRequest" {
        0 registry_id: Option<String>,
        1 ecr_repository_prefix: String,
        2 credential_arn: Option<String>,
        3 custom_role_arn: Option<String>,
    }
    pub struct UpdatePullThroughCacheRuleResponse = "UpdatePullThroughCacheRuleResponse" {
        0 ecr_repository_prefix: Option<String>,
        1 registry_id: Option<String>,
        2 updated_at: Option<Timestamp>,
        3 credential_arn: Option<String>,
        4 custom_role_arn: Option<String>,
        5 upstream_repository_prefix: Option<String>,
    }
    pub struct UpdateRepositoryCreationTemplateRequest = "UpdateRepositoryCreationTemplateRequest" {
        0 prefix: String,
        1 description: Option<String>,
        2 encryption_configuration: Option<EncryptionConfigurationForRepositoryCreationTemplate>,
        3 resource_tags: Option<Vec<Tag>>,
        4 image_tag_mutability: Option<String>,
        5 image_tag_mutability_exclusion_filters: Option<Vec<ImageTagMutabilityExclusionFilter>>,
        6 repository_policy: Option<String>,
        7 lifecycle_policy: Option<String>,
        8 applied_for: Option<Vec<String>>,
        9 custom_role_arn: Option<String>,
    }
    pub struct UpdateRepositoryCreationTemplateResponse = "UpdateRepositoryCreationTemplateResponse" {
        0 registry_id: Option<String>,
        1 repository_creation_template: Option<RepositoryCreationTemplate>,
    }
    pub struct UploadLayerPartRequest = "UploadLayerPartRequest" {
        0 registry_id: Option<String>,
        1 repository_name: String,
        2 upload_id: String,
        3 part_first_byte: i64,
        4 part_last_byte: i64,
        5 layer_part_blob: Bytes,
    }
    pub struct UploadLayerPartResponse = "UploadLayerPartResponse" {
        0 registry_id: Option<String>,
        1 repository_name: Option<String>,
        2 upload_id: Option<String>,
        3 last_byte_received: Option<i64>,
    }
    pub struct ValidatePullThroughCacheRuleRequest = "ValidatePullThroughCacheRuleRequest" {
        0 ecr_repository_prefix: String,
        1 registry_id: Option<String>,
    }
    pub struct ValidatePullThroughCacheRuleResponse = "ValidatePullThroughCacheRuleResponse" {
        0 ecr_repository_prefix: Option<String>,
        1 registry_id: Option<String>,
        2 upstream_registry_url: Option<String>,
        3 credential_arn: Option<String>,
        4 custom_role_arn: Option<String>,
        5 upstream_repository_prefix: Option<String>,
        6 is_valid: Option<bool>,
        7 failure: Option<String>,
    }
    pub struct VulnerablePackage = "VulnerablePackage" {
        0 arch: Option<String>,
        1 epoch: Option<i32>,
        2 file_path: Option<String>,
        3 name: Option<String>,
        4 package_manager: Option<String>,
        5 release: Option<String>,
        6 source_layer_hash: Option<String>,
        7 version: Option<String>,
        8 fixed_in_version: Option<String>,
    }
}
