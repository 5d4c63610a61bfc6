//! `CreateAccessKey`: a key whose secret is shown this once.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use gantry_api_iam::{self as api, CreateAccessKeyRequest, CreateAccessKeyResponse};
use gantry_base::{AccountId, Timestamp};
use gantry_service::{Cx, Failure};
use gantry_store::Tx;

use crate::error::limit_exceeded;
use crate::iam::{Iam, access_key_id, moment, secret};
use crate::owner::{KeyRing, key_owner};
use crate::tables::access_key::{ACCESS_KEYS, AccessKey, Holder};

/// The most keys of a user or root.
const KEYS_PER_HOLDER: usize = 2;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: CreateAccessKeyRequest,
) -> Result<CreateAccessKeyResponse, Failure> {
    let mut tx = iam.db.begin();
    let owner = key_owner(&cx, input.user_name)?;
    let (mut ring, permit) = KeyRing::permitted(&mut tx, &cx, "iam:CreateAccessKey", &owner).await?;
    if ring.ids().len() >= KEYS_PER_HOLDER {
        let quota = format!("Cannot exceed quota for AccessKeysPerUser: {KEYS_PER_HOLDER}");
        return Err(limit_exceeded(quota));
    }
    let (id, secret) = put_key(&iam, &mut tx, cx.account, ring.holder(), cx.now);
    ring.ids().push(id.clone());
    ring.put(&mut tx, &cx);
    iam.commit(tx, &permit).await?;
    let access_key = api::AccessKey {
        user_name: ring.name().to_owned(),
        access_key_id: id,
        status: "Active".to_owned(),
        secret_access_key: secret,
        create_date: Some(moment(cx.now)),
    };
    Ok(CreateAccessKeyResponse { access_key })
}

/// Writes a new key; returns its id and its secret, which is kept only sealed.
pub(crate) fn put_key(
    iam: &Iam,
    tx: &mut Tx,
    account: AccountId,
    holder: Holder,
    now: Timestamp,
) -> (String, String) {
    let (id, secret) = (access_key_id(&*iam.ids, "AKIA", account), secret(&*iam.ids));
    let sealed = iam.sealer.seal(secret.as_bytes(), &AccessKey::seal_context(&id));
    let key = AccessKey {
        id: id.clone(),
        account,
        holder,
        sealed_secret: BASE64.encode(sealed),
        active: true,
        created: moment(now),
    };
    tx.put(&ACCESS_KEYS, &AccessKey::key(&id), &key);
    (id, secret)
}
