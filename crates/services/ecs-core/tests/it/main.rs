//! ECS's decisions: short cases, and properties that hold for every case.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

mod definition;
mod examples;
mod lifecycle;
mod placement;
mod rest;
mod roll;
mod scale;
mod service;
mod shift;
