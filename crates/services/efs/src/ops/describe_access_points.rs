//! DescribeAccessPoints: access points, by id or of a file system.

use gantry_api_efs as api;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Scan;

use super::page;
use crate::error::EfsError;
use crate::find::{self, Named, NamedAccessPoint};
use crate::tables::{ACCESS_POINTS, AccessPoint, access_points_key};
use crate::{Efs, tagged};

/// Lists access points.
pub async fn run(
    efs: &Efs,
    cx: Cx,
    input: api::DescribeAccessPointsRequest,
) -> Result<api::DescribeAccessPointsResponse, Failure> {
    const ACTION: &str = "elasticfilesystem:DescribeAccessPoints";
    let mut tx = efs.db.begin();
    let found: Vec<AccessPoint> = match (&input.access_point_id, &input.file_system_id) {
        (Some(_), Some(_)) => {
            cx.authorize(Permission::on(ACTION, &find::access_point_arn(&cx, "*")))?;
            let message = "AccessPointId and FileSystemId are mutually exclusive.";
            return Err(EfsError::bad(message).into());
        }
        (Some(id), None) => {
            let named = NamedAccessPoint::look_up(&mut tx, &cx, id).await?;
            cx.authorize(named.permission(ACTION))?;
            vec![named.there()?]
        }
        (None, of) => {
            let file_system = match of {
                None => {
                    cx.authorize(Permission::on(ACTION, &find::access_point_arn(&cx, "*")))?;
                    None
                }
                Some(id) => {
                    let named = Named::look_up(&mut tx, &cx, id).await?;
                    cx.authorize(named.permission(ACTION))?;
                    Some(named.there()?.id)
                }
            };
            let prefix = access_points_key(cx.account, &cx.region);
            let rows = tx.peek_scan(&ACCESS_POINTS, &prefix, Scan::all()).await?;
            let points = rows.into_iter().map(|(_, point)| point);
            points.filter(|point| file_system.as_ref().is_none_or(|id| *id == point.file_system_id)).collect()
        }
    };
    let scope = format!("DescribeAccessPoints/{}/{}", cx.account, cx.region);
    let token = input.next_token.as_deref();
    let (found, next_token) = page(&scope, found, |point| &point.id, input.max_results, token)?;
    let access_points = found.into_iter().map(|point| answer(&cx, point)).collect();
    Ok(api::DescribeAccessPointsResponse { access_points: Some(access_points), next_token })
}

/// An access point as AWS shows it.
pub fn answer(cx: &Cx, point: AccessPoint) -> api::AccessPointDescription {
    let user = point.user.map(|user| api::PosixUser {
        uid: user.uid.into(),
        gid: user.gid.into(),
        secondary_gids: Some(user.secondary_gids.into_iter().map(i64::from).collect())
            .filter(|g: &Vec<_>| !g.is_empty()),
    });
    let creation_info = point.creation.map(|creation| api::CreationInfo {
        owner_uid: creation.uid.into(),
        owner_gid: creation.gid.into(),
        permissions: creation.permissions,
    });
    api::AccessPointDescription {
        client_token: Some(point.client_token),
        name: point.tags.get("Name").map(str::to_owned),
        tags: Some(tagged::answer(&point.tags)),
        access_point_arn: Some(find::access_point_arn(cx, &point.id).to_string()),
        access_point_id: Some(point.id),
        file_system_id: Some(point.file_system_id),
        posix_user: user,
        root_directory: Some(api::RootDirectory { path: Some(point.path), creation_info }),
        owner_id: Some(cx.account.to_string()),
        life_cycle_state: Some("available".into()),
    }
}
