//! restJson and restXml: parts of the input and output stand in path, query string, headers and status.

mod decode;
mod encode;
mod template;

pub use decode::{Parts, decode};
pub use encode::{Body, Bound, bind};
pub use template::Template;
