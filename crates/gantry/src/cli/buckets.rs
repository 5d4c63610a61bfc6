//! Where the buckets are that users name.

use clap::Args;

/// Where the buckets are that users name.
#[derive(Args, Debug, Clone, Default)]
pub struct Buckets {
    /// The S3 store in which the buckets are that users name: for access logs of load balancers, files of variables,
    /// sessions of ECS Exec. Its key is read from the environment, as that of --images; that store's bucket is not
    /// among them
    #[arg(long = "s3", value_name = "URL[?region=NAME]")]
    pub s3: Option<gantry_objects::Endpoint>,
}
