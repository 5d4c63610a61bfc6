//! Keys, secrets and parameters, as the AWS CLI uses them.

use gantry_e2e::{Aws, World};
use serde_json::{Value, json};

/// A user with these actions on everything; the clients with the user's key.
fn user(aws: &Aws, name: &str, actions: &[&str]) -> Aws {
    aws.ok(&["iam", "create-user", "--user-name", name]);
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": "*" }],
    });
    let policy = policy.to_string();
    let arguments = ["iam", "put-user-policy", "--user-name", name, "--policy-name", "test"];
    aws.ok(&[&arguments[..], &["--policy-document", &policy]].concat());
    let made = aws.ok(&["iam", "create-access-key", "--user-name", name]);
    aws.with_keys(text(&made["AccessKey"]["AccessKeyId"]), text(&made["AccessKey"]["SecretAccessKey"]), None)
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

#[test]
fn a_key_encrypts_rotates_and_keeps_its_own_policy() {
    let mut world = World::start();
    let aws = world.aws();
    let made = aws.ok(&["kms", "create-key", "--description", "test"]);
    let id = text(&made["KeyMetadata"]["KeyId"]).to_owned();
    aws.ok(&["kms", "create-alias", "--alias-name", "alias/app", "--target-key-id", &id]);
    let printed = aws.boto3(&format!(
        r#"
kms = boto3.client('kms', endpoint_url=endpoint)
blob = kms.encrypt(KeyId='alias/app', Plaintext=b'hunter2', EncryptionContext={{'team': 'blue'}})['CiphertextBlob']
kms.rotate_key_on_demand(KeyId='{id}')
opened = kms.decrypt(CiphertextBlob=blob, EncryptionContext={{'team': 'blue'}})
print(opened['Plaintext'].decode(), opened['KeyId'].endswith('{id}'))
try:
    kms.decrypt(CiphertextBlob=blob)
except kms.exceptions.InvalidCiphertextException:
    print('not without its context')
key = kms.generate_data_key(KeyId='alias/app', KeySpec='AES_256')
print(len(key['Plaintext']), kms.decrypt(CiphertextBlob=key['CiphertextBlob'])['Plaintext'] == key['Plaintext'])
import base64
print(base64.b64encode(blob).decode())
"#
    ));
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines[..3], ["hunter2 True", "not without its context", "32 True"]);

    let ann = user(&aws, "ann", &["kms:DescribeKey", "kms:PutKeyPolicy"]);
    let encrypt = ["kms", "encrypt", "--key-id", "alias/app", "--plaintext", "aGVsbG8="];
    let denied = ann.refused(&encrypt);
    assert!(denied.contains("AccessDeniedException") && denied.contains("kms:Encrypt"), "{denied}");
    let arn = "arn:aws:iam::000000000000:user/ann";
    aws.ok(&["kms", "create-grant", "--key-id", &id, "--grantee-principal", arn, "--operations", "Encrypt"]);
    ann.ok(&encrypt);

    world.stop();
    world.up();
    let aws = world.aws();
    let printed = aws.boto3(&format!(
        r#"
import base64
kms = boto3.client('kms', endpoint_url=endpoint)
blob = base64.b64decode('{}')
print(kms.decrypt(CiphertextBlob=blob, EncryptionContext={{'team': 'blue'}})['Plaintext'].decode())
"#,
        lines[3]
    ));
    assert_eq!(printed, "hunter2", "keys outlive a restart");
}

