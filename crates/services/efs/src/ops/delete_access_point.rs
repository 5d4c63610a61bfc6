//! DeleteAccessPoint: nobody comes through it any more; what is in the directory stays.

use gantry_api_efs as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::Efs;
use crate::find::NamedAccessPoint;
use crate::tables::{ACCESS_POINTS, access_point_key};

/// Deletes an access point.
pub async fn run(efs: &Efs, cx: Cx, input: api::DeleteAccessPointRequest) -> Result<Unit, Failure> {
    let mut tx = efs.db.begin();
    let named = NamedAccessPoint::look_up(&mut tx, &cx, &input.access_point_id).await?;
    let permit = cx.authorize(named.permission("elasticfilesystem:DeleteAccessPoint"))?;

    let point = named.there()?;
    tx.delete(&ACCESS_POINTS, &access_point_key(cx.account, &cx.region, &point.id));
    tx.commit(&permit).await?;
    Ok(Unit)
}
