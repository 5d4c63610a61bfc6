//! `ListServerCertificates`: the account's certificates for servers. None can be made in Gantry, so there are none.

use gantry_api_iam::{ListServerCertificatesRequest, ListServerCertificatesResponse};
use gantry_service::{Cx, Failure, Permission};

use crate::iam::Iam;

pub(crate) async fn run(
    _: Iam,
    cx: Cx,
    _: ListServerCertificatesRequest,
) -> Result<ListServerCertificatesResponse, Failure> {
    cx.authorize(Permission::of("iam:ListServerCertificates"))?;
    Ok(ListServerCertificatesResponse {
        server_certificate_metadata_list: Vec::new(),
        is_truncated: Some(false),
        marker: None,
    })
}
