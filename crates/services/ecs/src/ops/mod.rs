//! One file for each operation, by AWS's name. What several share stands in `shared` and, for the shapes of tasks
//! and definitions, in `shapes`.

pub mod create_cluster;
pub mod delete_cluster;
pub mod deregister_task_definition;
pub mod describe_clusters;
pub mod describe_task_definition;
pub mod describe_tasks;
pub mod list_clusters;
pub mod list_tags_for_resource;
pub mod list_task_definition_families;
pub mod list_task_definitions;
pub mod list_tasks;
pub mod register_task_definition;
pub mod run_task;
pub(crate) mod shapes;
pub(crate) mod shared;
pub mod stop_task;
pub mod tag_resource;
pub mod untag_resource;
