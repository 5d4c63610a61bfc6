//! Access logs: what turns them on, and how they get to their buckets.

use std::io::Read;
use std::sync::Arc;

use gantry_api_elbv2 as api;
use gantry_base::{ManualClock, SeededIds, Timestamp};
use gantry_elb::AccessLogs;
use gantry_elb_core::access_log::{AccessLog, Carrier, Entry, Journal, Logged};
use gantry_objects::{Buckets, InMemory, NoBuckets};

use crate::world::{World, says};

fn set(arn: &str, pairs: &[(&str, &str)]) -> api::ModifyLoadBalancerAttributesInput {
    let attribute = |(key, value): &(&str, &str)| api::LoadBalancerAttribute {
        key: Some((*key).to_owned()),
        value: Some((*value).to_owned()),
    };
    api::ModifyLoadBalancerAttributesInput {
        load_balancer_arn: arn.into(),
        attributes: pairs.iter().map(attribute).collect(),
    }
}

const ON: (&str, &str) = ("access_logs.s3.enabled", "true");

#[tokio::test]
async fn a_bucket_is_tried_before_a_log_is_kept() {
    let world = World::new();
    let arn = world.balancer("web", "application").await.load_balancer_arn.unwrap();
    let refused = async |pairs: &[(&str, &str)]| {
        world.refused::<api::ModifyLoadBalancerAttributes>(set(&arn, pairs)).await
    };
    assert_eq!(refused(&[ON]).await.code, "ValidationError");
    let error = refused(&[ON, ("access_logs.s3.bucket", "nowhere")]).await;
    let message = "Access Denied for bucket: nowhere. Please check S3bucket permission";
    assert_eq!(says(&error), ("InvalidConfigurationRequest", message));
    assert!(world.configuration().await.load_balancers[0].access_log.is_none());

    let on = set(&arn, &[ON, ("access_logs.s3.bucket", "logs"), ("access_logs.s3.prefix", "of/web")]);
    world.call::<api::ModifyLoadBalancerAttributes>(on).await;
    assert_eq!(world.buckets.keys("logs"), ["of/web/AWSLogs/000000000000/ELBAccessLogTestFile"]);
    let log = world.configuration().await.load_balancers[0].access_log.clone().unwrap();
    assert_eq!(
        (log.bucket.as_str(), log.prefix.as_str(), log.region.as_str()),
        ("logs", "of/web", "us-east-1")
    );
    assert!(log.balancer.starts_with("app/web/"), "{}", log.balancer);
    world.call::<api::ModifyLoadBalancerAttributes>(set(&arn, &[("access_logs.s3.enabled", "false")])).await;
    assert!(world.configuration().await.load_balancers[0].access_log.is_none());

    let network = world.balancer("net", "network").await.load_balancer_arn.unwrap();
    let on = set(&network, &[ON, ("access_logs.s3.bucket", "logs")]);
    world.call::<api::ModifyLoadBalancerAttributes>(on).await;
    let wanted = world.configuration().await;
    let of = wanted.load_balancers.iter().find(|of| of.arn == network).unwrap();
    assert!(of.access_log.as_ref().unwrap().balancer.starts_with("net/net/"), "{of:?}");
}

fn log(bucket: &str) -> Arc<AccessLog> {
    Arc::new(AccessLog {
        bucket: bucket.into(),
        prefix: String::new(),
        account: "000000000000".into(),
        region: "us-east-1".into(),
        balancer: "app/web/0123456789abcdef".into(),
        address: [10, 0, 0, 9].into(),
    })
}

fn entry(log: &Arc<AccessLog>, path: &str) -> Logged {
    Logged::Request(Entry {
        log: log.clone(),
        carrier: Carrier::Http,
        at_us: 1_800_000_000_000_000,
        client: "192.0.2.1:1234".parse().unwrap(),
        target: None,
        times: [None; 3],
        status: Some(404),
        target_status: None,
        received_bytes: 1,
        sent_bytes: 2,
        request: format!("GET http://a:80{path} HTTP/1.1"),
        user_agent: None,
        tls: None,
        target_group_arn: None,
        trace_id: None,
        priority: Some(1),
        created_us: 1_800_000_000_000_000,
        action: Some("fixed-response"),
        redirect_url: None,
        ambiguous: false,
        connection: "TID_1".into(),
        transformed_host: None,
        transformed_uri: None,
        transforms: false,
    })
}

fn start(buckets: Arc<dyn Buckets>) -> Arc<AccessLogs> {
    // Two minutes before the end of a period.
    let clock = ManualClock::at(Timestamp::from_rfc3339("2026-01-05T23:38:00Z").unwrap());
    AccessLogs::start(buckets, Arc::new(clock), Arc::new(SeededIds::new(1)))
}

#[tokio::test]
async fn lines_of_a_load_balancer_are_in_one_file_of_their_period() {
    let buckets = Arc::new(InMemory::with(["logs", "others"]));
    let logs = start(buckets.clone());
    let (one, two) = (log("logs"), log("others"));
    for at in 0..3 {
        logs.take(entry(&one, &format!("/{at}")));
    }
    logs.take(entry(&two, "/other"));
    logs.end().await;
    let delivered = logs.delivered();
    assert_eq!((delivered.written, delivered.lost, delivered.waiting), (4, 0, 0));
    let keys = buckets.keys("logs");
    assert_eq!(keys.len(), 1, "{keys:?}");
    let beginning = "AWSLogs/000000000000/elasticloadbalancing/us-east-1/2026/01/05/\
                     000000000000_elasticloadbalancing_us-east-1_app.web.0123456789abcdef_20260105T2340Z_10.0.0.9_";
    assert!(keys[0].starts_with(beginning) && keys[0].ends_with(".log.gz"), "{keys:?}");
    let packed = buckets.read("logs", &keys[0], 1 << 20).await.unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();
    let requests: Vec<_> = text.lines().map(|line| line.split('"').nth(1).unwrap()).collect();
    assert_eq!(requests, [0, 1, 2].map(|at| format!("GET http://a:80/{at} HTTP/1.1")));
    assert_eq!(buckets.keys("others").len(), 1);
}

#[tokio::test]
async fn what_can_not_be_written_is_counted() {
    let logs = start(Arc::new(NoBuckets));
    logs.take(entry(&log("logs"), "/"));
    logs.end().await;
    assert_eq!((logs.delivered().written, logs.delivered().lost), (0, 1));
    // Nothing is taken any more.
    logs.take(entry(&log("logs"), "/"));
    assert_eq!(logs.delivered().lost, 2);
}
