//! A value at rest.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use gantry_service::{Failure, Sealer};
use serde::{Deserialize, Serialize};

/// A sealed value: base64 of what the sealer made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl Sealed {
    /// Seals a value for the place that `context` names.
    pub fn seal(sealer: &Sealer, plain: &[u8], context: &str) -> Sealed {
        Sealed(BASE64.encode(sealer.seal(plain, context)))
    }

    /// Opens the value in the place it was sealed for.
    pub fn open(&self, sealer: &Sealer, context: &str) -> Result<Vec<u8>, Failure> {
        sealer.open(&self.bytes(context)?, context)
    }

    /// Opens a value that is text.
    pub fn open_text(&self, sealer: &Sealer, context: &str) -> Result<String, Failure> {
        String::from_utf8(self.open(sealer, context)?)
            .map_err(|_| Failure::internal(format_args!("the value of {context} is not text")))
    }

    /// What another sealed.
    pub fn of(sealed: &[u8]) -> Sealed {
        Sealed(BASE64.encode(sealed))
    }

    /// What was sealed, as it was made.
    pub fn bytes(&self, context: &str) -> Result<Vec<u8>, Failure> {
        BASE64
            .decode(&self.0)
            .map_err(|_| Failure::internal(format_args!("the sealed value of {context} is not base64")))
    }

    /// The sealed text itself, which says nothing without the master key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed")
    }
}
