//! Certificate Manager, as far as load balancers need it: certificates that are imported, or issued at once by this
//! Gantry's own authority.
//!
//! A private key is sealed before it reaches the store, bound to its row, and is opened for load balancers alone. This
//! crate never answers with one and never writes one in the clear.
//!
//! Read in this order: [`tables`], [`parse`] (what a certificate says), `ops`.

mod answer;
mod error;
mod ops;
pub mod parse;
pub mod tables;
mod usage;

use std::sync::Arc;

use async_trait::async_trait;
use gantry_api_acm as api;
use gantry_api_elbv2 as elb;
use gantry_base::{Arn, Ids};
use gantry_iam_core::{Caller, Policy};
use gantry_service::{Certificates, Cx, Failure, KeyedCertificate, Permission, Permit, Registry, Sealer};
use gantry_store::{Db, Tx};

pub use error::AcmError;
use tables::{CERTIFICATES, Certificate, certificate_key};

/// Issues certificates: this Gantry's own authority.
pub trait Issuer: Send + Sync + 'static {
    /// A certificate for these names, its chain and its key of that kind, all in PEM.
    fn issue(&self, names: &[String], algorithm: KeyAlgorithm) -> Result<Issued, String>;
}

/// The kinds of keys that certificates are issued with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyAlgorithm {
    Rsa2048,
    EcPrime256v1,
    EcSecp384r1,
}

impl KeyAlgorithm {
    /// By AWS's name; RSA of 2,048 bits where a request names none.
    fn parse(name: Option<&str>) -> Option<KeyAlgorithm> {
        match name {
            None | Some("RSA_2048") => Some(KeyAlgorithm::Rsa2048),
            Some("EC_prime256v1") => Some(KeyAlgorithm::EcPrime256v1),
            Some("EC_secp384r1") => Some(KeyAlgorithm::EcSecp384r1),
            Some(_) => None,
        }
    }
}

/// What an authority issued.
pub struct Issued {
    pub certificate_pem: String,
    pub chain_pem: String,
    pub key_pem: String,
}

/// The service. Cheap to clone.
#[derive(Clone)]
pub struct Acm {
    pub(crate) db: Db,
    pub(crate) ids: Arc<dyn Ids>,
    sealer: Sealer,
    issuer: Option<Arc<dyn Issuer>>,
    service: Arc<Caller>,
}

/// What ACM itself may ask its siblings.
const SERVICE_POLICY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Resource":"*","Action":
    ["elasticloadbalancing:DescribeLoadBalancers","elasticloadbalancing:DescribeListeners",
     "elasticloadbalancing:DescribeListenerCertificates"]}}"#;

impl Acm {
    /// The service over this store. Without an issuer certificates can only be imported.
    pub fn new(db: Db, ids: Arc<dyn Ids>, sealer: Sealer, issuer: Option<Arc<dyn Issuer>>) -> Acm {
        let policy = Policy::parse(gantry_iam_core::Kind::Identity, SERVICE_POLICY)
            .expect("the service's own policy is well formed");
        let service = Arc::new(Caller::service("acm.amazonaws.com", vec![Arc::new(policy)]));
        Acm { db, ids, sealer, issuer, service }
    }

    /// Serves ACM's operations.
    pub fn register(&self, registry: &mut Registry) {
        macro_rules! serve {
            ($($operation:ident: $module:ident),* $(,)?) => {$(
                let service = self.clone();
                registry.on::<api::$operation, _, _, _>(move |cx, input| {
                    let acm = service.clone();
                    async move { ops::$module::run(&acm, cx, input).await }
                });
            )*};
        }
        serve! {
            AddTagsToCertificate: add_tags_to_certificate,
            DeleteCertificate: delete_certificate,
            DescribeCertificate: describe_certificate,
            ExportCertificate: export_certificate,
            GetAccountConfiguration: get_account_configuration,
            GetCertificate: get_certificate,
            ImportCertificate: import_certificate,
            ListCertificates: list_certificates,
            ListTagsForCertificate: list_tags_for_certificate,
            PutAccountConfiguration: put_account_configuration,
            RemoveTagsFromCertificate: remove_tags_from_certificate,
            RenewCertificate: renew_certificate,
            RequestCertificate: request_certificate,
            UpdateCertificateOptions: update_certificate_options,
        }
    }

