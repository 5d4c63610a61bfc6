//! Stand-ins for the services that ECS calls.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use gantry_api_ec2 as ec2;
use gantry_api_ecr as ecr;
use gantry_api_logs as logs;
use gantry_api_secretsmanager as secretsmanager;
use gantry_api_ssm as ssm;
use gantry_base::{Arn, Timestamp};
use gantry_iam_core::{Caller, Kind, Policy, Principal};
use gantry_service::principals::{FindPrincipals, PrincipalsFound};
use gantry_service::{
    Cx, Failure, OnBehalf, OutputBatch, OutputEvent, OutputPut, PutOutput, Registry, RoleCredentials,
    RoleSession,
};
use gantry_wire::{ApiError, Unit};

fn answer<T>(code: &'static str, message: impl Into<String>) -> Result<T, Failure> {
    Err(ApiError::new(code, message).into())
}

/// A stream of a group, and a source of its lines.
type Position = ((String, String), String);

/// What the siblings hold.
#[derive(Default)]
pub struct Siblings {
    /// Interfaces by id, with the client token they were made under.
    pub interfaces: Mutex<BTreeMap<String, ec2::NetworkInterface>>,
    tokens: Mutex<BTreeMap<String, String>>,
    pub secrets: Mutex<BTreeMap<String, String>>,
    pub parameters: Mutex<BTreeMap<String, String>>,
    pub groups: Mutex<BTreeSet<String>>,
    /// Lines by group and stream.
    pub lines: Mutex<BTreeMap<(String, String), Vec<String>>>,
    /// How far each source has come in a group's stream.
    positions: Mutex<BTreeMap<Position, u64>>,
    /// The next lines are stored, and nobody hears so.
    pub dies_after_a_put: AtomicBool,
    /// Who asked for what, as `principal operation`.
    pub asked: Mutex<Vec<String>>,
}

impl Siblings {
    fn note(&self, cx: &Cx, operation: &str) {
        self.asked.lock().unwrap().push(format!("{} {operation}", cx.caller.principal.arn()));
    }

    pub fn register(self: &Arc<Self>, registry: &mut Registry) {
        macro_rules! serve {
            ($($operation:path => $method:ident),* $(,)?) => {$({
                let siblings = self.clone();
                registry.on::<$operation, _, _, Failure>(move |cx, input| {
                    let siblings = siblings.clone();
                    async move { siblings.note(&cx, stringify!($method)); siblings.$method(&cx, input) }
                });
            })*};
        }
        let siblings = self.clone();
        registry.on_within::<PutOutput, _, _>(move |cx, input| {
            let siblings = siblings.clone();
            async move {
                siblings.note(&cx, "put_log_events");
                siblings.put_output(&input)
            }
        });
        registry.on_within::<FindPrincipals, _, _>(|_, arns| async move {
            let unknown = arns.into_iter().find(|arn| arn.ends_with("/nobody"));
            Ok(PrincipalsFound { unknown, ..PrincipalsFound::default() })
        });
        serve! {
            ec2::CreateNetworkInterface => create_network_interface,
            ec2::DeleteNetworkInterface => delete_network_interface,
            ec2::DescribeInternetGateways => describe_internet_gateways,
            ec2::DescribeNatGateways => describe_nat_gateways,
            ec2::DescribeNetworkAcls => describe_network_acls,
            ec2::DescribeNetworkInterfaces => describe_network_interfaces,
            ec2::DescribeRouteTables => describe_route_tables,
            ec2::DescribeSecurityGroups => describe_security_groups,
            ec2::DescribeSubnets => describe_subnets,
            ec2::DescribeVpcs => describe_vpcs,
            ecr::GetAuthorizationToken => get_authorization_token,
            logs::CreateLogGroup => create_log_group,
            logs::CreateLogStream => create_log_stream,
            secretsmanager::GetSecretValue => get_secret_value,
            ssm::GetParameters => get_parameters,
        }
    }