#[test]
fn a_secret_under_a_key_takes_both_permissions() {
    let world = World::start();
    let aws = world.aws();
    let made = aws.ok(&["kms", "create-key"]);
    let key = text(&made["KeyMetadata"]["KeyId"]);
    let make = ["secretsmanager", "create-secret", "--name"];
    aws.ok(&[&make[..], &["plain", "--secret-string", "one"]].concat());
    aws.ok(&[&make[..], &["own", "--secret-string", "two", "--kms-key-id", key]].concat());
    let ann = user(&aws, "ann", &["secretsmanager:GetSecretValue"]);
    let read = ["secretsmanager", "get-secret-value", "--secret-id"];
    assert_eq!(ann.ok(&[&read[..], &["plain"]].concat())["SecretString"], "one");
    let denied = ann.refused(&[&read[..], &["own"]].concat());
    assert!(denied.contains("kms:Decrypt"), "{denied}");
    let bob = user(&aws, "bob", &["secretsmanager:GetSecretValue", "kms:Decrypt"]);
    assert_eq!(bob.ok(&[&read[..], &["own"]].concat())["SecretString"], "two");

    aws.ok(&["secretsmanager", "update-secret", "--secret-id", "plain", "--secret-string", "three"]);
    let previous = [&read[..], &["plain", "--version-stage", "AWSPREVIOUS"]].concat();
    assert_eq!(aws.ok(&previous)["SecretString"], "one");
    aws.ok(&["secretsmanager", "delete-secret", "--secret-id", "plain", "--recovery-window-in-days", "7"]);
    let refused = aws.refused(&[&read[..], &["plain"]].concat());
    assert!(refused.contains("InvalidRequestException"), "{refused}");
    aws.ok(&["secretsmanager", "restore-secret", "--secret-id", "plain"]);
    assert_eq!(aws.ok(&[&read[..], &["plain"]].concat())["SecretString"], "three");
    let password = aws.ok(&["secretsmanager", "get-random-password", "--password-length", "20"]);
    assert_eq!(text(&password["RandomPassword"]).len(), 20);
    let rotate = ["secretsmanager", "rotate-secret", "--secret-id", "plain"];
    assert!(aws.refused(&rotate).contains("No Lambda rotation function ARN is associated with this secret."));
}

#[test]
fn parameters_have_labels_a_history_and_a_key() {
    let world = World::start();
    let aws = world.aws();
    let put = |kind: &str, value: &str| {
        let put = ["ssm", "put-parameter", "--overwrite", "--name", "/app/password", "--type", kind];
        aws.ok(&[&put[..], &["--value", value]].concat())
    };
    put("SecureString", "one");
    aws.ok(&["ssm", "label-parameter-version", "--name", "/app/password", "--labels", "first"]);
    assert_eq!(put("SecureString", "two")["Version"], 2);
    let read = ["ssm", "get-parameter", "--with-decryption", "--name"];
    assert_eq!(aws.ok(&[&read[..], &["/app/password"]].concat())["Parameter"]["Value"], "two");
    assert_eq!(aws.ok(&[&read[..], &["/app/password:first"]].concat())["Parameter"]["Value"], "one");
    let sealed = aws.ok(&["ssm", "get-parameter", "--name", "/app/password"]);
    assert_ne!(sealed["Parameter"]["Value"], "two");
    let history = aws.ok(&["ssm", "get-parameter-history", "--with-decryption", "--name", "/app/password"]);
    assert_eq!(history["Parameters"][0]["Labels"], json!(["first"]));
    assert_eq!(history["Parameters"][1]["Value"], "two");
    let image = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id";
    let image = aws.ok(&["ssm", "get-parameters", "--names", image]);
    assert!(text(&image["Parameters"][0]["Value"]).starts_with("ami-"), "{image}");
    let key = aws.ok(&["kms", "describe-key", "--key-id", "alias/aws/ssm"]);
    assert_eq!(key["KeyMetadata"]["KeyManager"], "AWS");
    let deleted = aws.ok(&["ssm", "delete-parameters", "--names", "/app/password", "/app/none"]);
    assert_eq!(deleted["InvalidParameters"], json!(["/app/none"]));
}

