//! ListKeyRotations: when a key got new material.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use crate::Kms;
use crate::access::{Wish, allow};
use crate::key_id::find_by_id;
use crate::page::Page;
use crate::tables::{Material, RotationKind};

/// Lists rotations, oldest first; with `ALL_KEY_MATERIAL` the first material too.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::ListKeyRotationsRequest,
) -> Result<api::ListKeyRotationsResponse, Failure> {
    let mut tx = kms.db.begin();
    let key = find_by_id(kms, &mut tx, &cx, "kms:ListKeyRotations", &input.key_id).await?;
    allow(&mut tx, &cx, &key, Wish::to("kms:ListKeyRotations")).await?;
    super::can_rotate(&key)?;
    let all = input.include_key_material.as_deref() == Some("ALL_KEY_MATERIAL");
    let scope = format!("ListKeyRotations/{}/{all}", key.arn());
    let page = Page::read(scope, input.limit, input.marker, 100, 1000)?;
    let rows: Vec<(String, &Material)> = key
        .materials
        .iter()
        .enumerate()
        .filter(|(_, material)| all || material.rotated.is_some())
        .map(|(at, material)| (format!("{at:010}"), material))
        .collect();
    let current = key.materials.last().map(|material| material.id.clone());
    let (rows, next_marker) = page.cut(rows, |(at, _)| at);
    let entry = |material: &Material| api::RotationsListEntry {
        key_id: Some(key.id.clone()),
        key_material_id: Some(material.id.clone()),
        key_material_state: Some(match current.as_ref() == Some(&material.id) {
            true => "CURRENT".into(),
            false => "NON_CURRENT".into(),
        }),
        rotation_date: material.rotated.map(|(_, at)| at),
        rotation_type: material.rotated.map(|(kind, _)| match kind {
            RotationKind::Automatic => "AUTOMATIC".into(),
            RotationKind::OnDemand => "ON_DEMAND".into(),
        }),
        ..Default::default()
    };
    Ok(api::ListKeyRotationsResponse {
        rotations: Some(rows.into_iter().map(|(_, material)| entry(material)).collect()),
        truncated: Some(next_marker.is_some()),
        next_marker,
    })
}
