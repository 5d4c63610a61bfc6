//! VPCs of the user's own: who reaches whom.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use gantry_e2e::world::{eventually, python};
use gantry_e2e::{Aws, Image, World};
use serde_json::json;

use crate::{PATIENCE, define, execution_role, lines, wait_for};

/// How long a packet that is dropped is waited for.
const SHORT: Duration = Duration::from_millis(700);

/// A machine beside this one, with a web server: a network namespace of the test's own.
struct Outside {
    name: String,
    address: Ipv4Addr,
    host: Ipv4Addr,
    server: Child,
}

impl Outside {
    fn new(world: &World) -> Outside {
        let number = std::process::id();
        let name = format!("ge{number}");
        let [third, fourth] = [(number >> 6) as u8, (number << 2) as u8];
        let host = Ipv4Addr::new(198, 18, third, fourth | 1);
        let address = Ipv4Addr::new(198, 18, third, fourth | 2);
        for command in [
            format!("ip netns add {name}"),
            format!("ip link add {name} type veth peer name out netns {name}"),
            format!("ip addr add {host}/30 dev {name}"),
            format!("ip link set {name} up"),
            format!("ip -n {name} addr add {address}/30 dev out"),
            format!("ip -n {name} link set out up"),
            format!("ip -n {name} route add default via {host}"),
        ] {
            ip(&command);
        }
        let pages = world.folder().join("outside");
        std::fs::create_dir_all(&pages).expect("the test's own folder");
        std::fs::write(pages.join("index.html"), "the world outside\n").expect("the test's own folder");
        let server = Command::new("ip")
            .args(["netns", "exec", &name])
            .arg(python())
            .args(["-m", "http.server", "80", "--directory"])
            .arg(&pages)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("ip is installed");
        Outside { name, address, host, server }
    }

    /// Whether it gets through to a port.
    fn reaches(&self, address: Ipv4Addr, port: u16) -> bool {
        let script = format!("import socket; socket.create_connection(('{address}', {port}), 0.7)");
        let dialled = Command::new("ip")
            .args(["netns", "exec", &self.name])
            .arg(python())
            .args(["-c", &script])
            .stderr(Stdio::null())
            .status();
        dialled.expect("ip is installed").success()
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
        let _ = Command::new("ip").args(["netns", "del", &self.name]).status();
    }
}

fn ip(command: &str) {
    let mut words = command.split(' ');
    let program = words.next().expect("split gives at least one word");
    let status = Command::new(program).args(words).status().expect("ip is installed");
    assert!(status.success(), "{command}");
}

/// What a web server says, if it is reached.
fn page(address: Ipv4Addr, port: u16) -> Option<String> {
    let mut stream = TcpStream::connect_timeout(&SocketAddr::from((address, port)), SHORT).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    text.lines().last().map(str::to_owned)
}

/// The one value at a path of a CLI's answer.
fn made(aws: &Aws, arguments: &[&str], path: &str) -> String {
    let answer = aws.ok(arguments);
    answer
        .pointer(path)
        .and_then(|value| value.as_str())
        .unwrap_or_else(|| panic!("{path}: {answer}"))
        .to_owned()
}

/// A VPC with an internet gateway and a public subnet: the ids of the VPC and the subnet.
fn public_vpc(aws: &Aws) -> (String, String) {
    let vpc = made(aws, &["ec2", "create-vpc", "--cidr-block", "10.77.0.0/16"], "/Vpc/VpcId");
    let gateway = made(aws, &["ec2", "create-internet-gateway"], "/InternetGateway/InternetGatewayId");
    aws.text(&["ec2", "attach-internet-gateway", "--internet-gateway-id", &gateway, "--vpc-id", &vpc]);
    let subnet = subnet(aws, &vpc, "10.77.1.0/24", &["--gateway-id", &gateway]);
    (vpc, subnet)
}

/// A subnet from which everything outside is reached by a target.
fn subnet(aws: &Aws, vpc: &str, cidr: &str, target: &[&str]) -> String {
    let arguments = ["ec2", "create-subnet", "--vpc-id", vpc, "--cidr-block", cidr];
    let subnet = made(aws, &arguments, "/Subnet/SubnetId");
    let table = made(aws, &["ec2", "create-route-table", "--vpc-id", vpc], "/RouteTable/RouteTableId");
    let route = ["ec2", "create-route", "--route-table-id", &table, "--destination-cidr-block", "0.0.0.0/0"];
    aws.ok(&[&route[..], target].concat());
    aws.ok(&["ec2", "associate-route-table", "--route-table-id", &table, "--subnet-id", &subnet]);
    subnet
}

/// A group that nothing comes into yet.
fn group(aws: &Aws, vpc: &str, name: &str) -> String {
    let arguments = ["ec2", "create-security-group", "--group-name", name, "--description", "web"];
    made(aws, &[&arguments[..], &["--vpc-id", vpc]].concat(), "/GroupId")
}

