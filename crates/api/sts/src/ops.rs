//! The operations that are served. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::shapes;

gantry_wire::operations! {
    "sts";
    AssumeRole(shapes::AssumeRoleRequest) -> shapes::AssumeRoleResponse;
    GetCallerIdentity(shapes::GetCallerIdentityRequest) -> shapes::GetCallerIdentityResponse;
}