    fn create_network_interface(
        &self,
        _: &Cx,
        input: ec2::CreateNetworkInterfaceRequest,
    ) -> Result<ec2::CreateNetworkInterfaceResult, Failure> {
        if input.subnet_id == "subnet-full" {
            return answer("InsufficientFreeAddressesInSubnet", "The subnet is full.");
        }
        let mut interfaces = self.interfaces.lock().unwrap();
        let mut tokens = self.tokens.lock().unwrap();
        let count = tokens.len() + 1;
        let id =
            tokens.entry(input.client_token.unwrap()).or_insert_with(|| format!("eni-{count:04}")).clone();
        let group = |id: String| ec2::GroupIdentifier { group_id: Some(id), ..Default::default() };
        let interface = interfaces.entry(id.clone()).or_insert_with(|| ec2::NetworkInterface {
            network_interface_id: Some(id),
            subnet_id: Some(input.subnet_id),
            description: input.description,
            mac_address: Some(format!("0e:00:00:00:00:{count:02x}")),
            private_ip_address: Some(format!("172.31.0.{}", 3 + count)),
            private_dns_name: Some(format!("ip-172-31-0-{}.ec2.internal", 3 + count)),
            groups: Some(input.groups.unwrap().into_iter().map(group).collect()),
            ..Default::default()
        });
        Ok(ec2::CreateNetworkInterfaceResult {
            network_interface: Some(interface.clone()),
            ..Default::default()
        })
    }

    fn delete_network_interface(
        &self,
        _: &Cx,
        input: ec2::DeleteNetworkInterfaceRequest,
    ) -> Result<Unit, Failure> {
        match self.interfaces.lock().unwrap().remove(&input.network_interface_id) {
            Some(_) => Ok(Unit),
            None => answer("InvalidNetworkInterfaceID.NotFound", "no such interface"),
        }
    }

    fn describe_network_interfaces(
        &self,
        _: &Cx,
        input: ec2::DescribeNetworkInterfacesRequest,
    ) -> Result<ec2::DescribeNetworkInterfacesResult, Failure> {
        let filter = input.filters.unwrap().remove(0);
        let values = filter.values.unwrap();
        let fits = |one: &ec2::NetworkInterface| match filter.name.as_deref() {
            Some("description") => values.contains(one.description.as_ref().unwrap()),
            Some("group-id") => {
                one.groups.iter().flatten().any(|group| values.contains(group.group_id.as_ref().unwrap()))
            }
            other => panic!("{other:?}"),
        };
        let found = self.interfaces.lock().unwrap().values().filter(|one| fits(one)).cloned().collect();
        Ok(ec2::DescribeNetworkInterfacesResult { network_interfaces: Some(found), ..Default::default() })
    }

    fn describe_internet_gateways(
        &self,
        _: &Cx,
        _: ec2::DescribeInternetGatewaysRequest,
    ) -> Result<ec2::DescribeInternetGatewaysResult, Failure> {
        let gateways = Some(vec![ec2::InternetGateway::default()]);
        Ok(ec2::DescribeInternetGatewaysResult { internet_gateways: gateways, ..Default::default() })
    }

    fn describe_nat_gateways(
        &self,
        _: &Cx,
        _: ec2::DescribeNatGatewaysRequest,
    ) -> Result<ec2::DescribeNatGatewaysResult, Failure> {
        Ok(ec2::DescribeNatGatewaysResult::default())
    }

    fn describe_network_acls(
        &self,
        _: &Cx,
        _: ec2::DescribeNetworkAclsRequest,
    ) -> Result<ec2::DescribeNetworkAclsResult, Failure> {
        let of = |subnet: &str| ec2::NetworkAclAssociation {
            subnet_id: Some(subnet.into()),
            ..Default::default()
        };
        let entry = |egress| ec2::NetworkAclEntry {
            egress: Some(egress),
            cidr_block: Some("0.0.0.0/0".into()),
            protocol: Some("-1".into()),
            rule_action: Some("allow".into()),
            rule_number: Some(100),
            ..Default::default()
        };
        let acl = ec2::NetworkAcl {
            associations: Some(["subnet-a", "subnet-b", "subnet-full"].map(of).into()),
            entries: Some(vec![entry(true), entry(false)]),
            vpc_id: Some("vpc-1".into()),
            ..Default::default()
        };
        Ok(ec2::DescribeNetworkAclsResult { network_acls: Some(vec![acl]), ..Default::default() })
    }

    fn describe_route_tables(
        &self,
        _: &Cx,
        _: ec2::DescribeRouteTablesRequest,
    ) -> Result<ec2::DescribeRouteTablesResult, Failure> {
        let route = |to: &str, by: &str| ec2::Route {
            destination_cidr_block: Some(to.into()),
            gateway_id: Some(by.into()),
            state: Some("active".into()),
            ..Default::default()
        };
        let main = ec2::RouteTableAssociation { main: Some(true), ..Default::default() };
        let table = ec2::RouteTable {
            associations: Some(vec![main]),
            routes: Some(vec![route("172.31.0.0/16", "local"), route("0.0.0.0/0", "igw-1")]),
            vpc_id: Some("vpc-1".into()),
            ..Default::default()
        };
        Ok(ec2::DescribeRouteTablesResult { route_tables: Some(vec![table]), ..Default::default() })
    }