fn http<'a>(verb: &'a str, group: &'a str) -> [&'a str; 10] {
    ["ec2", verb, "--group-id", group, "--protocol", "tcp", "--port", "80", "--cidr", "0.0.0.0/0"]
}

/// A running task that says `name` at ports 80 and 81, and asks `outside` all the time: its private and public address.
fn task(aws: &Aws, subnet: &str, group: &str, public: &str, name: &str) -> (Ipv4Addr, Option<Ipv4Addr>) {
    let network = format!(
        "awsvpcConfiguration={{subnets=[{subnet}],securityGroups=[{group}],assignPublicIp={public}}}"
    );
    let environment = json!([{ "name": "NAME", "value": name }]);
    let overrides = json!({ "containerOverrides": [{ "name": "main", "environment": environment }] });
    let arguments = ["ecs", "run-task", "--launch-type", "FARGATE", "--task-definition", "net"];
    let more = ["--network-configuration", &network, "--overrides", &overrides.to_string()];
    let arn = made(aws, &[&arguments[..], &more].concat(), "/tasks/0/taskArn");
    let task = wait_for(aws, &arn, "RUNNING");
    let details = task["attachments"][0]["details"].as_array().expect("a list");
    let detail = |name: &str| {
        let found = details.iter().find(|detail| detail["name"] == name)?;
        Some(found["value"].as_str().expect("a text").to_owned())
    };
    let id = detail("networkInterfaceId").expect("a running task has one");
    let found = aws.ok(&["ec2", "describe-network-interfaces", "--network-interface-ids", &id]);
    let public = found["NetworkInterfaces"][0]["Association"]["PublicIp"].as_str();
    let private = detail("privateIPv4Address").expect("a running task has one");
    let address = |text: &str| text.parse().expect("an address");
    (address(&private), public.map(address))
}

#[test]
fn private_tasks_go_out_by_nat_groups_open_ports_and_vpcs_with_one_range_live_side_by_side() {
    let world = World::start();
    let outside = Outside::new(&world);
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster"]);
    let execution = execution_role(&aws);
    let image = Image::script(&format!(
        "mkdir -p /www; echo $NAME > /www/index.html; httpd -p 80 -h /www; httpd -p 81 -h /www
while :; do wget -qO- http://{}/ 2>/dev/null | sed \"s/^/$NAME hears /\"; sleep 0.5; done",
        outside.address
    ));
    define(&world, "net", &image, json!({ "stopTimeout": 2 }), json!({ "executionRoleArn": execution }));
    let said = |text: &str| lines(&aws, "/ecs/net").iter().any(|line| line == text);

    // A private task: out by NAT, and not in.
    let (vpc, public_subnet) = public_vpc(&aws);
    let open = group(&aws, &vpc, "open");
    aws.ok(&http("authorize-security-group-ingress", &open));
    let address = made(&aws, &["ec2", "allocate-address"], "/AllocationId");
    let arguments = ["ec2", "create-nat-gateway", "--subnet-id", &public_subnet, "--allocation-id", &address];
    let nat = made(&aws, &arguments, "/NatGateway/NatGatewayId");
    aws.text(&["ec2", "wait", "nat-gateway-available", "--nat-gateway-ids", &nat]);
    let private_subnet = subnet(&aws, &vpc, "10.77.2.0/24", &["--nat-gateway-id", &nat]);
    let (private, none) = task(&aws, &private_subnet, &open, "DISABLED", "private");
    assert_eq!(none, None);
    eventually("the private task reaches outside", PATIENCE, || {
        said("private hears the world outside").then_some(())
    });
    assert_eq!(page(private, 80), None, "this host does not reach it");
    assert!(!outside.reaches(private, 80), "another machine does not reach it");

    // A group opens one port, while the task runs.
    let closed = group(&aws, &vpc, "closed");
    let (_, public) = task(&aws, &public_subnet, &closed, "ENABLED", "public");
    let public = public.expect("a public address");
    assert_eq!(page(public, 80), None, "the group lets nobody in");
    aws.ok(&http("authorize-security-group-ingress", &closed));
    eventually("the port is open", PATIENCE, || page(public, 80).filter(|page| page == "public"));
    assert_eq!(page(public, 81), None, "one port alone");
    assert!(outside.reaches(public, 80), "{} leads to it", outside.host);
    aws.ok(&http("revoke-security-group-ingress", &closed));
    eventually("the port is closed", PATIENCE, || page(public, 80).is_none().then_some(()));

    // Another VPC with the same range.
    let (vpc, subnet) = public_vpc(&aws);
    let other = group(&aws, &vpc, "other");
    aws.ok(&http("authorize-security-group-ingress", &other));
    aws.ok(&http("authorize-security-group-ingress", &closed));
    let (_, second) = task(&aws, &subnet, &other, "ENABLED", "second");
    let second = second.expect("a public address");
    eventually("the first", PATIENCE, || page(public, 80).filter(|page| page == "public"));
    eventually("the second", PATIENCE, || page(second, 80).filter(|page| page == "second"));
}
