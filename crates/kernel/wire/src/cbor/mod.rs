//! CBOR: bodies of the Smithy RPC v2 protocol.

mod decode;
mod encode;

pub use decode::decode;
pub use encode::CborSink;
