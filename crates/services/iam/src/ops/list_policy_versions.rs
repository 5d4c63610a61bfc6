//! `ListPolicyVersions`: the versions of a managed policy, the newest first, without their documents.

use gantry_api_iam::{self as api, ListPolicyVersionsRequest, ListPolicyVersionsResponse};
use gantry_service::{Cx, Failure};

use crate::iam::{Iam, Wish};
use crate::page::Wanted;
use crate::policy::{AWS_CREATED, Found, permitted_policy, version_id, version_shape};

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: ListPolicyVersionsRequest,
) -> Result<ListPolicyVersionsResponse, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:ListPolicyVersions", &input.policy_arn);
    let versions = match permitted_policy(&mut tx, &cx, wish).await?.0 {
        Found::Customer(policy) => {
            let all = policy.versions.iter().rev();
            all.map(|version| (version.number, version_shape(version, &policy, false))).collect()
        }
        Found::Aws(_) => vec![(1, aws_version())],
    };
    // Places in a page go up while versions go down.
    let list: Vec<(String, api::PolicyVersion)> =
        versions.into_iter().map(|(number, shape)| (format!("{:010}", u32::MAX - number), shape)).collect();
    let filters = [input.policy_arn.as_str()];
    let wanted = Wanted::new(&cx, "ListPolicyVersions", &filters, input.marker.as_deref(), input.max_items);
    let page = wanted.of_list(list, |(place, _)| place)?;
    Ok(ListPolicyVersionsResponse {
        is_truncated: page.is_truncated(),
        versions: Some(page.items.into_iter().map(|(_, shape)| shape).collect()),
        marker: page.marker,
    })
}

fn aws_version() -> api::PolicyVersion {
    api::PolicyVersion {
        document: None,
        version_id: Some(version_id(1)),
        is_default_version: Some(true),
        create_date: Some(AWS_CREATED),
    }
}
