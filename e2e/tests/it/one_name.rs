//! Two replicas behind one name, with images in an S3 store: each request goes to another one than the one before.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::{Child, Command, Stdio};

use gantry_e2e::Image;
use gantry_e2e::world::{eventually, run};
use serde_json::Value;

use crate::fleet::{Cluster, Images, PATIENCE, Replica, aws, end, free_ports};
use crate::s3::{KEY, SECRET, Store};

/// nginx, which sends one request after the other to the next replica.
struct OneName {
    port: u16,
    process: Option<Child>,
}

impl OneName {
    fn start(folder: &Path, replicas: &[&Replica]) -> OneName {
        let port = free_ports(1)[0];
        let folder = folder.join("nginx");
        std::fs::create_dir(&folder).unwrap();
        let servers: String =
            replicas.iter().map(|replica| format!("server 127.0.0.1:{};", replica.port)).collect();
        let at = folder.display();
        let settings = format!(
            "daemon off; worker_processes 1; pid {at}/pid; error_log {at}/error.log; events {{}}
            http {{
                access_log off; client_body_temp_path {at}/body; proxy_temp_path {at}/proxy;
                fastcgi_temp_path {at}/fastcgi; uwsgi_temp_path {at}/uwsgi; scgi_temp_path {at}/scgi;
                client_max_body_size 0;
                upstream gantry {{ {servers} }}
                server {{
                    listen 127.0.0.1:{port};
                    location / {{
                        proxy_pass http://gantry; proxy_http_version 1.1; proxy_set_header Host $http_host;
                        proxy_request_buffering off; proxy_buffering off;
                    }}
                }}
            }}"
        );
        std::fs::write(folder.join("nginx.conf"), settings).unwrap();
        let process = Command::new("/usr/sbin/nginx")
            .args(["-p", &at.to_string(), "-c", &folder.join("nginx.conf").display().to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx is installed: cargo xtask test installs it");
        eventually("nginx answers", PATIENCE, || std::net::TcpStream::connect(("127.0.0.1", port)).ok());
        OneName { port, process: Some(process) }
    }
}

impl Drop for OneName {
    fn drop(&mut self) {
        if let Some(process) = &self.process {
            // Its workers end with it, which they would not if it were killed.
            run(Command::new("kill").args(["-TERM", &process.id().to_string()]));
            let _ = self.process.take().map(|mut process| process.wait());
        }
        end(self.process.take());
    }
}

#[test]
fn two_replicas_behind_one_name_are_one_registry_and_one_trail() {
    let folder = tempfile::Builder::new().prefix("gantry-e2e-").tempdir_in("/tmp").unwrap();
    let cluster = Cluster::start(folder.path());
    let store = Store::start();
    let images = Images::S3(store.url(), KEY, SECRET);
    let mut one = Replica::new(folder.path(), "one", &cluster.url(), &images);
    let mut two = Replica::new(folder.path(), "two", &cluster.url(), &images);
    one.run();
    eventually("the first replica leads", PATIENCE, || one.leads().then_some(()));
    two.share_keys(&one.data);
    two.run();
    eventually("the second replica follows", PATIENCE, || two.role().filter(|role| role.contains("follows")));
    let name = OneName::start(folder.path(), &[&one, &two]);
    let ask = |arguments: &[&str]| aws(&one.data, name.port, arguments).unwrap();

    // A client of the registry.
    ask(&["ecr", "create-repository", "--repository-name", "app"]);
    let image = Image::script("echo hello").with_layer("large", noise(12 << 20));
    let (layout, digest) = image.write(&folder.path().join("layout"));
    let password = ask(&["ecr", "get-login-password"]);
    let credentials = format!("AWS:{}", password.as_str().unwrap());
    let place = format!("docker://127.0.0.1:{}/app:latest", name.port);
    run(Command::new("skopeo")
        .args(["copy", "--quiet", "--insecure-policy", "--preserve-digests", "--dest-tls-verify=false"])
        .args(["--dest-creds", &credentials])
        .arg(format!("oci:{}:latest", layout.display()))
        .arg(&place));
    let pulled = folder.path().join("pulled");
    run(Command::new("skopeo")
        .args(["copy", "--quiet", "--insecure-policy", "--src-tls-verify=false", "--src-creds", &credentials])
        .arg(&place)
        .arg(format!("dir:{}", pulled.display())));
    let described = ask(&["ecr", "describe-images", "--repository-name", "app"]);
    assert_eq!(described["imageDetails"][0]["imageDigest"], digest.as_str());

    // ECR's own operations, with parts as large as it asks for.
    let layer = noise(22 << 20);
    let begun = ask(&["ecr", "initiate-layer-upload", "--repository-name", "app"]);
    let (upload, size) = (begun["uploadId"].as_str().unwrap(), begun["partSize"].as_u64().unwrap() as usize);
    assert_eq!(size, 20 << 20);
    for (number, part) in layer.chunks(size).enumerate() {
        let file = folder.path().join("part");
        std::fs::write(&file, part).unwrap();
        let first = number * size;
        let sent = ask(&[
            "ecr",
            "upload-layer-part",
            "--repository-name",
            "app",
            "--upload-id",
            upload,
            "--part-first-byte",
            &first.to_string(),
            "--part-last-byte",
            &(first + part.len() - 1).to_string(),
            "--layer-part-blob",
            &format!("fileb://{}", file.display()),
        ]);
        assert_eq!(sent["lastByteReceived"], first + part.len() - 1);
    }
    let digest = format!("sha256:{}", hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&layer)));
    let completing = ["ecr", "complete-layer-upload", "--repository-name", "app", "--upload-id", upload];
    let done = ask(&[&completing[..], &["--layer-digests", &digest]].concat());
    assert_eq!(done["layerDigest"], digest.as_str());

    // Whoever is asked tells what both were asked.
    one.aws(&["ecs", "create-cluster", "--cluster-name", "by-one"]).unwrap();
    two.aws(&["ecs", "create-cluster", "--cluster-name", "by-two"]).unwrap();
    let looking = ["cloudtrail", "lookup-events", "--lookup-attributes"];
    let looking = [&looking[..], &["AttributeKey=EventName,AttributeValue=CreateCluster"]].concat();
    for replica in [&one, &two] {
        let found = replica.aws(&looking).unwrap();
        let events: Vec<&str> = found["Events"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|e| e["CloudTrailEvent"].as_str())
            .collect();
        assert_eq!(events.len(), 2, "{found}");
        assert!(events[0].contains("by-two") && events[1].contains("by-one"), "{found}");
        // Page by page as well.
        let paged: Value = replica.aws(&[&looking[..], &["--page-size", "1"]].concat()).unwrap();
        assert_eq!(paged["Events"].as_array().map(Vec::len), Some(2), "{paged}");
    }
}

/// Bytes that don't compress.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}
