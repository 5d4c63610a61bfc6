//! Files to sockets without a copy, through an HTTP library that knows of bytes in memory only.
//!
//! A [`Mapped`] file gives its content as [`bytes::Bytes`] that lie in a mapping of the file. On their way they
//! are bytes like any others. A [`Socket`] that is asked to write some of them sees by the address that they are
//! a file's, and has the kernel send that part of the file: no byte of it passes through this process.
//! Everywhere else, such as in TLS, they are read from the mapping.
//!
//! This crate never maps a file for writing, and only for files that are never changed or made shorter while
//! they are mapped. It never lets an address be taken for a file's when the mapping is gone: who has the bytes
//! keeps the mapping.
//!
//! Read in this order: [`mapped`], then [`socket`].

pub mod mapped;
pub mod socket;

pub use mapped::Mapped;
pub use socket::Socket;
