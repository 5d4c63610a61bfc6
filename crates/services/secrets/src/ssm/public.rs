//! Public parameters: what AWS tells everybody, as far as it is true of Gantry.
//!
//! A Gantry's machines run one image, Gantry's own, whatever operating system they were installed with. It is known
//! under one id for each architecture, so that what asks for ECS's recommended image by parameter (launch templates,
//! CloudFormation, Terraform) gets an answer. See
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/retrieve-ecs-optimized_AMI.html>.

use gantry_base::{Arn, Timestamp};
use gantry_service::Cx;
use serde_json::json;

/// The id of Gantry's machine image for x86-64.
pub const IMAGE_X86_64: &str = "ami-0000000000002023a";
/// The id of Gantry's machine image for arm64.
pub const IMAGE_ARM64: &str = "ami-0000000000002023b";

const UNDER: &str = "/aws/service/ecs/optimized-ami/";
/// The families whose recommended image is asked for, with their image.
const FAMILIES: &[(&str, &str)] = &[
    ("amazon-linux-2", IMAGE_X86_64),
    ("amazon-linux-2/arm64", IMAGE_ARM64),
    ("amazon-linux-2023", IMAGE_X86_64),
    ("amazon-linux-2023/arm64", IMAGE_ARM64),
];
/// When the image became what it is.
const SINCE: Timestamp = Timestamp::from_secs(1_767_225_600);

/// A public parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Public {
    pub name: String,
    pub value: String,
    pub data_type: &'static str,
    pub modified_at: Timestamp,
}

impl Public {
    /// Public parameters belong to no account.
    pub fn arn(&self, cx: &Cx) -> String {
        format!("arn:{}:ssm:{}::parameter{}", cx.partition(), cx.region, self.name)
    }
}

/// Whether a name is one of AWS's own.
pub fn is_public(name: &str) -> bool {
    name.starts_with("/aws/")
}

/// The name that an ARN without an account stands for, such as `arn:aws:ssm:us-east-1::parameter/aws/service/...`.
pub fn name_of(cx: &Cx, text: &str) -> Option<String> {
    if is_public(text) {
        return Some(text.to_owned());
    }
    let arn: Arn = text.parse().ok()?;
    let here = arn.service() == "ssm" && arn.region() == cx.region.as_str() && arn.account().is_empty();
    let name = text.split_once(":parameter").map(|(_, name)| name)?;
    (here && is_public(name)).then(|| name.to_owned())
}

/// All public parameters, sorted by name.
pub fn all() -> Vec<Public> {
    let mut all: Vec<Public> =
        FAMILIES.iter().flat_map(|(family, image)| recommended(family, image)).collect();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    all
}

/// One by name.
pub fn find(name: &str) -> Option<Public> {
    all().into_iter().find(|public| public.name == name)
}

fn recommended(family: &str, image: &str) -> Vec<Public> {
    let os = match family.starts_with("amazon-linux-2023") {
        true => "Amazon Linux 2023",
        false => "Amazon Linux 2",
    };
    let name = format!("gantry-node-{}", env!("CARGO_PKG_VERSION"));
    let whole = json!({
        "schema_version": 1, "image_name": name, "image_id": image, "os": os, "source_image_name": name,
    });
    let public = |rest: &str, value: &str, data_type| Public {
        name: format!("{UNDER}{family}/recommended{rest}"),
        value: value.to_owned(),
        data_type,
        modified_at: SINCE,
    };
    vec![
        public("", &whole.to_string(), "text"),
        public("/image_id", image, "aws:ec2:image"),
        public("/image_name", &name, "text"),
        public("/os", os, "text"),
        public("/schema_version", "1", "text"),
        public("/source_image_name", &name, "text"),
    ]
}
