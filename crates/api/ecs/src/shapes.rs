//! The shapes that served operations reach. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::MODEL;
#[allow(unused_imports)]
use gantry_wire::generated::*;

gantry_wire::shape! {
    pub struct AcceleratorCountRequest = "AcceleratorCountRequest" {
        0 min: Option<i32>,
        1 max: Option<i32>,
    }
    pub struct AcceleratorTotalMemoryMiBRequest = "AcceleratorTotalMemoryMiBRequest" {
        0 min: Option<i32>,
        1 max: Option<i32>,
    }
    pub struct AdvancedConfiguration = "AdvancedConfiguration" {
        0 alternate_target_group_arn: Option<String>,
        1 production_listener_rule: Option<String>,
        2 test_listener_rule: Option<String>,
        3 role_arn: Option<String>,
    }
    pub struct Attachment = "Attachment" {
        0 id: Option<String>,
        1 r#type: Option<String>,
        2 status: Option<String>,
        3 details: Option<Vec<KeyValuePair>>,
    }
    pub struct AttachmentStateChange = "AttachmentStateChange" {
        0 attachment_arn: String,
        1 status: String,
    }
    pub struct Attribute = "Attribute" {
        0 name: String,
        1 value: Option<String>,
        2 target_type: Option<String>,
        3 target_id: Option<String>,
    }
    pub struct AutoRepairConfiguration = "AutoRepairConfiguration" {
        0 actions_status: Option<String>,
    }
    pub struct AutoScalingGroupProvider = "AutoScalingGroupProvider" {
        0 auto_scaling_group_arn: String,
        1 managed_scaling: Option<ManagedScaling>,
        2 managed_termination_protection: Option<String>,
        3 managed_draining: Option<String>,
    }
    pub struct AutoScalingGroupProviderUpdate = "AutoScalingGroupProviderUpdate" {
        0 managed_scaling: Option<ManagedScaling>,
        1 managed_termination_protection: Option<String>,
        2 managed_draining: Option<String>,
    }
    pub struct AwsVpcConfiguration = "AwsVpcConfiguration" {
        0 subnets: Vec<String>,
        1 security_groups: Option<Vec<String>>,
        2 assign_public_ip: Option<String>,
    }
    pub struct BaselineEbsBandwidthMbpsRequest = "BaselineEbsBandwidthMbpsRequest" {
        0 min: Option<i32>,
        1 max: Option<i32>,
    }
    pub struct CanaryConfiguration = "CanaryConfiguration" {
        0 canary_percent: Option<f64>,
        1 canary_bake_time_in_minutes: Option<i32>,
    }
    pub struct CapacityProvider = "CapacityProvider" {
        0 capacity_provider_arn: Option<String>,
        1 name: Option<String>,
        2 cluster: Option<String>,
        3 status: Option<String>,
        4 auto_scaling_group_provider: Option<AutoScalingGroupProvider>,
        5 managed_instances_provider: Option<ManagedInstancesProvider>,
        6 update_status: Option<String>,
        7 update_status_reason: Option<String>,
        8 tags: Option<Vec<Tag>>,
        9 r#type: Option<String>,
    }
    pub struct CapacityProviderStrategyItem = "CapacityProviderStrategyItem" {
        0 capacity_provider: String,
        1 weight: Option<i32>,
        2 base: Option<i32>,
    }
    pub struct CapacityReservationRequest = "CapacityReservationRequest" {
        0 reservation_group_arn: Option<String>,
        1 reservation_preference: Option<String>,
    }
    pub struct Cluster = "Cluster" {
        0 cluster_arn: Option<String>,
        1 cluster_name: Option<String>,
        2 configuration: Option<ClusterConfiguration>,
        3 status: Option<String>,
        4 registered_container_instances_count: Option<i32>,
        5 running_tasks_count: Option<i32>,
        6 pending_tasks_count: Option<i32>,
        7 active_services_count: Option<i32>,
        8 statistics: Option<Vec<KeyValuePair>>,
        9 tags: Option<Vec<Tag>>,
        10 settings: Option<Vec<ClusterSetting>>,
        11 capacity_providers: Option<Vec<String>>,
        12 default_capacity_provider_strategy: Option<Vec<CapacityProviderStrategyItem>>,
        13 attachments: Option<Vec<Attachment>>,
        14 attachments_status: Option<String>,
        15 service_connect_defaults: Option<ClusterServiceConnectDefaults>,
    }
    pub struct ClusterConfiguration = "ClusterConfiguration" {
        0 execute_command_configuration: Option<ExecuteCommandConfiguration>,
        1 managed_storage_configuration: Option<ManagedStorageConfiguration>,
    }
    pub struct ClusterServiceConnectDefaults = "ClusterServiceConnectDefaults" {
        0 namespace: Option<String>,
    }
    pub struct ClusterServiceConnectDefaultsRequest = "ClusterServiceConnectDefaultsRequest" {
        0 namespace: String,
    }
    pub struct ClusterSetting = "ClusterSetting" {
        0 name: Option<String>,
        1 value: Option<String>,
    }
    pub struct Container = "Container" {
        0 container_arn: Option<String>,
        1 task_arn: Option<String>,
        2 name: Option<String>,
        3 image: Option<String>,
        4 image_digest: Option<String>,
        5 runtime_id: Option<String>,
        6 last_status: Option<String>,
        7 exit_code: Option<i32>,
        8 reason: Option<String>,
        9 network_bindings: Option<Vec<NetworkBinding>>,
        10 network_interfaces: Option<Vec<NetworkInterface>>,
        11 health_status: Option<String>,
        12 managed_agents: Option<Vec<ManagedAgent>>,
        13 cpu: Option<String>,
        14 memory: Option<String>,
        15 memory_reservation: Option<String>,
        16 gpu_ids: Option<Vec<String>>,
        17 neuron_device_ids: Option<Vec<String>>,
        18 gpu_sharing_strategy: Option<SharingStrategy>,
    }
    pub struct ContainerDefinition = "ContainerDefinition" {
        0 name: Option<String>,
        1 image: Option<String>,
        2 repository_credentials: Option<RepositoryCredentials>,
        3 cpu: Option<i32>,
        4 memory: Option<i32>,
        5 memory_reservation: Option<i32>,
        6 links: Option<Vec<String>>,
        7 port_mappings: Option<Vec<PortMapping>>,
        8 essential: Option<bool>,
        9 restart_policy: Option<ContainerRestartPolicy>,
        10 entry_point: Option<Vec<String>>,
        11 command: Option<Vec<String>>,
        12 environment: Option<Vec<KeyValuePair>>,
        13 environment_files: Option<Vec<EnvironmentFile>>,
        14 mount_points: Option<Vec<MountPoint>>,
        15 volumes_from: Option<Vec<VolumeFrom>>,
        16 linux_parameters: Option<LinuxParameters>,
        17 secrets: Option<Vec<Secret>>,
        18 depends_on: Option<Vec<ContainerDependency>>,
        19 start_timeout: Option<i32>,
        20 stop_timeout: Option<i32>,
        21 version_consistency: Option<String>,
        22 hostname: Option<String>,
        23 user: Option<String>,
        24 working_directory: Option<String>,
        25 disable_networking: Option<bool>,
        26 privileged: Option<bool>,
        27 readonly_root_filesystem: Option<bool>,
        28 dns_servers: Option<Vec<String>>,
        29 dns_search_domains: Option<Vec<String>>,
        30 extra_hosts: Option<Vec<HostEntry>>,
        31 docker_security_options: Option<Vec<String>>,
        32 interactive: Option<bool>,
        33 pseudo_terminal: Option<bool>,
        34 docker_labels: Option<BTreeMap<String, String>>,
        35 ulimits: Option<Vec<Ulimit>>,
        36 log_configuration: Option<LogConfiguration>,
        37 health_check: Option<HealthCheck>,
        38 system_controls: Option<Vec<SystemControl>>,
        39 resource_requirements: Option<Vec<ResourceRequirement>>,
        40 firelens_configuration: Option<FirelensConfiguration>,
        41 credential_specs: Option<Vec<String>>,
    }
    pub struct ContainerDependency = "ContainerDependency" {
        0 container_name: String,
        1 condition: String,
    }
    pub struct ContainerImage = "ContainerImage" {
        0 container_name: Option<String>,
        1 image_digest: Option<String>,
        2 image: Option<String>,
    }
    pub struct ContainerInstance = "ContainerInstance" {
        0 container_instance_arn: Option<String>,
        1 ec2_instance_id: Option<String>,
        2 capacity_provider_name: Option<String>,
        3 version: Option<i64>,
        4 version_info: Option<VersionInfo>,
        5 remaining_resources: Option<Vec<Resource>>,
        6 registered_resources: Option<Vec<Resource>>,
        7 status: Option<String>,
        8 status_reason: Option<String>,
        9 agent_connected: Option<bool>,
        10 running_tasks_count: Option<i32>,
        11 pending_tasks_count: Option<i32>,
        12 agent_update_status: Option<String>,
        13 attributes: Option<Vec<Attribute>>,
        14 registered_at: Option<Timestamp>,
        15 attachments: Option<Vec<Attachment>>,
        16 tags: Option<Vec<Tag>>,
        17 health_status: Option<ContainerInstanceHealthStatus>,
        18 gpu_devices: Option<Vec<GpuDevice>>,
    }
    pub struct ContainerInstanceHealthStatus = "ContainerInstanceHealthStatus" {
        0 overall_status: Option<String>,
        1 details: Option<Vec<InstanceHealthCheckResult>>,
    }
    pub struct ContainerOverride = "ContainerOverride" {
        0 name: Option<String>,
        1 command: Option<Vec<String>>,
        2 environment: Option<Vec<KeyValuePair>>,
        3 environment_files: Option<Vec<EnvironmentFile>>,
        4 cpu: Option<i32>,
        5 memory: Option<i32>,
        6 memory_reservation: Option<i32>,
        7 resource_requirements: Option<Vec<ResourceRequirement>>,
    }
    pub struct ContainerRestartPolicy = "ContainerRestartPolicy" {
        0 enabled: bool,
        1 ignored_exit_codes: Option<Vec<i32>>,
        2 restart_attempt_period: Option<i32>,
    }
    pub struct ContainerStateChange = "ContainerStateChange" {
        0 container_name: Option<String>,
        1 image_digest: Option<String>,
        2 runtime_id: Option<String>,
        3 exit_code: Option<i32>,
        4 network_bindings: Option<Vec<NetworkBinding>>,
        5 reason: Option<String>,
        6 status: Option<String>,
    }
    pub struct ContinueServiceDeploymentRequest = "ContinueServiceDeploymentRequest" {
        0 service_deployment_arn: String,
        1 hook_id: String,
        2 action: Option<String>,
    }
    pub struct ContinueServiceDeploymentResponse = "ContinueServiceDeploymentResponse" {
        0 service_deployment_arn: Option<String>,
    }
    pub struct CreateCapacityProviderRequest = "CreateCapacityProviderRequest" {
        0 name: String,
        1 cluster: Option<String>,
        2 auto_scaling_group_provider: Option<AutoScalingGroupProvider>,
        3 managed_instances_provider: Option<CreateManagedInstancesProviderConfiguration>,
        4 tags: Option<Vec<Tag>>,
    }
    pub struct CreateCapacityProviderResponse = "CreateCapacityProviderResponse" {
        0 capacity_provider: Option<CapacityProvider>,
    }
    pub struct CreateClusterRequest = "CreateClusterRequest" {
        0 cluster_name: Option<String>,
        1 tags: Option<Vec<Tag>>,
        2 settings: Option<Vec<ClusterSetting>>,
        3 configuration: Option<ClusterConfiguration>,
        4 capacity_providers: Option<Vec<String>>,
        5 default_capacity_provider_strategy: Option<Vec<CapacityProviderStrategyItem>>,
        6 service_connect_defaults: Option<ClusterServiceConnectDefaultsRequest>,
    }
    pub struct CreateClusterResponse = "CreateClusterResponse" {
        0 cluster: Option<Cluster>,
    }
    pub struct CreateManagedInstancesProviderConfiguration = "CreateManagedInstancesProviderConfiguration" {
        0 infrastructure_role_arn: String,
        1 instance_launch_template: InstanceLaunchTemplate,
        2 propagate_tags: Option<String>,
        3 infrastructure_optimization: Option<InfrastructureOptimization>,
        4 auto_repair_configuration: Option<AutoRepairConfiguration>,
    }
    pub struct CreateServiceRequest = "CreateServiceRequest" {
        0 cluster: Option<String>,
        1 service_name: String,
        2 task_definition: Option<String>,
        3 availability_zone_rebalancing: Option<String>,
        4 load_balancers: Option<Vec<LoadBalancer>>,
        5 service_registries: Option<Vec<ServiceRegistry>>,
        6 desired_count: Option<i32>,
        7 client_token: Option<String>,
        8 launch_type: Option<String>,
        9 capacity_provider_strategy: Option<Vec<CapacityProviderStrategyItem>>,
        10 platform_version: Option<String>,
        11 role: Option<String>,
        12 deployment_configuration: Option<DeploymentConfiguration>,
        13 placement_constraints: Option<Vec<PlacementConstraint>>,
        14 placement_strategy: Option<Vec<PlacementStrategy>>,
        15 network_configuration: Option<NetworkConfiguration>,
        16 health_check_grace_period_seconds: Option<i32>,
        17 scheduling_strategy: Option<String>,
        18 deployment_controller: Option<DeploymentController>,
        19 tags: Option<Vec<Tag>>,
        20 enable_ecs_managed_tags: Option<bool>,
        21 propagate_tags: Option<String>,
        22 enable_execute_command: Option<bool>,
        23 service_connect_configuration: Option<ServiceConnectConfiguration>,
        24 volume_configurations: Option<Vec<ServiceVolumeConfiguration>>,
        25 vpc_lattice_configurations: Option<Vec<VpcLatticeConfiguration>>,
        26 gateway_connectors: Option<Vec<GatewayConnector>>,
        27 monitoring: Option<MonitoringConfiguration>,
    }
    pub struct CreateServiceResponse = "CreateServiceResponse" {
        0 service: Option<Service>,
    }
    pub struct CreateTaskSetRequest = "CreateTaskSetRequest" {
        0 service: String,
        1 cluster: String,
        2 external_id: Option<String>,
        3 task_definition: String,
        4 network_configuration: Option<NetworkConfiguration>,
        5 load_balancers: Option<Vec<LoadBalancer>>,
        6 service_registries: Option<Vec<ServiceRegistry>>,
        7 launch_type: Option<String>,
        8 capacity_provider_strategy: Option<Vec<CapacityProviderStrategyItem>>,
        9 platform_version: Option<String>,
        10 scale: Option<Scale>,
        11 client_token: Option<String>,
        12 tags: Option<Vec<Tag>>,
    }
    pub struct CreateTaskSetResponse = "CreateTaskSetResponse" {
        0 task_set: Option<TaskSet>,
    }
    pub struct CreatedAt = "CreatedAt" {
        0 before: Option<Timestamp>,
        1 after: Option<Timestamp>,
    }
    pub struct DeleteAccountSettingRequest = "DeleteAccountSettingRequest" {
        0 name: String,
        1 principal_arn: Option<String>,
    }
    pub struct DeleteAccountSettingResponse = "DeleteAccountSettingResponse" {
        0 setting: Option<Setting>,
    }
    pub struct DeleteAttributesRequest = "DeleteAttributesRequest" {
        0 cluster: Option<String>,
        1 attributes: Vec<Attribute>,
    }
    pub struct DeleteAttributesResponse = "DeleteAttributesResponse" {
        0 attributes: Option<Vec<Attribute>>,
    }
    pub struct DeleteCapacityProviderRequest = "DeleteCapacityProviderRequest" {
        0 capacity_provider: String,
        1 cluster: Option<String>,
    }
    pub struct DeleteCapacityProviderResponse = "DeleteCapacityProviderResponse" {
        0 capacity_provider: Option<CapacityProvider>,
    }
    pub struct DeleteClusterRequest = "DeleteClusterRequest" {
        0 cluster: String,
    }
    pub struct DeleteClusterResponse = "DeleteClusterResponse" {
        0 cluster: Option<Cluster>,
    }
    pub struct DeleteServiceRequest = "DeleteServiceRequest" {
        0 cluster: Option<String>,
        1 service: String,
        2 force: Option<bool>,
    }
    pub struct DeleteServiceResponse = "DeleteServiceResponse" {
        0 service: Option<Service>,
    }
    pub struct DeleteTaskDefinitionsRequest = "DeleteTaskDefinitionsRequest" {
        0 task_definitions: Vec<String>,
    }
    pub struct DeleteTaskDefinitionsResponse = "DeleteTaskDefinitionsResponse" {
        0 task_definitions: Option<Vec<TaskDefinition>>,
        1 failures: Option<Vec<Failure>>,
    }
    pub struct DeleteTaskSetRequest = "DeleteTaskSetRequest" {
        0 cluster: String,
        1 service: String,
        2 task_set: String,
        3 force: Option<bool>,
    }
    pub struct DeleteTaskSetResponse = "DeleteTaskSetResponse" {
        0 task_set: Option<TaskSet>,
    }
    pub struct Deployment = "Deployment" {
        0 id: Option<String>,
        1 status: Option<String>,
        2 task_definition: Option<String>,
        3 desired_count: Option<i32>,
        4 pending_count: Option<i32>,
        5 running_count: Option<i32>,
        6 failed_tasks: Option<i32>,
        7 created_at: Option<Timestamp>,
        8 updated_at: Option<Timestamp>,
        9 capacity_provider_strategy: Option<Vec<CapacityProviderStrategyItem>>,
        10 launch_type: Option<String>,
        11 platform_version: Option<String>,
        12 platform_family: Option<String>,
        13 network_configuration: Option<NetworkConfiguration>,
        14 rollout_state: Option<String>,
        15 rollout_state_reason: Option<String>,
        16 service_connect_configuration: Option<ServiceConnectConfiguration>,
        17 service_connect_resources: Option<Vec<ServiceConnectServiceResource>>,
        18 volume_configurations: Option<Vec<ServiceVolumeConfiguration>>,
        19 fargate_ephemeral_storage: Option<DeploymentEphemeralStorage>,
        20 vpc_lattice_configurations: Option<Vec<VpcLatticeConfiguration>>,
    }
    pub struct DeploymentAlarms = "DeploymentAlarms" {
        0 alarm_names: Vec<String>,
        1 rollback: bool,
        2 enable: bool,
    }
    pub struct DeploymentCircuitBreaker = "DeploymentCircuitBreaker" {
        0 enable: bool,
        1 rollback: bool,
        2 reset_on_healthy_task: Option<bool>,
        3 threshold_configuration: Option<ThresholdConfiguration>,
    }
    pub struct DeploymentConfiguration = "DeploymentConfiguration" {
        0 deployment_circuit_breaker: Option<DeploymentCircuitBreaker>,
        1 maximum_percent: Option<i32>,
        2 minimum_healthy_percent: Option<i32>,
        3 alarms: Option<DeploymentAlarms>,
        4 strategy: Option<String>,
        5 bake_time_in_minutes: Option<i32>,
        6 lifecycle_hooks: Option<Vec<DeploymentLifecycleHook>>,
        7 linear_configuration: Option<LinearConfiguration>,
        8 canary_configuration: Option<CanaryConfiguration>,
        9 early_success_criteria: Option<DeploymentEarlySuccessCriteria>,
    }
    pub struct DeploymentController = "DeploymentController" {
        0 r#type: String,
    }
    pub struct DeploymentEarlySuccessCriteria = "DeploymentEarlySuccessCriteria" {
        0 enable: bool,
        1 healthy_percent: Option<i32>,
        2 source_service_revision_cleanup: Option<String>,
    }
    pub struct DeploymentEphemeralStorage = "DeploymentEphemeralStorage" {
        0 kms_key_id: Option<String>,
    }
    pub struct DeploymentLifecycleHook = "DeploymentLifecycleHook" {
        0 target_type: Option<String>,
        1 hook_target_arn: Option<String>,
        2 role_arn: Option<String>,
        3 lifecycle_stages: Option<Vec<String>>,
        4 hook_details: Option<Document>,
        5 timeout_configuration: Option<DeploymentLifecycleHookTimeoutConfiguration>,
    }
    pub struct DeploymentLifecycleHookDetail = "DeploymentLifecycleHookDetail" {
        0 hook_id: Option<String>,
        1 target_type: Option<String>,
        2 target_arn: Option<String>,
        3 status: Option<String>,
        4 expires_at: Option<Timestamp>,
        5 timeout_action: Option<String>,
    }
    pub struct DeploymentLifecycleHookTimeoutConfiguration = "DeploymentLifecycleHookTimeoutConfiguration" {
        0 timeout_in_minutes: Option<i32>,
        1 action: Option<String>,
    }
    pub struct DeregisterContainerInstanceRequest = "DeregisterContainerInstanceRequest" {
        0 cluster: Option<String>,
        1 container_instance: String,
        2 force: Option<bool>,
    }
    pub struct DeregisterContainerInstanceResponse = "DeregisterContainerInstanceResponse" {
        0 container_instance: Option<ContainerInstance>,
    }
    pub struct DeregisterTaskDefinitionRequest = "DeregisterTaskDefinitionRequest" {
        0 task_definition: String,
    }
    pub struct DeregisterTaskDefinitionResponse = "DeregisterTaskDefinitionResponse" {
        0 task_definition: Option<TaskDefinition>,
    }
    pub struct DescribeCapacityProvidersRequest = "DescribeCapacityProvidersRequest" {
        0 capacity_providers: Option<Vec<String>>,
        1 cluster: Option<String>,
        2 include: Option<Vec<String>>,
        3 max_results: Option<i32>,
        4 next_token: Option<String>,
    }
    pub struct DescribeCapacityProvidersResponse = "DescribeCapacityProvidersResponse" {
        0 capacity_providers: Option<Vec<CapacityProvider>>,
        1 failures: Option<Vec<Failure>>,
        2 next_token: Option<String>,
    }
    pub struct DescribeClustersRequest = "DescribeClustersRequest" {
        0 clusters: Option<Vec<String>>,
        1 include: Option<Vec<String>>,
    }
    pub struct DescribeClustersResponse = "DescribeClustersResponse" {
        0 clusters: Option<Vec<Cluster>>,
        1 failures: Option<Vec<Failure>>,
    }
    pub struct DescribeContainerInstancesRequest = "DescribeContainerInstancesRequest" {
        0 cluster: Option<String>,
        1 container_instances: Vec<String>,
        2 include: Option<Vec<String>>,
    }
    pub struct DescribeContainerInstancesResponse = "DescribeContainerInstancesResponse" {
        0 container_instances: Option<Vec<ContainerInstance>>,
        1 failures: Option<Vec<Failure>>,
    }
    pub struct DescribeServiceDeploymentsRequest = "DescribeServiceDeploymentsRequest" {
        0 service_deployment_arns: Vec<String>,
    }
    pub struct DescribeServiceDeploymentsResponse = "DescribeServiceDeploymentsResponse" {
        0 service_deployments: Option<Vec<ServiceDeployment>>,
        1 failures: Option<Vec<Failure>>,
    }
    pub struct DescribeServiceRevisionsRequest = "DescribeServiceRevisionsRequest" {
        0 service_revision_arns: Vec<String>,
    }
    pub struct DescribeServiceRevisionsResponse = "DescribeServiceRevisionsResponse" {
        0 service_revisions: Option<Vec<ServiceRevision>>,
        1 failures: Option<Vec<Failure>>,
    }
    pub struct DescribeServicesRequest = "DescribeServicesRequest" {
        0 cluster: Option<String>,
        1 services: Vec<String>,
        2 include: Option<Vec<String>>,
    }
    pub struct DescribeServicesResponse = "DescribeServicesResponse" {
        0 services: Option<Vec<Service>>,
        1 failures: Option<Vec<Failure>>,
    }
    pub struct DescribeTaskDefinitionRequest = "DescribeTaskDefinitionRequest" {
        0 task_definition: String,
        1 include: Option<Vec<String>>,
    }
    pub struct DescribeTaskDefinitionResponse = "DescribeTaskDefinitionResponse" {
        0 task_definition: Option<TaskDefinition>,
        1 tags: Option<Vec<Tag>>,
    }
    pub struct DescribeTaskSetsRequest = "DescribeTaskSetsRequest" {
        0 cluster: String,
        1 service: String,
        2 task_sets: Option<Vec<String>>,
        3 include: Option<Vec<String>>,
    }
    pub struct DescribeTaskSetsResponse = "DescribeTaskSetsResponse" {
        0 task_sets: Option<Vec<TaskSet>>,
        1 failures: Option<Vec<Failure>>,
    }
    pub struct DescribeTasksRequest = "DescribeTasksRequest" {
        0 cluster: Option<String>,
        1 tasks: Vec<String>,
        2 include: Option<Vec<String>>,
    }
    pub struct DescribeTasksResponse = "DescribeTasksResponse" {
        0 tasks: Option<Vec<Task>>,
        1 failures: Option<Vec<Failure>>,
    }
    pub struct Device = "Device" {
        0 host_path: String,
        1 container_path: Option<String>,
        2 permissions: Option<Vec<String>>,
    }
    pub struct DiscoverPollEndpointRequest = "DiscoverPollEndpointRequest" {
        0 container_instance: Option<String>,
        1 cluster: Option<String>,
    }
    pub struct DiscoverPollEndpointResponse = "DiscoverPollEndpointResponse" {
        0 endpoint: Option<String>,
        1 telemetry_endpoint: Option<String>,
        2 service_connect_endpoint: Option<String>,
    }
    pub struct DockerVolumeConfiguration = "DockerVolumeConfiguration" {
        0 scope: Option<String>,
        1 autoprovision: Option<bool>,
        2 driver: Option<String>,
        3 driver_opts: Option<BTreeMap<String, String>>,
        4 labels: Option<BTreeMap<String, String>>,
    }
    pub struct EBSTagSpecification = "EBSTagSpecification" {
        0 resource_type: String,
        1 tags: Option<Vec<Tag>>,
        2 propagate_tags: Option<String>,
    }
    pub struct ECSManagedResources = "ECSManagedResources" {
        0 ingress_paths: Option<Vec<ManagedIngressPath>>,
        1 auto_scaling: Option<ManagedAutoScaling>,
        2 metric_alarms: Option<Vec<ManagedMetricAlarm>>,
        3 service_security_groups: Option<Vec<ManagedSecurityGroup>>,
        4 log_groups: Option<Vec<ManagedLogGroup>>,
        5 gateway_connections: Option<Vec<GatewayConnection>>,
    }
    pub struct EFSAuthorizationConfig = "EFSAuthorizationConfig" {
        0 access_point_id: Option<String>,
        1 iam: Option<String>,
    }
    pub struct EFSVolumeConfiguration = "EFSVolumeConfiguration" {
        0 file_system_id: String,
        1 root_directory: Option<String>,
        2 transit_encryption: Option<String>,
        3 transit_encryption_port: Option<i32>,
        4 authorization_config: Option<EFSAuthorizationConfig>,
    }
    pub struct EnvironmentFile = "EnvironmentFile" {
        0 value: String,
        1 r#type: String,
    }
    pub struct EphemeralStorage = "EphemeralStorage" {
        0 size_in_gi_b: i32,
    }
    pub struct ExecuteCommandConfiguration = "ExecuteCommandConfiguration" {
        0 kms_key_id: Option<String>,
        1 logging: Option<String>,
        2 log_configuration: Option<ExecuteCommandLogConfiguration>,
    }
    pub struct ExecuteCommandLogConfiguration = "ExecuteCommandLogConfiguration" {
        0 cloud_watch_log_group_name: Option<String>,
        1 cloud_watch_encryption_enabled: Option<bool>,
        2 s3_bucket_name: Option<String>,
        3 s3_encryption_enabled: Option<bool>,
        4 s3_key_prefix: Option<String>,
    }
    pub struct ExecuteCommandRequest = "ExecuteCommandRequest" {
        0 cluster: Option<String>,
        1 container: Option<String>,
        2 command: String,
        3 interactive: bool,
        4 task: String,
    }
    pub struct ExecuteCommandResponse = "ExecuteCommandResponse" {
        0 cluster_arn: Option<String>,
        1 container_arn: Option<String>,
        2 container_name: Option<String>,
        3 interactive: Option<bool>,
        4 session: Option<Session>,
        5 task_arn: Option<String>,
    }
    pub struct FSxWindowsFileServerAuthorizationConfig = "FSxWindowsFileServerAuthorizationConfig" {
        0 credentials_parameter: String,
        1 domain: String,
    }
    pub struct FSxWindowsFileServerVolumeConfiguration = "FSxWindowsFileServerVolumeConfiguration" {
        0 file_system_id: String,
        1 root_directory: String,
        2 authorization_config: FSxWindowsFileServerAuthorizationConfig,
    }
    pub struct Failure = "Failure" {
        0 arn: Option<String>,
        1 reason: Option<String>,
        2 detail: Option<String>,
    }
    pub struct FirelensConfiguration = "FirelensConfiguration" {
        0 r#type: String,
        1 options: Option<BTreeMap<String, String>>,
    }
    pub struct GatewayConnection = "GatewayConnection" {
        0 gateway_arn: Option<String>,
        1 gateway_route_arn: Option<String>,
        2 port_name: Option<String>,
        3 service_url: Option<String>,
        4 access_type: Option<String>,
        5 status: Option<String>,
        6 resources: Option<GatewayConnectionResources>,
    }
    pub struct GatewayConnectionAlbResources = "GatewayConnectionAlbResources" {
        0 acm_certificate_arn: Option<String>,
        1 load_balancer_arn: Option<String>,
        2 load_balancer_security_group_arns: Option<Vec<String>>,
        3 listener_arn: Option<String>,
        4 listener_rule_arn: Option<String>,
        5 test_listener_rule_arn: Option<String>,
        6 target_group_arn: Option<String>,
        7 alternate_target_group_arn: Option<String>,
    }
    pub struct GatewayConnectionResources = "GatewayConnectionResources" {
        0 host_shared_alb: Option<Vec<GatewayConnectionAlbResources>>,
    }
    pub struct GatewayConnector = "GatewayConnector" {
        0 port_name: String,
        1 health_check: Option<GatewayConnectorHealthCheck>,
        2 filters: Option<GatewayConnectorFilters>,
        3 deregistration_delay: Option<GatewayConnectorDeregistrationDelay>,
    }
    pub struct GatewayConnectorDeregistrationDelay = "GatewayConnectorDeregistrationDelay" {
        0 timeout_seconds: Option<i32>,
    }
    pub struct GatewayConnectorFilters = "GatewayConnectorFilters" {
        0 access_types: Option<Vec<String>>,
    }
    pub struct GatewayConnectorHealthCheck = "GatewayConnectorHealthCheck" {
        0 health_check_protocol: Option<String>,
        1 health_check_port: Option<i32>,
        2 health_check_path: Option<String>,
        3 health_check_timeout_seconds: Option<i32>,
        4 health_check_interval_seconds: Option<i32>,
        5 healthy_threshold_count: Option<i32>,
        6 unhealthy_threshold_count: Option<i32>,
        7 matcher: Option<GatewayConnectorHealthCheckMatcher>,
    }
    pub struct GatewayConnectorHealthCheckMatcher = "GatewayConnectorHealthCheckMatcher" {
        0 http_code: Option<String>,
        1 grpc_code: Option<String>,
    }
    pub struct GetTaskProtectionRequest = "GetTaskProtectionRequest" {
        0 cluster: String,
        1 tasks: Option<Vec<String>>,
    }
    pub struct GetTaskProtectionResponse = "GetTaskProtectionResponse" {
        0 protected_tasks: Option<Vec<ProtectedTask>>,
        1 failures: Option<Vec<Failure>>,
    }
    pub struct GpuDevice = "GpuDevice" {
        0 gpu_id: Option<String>,
        1 sharing_mode: Option<String>,
        2 total_memory_in_mi_b: Option<i32>,
        3 remaining_memory_in_mi_b: Option<i32>,
        4 container_count: Option<i32>,
    }
    pub struct HealthCheck = "HealthCheck" {
        0 command: Vec<String>,
        1 interval: Option<i32>,
        2 timeout: Option<i32>,
        3 retries: Option<i32>,
        4 start_period: Option<i32>,
    }
    pub struct HostEntry = "HostEntry" {
        0 hostname: String,
        1 ip_address: String,
    }
    pub struct HostVolumeProperties = "HostVolumeProperties" {
        0 source_path: Option<String>,
    }
    pub struct InferenceAccelerator = "InferenceAccelerator" {
        0 device_name: String,
        1 device_type: String,
    }
    pub struct InferenceAcceleratorOverride = "InferenceAcceleratorOverride" {
        0 device_name: Option<String>,
        1 device_type: Option<String>,
    }
    pub struct InfrastructureOptimization = "InfrastructureOptimization" {
        0 scale_in_after: Option<i32>,
    }
    pub struct InstanceHealthCheckResult = "InstanceHealthCheckResult" {
        0 r#type: Option<String>,
        1 status: Option<String>,
        2 status_reason: Option<String>,
        3 last_updated: Option<Timestamp>,
        4 last_status_change: Option<Timestamp>,
    }
    pub struct InstanceLaunchTemplate = "InstanceLaunchTemplate" {
        0 ec2_instance_profile_arn: String,
        1 network_configuration: ManagedInstancesNetworkConfiguration,
        2 storage_configuration: Option<ManagedInstancesStorageConfiguration>,
        3 local_storage_configuration: Option<ManagedInstancesLocalStorageConfiguration>,
        4 monitoring: Option<String>,
        5 capacity_option_type: Option<String>,
        6 instance_metadata_tags_propagation: Option<bool>,
        7 instance_requirements: Option<InstanceRequirementsRequest>,
        8 fips_enabled: Option<bool>,
        9 capacity_reservations: Option<CapacityReservationRequest>,
        10 nitro_enclaves_enabled: Option<bool>,
    }
    pub struct InstanceLaunchTemplateUpdate = "InstanceLaunchTemplateUpdate" {
        0 ec2_instance_profile_arn: Option<String>,
        1 network_configuration: Option<ManagedInstancesNetworkConfiguration>,
        2 storage_configuration: Option<ManagedInstancesStorageConfiguration>,
        3 instance_metadata_tags_propagation: Option<bool>,
        4 local_storage_configuration: Option<ManagedInstancesLocalStorageConfiguration>,
        5 monitoring: Option<String>,
        6 instance_requirements: Option<InstanceRequirementsRequest>,
        7 capacity_reservations: Option<CapacityReservationRequest>,
    }
    pub struct InstanceRequirementsRequest = "InstanceRequirementsRequest" {
        0 v_cpu_count: VCpuCountRangeRequest,
        1 memory_mi_b: MemoryMiBRequest,
        2 cpu_manufacturers: Option<Vec<String>>,
        3 memory_gi_b_per_v_cpu: Option<MemoryGiBPerVCpuRequest>,
        4 excluded_instance_types: Option<Vec<String>>,
        5 instance_generations: Option<Vec<String>>,
        6 spot_max_price_percentage_over_lowest_price: Option<i32>,
        7 on_demand_max_price_percentage_over_lowest_price: Option<i32>,
        8 bare_metal: Option<String>,
        9 burstable_performance: Option<String>,
        10 require_hibernate_support: Option<bool>,
        11 network_interface_count: Option<NetworkInterfaceCountRequest>,
        12 local_storage: Option<String>,
        13 local_storage_types: Option<Vec<String>>,
        14 total_local_storage_gb: Option<TotalLocalStorageGBRequest>,
        15 baseline_ebs_bandwidth_mbps: Option<BaselineEbsBandwidthMbpsRequest>,
        16 accelerator_types: Option<Vec<String>>,
        17 accelerator_count: Option<AcceleratorCountRequest>,
        18 accelerator_manufacturers: Option<Vec<String>>,
        19 accelerator_names: Option<Vec<String>>,
        20 accelerator_total_memory_mi_b: Option<AcceleratorTotalMemoryMiBRequest>,
        21 network_bandwidth_gbps: Option<NetworkBandwidthGbpsRequest>,
        22 allowed_instance_types: Option<Vec<String>>,
        23 max_spot_price_as_percentage_of_optimal_on_demand_price: Option<i32>,
    }
    pub struct KernelCapabilities = "KernelCapabilities" {
        0 add: Option<Vec<String>>,
        1 drop: Option<Vec<String>>,
    }
    pub struct KeyValuePair = "KeyValuePair" {
        0 name: Option<String>,
        1 value: Option<String>,
    }
    pub struct LinearConfiguration = "LinearConfiguration" {
        0 step_percent: Option<f64>,
        1 step_bake_time_in_minutes: Option<i32>,
    }
    pub struct LinuxParameters = "LinuxParameters" {
        0 capabilities: Option<KernelCapabilities>,
        1 devices: Option<Vec<Device>>,
        2 init_process_enabled: Option<bool>,
        3 shared_memory_size: Option<i32>,
        4 tmpfs: Option<Vec<Tmpfs>>,
        5 max_swap: Option<i32>,
        6 swappiness: Option<i32>,
    }
    pub struct ListAccountSettingsRequest = "ListAccountSettingsRequest" {
        0 name: Option<String>,
        1 value: Option<String>,
        2 principal_arn: Option<String>,
        3 effective_settings: Option<bool>,
        4 next_token: Option<String>,
        5 max_results: Option<i32>,
    }
    pub struct ListAccountSettingsResponse = "ListAccountSettingsResponse" {
        0 settings: Option<Vec<Setting>>,
        1 next_token: Option<String>,
    }
    pub struct ListAttributesRequest = "ListAttributesRequest" {
        0 cluster: Option<String>,
        1 target_type: String,
        2 attribute_name: Option<String>,
        3 attribute_value: Option<String>,
        4 next_token: Option<String>,
        5 max_results: Option<i32>,
    }
    pub struct ListAttributesResponse = "ListAttributesResponse" {
        0 attributes: Option<Vec<Attribute>>,
        1 next_token: Option<String>,
    }
    pub struct ListClustersRequest = "ListClustersRequest" {
        0 next_token: Option<String>,
        1 max_results: Option<i32>,
    }
    pub struct ListClustersResponse = "ListClustersResponse" {
        0 cluster_arns: Option<Vec<String>>,
        1 next_token: Option<String>,
    }
    pub struct ListContainerInstancesRequest = "ListContainerInstancesRequest" {
        0 cluster: Option<String>,
        1 filter: Option<String>,
        2 next_token: Option<String>,
        3 max_results: Option<i32>,
        4 status: Option<String>,
    }
    pub struct ListContainerInstancesResponse = "ListContainerInstancesResponse" {
        0 container_instance_arns: Option<Vec<String>>,
        1 next_token: Option<String>,
    }
    pub struct ListServiceDeploymentsRequest = "ListServiceDeploymentsRequest" {
        0 service: String,
        1 cluster: Option<String>,
        2 status: Option<Vec<String>>,
        3 created_at: Option<CreatedAt>,
        4 next_token: Option<String>,
        5 max_results: Option<i32>,
    }
    pub struct ListServiceDeploymentsResponse = "ListServiceDeploymentsResponse" {
        0 service_deployments: Option<Vec<ServiceDeploymentBrief>>,
        1 next_token: Option<String>,
    }
    pub struct ListServicesByNamespaceRequest = "ListServicesByNamespaceRequest" {
        0 namespace: String,
        1 next_token: Option<String>,
        2 max_results: Option<i32>,
    }
    pub struct ListServicesByNamespaceResponse = "ListServicesByNamespaceResponse" {
        0 service_arns: Option<Vec<String>>,
        1 next_token: Option<String>,
    }
    pub struct ListServicesRequest = "ListServicesRequest" {
        0 cluster: Option<String>,
        1 next_token: Option<String>,
        2 max_results: Option<i32>,
        3 launch_type: Option<String>,
        4 scheduling_strategy: Option<String>,
        5 resource_management_type: Option<String>,
    }
    pub struct ListServicesResponse = "ListServicesResponse" {
        0 service_arns: Option<Vec<String>>,
        1 next_token: Option<String>,
    }
    pub struct ListTagsForResourceRequest = "ListTagsForResourceRequest" {
        0 resource_arn: String,
    }
    pub struct ListTagsForResourceResponse = "ListTagsForResourceResponse" {
        0 tags: Option<Vec<Tag>>,
    }
    pub struct ListTaskDefinitionFamiliesRequest = "ListTaskDefinitionFamiliesRequest" {
        0 family_prefix: Option<String>,
        1 status: Option<String>,
        2 next_token: Option<String>,
        3 max_results: Option<i32>,
    }
    pub struct ListTaskDefinitionFamiliesResponse = "ListTaskDefinitionFamiliesResponse" {
        0 families: Option<Vec<String>>,
        1 next_token: Option<String>,
    }
    pub struct ListTaskDefinitionsRequest = "ListTaskDefinitionsRequest" {
        0 family_prefix: Option<String>,
        1 status: Option<String>,
        2 sort: Option<String>,
        3 next_token: Option<String>,
        4 max_results: Option<i32>,
    }
    pub struct ListTaskDefinitionsResponse = "ListTaskDefinitionsResponse" {
        0 task_definition_arns: Option<Vec<String>>,
        1 next_token: Option<String>,
    }
    pub struct ListTasksRequest = "ListTasksRequest" {
        0 cluster: Option<String>,
        1 container_instance: Option<String>,
        2 family: Option<String>,
        3 next_token: Option<String>,
        4 max_results: Option<i32>,
        5 started_by: Option<String>,
        6 service_name: Option<String>,
        7 desired_status: Option<String>,
        8 launch_type: Option<String>,
        9 daemon_name: Option<String>,
    }
    pub struct ListTasksResponse = "ListTasksResponse" {
        0 task_arns: Option<Vec<String>>,
        1 next_token: Option<String>,
    }
    pub struct LoadBalancer = "LoadBalancer" {
        0 target_group_arn: Option<String>,
        1 load_balancer_name: Option<String>,
        2 container_name: Option<String>,
        3 container_port: Option<i32>,
        4 advanced_configuration: Option<AdvancedConfiguration>,
    }
    pub struct LogConfiguration = "LogConfiguration" {
        0 log_driver: String,
        1 options: Option<BTreeMap<String, String>>,
        2 secret_options: Option<Vec<Secret>>,
    }
    pub struct ManagedAgent = "ManagedAgent" {
        0 last_started_at: Option<Timestamp>,
        1 name: Option<String>,
        2 reason: Option<String>,
        3 last_status: Option<String>,
    }
    pub struct ManagedAgentStateChange = "ManagedAgentStateChange" {
        0 container_name: String,
        1 managed_agent_name: String,
        2 status: String,
        3 reason: Option<String>,
    }
    pub struct ManagedApplicationAutoScalingPolicy = "ManagedApplicationAutoScalingPolicy" {
        0 arn: Option<String>,
        1 status: String,
        2 status_reason: Option<String>,
        3 updated_at: Timestamp,
        4 policy_type: String,
        5 target_value: f64,
        6 metric: String,
    }
    pub struct ManagedAutoScaling = "ManagedAutoScaling" {
        0 scalable_target: Option<ManagedScalableTarget>,
        1 application_auto_scaling_policies: Option<Vec<ManagedApplicationAutoScalingPolicy>>,
    }
    pub struct ManagedCertificate = "ManagedCertificate" {
        0 arn: Option<String>,
        1 status: String,
        2 status_reason: Option<String>,
        3 updated_at: Timestamp,
        4 domain_name: String,
    }
    pub struct ManagedIngressPath = "ManagedIngressPath" {
        0 access_type: String,
        1 endpoint: String,
        2 load_balancer: Option<ManagedLoadBalancer>,
        3 load_balancer_security_groups: Option<Vec<ManagedSecurityGroup>>,
        4 certificate: Option<ManagedCertificate>,
        5 listener: Option<ManagedListener>,
        6 rule: Option<ManagedListenerRule>,
        7 target_groups: Option<Vec<ManagedTargetGroup>>,
    }
    pub struct ManagedInstancesLocalStorageConfiguration = "ManagedInstancesLocalStorageConfiguration" {
        0 use_local_storage: Option<bool>,
    }
    pub struct ManagedInstancesNetworkConfiguration = "ManagedInstancesNetworkConfiguration" {
        0 subnets: Option<Vec<String>>,
        1 security_groups: Option<Vec<String>>,
    }
    pub struct ManagedInstancesProvider = "ManagedInstancesProvider" {
        0 infrastructure_role_arn: Option<String>,
        1 instance_launch_template: Option<InstanceLaunchTemplate>,
        2 propagate_tags: Option<String>,
        3 infrastructure_optimization: Option<InfrastructureOptimization>,
        4 auto_repair_configuration: Option<AutoRepairConfiguration>,
    }
    pub struct ManagedInstancesStorageConfiguration = "ManagedInstancesStorageConfiguration" {
        0 storage_size_gi_b: Option<i32>,
    }
    pub struct ManagedListener = "ManagedListener" {
        0 arn: Option<String>,
        1 status: String,
        2 status_reason: Option<String>,
        3 updated_at: Timestamp,
    }
    pub struct ManagedListenerRule = "ManagedListenerRule" {
        0 arn: Option<String>,
        1 status: String,
        2 status_reason: Option<String>,
        3 updated_at: Timestamp,
    }
    pub struct ManagedLoadBalancer = "ManagedLoadBalancer" {
        0 arn: Option<String>,
        1 status: String,
        2 status_reason: Option<String>,
        3 updated_at: Timestamp,
        4 scheme: String,
        5 subnet_ids: Option<Vec<String>>,
        6 security_group_ids: Option<Vec<String>>,
    }
    pub struct ManagedLogGroup = "ManagedLogGroup" {
        0 arn: Option<String>,
        1 status: String,
        2 status_reason: Option<String>,
        3 updated_at: Timestamp,
        4 log_group_name: String,
    }
    pub struct ManagedMetricAlarm = "ManagedMetricAlarm" {
        0 arn: Option<String>,
        1 status: String,
        2 status_reason: Option<String>,
        3 updated_at: Timestamp,
    }
    pub struct ManagedScalableTarget = "ManagedScalableTarget" {
        0 arn: Option<String>,
        1 status: String,
        2 status_reason: Option<String>,
        3 updated_at: Timestamp,
        4 min_capacity: i32,
        5 max_capacity: i32,
    }
    pub struct ManagedScaling = "ManagedScaling" {
        0 status: Option<String>,
        1 target_capacity: Option<i32>,
        2 minimum_scaling_step_size: Option<i32>,
        3 maximum_scaling_step_size: Option<i32>,
        4 instance_warmup_period: Option<i32>,
    }
    pub struct ManagedSecurityGroup = "ManagedSecurityGroup" {
        0 arn: Option<String>,
        1 status: String,
        2 status_reason: Option<String>,
        3 updated_at: Timestamp,
    }
    pub struct ManagedStorageConfiguration = "ManagedStorageConfiguration" {
        0 kms_key_id: Option<String>,
        1 fargate_ephemeral_storage_kms_key_id: Option<String>,
    }
    pub struct ManagedTargetGroup = "ManagedTargetGroup" {
        0 arn: Option<String>,
        1 status: String,
        2 status_reason: Option<String>,
        3 updated_at: Timestamp,
        4 health_check_path: String,
        5 health_check_port: i32,
        6 port: i32,
    }
    pub struct MemoryGiBPerVCpuRequest = "MemoryGiBPerVCpuRequest" {
        0 min: Option<f64>,
        1 max: Option<f64>,
    }
    pub struct MemoryMiBRequest = "MemoryMiBRequest" {
        0 min: i32,
        1 max: Option<i32>,
    }
    pub struct MetricConfiguration = "MetricConfiguration" {
        0 metric_names: Vec<String>,
        1 resolution_seconds: i32,
    }
    pub struct MonitoringConfiguration = "MonitoringConfiguration" {
        0 metric_configurations: Option<Vec<MetricConfiguration>>,
    }
    pub struct MountPoint = "MountPoint" {
        0 source_volume: Option<String>,
        1 container_path: Option<String>,
        2 read_only: Option<bool>,
    }
    pub struct NetworkBandwidthGbpsRequest = "NetworkBandwidthGbpsRequest" {
        0 min: Option<f64>,
        1 max: Option<f64>,
    }
    pub struct NetworkBinding = "NetworkBinding" {
        0 bind_ip: Option<String>,
        1 container_port: Option<i32>,
        2 host_port: Option<i32>,
        3 protocol: Option<String>,
        4 container_port_range: Option<String>,
        5 host_port_range: Option<String>,
    }
    pub struct NetworkConfiguration = "NetworkConfiguration" {
        0 awsvpc_configuration: Option<AwsVpcConfiguration>,
    }
    pub struct NetworkInterface = "NetworkInterface" {
        0 attachment_id: Option<String>,
        1 private_ipv4_address: Option<String>,
        2 ipv6_address: Option<String>,
    }
    pub struct NetworkInterfaceCountRequest = "NetworkInterfaceCountRequest" {
        0 min: Option<i32>,
        1 max: Option<i32>,
    }
    pub struct NvidiaMpsAllocation = "NvidiaMpsAllocation" {
        0 memory: i32,
        1 max_compute_percent: Option<i32>,
    }
    pub struct PlacementConstraint = "PlacementConstraint" {
        0 r#type: Option<String>,
        1 expression: Option<String>,
    }
    pub struct PlacementStrategy = "PlacementStrategy" {
        0 r#type: Option<String>,
        1 field: Option<String>,
    }
    pub struct PlatformDevice = "PlatformDevice" {
        0 id: String,
        1 r#type: String,
    }
    pub struct PortMapping = "PortMapping" {
        0 container_port: Option<i32>,
        1 host_port: Option<i32>,
        2 protocol: Option<String>,
        3 name: Option<String>,
        4 app_protocol: Option<String>,
        5 container_port_range: Option<String>,
    }
    pub struct ProtectedTask = "ProtectedTask" {
        0 task_arn: Option<String>,
        1 protection_enabled: Option<bool>,
        2 expiration_date: Option<Timestamp>,
    }
    pub struct ProxyConfiguration = "ProxyConfiguration" {
        0 r#type: Option<String>,
        1 container_name: String,
        2 properties: Option<Vec<KeyValuePair>>,
    }
    pub struct PutAccountSettingDefaultRequest = "PutAccountSettingDefaultRequest" {
        0 name: String,
        1 value: String,
    }
    pub struct PutAccountSettingDefaultResponse = "PutAccountSettingDefaultResponse" {
        0 setting: Option<Setting>,
    }
    pub struct PutAccountSettingRequest = "PutAccountSettingRequest" {
        0 name: String,
        1 value: String,
        2 principal_arn: Option<String>,
    }
    pub struct PutAccountSettingResponse = "PutAccountSettingResponse" {
        0 setting: Option<Setting>,
    }
    pub struct PutAttributesRequest = "PutAttributesRequest" {
        0 cluster: Option<String>,
        1 attributes: Vec<Attribute>,
    }
    pub struct PutAttributesResponse = "PutAttributesResponse" {
        0 attributes: Option<Vec<Attribute>>,
    }
    pub struct PutClusterCapacityProvidersRequest = "PutClusterCapacityProvidersRequest" {
        0 cluster: String,
        1 capacity_providers: Vec<String>,
        2 default_capacity_provider_strategy: Vec<CapacityProviderStrategyItem>,
    }
    pub struct PutClusterCapacityProvidersResponse = "PutClusterCapacityProvidersResponse" {
        0 cluster: Option<Cluster>,
    }
    pub struct RegisterContainerInstanceRequest = "RegisterContainerInstanceRequest" {
        0 cluster: Option<String>,
        1 instance_identity_document: Option<String>,
        2 instance_identity_document_signature: Option<String>,
        3 total_resources: Option<Vec<Resource>>,
        4 version_info: Option<VersionInfo>,
        5 container_instance_arn: Option<String>,
        6 attributes: Option<Vec<Attribute>>,
        7 platform_devices: Option<Vec<PlatformDevice>>,
        8 tags: Option<Vec<Tag>>,
    }
    pub struct RegisterContainerInstanceResponse = "RegisterContainerInstanceResponse" {
        0 container_instance: Option<ContainerInstance>,
    }
    pub struct RegisterTaskDefinitionRequest = "RegisterTaskDefinitionRequest" {
        0 family: String,
        1 task_role_arn: Option<String>,
        2 execution_role_arn: Option<String>,
        3 network_mode: Option<String>,
        4 container_definitions: Vec<ContainerDefinition>,
        5 volumes: Option<Vec<Volume>>,
        6 placement_constraints: Option<Vec<TaskDefinitionPlacementConstraint>>,
        7 requires_compatibilities: Option<Vec<String>>,
        8 cpu: Option<String>,
        9 memory: Option<String>,
        10 tags: Option<Vec<Tag>>,
        11 pid_mode: Option<String>,
        12 ipc_mode: Option<String>,
        13 proxy_configuration: Option<ProxyConfiguration>,
        14 inference_accelerators: Option<Vec<InferenceAccelerator>>,
        15 ephemeral_storage: Option<EphemeralStorage>,
        16 runtime_platform: Option<RuntimePlatform>,
        17 enable_fault_injection: Option<bool>,
        18 trusted_execution_configuration: Option<TrustedExecutionConfiguration>,
    }
    pub struct RegisterTaskDefinitionResponse = "RegisterTaskDefinitionResponse" {
        0 task_definition: Option<TaskDefinition>,
        1 tags: Option<Vec<Tag>>,
    }
    pub struct RepositoryCredentials = "RepositoryCredentials" {
        0 credentials_parameter: String,
    }
    pub struct ResolvedConfiguration = "ResolvedConfiguration" {
        0 load_balancers: Option<Vec<ServiceRevisionLoadBalancer>>,
        1 vpc_lattice_configurations: Option<Vec<ServiceRevisionVpcLatticeConfiguration>>,
    }
    pub struct Resource = "Resource" {
        0 name: Option<String>,
        1 r#type: Option<String>,
        2 double_value: Option<f64>,
        3 long_value: Option<i64>,
        4 integer_value: Option<i32>,
        5 string_set_value: Option<Vec<String>>,
    }
    pub struct ResourceRequirement = "ResourceRequirement" {
        0 value: Option<String>,
        1 r#type: String,
        2 sharing_strategy: Option<SharingStrategy>,
    }
    pub struct Rollback = "Rollback" {
        0 reason: Option<String>,
        1 started_at: Option<Timestamp>,
        2 service_revision_arn: Option<String>,
    }
    pub struct RunTaskRequest = "RunTaskRequest" {
        0 capacity_provider_strategy: Option<Vec<CapacityProviderStrategyItem>>,
        1 cluster: Option<String>,
        2 count: Option<i32>,
        3 enable_ecs_managed_tags: Option<bool>,
        4 enable_execute_command: Option<bool>,
        5 group: Option<String>,
        6 launch_type: Option<String>,
        7 network_configuration: Option<NetworkConfiguration>,
        8 overrides: Option<TaskOverride>,
        9 placement_constraints: Option<Vec<PlacementConstraint>>,
        10 placement_strategy: Option<Vec<PlacementStrategy>>,
        11 platform_version: Option<String>,
        12 propagate_tags: Option<String>,
        13 reference_id: Option<String>,
        14 started_by: Option<String>,
        15 tags: Option<Vec<Tag>>,
        16 task_definition: String,
        17 client_token: Option<String>,
        18 volume_configurations: Option<Vec<TaskVolumeConfiguration>>,
    }
    pub struct RunTaskResponse = "RunTaskResponse" {
        0 tasks: Option<Vec<Task>>,
        1 failures: Option<Vec<Failure>>,
    }
    pub struct RuntimePlatform = "RuntimePlatform" {
        0 cpu_architecture: Option<String>,
        1 operating_system_family: Option<String>,
    }
    pub struct RuntimePlatformOverride = "RuntimePlatformOverride" {
        0 cpu_architecture: Option<String>,
    }
    pub struct S3FilesVolumeConfiguration = "S3FilesVolumeConfiguration" {
        0 file_system_arn: String,
        1 root_directory: Option<String>,
        2 transit_encryption_port: Option<i32>,
        3 access_point_arn: Option<String>,
    }
    pub struct Scale = "Scale" {
        0 value: Option<f64>,
        1 unit: Option<String>,
    }
    pub struct Secret = "Secret" {
        0 name: String,
        1 value_from: String,
    }
    pub struct Service = "Service" {
        0 service_arn: Option<String>,
        1 service_name: Option<String>,
        2 cluster_arn: Option<String>,
        3 load_balancers: Option<Vec<LoadBalancer>>,
        4 service_registries: Option<Vec<ServiceRegistry>>,
        5 status: Option<String>,
        6 desired_count: Option<i32>,
        7 running_count: Option<i32>,
        8 pending_count: Option<i32>,
        9 launch_type: Option<String>,
        10 capacity_provider_strategy: Option<Vec<CapacityProviderStrategyItem>>,
        11 platform_version: Option<String>,
        12 platform_family: Option<String>,
        13 task_definition: Option<String>,
        14 deployment_configuration: Option<DeploymentConfiguration>,
        15 task_sets: Option<Vec<TaskSet>>,
        16 deployments: Option<Vec<Deployment>>,
        17 role_arn: Option<String>,
        18 events: Option<Vec<ServiceEvent>>,
        19 created_at: Option<Timestamp>,
        20 current_service_deployment: Option<String>,
        21 current_service_revisions: Option<Vec<ServiceCurrentRevisionSummary>>,
        22 placement_constraints: Option<Vec<PlacementConstraint>>,
        23 placement_strategy: Option<Vec<PlacementStrategy>>,
        24 network_configuration: Option<NetworkConfiguration>,
        25 health_check_grace_period_seconds: Option<i32>,
        26 scheduling_strategy: Option<String>,
        27 deployment_controller: Option<DeploymentController>,
        28 tags: Option<Vec<Tag>>,
        29 created_by: Option<String>,
        30 enable_ecs_managed_tags: Option<bool>,
        31 propagate_tags: Option<String>,
        32 enable_execute_command: Option<bool>,
        33 availability_zone_rebalancing: Option<String>,
        34 resource_management_type: Option<String>,
    }
    pub struct ServiceConnectAccessLogConfiguration = "ServiceConnectAccessLogConfiguration" {
        0 format: String,
        1 include_query_parameters: Option<String>,
    }
    pub struct ServiceConnectClientAlias = "ServiceConnectClientAlias" {
        0 port: i32,
        1 dns_name: Option<String>,
        2 test_traffic_rules: Option<ServiceConnectTestTrafficRules>,
    }
    pub struct ServiceConnectConfiguration = "ServiceConnectConfiguration" {
        0 enabled: bool,
        1 namespace: Option<String>,
        2 services: Option<Vec<ServiceConnectService>>,
        3 log_configuration: Option<LogConfiguration>,
        4 access_log_configuration: Option<ServiceConnectAccessLogConfiguration>,
        5 container_configurations: Option<Vec<ServiceConnectContainerConfiguration>>,
    }
    pub struct ServiceConnectContainerConfiguration = "ServiceConnectContainerConfiguration" {
        0 log_level: Option<String>,
    }
    pub struct ServiceConnectService = "ServiceConnectService" {
        0 port_name: String,
        1 discovery_name: Option<String>,
        2 client_aliases: Option<Vec<ServiceConnectClientAlias>>,
        3 ingress_port_override: Option<i32>,
        4 timeout: Option<TimeoutConfiguration>,
        5 tls: Option<ServiceConnectTlsConfiguration>,
    }
    pub struct ServiceConnectServiceResource = "ServiceConnectServiceResource" {
        0 discovery_name: Option<String>,
        1 discovery_arn: Option<String>,
    }
    pub struct ServiceConnectTestTrafficHeaderMatchRules = "ServiceConnectTestTrafficHeaderMatchRules" {
        0 exact: String,
    }
    pub struct ServiceConnectTestTrafficHeaderRules = "ServiceConnectTestTrafficHeaderRules" {
        0 name: String,
        1 value: Option<ServiceConnectTestTrafficHeaderMatchRules>,
    }
    pub struct ServiceConnectTestTrafficRules = "ServiceConnectTestTrafficRules" {
        0 header: ServiceConnectTestTrafficHeaderRules,
    }
    pub struct ServiceConnectTlsCertificateAuthority = "ServiceConnectTlsCertificateAuthority" {
        0 aws_pca_authority_arn: Option<String>,
    }
    pub struct ServiceConnectTlsConfiguration = "ServiceConnectTlsConfiguration" {
        0 issuer_certificate_authority: ServiceConnectTlsCertificateAuthority,
        1 kms_key: Option<String>,
        2 role_arn: Option<String>,
    }
    pub struct ServiceCurrentRevisionSummary = "ServiceCurrentRevisionSummary" {
        0 arn: Option<String>,
        1 requested_task_count: Option<i32>,
        2 running_task_count: Option<i32>,
        3 pending_task_count: Option<i32>,
    }
    pub struct ServiceDeployment = "ServiceDeployment" {
        0 service_deployment_arn: Option<String>,
        1 service_arn: Option<String>,
        2 cluster_arn: Option<String>,
        3 created_at: Option<Timestamp>,
        4 started_at: Option<Timestamp>,
        5 finished_at: Option<Timestamp>,
        6 stopped_at: Option<Timestamp>,
        7 updated_at: Option<Timestamp>,
        8 source_service_revisions: Option<Vec<ServiceRevisionSummary>>,
        9 target_service_revision: Option<ServiceRevisionSummary>,
        10 status: Option<String>,
        11 status_reason: Option<String>,
        12 lifecycle_stage: Option<String>,
        13 lifecycle_hook_details: Option<Vec<DeploymentLifecycleHookDetail>>,
        14 deployment_configuration: Option<DeploymentConfiguration>,
        15 rollback: Option<Rollback>,
        16 deployment_circuit_breaker: Option<ServiceDeploymentCircuitBreaker>,
        17 alarms: Option<ServiceDeploymentAlarms>,
    }
    pub struct ServiceDeploymentAlarms = "ServiceDeploymentAlarms" {
        0 status: Option<String>,
        1 alarm_names: Option<Vec<String>>,
        2 triggered_alarm_names: Option<Vec<String>>,
    }
    pub struct ServiceDeploymentBrief = "ServiceDeploymentBrief" {
        0 service_deployment_arn: Option<String>,
        1 service_arn: Option<String>,
        2 cluster_arn: Option<String>,
        3 started_at: Option<Timestamp>,
        4 created_at: Option<Timestamp>,
        5 finished_at: Option<Timestamp>,
        6 target_service_revision_arn: Option<String>,
        7 status: Option<String>,
        8 status_reason: Option<String>,
    }
    pub struct ServiceDeploymentCircuitBreaker = "ServiceDeploymentCircuitBreaker" {
        0 status: Option<String>,
        1 failure_count: Option<i32>,
        2 threshold: Option<i32>,
    }
    pub struct ServiceEvent = "ServiceEvent" {
        0 id: Option<String>,
        1 created_at: Option<Timestamp>,
        2 message: Option<String>,
    }
    pub struct ServiceManagedEBSVolumeConfiguration = "ServiceManagedEBSVolumeConfiguration" {
        0 encrypted: Option<bool>,
        1 kms_key_id: Option<String>,
        2 volume_type: Option<String>,
        3 size_in_gi_b: Option<i32>,
        4 snapshot_id: Option<String>,
        5 volume_initialization_rate: Option<i32>,
        6 iops: Option<i32>,
        7 throughput: Option<i32>,
        8 tag_specifications: Option<Vec<EBSTagSpecification>>,
        9 role_arn: String,
        10 filesystem_type: Option<String>,
    }
    pub struct ServiceRegistry = "ServiceRegistry" {
        0 registry_arn: Option<String>,
        1 port: Option<i32>,
        2 container_name: Option<String>,
        3 container_port: Option<i32>,
    }
    pub struct ServiceRevision = "ServiceRevision" {
        0 service_revision_arn: Option<String>,
        1 service_arn: Option<String>,
        2 cluster_arn: Option<String>,
        3 task_definition: Option<String>,
        4 capacity_provider_strategy: Option<Vec<CapacityProviderStrategyItem>>,
        5 launch_type: Option<String>,
        6 platform_version: Option<String>,
        7 platform_family: Option<String>,
        8 load_balancers: Option<Vec<LoadBalancer>>,
        9 service_registries: Option<Vec<ServiceRegistry>>,
        10 network_configuration: Option<NetworkConfiguration>,
        11 container_images: Option<Vec<ContainerImage>>,
        12 guard_duty_enabled: Option<bool>,
        13 service_connect_configuration: Option<ServiceConnectConfiguration>,
        14 volume_configurations: Option<Vec<ServiceVolumeConfiguration>>,
        15 fargate_ephemeral_storage: Option<DeploymentEphemeralStorage>,
        16 created_at: Option<Timestamp>,
        17 vpc_lattice_configurations: Option<Vec<VpcLatticeConfiguration>>,
        18 resolved_configuration: Option<ResolvedConfiguration>,
        19 ecs_managed_resources: Option<ECSManagedResources>,
        20 overrides: Option<ServiceRevisionOverrides>,
        21 gateway_connectors: Option<Vec<GatewayConnector>>,
        22 monitoring: Option<MonitoringConfiguration>,
    }
    pub struct ServiceRevisionLoadBalancer = "ServiceRevisionLoadBalancer" {
        0 target_group_arn: Option<String>,
        1 production_listener_rule: Option<String>,
    }
    pub struct ServiceRevisionOverrides = "ServiceRevisionOverrides" {
        0 runtime_platform: Option<RuntimePlatformOverride>,
    }
    pub struct ServiceRevisionSummary = "ServiceRevisionSummary" {
        0 arn: Option<String>,
        1 requested_task_count: Option<i32>,
        2 running_task_count: Option<i32>,
        3 pending_task_count: Option<i32>,
        4 requested_test_traffic_weight: Option<f64>,
        5 requested_production_traffic_weight: Option<f64>,
    }
    pub struct ServiceRevisionVpcLatticeConfiguration = "ServiceRevisionVpcLatticeConfiguration" {
        0 target_group_arn: Option<String>,
        1 production_listener_rule: Option<String>,
    }
    pub struct ServiceVolumeConfiguration = "ServiceVolumeConfiguration" {
        0 name: String,
        1 managed_ebs_volume: Option<ServiceManagedEBSVolumeConfiguration>,
    }
    pub struct Session = "Session" {
        0 session_id: Option<String>,
        1 stream_url: Option<String>,
        2 token_value: Option<String>,
    }
    pub struct Setting = "Setting" {
        0 name: Option<String>,
        1 value: Option<String>,
        2 principal_arn: Option<String>,
        3 r#type: Option<String>,
    }
    pub struct SharingStrategy = "SharingStrategy" {
        0 nvidia_mps: Option<NvidiaMpsAllocation>,
    }
    pub struct StartTaskRequest = "StartTaskRequest" {
        0 cluster: Option<String>,
        1 container_instances: Vec<String>,
        2 enable_ecs_managed_tags: Option<bool>,
        3 enable_execute_command: Option<bool>,
        4 group: Option<String>,
        5 network_configuration: Option<NetworkConfiguration>,
        6 overrides: Option<TaskOverride>,
        7 propagate_tags: Option<String>,
        8 reference_id: Option<String>,
        9 started_by: Option<String>,
        10 tags: Option<Vec<Tag>>,
        11 task_definition: String,
        12 volume_configurations: Option<Vec<TaskVolumeConfiguration>>,
    }
    pub struct StartTaskResponse = "StartTaskResponse" {
        0 tasks: Option<Vec<Task>>,
        1 failures: Option<Vec<Failure>>,
    }
    pub struct StopServiceDeploymentRequest = "StopServiceDeploymentRequest" {
        0 service_deployment_arn: String,
        1 stop_type: Option<String>,
    }
    pub struct StopServiceDeploymentResponse = "StopServiceDeploymentResponse" {
        0 service_deployment_arn: Option<String>,
    }
    pub struct StopTaskRequest = "StopTaskRequest" {
        0 cluster: Option<String>,
        1 task: String,
        2 reason: Option<String>,
    }
    pub struct StopTaskResponse = "StopTaskResponse" {
        0 task: Option<Task>,
    }
    pub struct SubmitAttachmentStateChangesRequest = "SubmitAttachmentStateChangesRequest" {
        0 cluster: Option<String>,
        1 attachments: Vec<AttachmentStateChange>,
    }
    pub struct SubmitAttachmentStateChangesResponse = "SubmitAttachmentStateChangesResponse" {
        0 acknowledgment: Option<String>,
    }
    pub struct SubmitContainerStateChangeRequest = "SubmitContainerStateChangeRequest" {
        0 cluster: Option<String>,
        1 task: Option<String>,
        2 container_name: Option<String>,
        3 runtime_id: Option<String>,
        4 status: Option<String>,
        5 exit_code: Option<i32>,
        6 reason: Option<String>,
        7 network_bindings: Option<Vec<NetworkBinding>>,
    }
    pub struct SubmitContainerStateChangeResponse = "SubmitContainerStateChangeResponse" {
        0 acknowledgment: Option<String>,
    }
    pub struct SubmitTaskStateChangeRequest = "SubmitTaskStateChangeRequest" {
        0 cluster: Option<String>,
        1 task: Option<String>,
        2 status: Option<String>,
        3 reason: Option<String>,
        4 containers: Option<Vec<ContainerStateChange>>,
        5 attachments: Option<Vec<AttachmentStateChange>>,
        6 managed_agents: Option<Vec<ManagedAgentStateChange>>,
        7 pull_started_at: Option<Timestamp>,
        8 pull_stopped_at: Option<Timestamp>,
        9 execution_stopped_at: Option<Timestamp>,
    }
    pub struct SubmitTaskStateChangeResponse = "SubmitTaskStateChangeResponse" {
        0 acknowledgment: Option<String>,
    }
    pub struct SystemControl = "SystemControl" {
        0 namespace: Option<String>,
        1 value: Option<String>,
    }
    pub struct Tag = "Tag" {
        0 key: Option<String>,
        1 value: Option<String>,
    }
    pub struct TagResourceRequest = "TagResourceRequest" {
        0 resource_arn: String,
        1 tags: Vec<Tag>,
    }
    pub struct TagResourceResponse = "TagResourceResponse" {
    }
    pub struct Task = "Task" {
        0 attachments: Option<Vec<Attachment>>,
        1 attributes: Option<Vec<Attribute>>,
        2 availability_zone: Option<String>,
        3 capacity_provider_name: Option<String>,
        4 cluster_arn: Option<String>,
        5 connectivity: Option<String>,
        6 connectivity_at: Option<Timestamp>,
        7 container_instance_arn: Option<String>,
        8 containers: Option<Vec<Container>>,
        9 cpu: Option<String>,
        10 created_at: Option<Timestamp>,
        11 desired_status: Option<String>,
        12 enable_execute_command: Option<bool>,
        13 execution_stopped_at: Option<Timestamp>,
        14 group: Option<String>,
        15 health_status: Option<String>,
        16 inference_accelerators: Option<Vec<InferenceAccelerator>>,
        17 last_status: Option<String>,
        18 launch_type: Option<String>,
        19 memory: Option<String>,
        20 overrides: Option<TaskOverride>,
        21 platform_version: Option<String>,
        22 platform_family: Option<String>,
        23 pull_started_at: Option<Timestamp>,
        24 pull_stopped_at: Option<Timestamp>,
        25 started_at: Option<Timestamp>,
        26 started_by: Option<String>,
        27 stop_code: Option<String>,
        28 stopped_at: Option<Timestamp>,
        29 stopped_reason: Option<String>,
        30 stopping_at: Option<Timestamp>,
        31 tags: Option<Vec<Tag>>,
        32 task_arn: Option<String>,
        33 task_definition_arn: Option<String>,
        34 version: Option<i64>,
        35 ephemeral_storage: Option<EphemeralStorage>,
        36 fargate_ephemeral_storage: Option<TaskEphemeralStorage>,
        37 trusted_execution_summary: Option<TrustedExecutionSummary>,
    }
    pub struct TaskDefinition = "TaskDefinition" {
        0 task_definition_arn: Option<String>,
        1 container_definitions: Option<Vec<ContainerDefinition>>,
        2 family: Option<String>,
        3 task_role_arn: Option<String>,
        4 execution_role_arn: Option<String>,
        5 network_mode: Option<String>,
        6 revision: Option<i32>,
        7 volumes: Option<Vec<Volume>>,
        8 status: Option<String>,
        9 requires_attributes: Option<Vec<Attribute>>,
        10 placement_constraints: Option<Vec<TaskDefinitionPlacementConstraint>>,
        11 compatibilities: Option<Vec<String>>,
        12 runtime_platform: Option<RuntimePlatform>,
        13 requires_compatibilities: Option<Vec<String>>,
        14 cpu: Option<String>,
        15 memory: Option<String>,
        16 inference_accelerators: Option<Vec<InferenceAccelerator>>,
        17 pid_mode: Option<String>,
        18 ipc_mode: Option<String>,
        19 proxy_configuration: Option<ProxyConfiguration>,
        20 registered_at: Option<Timestamp>,
        21 deregistered_at: Option<Timestamp>,
        22 delete_requested_at: Option<Timestamp>,
        23 registered_by: Option<String>,
        24 ephemeral_storage: Option<EphemeralStorage>,
        25 enable_fault_injection: Option<bool>,
        26 trusted_execution_configuration: Option<TrustedExecutionConfiguration>,
    }
    pub struct TaskDefinitionPlacementConstraint = "TaskDefinitionPlacementConstraint" {
        0 r#type: Option<String>,
        1 expression: Option<String>,
    }
    pub struct TaskEphemeralStorage = "TaskEphemeralStorage" {
        0 size_in_gi_b: Option<i32>,
        1 kms_key_id: Option<String>,
    }
    pub struct TaskManagedEBSVolumeConfiguration = "TaskManagedEBSVolumeConfiguration" {
        0 encrypted: Option<bool>,
        1 kms_key_id: Option<String>,
        2 volume_type: Option<String>,
        3 size_in_gi_b: Option<i32>,
        4 snapshot_id: Option<String>,
        5 volume_initialization_rate: Option<i32>,
        6 iops: Option<i32>,
        7 throughput: Option<i32>,
        8 tag_specifications: Option<Vec<EBSTagSpecification>>,
        9 role_arn: String,
        10 termination_policy: Option<TaskManagedEBSVolumeTerminationPolicy>,
        11 filesystem_type: Option<String>,
    }
    pub struct TaskManagedEBSVolumeTerminationPolicy = "TaskManagedEBSVolumeTerminationPolicy" {
        0 delete_on_termination: bool,
    }
    pub struct TaskOverride = "TaskOverride" {
        0 container_overrides: Option<Vec<ContainerOverride>>,
        1 cpu: Option<String>,
        2 inference_accelerator_overrides: Option<Vec<InferenceAcceleratorOverride>>,
        3 execution_role_arn: Option<String>,
        4 memory: Option<String>,
        5 task_role_arn: Option<String>,
        6 ephemeral_storage: Option<EphemeralStorage>,
    }
    pub struct TaskSet = "TaskSet" {
        0 id: Option<String>,
        1 task_set_arn: Option<String>,
        2 service_arn: Option<String>,
        3 cluster_arn: Option<String>,
        4 started_by: Option<String>,
        5 external_id: Option<String>,
        6 status: Option<String>,
        7 task_definition: Option<String>,
        8 computed_desired_count: Option<i32>,
        9 pending_count: Option<i32>,
        10 running_count: Option<i32>,
        11 created_at: Option<Timestamp>,
        12 updated_at: Option<Timestamp>,
        13 launch_type: Option<String>,
        14 capacity_provider_strategy: Option<Vec<CapacityProviderStrategyItem>>,
        15 platform_version: Option<String>,
        16 platform_family: Option<String>,
        17 network_configuration: Option<NetworkConfiguration>,
        18 load_balancers: Option<Vec<LoadBalancer>>,
        19 service_registries: Option<Vec<ServiceRegistry>>,
        20 scale: Option<Scale>,
        21 stability_status: Option<String>,
        22 stability_status_at: Option<Timestamp>,
        23 tags: Option<Vec<Tag>>,
        24 fargate_ephemeral_storage: Option<DeploymentEphemeralStorage>,
    }
    pub struct TaskVolumeConfiguration = "TaskVolumeConfiguration" {
        0 name: String,
        1 managed_ebs_volume: Option<TaskManagedEBSVolumeConfiguration>,
    }
    pub struct ThresholdConfiguration = "ThresholdConfiguration" {
        0 r#type: String,
        1 value: i32,
    }
    pub struct TimeoutConfiguration = "TimeoutConfiguration" {
        0 idle_timeout_seconds: Option<i32>,
        1 per_request_timeout_seconds: Option<i32>,
    }
    pub struct Tmpfs = "Tmpfs" {
        0 container_path: String,
        1 size: i32,
        2 mount_options: Option<Vec<String>>,
    }
    pub struct TotalLocalStorageGBRequest = "TotalLocalStorageGBRequest" {
        0 min: Option<f64>,
        1 max: Option<f64>,
    }
    pub struct TrustedExecutionConfiguration = "TrustedExecutionConfiguration" {
        0 isolation_mode: String,
        1 attestation_policy: Option<String>,
    }
    pub struct TrustedExecutionSummary = "TrustedExecutionSummary" {
        0 isolation_mode: String,
        1 attestation_policy_status: Option<String>,
    }
    pub struct Ulimit = "Ulimit" {
        0 name: String,
        1 soft_limit: i32,
        2 hard_limit: i32,
    }
    pub struct UntagResourceRequest = "UntagResourceRequest" {
        0 resource_arn: String,
        1 tag_keys: Vec<String>,
    }
    pub struct UntagResourceResponse = "UntagResourceResponse" {
    }
    pub struct UpdateCapacityProviderRequest = "UpdateCapacityProviderRequest" {
        0 name: String,
        1 cluster: Option<String>,
        2 auto_scaling_group_provider: Option<AutoScalingGroupProviderUpdate>,
        3 managed_instances_provider: Option<UpdateManagedInstancesProviderConfiguration>,
    }
    pub struct UpdateCapacityProviderResponse = "UpdateCapacityProviderResponse" {
        0 capacity_provider: Option<CapacityProvider>,
    }
    pub struct UpdateClusterRequest = "UpdateClusterRequest" {
        0 cluster: String,
        1 settings: Option<Vec<ClusterSetting>>,
        2 configuration: Option<ClusterConfiguration>,
        3 service_connect_defaults: Option<ClusterServiceConnectDefaultsRequest>,
    }
    pub struct UpdateClusterResponse = "UpdateClusterResponse" {
        0 cluster: Option<Cluster>,
    }
    pub struct UpdateClusterSettingsRequest = "UpdateClusterSettingsRequest" {
        0 cluster: String,
        1 settings: Vec<ClusterSetting>,
    }
    pub struct UpdateClusterSettingsResponse = "UpdateClusterSettingsResponse" {
        0 cluster: Option<Cluster>,
    }
    pub struct UpdateContainerAgentRequest = "UpdateContainerAgentRequest" {
        0 cluster: Option<String>,
        1 container_instance: String,
    }
    pub struct UpdateContainerAgentResponse = "UpdateContainerAgentResponse" {
        0 container_instance: Option<ContainerInstance>,
    }
    pub struct UpdateContainerInstancesStateRequest = "UpdateContainerInstancesStateRequest" {
        0 cluster: Option<String>,
        1 container_instances: Vec<String>,
        2 status: String,
    }
    pub struct UpdateContainerInstancesStateResponse = "UpdateContainerInstancesStateResponse" {
        0 container_instances: Option<Vec<ContainerInstance>>,
        1 failures: Option<Vec<Failure>>,
    }
    pub struct UpdateManagedInstancesProviderConfiguration = "UpdateManagedInstancesProviderConfiguration" {
        0 infrastructure_role_arn: String,
        1 instance_launch_template: InstanceLaunchTemplateUpdate,
        2 propagate_tags: Option<String>,
        3 infrastructure_optimization: Option<InfrastructureOptimization>,
        4 auto_repair_configuration: Option<AutoRepairConfiguration>,
    }
    pub struct UpdateServicePrimaryTaskSetRequest = "UpdateServicePrimaryTaskSetRequest" {
        0 cluster: String,
        1 service: String,
        2 primary_task_set: String,
    }
    pub struct UpdateServicePrimaryTaskSetResponse = "UpdateServicePrimaryTaskSetResponse" {
        0 task_set: Option<TaskSet>,
    }
    pub struct UpdateServiceRequest = "UpdateServiceRequest" {
        0 cluster: Option<String>,
        1 service: String,
        2 desired_count: Option<i32>,
        3 task_definition: Option<String>,
        4 capacity_provider_strategy: Option<Vec<CapacityProviderStrategyItem>>,
        5 deployment_configuration: Option<DeploymentConfiguration>,
        6 availability_zone_rebalancing: Option<String>,
        7 network_configuration: Option<NetworkConfiguration>,
        8 placement_constraints: Option<Vec<PlacementConstraint>>,
        9 placement_strategy: Option<Vec<PlacementStrategy>>,
        10 platform_version: Option<String>,
        11 force_new_deployment: Option<bool>,
        12 health_check_grace_period_seconds: Option<i32>,
        13 deployment_controller: Option<DeploymentController>,
        14 enable_execute_command: Option<bool>,
        15 enable_ecs_managed_tags: Option<bool>,
        16 load_balancers: Option<Vec<LoadBalancer>>,
        17 propagate_tags: Option<String>,
        18 service_registries: Option<Vec<ServiceRegistry>>,
        19 service_connect_configuration: Option<ServiceConnectConfiguration>,
        20 volume_configurations: Option<Vec<ServiceVolumeConfiguration>>,
        21 vpc_lattice_configurations: Option<Vec<VpcLatticeConfiguration>>,
        22 gateway_connectors: Option<Vec<GatewayConnector>>,
        23 monitoring: Option<MonitoringConfiguration>,
    }
    pub struct UpdateServiceResponse = "UpdateServiceResponse" {
        0 service: Option<Service>,
    }
    pub struct UpdateTaskProtectionRequest = "UpdateTaskProtectionRequest" {
        0 cluster: String,
        1 tasks: Vec<String>,
        2 protection_enabled: bool,
        3 expires_in_minutes: Option<i32>,
    }
    pub struct UpdateTaskProtectionResponse = "UpdateTaskProtectionResponse" {
        0 protected_tasks: Option<Vec<ProtectedTask>>,
        1 failures: Option<Vec<Failure>>,
    }
    pub struct UpdateTaskSetRequest = "UpdateTaskSetRequest" {
        0 cluster: String,
        1 service: String,
        2 task_set: String,
        3 scale: Scale,
    }
    pub struct UpdateTaskSetResponse = "UpdateTaskSetResponse" {
        0 task_set: Option<TaskSet>,
    }
    pub struct VCpuCountRangeRequest = "VCpuCountRangeRequest" {
        0 min: i32,
        1 max: Option<i32>,
    }
    pub struct VersionInfo = "VersionInfo" {
        0 agent_version: Option<String>,
        1 agent_hash: Option<String>,
        2 docker_version: Option<String>,
    }
    pub struct Volume = "Volume" {
        0 name: Option<String>,
        1 host: Option<HostVolumeProperties>,
        2 docker_volume_configuration: Option<DockerVolumeConfiguration>,
        3 efs_volume_configuration: Option<EFSVolumeConfiguration>,
        4 s3files_volume_configuration: Option<S3FilesVolumeConfiguration>,
        5 fsx_windows_file_server_volume_configuration: Option<FSxWindowsFileServerVolumeConfiguration>,
        6 configured_at_launch: Option<bool>,
    }
    pub struct VolumeFrom = "VolumeFrom" {
        0 source_container: Option<String>,
        1 read_only: Option<bool>,
    }
    pub struct VpcLatticeAdvancedConfiguration = "VpcLatticeAdvancedConfiguration" {
        0 alternate_target_group_arn: Option<String>,
        1 production_listener_rule: Option<String>,
        2 test_listener_rule: Option<String>,
    }
    pub struct VpcLatticeConfiguration = "VpcLatticeConfiguration" {
        0 role_arn: String,
        1 target_group_arn: String,
        2 port_name: String,
        3 advanced_configuration: Option<VpcLatticeAdvancedConfiguration>,
    }
}