    /// The certificate of an ARN that the caller may do `action` with.
    async fn allowed(
        &self,
        tx: &mut Tx,
        cx: &Cx,
        action: &'static str,
        given: &str,
    ) -> Result<(Certificate, Permit), Failure> {
        let arn: Arn = given.parse().map_err(|_| AcmError::invalid_arn(given))?;
        if arn.service() != "acm" {
            return Err(AcmError::invalid_arn(given).into());
        }
        let found = self.find(tx, cx, &arn).await?;
        let tags = found.iter().flat_map(|row| row.tags.iter());
        let permit = cx.authorize(Permission::on(action, &arn).resource_tags(tags))?;
        let row = found.ok_or_else(|| AcmError::not_found(given))?;
        Ok((row, permit))
    }

    async fn find(&self, tx: &mut Tx, cx: &Cx, arn: &Arn) -> Result<Option<Certificate>, Failure> {
        let own = arn.account() == cx.account.as_str() && arn.region() == cx.region.as_str();
        let Some(id) = arn.resource().strip_prefix("certificate/").filter(|_| own) else { return Ok(None) };
        Ok(tx.get(&CERTIFICATES, &certificate_key(cx.account, &cx.region, id)).await?)
    }

    pub(crate) fn seal(&self, row: &Certificate, key_pem: &str) -> Vec<u8> {
        self.sealer.seal(key_pem.as_bytes(), row.arn().as_str())
    }

    /// The load balancers that use a certificate.
    pub(crate) async fn users(&self, cx: &Cx, arn: &Arn) -> Result<Vec<String>, Failure> {
        if !cx.siblings.serves("elbv2", "DescribeLoadBalancers") {
            return Ok(Vec::new());
        }
        let service = cx.as_caller((*self.service).clone());
        let siblings = &cx.siblings;
        let mut users = Vec::new();
        let all = siblings.call::<elb::DescribeLoadBalancers>(&service, Default::default()).await?;
        for of in all.load_balancers.unwrap_or_default().into_iter().filter_map(|of| of.load_balancer_arn) {
            let input =
                elb::DescribeListenersInput { load_balancer_arn: Some(of.clone()), ..Default::default() };
            let listeners = siblings.call::<elb::DescribeListeners>(&service, input).await?;
            for listener in listeners.listeners.unwrap_or_default() {
                let input = elb::DescribeListenerCertificatesInput {
                    listener_arn: listener.listener_arn.unwrap_or_default(),
                    ..Default::default()
                };
                let has = siblings.call::<elb::DescribeListenerCertificates>(&service, input).await?;
                let mut has = has.certificates.unwrap_or_default().into_iter();
                if has.any(|it| it.certificate_arn.as_deref() == Some(arn.as_str())) && !users.contains(&of) {
                    users.push(of.clone());
                }
            }
        }
        Ok(users)
    }
}

#[async_trait]
impl Certificates for Acm {
    async fn certificate(&self, arn: &Arn) -> Result<Option<KeyedCertificate>, Failure> {
        let (Ok(account), Ok(region)) = (arn.account().parse(), arn.region().parse()) else {
            return Ok(None);
        };
        let Some(id) = arn.resource().strip_prefix("certificate/").filter(|_| arn.service() == "acm") else {
            return Ok(None);
        };
        let key = certificate_key(account, &region, id);
        let Some(row) = self.db.begin().peek(&CERTIFICATES, &key).await? else { return Ok(None) };
        let opened = self.sealer.open(&row.sealed_key, row.arn().as_str())?;
        let key_pem = String::from_utf8(opened).map_err(|_| Failure::internal("a sealed key is not text"))?;
        let chain_pem = format!("{}\n{}", row.certificate_pem.trim_end(), row.chain_pem);
        Ok(Some(KeyedCertificate { chain_pem, key_pem }))
    }
}
