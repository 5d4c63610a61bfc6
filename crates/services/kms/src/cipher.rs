//! Ciphertexts that name their key, and codes of messages.
//!
//! A ciphertext is a header (a byte of version, the account, the key's id, the number of the material) and what
//! the material sealed, bound to that header, the region and the encryption context.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use gantry_base::{AccountId, Region, Timestamp};
use gantry_service::{Failure, Sealer};
use gantry_store::{StoreError, Tx};
use hmac::{Hmac, KeyInit, Mac};

use crate::Kms;
use crate::error::KmsError;
use crate::pair::Pair;
use crate::spec::{SYMMETRIC_DEFAULT, Spec};
use crate::tables::{EXPIRIES, KeyRow, MATERIALS, Material, RotationKind, State, due_key, material_key};

/// An encryption context.
pub type Context = BTreeMap<String, String>;

const VERSION: u8 = 1;
const ACCOUNT_LENGTH: usize = 12;
const ID_LENGTH: usize = 16;
const HEADER_LENGTH: usize = 1 + ACCOUNT_LENGTH + ID_LENGTH + 4;

/// Whose ciphertext it is, as it says itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub account: AccountId,
    pub key_id: String,
    pub material: u32,
}

impl Header {
    /// Reads the header of a ciphertext, and what follows it.
    pub fn read(blob: &[u8]) -> Option<(Header, &[u8])> {
        let (header, sealed) = blob.split_at_checked(HEADER_LENGTH)?;
        let (version, rest) = header.split_first()?;
        let (account, rest) = rest.split_at(ACCOUNT_LENGTH);
        let (id, material) = rest.split_at(ID_LENGTH);
        if *version != VERSION {
            return None;
        }
        let account = std::str::from_utf8(account).ok()?.parse().ok()?;
        let h = hex::encode(id);
        let key_id = format!("{}-{}-{}-{}-{}", &h[..8], &h[8..12], &h[12..16], &h[16..20], &h[20..]);
        Some((Header { account, key_id, material: u32::from_be_bytes(material.try_into().ok()?) }, sealed))
    }

    fn write(&self) -> Result<Vec<u8>, Failure> {
        let id = hex::decode(self.key_id.replace('-', "")).unwrap_or_default();
        if id.len() != ID_LENGTH {
            return Err(Failure::internal(format_args!("{} is no key id", self.key_id)));
        }
        let mut header = Vec::with_capacity(HEADER_LENGTH);
        header.push(VERSION);
        header.extend_from_slice(self.account.as_str().as_bytes());
        header.extend_from_slice(&id);
        header.extend_from_slice(&self.material.to_be_bytes());
        Ok(header)
    }

    fn bound_to(&self, region: &Region, context: &Context) -> String {
        let context = serde_json::to_string(context).expect("a map of texts is JSON");
        format!("kms/{}/{region}/{}/{}/{context}", self.account, self.key_id, self.material)
    }
}

/// What a material is sealed for.
fn place(key: &KeyRow, at: usize) -> String {
    format!("kms/{}/{}/{}/{at}", key.account, key.region, key.id)
}

/// Draws the material of a symmetric key anew, which encrypts from now on. The row is the caller's to put.
pub fn add_material(kms: &Kms, tx: &mut Tx, key: &mut KeyRow, rotated: Option<(RotationKind, Timestamp)>) {
    let mut plain = vec![0; key.spec.material_bytes()];
    kms.ids.fill(&mut plain);
    put_material(kms, tx, key, &plain, rotated);
}

/// Seals a material, which is used from now on. The row is the caller's to put.
pub fn put_material(
    kms: &Kms,
    tx: &mut Tx,
    key: &mut KeyRow,
    plain: &[u8],
    rotated: Option<(RotationKind, Timestamp)>,
) {
    let at = key.materials.len();
    key.materials.push(Material { id: kms.ids.hex(64), rotated });
    let sealed = BASE64.encode(kms.sealer.seal(plain, &place(key, at)));
    tx.put(&MATERIALS, &material_key(&key.row_key(), at), &sealed);
}

