//! `models/<service>.model`: AWS's models as committed text.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::{compact, tree, wheel};

/// Every service that a request can be routed to.
pub const SERVICES: &[&str] = &[
    "acm",
    "application-autoscaling",
    "apprunner",
    "autoscaling",
    "cloudformation",
    "cloudtrail",
    "cloudwatch",
    "codebuild",
    "ec2",
    "ecr",
    "ecr-public",
    "ecs",
    "efs",
    "eks",
    "elbv2",
    "events",
    "iam",
    "inspector2",
    "kms",
    "logs",
    "resourcegroupstaggingapi",
    "route53",
    "s3",
    "scheduler",
    "secretsmanager",
    "servicediscovery",
    "sns",
    "sqs",
    "ssm",
    "sts",
];

/// Writes `models/*.model` from the pinned release; with `check`, changes nothing and fails if it would.
pub fn generate(root: &Path, wheel: Option<PathBuf>, check: bool) -> anyhow::Result<()> {
    let bytes = wheel::fetch(root, wheel)?;
    let archive = wheel::Archive::open(&bytes)?;
    let mut files = BTreeMap::new();
    for service in SERVICES {
        let text = compact::compact(service, &archive.service(service)?)
            .with_context(|| format!("service {service}"))?;
        files.insert(PathBuf::from(format!("{service}.model")), text);
    }
    tree::settle(
        &root.join("models"),
        &files,
        |path| path.extension().is_some_and(|ext| ext == "model"),
        check,
    )
}
