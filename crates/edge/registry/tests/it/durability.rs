//! What was acknowledged stays, whatever is killed; what was not is not half there.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use gantry_ecr_core::Digest;

use crate::child::{Served, own_repository};
use crate::s3::Store;
use crate::world::image;

/// A client that can stop in the middle of a body.
struct Wire(SocketAddr);

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> String {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let found = lines.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map_or(String::new(), |(_, value)| value.to_owned())
    }
}

impl Wire {
    /// Sends the head and as much of the body as is given.
    fn open(&self, method: &str, path: &str, length: usize, headers: &str, body: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(self.0).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        stream
    }

    fn ask(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        read(self.open(method, path, body.len(), headers, body)).expect("an answer")
    }

    fn begin(&self) -> String {
        let begun = self.ask("POST", "/v2/web/blobs/uploads/", "", b"");
        assert_eq!(begun.status, 202, "{}", begun.head);
        begun.header("location")
    }

    /// How many bytes an upload has.
    fn received(&self, place: &str) -> usize {
        let status = self.ask("GET", place, "", b"");
        assert_eq!(status.status, 204, "{}", status.head);
        let last: usize = status.header("range").split_once('-').unwrap().1.parse().unwrap();
        if last == 0 { 0 } else { last + 1 }
    }
}

/// The answer; none if the connection ended before it was whole.
fn read(mut stream: TcpStream) -> Option<Answer> {
    let mut all = Vec::new();
    stream.read_to_end(&mut all).ok()?;
    let at = all.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8(all[..at].to_vec()).unwrap();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, head, body: all[at + 4..].to_vec() })
}

fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

#[test]
fn an_upload_goes_on_after_a_kill() {
    goes_on_after_a_kill(None);
}

#[test]
fn an_upload_to_an_s3_store_goes_on_after_a_kill() {
    goes_on_after_a_kill(Some(&Store::start()));
}

fn goes_on_after_a_kill(store: Option<&Store>) {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start_with(folder.path(), store);
    let wire = Wire(served.address);
    let content = noise(6 << 20, 1);
    let digest = Digest::of(&content);
    let place = wire.begin();
    // Cut off in the middle of the second piece.
    let first = wire.ask("PATCH", &place, "content-range: 0-1048575\r\n", &content[..1 << 20]);
    assert_eq!(first.status, 202);
    let rest = content.len() - (1 << 20);
    let hanging = wire.open("PATCH", &place, rest, "", &content[1 << 20..4 << 20]);
    std::thread::sleep(Duration::from_millis(200));
    served.kill();
    drop(hanging);

    let served = Served::start_with(folder.path(), store);
    let wire = Wire(served.address);
    let received = wire.received(&place);
    assert!((1 << 20..=4 << 20).contains(&received), "{received}");
    let range = format!("content-range: {received}-{}\r\n", content.len() - 1);
    assert_eq!(wire.ask("PATCH", &place, &range, &content[received..]).status, 202);
    assert_eq!(wire.ask("PUT", &format!("{place}?digest={digest}"), "", b"").status, 201);
    let blob = format!("/v2/web/blobs/{digest}");
    assert!(wire.ask("GET", &blob, "", b"").body == content);
    served.kill();
    let served = Served::start_with(folder.path(), store);
    assert!(Wire(served.address).ask("GET", &blob, "", b"").body == content);
}

