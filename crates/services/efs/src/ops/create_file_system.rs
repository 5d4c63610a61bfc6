//! CreateFileSystem: an empty file system.

use gantry_api_efs as api;
use gantry_api_kms as kms;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Scan;

use super::describe_file_systems::answer;
use crate::Efs;
use crate::error::EfsError;
use crate::find::file_system_arn;
use crate::tables::{
    FILE_SYSTEMS, FileSystem, PREFERENCES, file_system_key, file_systems_key, preferences_key,
};
use crate::{network, tagged};

/// How many file systems an account may have in a region.
const LIMIT: usize = 1000;

/// The key that AWS takes where none is named.
const DEFAULT_KEY: &str = "alias/aws/elasticfilesystem";

/// Makes a file system. The same creation token makes none twice.
pub async fn run(
    efs: &Efs,
    cx: Cx,
    input: api::CreateFileSystemRequest,
) -> Result<api::FileSystemDescription, Failure> {
    let given = input.tags.clone().unwrap_or_default();
    let encrypted = input.encrypted == Some(true);
    let all = file_system_arn(&cx, "*");
    if !given.is_empty() {
        let permission = Permission::on("elasticfilesystem:TagResource", &all);
        cx.authorize(permission.request_tags(tagged::pairs(&given)))?;
    }
    let permission = Permission::of("elasticfilesystem:CreateFileSystem")
        .request_tags(tagged::pairs(&given))
        .key("elasticfilesystem:Encrypted", [encrypted.to_string()]);
    let permit = cx.authorize(permission)?;

    let throughput_mode = input.throughput_mode.unwrap_or_else(|| "bursting".to_owned());
    check_throughput(&throughput_mode, input.provisioned_throughput_in_mibps)?;
    let performance_mode = input.performance_mode.unwrap_or_else(|| "generalPurpose".to_owned());
    if performance_mode == "maxIO" && (throughput_mode == "elastic" || input.availability_zone_name.is_some())
    {
        return Err(EfsError::bad("Unsupported performance mode provided.").into());
    }
    if input.kms_key_id.is_some() && !encrypted {
        let message = "The encrypted parameter must be set to true to create an encrypted file system.";
        return Err(EfsError::bad(message).into());
    }
    let zone = match input.availability_zone_name.as_deref() {
        Some(name) => Some(network::zone(&cx, name).await?),
        None => None,
    };
    let tags = tagged::parse(given)?;

    let mut tx = efs.db.begin();
    let known = tx.scan(&FILE_SYSTEMS, &file_systems_key(cx.account, &cx.region), Scan::all()).await?;
    if let Some((_, same)) = known.iter().find(|(_, other)| other.creation_token == input.creation_token) {
        let (id, token) = (same.id.clone(), input.creation_token);
        return Err(EfsError::FileSystemAlreadyExists { id, token }.into());
    }
    if known.len() >= LIMIT {
        return Err(EfsError::FileSystemLimitExceeded(LIMIT).into());
    }
    let kms_key = match encrypted {
        true => Some(key(&cx, input.kms_key_id.as_deref().unwrap_or(DEFAULT_KEY)).await?),
        false => None,
    };
    let preferences = tx.peek(&PREFERENCES, &preferences_key(cx.account, &cx.region)).await?;
    let digits = if preferences.unwrap_or_default().short_ids { 8 } else { 17 };
    let file_system = FileSystem {
        id: format!("fs-{}", efs.ids.hex(digits)),
        creation_token: input.creation_token,
        created_at: cx.now,
        performance_mode,
        throughput_mode,
        provisioned_mibps: input.provisioned_throughput_in_mibps,
        encrypted,
        kms_key,
        backup: input.backup.unwrap_or(zone.is_some()),
        backup_said: input.backup == Some(true) || zone.is_some(),
        zone,
        tags,
        policy: None,
        policy_ids: Default::default(),
        lifecycle: Vec::new(),
        protected: true,
        size: None,
    };
    // An empty directory that a crash leaves behind harms nobody.
    efs.folders.make(&file_system.id).map_err(Failure::internal)?;
    tx.put(&FILE_SYSTEMS, &file_system_key(cx.account, &cx.region, &file_system.id), &file_system);
    tx.commit(&permit).await?;
    Ok(answer(&cx, file_system, 0))
}

/// Refuses a throughput that goes with no mode, or a mode without its throughput.
pub fn check_throughput(mode: &str, provisioned: Option<f64>) -> Result<(), EfsError> {
    match (mode, provisioned) {
        ("provisioned", None) => Err(EfsError::bad(
            "Provisioned throughput must be set for file systems that use provisioned throughput mode.",
        )),
        ("provisioned", Some(throughput)) if throughput > 3414.0 => {
            Err(EfsError::bad("ProvisionedThroughputInMibps is over the limit of 3414."))
        }
        ("provisioned", Some(_)) | (_, None) => Ok(()),
        (_, Some(_)) => Err(EfsError::bad(
            "ProvisionedThroughputInMibps can be given for provisioned throughput mode only.",
        )),
    }
}

/// The ARN of a key, which must be there and enabled.
async fn key(cx: &Cx, id: &str) -> Result<String, Failure> {
    let input = kms::DescribeKeyRequest { key_id: id.to_owned(), ..Default::default() };
    let found = cx.siblings.call::<kms::DescribeKey>(&cx.via("elasticfilesystem"), input).await;
    let found = match found {
        Err(Failure::Answer(error)) if error.code == "NotFoundException" => {
            return Err(EfsError::bad(format!("The KMS key {id} does not exist.")).into());
        }
        found => found?.key_metadata,
    };
    let found = found.ok_or_else(|| Failure::internal("KMS described no key"))?;
    if found.enabled == Some(false) {
        return Err(EfsError::bad(format!("The KMS key {id} is not enabled.")).into());
    }
    found.arn.ok_or_else(|| Failure::internal("a key of KMS has no ARN"))
}
