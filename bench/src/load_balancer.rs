//! An application load balancer beside nginx as a reverse proxy, both before the same nginx as origin, with wrk.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use gantry_e2e::World;
use gantry_e2e::world::{eventually, run};
use serde_json::Value;

use crate::report::{Aim, Report, median};

/// Rounds of each; the middle one counts.
const ROUNDS: usize = 3;
const SECONDS: u32 = 5;

struct Nginx(Child);

impl Drop for Nginx {
    fn drop(&mut self) {
        // The master ends its workers.
        let _ = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        let _ = self.0.wait();
    }
}

fn nginx(folder: &Path, name: &str, http: &str) -> Nginx {
    let folder = folder.join(name);
    std::fs::create_dir_all(&folder).expect("the bench's own folder");
    let config = format!(
        "daemon off; worker_processes 2; pid {folder}/pid; error_log {folder}/error.log;\n\
         events {{ worker_connections 4096; }}\n\
         http {{ access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;\n\
         uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; keepalive_requests 1000000;\n{http}\n}}\n",
        folder = folder.display()
    );
    let file = folder.join("nginx.conf");
    std::fs::write(&file, config).expect("the bench's own folder");
    let child = Command::new("nginx")
        .arg("-c")
        .arg(&file)
        .args(["-e", "stderr"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("nginx is installed");
    Nginx(child)
}

/// A link with addresses that load balancers take for targets'; it is gone with this.
struct Link(String);

impl Link {
    fn new(address: &str) -> Link {
        let name = format!("gb{}", std::process::id() % 1_000_000);
        for arguments in [
            format!("link add {name} type dummy"),
            format!("addr add {address}/32 dev {name}"),
            format!("link set {name} up"),
        ] {
            run(Command::new("ip").args(arguments.split(' ')));
        }
        Link(name)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["link", "del", &self.0]).status();
    }
}

/// Requests a second.
fn wrk(url: &str, close: bool) -> f64 {
    let mut command = Command::new("wrk");
    command.args(["-t2", "-c64", &format!("-d{SECONDS}s")]);
    if close {
        command.args(["-H", "Connection: close"]);
    }
    let output = run(command.arg(url));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!text.contains("Non-2xx"), "{text}");
    let line = text.lines().find_map(|line| line.strip_prefix("Requests/sec:"));
    line.and_then(|rate| rate.trim().parse().ok()).unwrap_or_else(|| panic!("wrk said: {text}"))
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("an address").port()
}

/// With and without keep-alive.
pub fn proxy(report: &mut Report) {
    let world = World::start();
    let origin = "10.254.253.1";
    let _link = Link::new(origin);
    let (origin_port, peer_port, port) = (free_port(), free_port(), free_port());
    let answer = format!("server {{ listen {origin}:{origin_port}; location / {{ return 200 'hello'; }} }}");
    let _origin = nginx(world.folder(), "origin", &answer);
    let peer = format!(
        "upstream o {{ server {origin}:{origin_port}; keepalive 256; }}\n\
         server {{ listen 127.0.0.1:{peer_port}; location / {{ proxy_pass http://o; proxy_http_version 1.1;\n\
         proxy_set_header Connection ''; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; }} }}"
    );
    let _peer = nginx(world.folder(), "peer", &peer);
    balance(&world, origin, origin_port, port);
    let (ours, theirs) = (format!("http://127.0.0.1:{port}/"), format!("http://127.0.0.1:{peer_port}/"));
    // By the name, which wrk does not resolve to loopback by itself.
    let name = name(&world);
    eventually("the load balancer answers", std::time::Duration::from_secs(60), || {
        let answer = run(Command::new("curl").args(["-s", "-H", &format!("Host: {name}"), &ours]));
        (answer.stdout == b"hello").then_some(())
    });
    let own = own_address(&world, port);
    let ours = format!("http://{own}:{port}/");
    for (what, close) in
        [("ALB requests a second, keep-alive", false), ("ALB requests a second, a connection each", true)]
    {
        let rounds: Vec<(f64, f64)> = (0..ROUNDS).map(|_| (wrk(&ours, close), wrk(&theirs, close))).collect();
        let (a, b) = (
            median(rounds.iter().map(|round| round.0).collect()),
            median(rounds.iter().map(|round| round.1).collect()),
        );
        report.add(what, format!("{a:.0} /s"), format!("nginx {b:.0} /s"), a / b, Aim::AtLeast(1.0));
    }
}

fn name(world: &World) -> String {
    let listed: Value = world.aws().ok(&["elbv2", "describe-load-balancers"]);
    listed["LoadBalancers"][0]["DNSName"].as_str().expect("a name").to_owned()
}

fn balance(world: &World, origin: &str, origin_port: u16, port: u16) {
    world.aws().boto3(&format!(
        r#"
ec2 = boto3.client('ec2', endpoint_url=endpoint)
elb = boto3.client('elbv2', endpoint_url=endpoint)
subnets = ec2.describe_subnets()['Subnets']
of = elb.create_load_balancer(Name='bench', Subnets=[it['SubnetId'] for it in subnets])['LoadBalancers'][0]
group = elb.create_target_group(
    Name='bench', Protocol='HTTP', Port={origin_port}, VpcId=subnets[0]['VpcId'], TargetType='ip',
    HealthCheckIntervalSeconds=5, HealthCheckTimeoutSeconds=2)['TargetGroups'][0]
elb.register_targets(TargetGroupArn=group['TargetGroupArn'], Targets=[{{'Id': '{origin}', 'AvailabilityZone': 'all'}}])
elb.create_listener(
    LoadBalancerArn=of['LoadBalancerArn'], Protocol='HTTP', Port={port},
    DefaultActions=[{{'Type': 'forward', 'TargetGroupArn': group['TargetGroupArn']}}])
"#
    ));
}

/// The address of loopback at which the load balancer listens.
fn own_address(world: &World, port: u16) -> String {
    let output = run(Command::new("ss").args(["-Hltnp", &format!("sport = :{port}")]));
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    let pid = format!("pid={},", world.pid());
    let own =
        listed.lines().filter(|line| line.contains(&pid)).filter_map(|line| line.split_whitespace().nth(3));
    let mut own = own.filter_map(|local| local.rsplit_once(':')).map(|(address, _)| address.to_owned());
    own.find(|address| address != "127.0.0.1").expect("an address of its own")
}
