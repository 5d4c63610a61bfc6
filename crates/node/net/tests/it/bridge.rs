//! Containers on the host's bridge.

use std::collections::HashSet;
use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;

use gantry_net::{Cidr, NetError, Publish, Transport};

use crate::run;
use crate::world::{LONG, Place, SHORT, answer, any, dial};

#[tokio::test(flavor = "multi_thread")]
async fn containers_on_the_bridge_are_reached_by_published_ports() {
    let place = Place::new();
    let net = place.open().await;
    let (a, b): (gantry_net::Label, gantry_net::Label) = ("one-a".parse().unwrap(), "one-b".parse().unwrap());
    let first = net.attach_bridged(&a).await.unwrap();
    let second = net.attach_bridged(&b).await.unwrap();
    assert_ne!(first, second);
    let publish = |host_port| Publish { transport: Transport::Tcp, container_port: 80, count: 2, host_port };
    let bound = net.publish(&a, &[publish(None)]).await.unwrap().remove(0);
    answer(net.listen(&a, any(80)).await.unwrap());
    answer(net.listen(&a, any(81)).await.unwrap());
    let (inside, host) = (net.namespace_of(&b), bound.host_port);

    // From the host, by its loopback and by the container's own address; from the other, by the host's address too.
    assert!(dial(None, (Ipv4Addr::LOCALHOST, host), LONG).is_ok());
    assert!(dial(None, (Ipv4Addr::LOCALHOST, host + 1), LONG).is_ok());
    assert!(dial(None, (first, 80), LONG).is_ok());
    let gateway = Cidr::new(first, 22).network().nth(1);
    // The bridge has one hardware address for good: those of its ports come and go.
    let bridge = format!("g{}b", place.instance);
    let hardware = || std::fs::read_to_string(format!("/sys/class/net/{bridge}/address")).unwrap();
    let [w, x, y, z] = gateway.octets();
    let own = format!("02:42:{w:02x}:{x:02x}:{y:02x}:{z:02x}\n");
    assert_eq!(hardware(), own);
    run("ip", &["link", "set", &bridge, "address", "02:00:00:00:00:01"]);
    net.mend().await.unwrap();
    assert_eq!(hardware(), own);
    assert_eq!(dial(Some(&inside), (first, 80), LONG).unwrap(), second.to_string());
    assert_eq!(dial(Some(&inside), (gateway, host), LONG).unwrap(), gateway.to_string());
    // And by itself, as its own client.
    assert!(dial(Some(&net.namespace_of(&a)), (gateway, host), LONG).is_ok());
    // The host's own loopback is not the container's to reach.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    answer(listener);
    assert!(dial(Some(&inside), (gateway, port), SHORT).is_err());

    let taken = net.publish(&b, &[publish(Some(host))]).await.unwrap_err();
    assert!(matches!(taken, NetError::PortTaken { source: None, .. }), "{taken}");
    assert!(TcpListener::bind(any(host)).is_err(), "nobody finds it free");

    // The next run knows it all, and holds the ports again once it is told of the container.
    drop(net);
    let net = place.open().await;
    assert_eq!(net.attach_bridged(&a).await.unwrap(), first);
    assert!(dial(None, (Ipv4Addr::LOCALHOST, host), LONG).is_ok());
    assert!(TcpListener::bind(any(host)).is_err(), "nobody finds it free");
    assert_eq!(net.publish(&a, &[publish(None)]).await.unwrap(), [bound]);

    // A bridge that somebody set down or removed comes again.
    run("ip", &["link", "set", &bridge, "down"]);
    net.mend().await.unwrap();
    assert!(dial(None, (Ipv4Addr::LOCALHOST, host), LONG).is_ok());
    assert!(Command::new("ip").args(["link", "del", &bridge]).status().unwrap().success());
    net.mend().await.unwrap();
    assert!(dial(None, (Ipv4Addr::LOCALHOST, host), LONG).is_ok());

    net.detach(&a).await.unwrap();
    assert!(TcpListener::bind(any(host)).is_ok());
    assert!(dial(None, (Ipv4Addr::LOCALHOST, host), SHORT).is_err());
    net.retain(&HashSet::new()).await.unwrap();
    assert_eq!(place.left(), [] as [String; 0]);
}
