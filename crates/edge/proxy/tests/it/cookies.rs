//! Cookies go to targets as they came, whatever bytes they are of.

use gantry_elb_core::configuration::Stickiness;

use crate::http::cookie;
use crate::two::{POST, ask, speaking};
use crate::world::{Echo, World, until};

/// What programs put into cookies, if RFC 6265 knows it or not.
const ODD: [&[u8]; 6] = [
    b"a=1; b=\"2\"",
    b"no equals sign",
    b"",
    b"=nameless; ;;",
    b"caf\xc3\xa9=cr\xe8me; \xff=\x80",
    b"tab=\there",
];

/// Whether these bytes came to a target, next to each other.
fn has(target: &Echo, bytes: &[u8]) -> bool {
    target.seen.lock().unwrap().windows(bytes.len()).any(|part| part == bytes)
}

#[tokio::test]
async fn cookies_of_http1_stay_in_their_lines() {
    let target = Echo::new("a").await;
    let world = World::http(&[target.at]).await;
    let lines: Vec<u8> =
        ODD.iter().flat_map(|cookie| [b"Cookie: ".as_slice(), *cookie, b"\r\n"].concat()).collect();
    let head = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n".as_slice();
    let answer = world.raw(&[head, &lines, b"\r\n"].concat()).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(has(&target, &lines), "{}", target.seen());
    world.proxy.end().await;
}

#[tokio::test]
async fn cookies_of_http2_become_one_line_for_http1() {
    let target = Echo::new("a").await;
    let (world, trusted) = speaking(&[target.at]).await;
    let mut headers: Vec<(&str, &[u8])> =
        POST.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
    headers.extend(ODD.iter().map(|cookie| ("cookie", *cookie)));
    assert_eq!(ask(&world, &trusted, &headers, None).await.as_deref(), Some("200"));
    let line = [b"\r\ncookie: ".as_slice(), &ODD.join(b"; ".as_slice()), b"\r\n"].concat();
    assert!(has(&target, &line), "{}", target.seen());
    assert_eq!(target.seen().to_ascii_lowercase().matches("\r\ncookie:").count(), 1, "{}", target.seen());
    world.proxy.end().await;
}

#[tokio::test]
async fn a_load_balancer_finds_its_cookie_among_odd_ones() {
    let (a, b) = (Echo::new("a").await, Echo::new("b").await);
    let mut world = World::http(&[a.at, b.at]).await;
    world.change_group(|group| group.stickiness = Some(Stickiness::LoadBalancerCookie { seconds: 60 }));
    until(async || cookie(&world.get("/", "").await, "AWSALB").is_some()).await;
    let first = world.get("/", "").await;
    let name = if first.contains("[a]") { "[a]" } else { "[b]" };
    let kept = cookie(&first, "AWSALB").unwrap();
    let head = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n".as_slice();
    for odd in ODD {
        // As often as would lead to the other one by turns.
        for _ in 0..2 {
            let line = [b"Cookie: ".as_slice(), odd, b"; ", kept.as_bytes(), b"; \xff\r\n"].concat();
            let answer = world.raw(&[head, &line, b"\r\n"].concat()).await;
            assert!(answer.contains(name), "{answer}");
        }
    }
    world.proxy.end().await;
}
