//! Page tokens: opaque to the client, and good only for the listing that gave them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

/// Where a listing goes on. The token names the listing it belongs to (operation, account, region and
/// filters), so that a token of one listing is refused by another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageToken;

/// The token is not one that this listing gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the page token is not valid for this listing")]
pub struct BadPageToken;

impl PageToken {
    /// The longest token that is read, in bytes.
    const MAX_LENGTH: usize = 8192;

    /// The token with which the listing `scope` goes on after `after`.
    pub fn encode(scope: &str, after: &str) -> String {
        let mut bytes = fingerprint(scope).to_be_bytes().to_vec();
        bytes.extend_from_slice(after.as_bytes());
        BASE64.encode(bytes)
    }

    /// Where the listing `scope` goes on.
    pub fn decode(scope: &str, token: &str) -> Result<String, BadPageToken> {
        if token.len() > Self::MAX_LENGTH {
            return Err(BadPageToken);
        }
        let bytes = BASE64.decode(token).map_err(|_| BadPageToken)?;
        let (mark, after) = bytes.split_at_checked(8).ok_or(BadPageToken)?;
        if mark != fingerprint(scope).to_be_bytes() {
            return Err(BadPageToken);
        }
        String::from_utf8(after.to_vec()).map_err(|_| BadPageToken)
    }
}

/// FNV-1a, which stays the same from build to build, as a token may outlive a restart.
fn fingerprint(scope: &str) -> u64 {
    scope.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_token_serves_its_own_listing_only() {
        let token = PageToken::encode("ListTasks/123456789012/us-east-1", "task/0042");
        assert_eq!(PageToken::decode("ListTasks/123456789012/us-east-1", &token).unwrap(), "task/0042");
        assert_eq!(PageToken::decode("ListTasks/999999999999/us-east-1", &token), Err(BadPageToken));
        assert_eq!(PageToken::decode("x", ""), Err(BadPageToken));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(token in ".{0,64}") {
            let _ = PageToken::decode("scope", &token);
        }
    }
}
