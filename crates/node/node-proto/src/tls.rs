//! Mutual TLS of node and control plane under the local CA.

use tonic::transport::{Certificate, ClientTlsConfig, Identity, ServerTlsConfig};

/// The name that the control plane's certificate carries, whatever its address.
pub const CONTROL_NAME: &str = "control.gantry.internal";

/// One end's certificate chain and key, and the CA that the other end's must come from; all PEM.
#[derive(Clone)]
pub struct Material {
    pub ca_pem: String,
    pub certificate_pem: String,
    pub key_pem: String,
}

impl std::fmt::Debug for Material {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Material").finish_non_exhaustive()
    }
}

impl Material {
    /// For the node: it proves itself and accepts only the control plane.
    pub fn client(&self) -> ClientTlsConfig {
        ClientTlsConfig::new()
            .ca_certificate(Certificate::from_pem(&self.ca_pem))
            .identity(Identity::from_pem(&self.certificate_pem, &self.key_pem))
            .domain_name(CONTROL_NAME)
    }

    /// For the control plane: it proves itself, its CA along with it, and takes only certificates of the CA. Who has
    /// none yet comes to join; every other call asks for the certificate itself.
    pub fn server(&self) -> ServerTlsConfig {
        let chain = format!("{}\n{}", self.certificate_pem.trim_end(), self.ca_pem);
        ServerTlsConfig::new()
            .identity(Identity::from_pem(chain, &self.key_pem))
            .client_ca_root(Certificate::from_pem(&self.ca_pem))
            .client_auth_optional(true)
    }
}
