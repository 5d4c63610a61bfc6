//! `GetServerCertificate`: a certificate for servers. None can be made in Gantry, so none is there.

use gantry_api_iam::{GetServerCertificateRequest, GetServerCertificateResponse};
use gantry_service::{Cx, Failure, Permission};

use crate::error::no_such_entity;
use crate::iam::{Iam, arn};

pub(crate) async fn run(
    _: Iam,
    cx: Cx,
    input: GetServerCertificateRequest,
) -> Result<GetServerCertificateResponse, Failure> {
    let name = input.server_certificate_name;
    let named = arn(&cx, format_args!("server-certificate/{name}"));
    cx.authorize(Permission::on("iam:GetServerCertificate", &named))?;
    Err(no_such_entity(format!("The Server Certificate with name {name} cannot be found.")))
}
