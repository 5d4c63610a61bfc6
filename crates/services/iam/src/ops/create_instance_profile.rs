//! `CreateInstanceProfile`: a new profile, without a role yet.

use gantry_api_iam::{CreateInstanceProfileRequest, CreateInstanceProfileResponse};
use gantry_service::{Cx, Failure, Permission};
use gantry_store::{Scan, key};

use crate::error::{already_exists, limit_exceeded};
use crate::iam::{Iam, arn, kept, may_tag, moment, unique_id};
use crate::profiles::{profile_shape, put_profile};
use crate::shape;
use crate::tables::instance_profile::{InstanceProfile, PROFILES};

/// The most profiles of an account.
const PROFILES_PER_ACCOUNT: usize = 1000;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: CreateInstanceProfileRequest,
) -> Result<CreateInstanceProfileResponse, Failure> {
    let path = shape::path(input.path)?;
    let tags = shape::read_tags(input.tags)?;
    let name = input.instance_profile_name;
    let named = arn(&cx, format_args!("instance-profile{path}{name}"));
    let permission = Permission::on("iam:CreateInstanceProfile", &named).request_tags(tags.iter());
    let permit = cx.authorize(permission)?;
    may_tag(&cx, "iam:TagInstanceProfile", &named, &tags)?;

    let mut tx = iam.db.begin();
    if tx.get(&PROFILES, &InstanceProfile::key(cx.account, &name)).await?.is_some() {
        return Err(already_exists(format!("Instance Profile {name} already exists.")));
    }
    let profiles = tx.peek_scan(&PROFILES, &key!(cx.account), Scan::first(PROFILES_PER_ACCOUNT)).await?;
    if profiles.len() >= PROFILES_PER_ACCOUNT {
        let quota = format!("Cannot exceed quota for InstanceProfilesPerAccount: {PROFILES_PER_ACCOUNT}");
        return Err(limit_exceeded(quota));
    }
    let id = unique_id(&*iam.ids, "AIPA");
    let created = moment(cx.now);
    let profile = InstanceProfile { name, path, arn: kept(&named), id, role: None, tags, created };
    put_profile(&mut tx, cx.account, &profile);
    let shown = profile_shape(&mut tx, &cx, profile, true).await?;
    iam.commit(tx, &permit).await?;
    Ok(CreateInstanceProfileResponse { instance_profile: shown })
}
