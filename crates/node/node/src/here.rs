//! What a node that joined puts in place of what only it knows: where Gantry's endpoint is from here.

use std::borrow::Cow;
use std::net::SocketAddr;

use gantry_node_proto::{ENDPOINT_MARK, v1};

/// The set with this node's way to the endpoint in place of the mark.
pub fn told(desired: &v1::Desired, endpoint: SocketAddr) -> Cow<'_, v1::Desired> {
    if !desired.tasks.iter().any(is_marked) {
        return Cow::Borrowed(desired);
    }
    let mut desired = desired.clone();
    let here = format!("http://{endpoint}");
    for container in desired.tasks.iter_mut().flat_map(|task| &mut task.containers) {
        for text in texts(container) {
            if text == ENDPOINT_MARK {
                text.clone_from(&here);
            }
        }
    }
    Cow::Owned(desired)
}

fn is_marked(task: &v1::DesiredTask) -> bool {
    task.containers.iter().any(|container| {
        let image = container.image.iter().any(|image| image.registry_url == ENDPOINT_MARK);
        image || container.environment.iter().any(|one| one.value == ENDPOINT_MARK)
    })
}

/// Where the mark may be.
fn texts(container: &mut v1::Container) -> impl Iterator<Item = &mut String> {
    let images = container.image.iter_mut().map(|image| &mut image.registry_url);
    images.chain(container.environment.iter_mut().map(|one| &mut one.value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_where_the_endpoint_is() {
        let variable = |value: &str| v1::EnvVar { name: "AWS_ENDPOINT_URL".into(), value: value.into() };
        let image = v1::Image { registry_url: ENDPOINT_MARK.into(), ..Default::default() };
        let environment = vec![variable(ENDPOINT_MARK), variable("gantry://endpoint/other")];
        let container = v1::Container { image: Some(image), environment, ..Default::default() };
        let task = v1::DesiredTask { containers: vec![container], ..Default::default() };
        let desired = v1::Desired { tasks: vec![task], ..Default::default() };
        let told = told(&desired, "127.0.0.1:4566".parse().unwrap());
        let container = &told.tasks[0].containers[0];
        assert_eq!(container.image.as_ref().unwrap().registry_url, "http://127.0.0.1:4566");
        assert_eq!(container.environment[0].value, "http://127.0.0.1:4566");
        assert_eq!(container.environment[1].value, "gantry://endpoint/other");
    }
}
