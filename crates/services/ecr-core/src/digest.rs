//! Digests: the name that content has by itself.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::digest::common::hazmat::{SerializableState, SerializedState};
use sha2::{Digest as _, Sha256};

/// The SHA-256 of some content, written `sha256:` and 64 hexadecimal digits in lower case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

/// The text is no digest that the registry takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadDigest {
    /// Not `algorithm:hex`.
    #[error("a digest is sha256: and 64 hexadecimal digits in lower case")]
    Malformed,
    /// Well formed, of another algorithm.
    #[error("only sha256 digests are supported")]
    Algorithm,
}

impl Digest {
    /// The digest of content that is at hand.
    pub fn of(content: &[u8]) -> Digest {
        Digest(Sha256::digest(content).into())
    }

    /// The 64 hexadecimal digits.
    pub fn hex(&self) -> String {
        hex::encode(self.0)
    }
}

/// Digests content that comes in pieces.
#[derive(Clone, Default)]
pub struct Hasher(Sha256);

impl Hasher {
    /// Takes the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The digest of all pieces so far.
    pub fn digest(&self) -> Digest {
        Digest(self.0.clone().finalize().into())
    }

    /// What [`Hasher::resume`] goes on from, in hexadecimal digits.
    pub fn save(&self) -> String {
        hex::encode(self.0.serialize())
    }

    /// Goes on from what was saved; none if that is no saved state.
    pub fn resume(saved: &str) -> Option<Hasher> {
        let bytes = hex::decode(saved).ok()?;
        let state = SerializedState::<Sha256>::try_from(&bytes[..]).ok()?;
        Some(Hasher(Sha256::deserialize(&state).ok()?))
    }
}

impl FromStr for Digest {
    type Err = BadDigest;

    fn from_str(text: &str) -> Result<Self, BadDigest> {
        let (algorithm, digits) = text.split_once(':').ok_or(BadDigest::Malformed)?;
        let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if algorithm != "sha256" {
            let known = algorithm == "sha512" && digits.len() == 128 && digits.bytes().all(lower);
            return Err(if known { BadDigest::Algorithm } else { BadDigest::Malformed });
        }
        let mut bytes = [0u8; 32];
        if !digits.bytes().all(lower) || hex::decode_to_slice(digits, &mut bytes).is_err() {
            return Err(BadDigest::Malformed);
        }
        Ok(Digest(bytes))
    }
}

impl TryFrom<String> for Digest {
    type Error = BadDigest;
    fn try_from(text: String) -> Result<Self, BadDigest> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> String {
        digest.to_string()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_empty_content_has_its_known_digest() {
        let text = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::of(b"").to_string(), text);
        assert_eq!(text.parse::<Digest>().unwrap(), Hasher::default().digest());
    }

    #[test]
    fn what_is_no_digest_is_refused() {
        let upper = format!("sha256:{}", "A".repeat(64));
        let short = format!("sha256:{}", "a".repeat(63));
        let long = format!("sha256:{}", "a".repeat(65));
        let path = format!("sha256:../{}", "a".repeat(61));
        for bad in [
            "",
            "sha256",
            "sha256:",
            ":",
            "md5:d41d8cd98f00b204e9800998ecf8427e",
            &upper,
            &short,
            &long,
            &path,
        ] {
            assert_eq!(bad.parse::<Digest>(), Err(BadDigest::Malformed), "{bad}");
        }
        assert_eq!(format!("sha512:{}", "a".repeat(128)).parse::<Digest>(), Err(BadDigest::Algorithm));
    }

    #[test]
    fn what_was_not_saved_can_t_be_gone_on_from() {
        for bad in ["", "xy", "00", &"0".repeat(500)] {
            assert!(Hasher::resume(bad).is_none(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn pieces_and_whole_agree(content: Vec<u8>, at: prop::sample::Index) {
            let (one, two) = content.split_at(if content.is_empty() { 0 } else { at.index(content.len()) });
            let mut hasher = Hasher::default();
            hasher.update(one);
            let mut hasher = Hasher::resume(&hasher.save()).unwrap();
            hasher.update(two);
            prop_assert_eq!(hasher.digest(), Digest::of(&content));
            prop_assert_eq!(hasher.digest().to_string().parse::<Digest>(), Ok(hasher.digest()));
        }
    }
}
