//! The operations, one file each.

pub mod add_tags_to_certificate;
pub mod delete_certificate;
pub mod describe_certificate;
pub mod export_certificate;
pub mod get_account_configuration;
pub mod get_certificate;
pub mod import_certificate;
pub mod list_certificates;
pub mod list_tags_for_certificate;
pub mod put_account_configuration;
pub mod remove_tags_from_certificate;
pub mod renew_certificate;
pub mod request_certificate;
pub mod update_certificate_options;
