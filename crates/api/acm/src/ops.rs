//! The operations that are served. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::shapes;

gantry_wire::operations! {
    "acm";
    AddTagsToCertificate(shapes::AddTagsToCertificateRequest) -> gantry_wire::Unit;
    DeleteCertificate(shapes::DeleteCertificateRequest) -> gantry_wire::Unit;
    DescribeCertificate(shapes::DescribeCertificateRequest) -> shapes::DescribeCertificateResponse;
    ExportCertificate(shapes::ExportCertificateRequest) -> shapes::ExportCertificateResponse;
    GetAccountConfiguration(gantry_wire::Unit) -> shapes::GetAccountConfigurationResponse;
    GetCertificate(shapes::GetCertificateRequest) -> shapes::GetCertificateResponse;
    ImportCertificate(shapes::ImportCertificateRequest) -> shapes::ImportCertificateResponse;
    ListCertificates(shapes::ListCertificatesRequest) -> shapes::ListCertificatesResponse;
    ListTagsForCertificate(shapes::ListTagsForCertificateRequest) -> shapes::ListTagsForCertificateResponse;
    PutAccountConfiguration(shapes::PutAccountConfigurationRequest) -> gantry_wire::Unit;
    RemoveTagsFromCertificate(shapes::RemoveTagsFromCertificateRequest) -> gantry_wire::Unit;
    RenewCertificate(shapes::RenewCertificateRequest) -> gantry_wire::Unit;
    RequestCertificate(shapes::RequestCertificateRequest) -> shapes::RequestCertificateResponse;
    UpdateCertificateOptions(shapes::UpdateCertificateOptionsRequest) -> gantry_wire::Unit;
}
