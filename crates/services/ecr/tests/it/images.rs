//! Images through ECR's operations.

use gantry_api_ecr as api;
use gantry_ecr_core::{Digest, Tag};
use serde_json::json;

use crate::world::{HOME, IMAGE, World, descriptor, digest_of, image, index, refused};

fn by_tag(tag: &str) -> api::ImageIdentifier {
    api::ImageIdentifier { image_digest: None, image_tag: Some(tag.into()) }
}

fn by_digest(digest: impl ToString) -> api::ImageIdentifier {
    api::ImageIdentifier { image_digest: Some(digest.to_string()), image_tag: None }
}

fn tag(text: &str) -> Tag {
    text.parse().unwrap()
}

fn pair(id: &api::ImageIdentifier) -> (Option<String>, Option<String>) {
    (id.image_digest.clone(), id.image_tag.clone())
}

async fn get(world: &World, ids: Vec<api::ImageIdentifier>) -> api::BatchGetImageResponse {
    let input =
        api::BatchGetImageRequest { repository_name: "web".into(), image_ids: ids, ..Default::default() };
    world.call::<api::BatchGetImage>(input).await.unwrap()
}

async fn delete(world: &World, ids: Vec<api::ImageIdentifier>) -> api::BatchDeleteImageResponse {
    let input =
        api::BatchDeleteImageRequest { repository_name: "web".into(), image_ids: ids, ..Default::default() };
    world.call::<api::BatchDeleteImage>(input).await.unwrap()
}

fn codes(failures: &Option<Vec<api::ImageFailure>>) -> Vec<&str> {
    failures.iter().flatten().map(|failure| failure.failure_code.as_deref().unwrap()).collect()
}

#[tokio::test]
async fn an_image_is_put_once_under_each_tag() {
    let world = World::new();
    world.make("web").await;
    let manifest = world.push("web", Some("v1"), "layer").await;
    let digest = digest_of(&manifest);
    let again = refused(world.put("web", Some("v1"), &manifest).await, "ImageAlreadyExistsException");
    assert_eq!(
        again,
        format!(
            "Image with digest '{digest}' and tag 'v1' already exists in the repository with name 'web' in registry with id '{HOME}'"
        )
    );
    refused(world.put("web", None, &manifest).await, "ImageAlreadyExistsException");
    let put = world.put("web", Some("v2"), &manifest).await.unwrap();
    assert_eq!(put.image_id.unwrap().image_digest.unwrap(), digest.to_string());
    refused(world.put("web", Some("v 3"), &manifest).await, "InvalidParameterException");
    refused(world.put("web", Some("v3"), &json!({})).await, "InvalidParameterException");
    refused(world.put("none", Some("v3"), &manifest).await, "RepositoryNotFoundException");
    let other = api::PutImageRequest {
        repository_name: "web".into(),
        image_manifest: image("other").to_string(),
        image_digest: Some(digest.to_string()),
        ..Default::default()
    };
    refused(world.call::<api::PutImage>(other).await, "ImageDigestDoesNotMatchException");
    refused(world.put("web", Some("v3"), &image("absent")).await, "LayersNotFoundException");
    refused(
        world.put("web", Some("v3"), &index(&[&image("absent")])).await,
        "ReferencedImagesNotFoundException",
    );
}

#[tokio::test]
async fn an_immutable_tag_stays_even_for_the_same_image() {
    let world = World::new();
    let more =
        api::CreateRepositoryRequest { image_tag_mutability: Some("IMMUTABLE".into()), ..Default::default() };
    world.make_with("web", more).await.unwrap();
    let manifest = world.push("web", Some("v1"), "layer").await;
    world.put("web", Some("v2"), &manifest).await.unwrap();
    for manifest in [&manifest, &image("{}")] {
        refused(world.put("web", Some("v1"), manifest).await, "ImageTagAlreadyExistsException");
    }
}

#[tokio::test]
async fn images_are_got_by_digest_and_tag_and_what_is_not_there_says_so() {
    let world = World::new();
    world.make("web").await;
    let manifest = world.push("web", Some("v1"), "one").await;
    let other = world.push("web", Some("v2"), "two").await;
    let both = api::ImageIdentifier {
        image_digest: Some(digest_of(&other).to_string()),
        image_tag: Some("v1".into()),
    };
    let got = get(
        &world,
        vec![
            by_tag("v1"),
            by_digest(digest_of(&other)),
            by_tag("none"),
            by_digest(Digest::of(b"absent")),
            by_digest("sha256:x"),
            by_tag("a/b"),
            api::ImageIdentifier::default(),
            both,
        ],
    )
    .await;
    let images = got.images.unwrap();
    assert_eq!(images.len(), 2);
    assert_eq!(images[0].image_manifest.as_deref().unwrap(), manifest.to_string());
    assert_eq!(images[0].image_id.as_ref().unwrap().image_tag.as_deref(), Some("v1"));
    assert_eq!(images[1].image_manifest.as_deref().unwrap(), other.to_string());
    assert_eq!(
        codes(&got.failures),
        [
            "ImageNotFound",
            "ImageNotFound",
            "InvalidImageDigest",
            "InvalidImageTag",
            "MissingDigestAndTag",
            "ImageTagDoesNotMatchDigest",
        ]
    );
}

