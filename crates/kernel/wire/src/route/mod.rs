//! Which operation of which service a request is for, and how it is spoken.

pub mod events;
mod router;
mod seen;
mod speak;
mod table;

pub use router::{Rejection, Route, Router};
pub use speak::{AuthFailure, Speak};
