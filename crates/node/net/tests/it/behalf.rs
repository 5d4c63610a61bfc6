//! A load balancer that sends with the addresses of its clients.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use gantry_net::{Attachment, Label, Net, Ports, Protocol, Rule};
use tokio::io::AsyncReadExt;

use crate::world::{LONG, Place, SHORT, answer, any, everyone, task};

pub const HTTP: Protocol = Protocol::Tcp(Ports { from: 80, to: 80 });
/// Nobody's, by the documentation of such addresses.
pub const CLIENT: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(203, 0, 113, 9), 40_001);

pub fn balancer(last: u8) -> Attachment {
    Attachment { balances: true, ..task(last, vec![]) }
}

/// Lets in this one alone.
pub fn only(last: u8) -> Rule {
    Rule { protocol: HTTP, peers: vec![format!("10.99.0.{last}/32").parse().unwrap()] }
}

/// What a server says of who called as `client`.
pub async fn seen(
    net: &Net,
    from: &Label,
    client: SocketAddrV4,
    last: u8,
    wait: Duration,
) -> std::io::Result<String> {
    let socket = net.socket_as(from, client).await.map_err(std::io::Error::other)?;
    let asked = async {
        let mut stream = socket.connect((Ipv4Addr::new(10, 99, 0, last), 80).into()).await?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await?;
        Ok(text)
    };
    tokio::time::timeout(wait, asked).await?
}

#[tokio::test]
async fn a_target_sees_the_client_and_answers_to_the_balancer() {
    let place = Place::new();
    let net = place.open().await;
    let from = balancer(70);
    let servers = [
        task(71, vec![everyone(HTTP)]),
        task(72, vec![only(70)]),
        task(73, vec![only(75)]),
        task(74, vec![]),
    ];
    net.attach(from.clone()).await.unwrap();
    net.attach(task(75, vec![])).await.unwrap();
    for server in &servers {
        net.attach(server.clone()).await.unwrap();
        answer(net.listen(&server.task, any(80)).await.unwrap());
    }
    let from = &from.task;
    let member = SocketAddrV4::new(Ipv4Addr::new(10, 99, 0, 75), 40_002);
    assert_eq!(seen(&net, from, CLIENT, 71, LONG).await.unwrap(), "203.0.113.9");
    assert_eq!(seen(&net, from, member, 71, LONG).await.unwrap(), "10.99.0.75", "not sent to that task");
    assert_eq!(
        seen(&net, from, CLIENT, 72, LONG).await.unwrap(),
        "203.0.113.9",
        "its group lets the balancer in"
    );
    assert!(seen(&net, from, CLIENT, 73, SHORT).await.is_err(), "its group knows neither");
    assert_eq!(
        seen(&net, from, member, 73, LONG).await.unwrap(),
        "10.99.0.75",
        "its group lets the client in"
    );
    assert!(seen(&net, from, CLIENT, 74, SHORT).await.is_err(), "nobody comes in");

    // A task can't do the same.
    let other = &servers[3].task;
    assert!(seen(&net, other, CLIENT, 71, SHORT).await.is_err());

    // As itself it goes on.
    let mut itself = net.socket(from).await.unwrap().connect(([10, 99, 0, 72], 80).into()).await.unwrap();
    let mut text = String::new();
    itself.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "10.99.0.70");
}

#[tokio::test]
async fn datagrams_have_their_client_s_address_and_port() {
    let place = Place::new();
    let net = place.open().await;
    let from = balancer(80);
    let server = task(81, vec![everyone(Protocol::Any)]);
    net.attach(from.clone()).await.unwrap();
    net.attach(server.clone()).await.unwrap();
    let echo = tokio::net::UdpSocket::from_std(net.datagrams(&server.task, any(53)).await.unwrap()).unwrap();
    let balancer = from.task;
    let from = net.datagrams_as(&balancer, CLIENT).await.unwrap();
    assert!(net.datagrams_as(&balancer, CLIENT).await.is_err(), "one of two would get all answers");
    let from = tokio::net::UdpSocket::from_std(from).unwrap();
    from.connect(SocketAddrV4::new(server.private_ipv4, 53)).await.unwrap();
    from.send(b"who").await.unwrap();
    let mut buffer = [0; 64];
    let (size, peer) = tokio::time::timeout(LONG, echo.recv_from(&mut buffer)).await.unwrap().unwrap();
    assert_eq!((&buffer[..size], peer), (&b"who"[..], CLIENT.into()));
    echo.send_to(b"you", peer).await.unwrap();
    let size = tokio::time::timeout(LONG, from.recv(&mut buffer)).await.unwrap().unwrap();
    assert_eq!(&buffer[..size], b"you");
}
