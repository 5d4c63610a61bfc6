//! ACM through its registered operations, on the store in memory.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use gantry_acm::{Acm, Issued, Issuer, KeyAlgorithm};
use gantry_api_acm as api;
use gantry_base::{AccountId, Region, SeededIds, Timestamp};
use gantry_service::{Caller, Certificates, Cx, Failure, Handlers, Origin, Registry, Sealer};
use gantry_store::{Db, Redb};
use gantry_wire::{ApiError, Operation, Unit};

struct SelfSigned;

impl Issuer for SelfSigned {
    fn issue(&self, names: &[String], _: KeyAlgorithm) -> Result<Issued, String> {
        let made = rcgen::generate_simple_self_signed(names).map_err(|error| error.to_string())?;
        Ok(Issued {
            certificate_pem: made.cert.pem(),
            chain_pem: String::new(),
            key_pem: made.signing_key.serialize_pem(),
        })
    }
}

struct World {
    acm: Acm,
    cx: Cx,
}

impl World {
    fn new() -> World {
        let db = Db::new(Arc::new(Redb::in_memory().unwrap()));
        let sealer = Sealer::new(&[7; Sealer::KEY_LENGTH]);
        let acm = Acm::new(db, Arc::new(SeededIds::new(7)), sealer, Some(Arc::new(SelfSigned)));
        let mut registry = Registry::default();
        acm.register(&mut registry);
        let handlers = Handlers::new();
        handlers.open(registry);
        let cx = Cx {
            caller: Arc::new(Caller::root(AccountId::DEFAULT)),
            key: None,
            account: AccountId::DEFAULT,
            region: Region::default(),
            request_id: "request".into(),
            now: Timestamp::from_secs(1_800_000_000),
            origin: Arc::new(Origin::default()),
            siblings: handlers,
        };
        World { acm, cx }
    }

    async fn call<O: Operation>(&self, input: O::Input) -> Result<O::Output, Failure>
    where
        O::Input: Clone,
    {
        self.cx.siblings.call::<O>(&self.cx, input).await
    }

    async fn refused<O: Operation>(&self, input: O::Input) -> ApiError
    where
        O::Input: Clone,
    {
        match self.call::<O>(input).await.map(drop) {
            Err(Failure::Answer(error)) => error,
            other => panic!("an answered error was expected, not {other:?}"),
        }
    }
}