#[tokio::test]
async fn images_are_got_in_a_form_that_the_caller_takes_or_not_at_all() {
    const DOCKER: &str = "application/vnd.docker.distribution.manifest.v2+json";
    const LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
    let world = World::new();
    world.make("web").await;
    let mut manifest = world.push("web", Some("v1"), "one").await;
    world.put("web", Some("all"), &index(&[&manifest])).await.unwrap();
    let got = async |id: api::ImageIdentifier, accepted: &[&str]| {
        let input = api::BatchGetImageRequest {
            repository_name: "web".into(),
            image_ids: vec![id],
            accepted_media_types: Some(accepted.iter().map(|kind| (*kind).to_owned()).collect()),
            ..Default::default()
        };
        let got = world.call::<api::BatchGetImage>(input).await.unwrap();
        let image = got.images.unwrap().pop();
        assert_eq!(image.is_none(), codes(&got.failures) == ["ImageNotFound"]);
        image.map(|image| (image.image_manifest_media_type.unwrap(), image.image_manifest.unwrap()))
    };
    let kept = Some((IMAGE.to_owned(), manifest.to_string()));
    assert_eq!(got(by_tag("v1"), &[DOCKER, IMAGE]).await, kept);
    assert_eq!(got(by_digest(digest_of(&manifest)), &[IMAGE]).await, kept);
    // By tag an image is translated where it can be; by digest it is what it is.
    let (media_type, translated) = got(by_tag("v1"), &[LIST, DOCKER]).await.unwrap();
    manifest["mediaType"] = json!(DOCKER);
    manifest["config"]["mediaType"] = json!("application/vnd.docker.container.image.v1+json");
    manifest["layers"][0]["mediaType"] = json!("application/vnd.docker.image.rootfs.diff.tar");
    assert_eq!(media_type, DOCKER);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&translated).unwrap(), manifest);
    assert_eq!(got(by_digest(digest_of(&image("one"))), &[DOCKER]).await, None);
    assert_eq!(got(by_tag("v1"), &[LIST, "text/plain"]).await, None);
    assert_eq!(got(by_tag("all"), &[DOCKER]).await, None);
}