#[test]
fn kills_at_any_time_leave_no_manifest_without_its_blobs() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged: Vec<String> = Vec::new();
    let mut tried: Vec<String> = Vec::new();
    for round in 0..6u64 {
        let served = Served::start(folder.path());
        let address = served.address;
        let pushing = std::thread::spawn(move || push_until_killed(&Wire(address), round));
        std::thread::sleep(Duration::from_millis(40 + round * 53));
        served.kill();
        let (done, begun) = pushing.join().unwrap();
        acknowledged.extend(done);
        tried.extend(begun);
    }
    assert!(!acknowledged.is_empty());
    let served = Served::start(folder.path());
    let wire = Wire(served.address);
    for tag in &tried {
        let found = wire.ask("GET", &format!("/v2/web/manifests/{tag}"), "", b"");
        assert!(found.status == 200 || !acknowledged.contains(tag), "{tag} was acknowledged: {}", found.head);
        if found.status != 200 {
            assert_eq!(found.status, 404);
            continue;
        }
        let manifest: serde_json::Value = serde_json::from_slice(&found.body).unwrap();
        for descriptor in [&manifest["config"], &manifest["layers"][0]] {
            let digest = descriptor["digest"].as_str().unwrap();
            let blob = wire.ask("GET", &format!("/v2/web/blobs/{digest}"), "", b"");
            assert_eq!(blob.status, 200, "{tag} needs {digest}");
            assert_eq!(Digest::of(&blob.body).to_string(), digest);
        }
    }
}

/// Pushes small images until the connection breaks: the tags that were acknowledged, and all that were tried.
fn push_until_killed(wire: &Wire, round: u64) -> (Vec<String>, Vec<String>) {
    let (mut done, mut begun) = (Vec::new(), Vec::new());
    for number in 0..1000 {
        let tag = format!("r{round}-{number}");
        let layer = format!("layer {tag}");
        begun.push(tag.clone());
        for content in ["{}", &layer] {
            let digest = Digest::of(content.as_bytes());
            let path = format!("/v2/web/blobs/uploads/?digest={digest}");
            match attempt(wire, "POST", &path, "", content.as_bytes()) {
                Some(201) => {}
                None => return (done, begun),
                other => panic!("{other:?}"),
            }
        }
        let header = "content-type: application/vnd.oci.image.manifest.v1+json\r\n";
        let path = format!("/v2/web/manifests/{tag}");
        match attempt(wire, "PUT", &path, header, image(&layer).to_string().as_bytes()) {
            Some(201) => done.push(tag),
            None => return (done, begun),
            other => panic!("{other:?}"),
        }
    }
    (done, begun)
}

/// None if the server is gone.
fn attempt(wire: &Wire, method: &str, path: &str, headers: &str, body: &[u8]) -> Option<u16> {
    let mut stream = TcpStream::connect(wire.0).ok()?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body).ok()?;
    Some(read(stream)?.status)
}

#[test]
fn a_client_that_hangs_up_leaves_what_it_sent() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path());
    let wire = Wire(served.address);
    let place = wire.begin();
    drop(wire.open("PATCH", &place, 1000, "", &[7; 400]));
    let deadline = Instant::now() + Duration::from_secs(20);
    while wire.received(&place) != 400 {
        assert!(Instant::now() < deadline, "{}", wire.received(&place));
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(wire.ask("PATCH", &place, "content-range: 400-999\r\n", &[7; 600]).status, 202);
    let digest = Digest::of(&[7; 1000]);
    assert_eq!(wire.ask("PUT", &format!("{place}?digest={digest}"), "", b"").status, 201);
}

#[test]
fn a_large_layer_takes_little_memory() {
    const SIZE: usize = 512 << 20;
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path());
    let wire = Wire(served.address);
    let piece = noise(1 << 20, 3);
    let mut hasher = gantry_ecr_core::Hasher::default();
    let place = wire.begin();
    let mut stream = wire.open("PATCH", &place, SIZE, "", b"");
    for _ in 0..SIZE / piece.len() {
        hasher.update(&piece);
        stream.write_all(&piece).unwrap();
    }
    assert_eq!(read(stream).unwrap().status, 202);
    let digest = hasher.digest();
    assert_eq!(wire.ask("PUT", &format!("{place}?digest={digest}"), "", b"").status, 201);
    let mut stream = wire.open("GET", &format!("/v2/web/blobs/{digest}"), 0, "", b"");
    let (mut buffer, mut total) = (vec![0; 1 << 20], 0);
    loop {
        match stream.read(&mut buffer).unwrap() {
            0 => break,
            read => total += read,
        }
    }
    assert!(total > SIZE);
    let peak = served.memory();
    assert!(peak < 96 << 20, "{} MiB at its peak", peak >> 20);
}

