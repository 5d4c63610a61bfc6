//! An application load balancer beside nginx and HAProxy as reverse proxies, all before the same nginx as origin, with wrk.
//! All of them, the origin and wrk share the machine's cores.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use gantry_e2e::World;
use gantry_e2e::world::{eventually, run};
use serde_json::Value;

use crate::report::{Aim, Report, median};

/// Rounds of each; the middle one counts.
const ROUNDS: usize = 3;
const SECONDS: u32 = 5;

/// A process that ends with this.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // A master ends its workers.
        let _ = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        let _ = self.0.wait();
    }
}

fn nginx(folder: &Path, name: &str, http: &str) -> Running {
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
    Running(child)
}

/// A link with addresses that load balancers take for targets'; it is gone with this.
struct Link(String);

impl Link {
    fn new(address: &str) -> Link {
        let name = format!("gb{}", std::process::id() % 1_000_000);
        for arguments in [
            // Nothing passes by it: the address is this machine's own. Not every kernel has a kind that leads nowhere.
            format!("link add {name} type veth peer name {name}p"),
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

/// The parts of a run: what the peers and the load balancer have in common.
struct Places<'a> {
    folder: &'a Path,
    origin: String,
    /// Certificate and key in one file.
    pem: PathBuf,
    plain_port: u16,
    tls_port: u16,
}

/// A peer, which ends with this.
struct Peer {
    name: &'static str,
    _running: Running,
    plain: String,
    tls: String,
}

fn nginx_peer(at: &Places<'_>) -> Peer {
    let Places { origin, pem, plain_port, tls_port, .. } = at;
    let pem = pem.display();
    let pass = "location / { proxy_pass http://o; proxy_http_version 1.1; proxy_set_header Connection '';\n\
                proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme; }";
    let config = format!(
        "upstream o {{ server {origin}; keepalive 256; }}\n\
         server {{ listen 127.0.0.1:{plain_port}; {pass} }}\n\
         server {{ listen 127.0.0.1:{tls_port} ssl; ssl_certificate {pem}; ssl_certificate_key {pem};\n\
         ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:s:1m; {pass} }}"
    );
    Peer {
        name: "nginx",
        _running: nginx(at.folder, "peer", &config),
        plain: format!("http://127.0.0.1:{plain_port}/"),
        tls: format!("https://127.0.0.1:{tls_port}/"),
    }
}

fn haproxy_peer(at: &Places<'_>) -> Peer {
    let Places { origin, pem, plain_port, tls_port, .. } = at;
    let config = format!(
        "global\n  nbthread 2\n  maxconn 4096\ndefaults\n  mode http\n  timeout connect 5s\n  timeout client 60s\n  \
         timeout server 60s\n  option forwardfor\n  http-reuse always\nfrontend f\n  bind 127.0.0.1:{plain_port}\n  \
         bind 127.0.0.1:{tls_port} ssl crt {pem}\n  default_backend b\nbackend b\n  server o {origin}\n",
        pem = pem.display()
    );
    let file = at.folder.join("haproxy.cfg");
    std::fs::write(&file, config).expect("the bench's own folder");
    let child = Command::new("haproxy")
        .args(["-db", "-f"])
        .arg(&file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("HAProxy is installed");
    Peer {
        name: "HAProxy",
        _running: Running(child),
        plain: format!("http://127.0.0.1:{plain_port}/"),
        tls: format!("https://127.0.0.1:{tls_port}/"),
    }
}

/// A certificate of the kind that the load balancer has, with its key.
fn certificate(folder: &Path) -> PathBuf {
    let (key, cert, both) = (folder.join("key.pem"), folder.join("cert.pem"), folder.join("both.pem"));
    let new =
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 7 -subj /CN=bench.example";
    run(Command::new("openssl").args(new.split(' ')).arg("-keyout").arg(&key).arg("-out").arg(&cert));
    let read = |file| std::fs::read_to_string(file).expect("openssl made it");
    std::fs::write(&both, format!("{}{}", read(&cert), read(&key))).expect("the bench's own folder");
    both
}

/// HTTP/1.1 with and without keep-alive, in the clear and with TLS, beside nginx and HAProxy.
pub fn proxy(report: &mut Report) {
    let world = World::start();
    let origin = "10.254.253.1";
    let _link = Link::new(origin);
    let (origin_port, port, tls_port) = (free_port(), free_port(), free_port());
    let answer = format!("server {{ listen {origin}:{origin_port}; location / {{ return 200 'hello'; }} }}");
    let _origin = nginx(world.folder(), "origin", &answer);
    let pem = certificate(world.folder());
    let place = || Places {
        folder: world.folder(),
        origin: format!("{origin}:{origin_port}"),
        pem: pem.clone(),
        plain_port: free_port(),
        tls_port: free_port(),
    };
    let peers = [nginx_peer(&place()), haproxy_peer(&place())];
    balance(&world, origin, origin_port, port, tls_port);
    let name = name(&world);
    let answers = |url: &str| {
        let answer = run(Command::new("curl").args(["-sk", "-H", &format!("Host: {name}"), url]));
        (answer.stdout == b"hello").then_some(())
    };
    let patience = std::time::Duration::from_secs(60);
    eventually("the load balancer answers", patience, || answers(&format!("http://127.0.0.1:{port}/")));
    // At its own address, as wrk does not know its name.
    let own = own_address(&world, port);
    let (plain, tls) = (format!("http://{own}:{port}/"), format!("https://{own}:{tls_port}/"));
    for url in peers.iter().flat_map(|peer| [&peer.plain, &peer.tls]).chain([&plain, &tls]) {
        eventually(url, patience, || answers(url));
    }
    for (what, secure, close) in [
        ("keep-alive", false, false),
        ("a connection each", false, true),
        ("TLS, keep-alive", true, false),
        ("TLS, a connection each", true, true),
    ] {
        let ours = if secure { &tls } else { &plain };
        let theirs = |peer: &Peer| if secure { peer.tls.clone() } else { peer.plain.clone() };
        let urls: Vec<String> = std::iter::once(ours.clone()).chain(peers.iter().map(theirs)).collect();
        // One after another in each round, so that what else the machine does meets all of them.
        let rounds: Vec<Vec<f64>> =
            (0..ROUNDS).map(|_| urls.iter().map(|url| wrk(url, close)).collect()).collect();
        let middle = |at: usize| median(rounds.iter().map(|round| round[at]).collect());
        let own = middle(0);
        for (at, peer) in peers.iter().enumerate() {
            let theirs = middle(at + 1);
            let what = format!("ALB requests a second, {what} (beside {})", peer.name);
            report.add(
                &what,
                format!("{own:.0} /s"),
                format!("{} {theirs:.0} /s", peer.name),
                own / theirs,
                Aim::AtLeast(1.0),
            );
        }
    }
}

fn name(world: &World) -> String {
    let listed: Value = world.aws().ok(&["elbv2", "describe-load-balancers"]);
    listed["LoadBalancers"][0]["DNSName"].as_str().expect("a name").to_owned()
}

fn balance(world: &World, origin: &str, origin_port: u16, port: u16, tls_port: u16) {
    world.aws().boto3(&format!(
        r#"
ec2 = boto3.client('ec2', endpoint_url=endpoint)
elb = boto3.client('elbv2', endpoint_url=endpoint)
acm = boto3.client('acm', endpoint_url=endpoint)
subnets = ec2.describe_subnets()['Subnets']
of = elb.create_load_balancer(Name='bench', Subnets=[it['SubnetId'] for it in subnets])['LoadBalancers'][0]
group = elb.create_target_group(
    Name='bench', Protocol='HTTP', Port={origin_port}, VpcId=subnets[0]['VpcId'], TargetType='ip',
    HealthCheckIntervalSeconds=5, HealthCheckTimeoutSeconds=2)['TargetGroups'][0]
elb.register_targets(TargetGroupArn=group['TargetGroupArn'], Targets=[{{'Id': '{origin}', 'AvailabilityZone': 'all'}}])
actions = [{{'Type': 'forward', 'TargetGroupArn': group['TargetGroupArn']}}]
elb.create_listener(LoadBalancerArn=of['LoadBalancerArn'], Protocol='HTTP', Port={port}, DefaultActions=actions)
certificate = acm.request_certificate(DomainName='bench.example', KeyAlgorithm='EC_prime256v1')['CertificateArn']
elb.create_listener(
    LoadBalancerArn=of['LoadBalancerArn'], Protocol='HTTPS', Port={tls_port}, DefaultActions=actions,
    Certificates=[{{'CertificateArn': certificate}}])
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
