//! The registry before ECR: requests in, answers out, on the in-memory store and a temporary directory; and
//! over sockets with a process that is killed.

mod access;
mod child;
mod discovery;
mod durability;
mod management;
mod pull;
mod push;
mod world;