/// Where the clients find the server now; it moves with every kill.
type Where = std::sync::Arc<std::sync::RwLock<SocketAddr>>;

#[test]
fn sixteen_clients_push_two_hundred_images_while_the_server_is_killed() {
    push_while_killed(None);
}

#[test]
fn the_same_with_images_in_an_s3_store() {
    push_while_killed(Some(&Store::start()));
}

fn push_while_killed(store: Option<&Store>) {
    const CLIENTS: usize = 16;
    const IMAGES: usize = 200;
    const KILLS: usize = 6;
    let folder = tempfile::tempdir().unwrap();
    let repository = own_repository(folder.path());
    let mut served = Served::start_with(folder.path(), store);
    let place: Where = std::sync::Arc::new(std::sync::RwLock::new(served.address));
    let pushed = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (place, pushed, repository) = (place.clone(), pushed.clone(), repository.clone());
            std::thread::spawn(move || {
                for number in (client..IMAGES).step_by(CLIENTS) {
                    insist(&place, &repository, &format!("image{number}"));
                    pushed.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                }
            })
        })
        .collect();
    // Each kill comes when some more have been pushed, so that all of them fall into the pushing.
    let deadline = Instant::now() + Duration::from_secs(600);
    for kill in 1..=KILLS {
        while pushed.load(std::sync::atomic::Ordering::SeqCst) < kill * IMAGES / (KILLS + 1) {
            assert!(Instant::now() < deadline, "the clients come no further");
            std::thread::sleep(Duration::from_millis(5));
        }
        served.kill();
        served = Served::start_with(folder.path(), store);
        *place.write().unwrap() = served.address;
    }
    for client in clients {
        client.join().unwrap();
    }
    served.kill();
    let served = Served::start_with(folder.path(), store);
    let wire = Wire(served.address);
    for number in 0..IMAGES {
        let tag = format!("image{number}");
        let expected = image(&format!("layer {tag}")).to_string();
        let found = wire.ask("GET", &format!("/v2/{repository}/manifests/{tag}"), "", b"");
        assert_eq!((found.status, &found.body[..]), (200, expected.as_bytes()), "{tag}");
        assert_eq!(found.header("docker-content-digest"), Digest::of(expected.as_bytes()).to_string());
        for content in ["{}", &format!("layer {tag}")] {
            let path = format!("/v2/{repository}/blobs/{}", Digest::of(content.as_bytes()));
            let blob = wire.ask("GET", &path, "", b"");
            assert_eq!((blob.status, &blob.body[..]), (200, content.as_bytes()), "{tag}");
        }
    }
}

/// Pushes an image, again from the start whenever the server goes away in the middle.
fn insist(place: &Where, repository: &str, tag: &str) {
    let layer = format!("layer {tag}");
    let manifest = image(&layer).to_string();
    let header = "content-type: application/vnd.oci.image.manifest.v1+json\r\n";
    let blob =
        |content: &str| format!("/v2/{repository}/blobs/uploads/?digest={}", Digest::of(content.as_bytes()));
    let requests = [
        ("POST", blob("{}"), "", "{}"),
        ("POST", blob(&layer), "", layer.as_str()),
        ("PUT", format!("/v2/{repository}/manifests/{tag}"), header, manifest.as_str()),
    ];
    let deadline = Instant::now() + Duration::from_secs(600);
    while !requests.iter().all(|(method, path, headers, body)| {
        let wire = Wire(*place.read().unwrap());
        attempt(&wire, method, path, headers, body.as_bytes()) == Some(201)
    }) {
        assert!(Instant::now() < deadline, "{tag} can't be pushed");
        std::thread::sleep(Duration::from_millis(20));
    }
}
