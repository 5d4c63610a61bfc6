//! Sealing: what must not be read from a stolen disk is encrypted under the master key.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use rand::RngCore;

use crate::failure::Failure;

/// Encrypts and decrypts under the master key (XChaCha20-Poly1305). What is sealed is bound to a context,
/// the name of the row it belongs to, so that a sealed value can't be moved from one row to another.
#[derive(Clone)]
pub struct Sealer(XChaCha20Poly1305);

const VERSION: u8 = 1;
const NONCE_LENGTH: usize = 24;

impl Sealer {
    /// The length of the master key in bytes.
    pub const KEY_LENGTH: usize = 32;

    /// A sealer under a master key.
    pub fn new(key: &[u8; Self::KEY_LENGTH]) -> Self {
        Sealer(XChaCha20Poly1305::new(key.into()))
    }

    /// Seals `plain`: one byte of version, the nonce, the ciphertext with its tag.
    pub fn seal(&self, plain: &[u8], context: &str) -> Vec<u8> {
        let mut nonce = [0u8; NONCE_LENGTH];
        rand::rng().fill_bytes(&mut nonce);
        let payload = Payload { msg: plain, aad: context.as_bytes() };
        let sealed = self
            .0
            .encrypt(XNonce::from_slice(&nonce), payload)
            .expect("this cipher fails only past 256 GiB, and rows are bounded");
        let mut out = Vec::with_capacity(1 + NONCE_LENGTH + sealed.len());
        out.push(VERSION);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        out
    }

    /// Opens what [`Sealer::seal`] made under the same key and context.
    pub fn open(&self, sealed: &[u8], context: &str) -> Result<Vec<u8>, Failure> {
        let broken = || {
            Failure::internal(format_args!(
                "the sealed value of {context} does not open under the master key"
            ))
        };
        let (version, rest) = sealed.split_first().ok_or_else(broken)?;
        let (nonce, ciphertext) = rest.split_at_checked(NONCE_LENGTH).ok_or_else(broken)?;
        if *version != VERSION {
            return Err(broken());
        }
        let payload = Payload { msg: ciphertext, aad: context.as_bytes() };
        self.0.decrypt(XNonce::from_slice(nonce), payload).map_err(|_| broken())
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_in_its_own_place_only() {
        let sealer = Sealer::new(&[7; 32]);
        let sealed = sealer.seal(b"hunter2", "secret/a");
        assert!(!sealed.windows(7).any(|window| window == b"hunter2"));
        assert_eq!(sealer.open(&sealed, "secret/a").unwrap(), b"hunter2");
        assert!(sealer.open(&sealed, "secret/b").is_err());
        assert!(Sealer::new(&[8; 32]).open(&sealed, "secret/a").is_err());
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert!(sealer.open(&damaged, "secret/a").is_err(), "byte {at}");
        }
        assert!(sealer.open(&[], "secret/a").is_err());
    }
}
