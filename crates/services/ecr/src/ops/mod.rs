//! ECR's operations, one file each.

mod batch_delete_image;
mod batch_get_image;
mod create_repository;
mod delete_repository;
mod describe_images;
mod describe_repositories;
mod get_authorization_token;
mod image_id;
mod list_images;
mod list_tags_for_resource;
mod parameter;
mod put_image;
mod tag_resource;
mod untag_resource;

use gantry_api_ecr as api;
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
        BatchDeleteImage => batch_delete_image,
        BatchGetImage => batch_get_image,
        CreateRepository => create_repository,
        DeleteRepository => delete_repository,
        DescribeImages => describe_images,
        DescribeRepositories => describe_repositories,
        GetAuthorizationToken => get_authorization_token,
        ListImages => list_images,
        ListTagsForResource => list_tags_for_resource,
        PutImage => put_image,
        TagResource => tag_resource,
        UntagResource => untag_resource,
    }
}

/// A repository as AWS shows it.
fn shown(
    ecr: &Ecr,
    cx: &gantry_service::Cx,
    registry: gantry_base::AccountId,
    row: &Repository,
) -> api::Repository {
    let filters = row.mutability.filters();
    let filters = filters.iter().map(|filter| api::ImageTagMutabilityExclusionFilter {
        filter_type: "WILDCARD".to_owned(),
        filter: filter.as_str().to_owned(),
    });
    let filters: Vec<_> = filters.collect();
    api::Repository {
        repository_arn: Some(crate::access::repository_arn(cx, registry, row.name.as_str()).to_string()),
        registry_id: Some(registry.to_string()),
        repository_name: Some(row.name.to_string()),
        repository_uri: Some(ecr.config.repository_uri(registry, &cx.region, &row.name)),
        created_at: Some(row.created_at),
        image_tag_mutability: Some(row.mutability.as_str().to_owned()),
        image_tag_mutability_exclusion_filters: (!filters.is_empty()).then_some(filters),
        image_scanning_configuration: Some(api::ImageScanningConfiguration {
            scan_on_push: Some(row.scan_on_push),
        }),
        encryption_configuration: Some(api::EncryptionConfiguration {
            encryption_type: "AES256".to_owned(),
            kms_key: None,
        }),
    }
}
