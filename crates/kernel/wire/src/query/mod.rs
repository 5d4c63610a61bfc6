//! The query and ec2 protocols' requests: flat parameters to a value, guided by a shape. Their answers are
//! XML.

mod decode;
mod params;

pub use decode::{Names, decode};
pub use params::Params;