    fn describe_security_groups(
        &self,
        _: &Cx,
        input: ec2::DescribeSecurityGroupsRequest,
    ) -> Result<ec2::DescribeSecurityGroupsResult, Failure> {
        if let Some(id) = input.group_ids.iter().flatten().find(|id| !id.starts_with("sg-default")) {
            return answer("InvalidGroup.NotFound", format!("The security group '{id}' does not exist"));
        }
        let members = ec2::UserIdGroupPair { group_id: Some("sg-default".into()), ..Default::default() };
        let everywhere = ec2::IpRange { cidr_ip: Some("0.0.0.0/0".into()), ..Default::default() };
        let group = ec2::SecurityGroup {
            group_id: Some("sg-default".into()),
            group_name: Some("default".into()),
            vpc_id: Some("vpc-1".into()),
            ip_permissions: Some(vec![ec2::IpPermission {
                ip_protocol: Some("-1".into()),
                user_id_group_pairs: Some(vec![members]),
                ..Default::default()
            }]),
            ip_permissions_egress: Some(vec![ec2::IpPermission {
                ip_protocol: Some("-1".into()),
                ip_ranges: Some(vec![everywhere]),
                ..Default::default()
            }]),
            ..Default::default()
        };
        Ok(ec2::DescribeSecurityGroupsResult { security_groups: Some(vec![group]), ..Default::default() })
    }

    fn describe_subnets(
        &self,
        _: &Cx,
        input: ec2::DescribeSubnetsRequest,
    ) -> Result<ec2::DescribeSubnetsResult, Failure> {
        let mut subnets = Vec::new();
        let of_vpc = || vec!["subnet-a".to_owned(), "subnet-b".to_owned()];
        for id in input.subnet_ids.unwrap_or_else(of_vpc) {
            let (zone, vpc) = match id.as_str() {
                "subnet-a" => ("us-east-1a", "vpc-1"),
                "subnet-b" | "subnet-full" => ("us-east-1b", "vpc-1"),
                "subnet-other" => ("us-east-1a", "vpc-2"),
                _ => {
                    return answer(
                        "InvalidSubnetID.NotFound",
                        format!("The subnet ID '{id}' does not exist"),
                    );
                }
            };
            subnets.push(ec2::Subnet {
                subnet_id: Some(id),
                vpc_id: Some(vpc.into()),
                cidr_block: Some("172.31.0.0/20".into()),
                availability_zone: Some(zone.into()),
                available_ip_address_count: Some(4000),
                ..Default::default()
            });
        }
        Ok(ec2::DescribeSubnetsResult { subnets: Some(subnets), ..Default::default() })
    }

    fn describe_vpcs(
        &self,
        _: &Cx,
        input: ec2::DescribeVpcsRequest,
    ) -> Result<ec2::DescribeVpcsResult, Failure> {
        let vpc = ec2::Vpc {
            vpc_id: input.vpc_ids.unwrap().pop(),
            cidr_block: Some("172.31.0.0/16".into()),
            ..Default::default()
        };
        Ok(ec2::DescribeVpcsResult { vpcs: Some(vec![vpc]), ..Default::default() })
    }

    fn get_authorization_token(
        &self,
        cx: &Cx,
        _: ecr::GetAuthorizationTokenRequest,
    ) -> Result<ecr::GetAuthorizationTokenResponse, Failure> {
        let key = cx.key.as_ref().expect("a key to bind the password to");
        let token = base64::engine::general_purpose::STANDARD.encode(format!("AWS:of {}", key.id));
        let data = ecr::AuthorizationData { authorization_token: Some(token), ..Default::default() };
        Ok(ecr::GetAuthorizationTokenResponse { authorization_data: Some(vec![data]) })
    }

    fn create_log_group(&self, _: &Cx, input: logs::CreateLogGroupRequest) -> Result<Unit, Failure> {
        match self.groups.lock().unwrap().insert(input.log_group_name) {
            true => Ok(Unit),
            false => answer("ResourceAlreadyExistsException", "The specified log group already exists"),
        }
    }

