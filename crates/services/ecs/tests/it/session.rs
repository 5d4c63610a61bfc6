//! Sessions of nodes: who may, what a restart and a lost task do.

use std::sync::Arc;

use gantry_ecs::session::serve;
use gantry_node_proto::tls::{CONTROL_NAME, Material};
use gantry_node_proto::v1::control_client::ControlClient;
use gantry_node_proto::v1::{DesiredStatus, ReasonCode};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tonic::Code;
use tonic::transport::Endpoint;

use crate::node::{SimNode, client, hello, running, stopped};
use crate::world::World;

#[tokio::test]
async fn a_newer_session_ends_the_older_one() {
    let world = World::new();
    let client = client(&world).await;
    let mut older = SimNode::dial(client.clone(), hello("node-1")).await.unwrap();
    older.desired().await;
    let mut newer = SimNode::dial(client, hello("node-1")).await.unwrap();
    newer.desired().await;
    let ended = loop {
        match older.next().await {
            Ok(Some(_)) => {}
            ended => break ended,
        }
    };
    assert_eq!(ended.unwrap_err().code(), Code::Aborted);
    assert_eq!(world.ecs.connected().open(), ["node-1"]);
}

#[tokio::test]
async fn a_task_that_the_node_lost_is_stopped_and_one_on_its_way_is_sent() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    world.register_web().await;
    let known = world.run(world.run_web()).await.remove(0).task_arn.unwrap();
    node.task(&known, DesiredStatus::Running).await;
    node.report(vec![running(&known)]).await;
    let coming = world.run(world.run_web()).await.remove(0).task_arn.unwrap();
    node.task(&coming, DesiredStatus::Running).await;

    let mut node = SimNode::join(&world, "node-1").await;
    let task = world.until(&known, "STOPPED").await;
    assert_eq!(task.stop_code.as_deref(), Some("InfrastructureHealth"));
    assert_eq!(world.describe(&coming).await.last_status.as_deref(), Some("PENDING"));
    node.report(vec![running(&coming)]).await;
    world.until(&coming, "RUNNING").await;
}

#[tokio::test]
async fn a_restart_sends_the_same_set_again() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    world.register_web().await;
    let arn = world.run(world.run_web()).await.remove(0).task_arn.unwrap();
    let before = node.task(&arn, DesiredStatus::Running).await;
    let interfaces = world.siblings.interfaces.lock().unwrap().clone();

    let restarted = World::over(world.db.clone());
    *restarted.siblings.interfaces.lock().unwrap() = interfaces;
    // The node has ledgered more than this store has seen, as after a restore from a backup.
    let ledgered = node.generation + 1_000_000;
    let hello = gantry_node_proto::v1::Hello { ledgered_generation: ledgered, ..hello("node-1") };
    let mut node = SimNode::dial(client(&restarted).await, hello).await.unwrap();
    let desired = node.desired().await;
    assert!(desired.generation > ledgered);
    assert_eq!(desired.tasks, [before]);
}

#[tokio::test]
async fn reports_of_another_s_task_change_nothing() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    world.register_web().await;
    let arn = world.run(world.run_web()).await.remove(0).task_arn.unwrap();
    node.task(&arn, DesiredStatus::Running).await;
    let mut stranger = SimNode::join(&world, "node-2").await;
    stranger.report(vec![stopped(&arn, 1, ReasonCode::EssentialContainerExited)]).await;
    assert_eq!(world.describe(&arn).await.last_status.as_deref(), Some("PENDING"));
}

/// A CA and certificates for the names.
fn certificates(names: &[&str]) -> Vec<Material> {
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate().unwrap()).unwrap();
    let one = |name: &&str| {
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec![name.to_string()]).unwrap().signed_by(&key, &ca).unwrap();
        Material { ca_pem: ca.pem(), certificate_pem: certificate.pem(), key_pem: key.serialize_pem() }
    };
    names.iter().map(one).collect()
}

#[tokio::test]
async fn a_node_must_hold_the_certificate_of_its_name() {
    let provider = rustls::crypto::ring::default_provider();
    let _ = rustls::crypto::CryptoProvider::install_default(provider);
    let world = World::new();
    let [server, node]: [Material; 2] = certificates(&[CONTROL_NAME, "node-1"]).try_into().unwrap();
    let stranger = certificates(&["node-1"]).remove(0);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let ecs = Arc::new(world.ecs.clone());
    let stop = world.stop.clone();
    tokio::spawn(async move { serve(&ecs, listener, &server, None, stop).await });
    let dial = async |material: &Material, id: &str| {
        let endpoint = Endpoint::from_shared(format!("https://{address}")).unwrap();
        let channel = endpoint.tls_config(material.client()).unwrap().connect_lazy();
        SimNode::dial(ControlClient::new(channel), hello(id)).await
    };
    dial(&node, "node-1").await.expect("its own name").desired().await;
    let refused = dial(&node, "node-2").await.err().expect("another's name");
    assert_eq!(refused.code(), Code::PermissionDenied);
    // Under another CA the client would not even trust the server, so it is given the right one.
    let forged = Material { ca_pem: node.ca_pem.clone(), ..stranger };
    assert!(dial(&forged, "node-1").await.is_err());
}

#[tokio::test]
async fn a_task_whose_node_is_silent_is_shown_as_cut_off() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    world.register_web().await;
    let arn = world.run(world.run_web()).await.remove(0).task_arn.unwrap();
    node.task(&arn, DesiredStatus::Running).await;
    node.report(vec![running(&arn)]).await;
    world.clock.advance(std::time::Duration::from_secs(21));
    let task = world.describe(&arn).await;
    assert_eq!(task.connectivity.as_deref(), Some("DISCONNECTED"));
    assert_eq!(task.last_status.as_deref(), Some("RUNNING"), "it goes on for all that is known");
    let answer = world.call::<gantry_api_ecs::RunTask>(world.run_web()).await.unwrap();
    assert_eq!(answer.failures.unwrap()[0].detail.as_deref(), Some("node node-1 has been silent for 21 s"));
    node.report(vec![running(&arn)]).await;
    assert_eq!(world.describe(&arn).await.connectivity.as_deref(), Some("CONNECTED"));
}
