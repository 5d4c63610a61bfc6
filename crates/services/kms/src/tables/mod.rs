//! What is stored of keys, aliases and grants.

pub mod alias;
pub mod grant;
pub mod key;

pub use alias::{ALIASES, Alias, alias_key, aliases_key};
pub use grant::{Constraints, GRANTEES, GRANTS, Grant, grant_key, grantee_key, grants_key};
pub use key::{
    DELETIONS, Due, EXPIRIES, KEYS, KeyRow, MATERIALS, Manager, Material, Origin, ROTATIONS, Rotation,
    RotationKind, State, due_key, keys_key, material_key, row_key,
};
