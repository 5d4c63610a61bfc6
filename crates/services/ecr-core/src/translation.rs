//! Giving an image in another form than the one that it was pushed in.
//!
//! ECR does so for clients that pull by tag and do not take the form that is kept
//! (<https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-manifest-formats.html>). Docker's second
//! schema and OCI's image differ in nothing but the names of their parts. Docker's first schema is not kept
//! here, and lists are never translated.

use serde_json::Value;

use crate::media_type::ManifestType;

/// The types that are the same thing in both forms: Docker's name and OCI's.
const PAIRS: [(&str, &str); 4] = [
    ("application/vnd.docker.container.image.v1+json", "application/vnd.oci.image.config.v1+json"),
    ("application/vnd.docker.image.rootfs.diff.tar.gzip", "application/vnd.oci.image.layer.v1.tar+gzip"),
    ("application/vnd.docker.image.rootfs.diff.tar", "application/vnd.oci.image.layer.v1.tar"),
    (
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    ),
];

/// The image's manifest in the other form; none where there is none for it, such as for an artifact.
pub fn translate(body: &[u8], from: ManifestType, to: ManifestType) -> Option<Vec<u8>> {
    let known: fn(&str) -> Option<&'static str> = match (from, to) {
        (ManifestType::DockerImage, ManifestType::OciImage) => {
            |name| PAIRS.iter().find(|(docker, _)| *docker == name).map(|(_, oci)| *oci)
        }
        (ManifestType::OciImage, ManifestType::DockerImage) => {
            |name| PAIRS.iter().find(|(_, oci)| *oci == name).map(|(docker, _)| *docker)
        }
        _ => return None,
    };
    let mut manifest: Value = serde_json::from_slice(body).ok()?;
    if manifest.get("subject").is_some() || manifest.get("artifactType").is_some() {
        return None;
    }
    manifest["mediaType"] = to.as_str().into();
    rename(manifest.get_mut("config")?, known)?;
    for layer in manifest.get_mut("layers")?.as_array_mut()? {
        rename(layer, known)?;
    }
    serde_json::to_vec(&manifest).ok()
}

fn rename(descriptor: &mut Value, known: fn(&str) -> Option<&'static str>) -> Option<()> {
    let name = known(descriptor.get("mediaType")?.as_str()?)?;
    descriptor["mediaType"] = name.into();
    Some(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use ManifestType::{DockerImage, DockerList, OciImage};

    fn image(media_type: ManifestType, config: &str, layer: &str) -> Value {
        json!({
            "schemaVersion": 2,
            "mediaType": media_type.as_str(),
            "config": { "mediaType": config, "digest": "sha256:c", "size": 1 },
            "layers": [{ "mediaType": layer, "digest": "sha256:l", "size": 2 }],
        })
    }

    #[test]
    fn an_image_is_the_same_both_ways_and_what_has_no_other_form_stays() {
        let docker = image(DockerImage, PAIRS[0].0, PAIRS[1].0);
        let oci = image(OciImage, PAIRS[0].1, PAIRS[1].1);
        let translated = |value: &Value, from, to| {
            let body = translate(value.to_string().as_bytes(), from, to)?;
            Some(serde_json::from_slice::<Value>(&body).unwrap())
        };
        assert_eq!(translated(&docker, DockerImage, OciImage), Some(oci.clone()));
        assert_eq!(translated(&oci, OciImage, DockerImage), Some(docker.clone()));
        assert_eq!(translated(&docker, DockerImage, DockerList), None);
        let zstd = image(OciImage, PAIRS[0].1, "application/vnd.oci.image.layer.v1.tar+zstd");
        assert_eq!(translated(&zstd, OciImage, DockerImage), None);
        let mut artifact = oci;
        artifact["artifactType"] = json!("application/x.sbom");
        assert_eq!(translated(&artifact, OciImage, DockerImage), None);
    }
}
