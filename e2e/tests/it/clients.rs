//! The registry as skopeo, buildah, containerd and curl use it: indexes, artifacts, mounts, deletes.

use std::process::Command;

use gantry_e2e::world::run;
use gantry_e2e::{Image, World};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// A repository of the world's registry with the password for it.
struct Repository<'a> {
    world: &'a World,
    credentials: String,
}

impl Repository<'_> {
    fn name(&self, rest: &str) -> String {
        format!("localhost:{}/{rest}", self.world.port())
    }

    fn curl(&self, arguments: &[&str], path: &str) -> (u16, String) {
        let url = format!("{}/v2/{path}", self.world.endpoint());
        let own = ["--user", &self.credentials, &url];
        self.world.curl(&[&own[..], arguments].concat()).expect("curl runs")
    }

    /// Stores a manifest under its digest, which it gives with its size.
    fn put(&self, repository: &str, media_type: &str, manifest: &Value) -> (String, usize) {
        let text = manifest.to_string();
        let digest = format!("sha256:{}", hex::encode(Sha256::digest(&text)));
        let content_type = format!("Content-Type: {media_type}");
        let arguments = ["--request", "PUT", "--header", &content_type, "--data-binary", &text];
        let (status, said) = self.curl(&arguments, &format!("{repository}/manifests/{digest}"));
        assert_eq!(status, 201, "{said}");
        (digest, text.len())
    }

    fn manifest(&self, repository: &str, reference: &str) -> (u16, String) {
        let accept = format!("Accept: {INDEX}, {MANIFEST}");
        self.curl(&["--header", &accept], &format!("{repository}/manifests/{reference}"))
    }

    fn skopeo(&self, arguments: &[&str]) -> String {
        let output = run(Command::new("skopeo").args(arguments));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn copy(&self, from: &str, to: &str) {
        let (from, to) = (format!("docker://{}", self.name(from)), format!("docker://{}", self.name(to)));
        self.skopeo(&[
            "copy",
            "--quiet",
            "--insecure-policy",
            "--all",
            "--preserve-digests",
            "--src-tls-verify=false",
            "--dest-tls-verify=false",
            "--src-creds",
            &self.credentials,
            "--dest-creds",
            &self.credentials,
            &from,
            &to,
        ]);
    }
}

#[test]
fn indexes_artifacts_and_deletes_by_skopeo() {
    let world = World::start();
    let aws = world.aws();
    let (_, one) = Image::script("echo one").push(&world, "app");
    let (_, two) = Image::script("echo two").push(&world, "app");
    let password = aws.text(&["ecr", "get-login-password"]);
    let registry = Repository { world: &world, credentials: format!("AWS:{}", password.trim()) };
    let entry = |digest: &str, architecture: &str| {
        let size = registry.manifest("app", digest).1.len();
        json!({ "mediaType": MANIFEST, "digest": digest, "size": size,
            "platform": { "os": "linux", "architecture": architecture } })
    };
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX,
        "manifests": [entry(&one, "amd64"), entry(&two, "arm64")] });
    let (digest, size) = registry.put("app", INDEX, &index);

    // To another repository, whose layers are mounted, and to one that a template makes.
    aws.ok(&["ecr", "create-repository", "--repository-name", "other"]);
    registry.copy(&format!("app@{digest}"), "other:both");
    let images = aws.ok(&["ecr", "describe-images", "--repository-name", "other"]);
    assert_eq!(images["imageDetails"].as_array().map(Vec::len), Some(3), "{images}");
    aws.boto3(
        "boto3.client('ecr', endpoint_url=endpoint).create_repository_creation_template(prefix='made', appliedFor=['CREATE_ON_PUSH'])",
    );
    registry.copy(&format!("app@{digest}"), "made/by/push:both");

    let artifact = json!({ "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": "application/x.sbom",
        "config": { "mediaType": "application/vnd.oci.empty.v1+json", "size": 2,
            "digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" },
        "layers": [], "subject": { "mediaType": INDEX, "digest": digest, "size": size } });
    let empty =
        "app/blobs/uploads/?digest=sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    assert_eq!(registry.curl(&["--request", "POST", "--data-binary", "{}"], empty).0, 201);
    let (artifact, _) = registry.put("app", MANIFEST, &artifact);
    let (status, referrers) = registry.curl(&[], &format!("app/referrers/{digest}"));
    assert_eq!(status, 200);
    let referrers: Value = serde_json::from_str(&referrers).expect("JSON");
    assert_eq!(referrers["manifests"][0]["digest"], artifact.as_str());
    assert_eq!(referrers["manifests"][0]["artifactType"], "application/x.sbom");

    let name = format!("docker://{}", registry.name("other:both"));
    registry.skopeo(&["delete", "--tls-verify=false", "--creds", &registry.credentials, &name]);
    assert_eq!(registry.manifest("other", "both").0, 404);
    assert_eq!(registry.manifest("app", &digest).0, 200);
}

