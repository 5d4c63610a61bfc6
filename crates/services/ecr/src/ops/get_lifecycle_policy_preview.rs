//! GetLifecyclePolicyPreview: which images a policy that is tried out would take away.

use gantry_api_ecr as api;
use gantry_base::PageToken;
use gantry_ecr_core::{Action, LifecyclePolicy, Tag};
use gantry_service::Cx;
use gantry_store::key;

use super::image_id::ImageId;
use super::list_images::TagStatus;
use super::parameter;
use crate::Ecr;
use crate::error::EcrError;
use crate::images::expire::Expired;
use crate::tables::PREVIEWS;

pub async fn get_lifecycle_policy_preview(
    ecr: &Ecr,
    cx: &Cx,
    input: api::GetLifecyclePolicyPreviewRequest,
) -> Result<api::GetLifecyclePolicyPreviewResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let name = parameter::name(&input.repository_name)?;
    let repository = ecr.may(cx, registry, &name, "ecr:GetLifecyclePolicyPreview").await?.repository;
    let Some(preview) = ecr.db.begin().get(&PREVIEWS, &key!(repository.id)).await? else {
        return Err(EcrError::LifecyclePreviewNotFound { repository: name, registry });
    };
    let paged = input.max_results.is_some() || input.next_token.is_some();
    if input.image_ids.is_some() && paged {
        return Err(EcrError::InvalidParameter {
            parameter: "imageIds",
            rule: "cannot be used with maxResults or nextToken".to_owned(),
        });
    }
    let policy = LifecyclePolicy::parse(&preview.text)?;
    let expired = ecr.expiring(&repository.id, &policy, cx.now).await?;
    let going = |action: Action| {
        let number = expired.iter().filter(|one| one.action == action).count();
        i32::try_from(number).unwrap_or(i32::MAX)
    };
    let (total, archived) = (going(Action::Expire), going(Action::Archive));
    let status = TagStatus::parse(input.filter.as_ref().and_then(|filter| filter.tag_status.as_deref()))?;
    let mut fitting: Vec<&Expired> = expired.iter().filter(|one| status.fits(&one.image)).collect();
    if let Some(ids) = &input.image_ids {
        let ids: Vec<ImageId> = ids.iter().filter_map(|id| ImageId::parse(id).ok()).collect();
        fitting.retain(|one| ids.iter().any(|id| is(one, id)));
    }

    let scope = format!("GetLifecyclePolicyPreview/{}/{status:?}", repository.id);
    let after = parameter::resume(&scope, input.next_token.as_deref())?;
    let begin = after.and_then(|last| {
        fitting.iter().position(|one| one.image.digest.to_string() == last).map(|at| at + 1)
    });
    let limit = match input.image_ids {
        Some(_) => fitting.len(),
        None => parameter::page_size(input.max_results),
    };
    let rest = fitting.get(begin.unwrap_or(0)..).unwrap_or_default();
    let page = &rest[..limit.min(rest.len())];
    let more = rest.len() > page.len();
    let last = page.last().filter(|_| more).map(|one| one.image.digest.to_string());
    Ok(api::GetLifecyclePolicyPreviewResponse {
        registry_id: Some(registry.to_string()),
        repository_name: Some(name.to_string()),
        lifecycle_policy_text: Some(preview.text),
        status: Some("COMPLETE".to_owned()),
        next_token: last.map(|last| PageToken::encode(&scope, &last)),
        preview_results: Some(page.iter().map(|one| shown(one)).collect()),
        summary: Some(api::LifecyclePolicyPreviewSummary {
            expiring_image_total_count: Some(total),
            transitioning_image_total_counts: (archived > 0).then(|| {
                vec![api::TransitioningImageTotalCount {
                    target_storage_class: Some("ARCHIVE".to_owned()),
                    image_total_count: Some(archived),
                }]
            }),
        }),
    })
}

fn is(one: &Expired, id: &ImageId) -> bool {
    let digest = one.image.digest;
    let named = match id.reference.tag() {
        Some(tag) => one.image.tags.contains(tag),
        None => id.reference.digest() == Some(digest),
    };
    named && id.must_be.is_none_or(|must_be| must_be == digest)
}

fn shown(one: &Expired) -> api::LifecyclePolicyPreviewResult {
    let tags: Vec<String> = one.image.tags.iter().map(Tag::to_string).collect();
    api::LifecyclePolicyPreviewResult {
        image_tags: (!tags.is_empty()).then_some(tags),
        image_digest: Some(one.image.digest.to_string()),
        image_pushed_at: Some(one.image.pushed_at),
        action: Some(api::LifecyclePolicyRuleAction {
            r#type: Some(match one.action {
                Action::Expire => "EXPIRE".to_owned(),
                Action::Archive => "TRANSITION".to_owned(),
            }),
            target_storage_class: (one.action == Action::Archive).then(|| "ARCHIVE".to_owned()),
        }),
        storage_class: Some(if one.image.archived { "ARCHIVE" } else { "STANDARD" }.to_owned()),
        applied_rule_priority: i32::try_from(one.rule).ok(),
    }
}