#[tokio::test]
async fn images_are_listed_by_pages_and_by_whether_they_have_a_tag() {
    let world = World::new();
    world.make("web").await;
    let tagged = world.push("web", Some("a"), "tagged").await;
    for tag in ["b", "c"] {
        world.put("web", Some(tag), &tagged).await.unwrap();
    }
    for layer in ["1", "2", "3"] {
        world.push("web", None, layer).await;
    }
    let list = |status: Option<&str>, max_results, next_token| {
        let filter = status
            .map(|status| api::ListImagesFilter { tag_status: Some(status.into()), ..Default::default() });
        let input = api::ListImagesRequest {
            repository_name: "web".into(),
            filter,
            max_results,
            next_token,
            ..Default::default()
        };
        world.call::<api::ListImages>(input)
    };
    for (status, count) in [(None, 6), (Some("TAGGED"), 3), (Some("UNTAGGED"), 3), (Some("ANY"), 6)] {
        let all = list(status, None, None).await.unwrap();
        assert_eq!((all.image_ids.as_ref().unwrap().len(), all.next_token), (count, None), "{status:?}");
        let all: Vec<_> = all.image_ids.unwrap().iter().map(pair).collect();
        let (mut paged, mut token) = (Vec::new(), None);
        loop {
            let page = list(status, Some(2), token).await.unwrap();
            assert!(page.image_ids.as_ref().unwrap().len() <= 2);
            paged.extend(page.image_ids.unwrap().iter().map(pair));
            token = page.next_token;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(paged, all, "{status:?}");
    }
    let archived = api::ListImagesFilter { image_status: Some("ARCHIVED".into()), ..Default::default() };
    let archived = api::ListImagesRequest {
        repository_name: "web".into(),
        filter: Some(archived),
        ..Default::default()
    };
    assert_eq!(world.call::<api::ListImages>(archived).await.unwrap().image_ids.unwrap().len(), 0);
    let token = list(None, Some(1), None).await.unwrap().next_token;
    refused(list(Some("TAGGED"), None, token).await, "InvalidParameterException");
    refused(list(Some("SOME"), None, None).await, "InvalidParameterException");
}

#[tokio::test]
async fn images_are_described() {
    let world = World::new();
    world.make("web").await;
    let amd = world.push("web", Some("amd"), "a layer").await;
    let arm = world.push("web", None, "a longer layer").await;
    let mut list = index(&[&amd, &arm]);
    list["subject"] = descriptor(&amd.to_string(), crate::world::IMAGE);
    world.put("web", Some("all"), &list).await.unwrap();
    let describe = |input: api::DescribeImagesRequest| {
        world.call::<api::DescribeImages>(api::DescribeImagesRequest {
            repository_name: "web".into(),
            ..input
        })
    };
    let ids = Some(vec![by_tag("all"), by_digest(digest_of(&amd)), by_tag("amd")]);
    let named =
        describe(api::DescribeImagesRequest { image_ids: ids.clone(), ..Default::default() }).await.unwrap();
    let mut details = named.image_details.unwrap().into_iter();
    let (all, amd_detail) = (details.next().unwrap(), details.next().unwrap());
    assert!(details.next().is_none());
    assert_eq!(all.image_tags.unwrap(), ["all"]);
    assert_eq!(all.image_size_in_bytes, Some("a longer layer{}".len() as i64));
    assert_eq!(all.subject_manifest_digest.unwrap(), digest_of(&amd).to_string());
    assert_eq!(all.image_manifest_media_type.unwrap(), "application/vnd.oci.image.index.v1+json");
    assert_eq!(amd_detail.artifact_media_type.unwrap(), "application/vnd.oci.image.config.v1+json");
    assert!(amd_detail.last_recorded_pull_time.is_none());
    assert!(world.has_image("web", tag("amd")).await);
    let pulled =
        describe(api::DescribeImagesRequest { image_ids: ids.clone(), ..Default::default() }).await.unwrap();
    assert!(pulled.image_details.unwrap()[1].last_recorded_pull_time.is_some());

    let (mut digests, mut token) = (Vec::new(), None);
    loop {
        let input =
            api::DescribeImagesRequest { max_results: Some(1), next_token: token, ..Default::default() };
        let page = describe(input).await.unwrap();
        digests.extend(page.image_details.unwrap().into_iter().map(|image| image.image_digest.unwrap()));
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    let mut expected = [digest_of(&amd), digest_of(&arm), digest_of(&list)].map(|digest| digest.to_string());
    expected.sort();
    assert_eq!(digests, expected);
    let filter = api::DescribeImagesFilter { tag_status: Some("UNTAGGED".into()), ..Default::default() };
    let untagged =
        describe(api::DescribeImagesRequest { filter: Some(filter), ..Default::default() }).await.unwrap();
    assert_eq!(untagged.image_details.unwrap()[0].image_digest, Some(digest_of(&arm).to_string()));
    let absent =
        describe(api::DescribeImagesRequest { image_ids: Some(vec![by_tag("none")]), ..Default::default() });
    assert_eq!(
        refused(absent.await, "ImageNotFoundException"),
        format!(
            "The image with imageId {{imageDigest:'null', imageTag:'none'}} does not exist within the repository with name 'web' in the registry with id '{HOME}'"
        )
    );
    let both = api::DescribeImagesRequest { image_ids: ids, max_results: Some(1), ..Default::default() };
    refused(describe(both).await, "InvalidParameterException");
}

#[tokio::test]
async fn images_are_deleted_by_tag_and_by_digest() {
    let world = World::new();
    world.make("web").await;
    let manifest = world.push("web", Some("v1"), "layer").await;
    world.put("web", Some("v2"), &manifest).await.unwrap();
    let digest = digest_of(&manifest);
    let gone = delete(&world, vec![by_tag("v1"), by_tag("none")]).await;
    assert_eq!((gone.image_ids.unwrap().len(), codes(&gone.failures)), (1, vec!["ImageNotFound"]));
    assert!(world.has_image("web", digest).await);
    world.put("web", Some("v3"), &manifest).await.unwrap();
    let gone = delete(&world, vec![by_digest(digest)]).await;
    let tags: Vec<_> = gone.image_ids.unwrap().into_iter().map(|id| id.image_tag.unwrap()).collect();
    assert_eq!(tags, ["v2", "v3"]);
    assert!(!world.has_image("web", digest).await);
    assert!(!world.has_image("web", tag("v2")).await);
}

#[tokio::test]
async fn a_list_goes_before_its_images_in_whatever_order_they_are_named() {
    let world = World::new();
    world.make("web").await;
    let manifest = world.push("web", None, "layer").await;
    let list = index(&[&manifest]);
    world.put("web", Some("all"), &list).await.unwrap();
    let kept = delete(&world, vec![by_digest(digest_of(&manifest))]).await;
    assert_eq!(codes(&kept.failures), ["ImageReferencedByManifestList"]);
    let gone = delete(&world, vec![by_digest(digest_of(&manifest)), by_digest(digest_of(&list))]).await;
    assert_eq!((gone.image_ids.unwrap().len(), gone.failures.unwrap().len()), (2, 0));
}
