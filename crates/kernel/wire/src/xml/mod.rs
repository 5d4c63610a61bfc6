//! XML: answers of query and ec2, and both ways of restXml.

mod decode;
mod encode;

pub use decode::decode;
pub use encode::{XmlSink, escape};
