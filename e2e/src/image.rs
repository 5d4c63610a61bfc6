//! Images for tests, made from the host's busybox, as OCI layouts on disk.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::world::{World, python, run};

/// The applets that images have beside `busybox` itself.
const APPLETS: &[&str] = &[
    "sh", "cat", "echo", "env", "false", "grep", "head", "hostname", "id", "ip", "kill", "ls", "mkdir",
    "mount", "nc", "nslookup", "pwd", "sed", "sleep", "tr", "true", "ulimit", "uname", "wget", "yes",
    "httpd", "dd",
];

/// An image to be: files in a layer, and what it runs.
pub struct Image {
    layers: Vec<Vec<(String, Vec<u8>, u32)>>,
    config: Value,
}

impl Image {
    /// Busybox, running `script` under its shell.
    pub fn script(script: &str) -> Image {
        let busybox = std::fs::read("/bin/busybox").expect("busybox-static is installed");
        let script = format!("#!/bin/sh\n{script}\n").into_bytes();
        let base = vec![
            ("bin/busybox".to_owned(), busybox, 0o755),
            (
                "etc/passwd".to_owned(),
                b"root:x:0:0:root:/:/bin/sh\napp:x:1000:1000:app:/:/bin/sh\n".to_vec(),
                0o644,
            ),
            ("etc/group".to_owned(), b"root:x:0:\napp:x:1000:\n".to_vec(), 0o644),
        ];
        let config = json!({ "Cmd": ["/bin/main"], "Env": ["PATH=/bin"], "WorkingDir": "/" });
        Image { layers: vec![base, vec![("bin/main".to_owned(), script, 0o755)]], config }
    }

    /// The Python that the tests use, with boto3, running `script`.
    pub fn boto3(script: &str) -> Image {
        let output = run(Command::new(python()).arg("-c").arg(include_str!("python_image.py")));
        let wanted: Value = serde_json::from_slice(&output.stdout).expect("the script prints JSON");
        let text = |value: &Value| value.as_str().expect("a path").to_owned();
        let files = wanted["files"].as_array().expect("files").iter().map(|pair| {
            let content = std::fs::read(text(&pair[1])).expect("a file that Python uses");
            (text(&pair[0]).trim_start_matches('/').to_owned(), content, 0o755)
        });
        let mut image = Image::script("");
        image.layers.push(files.collect());
        image.config["Cmd"] = json!(["/usr/bin/python3", "-c", script]);
        image.config["Env"] = json!([
            "PATH=/bin:/usr/bin",
            format!("PYTHONHOME={}", text(&wanted["home"])),
            "PYTHONPATH=/packages",
            "PYTHONUNBUFFERED=1",
        ]);
        image
    }

    /// One more layer with one file.
    pub fn with_layer(mut self, path: &str, content: Vec<u8>) -> Image {
        self.layers.push(vec![(path.to_owned(), content, 0o644)]);
        self
    }

    /// Writes the image as an OCI layout and returns its folder and the manifest's digest.
    pub fn write(&self, folder: &Path) -> (PathBuf, String) {
        let blobs = folder.join("blobs/sha256");
        std::fs::create_dir_all(&blobs).expect("the test's own folder");
        let put = |bytes: &[u8]| {
            let digest = hex::encode(Sha256::digest(bytes));
            std::fs::write(blobs.join(&digest), bytes).expect("the test's own folder");
            format!("sha256:{digest}")
        };
        let mut layers = Vec::new();
        let mut diff_ids = Vec::new();
        for (index, files) in self.layers.iter().enumerate() {
            let tar = layer(files, index == 0);
            let digest = put(&tar);
            diff_ids.push(digest.clone());
            layers.push(json!({
                "mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest, "size": tar.len(),
            }));
        }
        let config = json!({
            "architecture": "amd64", "os": "linux", "config": self.config,
            "rootfs": { "type": "layers", "diff_ids": diff_ids },
        });
        let config = config.to_string().into_bytes();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {
                "mediaType": "application/vnd.oci.image.config.v1+json",
                "digest": put(&config), "size": config.len(),
            },
            "layers": layers,
        });
        let manifest = manifest.to_string().into_bytes();
        let digest = put(&manifest);
        let index = json!({
            "schemaVersion": 2,
            "manifests": [{
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "digest": digest, "size": manifest.len(),
                "annotations": { "org.opencontainers.image.ref.name": "latest" },
            }],
        });
        std::fs::write(folder.join("index.json"), index.to_string()).expect("the test's own folder");
        std::fs::write(folder.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#)
            .expect("the test's own folder");
        (folder.to_owned(), digest)
    }

    /// Makes the repository, pushes the image to it as `latest`, and returns its URI and the manifest's digest.
    pub fn push(&self, world: &World, repository: &str) -> (String, String) {
        let aws = world.aws();
        let described = match aws
            .command(&["ecr", "create-repository", "--repository-name", repository])
            .output()
        {
            Ok(output) if output.status.success() => {
                serde_json::from_slice::<Value>(&output.stdout).expect("JSON")
            }
            _ => json!({
                "repository": aws.ok(&["ecr", "describe-repositories", "--repository-names", repository])["repositories"][0]
            }),
        };
        let uri = described["repository"]["repositoryUri"].as_str().expect("a URI").to_owned();
        let (layout, digest) = self.write(&world.folder().join("images").join(repository));
        let password = aws.text(&["ecr", "get-login-password"]);
        run(Command::new("skopeo")
            .args(["copy", "--quiet", "--insecure-policy", "--preserve-digests", "--dest-tls-verify=false"])
            .args(["--dest-creds", &format!("AWS:{}", password.trim())])
            .arg(format!("oci:{}:latest", layout.display()))
            .arg(format!("docker://127.0.0.1:{}/{repository}:latest", world.port())));
        (format!("{uri}:latest"), digest)
    }
}

/// A layer as a tar; the first one brings the folders and the links to busybox.
fn layer(files: &[(String, Vec<u8>, u32)], first: bool) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    let header = |kind: tar::EntryType, mode: u32, size: u64| {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_size(size);
        header.set_mtime(0);
        header
    };
    if first {
        for (folder, mode) in
            [("bin", 0o755), ("etc", 0o755), ("proc", 0o755), ("sys", 0o755), ("dev", 0o755), ("tmp", 0o1777)]
        {
            let mut entry = header(tar::EntryType::Directory, mode, 0);
            tar.append_data(&mut entry, format!("{folder}/"), std::io::empty()).expect("memory");
        }
        for applet in APPLETS {
            let mut entry = header(tar::EntryType::Symlink, 0o777, 0);
            tar.append_link(&mut entry, format!("bin/{applet}"), "busybox").expect("memory");
        }
    }
    for (path, content, mode) in files {
        let mut entry = header(tar::EntryType::Regular, *mode, content.len() as u64);
        tar.append_data(&mut entry, path, &content[..]).expect("memory");
    }
    tar.into_inner().expect("memory")
}
