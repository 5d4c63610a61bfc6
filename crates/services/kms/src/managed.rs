//! AWS managed keys: made when a service first needs one, used through that service alone.

use std::time::Duration;

use gantry_base::Tags;
use gantry_service::Cx;
use gantry_store::Tx;

use crate::Kms;
use crate::cipher;
use crate::spec::Spec;
use crate::tables::{
    ALIASES, Alias, KEYS, KeyRow, Manager, Origin, ROTATIONS, Rotation, State, alias_key, due_key,
};

/// How often they rotate.
pub const PERIOD_DAYS: u32 = 365;

/// The services that have such keys, with the words of their descriptions.
const SERVICES: &[(&str, &str)] = &[
    ("secretsmanager", "Default key that protects my Secrets Manager data when no other key is defined"),
    ("ssm", "Default key that protects my SSM parameters when no other key is defined"),
    ("ecr", "Default key that protects my ECR data when no other key is defined"),
    ("s3", "Default key that protects my S3 objects when no other key is defined"),
    ("ebs", "Default key that protects my EBS volumes when no other key is defined"),
    ("elasticfilesystem", "Default key that protects my EFS filesystems when no other key is defined"),
    ("sns", "Default key that protects my SNS data when no other key is defined"),
    ("sqs", "Default key that protects my SQS messages when no other key is defined"),
    ("acm", "Default key that protects my ACM private keys when no other key is defined"),
    ("dynamodb", "Default key that protects my DynamoDB data when no other key is defined"),
    ("es", "Default key that protects my Elasticsearch data when no other key is defined"),
    ("glue", "Default key that protects my Glue data when no other key is defined"),
    ("kinesisvideo", "Default key that protects my Kinesis Video Streams data when no other key is defined"),
    ("lambda", "Default key that protects my Lambda functions when no other key is defined"),
    ("rds", "Default key that protects my RDS database volumes when no other key is defined"),
    ("redshift", "Default key that protects my Redshift clusters when no other key is defined"),
    ("xray", "Default key that protects my X-Ray data when no other key is defined"),
];

/// The services whose aliases are listed before there is a key.
const PREDEFINED: [&str; 14] = [
    "acm",
    "dynamodb",
    "ebs",
    "elasticfilesystem",
    "es",
    "glue",
    "kinesisvideo",
    "lambda",
    "rds",
    "redshift",
    "s3",
    "secretsmanager",
    "ssm",
    "xray",
];

/// The aliases that every account has in every region, with or without a key, in order.
pub fn predefined() -> impl Iterator<Item = String> {
    PREDEFINED.iter().map(|service| format!("alias/aws/{service}"))
}

/// The service whose managed key an alias names.
pub fn service_of(alias: &str) -> Option<&'static str> {
    let name = alias.strip_prefix("alias/aws/")?;
    SERVICES.iter().map(|(service, _)| *service).find(|service| *service == name)
}

/// Makes the managed key of a service in the call's account and region.
pub fn make(kms: &Kms, tx: &mut Tx, cx: &Cx, service: &'static str) -> KeyRow {
    let description = SERVICES.iter().find(|(name, _)| *name == service).map_or("", |(_, words)| words);
    let next_at = cx.now + Duration::from_secs(u64::from(PERIOD_DAYS) * 24 * 3600);
    let mut key = KeyRow {
        id: kms.ids.uuid(),
        account: cx.account,
        region: cx.region.clone(),
        description: description.to_owned(),
        spec: Spec::SymmetricDefault,
        usage: None,
        manager: Manager::Service(service.to_owned()),
        state: State::Enabled,
        created_at: cx.now,
        policy: None,
        policy_ids: Default::default(),
        tags: Tags::default(),
        materials: Vec::new(),
        origin: Origin::Drawn,
        valid_to: None,
        rotation: Some(Rotation { period_days: PERIOD_DAYS, next_at }),
    };
    cipher::add_material(kms, tx, &mut key, None);
    let name = format!("alias/aws/{service}");
    let alias = Alias { name, target: key.id.clone(), created_at: cx.now, updated_at: cx.now };
    tx.put(&ALIASES, &alias_key(key.account, &key.region, &alias.name), &alias);
    let due = key.due(next_at);
    tx.put(&ROTATIONS, &due_key(&due), &due);
    tx.wake(crate::loops::KEY_ROTATION);
    tx.put(&KEYS, &key.row_key(), &key);
    key
}
