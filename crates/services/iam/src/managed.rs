//! AWS's own managed policies, as far as containers need them: part of the program, read-only.
//!
//! The documents grant what AWS's
//! [reference](https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html) lists for
//! them, kept to the services that Gantry knows.

use std::sync::{Arc, OnceLock};

use gantry_iam_core::{Kind, Policy};

/// One of AWS's policies.
pub struct AwsPolicy {
    pub name: &'static str,
    /// Begins and ends with a slash.
    pub path: &'static str,
    pub description: &'static str,
    pub document: &'static str,
    compiled: OnceLock<Arc<Policy>>,
}

/// How many there are.
const COUNT: usize = 47;

macro_rules! policies {
    ($($path:literal $name:literal: $description:literal;)*) => {
        static ALL: [AwsPolicy; COUNT] = [$(AwsPolicy {
            name: $name,
            path: $path,
            description: $description,
            document: include_str!(concat!("managed/", $name, ".json")),
            compiled: OnceLock::new(),
        }),*];
    };
}

// In the order of their names, which is the order of listings.
policies! {
    "/" "AdministratorAccess": "Full access to every service and resource.";
    "/" "AmazonEC2ContainerRegistryFullAccess": "Everything in ECR.";
    "/" "AmazonEC2ContainerRegistryPowerUser": "Pull and push images in ECR; no deletes and no policies.";
    "/" "AmazonEC2ContainerRegistryPullOnly": "Pull images from ECR.";
    "/" "AmazonEC2ContainerRegistryReadOnly": "Pull images from ECR and look at everything in it.";
    "/service-role/" "AmazonEC2ContainerServiceAutoscaleRole": "Lets Application Auto Scaling change the count of ECS services.";
    "/service-role/" "AmazonEC2ContainerServiceEventsRole": "Lets EventBridge run ECS tasks.";
    "/service-role/" "AmazonEC2ContainerServiceforEC2Role": "What a container instance needs to be one.";
    "/service-role/" "AmazonEC2ContainerServiceRole": "Lets ECS register tasks with load balancers.";
    "/" "AmazonEC2FullAccess": "Everything in EC2, load balancers, Auto Scaling and CloudWatch.";
    "/" "AmazonEC2ReadOnlyAccess": "Look at EC2, load balancers, Auto Scaling and CloudWatch.";
    "/" "AmazonECS_FullAccess": "Everything in ECS, and what its services stand on.";
    "/" "AmazonECSInfrastructureRolePolicyForLoadBalancers": "Lets ECS move traffic between the target groups of its services.";
    "/aws-service-role/" "AmazonECSServiceRolePolicy": "Lets ECS work for its services.";
    "/service-role/" "AmazonECSTaskExecutionRolePolicy": "Lets ECS pull a task's images and write its logs.";
    "/" "AmazonElasticFileSystemClientFullAccess": "Mount file systems as root.";
    "/" "AmazonElasticFileSystemClientReadOnlyAccess": "Mount file systems to read.";
    "/" "AmazonElasticFileSystemClientReadWriteAccess": "Mount file systems to read and write.";
    "/" "AmazonElasticFileSystemFullAccess": "Everything in EFS.";
    "/" "AmazonElasticFileSystemReadOnlyAccess": "Look at everything in EFS.";
    "/" "AmazonS3FullAccess": "Everything in S3.";
    "/" "AmazonS3ReadOnlyAccess": "Read everything in S3.";
    "/" "AmazonSNSFullAccess": "Everything in SNS.";
    "/" "AmazonSQSFullAccess": "Everything in SQS.";
    "/" "AmazonSQSReadOnlyAccess": "Look at queues of SQS.";
    "/" "AmazonSSMFullAccess": "Everything in Systems Manager.";
    "/" "AmazonSSMManagedInstanceCore": "What a managed node needs of Systems Manager.";
    "/" "AmazonSSMReadOnlyAccess": "Look at everything in Systems Manager.";
    "/aws-service-role/" "AppRunnerServiceRolePolicy": "Lets App Runner write logs and metrics.";
    "/aws-service-role/" "AutoScalingServiceRolePolicy": "Lets Auto Scaling start and stop instances.";
    "/aws-service-role/" "AWSApplicationAutoscalingECSServicePolicy": "Lets Application Auto Scaling change the count of ECS services.";
    "/aws-service-role/" "AWSECRPullThroughCache_ServiceRolePolicy": "Lets ECR keep images of other registries.";
    "/aws-service-role/" "AWSElasticLoadBalancingServiceRolePolicy": "Lets load balancers use networks.";
    "/" "AWSKeyManagementServicePowerUser": "Make and use keys of KMS, without managing them.";
    "/service-role/" "AWSLambdaBasicExecutionRole": "Write logs to CloudWatch Logs.";
    "/" "AWSXRayDaemonWriteAccess": "What the X-Ray daemon needs to send traces.";
    "/" "CloudWatchAgentServerPolicy": "What the CloudWatch agent needs on a server.";
    "/" "CloudWatchLogsFullAccess": "Everything in CloudWatch Logs.";
    "/" "CloudWatchLogsReadOnlyAccess": "Look at everything in CloudWatch Logs.";
    "/aws-service-role/" "ECRReplicationServiceRolePolicy": "Lets ECR copy images to other regions and accounts.";
    "/" "ElasticLoadBalancingFullAccess": "Everything about load balancers.";
    "/" "ElasticLoadBalancingReadOnly": "Look at load balancers.";
    "/" "IAMFullAccess": "Everything in IAM.";
    "/" "IAMReadOnlyAccess": "Look at everything in IAM.";
    "/" "PowerUserAccess": "Everything but identities, organizations and accounts.";
    "/" "ReadOnlyAccess": "Look at everything.";
    "/" "SecretsManagerReadWrite": "Everything in Secrets Manager.";
}

