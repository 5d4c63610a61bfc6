//! The shapes that served operations reach. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::MODEL;
#[allow(unused_imports)]
use gantry_wire::generated::*;

gantry_wire::shape! {
    pub struct AddTagsToCertificateRequest = "AddTagsToCertificateRequest" {
        0 certificate_arn: String,
        1 tags: Vec<Tag>,
    }
    pub struct CertificateDetail = "CertificateDetail" {
        0 certificate_arn: Option<String>,
        1 domain_name: Option<String>,
        2 subject_alternative_names: Option<Vec<String>>,
        3 managed_by: Option<String>,
        4 domain_validation_options: Option<Vec<DomainValidation>>,
        5 serial: Option<String>,
        6 subject: Option<String>,
        7 issuer: Option<String>,
        8 created_at: Option<Timestamp>,
        9 issued_at: Option<Timestamp>,
        10 imported_at: Option<Timestamp>,
        11 status: Option<String>,
        12 revoked_at: Option<Timestamp>,
        13 revocation_reason: Option<String>,
        14 not_before: Option<Timestamp>,
        15 not_after: Option<Timestamp>,
        16 key_algorithm: Option<String>,
        17 signature_algorithm: Option<String>,
        18 in_use_by: Option<Vec<String>>,
        19 failure_reason: Option<String>,
        20 r#type: Option<String>,
        21 renewal_summary: Option<RenewalSummary>,
        22 key_usages: Option<Vec<KeyUsage>>,
        23 extended_key_usages: Option<Vec<ExtendedKeyUsage>>,
        24 certificate_authority_arn: Option<String>,
        25 renewal_eligibility: Option<String>,
        26 options: Option<CertificateOptions>,
        27 update_summary: Option<UpdateSummary>,
        28 certificate_key_pair_origin: Option<String>,
        29 acme_endpoint_arn: Option<String>,
        30 acme_account_id: Option<String>,
    }
    pub struct CertificateOptions = "CertificateOptions" {
        0 certificate_transparency_logging_preference: Option<String>,
        1 export: Option<String>,
        2 validation_method: Option<String>,
    }
    pub struct CertificateSummary = "CertificateSummary" {
        0 certificate_arn: Option<String>,
        1 domain_name: Option<String>,
        2 subject_alternative_name_summaries: Option<Vec<String>>,
        3 has_additional_subject_alternative_names: Option<bool>,
        4 status: Option<String>,
        5 r#type: Option<String>,
        6 key_algorithm: Option<String>,
        7 key_usages: Option<Vec<String>>,
        8 extended_key_usages: Option<Vec<String>>,
        9 export_option: Option<String>,
        10 in_use: Option<bool>,
        11 exported: Option<bool>,
        12 renewal_eligibility: Option<String>,
        13 not_before: Option<Timestamp>,
        14 not_after: Option<Timestamp>,
        15 created_at: Option<Timestamp>,
        16 issued_at: Option<Timestamp>,
        17 imported_at: Option<Timestamp>,
        18 revoked_at: Option<Timestamp>,
        19 managed_by: Option<String>,
        20 certificate_key_pair_origin: Option<String>,
    }
    pub struct DeleteCertificateRequest = "DeleteCertificateRequest" {
        0 certificate_arn: String,
    }
    pub struct DescribeCertificateRequest = "DescribeCertificateRequest" {
        0 certificate_arn: String,
    }
    pub struct DescribeCertificateResponse = "DescribeCertificateResponse" {
        0 certificate: Option<CertificateDetail>,
    }
    pub struct DomainValidation = "DomainValidation" {
        0 domain_name: String,
        1 validation_emails: Option<Vec<String>>,
        2 validation_domain: Option<String>,
        3 validation_status: Option<String>,
        4 resource_record: Option<ResourceRecord>,
        5 http_redirect: Option<HttpRedirect>,
        6 validation_method: Option<String>,
    }
    pub struct DomainValidationMethodUpdateSummary = "DomainValidationMethodUpdateSummary" {
        0 from: Option<String>,
        1 to: Option<String>,
    }
    pub struct DomainValidationOption = "DomainValidationOption" {
        0 domain_name: String,
        1 validation_domain: String,
    }
    pub struct ExpiryEventsConfiguration = "ExpiryEventsConfiguration" {
        0 days_before_expiry: Option<i32>,
    }
    pub struct ExportCertificateRequest = "ExportCertificateRequest" {
        0 certificate_arn: String,
        1 passphrase: Bytes,
    }
    pub struct ExportCertificateResponse = "ExportCertificateResponse" {
        0 certificate: Option<String>,
        1 certificate_chain: Option<String>,
        2 private_key: Option<String>,
    }
    pub struct ExtendedKeyUsage = "ExtendedKeyUsage" {
        0 name: Option<String>,
        1 oid: Option<String>,
    }
    pub struct Filters = "Filters" {
        0 extended_key_usage: Option<Vec<String>>,
        1 key_usage: Option<Vec<String>>,
        2 key_types: Option<Vec<String>>,
        3 export_option: Option<String>,
        4 managed_by: Option<String>,
    }
    pub struct GetAccountConfigurationResponse = "GetAccountConfigurationResponse" {
        0 expiry_events: Option<ExpiryEventsConfiguration>,
    }
    pub struct GetCertificateRequest = "GetCertificateRequest" {
        0 certificate_arn: String,
    }
    pub struct GetCertificateResponse = "GetCertificateResponse" {
        0 certificate: Option<String>,
        1 certificate_chain: Option<String>,
    }
    pub struct HttpRedirect = "HttpRedirect" {
        0 redirect_from: Option<String>,
        1 redirect_to: Option<String>,
    }
    pub struct ImportCertificateRequest = "ImportCertificateRequest" {
        0 certificate_arn: Option<String>,
        1 certificate: Bytes,
        2 private_key: Bytes,
        3 certificate_chain: Option<Bytes>,
        4 tags: Option<Vec<Tag>>,
    }
    pub struct ImportCertificateResponse = "ImportCertificateResponse" {
        0 certificate_arn: Option<String>,
    }
    pub struct KeyUsage = "KeyUsage" {
        0 name: Option<String>,
    }
    pub struct ListCertificatesRequest = "ListCertificatesRequest" {
        0 certificate_statuses: Option<Vec<String>>,
        1 certificate_key_pair_origins: Option<Vec<String>>,
        2 includes: Option<Filters>,
        3 next_token: Option<String>,
        4 max_items: Option<i32>,
        5 sort_by: Option<String>,
        6 sort_order: Option<String>,
    }
    pub struct ListCertificatesResponse = "ListCertificatesResponse" {
        0 next_token: Option<String>,
        1 certificate_summary_list: Option<Vec<CertificateSummary>>,
    }
    pub struct ListTagsForCertificateRequest = "ListTagsForCertificateRequest" {
        0 certificate_arn: String,
    }
    pub struct ListTagsForCertificateResponse = "ListTagsForCertificateResponse" {
        0 tags: Option<Vec<Tag>>,
    }
    pub struct PutAccountConfigurationRequest = "PutAccountConfigurationRequest" {
        0 expiry_events: Option<ExpiryEventsConfiguration>,
        1 idempotency_token: String,
    }
    pub struct RemoveTagsFromCertificateRequest = "RemoveTagsFromCertificateRequest" {
        0 certificate_arn: String,
        1 tags: Vec<Tag>,
    }
    pub struct RenewCertificateRequest = "RenewCertificateRequest" {
        0 certificate_arn: String,
    }
    pub struct RenewalSummary = "RenewalSummary" {
        0 renewal_status: String,
        1 domain_validation_options: Vec<DomainValidation>,
        2 renewal_status_reason: Option<String>,
        3 updated_at: Timestamp,
    }
    pub struct RequestCertificateRequest = "RequestCertificateRequest" {
        0 domain_name: String,
        1 validation_method: Option<String>,
        2 subject_alternative_names: Option<Vec<String>>,
        3 idempotency_token: Option<String>,
        4 domain_validation_options: Option<Vec<DomainValidationOption>>,
        5 options: Option<CertificateOptions>,
        6 certificate_authority_arn: Option<String>,
        7 tags: Option<Vec<Tag>>,
        8 key_algorithm: Option<String>,
        9 managed_by: Option<String>,
    }
    pub struct RequestCertificateResponse = "RequestCertificateResponse" {
        0 certificate_arn: Option<String>,
    }
    pub struct ResourceRecord = "ResourceRecord" {
        0 name: String,
        1 r#type: String,
        2 value: String,
    }
    pub struct Tag = "Tag" {
        0 key: String,
        1 value: Option<String>,
    }
    pub struct UpdateCertificateOptionsRequest = "UpdateCertificateOptionsRequest" {
        0 certificate_arn: String,
        1 options: CertificateOptions,
    }
    pub struct UpdateSummary = "UpdateSummary" {
        0 status: Option<String>,
        1 r#type: Option<String>,
        2 domain_validation_method_update_summary: Option<DomainValidationMethodUpdateSummary>,
        3 requested_at: Option<Timestamp>,
        4 updated_at: Option<Timestamp>,
    }
}