    fn create_log_stream(&self, _: &Cx, input: logs::CreateLogStreamRequest) -> Result<Unit, Failure> {
        if !self.groups.lock().unwrap().contains(&input.log_group_name) {
            return answer("ResourceNotFoundException", "The specified log group does not exist.");
        }
        let stream = (input.log_group_name, input.log_stream_name);
        let mut lines = self.lines.lock().unwrap();
        if !lines.contains_key(&stream) {
            self.positions.lock().unwrap().retain(|(of, _), _| *of != stream);
        }
        lines.entry(stream).or_default();
        Ok(Unit)
    }

    fn put_output(&self, input: &OutputBatch) -> Result<OutputPut, Failure> {
        let mut lines = self.lines.lock().unwrap();
        let stream = (input.group.clone(), input.stream.clone());
        let Some(lines) = lines.get_mut(&stream) else {
            return answer("ResourceNotFoundException", "The specified log stream does not exist.");
        };
        let part = &input.part;
        let mut positions = self.positions.lock().unwrap();
        let at = positions.entry((stream, part.source.clone())).or_insert(0);
        if *at != part.from {
            return Ok(OutputPut::Elsewhere(*at));
        }
        *at = part.to;
        let text =
            |event: &OutputEvent| String::from_utf8(input.buffer[event.message.clone()].to_vec()).unwrap();
        lines.extend(input.events.iter().map(text));
        if self.dies_after_a_put.swap(false, Ordering::Relaxed) {
            return Err(Failure::internal("killed"));
        }
        Ok(OutputPut::Stored { out_of_time: 0 })
    }

    fn get_secret_value(
        &self,
        _: &Cx,
        input: secretsmanager::GetSecretValueRequest,
    ) -> Result<secretsmanager::GetSecretValueResponse, Failure> {
        match self.secrets.lock().unwrap().get(&input.secret_id) {
            Some(value) => Ok(secretsmanager::GetSecretValueResponse {
                secret_string: Some(value.clone()),
                ..Default::default()
            }),
            None => answer("ResourceNotFoundException", "Secrets Manager can't find the specified secret."),
        }
    }

    fn get_parameters(
        &self,
        _: &Cx,
        input: ssm::GetParametersRequest,
    ) -> Result<ssm::GetParametersResult, Failure> {
        let known = self.parameters.lock().unwrap();
        let found = input.names.iter().filter_map(|name| {
            let value = known.get(name)?.clone();
            Some(ssm::Parameter { name: Some(name.clone()), value: Some(value), ..Default::default() })
        });
        Ok(ssm::GetParametersResult { parameters: Some(found.collect()), ..Default::default() })
    }
}

/// The roles that are there and trust ECS's tasks.
#[derive(Default)]
pub struct Roles {
    pub known: Mutex<BTreeSet<String>>,
    pub sessions: Mutex<u32>,
    /// What roles may do; everything, where there is nothing.
    pub policy: Mutex<Option<String>>,
}

#[async_trait]
impl RoleCredentials for Roles {
    async fn may_assume(&self, _: &OnBehalf, role: &Arn, _: Timestamp) -> Result<(), Failure> {
        match self.known.lock().unwrap().contains(role.as_str()) {
            true => Ok(()),
            false => answer("NoSuchEntity", "The role cannot be found."),
        }
    }

    async fn credentials_for_role(
        &self,
        by: &OnBehalf,
        role: &Arn,
        session_name: &str,
        now: Timestamp,
    ) -> Result<RoleSession, Failure> {
        self.may_assume(by, role, now).await?;
        let number = {
            let mut sessions = self.sessions.lock().unwrap();
            *sessions += 1;
            *sessions
        };
        let mut caller = Caller::new(Principal::AssumedRole {
            account: role.account().parse().unwrap(),
            role_arn: role.to_string(),
            role_id: "AROA".into(),
            role_name: role.resource().rsplit('/').next().unwrap().into(),
            session_name: session_name.into(),
        });
        let all = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
        let policy = self.policy.lock().unwrap().clone();
        let policy = policy.as_deref().unwrap_or(all);
        caller.policies.identity = vec![Arc::new(Policy::parse(Kind::Identity, policy).unwrap())];
        Ok(RoleSession {
            access_key_id: format!("ASIA{number}"),
            secret_access_key: "secret".into(),
            session_token: "token".into(),
            expires_at: now + Duration::from_secs(6 * 3600),
            caller,
        })
    }
}
