//! The operations that are served. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::shapes;

gantry_wire::operations! {
    "acm";
    AddTagsToCertificate(shapes::AddTagsToCertificateRequest) -> gantry_wire::Unit;
    DeleteCertificate(shapes::DeleteCertificateRequest) -> gantry_wire::Unit;
    DescribeCertificate(shapes::DescribeCertificateRequest) -> shapes::DescribeCertificateResponse;
    GetCertificate(shapes::GetCertificateRequest) -> shapes::GetCertificateResponse;
    ImportCertificate(shapes::ImportCertificateRequest) -> shapes::ImportCertificateResponse;
    ListCertificates(shapes::ListCertificatesRequest) -> shapes::ListCertificatesResponse;
    ListTagsForCertificate(shapes::ListTagsForCertificateRequest) -> shapes::ListTagsForCertificateResponse;
    RemoveTagsFromCertificate(shapes::RemoveTagsFromCertificateRequest) -> gantry_wire::Unit;
    RequestCertificate(shapes::RequestCertificateRequest) -> shapes::RequestCertificateResponse;
}
