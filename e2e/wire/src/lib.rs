//! The proof that the wire says what AWS's clients understand.
//!
//! A real boto3 client (`client.py`) makes up an input from botocore's own model and serialises it; the wire
//! must decode the same value. The client makes up an output or an error; the wire encodes it, and the client
//! must read the same. Both sides know only their own copy of the model, so what they agree on is the
//! protocol. It proves the codecs, not that AWS answers so.
//!
//! Invariants: this crate never reaches a network, and a difference is never passed over except where
//! [`case::allowed`] says why. Every sample comes from a seed that its failure names.
//!
//! Read in this order: [`peer`], [`plain`], [`case`], [`damage`].

pub mod case;
pub mod damage;
pub mod peer;
pub mod plain;
pub mod world;
