//! Names of services, load balancers and registries.