/// Draws a material for a key of this specification. A pair's is its private key in PKCS #8.
pub async fn draw(kms: &Kms, spec: Spec) -> Result<Vec<u8>, Failure> {
    if spec.is_pair() {
        let ids = kms.ids.clone();
        return apart(move || Pair::generate(spec, ids)?.private_der()).await;
    }
    let mut plain = vec![0; spec.material_bytes()];
    kms.ids.fill(&mut plain);
    Ok(plain)
}

/// Whether the material is there that encrypts.
pub async fn has_material(tx: &mut Tx, key: &KeyRow) -> Result<bool, Failure> {
    let row = material_key(&key.row_key(), key.current());
    Ok(tx.get(&MATERIALS, &row).await.map_err(store)?.is_some())
}

/// Seals a material that was imported: a key has one, and only ever that. The row is the caller's to put.
pub fn put_imported(kms: &Kms, tx: &mut Tx, key: &mut KeyRow, plain: &[u8], id: String) {
    key.materials = vec![Material { id, rotated: None }];
    let sealed = BASE64.encode(kms.sealer.seal(plain, &place(key, 0)));
    tx.put(&MATERIALS, &material_key(&key.row_key(), 0), &sealed);
}

/// Takes a material that was imported away, and when that was to be done by itself. The row is the caller's to put.
pub fn drop_imported(tx: &mut Tx, key: &mut KeyRow) {
    tx.delete(&MATERIALS, &material_key(&key.row_key(), 0));
    forget_expiry(tx, key);
    key.valid_to = None;
    if !matches!(key.state, State::PendingDeletion { .. }) {
        key.state = State::PendingImport;
    }
}

/// A material that was imported no longer goes by itself.
pub fn forget_expiry(tx: &mut Tx, key: &KeyRow) {
    if let Some(at) = key.valid_to {
        tx.delete(&EXPIRIES, &due_key(&key.due(at)));
    }
}

/// Does what takes long on a thread of its own.
pub async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(Failure::internal)?
}

/// A key's pair.
pub async fn pair(kms: &Kms, tx: &mut Tx, key: &KeyRow) -> Result<Pair, Failure> {
    let material = current(kms, tx, key).await?;
    let spec = key.spec;
    apart(move || Pair::read(spec, &material)).await
}

/// Encrypts with the algorithm that was asked for; answers with its name as well.
pub async fn encrypt_by(
    kms: &Kms,
    tx: &mut Tx,
    key: &KeyRow,
    algorithm: Option<&str>,
    plain: &[u8],
    context: &Context,
) -> Result<(Vec<u8>, String), Failure> {
    let algorithm = fitting(key, algorithm, context)?;
    if !key.spec.is_pair() {
        return Ok((encrypt(kms, tx, key, plain, context).await?, algorithm));
    }
    let pair = pair(kms, tx, key).await?;
    Ok((pair.encrypt(kms.ids.clone(), &algorithm, plain)?, algorithm))
}

/// Decrypts with the algorithm that was asked for; answers with its name and the material's id as well, which only
/// symmetric keys have.
pub async fn decrypt_by(
    kms: &Kms,
    tx: &mut Tx,
    key: &KeyRow,
    algorithm: Option<&str>,
    blob: &[u8],
    context: &Context,
) -> Result<(Vec<u8>, String, Option<String>), Failure> {
    let algorithm = fitting(key, algorithm, context)?;
    if !key.spec.is_pair() {
        let (plain, material) = decrypt(kms, tx, key, blob, context).await?;
        return Ok((plain, algorithm, Some(material)));
    }
    let pair = pair(kms, tx, key).await?;
    let (ids, blob, name) = (kms.ids.clone(), blob.to_vec(), algorithm.clone());
    let plain = apart(move || pair.decrypt(ids, &name, &blob)).await?;
    Ok((plain, algorithm, None))
}

fn fitting(key: &KeyRow, algorithm: Option<&str>, context: &Context) -> Result<String, KmsError> {
    let algorithm = algorithm.unwrap_or(SYMMETRIC_DEFAULT);
    if !key.spec.encryption_algorithms().contains(&algorithm) {
        return Err(KmsError::InvalidAlgorithm { algorithm: algorithm.to_owned(), spec: key.spec.as_str() });
    }
    if key.spec.is_pair() && !context.is_empty() {
        return Err(KmsError::Validation(
            "An encryption context goes with symmetric encryption KMS keys only.".into(),
        ));
    }
    Ok(algorithm.to_owned())
}

