//! `DeleteServerCertificate`: ends a certificate for servers. None can be made in Gantry, so none is there.

use gantry_api_iam::DeleteServerCertificateRequest;
use gantry_service::{Cx, Failure, Permission};
use gantry_wire::Unit;

use crate::error::no_such_entity;
use crate::iam::{Iam, arn};

pub(crate) async fn run(_: Iam, cx: Cx, input: DeleteServerCertificateRequest) -> Result<Unit, Failure> {
    let name = input.server_certificate_name;
    let named = arn(&cx, format_args!("server-certificate/{name}"));
    cx.authorize(Permission::on("iam:DeleteServerCertificate", &named))?;
    Err(no_such_entity(format!("The Server Certificate with name {name} cannot be found.")))
}
