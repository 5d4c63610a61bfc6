//! Tags of resources of every kind.

use gantry_api_ec2 as api;

use crate::world::{World, filter};

fn tag(key: &str, value: Option<&str>) -> api::Tag {
    api::Tag { key: Some(key.into()), value: value.map(Into::into) }
}

#[tokio::test]
async fn tags_come_and_go_and_choose() {
    let world = World::new();
    let cx = world.root();
    let vpc = world.vpc(&cx, "10.0.0.0/16").await;
    let subnet = world.subnet(&cx, &vpc, "10.0.0.0/24").await;
    let input = api::CreateTagsRequest {
        resources: Some(vec![vpc.clone(), subnet.clone()]),
        tags: Some(vec![tag("Name", Some("a")), tag("team", Some("blue"))]),
        dry_run: None,
    };
    world.ok::<api::CreateTags>(&cx, input).await;
    let ask = |filters: &[(&str, &str)]| api::DescribeTagsRequest {
        filters: filter(filters),
        ..Default::default()
    };
    let all = world.ok::<api::DescribeTags>(&cx, ask(&[("resource-type", "subnet")])).await.tags.unwrap();
    assert_eq!(all.len(), 2);
    assert!(all.iter().all(|one| one.resource_id.as_ref() == Some(&subnet)));
    let by_tag = api::DescribeVpcsRequest { filters: filter(&[("tag:Name", "a*")]), ..Default::default() };
    let found = world.ok::<api::DescribeVpcs>(&cx, by_tag).await.vpcs.unwrap();
    assert_eq!((found.len(), found[0].vpc_id.as_ref()), (1, Some(&vpc)));

    let delete = |tags| api::DeleteTagsRequest { resources: Some(vec![vpc.clone()]), tags, dry_run: None };
    let none = Some(vec![tag("Name", Some("other")), tag("missing", None)]);
    world.ok::<api::DeleteTags>(&cx, delete(none)).await;
    let of_vpc = [("resource-id", &*vpc)];
    assert_eq!(world.ok::<api::DescribeTags>(&cx, ask(&of_vpc)).await.tags.unwrap().len(), 2);
    world.ok::<api::DeleteTags>(&cx, delete(Some(vec![tag("Name", None)]))).await;
    assert_eq!(world.ok::<api::DescribeTags>(&cx, ask(&of_vpc)).await.tags.unwrap().len(), 1);
    world.ok::<api::DeleteTags>(&cx, delete(None)).await;
    assert_eq!(world.ok::<api::DescribeTags>(&cx, ask(&of_vpc)).await.tags.unwrap().len(), 0);
}

#[tokio::test]
async fn what_is_not_there_takes_no_tags() {
    let world = World::new();
    let cx = world.root();
    for (id, text) in [
        ("vpc-0123", "InvalidVpcID.NotFound: The vpc ID 'vpc-0123' does not exist"),
        ("carrot", "InvalidID: The ID 'carrot' is not valid"),
    ] {
        let input = api::CreateTagsRequest {
            resources: Some(vec![id.into()]),
            tags: Some(vec![tag("a", Some("b"))]),
            dry_run: None,
        };
        assert_eq!(world.refused::<api::CreateTags>(&cx, input).await.to_string(), text);
    }
    let vpc = world.vpc(&cx, "10.0.0.0/16").await;
    let reserved = api::CreateTagsRequest {
        resources: Some(vec![vpc]),
        tags: Some(vec![tag("aws:x", Some("b"))]),
        dry_run: None,
    };
    let error = world.refused::<api::CreateTags>(&cx, reserved).await;
    assert_eq!(error.message, "Tag keys starting with 'aws:' are reserved for internal use");
}

#[tokio::test]
async fn a_tag_specification_names_a_type_and_has_tags() {
    let world = World::new();
    let cx = world.root();
    let make = |resource_type: Option<&str>, tags| api::CreateVpcRequest {
        cidr_block: Some("10.0.0.0/16".into()),
        tag_specifications: Some(vec![api::TagSpecification {
            resource_type: resource_type.map(Into::into),
            tags,
        }]),
        ..Default::default()
    };
    let one = || Some(vec![tag("a", Some("b"))]);
    for (input, text) in [
        (make(None, one()), "InvalidParameter: Tag specification resource type must have a value"),
        (make(Some("vpc"), None), "InvalidParameter: Tag specification must have at least one tag"),
        (
            make(Some("snapshot"), one()),
            "InvalidParameterValue: 'snapshot' is not a valid taggable resource type for this operation.",
        ),
        (
            make(Some("vpc"), Some(vec![tag("a", Some("b")), tag("a", Some("c"))])),
            "InvalidParameterValue: Duplicate tag key 'a' specified.",
        ),
    ] {
        assert_eq!(world.refused::<api::CreateVpc>(&cx, input).await.to_string(), text);
    }
    world.ok::<api::CreateVpc>(&cx, make(Some("vpc"), one())).await;
}
