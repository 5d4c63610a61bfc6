//! Members that are spoken to by TLS, and ask their clients for certificates.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bytes::Bytes;
use gantry_store::{Etcd, Kv, Location, Op, StoreError, Tls};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair};

use crate::members::Members;

struct Authority<'a> {
    folder: &'a Path,
    name: &'static str,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority<'_> {
    fn new<'a>(folder: &'a Path, name: &'static str) -> Authority<'a> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        std::fs::write(folder.join(format!("{name}.pem")), issuer.pem()).unwrap();
        Authority { folder, name, issuer }
    }

    fn certificate(&self) -> PathBuf {
        self.folder.join(format!("{}.pem", self.name))
    }

    /// A certificate for `127.0.0.1` and its key.
    fn issue(&self, name: &str) -> (PathBuf, PathBuf) {
        let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let file = |end: &str| self.folder.join(format!("{}-{name}.{end}", self.name));
        std::fs::write(file("pem"), certificate.pem()).unwrap();
        std::fs::write(file("key"), key.serialize_pem()).unwrap();
        (file("pem"), file("key"))
    }
}

async fn refused(location: &Location) -> String {
    match Etcd::open(location).await.err().expect("it is refused") {
        StoreError::Engine(why) | StoreError::Refused(why) | StoreError::Unavailable(why) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_spoken_to_by_tls_with_certificates_on_both_sides() {
    // Whoever was first has installed the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let ours = Authority::new(folder.path(), "ours");
    let theirs = Authority::new(folder.path(), "theirs");
    let (certificate, key) = ours.issue("member");
    let flags = [
        "--max-txn-ops=10000".to_owned(),
        "--max-request-bytes=12582912".to_owned(),
        "--log-level=error".to_owned(),
        format!("--cert-file={}", certificate.display()),
        format!("--key-file={}", key.display()),
        format!("--trusted-ca-file={}", ours.certificate().display()),
        "--client-cert-auth".to_owned(),
    ];
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let members = Members::start_with(1, &flags);
    let with = |authority: &Authority<'_>, identity| {
        let tls = Tls { authority: authority.certificate(), identity };
        Location { tls: Some(tls), ..members.location("tls") }
    };

    let good = with(&ours, Some(ours.issue("client")));
    let deadline = Instant::now() + Duration::from_secs(120);
    let etcd = loop {
        match Etcd::open(&good).await {
            Ok(etcd) => break etcd,
            Err(error) => assert!(Instant::now() < deadline, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let put = Op::Put { key: "a".into(), value: "b".into(), lease: None };
    etcd.txn(Vec::new(), vec![put]).await.unwrap();
    let found = etcd.get("a".into()).await.unwrap().unwrap();
    assert_eq!(found.value, Bytes::from("b"));

    let why = refused(&with(&theirs, Some(ours.issue("client")))).await;
    assert!(why.contains("a member's certificate is not one that our authority signed"), "{why}");
    let why = refused(&with(&ours, None)).await;
    assert!(why.contains("a member does not take our certificate, or asks for one"), "{why}");
    let why = refused(&with(&ours, Some(theirs.issue("client")))).await;
    assert!(why.contains("a member does not take our certificate, or asks for one"), "{why}");
    let missing = Tls { authority: folder.path().join("none.pem"), identity: None };
    let why = refused(&Location { tls: Some(missing), ..members.location("tls") }).await;
    assert!(why.contains("none.pem can't be read"), "{why}");
    let why = refused(&members.location("tls")).await;
    assert!(!why.is_empty(), "without TLS there is no answer");
}