/// All of them, in the order of their names.
pub fn all() -> &'static [AwsPolicy] {
    &ALL
}

/// The policy of that ARN, in whatever partition.
pub fn find(arn: &str) -> Option<&'static AwsPolicy> {
    let (partition, rest) = arn.strip_prefix("arn:")?.split_once(':')?;
    gantry_base::Partition::from_name(partition)?;
    let path_and_name = rest.strip_prefix("iam::aws:policy")?;
    ALL.iter().find(|policy| path_and_name.strip_prefix(policy.path).is_some_and(|name| name == policy.name))
}

impl AwsPolicy {
    /// `arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy`
    pub fn arn(&self, partition: gantry_base::Partition) -> String {
        format!("arn:{partition}:iam::aws:policy{}{}", self.path, self.name)
    }

    /// An id that is the policy's everywhere: `ANPA` and 17 letters and digits drawn from its name.
    pub fn id(&self) -> String {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let mut state = self.name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let mut id = "ANPA".to_owned();
        for _ in 0..17 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            id.push(ALPHABET[(state >> 59) as usize] as char);
        }
        id
    }

    /// The policy, ready to be evaluated.
    pub fn policy(&self) -> Arc<Policy> {
        let compile = || {
            let policy = Policy::parse(Kind::Identity, self.document);
            let policy = policy.expect("a test reads every one of these documents");
            Arc::new(policy.named(self.arn(gantry_base::Partition::Aws)))
        };
        self.compiled.get_or_init(compile).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_is_a_policy() {
        for policy in all() {
            assert_eq!(policy.policy().text(), policy.document, "{}", policy.name);
            let arn = policy.arn(gantry_base::Partition::AwsCn);
            assert_eq!(find(&arn).map(|found| found.name), Some(policy.name));
            assert_eq!(policy.id().len(), 21);
        }
        assert!(all().is_sorted_by(|a, b| a.name.to_lowercase() < b.name.to_lowercase()));
        assert!(
            find("arn:aws:iam::aws:policy/AmazonECSTaskExecutionRolePolicy").is_none(),
            "the path is part of it"
        );
    }
}