/// Opens a material, counted from zero; none where there is no such.
async fn material(kms: &Kms, tx: &mut Tx, key: &KeyRow, at: usize) -> Result<Option<Vec<u8>>, Failure> {
    let sealed: Option<String> =
        tx.get(&MATERIALS, &material_key(&key.row_key(), at)).await.map_err(store)?;
    let Some(sealed) = sealed else { return Ok(None) };
    let sealed = BASE64
        .decode(sealed)
        .map_err(|_| Failure::internal(format_args!("the material of {} is not base64", key.arn())))?;
    kms.sealer.open(&sealed, &place(key, at)).map(Some)
}

fn store(error: StoreError) -> Failure {
    error.into()
}

async fn current(kms: &Kms, tx: &mut Tx, key: &KeyRow) -> Result<Vec<u8>, Failure> {
    let material = material(kms, tx, key, key.current()).await?;
    material.ok_or_else(|| Failure::internal(format_args!("{} has lost its material", key.arn())))
}

fn sealer(key: &KeyRow, material: &[u8]) -> Result<Sealer, Failure> {
    let material = material.try_into();
    let material =
        material.map_err(|_| Failure::internal(format_args!("the material of {} is cut off", key.arn())))?;
    Ok(Sealer::new(material))
}

/// Encrypts under the key's current material.
pub async fn encrypt(
    kms: &Kms,
    tx: &mut Tx,
    key: &KeyRow,
    plain: &[u8],
    context: &Context,
) -> Result<Vec<u8>, Failure> {
    let at = u32::try_from(key.current()).map_err(Failure::internal)?;
    let header = Header { account: key.account, key_id: key.id.clone(), material: at };
    let sealer = sealer(key, &current(kms, tx, key).await?)?;
    let mut blob = header.write()?;
    blob.extend(sealer.seal(plain, &header.bound_to(&key.region, context)));
    Ok(blob)
}

/// Decrypts a ciphertext of this key; answers with the id of the material as well.
pub async fn decrypt(
    kms: &Kms,
    tx: &mut Tx,
    key: &KeyRow,
    blob: &[u8],
    context: &Context,
) -> Result<(Vec<u8>, String), Failure> {
    let (header, sealed) = Header::read(blob).ok_or(KmsError::InvalidCiphertext)?;
    if header.key_id != key.id || header.account != key.account {
        return Err(KmsError::IncorrectKey.into());
    }
    let at = header.material as usize;
    let id = key.materials.get(at).ok_or(KmsError::InvalidCiphertext)?.id.clone();
    let material = material(kms, tx, key, at).await?.ok_or(KmsError::InvalidCiphertext)?;
    let plain = sealer(key, &material)?.open(sealed, &header.bound_to(&key.region, context));
    Ok((plain.map_err(|_| KmsError::InvalidCiphertext)?, id))
}

/// The code of a message under an HMAC key.
pub async fn mac(kms: &Kms, tx: &mut Tx, key: &KeyRow, message: &[u8]) -> Result<Vec<u8>, Failure> {
    let material = current(kms, tx, key).await?;
    macro_rules! code {
        ($hash:ty) => {{
            let mut mac = Hmac::<$hash>::new_from_slice(&material).expect("HMAC takes keys of any length");
            mac.update(message);
            Ok(mac.finalize().into_bytes().to_vec())
        }};
    }
    match key.spec {
        Spec::Hmac224 => code!(sha2::Sha224),
        Spec::Hmac256 => code!(sha2::Sha256),
        Spec::Hmac384 => code!(sha2::Sha384),
        Spec::Hmac512 => code!(sha2::Sha512),
        _ => Err(Failure::internal("only HMAC keys make codes")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_come_back_and_nonsense_does_not() {
        let header = Header {
            account: "111122223333".parse().unwrap(),
            key_id: "1234abcd-12ab-34cd-56ef-1234567890ab".into(),
            material: 7,
        };
        let mut blob = header.write().unwrap();
        blob.extend_from_slice(b"rest");
        assert_eq!(Header::read(&blob), Some((header, &b"rest"[..])));
        assert_eq!(Header::read(b"short"), None);
        blob[0] = 2;
        assert_eq!(Header::read(&blob), None);
        blob[0] = 1;
        blob[1] = b'x';
        assert_eq!(Header::read(&blob), None);
    }
}
