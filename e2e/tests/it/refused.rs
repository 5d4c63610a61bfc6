//! What is not let in, not understood or not served.

use gantry_e2e::World;

#[test]
fn a_wrong_signature_and_none_are_refused() {
    let world = World::start();
    let aws = world.aws();
    let forged = aws.with_keys(&aws.variable("AWS_ACCESS_KEY_ID"), "not-the-secret", None);
    let refused = forged.refused(&["sts", "get-caller-identity"]);
    assert!(refused.contains("SignatureDoesNotMatch"), "{refused}");
    let printed = forged.boto3(
        r#"
import botocore
for service, operation in [('sts', 'get_caller_identity'), ('ecs', 'list_clusters'), ('iam', 'list_roles')]:
    try:
        getattr(boto3.client(service, endpoint_url=endpoint), operation)()
    except botocore.exceptions.ClientError as error:
        print(error.response['ResponseMetadata']['HTTPStatusCode'], error.response['Error']['Code'])
"#,
    );
    assert_eq!(
        printed,
        "403 SignatureDoesNotMatch\n400 InvalidSignatureException\n403 SignatureDoesNotMatch"
    );
    let nobody = aws.with_keys("AKIAAAAAAAAAAAAAAAAA", "x", None);
    assert!(nobody.refused(&["sts", "get-caller-identity"]).contains("InvalidClientTokenId"));
    assert!(nobody.refused(&["ecs", "list-clusters"]).contains("UnrecognizedClientException"));

    let url = world.endpoint();
    let (status, body) = world.curl(&["-d", "Action=GetCallerIdentity&Version=2011-06-15", &url]).unwrap();
    assert_eq!(status, 403, "{body}");
    assert!(body.contains("<Code>MissingAuthenticationToken</Code>"), "{body}");
    let target = "x-amz-target: AmazonEC2ContainerServiceV20141113.ListClusters";
    let kind = "content-type: application/x-amz-json-1.1";
    let (status, body) = world.curl(&["-H", target, "-H", kind, "-d", "{}", &url]).unwrap();
    assert_eq!(status, 400, "{body}");
    assert!(body.contains("MissingAuthenticationToken"), "{body}");
    let (status, _) = world.curl(&["-X", "POST", &format!("{url}/_gantry/reset")]).unwrap();
    assert_eq!(status, 403, "only development can be reset");
}

#[test]
fn what_is_malformed_gets_the_protocols_own_error() {
    let world = World::start_with(&["--dev"]);
    let printed = world.aws().boto3(
        r#"
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
import urllib.request, urllib.error
def send(service, body, headers, path='/', method='POST'):
    request = AWSRequest(method, endpoint + path, data=body, headers=headers)
    SigV4Auth(Credentials('test', 'test'), service, 'us-east-1').add_auth(request)
    made = urllib.request.Request(endpoint + path, data=body, headers=dict(request.headers), method=method)
    try:
        answer = urllib.request.urlopen(made)
    except urllib.error.HTTPError as error:
        answer = error
    return answer.status, answer.read().decode(errors='replace') + answer.headers.get('x-amzn-errortype', '')
ecs = {'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonEC2ContainerServiceV20141113.ListClusters'}
form = {'content-type': 'application/x-www-form-urlencoded'}
cbor = {'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor'}
cases = [
  ('json', send('ecs', b'{"maxResults": ', ecs), 400, 'SerializationException'),
  ('json type', send('ecs', b'{"maxResults": "many"}', ecs), 400, 'SerializationException'),
  ('json operation', send('ecs', b'{}', {**ecs, 'x-amz-target': 'AmazonEC2ContainerServiceV20141113.Dance'}), 400, 'UnknownOperationException'),
  ('json service', send('ecs', b'{}', {**ecs, 'x-amz-target': 'Ballroom.Dance'}), 404, 'Unknown'),
  ('query', send('sts', b'Action=Dance&Version=2011-06-15', form), 400, 'InvalidAction'),
  ('query without', send('sts', b'Version=2011-06-15', form), 400, 'MissingAction'),
  ('ec2', send('ec2', b'Action=Dance&Version=2016-11-15', form), 400, 'InvalidAction'),
  ('rest json', send('eks', b'', {}, '/dances', 'GET'), 400, 'UnknownOperationException'),
  ('cbor', send('monitoring', b'', cbor, '/service/GraniteServiceVersion20100801/operation/Dance'), 400, 'UnknownOperation'),
]
for name, (status, body), wanted_status, wanted in cases:
    assert status == wanted_status and wanted in body, (name, status, body)
    print(name)
"#,
    );
    assert_eq!(printed.lines().count(), 9, "{printed}");
}

#[test]
fn what_is_not_served_says_so() {
    let world = World::start_with(&["--dev"]);
    let printed = world.aws().boto3(
        r#"
import botocore
for service, operation, arguments in [
    ('ecs', 'list_daemon_task_definitions', {}),
    ('eks', 'list_clusters', {}),
    ('elbv2', 'get_resource_policy', {'ResourceArn': 'arn:aws:elasticloadbalancing:us-east-1:000000000000:truststore/a/b'}),
    ('cloudwatch', 'list_metrics', {}),
    ('sqs', 'list_queues', {}),
    ('route53', 'list_hosted_zones', {}),
    ('events', 'list_rules', {}),
    ('ec2', 'describe_placement_groups', {}),
    ('s3', 'list_buckets', {}),
]:
    try:
        getattr(boto3.client(service, endpoint_url=endpoint), operation)(**arguments)
        print(service, 'was served')
    except botocore.exceptions.ClientError as error:
        answer = error.response
        print(service, answer['ResponseMetadata']['HTTPStatusCode'], answer['Error']['Code'], answer['ResponseMetadata']['RetryAttempts'])
"#,
    );
    assert_eq!(printed.lines().count(), 9, "{printed}");
    for line in printed.lines() {
        assert!(line.ends_with(" 501 NotImplemented 0"), "{line}");
    }
}
