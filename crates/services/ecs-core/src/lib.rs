//! ECS's decisions, pure.
