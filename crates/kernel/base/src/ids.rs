//! Names that are made up: ids, secrets, tokens.

use std::sync::Mutex;

use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};

/// Where randomness comes from. Ids that a client sees and secrets alike are drawn from it.
pub trait Ids: Send + Sync + 'static {
    /// Fills the buffer with random bytes.
    fn fill(&self, buffer: &mut [u8]);

    /// `digits` hexadecimal digits in lower case.
    fn hex(&self, digits: usize) -> String {
        let mut bytes = vec![0; digits.div_ceil(2)];
        self.fill(&mut bytes);
        let mut text = hex::encode(bytes);
        text.truncate(digits);
        text
    }

    /// A version 4 UUID with hyphens.
    fn uuid(&self) -> String {
        let mut b = [0u8; 16];
        self.fill(&mut b);
        b[6] = (b[6] & 0x0f) | 0x40;
        b[8] = (b[8] & 0x3f) | 0x80;
        let h = hex::encode(b);
        format!("{}-{}-{}-{}-{}", &h[..8], &h[8..12], &h[12..16], &h[16..20], &h[20..])
    }

    /// `length` characters, each drawn evenly from `alphabet` (ASCII, at most 256 of them).
    fn text(&self, length: usize, alphabet: &[u8]) -> String {
        assert!(!alphabet.is_empty() && alphabet.len() <= 256 && alphabet.is_ascii());
        // Bytes at or past the last whole multiple would favour the alphabet's first characters.
        let even = 256 - 256 % alphabet.len();
        let mut text = String::with_capacity(length);
        let mut bytes = [0u8; 64];
        while text.len() < length {
            self.fill(&mut bytes);
            let wanted = length - text.len();
            let fitting = bytes.iter().filter(|byte| usize::from(**byte) < even);
            text.extend(
                fitting.take(wanted).map(|byte| alphabet[usize::from(*byte) % alphabet.len()] as char),
            );
        }
        text
    }

    /// An IAM-style id: the prefix and upper-case letters and digits up to `length` in all, as in `AROA...`.
    fn iam(&self, prefix: &str, length: usize) -> String {
        let rest = length.saturating_sub(prefix.len());
        format!("{prefix}{}", self.text(rest, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
    }

    /// A resource id of EC2's form: the prefix, a hyphen and 17 hexadecimal digits, as in `eni-0...`.
    fn ec2(&self, prefix: &str) -> String {
        format!("{prefix}-0{}", self.hex(16))
    }
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsIds;

impl Ids for OsIds {
    fn fill(&self, buffer: &mut [u8]) {
        rand::rng().fill_bytes(buffer);
    }
}

/// The same ids each time for the same seed; for tests and simulations.
#[derive(Debug)]
pub struct SeededIds(Mutex<StdRng>);

impl SeededIds {
    /// A source that repeats itself for the same seed.
    pub fn new(seed: u64) -> Self {
        SeededIds(Mutex::new(StdRng::seed_from_u64(seed)))
    }
}

impl Ids for SeededIds {
    fn fill(&self, buffer: &mut [u8]) {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).fill_bytes(buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_their_shapes() {
        let ids = SeededIds::new(7);
        assert_eq!(ids.hex(17).len(), 17);
        let uuid = ids.uuid();
        assert_eq!((uuid.len(), uuid.as_bytes()[14]), (36, b'4'));
        assert!(ids.iam("AROA", 21).starts_with("AROA") && ids.iam("AROA", 21).len() == 21);
        assert_eq!(ids.ec2("eni").len(), "eni-".len() + 17);
        assert_ne!(ids.hex(32), ids.hex(32));
        assert_eq!(SeededIds::new(7).hex(17), SeededIds::new(7).hex(17));
    }

    #[test]
    fn every_character_of_an_alphabet_is_drawn() {
        let text = SeededIds::new(1).text(2000, b"abc");
        assert!(['a', 'b', 'c'].iter().all(|c| text.matches(*c).count() > 500));
    }
}