#[test]
fn buildah_and_containerd_pull_and_push() {
    let world = World::start();
    let aws = world.aws();
    let (_, digest) = Image::script("echo hello").push(&world, "app");
    let password = aws.text(&["ecr", "get-login-password"]);
    let registry = Repository { world: &world, credentials: format!("AWS:{}", password.trim()) };
    let (from, to) = (registry.name("app:latest"), registry.name("app:again"));

    let storage = world.folder().join("buildah");
    let buildah = |arguments: &[&str]| {
        let mut command = Command::new("buildah");
        command.arg("--root").arg(storage.join("root")).arg("--runroot").arg(storage.join("run"));
        run(command.args(["--storage-driver", "vfs"]).args(arguments));
    };
    let creds = &registry.credentials;
    buildah(&["pull", "--quiet", "--tls-verify=false", "--creds", creds, &from]);
    buildah(&["push", "--quiet", "--tls-verify=false", "--creds", creds, &from, &format!("docker://{to}")]);
    assert_eq!(registry.manifest("app", "again").0, 200);

    let containerd = world.containerd_pid().expect("containerd runs");
    let command = std::fs::read(format!("/proc/{containerd}/cmdline")).expect("it runs");
    let command = String::from_utf8_lossy(&command).into_owned();
    let config = command.split('\0').find(|word| word.ends_with(".toml")).expect("its configuration");
    let config = std::fs::read_to_string(config).expect("it was written for it");
    let address =
        config.split('"').find(|word| word.ends_with("containerd.sock")).expect("its address").to_owned();
    let ctr = |arguments: &[&str]| {
        run(Command::new("ctr").args(["--address", &address, "--namespace", "e2e"]).args(arguments));
    };
    ctr(&["content", "fetch", "--plain-http", "--user", creds, &from]);
    let to = registry.name("app:containerd");
    ctr(&["images", "tag", &from, &to]);
    ctr(&["images", "push", "--plain-http", "--user", creds, &to]);
    let found =
        aws.ok(&["ecr", "describe-images", "--repository-name", "app", "--image-ids", "imageTag=containerd"]);
    assert_eq!(found["imageDetails"][0]["imageDigest"], digest.as_str());
    ctr(&["images", "rm", &from, &to]);
}

#[test]
fn an_image_of_another_registry_is_pulled_through_and_kept() {
    let upstream = World::start();
    let (_, digest) = Image::script("echo hello").push(&upstream, "team/app");
    let password = upstream.aws().text(&["ecr", "get-login-password"]);
    let mirror = format!("ghcr.io=http://127.0.0.1:{}", upstream.port());
    let world = World::start_with(&["--upstream", &mirror]);
    let aws = world.aws();
    let secret = json!({ "username": "AWS", "accessToken": password.trim() }).to_string();
    let secret = aws.ok(&[
        "secretsmanager",
        "create-secret",
        "--name",
        "ecr-pullthroughcache/up",
        "--secret-string",
        &secret,
    ]);
    let secret = secret["ARN"].as_str().expect("an ARN");
    let said = aws.boto3(&format!(
        "ecr = boto3.client('ecr', endpoint_url=endpoint)
ecr.create_pull_through_cache_rule(ecrRepositoryPrefix='up', upstreamRegistryUrl='ghcr.io', credentialArn='{secret}')
print(ecr.validate_pull_through_cache_rule(ecrRepositoryPrefix='up'))"
    ));
    assert!(said.contains("'isValid': True"), "{said}");
    let password = aws.text(&["ecr", "get-login-password"]);
    let registry = Repository { world: &world, credentials: format!("AWS:{}", password.trim()) };
    assert_eq!(registry.manifest("up/team/nothing", "latest").0, 404);
    let pull = || {
        let name = format!("docker://{}", registry.name("up/team/app:latest"));
        let into = format!("dir:{}", world.folder().join("pulled").display());
        registry.skopeo(&[
            "copy",
            "--quiet",
            "--insecure-policy",
            "--src-tls-verify=false",
            "--src-creds",
            &registry.credentials,
            &name,
            &into,
        ]);
    };
    pull();
    let found = aws.ok(&["ecr", "describe-images", "--repository-name", "up/team/app"]);
    assert_eq!(found["imageDetails"][0]["imageDigest"], digest.as_str());
    drop(upstream);
    pull();
    let (status, refused) = registry.manifest("up/team/other", "latest");
    assert_eq!(status, 502, "{refused}");
}
