//! `valueFrom` of a secret: where the value of an environment variable comes from.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html>

/// One source of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// A secret of Secrets Manager, or one member of its JSON.
    SecretsManager {
        /// The secret's whole or partial ARN.
        arn: String,
        region: String,
        json_key: Option<String>,
        version_stage: Option<String>,
        version_id: Option<String>,
    },
    /// A parameter of Systems Manager: by name in the task's region, or by ARN in the ARN's.
    Parameter { name: String, region: Option<String> },
}

/// The text can't name a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unexpected ARN format with parameters when trying to retrieve ASM secret: {0}")]
pub struct BadSource(pub String);

impl SecretSource {
    /// Reads `valueFrom`.
    pub fn parse(text: &str) -> Result<SecretSource, BadSource> {
        if !text.starts_with("arn:") {
            return Ok(SecretSource::Parameter { name: text.to_owned(), region: None });
        }
        let bad = || BadSource(text.to_owned());
        let parts: Vec<&str> = text.split(':').collect();
        match (parts.get(2).copied(), parts.get(3), parts.len()) {
            // arn:aws:secretsmanager:region:account:secret:name[:json-key:version-stage:version-id]
            (Some("secretsmanager"), Some(region), 7 | 10) if parts[5] == "secret" => {
                let part =
                    |at: usize| parts.get(at).filter(|one| !one.is_empty()).map(|one| (*one).to_owned());
                Ok(SecretSource::SecretsManager {
                    arn: parts[..7].join(":"),
                    region: (*region).to_owned(),
                    json_key: part(7),
                    version_stage: part(8),
                    version_id: part(9),
                })
            }
            (Some("ssm"), Some(region), 6) => {
                let name = parts[5].strip_prefix("parameter").ok_or_else(bad)?;
                // A name with levels keeps its first slash; one without has none.
                let flat = name.strip_prefix('/').filter(|rest| !rest.contains('/'));
                let name = flat.unwrap_or(name).to_owned();
                if name.is_empty() {
                    return Err(bad());
                }
                Ok(SecretSource::Parameter { name, region: Some((*region).to_owned()) })
            }
            _ => Err(bad()),
        }
    }
}

/// Whether the text has the form of a secret's ARN, of a parameter's ARN, or of a parameter's name. What of a
/// secret's ARN follows its name is read when the task starts, as in AWS.
pub fn may_name(text: &str) -> bool {
    let mut parts = text.splitn(7, ':');
    if parts.next() != Some("arn") {
        // A name may be followed by a version or a label.
        let (name, version) = text.split_once(':').unwrap_or((text, "1"));
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
        return !name.is_empty()
            && name.bytes().all(|b| fits(b) || b == b'/')
            && !version.is_empty()
            && version.bytes().all(fits);
    }
    let parts: Vec<&str> = parts.collect();
    match parts.as_slice() {
        [_, "secretsmanager", _, _, "secret", name] => !name.is_empty(),
        [_, "ssm", _, _, rest, ..] => rest.starts_with("parameter/"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_parameters_are_told_apart() {
        let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";
        let whole = |key: Option<&str>, stage: Option<&str>, id: Option<&str>| SecretSource::SecretsManager {
            arn: arn.to_owned(),
            region: "eu-west-1".to_owned(),
            json_key: key.map(str::to_owned),
            version_stage: stage.map(str::to_owned),
            version_id: id.map(str::to_owned),
        };
        assert_eq!(SecretSource::parse(arn), Ok(whole(None, None, None)));
        assert_eq!(SecretSource::parse(&format!("{arn}:user::")), Ok(whole(Some("user"), None, None)));
        assert_eq!(
            SecretSource::parse(&format!("{arn}::AWSPREVIOUS:9d4c")),
            Ok(whole(None, Some("AWSPREVIOUS"), Some("9d4c")))
        );
        assert!(SecretSource::parse(&format!("{arn}:user")).is_err());
        let parameter = |name: &str, region: Option<&str>| {
            Ok(SecretSource::Parameter { name: name.to_owned(), region: region.map(str::to_owned) })
        };
        assert_eq!(SecretSource::parse("/app/db"), parameter("/app/db", None));
        assert_eq!(SecretSource::parse("plain"), parameter("plain", None));
        let ssm = "arn:aws:ssm:us-east-1:123456789012:parameter";
        assert_eq!(SecretSource::parse(&format!("{ssm}/app/db")), parameter("/app/db", Some("us-east-1")));
        assert_eq!(SecretSource::parse(&format!("{ssm}/plain")), parameter("plain", Some("us-east-1")));
        assert!(SecretSource::parse("arn:aws:s3:::bucket").is_err());
    }

    #[test]
    fn what_can_name_no_secret_is_known_at_once() {
        let secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";
        let parameter = "arn:aws:ssm:us-east-1:123456789012:parameter/app/db";
        let with_key = format!("{secret}:user::");
        for text in [secret, with_key.as_str(), parameter, "/app/db", "plain", "plain:3"] {
            assert!(may_name(text), "{text}");
        }
        let nameless = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:";
        for text in ["name:key::", "a b", ":1", "arn:aws:s3:::bucket", "arn:aws:ssm", nameless] {
            assert!(!may_name(text), "{text}");
        }
    }
}
