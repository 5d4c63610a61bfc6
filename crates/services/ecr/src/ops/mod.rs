//! ECR's operations, one file each.

mod batch_check_layer_availability;
mod batch_delete_image;
mod batch_get_image;
mod batch_get_repository_scanning_configuration;
mod cache_rule;
mod complete_layer_upload;
mod create_pull_through_cache_rule;
mod create_repository;
mod create_repository_creation_template;
mod delete_lifecycle_policy;
mod delete_pull_through_cache_rule;
mod delete_registry_policy;
mod delete_repository;
mod delete_repository_creation_template;
mod delete_repository_policy;
mod deregister_pull_time_update_exclusion;
mod describe_image_replication_status;
mod describe_image_scan_findings;
mod describe_images;
mod describe_pull_through_cache_rules;
mod describe_registry;
mod describe_repositories;
mod describe_repository_creation_templates;
mod get_account_setting;
mod get_authorization_token;
mod get_download_url_for_layer;
mod get_lifecycle_policy;
mod get_lifecycle_policy_preview;
mod get_registry_policy;
mod get_registry_scanning_configuration;
mod get_repository_policy;
mod image_id;
mod initiate_layer_upload;
mod list_image_referrers;
mod list_images;
mod list_pull_time_update_exclusions;
mod list_tags_for_resource;
mod parameter;
mod put_account_setting;
mod put_image;
mod put_image_scanning_configuration;
mod put_image_tag_mutability;
mod put_lifecycle_policy;
mod put_registry_policy;
mod put_registry_scanning_configuration;
mod put_replication_configuration;
mod register_pull_time_update_exclusion;
mod scan;
mod set_repository_policy;
pub mod setting;
mod start_image_scan;
mod start_lifecycle_policy_preview;
mod tag_resource;
mod template;
mod untag_resource;
mod update_image_storage_class;
mod update_pull_through_cache_rule;
mod update_repository_creation_template;
mod upload_layer_part;
mod validate_pull_through_cache_rule;

use gantry_api_ecr as api;
use gantry_ecr_core::TagMutability;
use gantry_service::{Failure, Registry};

use crate::Ecr;
use crate::tables::Repository;

/// Serves them.
pub fn register(ecr: &Ecr, registry: &mut Registry) {
    macro_rules! serve {
        ($($operation:ident => $module:ident),* $(,)?) => {$(
            let own = ecr.clone();
            registry.on::<api::$operation, _, _, Failure>(move |cx, input| {
                let ecr = own.clone();
                async move { $module::$module(&ecr, &cx, input).await.map_err(Failure::from) }
            });
        )*};
    }
    serve! {
        BatchCheckLayerAvailability => batch_check_layer_availability,
        BatchDeleteImage => batch_delete_image,
        BatchGetImage => batch_get_image,
        BatchGetRepositoryScanningConfiguration => batch_get_repository_scanning_configuration,
        CompleteLayerUpload => complete_layer_upload,
        CreatePullThroughCacheRule => create_pull_through_cache_rule,
        CreateRepository => create_repository,
        CreateRepositoryCreationTemplate => create_repository_creation_template,
        DeleteLifecyclePolicy => delete_lifecycle_policy,
        DeletePullThroughCacheRule => delete_pull_through_cache_rule,
        DeleteRegistryPolicy => delete_registry_policy,
        DeleteRepository => delete_repository,
        DeleteRepositoryCreationTemplate => delete_repository_creation_template,
        DeleteRepositoryPolicy => delete_repository_policy,
        DeregisterPullTimeUpdateExclusion => deregister_pull_time_update_exclusion,
        DescribeImageReplicationStatus => describe_image_replication_status,
        DescribeImageScanFindings => describe_image_scan_findings,
        DescribeImages => describe_images,
        DescribePullThroughCacheRules => describe_pull_through_cache_rules,
        DescribeRegistry => describe_registry,
        DescribeRepositories => describe_repositories,
        DescribeRepositoryCreationTemplates => describe_repository_creation_templates,
        GetAccountSetting => get_account_setting,
        GetAuthorizationToken => get_authorization_token,
        GetDownloadUrlForLayer => get_download_url_for_layer,
        GetLifecyclePolicy => get_lifecycle_policy,
        GetLifecyclePolicyPreview => get_lifecycle_policy_preview,
        GetRegistryPolicy => get_registry_policy,
        GetRegistryScanningConfiguration => get_registry_scanning_configuration,
        GetRepositoryPolicy => get_repository_policy,
        InitiateLayerUpload => initiate_layer_upload,
        ListImageReferrers => list_image_referrers,
        ListImages => list_images,
        ListPullTimeUpdateExclusions => list_pull_time_update_exclusions,
        ListTagsForResource => list_tags_for_resource,
        PutAccountSetting => put_account_setting,
        PutImage => put_image,
        PutImageScanningConfiguration => put_image_scanning_configuration,
        PutImageTagMutability => put_image_tag_mutability,
        PutLifecyclePolicy => put_lifecycle_policy,
        PutRegistryPolicy => put_registry_policy,
        PutRegistryScanningConfiguration => put_registry_scanning_configuration,
        PutReplicationConfiguration => put_replication_configuration,
        RegisterPullTimeUpdateExclusion => register_pull_time_update_exclusion,
        SetRepositoryPolicy => set_repository_policy,
        StartImageScan => start_image_scan,
        StartLifecyclePolicyPreview => start_lifecycle_policy_preview,
        TagResource => tag_resource,
        UntagResource => untag_resource,
        UpdateImageStorageClass => update_image_storage_class,
        UpdatePullThroughCacheRule => update_pull_through_cache_rule,
        UpdateRepositoryCreationTemplate => update_repository_creation_template,
        UploadLayerPart => upload_layer_part,
        ValidatePullThroughCacheRule => validate_pull_through_cache_rule,
    }
}

/// A repository as AWS shows it.
fn shown(
    ecr: &Ecr,
    cx: &gantry_service::Cx,
    registry: gantry_base::AccountId,
    row: &Repository,
) -> api::Repository {
    api::Repository {
        repository_arn: Some(crate::access::repository_arn(cx, registry, row.name.as_str()).to_string()),
        registry_id: Some(registry.to_string()),
        repository_name: Some(row.name.to_string()),
        repository_uri: Some(ecr.config.repository_uri(registry, &cx.region, &row.name)),
        created_at: Some(row.created_at),
        image_tag_mutability: Some(row.mutability.as_str().to_owned()),
        image_tag_mutability_exclusion_filters: shown_filters(&row.mutability),
        image_scanning_configuration: Some(api::ImageScanningConfiguration {
            scan_on_push: Some(row.scan_on_push),
        }),
        encryption_configuration: Some(api::EncryptionConfiguration {
            encryption_type: "AES256".to_owned(),
            kms_key: None,
        }),
    }
}

/// What a rule excludes, as AWS shows it.
fn shown_filters(mutability: &TagMutability) -> Option<Vec<api::ImageTagMutabilityExclusionFilter>> {
    let filters = mutability.filters().iter().map(|filter| api::ImageTagMutabilityExclusionFilter {
        filter_type: "WILDCARD".to_owned(),
        filter: filter.as_str().to_owned(),
    });
    let filters: Vec<_> = filters.collect();
    (!filters.is_empty()).then_some(filters)
}