fn import(names: &[&str]) -> api::ImportCertificateRequest {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let issued = SelfSigned.issue(&names, KeyAlgorithm::EcPrime256v1).unwrap();
    api::ImportCertificateRequest {
        certificate: issued.certificate_pem.into_bytes().into(),
        private_key: issued.key_pem.into_bytes().into(),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_certificate_is_issued_at_once_and_its_key_is_for_services_only() {
    let world = World::new();
    let input = api::RequestCertificateRequest {
        domain_name: "a.example.com".into(),
        subject_alternative_names: Some(vec!["a.example.com".into(), "*.b.example.com".into()]),
        idempotency_token: Some("token".into()),
        ..Default::default()
    };
    let made = world.call::<api::RequestCertificate>(input.clone()).await.unwrap().certificate_arn.unwrap();
    let again = world.call::<api::RequestCertificate>(input).await.unwrap().certificate_arn.unwrap();
    assert_eq!(made, again);
    let describe = api::DescribeCertificateRequest { certificate_arn: made.clone() };
    let detail = world.call::<api::DescribeCertificate>(describe).await.unwrap().certificate.unwrap();
    assert_eq!((detail.status.as_deref(), detail.r#type.as_deref()), (Some("ISSUED"), Some("AMAZON_ISSUED")));
    assert_eq!(detail.subject_alternative_names.unwrap(), ["a.example.com", "*.b.example.com"]);
    assert_eq!(detail.key_algorithm.as_deref(), Some("EC-prime256v1"));
    // Terraform waits until there is a record; a name and its wildcard are proved by the same one.
    let proofs = detail.domain_validation_options.unwrap();
    let record = proofs[0].resource_record.clone().unwrap();
    assert!(record.name.starts_with('_') && record.name.ends_with(".a.example.com."), "{}", record.name);
    assert_eq!((record.r#type.as_str(), record.value.ends_with(".acm-validations.aws.")), ("CNAME", true));
    assert!(proofs[1].resource_record.as_ref().unwrap().name.ends_with(".b.example.com."));
    let keyed = world.acm.certificate(&made.parse().unwrap()).await.unwrap().unwrap();
    assert!(keyed.key_pem.contains("PRIVATE KEY") && keyed.chain_pem.contains("BEGIN CERTIFICATE"));
    let get = api::GetCertificateRequest { certificate_arn: made.clone() };
    let got = world.call::<api::GetCertificate>(get).await.unwrap();
    assert!(!format!("{:?}{:?}", got.certificate, got.certificate_chain).contains("PRIVATE"));
    let export =
        api::ExportCertificateRequest { certificate_arn: made.clone(), passphrase: "passphrase".into() };
    let error = world.refused::<api::ExportCertificate>(export).await;
    assert_eq!(error.message, format!("Certificate ARN: {made} is not a private certificate"));
    let delete = api::DeleteCertificateRequest { certificate_arn: made.clone() };
    world.call::<api::DeleteCertificate>(delete.clone()).await.unwrap();
    assert_eq!(world.refused::<api::DeleteCertificate>(delete).await.code, "ResourceNotFoundException");
    assert!(world.acm.certificate(&made.parse().unwrap()).await.unwrap().is_none());
}

#[tokio::test]
async fn mail_goes_to_the_domain_that_was_chosen() {
    let world = World::new();
    let input = api::RequestCertificateRequest {
        domain_name: "a.example.com".into(),
        validation_method: Some("EMAIL".into()),
        domain_validation_options: Some(vec![api::DomainValidationOption {
            domain_name: "a.example.com".into(),
            validation_domain: "example.com".into(),
        }]),
        ..Default::default()
    };
    let made = world.call::<api::RequestCertificate>(input).await.unwrap().certificate_arn.unwrap();
    let describe = api::DescribeCertificateRequest { certificate_arn: made };
    let detail = world.call::<api::DescribeCertificate>(describe).await.unwrap().certificate.unwrap();
    let proof = detail.domain_validation_options.unwrap().remove(0);
    assert_eq!(proof.validation_domain.as_deref(), Some("example.com"));
    assert_eq!(proof.validation_emails.unwrap()[0], "administrator@example.com");
}

const OF_VERSION_1: &str = "-----BEGIN CERTIFICATE-----
MIIBMTCB1wIUa2GBFNKJJFRZHhNixlglGa7fGjIwCgYIKoZIzj0EAwIwGjEYMBYG
A1UEAwwPb2xkLmV4YW1wbGUuY29tMCAXDTI2MTEyNjIxMzkwNloYDzIxMjYxMTAy
MjEzOTA2WjAaMRgwFgYDVQQDDA9vbGQuZXhhbXBsZS5jb20wWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAATAja3E3Aj/OClo9qdWWjGdaQmOkYuzhvA97v0rQ3qj80zZ
FijPaLHa4XO3ObKtU6XYOQw1xsorsSAflajZXsjmMAoGCCqGSM49BAMCA0kAMEYC
IQDcOoNpvwirZ9Ge4eLFO08t1YfdFKOR9AbYl+ZcjqDm8QIhAMdRdQYu0tDhq0OE
AtpPMriiuw4+SEHhbP5RjiPM8QMS
-----END CERTIFICATE-----
";

fn of_elliptic_keys() -> api::Filters {
    api::Filters { key_types: Some(vec!["EC_prime256v1".to_owned()]), ..Default::default() }
}

#[tokio::test]
async fn a_certificate_is_imported_with_its_own_key_only() {
    let world = World::new();
    let (one, other) = (import(&["a.example.com"]), import(&["b.example.com"]));
    let wrong = api::ImportCertificateRequest { private_key: other.private_key.clone(), ..one.clone() };
    let error = world.refused::<api::ImportCertificate>(wrong).await;
    assert_eq!(error.code, "ValidationException");
    assert!(error.message.contains("does not match"), "{error}");
    let garbage = api::ImportCertificateRequest { certificate: "x".into(), ..one.clone() };
    assert_eq!(world.refused::<api::ImportCertificate>(garbage).await.code, "ValidationException");
    let old = api::ImportCertificateRequest {
        certificate: OF_VERSION_1.to_owned().into_bytes().into(),
        ..one.clone()
    };
    let error = world.refused::<api::ImportCertificate>(old).await;
    assert_eq!(error.message, "The certificate is not an X.509 version 3 certificate.");

    let made = world.call::<api::ImportCertificate>(one).await.unwrap().certificate_arn.unwrap();
    let get = api::GetCertificateRequest { certificate_arn: made.clone() };
    let got = world.call::<api::GetCertificate>(get).await.unwrap();
    assert!(got.certificate.is_some());
    assert_eq!(got.certificate_chain, got.certificate, "without a chain it is its own");
    let anew = api::ImportCertificateRequest { certificate_arn: Some(made.clone()), ..other };
    world.call::<api::ImportCertificate>(anew).await.unwrap();
    let usual = world.call::<api::ListCertificates>(Default::default()).await.unwrap();
    assert!(usual.certificate_summary_list.unwrap().is_empty(), "only RSA is listed unasked");
    let includes = Some(of_elliptic_keys());
    let list = api::ListCertificatesRequest { includes, ..Default::default() };
    let listed = world.call::<api::ListCertificates>(list).await.unwrap();
    let listed = listed.certificate_summary_list.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].certificate_arn.as_deref(), Some(made.as_str()));
    assert_eq!(listed[0].subject_alternative_name_summaries, Some(vec!["b.example.com".to_owned()]));

    let tag = api::Tag { key: "team".into(), value: Some("a".into()) };
    let add = api::AddTagsToCertificateRequest { certificate_arn: made.clone(), tags: vec![tag.clone()] };
    world.call::<api::AddTagsToCertificate>(add).await.unwrap();
    let list = api::ListTagsForCertificateRequest { certificate_arn: made.clone() };
    assert_eq!(world.call::<api::ListTagsForCertificate>(list.clone()).await.unwrap().tags.unwrap().len(), 1);
    let remove = api::RemoveTagsFromCertificateRequest { certificate_arn: made, tags: vec![tag] };
    world.call::<api::RemoveTagsFromCertificate>(remove).await.unwrap();
    assert!(world.call::<api::ListTagsForCertificate>(list).await.unwrap().tags.unwrap().is_empty());
}

#[tokio::test]
async fn an_account_is_configured_once_for_a_token() {
    let world = World::new();
    let days = || async {
        let answer = world.call::<api::GetAccountConfiguration>(Unit).await.unwrap();
        answer.expiry_events.unwrap().days_before_expiry.unwrap()
    };
    let put = |days: Option<i32>, token: &str| api::PutAccountConfigurationRequest {
        expiry_events: Some(api::ExpiryEventsConfiguration { days_before_expiry: days }),
        idempotency_token: token.into(),
    };
    assert_eq!(days().await, 45);
    for (given, token, then) in [(30, "a", 30), (20, "a", 30), (20, "b", 20)] {
        world.call::<api::PutAccountConfiguration>(put(Some(given), token)).await.unwrap();
        assert_eq!(days().await, then);
    }
    let error = world.refused::<api::PutAccountConfiguration>(put(None, "c")).await;
    assert_eq!(error.to_string(), "ValidationException: Configuration for events is empty.");
}

#[tokio::test]
async fn what_a_certificate_is_for_is_read_from_it() {
    use rcgen::{DnType, ExtendedKeyUsagePurpose, KeyUsagePurpose};

    let world = World::new();
    let mut params = rcgen::CertificateParams::new(vec!["a.example.com".to_owned()]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CountryName, "AU");
    params.distinguished_name.push(DnType::OrganizationName, "Example");
    params.distinguished_name.push(DnType::CommonName, "a.example.com");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = rcgen::KeyPair::generate().unwrap();
    let input = api::ImportCertificateRequest {
        certificate: params.self_signed(&key).unwrap().pem().into_bytes().into(),
        private_key: key.serialize_pem().into_bytes().into(),
        ..Default::default()
    };
    let made = world.call::<api::ImportCertificate>(input).await.unwrap().certificate_arn.unwrap();
    let describe = api::DescribeCertificateRequest { certificate_arn: made };
    let detail = world.call::<api::DescribeCertificate>(describe).await.unwrap().certificate.unwrap();
    assert_eq!(detail.subject.as_deref(), Some("C=AU,O=Example,CN=a.example.com"));
    assert_eq!(detail.issuer.as_deref(), Some("Example"));
    let usages: Vec<_> = detail.key_usages.unwrap().into_iter().map(|one| one.name.unwrap()).collect();
    assert_eq!(usages, ["DIGITAL_SIGNATURE", "KEY_ENCIPHERMENT"]);
    let purpose = detail.extended_key_usages.unwrap().remove(0);
    assert_eq!(purpose.name.as_deref(), Some("TLS_WEB_SERVER_AUTHENTICATION"));
    assert_eq!(purpose.oid.as_deref(), Some("1.3.6.1.5.5.7.3.1"));

    world.call::<api::ImportCertificate>(import(&["b.example.com"])).await.unwrap();
    let listed = async |usage: &str| {
        let includes = Some(api::Filters { key_usage: Some(vec![usage.to_owned()]), ..of_elliptic_keys() });
        let input = api::ListCertificatesRequest { includes, ..Default::default() };
        let listed = world.call::<api::ListCertificates>(input).await.unwrap();
        let names = listed.certificate_summary_list.unwrap().into_iter().flat_map(|one| one.domain_name);
        names.collect::<Vec<_>>()
    };
    assert_eq!(listed("KEY_ENCIPHERMENT").await, ["a.example.com"]);
    // Nothing is said of the other, so that its key is for anything.
    assert_eq!(listed("ANY").await, ["rcgen self signed cert"]);
    assert!(listed("CRL_SIGNING").await.is_empty());
}
