//! A stand-in for KMS, which lets everybody use any key unless it is told otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use gantry_api_kms as kms;
use gantry_iam_core::{Context, Request, authorize};
use gantry_service::{Cx, Failure, Registry};
use gantry_wire::ApiError;

/// What it was asked, and what it refuses.
#[derive(Default)]
pub struct Kms {
    /// As `service operation key`.
    pub asked: Mutex<Vec<String>>,
    /// Keys that are disabled.
    pub disabled: Mutex<BTreeSet<String>>,
    /// Keys that nobody may decrypt with.
    pub denied: Mutex<BTreeSet<String>>,
}

type Within = Option<BTreeMap<String, String>>;

impl Kms {
    pub fn register(self: &Arc<Self>, registry: &mut Registry) {
        let kms = self.clone();
        registry.on::<kms::GenerateDataKey, _, _, Failure>(move |cx, input| {
            let kms = kms.clone();
            async move {
                kms.note(&cx, "GenerateDataKey", &input.key_id)?;
                let plain: Vec<u8> = (0..32).map(|at| at ^ 0x5a).collect();
                Ok(kms::GenerateDataKeyResponse {
                    ciphertext_blob: Some(shut(&input.key_id, &input.encryption_context, &plain).into()),
                    plaintext: Some(plain.into()),
                    ..Default::default()
                })
            }
        });
        let kms = self.clone();
        registry.on::<kms::Encrypt, _, _, Failure>(move |cx, input| {
            let kms = kms.clone();
            async move {
                kms.note(&cx, "Encrypt", &input.key_id)?;
                let blob = shut(&input.key_id, &input.encryption_context, &input.plaintext);
                Ok(kms::EncryptResponse { ciphertext_blob: Some(blob.into()), ..Default::default() })
            }
        });
        let kms = self.clone();
        registry.on::<kms::Decrypt, _, _, Failure>(move |cx, input| {
            let kms = kms.clone();
            async move {
                let blob = input.ciphertext_blob.unwrap();
                let (key, plain) = open(&blob, &input.encryption_context);
                kms.note(&cx, "Decrypt", &key)?;
                if kms.denied.lock().unwrap().contains(&key) {
                    let request = Request {
                        action: "kms:Decrypt",
                        resource: &key,
                        resource_account: "999999999999".parse().unwrap(),
                        now: cx.now,
                        context: &Context::new(),
                        told: None,
                    };
                    return Err(authorize(&cx.caller, None, &request).unwrap_err().into());
                }
                Ok(kms::DecryptResponse { plaintext: Some(plain.into()), ..Default::default() })
            }
        });
    }

    fn note(&self, cx: &Cx, operation: &str, key: &str) -> Result<(), Failure> {
        let via = cx.origin.via.unwrap_or("nobody");
        self.asked.lock().unwrap().push(format!("{via} {operation} {key}"));
        match self.disabled.lock().unwrap().contains(key) {
            true => Err(ApiError::new("DisabledException", format!("{key} is disabled.")).into()),
            false => Ok(()),
        }
    }

    pub fn forget(&self) {
        self.asked.lock().unwrap().clear();
    }

    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn shut(key: &str, within: &Within, plain: &[u8]) -> Vec<u8> {
    let plain: Vec<u8> = plain.iter().map(|byte| byte ^ 0xff).collect();
    serde_json::to_vec(&(key, within, plain)).unwrap()
}

fn open(blob: &[u8], within: &Within) -> (String, Vec<u8>) {
    let (key, shut_within, plain): (String, Within, Vec<u8>) = serde_json::from_slice(blob).unwrap();
    assert_eq!(*within, shut_within, "the encryption context is the one it was encrypted in");
    (key, plain.iter().map(|byte| byte ^ 0xff).collect())
}
