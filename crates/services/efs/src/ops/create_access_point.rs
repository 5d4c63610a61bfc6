//! CreateAccessPoint: a directory of a file system, as one user.

use gantry_api_efs as api;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Scan;

use super::describe_access_points::answer;
use crate::Efs;
use crate::error::EfsError;
use crate::find::Named;
use crate::tables::{ACCESS_POINTS, AccessPoint, Creation, PosixUser, access_point_key, access_points_key};
use crate::tagged;

/// How many access points a file system may have.
const LIMIT: usize = 1000;

/// Makes an access point. The same client token makes none twice.
pub async fn run(
    efs: &Efs,
    cx: Cx,
    input: api::CreateAccessPointRequest,
) -> Result<api::AccessPointDescription, Failure> {
    let mut tx = efs.db.begin();
    let named = Named::look_up(&mut tx, &cx, &input.file_system_id).await?;
    let given = input.tags.unwrap_or_default();
    if !given.is_empty() {
        let permission = named.permission("elasticfilesystem:TagResource");
        cx.authorize(permission.request_tags(tagged::pairs(&given)))?;
    }
    let permission: Permission<'_> = named.permission("elasticfilesystem:CreateAccessPoint");
    let permit = cx.authorize(permission.request_tags(tagged::pairs(&given)))?;

    let file_system = named.there()?;
    let known = tx.scan(&ACCESS_POINTS, &access_points_key(cx.account, &cx.region), Scan::all()).await?;
    let of_file_system =
        || known.iter().map(|(_, point)| point).filter(|p| p.file_system_id == file_system.id);
    let user = input.posix_user.map(user).transpose()?;
    let (path, creation) = root(input.root_directory)?;
    if let Some(same) = of_file_system().find(|point| point.client_token == input.client_token) {
        let unchanged = same.user == user && same.path == path && same.creation == creation;
        return match unchanged {
            true => Ok(answer(&cx, same.clone())),
            false => Err(EfsError::AccessPointAlreadyExists { id: same.id.clone() }.into()),
        };
    }
    if of_file_system().count() >= LIMIT {
        return Err(EfsError::AccessPointLimitExceeded(LIMIT).into());
    }
    let point = AccessPoint {
        id: format!("fsap-{}", efs.ids.hex(17)),
        file_system_id: file_system.id,
        client_token: input.client_token,
        user,
        path,
        creation,
        tags: tagged::parse(given)?,
    };
    tx.put(&ACCESS_POINTS, &access_point_key(cx.account, &cx.region, &point.id), &point);
    tx.commit(&permit).await?;
    Ok(answer(&cx, point))
}

/// AWS's pattern of a root directory's path: the root, or up to four steps that don't begin with a dot.
const PATTERN: &str = r"^(\/|(\/(?!\.)+[^$#<>;`|&?{}^*/\n]+){1,4})$";
/// Most characters of such a path.
const MAX_PATH: usize = 100;

fn is_root(path: &str) -> bool {
    let Some(steps) = path.strip_prefix('/') else { return false };
    let fits = |step: &str| {
        !step.is_empty() && !step.starts_with('.') && !step.contains(|c: char| "$#<>;`|&?{}^*\n".contains(c))
    };
    path == "/" || (path.len() <= MAX_PATH && steps.split('/').count() <= 4 && steps.split('/').all(fits))
}

fn number(id: i64) -> Result<u32, EfsError> {
    u32::try_from(id).map_err(|_| EfsError::bad(format!("{id} is not the id of a user or a group.")))
}

fn user(given: api::PosixUser) -> Result<PosixUser, EfsError> {
    let secondary = given.secondary_gids.unwrap_or_default().into_iter().map(number);
    Ok(PosixUser {
        uid: number(given.uid)?,
        gid: number(given.gid)?,
        secondary_gids: secondary.collect::<Result<_, _>>()?,
    })
}

fn root(given: Option<api::RootDirectory>) -> Result<(String, Option<Creation>), EfsError> {
    let Some(given) = given else { return Ok(("/".to_owned(), None)) };
    let path = given.path.unwrap_or_else(|| "/".to_owned());
    if !is_root(&path) {
        return Err(EfsError::bad(format!(
            "1 validation error detected: Value '{path}' at 'rootDirectory.path' failed to satisfy constraint: Member \
             must satisfy regular expression pattern: {PATTERN}"
        )));
    }
    let creation = |info: api::CreationInfo| {
        let (uid, gid) = (number(info.owner_uid)?, number(info.owner_gid)?);
        Ok::<_, EfsError>(Creation { uid, gid, permissions: info.permissions })
    };
    Ok((path, given.creation_info.map(creation).transpose()?))
}