#[test]
fn the_operators_master_key_is_asked_for_and_a_wrong_one_refused() {
    use std::os::unix::fs::PermissionsExt;

    let keys = tempfile::tempdir().expect("a folder");
    let (right, wrong) = (keys.path().join("right"), keys.path().join("wrong"));
    for (file, byte) in [(&right, 1), (&wrong, 2)] {
        std::fs::write(file, [byte; 32]).expect("a key");
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).expect("its mode");
    }
    let right = right.to_str().expect("a path");
    let mut world = World::start_with(&["--master-key-file", right]);
    assert!(!world.data().join("master.key").exists(), "the operator keeps the key");
    world.aws().ok(&["secretsmanager", "create-secret", "--name", "s", "--secret-string", "hush"]);
    world.stop();
    let refused = |arguments: &[&str]| {
        let mut command = world.gantry();
        command.arg("up").args(["--listen", "127.0.0.1:0"]).args(arguments);
        let output = command.output().expect("gantry runs");
        assert!(!output.status.success(), "{arguments:?} was not refused");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let said = refused(&["--master-key-file", wrong.to_str().expect("a path")]);
    assert!(said.contains("not the master key"), "{said}");
    let said = refused(&[]);
    assert!(said.contains("master.key is missing"), "{said}");
    let said = refused(&["--master-key-command", "echo the vault is shut >&2; exit 1"]);
    assert!(said.contains("the vault is shut"), "{said}");
    world.up();
    let read = world.aws().ok(&["secretsmanager", "get-secret-value", "--secret-id", "s"]);
    assert_eq!(read["SecretString"], "hush");
}

/// A resource's policy means the user that had the name when it was written
/// ([AWS](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-users)).
#[test]
fn a_new_user_under_an_old_name_is_not_meant() {
    let world = World::start();
    let aws = world.aws();
    let printed = aws.boto3(
        r#"
import json
client = lambda service, **more: boto3.client(service, endpoint_url=endpoint, **more)
iam, ecr, kms, secrets = (client(service) for service in ('iam', 'ecr', 'kms', 'secretsmanager'))

def hire():
    iam.create_user(UserName='ann')
    key = iam.create_access_key(UserName='ann')['AccessKey']
    return dict(aws_access_key_id=key['AccessKeyId'], aws_secret_access_key=key['SecretAccessKey'])

def fire():
    for key in iam.list_access_keys(UserName='ann')['AccessKeyMetadata']:
        iam.delete_access_key(UserName='ann', AccessKeyId=key['AccessKeyId'])
    iam.delete_user(UserName='ann')

def tried(keys):
    def one(call):
        try:
            call()
            return 'yes'
        except Exception as error:
            return error.response['Error']['Code']
    return [
        one(lambda: client('ecr', **keys).list_images(repositoryName='app')),
        one(lambda: client('secretsmanager', **keys).get_secret_value(SecretId='app')),
        one(lambda: client('kms', **keys).encrypt(KeyId=key, Plaintext=b'x')),
    ]

first = hire()
root = 'arn:aws:iam::000000000000:root'
ann = 'arn:aws:iam::000000000000:user/ann'
def policy(action):
    allow = lambda who, what: {'Effect': 'Allow', 'Principal': {'AWS': who}, 'Action': what, 'Resource': '*'}
    return {'Version': '2012-10-17', 'Statement': [allow(root, action.split(':')[0] + ':*'), allow(ann, action)]}
ecr.create_repository(repositoryName='app')
without_resource = policy('ecr:ListImages')
for statement in without_resource['Statement']:
    del statement['Resource']
ecr.set_repository_policy(repositoryName='app', policyText=json.dumps(without_resource))
secrets.create_secret(Name='app', SecretString='hidden')
secrets.put_resource_policy(SecretId='app', ResourcePolicy=json.dumps(policy('secretsmanager:GetSecretValue')))
key = kms.create_key(Policy=json.dumps(policy('kms:Encrypt')))['KeyMetadata']['KeyId']
print(*tried(first))
fire()
print(*tried(hire()))
"#,
    );
    assert_eq!(
        printed.lines().collect::<Vec<_>>(),
        ["yes yes yes", "AccessDeniedException AccessDeniedException AccessDeniedException"]
    );
}
