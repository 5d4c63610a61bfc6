//! What is stored of file systems.

mod access_point;
mod file_system;
mod garbage;
mod mount_target;
mod preferences;

pub use access_point::{
    ACCESS_POINTS, AccessPoint, Creation, PosixUser, access_point_key, access_points_key,
};
pub use file_system::{FILE_SYSTEMS, FileSystem, Measured, file_system_key, file_systems_key};
pub use garbage::{GARBAGE, Garbage, garbage_key};
pub use mount_target::{MOUNT_TARGETS, MountTarget, mount_target_key, mount_targets_key};
pub use preferences::{PREFERENCES, Preferences, preferences_key};
